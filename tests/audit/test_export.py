"""An export that its agency signed and that is wrong nonetheless; whole ones stand in tests/agency/audit."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dcss_core.audit.actor import Actor
from dcss_core.audit.checkpoint import Checkpoint, sign_checkpoint
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.export import ExportVerification, export_lines, verify_export
from dcss_core.audit.export_request import ExportReason
from dcss_core.audit.inclusion_proof import prove_inclusion
from dcss_core.audit.merkle_tree import tree_hash
from dcss_core.audit.numbering import NumberedLeaf, numbered
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.signed_note import VerifierKey
from dcss_core.audit.written_entry import WrittenEntry, written

NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)
ORIGIN = "dcss-core/US-GA/0123456789abcdef"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = [str(VerifierKey(ORIGIN, KEY.public_key().public_bytes_raw()))]


def opened(number, case):
    at = NOW + timedelta(minutes=number)
    return AuditEntry(at, "case_opened", "staff:w-17", f"case:{case}", None, "{}")


def export(handed_out, *, about="case:1", said=None):
    """Lines of an export which says of itself that these were handed out, in this order, or others.

    The log has two entries about case 1, one about case 2, and its own entry of the export.
    """
    said = handed_out if said is None else said
    digest = sha256("".join(f"{seq}\n" for seq in said).encode()).hexdigest()
    own = AuditLogExported(
        ExportReason.SUBPOENA, "26-1234", about, None, None, through=3, entries=len(said), digest=digest
    )
    entries = [opened(1, 1), opened(2, 2), opened(3, 1)]
    entries.append(AuditEntry.of(own, at=NOW + timedelta(hours=1), actor=Actor.staff("w-17")))
    acts = [written(number.to_bytes(24, "big"), [each], bytes(16)) for number, each in enumerate(entries)]
    records = [WrittenEntry(**act.entries[0]) for act in acts]
    numbers = numbered(None, [(each.act, act.leaves) for each, act in zip(records, acts, strict=True)])
    leaves = [NumberedLeaf(**fields) for fields in numbers]

    def read(level, index):
        return leaves[((index + 1) << level) - 1].node(level)

    proven = [ProvenEntry.of(each, 1, prove_inclusion(read, seq, 4)) for seq, each in enumerate(records)]
    note = sign_checkpoint(Checkpoint(ORIGIN, 4, tree_hash(read, 4)), KEY)
    return list(export_lines(note, proven[3], [proven[seq - 1] for seq in handed_out]))


def faults(lines):
    found = verify_export(lines, TRUSTED)
    return [(fault.where, fault.found, fault.expected) for fault in found.faults]


@pytest.mark.parametrize(("about", "handed_out"), [("case:1", (1, 3)), (None, (1, 2, 3)), ("case:1", ())])
def test_what_was_handed_out_as_the_log_says_is_sound(about, handed_out):
    found = verify_export(export(handed_out, about=about), TRUSTED)
    assert (found.is_sound, found.origin, found.size, found.entries) == (True, ORIGIN, 4, len(handed_out))
    assert found.exported.about_record == about


def test_an_entry_about_another_record_than_was_asked_for_is_found_though_the_log_says_so():
    assert faults(export((1, 2, 3))) == [("line 4", "an entry about another record", "entries about case:1")]


@pytest.mark.parametrize(
    ("handed_out", "where", "found"),
    [
        ((1, 1), "line 4", "entry 1 after entry 1"),
        ((3, 1), "line 4", "entry 1 after entry 3"),
        ((1, 3, 3), "line 5", "entry 3 after entry 3"),
    ],
)
def test_an_entry_twice_or_out_of_order_is_found_though_the_log_says_so(handed_out, where, found):
    assert faults(export(handed_out)) == [(where, found, "entries in order, each once")]


@pytest.mark.parametrize(
    ("handed_out", "found", "expected"),
    [
        ((1,), "1 entries", "2, as the log says"),
        ((1, 2, 3), "3 entries", "2, as the log says"),
        ((1, 2), "other entries than were handed out", "those whose digest the log holds"),
    ],
)
def test_other_entries_than_the_log_says_are_found_at_the_end(handed_out, found, expected):
    assert faults(export(handed_out, about=None, said=(1, 3))) == [("the end", found, expected)]


@pytest.mark.parametrize("header", ["[]", "5", "null", '"text"', "{}", '{"checkpoint":5}', "{", ""])
def test_what_is_no_header_is_found_and_raises_nothing(header):
    lines = [header + "\n", *export((1, 3))[1:]]
    [(where, _, expected)] = faults(lines)
    assert (where, expected) == ("line 1", "the header of a 'dcss-core audit export 1'")


def test_a_header_counts_only_as_it_was_written():
    header, *rest = export((1, 3))
    respelled = json.dumps(json.loads(header), separators=(",", ":"))
    assert [where for where, _, _ in faults([respelled, *rest])] == ["line 1"]
    assert faults([header.removesuffix("\n"), *rest]) == []


@pytest.mark.parametrize(("entries", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_a_verified_export_says_how_many_entries_it_holds(entries, words):
    assert str(ExportVerification("", 0, entries, ())) == f"export of {words}: sound"
