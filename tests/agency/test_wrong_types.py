"""Wrong types at every public door: a typed error that names the argument, and never what was given."""

import inspect
import typing
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cached_property, partial
from types import GeneratorType
from typing import Any

import attrs
import pytest

from dcss_core import (
    Actor,
    Agency,
    CaseNumber,
    ClientId,
    Irn,
    Itin,
    Money,
    Month,
    Secret,
    Ssn,
    create_key_file,
    open_agency,
    read_key_file,
)
from dcss_core.audit import ExportReason
from dcss_core.audit.pruned_contents import NotedPrunings
from dcss_core.audit.verification import VerifiedRange
from dcss_core.cases import (
    CaseApplication,
    ContactKind,
    KnownParticipant,
    NewObligation,
    NewParticipant,
    OpeningArrears,
    PersonName,
    Role,
)
from dcss_core.errors import ConfigurationError, DcssError, InvalidInputError
from dcss_core.plugins import Message
from dcss_core.ports.keys import KeyRing, MasterKey
from dcss_core.users import Answer, RegistrationForm, RemitterRights, SessionToken, VouchedIdentity
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

AREAS = {
    name: typing.get_type_hints(each.func)["return"]
    for name, each in vars(Agency).items()
    if isinstance(each, cached_property) and not name.startswith("_")
}
SHOWN = "9ZQ7"  # stands in every wrong value, so that a message which repeats one is found out
WRONG: dict[str, Any] = {
    "None": None,
    "a str": f"walrus{SHOWN}",
    "an int": 987_654_321,
    "bytes": f"walrus{SHOWN}".encode(),
    "a float": 98765.4321,
    "an object": object(),
    "a list": [f"walrus{SHOWN}"],
    "a datetime": datetime(1987, 6, 5, tzinfo=UTC),
}
NO_SECRET = {("an int", int), ("an int", int | None)}
TRACES = (SHOWN, "987654321", "98765.4321", "object at", "1987")


def verbs() -> Iterator[Any]:
    for area, kind in AREAS.items():
        for name, verb in vars(kind).items():
            arguments = list(inspect.signature(verb).parameters)[1:] if inspect.isfunction(verb) else []
            if not name.startswith("_"):
                for argument in arguments:
                    yield pytest.param(area, name, argument, id=f"{area}.{name}({argument})")


SSN = Ssn("900-01-4321", accept_never_issued=True)
RIGHT: dict[Any, Any] = {
    str: "jroe88",
    int: 5,
    bool: False,
    bytes: b"",
    date: date(2026, 1, 7),
    Secret: Secret("x"),
    SessionToken: SessionToken("none"),
    Ssn | Itin: SSN,
    Irn: Irn("CP100200"),
    ClientId: ClientId("C771234"),
    CaseNumber: CaseNumber("0004567890"),
    Month: Month(2025, 1),
    Answer: Answer("first_pet", Secret("Rex")),
    Actor: Actor.staff("worker-17"),
    ContactKind: ContactKind.EMAIL,
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
    StaffRole: StaffRole.HELP_DESK,
    ControlReason: ControlReason.OWNER_ASKED,
    ExportReason: ExportReason.SUBPOENA,
    VerifiedRange: VerifiedRange(1, 1, None, (), (), 0, 0, NotedPrunings(0, 0, (), (), None)),
    RegistrationForm: RegistrationForm("jroe88", Secret("x"), "Jane Roe", "1988-07-01", SSN),
}


@pytest.fixture
def right(case_application) -> Callable[[Any], Any]:
    """An argument of the type that a hint asks for; there need not be such a record."""
    known = RIGHT | {CaseApplication: case_application}

    def made(hint: Any) -> Any:
        parts = [part for part in typing.get_args(hint) if part is not Ellipsis]
        if type(None) in parts:
            return None
        if typing.get_origin(hint) is Sequence:
            return (made(parts[0]),)
        return known[hint] if hint in known else made(parts[-1])

    return made


def refusal_of(call: Callable[[], object]) -> DcssError | None:
    """What a call refuses with; any error but ours comes out and fails the test."""
    try:
        returned = call()
        if isinstance(returned, GeneratorType):
            list(returned)
    except DcssError as refusal:
        given = refusal
    else:
        return None
    assert [trace for trace in TRACES if trace in str(given)] == []
    return given


@pytest.mark.parametrize(("area", "name", "argument"), tuple(verbs()))
def test_a_verb_given_another_type_refuses_and_repeats_nothing(agency, right, area, name, argument):
    verb = getattr(getattr(agency, area), name)
    hints = typing.get_type_hints(verb)
    arguments = {each: right(hints[each]) for each in inspect.signature(verb).parameters}
    # a sequence number that is asked for is no wrong type, and a message may name it
    wrong = {word: value for word, value in WRONG.items() if (word, hints[argument]) not in NO_SECRET}
    refused = {
        word: refusal_of(partial(verb, **arguments | {argument: value})) for word, value in wrong.items()
    }
    object_refused = refused["an object"]
    assert isinstance(object_refused, InvalidInputError)
    assert f"argument '{argument}': found an object, expected" in str(object_refused)


def test_no_verb_was_passed_over():
    doors = {f"{each.values[0]}.{each.values[1]}" for each in verbs()}
    assert {"accounts.sign_in", "cases.open", "payments.identify", "audit.entries"} <= doors
    assert {"sessions.end", "credentials.change_password", "oversight.close", "staff.appoint"} <= doors
    assert len(doors) >= 40


def test_every_wrong_argument_is_named_at_once(agency, clerk):
    with pytest.raises(InvalidInputError) as caught:
        agency.payments.identify(5, "0004567890", by="clerk")
    assert [str(fault) for fault in caught.value.faults] == [
        "argument 'receipt_id': found an int, expected a str",
        "argument 'case_number': found a str, expected a CaseNumber",
        "argument 'by': found a str, expected a SessionToken or an Actor",
    ]


# --- the values a front end makes ------------------------------------------------------------------------

NAME = PersonName("Jane", "Roe")
VALUES = [
    NAME,
    NewParticipant(Role.CHILD, NAME, date(2018, 5, 4)),
    KnownParticipant(Role.CHILD, "person-1"),
    NewObligation(Money("1.00"), date(2024, 4, 1)),
    OpeningArrears(Month(2025, 11), Money("1.00")),
    CaseApplication(CaseNumber("1"), date(2026, 1, 2), (), date(2024, 3, 1), "13", ()),
    RegistrationForm("jroe88", Secret("x"), "Jane Roe", "1988-07-01", Secret("x")),
    Answer("first_pet", Secret("Rex")),
    Actor.staff("worker-17"),
    Month(2026, 1),
    Message("m1", Secret("jane@example.com"), "subject", Secret("body")),
    MasterKey("k1", Secret("1" * 64)),
    KeyRing((MasterKey("k1", Secret("1" * 64)),)),
]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(value, field.name, id=f"{type(value).__name__}.{field.name}")
        for value in VALUES
        for field in attrs.fields(type(value))
    ],
)
def test_a_value_is_not_made_with_a_field_of_another_type(value, field):
    given = {each.name: getattr(value, each.name) for each in attrs.fields(type(value))}
    for wrong in WRONG.values():
        refusal_of(lambda wrong=wrong: type(value)(**given | {field: wrong}))
    refusal = refusal_of(lambda: type(value)(**given | {field: object()}))
    assert isinstance(refusal, InvalidInputError)
    assert f"{type(value).__name__}.{field}: found an object, expected" in str(refusal)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Secret(None),
        lambda: SessionToken(None),
        lambda: Ssn(None),
        lambda: Month(2026, None),
        lambda: Month(True, 1),
        lambda: Month.of("2026-01-07"),
        lambda: Month(2026, 1).plus(None),
        lambda: Actor.staff(None),
        lambda: Actor.parent(5),
    ],
)
def test_what_is_made_by_hand_refuses_other_types(call):
    assert isinstance(refusal_of(call), InvalidInputError)


@pytest.mark.parametrize("day", [None, "2026-01-07", datetime(2026, 1, 7, tzinfo=UTC)])
def test_rules_are_asked_for_a_day(agency, day):
    with pytest.raises(InvalidInputError, match=r"argument 'day': found .*, expected a date"):
        agency.jurisdiction.on(day)


# --- opening -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("argument", list(inspect.signature(open_agency).parameters))
def test_an_agency_opened_with_another_type_is_refused(opener, argument, wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # what is text already is a name the caller needs to see: a path, a plugin, a jurisdiction
    is_shown = argument in ("keys", "jurisdiction", "required_plugins")
    arguments = {"url": "memory:"} | {("url" if argument == "storage" else argument): WRONG[wrong]}
    if is_shown:
        with pytest.raises(DcssError):
            opener(**arguments)
    else:
        refusal_of(partial(opener, **arguments))


def test_opening_names_every_wrong_argument_at_once():
    with pytest.raises(ConfigurationError) as caught:
        open_agency(
            "memory:",
            jurisdiction="US-GA",
            keys=5,
            channels="letters:mail",
            subscribers=[None],
            plugins=None,
            required_plugins="abc",
        )
    assert [str(fault) for fault in caught.value.faults] == [
        "argument 'keys': found an int, expected a KeyRing or a str or a Path",
        "argument 'channels': found a str, expected a list or tuple of str or None",
        "argument 'subscribers', item 1: found None, expected a str",
        "argument 'plugins': found None, expected a list or tuple of object",
        "argument 'required_plugins': found a str, expected a list or tuple of str",
    ]


@pytest.mark.parametrize("call", [create_key_file, read_key_file])
@pytest.mark.parametrize("path", [None, 5, b"keys.json", object()])
def test_a_key_file_is_named_by_a_path(call, path):
    with pytest.raises(ConfigurationError, match="argument 'path'"):
        call(path)


@pytest.mark.parametrize("call", [create_key_file, read_key_file])
def test_a_path_that_can_be_none_is_said(call):
    with pytest.raises(ConfigurationError, match="no path of a key file"):
        call("keys\0.json")


def test_a_key_id_is_text(tmp_path):
    with pytest.raises(ConfigurationError, match="argument 'key_id': found None, expected a str"):
        create_key_file(tmp_path / "keys.json", key_id=None)
