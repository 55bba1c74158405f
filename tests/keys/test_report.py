"""What a report on keys says."""

import pytest

from dcss_core.keys.report import report_of
from dcss_core.running import KeyNeed, KeyPurpose, KeyStanding

RING = {"k3": KeyStanding.CURRENT, "k2": KeyStanding.OPENS, "k1": KeyStanding.RETIRED}
USES = [
    ("k3", KeyPurpose.SEALED, "people/ssn"),
    ("k3", KeyPurpose.SEALED, "people/ssn"),
    ("k3", KeyPurpose.SEALED, "people/email"),
    ("k1", KeyPurpose.EARLIER_PASSWORDS, "accounts/earlier_hashes"),
]


def test_each_key_tells_what_needs_it_by_purpose_and_field():
    report = report_of(RING, USES)
    assert dict(report.of("k3").purposes) == {KeyPurpose.SEALED: 3}
    assert report.of("k3").needs == (
        KeyNeed(KeyPurpose.SEALED, "people/email", 1),
        KeyNeed(KeyPurpose.SEALED, "people/ssn", 2),
    )
    assert not report.of("k2").is_needed
    assert report.of("k1").needed_for(KeyPurpose.SEALED) == 0


def test_a_key_that_is_named_and_missing_is_told_of():
    report = report_of(RING, [*USES, ("k0", KeyPurpose.SEALED, "outbox/text")])
    assert report.of("k0").standing is KeyStanding.MISSING
    assert not report.opens_all


def test_the_keys_stand_in_the_order_of_the_ring():
    assert [each.key_id for each in report_of(RING, USES).keys] == ["k3", "k2", "k1"]


@pytest.mark.parametrize(
    ("use", "settled", "opens"),
    [
        (("k2", KeyPurpose.SEALED, "people/ssn"), False, True),
        (("k2", KeyPurpose.FOUND, "people/ssn_index"), False, True),
        (("k2", KeyPurpose.PASSWORDS, "accounts/password_hash"), True, True),
        (("k1", KeyPurpose.SEALED, "people/ssn"), False, False),
        (("k3", KeyPurpose.SEALED, "people/ssn"), True, True),
    ],
)
def test_it_is_settled_when_resealing_has_nothing_left_to_do(use, settled, opens):
    report = report_of(RING, [use])
    assert (report.is_settled, report.opens_all) == (settled, opens)


def test_it_reads_as_lines_and_as_a_table():
    report = report_of(RING, USES)
    assert str(report) == (
        "k3 (current): 3 sealed values\nk2 (opens): nothing needs it\nk1 (retired): 1 earlier password"
    )
    assert "<td>3</td>" in report._repr_html_()


def test_nothing_is_said_of_a_key_that_nobody_knows():
    with pytest.raises(LookupError, match="'k9'"):
        report_of(RING, USES).of("k9")
