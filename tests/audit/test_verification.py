"""How the finding of a verification reads; what it finds stands in tests/agency/audit/test_damage.py."""

import attrs
import pytest

from dcss_core.audit import Damage, DamageKind, LogVerification

SOUND = LogVerification(
    size=12, root=bytes(32), pruned=0, pruned_through=0, checkpoints=2, signed_size=10, damage=()
)
EDITED = Damage(DamageKind.EDITED, 7, "it does not say what was written")
SILENT = "witness: it holds no checkpoint"


@pytest.mark.parametrize(
    ("change", "verdict", "is_sound"),
    [
        ({}, "sound", True),
        ({"damage": (EDITED,)}, "DAMAGED", False),
        ({"not_compared": (SILENT,)}, "not fully checked", False),
        ({"damage": (EDITED,), "not_compared": (SILENT,)}, "DAMAGED", False),
    ],
)
def test_a_log_is_sound_when_nothing_was_found_and_nothing_left_out(change, verdict, is_sound):
    verified = attrs.evolve(SOUND, **change)
    assert verified.is_sound is is_sound
    assert str(verified).splitlines()[0] == f"audit log of 12 records: {verdict}"


def test_a_finding_is_told_line_by_line():
    forked = Damage(DamageKind.FORKED, None, "there were two logs")
    verified = attrs.evolve(
        SOUND, pruned=2, pruned_through=3, damage=(EDITED, forked), not_compared=(SILENT,)
    )
    assert str(verified).splitlines() == [
        "audit log of 12 records: DAMAGED",
        "  2 checkpoints agree, the last at 10; 2 records after it are not signed yet",
        "  the contents of 2 records, up to 3, are pruned",
        "  nothing was compared with witness: it holds no checkpoint",
        "  record 7: edited; it does not say what was written",
        "  a checkpoint: forked; there were two logs",
    ]


def test_one_of_a_thing_is_told_as_one():
    verified = attrs.evolve(
        SOUND, size=1, checkpoints=1, signed_size=0, pruned=1, pruned_through=1, waiting=1
    )
    assert str(verified).splitlines() == [
        "audit log of 1 record: sound",
        "  1 checkpoint agrees, the last at 0; 1 record after it is not signed yet",
        "  the contents of 1 record, up to 1, are pruned",
        "  1 act waits for its numbers; verify again when they are given",
    ]


def test_more_of_a_thing_than_one_is_told_with_its_number():
    assert str(attrs.evolve(SOUND, pruned=2, pruned_through=9, waiting=2)).splitlines()[2:] == [
        "  the contents of 2 records, up to 9, are pruned",
        "  2 acts wait for their numbers; verify again when they are given",
    ]


@pytest.mark.parametrize(("size", "signed", "tail"), [(12, 10, 2), (12, 12, 0), (12, 0, 12), (9, 10, 0)])
def test_the_tail_is_what_no_checkpoint_vouches_for(size, signed, tail):
    assert attrs.evolve(SOUND, size=size, signed_size=signed).unsigned_tail == tail


def test_where_there_is_no_checkpoint_that_is_said_and_nothing_of_what_is_signed():
    assert str(attrs.evolve(SOUND, checkpoints=0, signed_size=0)).splitlines() == [
        "audit log of 12 records: sound",
        "  there is no checkpoint to compare it with",
    ]
