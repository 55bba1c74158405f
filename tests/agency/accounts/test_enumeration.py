"""Nobody learns who there is: whatever is wrong, the answer is equal and the work is the same."""

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core import Actor, Secret
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.users import SignInRefused
from dcss_core.users.account_control import ControlReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.staff.member import StaffRole

WRONG = Secret("not the password at all")
STANDINGS = ["closed", "damaged", "disabled", "expired", "locked", "nobody", "used", "wrong"]
LIMIT = 3  # IRS Pub. 1075, AC-7
DAMAGED = ["", "$fake$", "$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdA$dGFn", "not a hash", "\x00"]


@pytest.fixture
def standing(agency, staff, by_two, mail, attempt, clock):
    """One account of every standing in which nobody gets in, with its right password."""
    administrator, email = staff(StaffRole.HELP_DESK), Secret("w@dcss.example.gov")

    def appointed(name):
        roles = [StaffRole.HELP_DESK]
        made = by_two(lambda by: agency.staff.appoint(name, email=email, roles=roles, by=by))
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        return made.account_id, mail.appointed_password(name)

    _, expired = appointed("expired")
    clock.move(hours=24)
    ids = {name: appointed(name) for name in ("locked", "disabled", "closed", "used", "damaged", "wrong")}
    for _ in range(LIMIT):
        attempt(agency, "locked", WRONG)
    agency.oversight.disable(ids["disabled"][0], by=administrator, reason=ControlReason.STAFF_CHANGE)
    why = ControlReason.STAFF_CHANGE
    by_two(lambda by: agency.oversight.close(ids["closed"][0], by=by, reason=why))
    attempt(agency, "used", ids["used"][1])
    for number in range(50):  # the limit of a source, in the federal rules
        attempt(agency, f"user-{number}", WRONG, source="198.51.100.23")
    passwords = {name: password for name, (_, password) in ids.items() if name != "wrong"}
    return ids["damaged"][0], passwords | {"expired": expired, "nobody": WRONG, "throttled": ids["wrong"][1]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(STANDINGS),
    typed=st.text(max_size=40),
    phc=st.sampled_from(DAMAGED),
    is_right=st.booleans(),
)
def test_enumeration_by_message_and_by_time_every_refusal_is_equal_and_costs_one_run(
    agency, standing, attempt, hasher, name, typed, phc, is_right
):
    damaged_id, right = standing
    damage(agency, damaged_id, phc)
    password = right[name] if is_right and name in right else Secret(typed)
    before = hasher.runs
    refused = attempt(agency, name, password, source=f"source-{before}")
    assert refused == SignInRefused()
    assert refused.sentence == SignInRefused().sentence
    assert repr(refused) == "SignInRefused()"
    assert hasher.runs - before == 1


def damage(agency, account_id, phc):
    """What nothing but a hand in the database does: store a hash that is none."""

    def verb(work):
        kept = work.get(ACCOUNTS, account_id)
        work.replace(ACCOUNTS, kept, attrs.evolve(kept.record, password_hash=PasswordHash(phc)))

    agency.accounts._resources.write(verb)


def test_every_standing_of_that_test_was_met_by_its_own_reason(agency, standing, attempt, reasons):
    _, right = standing
    found = {}
    for name in right:
        user_id, source = ("wrong", "198.51.100.23") if name == "throttled" else (name, "203.0.113.7")
        if name != "damaged":
            attempt(agency, user_id, right[name], source=source)
            found[name] = reasons(agency)[-1]
    assert found == {
        "locked": "locked",
        "disabled": "account_not_active",
        "closed": "account_not_active",
        "used": "assigned_password_used",
        "expired": "assigned_password_expired",
        "nobody": "unknown_user",
        "throttled": "source_throttled",
    }


def test_log_injection_a_user_id_with_line_ends_and_escapes_leaves_one_entry_and_does_not_stand_in_it(
    agency, attempt
):
    forged = "jroe88\r\n2026-01-07 authn_login_success\x1b[31m"
    attempt(agency, forged, WRONG)
    [entry] = [entry for _, entry in agency.audit.entries(by=Actor.system("audit"))]
    assert "authn_login_success" not in repr(entry)
    assert len(entry.details.splitlines()) == 1
