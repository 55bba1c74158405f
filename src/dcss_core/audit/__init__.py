"""The audit log: what happened, who did it, when, recorded in the transaction that did it.

Its names are for auditors: what checks an entry, a checkpoint or an export without the agency, with the
agency's verifier keys alone; and what the verbs on the log answer with.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.audit.checkpoint import Checkpoint as Checkpoint, read_checkpoint as read_checkpoint
    from dcss_core.audit.consistency_proof import ConsistencyProof as ConsistencyProof
    from dcss_core.audit.damage import Damage as Damage, DamageKind as DamageKind
    from dcss_core.audit.entry import AuditEntry as AuditEntry
    from dcss_core.audit.events import AuditLogExported as AuditLogExported
    from dcss_core.audit.export import (
        ExportVerification as ExportVerification,
        verify_export as verify_export,
    )
    from dcss_core.audit.export_request import ExportReason as ExportReason
    from dcss_core.audit.feed_report import FeedReport as FeedReport
    from dcss_core.audit.inclusion_proof import InclusionProof as InclusionProof
    from dcss_core.audit.merge_delay import MergeDelay as MergeDelay
    from dcss_core.audit.proven_entry import ProvenEntry as ProvenEntry
    from dcss_core.audit.prune_report import PruneReport as PruneReport
    from dcss_core.audit.pruned_contents import (
        NotedPrunings as NotedPrunings,
        PrunedDay as PrunedDay,
    )
    from dcss_core.audit.publish_report import PublishReport as PublishReport, SinkReport as SinkReport
    from dcss_core.audit.retention_report import RetentionReport as RetentionReport
    from dcss_core.audit.sequence_report import SequenceReport as SequenceReport
    from dcss_core.audit.signed_note import NoteRefused as NoteRefused, VerifierKey as VerifierKey
    from dcss_core.audit.verification import (
        LogVerification as LogVerification,
        VerifiedRange as VerifiedRange,
    )
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "checkpoint": "Checkpoint read_checkpoint",
            "consistency_proof": "ConsistencyProof",
            "damage": "Damage DamageKind",
            "entry": "AuditEntry",
            "events": "AuditLogExported",
            "export": "ExportVerification verify_export",
            "export_request": "ExportReason",
            "feed_report": "FeedReport",
            "inclusion_proof": "InclusionProof",
            "merge_delay": "MergeDelay",
            "proven_entry": "ProvenEntry",
            "pruned_contents": "NotedPrunings PrunedDay",
            "prune_report": "PruneReport",
            "publish_report": "PublishReport SinkReport",
            "retention_report": "RetentionReport",
            "sequence_report": "SequenceReport",
            "signed_note": "NoteRefused VerifierKey",
            "verification": "LogVerification VerifiedRange",
        },
    )
