"""The door: every verb of an open agency × every kind of caller, compared with the table of the rules."""

import csv
import inspect
import typing
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import GeneratorType
from typing import Any
from unittest.mock import Mock

import attrs
import pytest

import dcss_core.rules.federal as federal
from dcss_core import Actor, Agency, CaseNumber, ClientId, DateRange, Irn, Money, Month, Secret, Ssn
from dcss_core.audit import ExportReason
from dcss_core.cases import CaseApplication, ContactKind
from dcss_core.errors import DcssError, InvalidInputError, NotPermittedError, RulesError, SessionEndedError
from dcss_core.users import (
    ControlReason,
    RegistrationForm,
    RemitterRights,
    SessionToken,
    SignedIn,
    StaffRole,
    VouchedIdentity,
)

TABLE = Path(federal.__file__).with_name("permissions_verbs.csv")
ROWS = {row["verb"]: row for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())}
JOBS = sorted({job for row in ROWS.values() for job in row["jobs"].split()})
WHY = ControlReason.OWNER_ASKED
REFUSAL = "you may not do this; ask somebody who may"


def verbs() -> dict[str, Any]:
    """Every public verb of every area, as `payments.receive`."""
    areas = (
        (name, typing.get_type_hints(each.func)["return"])
        for name, each in vars(Agency).items()
        if isinstance(each, cached_property) and not name.startswith("_")
    )
    return {
        f"{area}.{name}": verb
        for area, kind in areas
        for name, verb in vars(kind).items()
        if inspect.isfunction(verb) and not name.startswith("_")
    }


def asks(verb: Any) -> str | None:
    """The argument in which a verb asks who calls; None for one that is open to anybody."""
    return next((each for each in ("by", "token") if each in inspect.signature(verb).parameters), None)


VERBS = verbs()
ASKING = sorted(name for name, verb in VERBS.items() if asks(verb) and name != "accounts.sign_out")


class World:
    """An agency with a family, its parents' accounts, and staff as they are asked for."""

    def __init__(self, agency: Agency, opened: CaseNumber, receipt_id: str, **people: Any) -> None:
        self.agency, self.case, self.receipt_id = agency, opened, receipt_id
        self.people = people
        self._administrators: list[Actor] = []
        self._appointed = 0

    def staff(self, *roles: StaffRole) -> Actor:
        if not self._administrators:
            only, set_up = [StaffRole.ACCOUNT_ADMINISTRATOR], Actor.system("set-up")
            self._administrators = [self._appoint(only, set_up), self._appoint(only, set_up)]
        return self._appoint(roles, *self._administrators) if roles else self._administrators[0]

    def set_roles(self, account_id: str, *roles: StaffRole) -> None:
        for by in self._administrators:
            self.agency.staff.set_roles(account_id, roles, by=by)

    def staff_token(self, role: StaffRole) -> SessionToken:
        actor = self.staff(role)
        return self._signed_in_with_a_password_of_their_own(f"member-{self._appointed}", actor)

    def shared_token(self) -> SessionToken:
        email = Secret("front-desk@dcss.example.gov")
        self.agency.staff.appoint_shared("front-desk", email=email, by=self.staff())
        return self._signed_in_with_a_password_of_their_own("front-desk", None)

    def disabled(self) -> Actor:
        actor = self.staff(*StaffRole)
        self.agency.oversight.disable(actor.actor_id, by=self.staff(), reason=WHY)
        return actor

    def ended_token(self) -> SessionToken:
        token = self.people["token"](self.agency, self.people["jane"])
        self.agency.accounts.sign_out(token)
        return token

    def _appoint(self, roles: Sequence[StaffRole], *people: Actor) -> Actor:
        self._appointed += 1
        name = f"member-{self._appointed}"
        email = Secret(f"{name}@dcss.example.gov")
        *_, made = [self.agency.staff.appoint(name, email=email, roles=roles, by=by) for by in people]
        return Actor.staff(made.account_id)

    def _signed_in_with_a_password_of_their_own(self, user_id: str, _: Actor | None) -> SessionToken:
        self.agency.outbox.dispatch(by=Actor.system("dispatch"))
        assigned = self.people["mail"].appointed_password(user_id)
        banner = self.agency.accounts.banner().version
        first = self.agency.accounts.sign_in(user_id, assigned, banner=banner)
        assert isinstance(first, SignedIn)
        changed = self.agency.credentials.change_password(
            first.token, current=assigned, new=Secret("eleven copper kettles at dawn")
        )
        return changed.token


CALLERS: dict[str, Callable[[World], Any]] = {
    "nobody": lambda world: None,
    "the public": lambda world: Actor.public(),
    "a parent without a token": lambda world: Actor.parent(world.people["account_id"]),
    "a parent, by token": lambda world: world.people["token"](world.agency, world.people["jane"]),
    "a token that ended": World.ended_token,
    "a token nobody was given": lambda world: SessionToken("made up"),
    "an account that several share": World.shared_token,
    "staff nobody appointed": lambda world: Actor.staff("worker-17"),
    "a parent's account as staff": lambda world: Actor.staff(world.people["account_id"]),
    "staff whose account is disabled": World.disabled,
    "a job nobody named": lambda world: Actor.system("nightly"),
} | {
    f"{role.value}, vouched for": lambda world, role=role: world.staff(role) for role in StaffRole
} | {
    f"{role.value}, by token": lambda world, role=role: world.staff_token(role) for role in StaffRole
} | {
    f"the job {job}": lambda world, job=job: Actor.system(job) for job in JOBS
}  # fmt: skip


def expected(verb: str, caller: str) -> str:
    """What the table says: 'granted', 'refused', 'ended', or 'no caller' for what can't be one there."""
    row, takes_token = ROWS[verb], asks(VERBS[verb]) == "token"
    is_token = ("token" in caller and "without" not in caller) or caller.startswith("an account that")
    if caller == "nobody" or (takes_token and not is_token):
        return "no caller"
    if caller in ("a token that ended", "a token nobody was given"):
        return "ended"
    who = caller.partition(",")[0]
    if who in row["staff"].split() or caller.removeprefix("the job ") in row["jobs"].split():
        return "granted"
    if row["whoever"] == "account" and is_token:
        return "granted"
    return "granted" if row["whoever"] == "parent" and caller == "a parent, by token" else "refused"


@pytest.fixture
def world_of(
    opener, case_application, intake, register, sign_in, mail, jane, file_of_one_payment
) -> Callable[[], World]:
    def made() -> World:
        mail.delivered.clear()  # one mailbox serves every agency of a test
        agency = opener("memory:")
        # the payment names the payer by one of the ten numbers reserved for advertisements
        john = attrs.evolve(
            case_application.participants[0], ssn=Ssn("987-65-4320", accept_never_issued=True)
        )
        application = attrs.evolve(case_application, participants=(john, *case_application.participants[1:]))
        case = agency.cases.open(application, by=intake).case_number
        account_id = register(agency, jane)
        batch = agency.payments.receive(file_of_one_payment, by=Actor.system("remittance"))
        receipt_id = next(each.receipt_id for each in batch.receipts if each.case_number == case)
        return World(agency, case, receipt_id, account_id=account_id, token=sign_in, mail=mail, jane=jane)

    return made


@pytest.fixture
def file_of_one_payment() -> bytes:
    return (Path(__file__).parents[3] / "examples" / "first_day.ach").read_bytes()


def arguments_of(world: World, verb: str, application: CaseApplication) -> dict[str, Any]:
    """Arguments of the right types, which name things that there are."""
    named: dict[str, Any] = {
        "account_id": world.people["account_id"],
        "case_number": world.case,
        "receipt": world.receipt_id,
        "receipt_id": world.receipt_id,
        "subject": f"case:{world.case}",
        "application": application,
        "first": Month(2026, 1),
        "last": Month(2026, 1),
        "before": date(2015, 1, 1),
        "seq": 1,
        "earlier_size": 1,
        "reference": "26-1234",
        "period": DateRange(date(2026, 1, 1)),
        "content": b"101 not a payment file",
        "email": Secret("w@dcss.example.gov"),
        "user_id": "somebody-new",
        "value": Secret("jane.new@example.org"),
        "number": Secret("+14045550100"),
        "of": world.people["account_id"],
        "named": "jroe88",
    }
    by_type: dict[Any, Any] = {
        str: "x",
        str | None: None,
        int: 1,
        Secret: Secret("seven green kites"),
        ContactKind: ContactKind.EMAIL,
        ControlReason: WHY,
        ExportReason: ExportReason.SUBPOENA,
        Irn: Irn("CP100200"),
        ClientId: ClientId("C771234"),
        Money: Money("1.00"),
        RegistrationForm: None,
        RemitterRights: RemitterRights(),
        VouchedIdentity: VouchedIdentity(
            issuer="https://login.georgia.example",
            subject=Secret("x"),
            assertion_id=Secret("x"),
            at=datetime(2026, 1, 7, 15, tzinfo=UTC),
            full_name="Jane Roe",
            birth_date=date(1988, 7, 1),
            identifier=Irn("CP100200"),
        ),
    }
    hints = typing.get_type_hints(inspect.unwrap(VERBS[verb]))
    given = {}
    for name, each in inspect.signature(VERBS[verb]).parameters.items():
        if name in ("self", "by", "token") or each.default is not each.empty:
            continue
        if name in named and hints[name] is not int:
            given[name] = named[name]
        elif typing.get_origin(hints[name]) is Sequence:
            given[name] = [StaffRole.HELP_DESK] if typing.get_args(hints[name])[0] is StaffRole else []
        elif Ssn in typing.get_args(hints[name]):  # or an ITIN
            given[name] = world.people["jane"].ssn
        else:
            given[name] = by_type[hints[name]]
    return given


def outcome_of(world: World, verb: str, by: Any, arguments: dict[str, Any]) -> DcssError | None:
    """What a call raises; None when it was let in, whatever came of it then."""
    area, name = verb.split(".")
    try:
        given = getattr(getattr(world.agency, area), name)(**arguments, **{asks(VERBS[verb]): by})
        if isinstance(given, GeneratorType):
            list(given)
    except DcssError as error:
        return error
    return None


def entries(world: World) -> list[tuple[str, str | None, str | None]]:
    log = world.agency.audit.entries(by=Actor.system("audit"))
    return [(entry.kind, entry.actor, entry.details) for _, entry in log]


def test_the_table_has_a_row_for_each_verb_and_for_nothing_else():
    assert sorted(ROWS) == sorted(VERBS)
    open_to_anybody = {name for name, row in ROWS.items() if row["whoever"] == "anybody"}
    assert open_to_anybody == {name for name in VERBS if name not in ASKING}


def cases(*outcomes: str) -> Iterator[Any]:
    for verb in ASKING:
        callers = [caller for caller in CALLERS if expected(verb, caller) in outcomes]
        if callers:
            yield pytest.param(verb, callers, id=verb)


@pytest.mark.parametrize(("verb", "callers"), list(cases("refused", "ended", "no caller")))
def test_whoever_the_table_does_not_name_is_refused_and_nothing_happens_but_one_entry(
    world_of, case_application, verb, callers
):
    world = world_of()
    arguments = arguments_of(world, verb, case_application)
    for caller in callers:
        by = CALLERS[caller](world)
        before = entries(world)
        error = outcome_of(world, verb, by, arguments)
        new = entries(world)[len(before) :]
        if expected(verb, caller) == "no caller":
            assert isinstance(error, InvalidInputError), caller
            # an argument of another type is an attempt as well, where it says who asks (ASVS 5.0.0, 16.3.3)
            is_staff = isinstance(by, Actor) and by.kind.value == "staff"
            known = ["staff_act_refused"] if is_staff else []
            assert [kind for kind, _, _ in new] == known, caller
        elif expected(verb, caller) == "ended":
            assert isinstance(error, SessionEndedError), (caller, error)
            assert {kind for kind, _, _ in new} <= {"authz_fail"}, caller
        else:
            assert type(error) is NotPermittedError, (caller, error)
            assert str(error) == REFUSAL, caller
            [(kind, actor, details)] = new
            assert (kind, f'"wanted":"{verb}"' in details) == ("authz_fail", True), caller
            assert actor == str(by) if isinstance(by, Actor) else actor is not None, caller


@pytest.mark.parametrize(("verb", "callers"), list(cases("granted")))
def test_whoever_the_table_names_is_let_in(world_of, case_application, verb, callers):
    for caller in callers:
        world = world_of()  # what was let in has changed the last one
        by = CALLERS[caller](world)
        error = outcome_of(world, verb, by, arguments_of(world, verb, case_application))
        refused = [details for kind, _, details in entries(world) if kind == "authz_fail"]
        assert not any(f'"wanted":"{verb}"' in details for details in refused), (caller, error)
        assert not (isinstance(error, NotPermittedError) and str(error) == REFUSAL), (caller, error)


def test_a_verb_called_without_a_caller_says_who_can_be_one(agency):
    with pytest.raises(InvalidInputError) as caught:
        agency.payments.held()
    assert [str(fault) for fault in caught.value.faults] == [
        "argument 'by': found nothing, expected a SessionToken or an Actor"
    ]


def test_what_is_not_yours_and_what_is_not_there_get_equal_answers_and_equal_entries(
    world_of, case_application
):
    world = world_of()
    token = CALLERS["a parent, by token"](world)
    foreign = attrs.evolve(
        case_application,
        case_number=CaseNumber("0009999999"),
        participants=tuple(
            attrs.evolve(each, ssn=None, irn=None, client_id=None) for each in case_application.participants
        ),
    )
    world.agency.cases.open(foreign, by=Actor.system("intake"))
    answers = []
    for number in (CaseNumber("0009999999"), CaseNumber("0008888888")):
        before = entries(world)
        errors = [
            outcome_of(world, "payments.history", token, {"case_number": number}),
            outcome_of(
                world,
                "payments.statement",
                token,
                {"case_number": number, "first": Month(2026, 1), "last": Month(2026, 1)},
            ),
            outcome_of(world, "payments.explain", token, {"receipt": f"R{number}"}),
        ]
        answers.append(([(type(error), str(error)) for error in errors], entries(world)[len(before) :]))
    assert answers[0] == answers[1]
    assert {kind for kind, _ in answers[0][0]} == {NotPermittedError}


def test_a_role_taken_away_between_two_calls_counts_at_the_second(world_of):
    world = world_of()
    clerk = world.staff(StaffRole.PAYMENT_CLERK)
    world.agency.payments.held(by=clerk)
    world.set_roles(clerk.actor_id)
    with pytest.raises(NotPermittedError):
        world.agency.payments.held(by=clerk)


def test_a_right_is_asked_for_each_page_of_the_log(world_of):
    world = world_of()
    officer = world.staff(StaffRole.RECORDS_OFFICER)
    pages = world.agency.audit.entries(by=officer, page=1)
    next(pages)
    world.set_roles(officer.actor_id)
    with pytest.raises(NotPermittedError):
        list(pages)


def test_a_state_grants_a_verb_to_another_role_by_its_table(
    opener, reform, federal_rows, case_application, intake
):
    rows = granting("cases.find", staff="help_desk")(federal_rows)
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"permissions.verbs": rows}))
    case = agency.cases.open(case_application, by=intake).case_number
    email, setup = Secret("a@dcss.example.gov"), Actor.system("set-up")
    roles = [StaffRole.ACCOUNT_ADMINISTRATOR, StaffRole.HELP_DESK]
    desk = Actor.staff(agency.staff.appoint("desk", email=email, roles=roles, by=setup).account_id)
    assert agency.cases.find(case, by=desk) is not None


def test_a_token_that_only_says_whose_session_it_is_opens_nothing(world_of):
    """The id of a session stands in the audit log; it is not the token."""
    world = world_of()
    real = world.people["token"](world.agency, world.people["jane"])

    class Claiming(SessionToken):
        session_id = property(lambda _: real.session_id)

    for claimed in (Claiming("made up"), Mock(spec=SessionToken, session_id=real.session_id)):
        with pytest.raises(NotPermittedError, match=REFUSAL):
            world.agency.cases.own(claimed)
        with pytest.raises(NotPermittedError, match=REFUSAL):
            world.agency.sessions.own(claimed)


def granting(verb: str, **cells: str | None) -> Any:
    """A change of a table: other cells in the row of a verb."""
    return lambda rows: [row | (cells if row["verb"] == verb else {}) for row in rows]


def test_a_state_closes_a_verb_to_everybody(opener, reform, federal_rows, clerk):
    closed = granting("payments.held", staff=None)(federal_rows)
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"permissions.verbs": closed}))
    with pytest.raises(NotPermittedError):
        agency.payments.held(by=clerk)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda rows: rows[1:], "found no row for accounts.ask_for_passkey, expected a row for each verb"),
        (
            lambda rows: [*rows, rows[0] | {"verb": "zoo.feed", "whoever": None}],
            "found a row for zoo.feed, expected rows for verbs there are",
        ),
        (
            granting("cases.open", whoever="anybody"),
            "cases.open, from 2025-08-01: found it is open to anybody, case_worker, intake, "
            "expected this verb only for staff and jobs",
        ),
        (
            granting("payments.history", whoever="account"),  # a shared account, with no case of its own
            "expected this verb only for a parent who is signed in, staff and jobs",
        ),
        (granting("payments.held", whoever="parent"), "expected this verb only for staff and jobs"),
        (granting("cases.own", staff="help_desk"), "expected this verb only for a parent who is signed in"),
        (granting("sessions.own", jobs="nightly"), "expected this verb only for whoever is signed in"),
        (granting("accounts.register", whoever=None), "accounts.register, from 2025-08-01: found it is open"),
        (
            granting("cases.open", staff="janitor"),
            "found 'janitor', expected one of help_desk",
        ),
        (
            granting("payments.identify", people=3),
            "payments.identify: people, from 2025-08-01: found 3, expected 1 or 2, or nothing for 1",
        ),
        (
            granting("cases.open", people=2),  # it would be opened by the first one alone
            "cases.open: people, from 2025-08-01: found 2, expected 1: two people are for oversight.close, "
            "payments.identify, remitters.change, remitters.invite_administrator, remitters.open, "
            "second_factors.remove_for, staff.appoint, staff.set_roles",
        ),
        (
            granting("payments.identify", staff="payment_clerk case_worker"),  # who would not see what waits
            "approvals.waiting: staff, from 2025-08-01: found it is open to account_administrator, "
            "payment_clerk, expected open to case_worker too, as payments.identify is",
        ),
    ],
)
def test_an_agency_whose_table_does_not_fit_its_verbs_does_not_open(
    opener, reform, federal_rows, changed, said
):
    plugins = reform({"permissions.verbs": changed(federal_rows)})
    with pytest.raises(RulesError) as caught:
        opener("memory:", jurisdiction="US-GA-REFORM", plugins=plugins)
    assert said in str(caught.value)
