"""`agency.oversight`: what staff see of accounts and do to them."""

import json
from datetime import timedelta

import attrs
import pytest

from dcss_core import Actor, ClientId, Irn, Secret, Ssn
from dcss_core.agency.staff.account_control import AccountStatus
from dcss_core.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from dcss_core.users import SignedIn, SignInRefused
from dcss_core.users.account import AccountKind, AccountState, ChangeReason
from dcss_core.users.account_control import ControlReason
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

WHY = ControlReason.SUSPECTED_MISUSE
WRONG = Secret("not the password at all")
HOME = "203.0.113.7"
HELP_DESK, ADMINISTRATOR = StaffRole.HELP_DESK, StaffRole.ACCOUNT_ADMINISTRATOR


@pytest.fixture
def lock(agency, attempt):
    """Locks an account with three wrong passwords."""

    def locked(parent):
        for _ in range(3):
            attempt(agency, parent.user_id, WRONG)

    return locked


def last_entry(agency):
    return list(agency.audit.entries(by=Actor.system("audit")))[-1][1]


# --- seeing ------------------------------------------------------------------------------------------------


def test_s21_the_lock_is_visible_to_staff_with_its_end_and_the_failures(
    agency, janes_account, jane, lock, desk, clock
):
    lock(jane)
    status = agency.oversight.status(janes_account, by=desk)
    assert status.locked_until == clock.now() + timedelta(minutes=15)
    assert (status.failures, status.is_password_disabled) == (3, False)
    clock.move(minutes=15)
    assert agency.oversight.status(janes_account, by=desk).locked_until is None


def test_staff_see_how_an_account_stands(agency, janes_account, jane, sign_in, desk, clock):
    sign_in(agency, jane)
    assert agency.oversight.status(janes_account, by=desk) == AccountStatus(
        account_id=janes_account,
        user_id="JRoe88",
        kind=AccountKind.PARENT,
        state=AccountState.ACTIVE,
        created_at=clock.now(),
        password_set_at=clock.now(),
        locked_until=None,
        failures=0,
        is_password_disabled=False,
        change_reason=None,
        has_second_factor=False,
        is_second_factor_disabled=False,
        has_address=True,
        open_sessions=1,
    )


def test_staff_see_that_a_hundred_failures_disabled_a_password(
    agency, janes_account, jane, attempt, desk, clock
):
    for _ in range(100):
        attempt(agency, jane.user_id, WRONG)
        clock.move(minutes=15)
    status = agency.oversight.status(janes_account, by=desk)
    assert (status.failures, status.is_password_disabled) == (100, True)


def test_a_status_shows_no_secret(agency, janes_account, jane, sign_in, desk):
    token = sign_in(agency, jane)
    shown = repr(attrs.asdict(agency.oversight.status(janes_account, by=desk)))
    for secret in (jane.password, jane.email, jane.ssn, token, Secret(token.session_id), Secret("$fake$")):
        assert secret.reveal() not in shown
    names = {field.name for field in attrs.fields(AccountStatus)}
    assert not {name for name in names if "hash" in name or "token" in name or "email" in name}


@pytest.mark.parametrize("named", ["JRoe88", "jroe88", "JROE88", Irn("CP100200")], ids=str)
def test_an_account_is_found_by_its_user_id_in_any_case_and_by_what_its_owner_registered_with(
    agency, janes_account, desk, named
):
    found = agency.oversight.find(named, by=desk)
    assert found is not None
    assert found.account_id == janes_account


@pytest.mark.parametrize(
    "named",
    [
        "jroe8",
        "",
        "half \ud800",
        "ＪＲｏｅ８８",
        "jroe88\n",
        "x" * 100_000,
        Irn("CP999999"),
        ClientId("C771234"),
    ],
    ids=["another", "empty", "no text", "full width", "line end", "long", "irn", "client id"],
)
def test_homograph_ids_what_only_reads_like_a_user_id_finds_nobody(agency, janes_account, desk, named):
    assert agency.oversight.find(named, by=desk) is None


def test_homograph_ids_the_kelvin_sign_finds_no_k(agency, staff, desk):
    staff(HELP_DESK, user_id="kim-lee")
    assert agency.oversight.find("kim-lee", by=desk) is not None
    assert "\u212a".lower() == "k"
    assert agency.oversight.find("\u212aim-lee", by=desk) is None


def test_a_participant_without_an_account_is_no_account(agency, opened_case, john, desk):
    assert agency.oversight.find(john.irn, by=desk) is None


def test_every_look_is_audited_with_who_looked(agency, janes_account, desk, last_number):
    for look in (
        lambda: agency.oversight.status(janes_account, by=desk),
        lambda: agency.oversight.find("jroe88", by=desk),
    ):
        before = last_number(agency)
        look()
        [(_, entry)] = agency.audit.entries(after=before, by=Actor.system("audit"))
        assert (entry.kind, entry.subject) == ("sensitive_read", f"account:{janes_account}")
        assert entry.actor == str(desk)


def test_a_look_that_finds_nobody_is_audited_without_what_was_typed(agency, desk, last_number):
    before, by = last_number(agency), desk
    assert agency.oversight.find("a-neighbour", by=by) is None
    assert agency.oversight.find(Irn("CP777777"), by=by) is None
    for verb in (
        lambda: agency.oversight.status("a-neighbour", by=by),
        lambda: agency.oversight.end_sessions("a-neighbour", by=by),
        lambda: agency.oversight.demand_password_change("a-neighbour", by=by, reason=WHY),
    ):
        with pytest.raises(NotFoundError):
            verb()
    entries = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    assert [(entry.kind, entry.subject, entry.actor) for entry in entries] == [
        ("sensitive_read", "search:account", str(desk))
    ] * 5
    assert not any("neighbour" in str(entry) or "777777" in str(entry) for entry in entries)


def test_ending_sessions_where_there_are_none_is_audited(agency, janes_account, desk):
    assert agency.oversight.end_sessions(janes_account, by=desk) == 0
    assert last_entry(agency).subject == "act:oversight.end_sessions"


def test_locked_accounts_are_listed_the_one_that_is_locked_longest_from_now_first(
    agency, janes_account, jane, john, register, lock, desk, clock
):
    johns_account = register(agency, john)
    assert agency.oversight.locked(by=desk) == ()
    lock(jane)
    clock.move(minutes=5)
    lock(john)
    assert [each.account_id for each in agency.oversight.locked(by=desk)] == [johns_account, janes_account]
    clock.move(minutes=10)
    assert [each.account_id for each in agency.oversight.locked(by=desk)] == [johns_account]
    clock.move(minutes=5)
    assert agency.oversight.locked(by=desk) == ()


# --- acting ------------------------------------------------------------------------------------------------


def test_s21_lifting_a_lock_lets_the_owner_in_at_once(agency, janes_account, jane, lock, desk, attempt):
    lock(jane)
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()
    agency.oversight.lift_lock(janes_account, by=desk, reason=ControlReason.OWNER_ASKED)
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)


def test_a_disabled_account_signs_nobody_in_until_it_is_enabled(
    agency, janes_account, jane, administrator, attempt
):
    agency.oversight.disable(janes_account, by=administrator, reason=WHY)
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()
    agency.oversight.enable(janes_account, by=administrator, reason=WHY)
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)


def test_a_password_that_others_may_know_has_to_be_changed_at_the_next_sign_in(
    agency, janes_account, jane, desk, attempt
):
    agency.oversight.demand_password_change(janes_account, by=desk, reason=WHY)
    assert agency.oversight.status(janes_account, by=desk).change_reason is ChangeReason.COMPROMISED
    for _ in range(2):  # signing in again does not make it good
        outcome = attempt(agency, jane.user_id, jane.password)
        assert outcome.session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    new = Secret("eleven copper kettles on a raft")
    changed = agency.credentials.change_password(outcome.token, current=jane.password, new=new)
    assert agency.accounts.display_name(changed.token) == "Jane Roe"


ACTS = ["disable", "close", "demand_password_change"]


def asked_before(agency, staff, act, account_id, reason=WHY):
    """What takes two people a colleague has asked for by now."""
    if act == "close":
        agency.oversight.close(account_id, by=staff.colleague, reason=reason)


@pytest.mark.parametrize("act", ACTS)
def test_stale_sessions_whatever_takes_access_away_ends_every_session_at_once(
    agency, janes_account, jane, sign_in, staff, act
):
    by = staff(HELP_DESK)
    tokens = [sign_in(agency, jane) for _ in range(3)]
    asked_before(agency, staff, act, janes_account)
    getattr(agency.oversight, act)(janes_account, by=by, reason=WHY)
    for token in tokens:
        with pytest.raises(NotPermittedError, match="sign in again"):
            agency.sessions.check(token)


@pytest.mark.parametrize("act", ACTS)
def test_stale_sessions_no_use_of_a_session_that_races_with_the_act_keeps_it_alive(
    agency, janes_account, jane, sign_in, staff, at_once, clock, act
):
    by, token = staff(HELP_DESK), sign_in(agency, jane)
    asked_before(agency, staff, act, janes_account)
    clock.move(minutes=10)  # each use is to be noted, and so is a write
    calls = [lambda: getattr(agency.oversight, act)(janes_account, by=by, reason=WHY)]
    calls += [lambda: agency.sessions.check(token)] * 7

    def one():
        try:
            return calls.pop()()
        except NotPermittedError as ended:
            return ended

    at_once(8, one)
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.sessions.check(token)


def test_of_eight_that_close_an_account_at_once_one_does(
    agency, janes_account, administrator, staff, at_once, kinds
):
    asked_before(agency, staff, "close", janes_account)

    def close():
        try:
            agency.oversight.close(janes_account, by=administrator, reason=WHY)
        except ConflictError:
            return "closed already"
        return "closed"

    assert sorted(at_once(8, close)) == ["closed"] + ["closed already"] * 7
    assert kinds(agency).count("user_deleted") == 1


def test_staff_end_every_session_of_an_account_and_the_owner_may_sign_in_again(
    agency, janes_account, jane, sign_in, desk, kinds, last_number
):
    tokens = [sign_in(agency, jane) for _ in range(2)]
    before = last_number(agency)
    assert agency.oversight.end_sessions(janes_account, by=desk) == 2
    assert kinds(agency, before) == ["session_expired"] * 2
    assert json.loads(last_entry(agency).details)["reason"] == "ended_by_staff"
    for token in tokens:
        with pytest.raises(NotPermittedError):
            agency.sessions.check(token)
    assert agency.oversight.end_sessions(janes_account, by=desk) == 0
    sign_in(agency, jane)


def a_wrong_password(agency, jane, source=None):
    banner = agency.accounts.banner().version
    agency.accounts.sign_in(jane.user_id, Secret("not the password"), banner=banner, source=source)


def test_lifting_a_lock_opens_the_account_to_a_source_that_was_closed_to_it(
    agency, janes_account, jane, desk, clock
):
    banner, home = agency.accounts.banner().version, "203.0.113.7"
    # ten failures from one source within a day close it to the account for an hour; locks of 15 minutes pass
    for _ in range(10):
        a_wrong_password(agency, jane, home)
        clock.move(minutes=15)
    tried = agency.accounts.sign_in(jane.user_id, jane.password, banner=banner, source=home)
    assert tried == SignInRefused()
    agency.oversight.lift_lock(janes_account, by=desk, reason=WHY)
    tried = agency.accounts.sign_in(jane.user_id, jane.password, banner=banner, source=home)
    assert isinstance(tried, SignedIn)


@pytest.mark.parametrize(
    ("acts", "kind"),
    [
        (["lift_lock"], "authn_login_unlock"),
        (["disable"], "user_disabled"),
        (["disable", "enable"], "user_enabled"),
        (["close"], "user_deleted"),
        (["demand_password_change"], "authn_password_change_demanded"),
    ],
)
def test_each_act_is_audited_with_who_and_why(agency, janes_account, jane, staff, acts, kind):
    by = staff(HELP_DESK)
    a_wrong_password(agency, jane)
    for act in acts:
        asked_before(agency, staff, act, janes_account, ControlReason.COURT_ORDER)
        getattr(agency.oversight, act)(janes_account, by=by, reason=ControlReason.COURT_ORDER)
    entry = last_entry(agency)
    assert (entry.kind, entry.subject, entry.actor) == (kind, f"account:{janes_account}", str(by))
    assert json.loads(entry.details)["reason"] == "court_order"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("lift_lock", "unlocked it"),
        ("disable", "taken out of use"),
        ("enable", "in use again"),
        ("close", "was closed"),
        ("demand_password_change", "choose a new one"),
        ("end_sessions", "ended every session"),
    ],
)
def test_the_owner_is_told_of_each_act_by_letter(
    agency, janes_account, jane, sign_in, staff, mail, act, told
):
    by = staff(HELP_DESK)
    if act == "enable":
        agency.oversight.disable(janes_account, by=by, reason=WHY)
    else:
        sign_in(agency, jane)
        a_wrong_password(agency, jane)
    asked_before(agency, staff, act, janes_account)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    before = len(mail.bodies("Your online account"))
    reason = {} if act == "end_sessions" else {"reason": WHY}
    getattr(agency.oversight, act)(janes_account, by=by, **reason)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    [body] = mail.bodies("Your online account")[before:]
    assert told in body
    assert mail.delivered[-1].address == jane.email
    assert "Roe" not in body


def test_an_act_is_told_each_time_it_is_done(agency, janes_account, jane, desk, mail):
    for _ in range(2):
        a_wrong_password(agency, jane)
        agency.oversight.lift_lock(janes_account, by=desk, reason=WHY)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert sum("unlocked it" in body for body in mail.bodies("Your online account")) == 2


@pytest.mark.parametrize("act", ["enable", "lift_lock"])
def test_an_act_that_changes_nothing_is_refused_and_leaves_one_entry_and_no_letter(
    agency, janes_account, staff, kinds, last_number, act
):
    by = staff(HELP_DESK)
    before, waiting = last_number(agency), agency.outbox.pending(by=Actor.system("dispatch"))
    with pytest.raises(ConflictError, match="nothing was changed"):
        getattr(agency.oversight, act)(janes_account, by=by, reason=WHY)
    assert kinds(agency, before) == ["staff_act_refused"]
    assert agency.outbox.pending(by=Actor.system("dispatch")) == waiting


@pytest.mark.parametrize("account_id", ["none", "", "x" * 100_000])
def test_an_account_that_there_is_not_is_not_found(agency, staff, account_id):
    by = staff(HELP_DESK)
    for call in (
        lambda: agency.oversight.status(account_id, by=by),
        lambda: agency.oversight.close(account_id, by=by, reason=WHY),
        lambda: agency.oversight.end_sessions(account_id, by=by),
    ):
        with pytest.raises(NotFoundError, match="no account has this id"):
            call()


def test_an_account_id_that_is_no_text_is_refused(agency, desk):
    with pytest.raises(InvalidInputError, match="lone surrogates"):
        agency.oversight.status("half \ud800", by=desk)


@pytest.mark.parametrize("reason", ["suspected_misuse", "", None])
def test_an_act_has_one_of_the_reasons_and_no_free_text(agency, janes_account, desk, reason):
    with pytest.raises(InvalidInputError, match="argument 'reason'"):
        agency.oversight.lift_lock(janes_account, by=desk, reason=reason)


# --- a source that was closed ----------------------------------------------------------------------------


def test_a_source_that_was_closed_is_opened_again_and_the_log_says_by_whom(
    agency, janes_account, jane, attempt, desk
):
    for number in range(50):  # the limit of a source, in the federal rules
        attempt(agency, f"user-{number}", WRONG, source=HOME)
    assert attempt(agency, jane.user_id, jane.password, source=HOME) == SignInRefused()
    assert agency.oversight.reopen_source(HOME, by=desk) == ("sign_in_by_source",)
    entry = last_entry(agency)
    assert (entry.kind, entry.actor, entry.source) == ("excess_rate_limit_lifted", str(desk), HOME)
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=HOME), SignedIn)


@pytest.mark.parametrize("source", [HOME, "", "  ", "half \ud800"])
def test_a_source_that_is_open_stays_as_it_is_and_the_attempt_is_recorded(agency, desk, source):
    assert agency.oversight.reopen_source(source, by=desk) == ()
    entry = last_entry(agency)
    assert (entry.kind, entry.subject) == ("staff_act_without_effect", "act:oversight.reopen_source")
    assert (entry.actor, entry.source) == (str(desk), None)  # what was typed may be anything


# --- identifiers -------------------------------------------------------------------------------------------


def test_s19_staff_disclose_the_identifiers_and_the_log_says_who_to_whom_and_why(
    agency, opened_case, jane, desk
):
    shown = agency.oversight.disclose_identifiers(jane.ssn, by=desk, reason=ControlReason.IDENTITY_CONFIRMED)
    assert (shown.irn, shown.client_id) == (jane.irn, None)
    entry = last_entry(agency)
    assert (entry.kind, entry.actor) == ("sensitive_read", str(desk))
    assert entry.subject.startswith("person:")
    assert json.loads(entry.details)["reason"] == "identity_confirmed"
    assert str(jane.irn) not in repr(entry)
    assert jane.ssn.reveal() not in repr(entry)


def test_s19_of_somebody_who_is_no_participant_nothing_is_disclosed_and_who_asked_is_recorded(
    agency, opened_case, desk
):
    with pytest.raises(NotFoundError, match="no participant"):
        agency.oversight.disclose_identifiers(
            Ssn("900-01-0999", accept_never_issued=True), by=desk, reason=WHY
        )
    entry = last_entry(agency)
    assert (entry.kind, entry.subject, entry.actor) == ("sensitive_read", "search:participant", str(desk))
    assert "900-01-0999" not in str(entry)
    assert "900010999" not in str(entry)


def test_s19_nothing_the_public_can_call_shows_the_identifier_and_a_refusal_names_the_local_office(
    agency, janes_account, jane, form_of, attempt
):
    refused = agency.accounts.register(form_of(agency, jane, user_id="another-id"))
    assert "call your local office" in refused.sentence
    shown = [
        refused,
        refused.sentence,
        agency.accounts.register(form_of(agency, jane, irn="")),
        attempt(agency, jane.user_id, WRONG),
        attempt(agency, jane.user_id, jane.password, banner=None),
        agency.recovery.questions(jane.ssn),
    ]
    assert str(jane.irn) not in repr(shown)


# --- one's own account ---------------------------------------------------------------------------------


def test_approval_abuse_nobody_acts_on_their_own_account(agency, staff, attempt, kinds, last_number):
    """IRS Pub. 1075, AC-5 and AC-7: whoever lifts their own lock has a hundred guesses at once."""
    staff()
    worker = staff(StaffRole.HELP_DESK, StaffRole.ACCOUNT_ADMINISTRATOR, user_id="worker-9")
    for _ in range(3):
        attempt(agency, "worker-9", WRONG)
    oversight, own = agency.oversight, worker.actor_id
    before = last_number(agency)
    for act in (
        lambda: oversight.lift_lock(own, by=worker, reason=ControlReason.OWNER_ASKED),
        lambda: oversight.disable(own, by=worker, reason=ControlReason.OWNER_ASKED),
        lambda: oversight.enable(own, by=worker, reason=ControlReason.OWNER_ASKED),
        lambda: oversight.close(own, by=worker, reason=ControlReason.OWNER_ASKED),
        lambda: oversight.demand_password_change(own, by=worker, reason=ControlReason.OWNER_ASKED),
        lambda: oversight.end_sessions(own, by=worker),
        lambda: agency.second_factors.remove_for(own, by=worker, reason=ControlReason.OWNER_ASKED),
        lambda: agency.staff.set_roles(own, [StaffRole.HELP_DESK], by=worker),
        lambda: agency.staff_resets.request(own, by=worker, reason=ControlReason.OWNER_ASKED),
    ):
        with pytest.raises((NotPermittedError, ConflictError)):
            act()
    assert len(kinds(agency, before)) == 9  # each attempt is an entry
    assert oversight.status(own, by=worker).locked_until is not None
