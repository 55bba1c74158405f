"""The audit log: what happened, who did it, when, recorded in the transaction that did it.

Its names are for auditors: what checks an entry, a checkpoint or an export without the agency, with the
agency's verifier keys alone.
"""

from dcss_core.audit.checkpoint import Checkpoint, read_checkpoint
from dcss_core.audit.consistency_proof import ConsistencyProof
from dcss_core.audit.damage import Damage, DamageKind
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.export import ExportVerification, verify_export
from dcss_core.audit.export_request import ExportReason
from dcss_core.audit.inclusion_proof import InclusionProof
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.signed_note import NoteRefused, VerifierKey
from dcss_core.audit.verification import LogVerification

__all__ = [
    "AuditEntry",
    "AuditLogExported",
    "Checkpoint",
    "ConsistencyProof",
    "Damage",
    "DamageKind",
    "ExportReason",
    "ExportVerification",
    "InclusionProof",
    "LogVerification",
    "NoteRefused",
    "ProvenEntry",
    "VerifierKey",
    "read_checkpoint",
    "verify_export",
]
