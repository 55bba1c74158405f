"""Records and their stored form: what goes in comes out, whatever the record."""

import typing
from datetime import UTC, date, datetime
from enum import Enum

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from dcss_core import CaseNumber, ClientId, Irn, KeyRing, Money, Month, Secret, Ssn
from dcss_core.agency import agency as areas
from dcss_core.agency.work.nested_json import from_json, to_json
from dcss_core.agency.work.records import keep
from dcss_core.agency.work.sealing import Sealer
from dcss_core.errors import BackendError, InvariantError
from dcss_core.opening.machine import SystemRandomness
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import CaseAccount, Debt
from dcss_core.ports.keys import MasterKey
from dcss_core.ports.storage import FieldKind
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.second_factor.factor import FactorKey, SecondFactor
from dcss_core.users.second_factor.saved_codes import SavedCodes

from .agreeing import AGREEING

SEALER = Sealer(KeyRing((MasterKey("k1", Secret("1" * 64)),)), SystemRandomness())
EVERY = areas._EVERY_RECORD

# --- any instance of any record, from its type hints ---------------------------------------------------

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
instants = st.datetimes(timezones=st.just(UTC))
for type_, strategy in {
    str: texts,
    int: st.integers(-(2**63), 2**63 - 1),
    datetime: instants,
    date: st.dates(),
    Secret: texts.map(Secret),
    Ssn: st.integers(1, 9999).map(lambda n: Ssn(f"900-01-{n:04d}", accept_never_issued=True)),
    Money: st.integers(-(10**15) + 1, 10**15 - 1).map(Money.from_cents),
    Month: st.builds(Month, st.integers(1, 9998), st.integers(1, 12)),
    CaseNumber: st.from_regex(r"[1-9A-Z][0-9A-Z]{0,15}", fullmatch=True).map(CaseNumber),
    Irn: st.from_regex(r"[0-9A-Z]{4,20}", fullmatch=True).map(Irn),
    ClientId: st.from_regex(r"[0-9A-Z]{4,20}", fullmatch=True).map(ClientId),
}.items():
    st.register_type_strategy(type_, strategy)


def instances(record):
    """Any instance of a record, built from its type hints and not from its defaults."""
    if record is SecondFactor:
        return st.builds(second_factor, of(FactorKey), instants, of(SavedCodes), st.booleans(), st.booleans())
    hints = typing.get_type_hints(record)
    fields = {field.name: of(hints[field.name]) for field in attrs.fields(record)}
    return st.builds(AGREEING.get(record, record), **fields)


def of(hint):
    if typing.get_origin(hint) is tuple:
        return st.lists(of(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if typing.get_args(hint):
        return st.one_of([of(each) for each in typing.get_args(hint)])
    if isinstance(hint, type) and attrs.has(hint) and hint not in (Money, Month, CaseNumber, Irn, ClientId):
        return instances(hint)
    return st.from_type(hint)


def second_factor(key, at, saved_codes, is_enrolled, is_begun):
    """A second factor, whose fields have to agree with one another."""
    factor = SecondFactor("a-1").enrolled(key, saved_codes, at) if is_enrolled else SecondFactor("a-1")
    return factor.beginning(key, at) if is_begun else factor


@pytest.mark.parametrize("records", EVERY, ids=lambda records: records.collection.name)
@settings(max_examples=25)
@given(data=st.data())
def test_every_record_comes_back_as_it_was(records, data):
    record = data.draw(instances(records.record))
    row = records.to_row(record, SEALER, version=3)
    assert {field.name for field in records.collection.fields} == set(row)
    assert all(field.admits(row[field.name]) for field in records.collection.fields)
    assert records.from_row({**row, "version": 3}, SEALER) == record


def test_there_is_a_collection_for_each_kind_of_record_and_each_name_is_there_once():
    names = [records.collection.name for records in EVERY]
    assert len(names) == len(set(names))
    assert len({records.record for records in EVERY}) == len(EVERY)


# --- what a DBA sees -----------------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"


@attrs.frozen
class Part:
    amount: Money
    on: date


@attrs.frozen
class Sample:
    sample_id: str
    amount: Money
    month: Month
    colour: Colour
    case_number: CaseNumber | None
    at: datetime
    count: int
    is_good: bool
    parts: tuple[Part, ...]
    secret: Secret | None
    secrets: tuple[Secret, ...]


SAMPLES = keep(Sample, "samples", key="sample_id", indexes=(("amount",),))
SAMPLE = Sample(
    "s-1",
    Money("-12.34"),
    Month(2026, 1),
    Colour.RED,
    CaseNumber("A1"),
    datetime(2026, 1, 7, 15, tzinfo=UTC),
    7,
    True,
    (Part(Money("1.00"), date(2026, 1, 7)),),
    Secret("hush"),
    (Secret("one"), Secret("two")),
)


def sealed_row(**changes):
    return {**SAMPLES.to_row(SAMPLE, SEALER, version=1), "version": 1, **changes}


def test_scalar_fields_are_columns_of_their_own_type():
    row = sealed_row()
    assert row["amount_cents"] == -1234
    assert (row["month"], row["colour"], row["case_number"]) == ("2026-01", "red", "A1")
    assert (row["at"], row["count"], row["is_good"]) == (SAMPLE.at, 7, True)
    assert row["parts"] == '[{"amount":"1.00","on":"2026-01-07"}]'
    kinds = {field.name: field.kind for field in SAMPLES.collection.fields}
    assert kinds["amount_cents"] is FieldKind.INTEGER
    assert SAMPLES.collection.indexes == (("amount_cents",),)


def test_whatever_is_or_holds_a_secret_is_sealed():
    row = sealed_row()
    for name in ("secret", "secrets"):
        assert isinstance(row[name], bytes)
        for plain in (b"hush", b"one", b"two"):
            assert plain not in row[name]


def test_none_is_stored_as_none_even_where_it_would_be_sealed():
    row = SAMPLES.to_row(attrs.evolve(SAMPLE, secret=None), SEALER, version=1)
    assert row["secret"] is None


@pytest.mark.parametrize(
    "place",
    [{"version": 2}, {"sample_id": "s-2"}],
    ids=["an older version put back", "another record"],
)
def test_a_sealed_field_does_not_open_elsewhere(place):
    with pytest.raises(BackendError, match="changed or moved"):
        SAMPLES.from_row(sealed_row(**place), SEALER)


def test_a_sealed_field_does_not_open_in_another_field():
    row = sealed_row()
    with pytest.raises(BackendError, match="changed or moved"):
        SAMPLES.from_row({**row, "secrets": row["secret"]}, SEALER)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("colour", "blue"),
        ("month", "2026-13"),
        ("case_number", ""),
        ("parts", "not JSON"),
        ("parts", '[{"amount":"1.00"}]'),
    ],
)
def test_a_value_changed_by_hand_is_named_by_its_place_and_never_shown(column, value):
    with pytest.raises(InvariantError, match="by hand") as caught:
        SAMPLES.from_row(sealed_row(**{column: value}), SEALER)
    assert not value or value not in str(caught.value)


BY_HAND = [
    ("receipts", {"amount_cents": 0}, "its amount is more than zero"),
    ("receipts", {"status": "distributed", "case_number": None}, "it has a case unless it is held"),
    ("obligations", {"due_day": 32}, "1 to 31"),
    ("participations", {"person_id": "somebody else"}, "its id is made of case, role and person"),
    ("postings", {"amount_cents": 0}, "moves more than nothing"),
    ("postings", {"hold_reason": "case_closed", "payee_id": "p-1"}, "names what its place asks for"),
    ("distribution_lines", {"line": 0}, "numbered from 1"),
    ("accounts", {"credential_version": 0}, "numbered from 1"),
    ("sessions", {"idle_seconds": 0}, "rest for a while"),
    ("staff_resets", {"requested_by": "a-1"}, "nobody asks for their own"),
    ("outbox", {"attempts": -1}, "counted from 0"),
    ("receipts", {"amount_cents": None}, "receipts can't be right"),
    ("sessions", {"expires_at": None}, "sessions can't be right"),
]


@pytest.mark.parametrize(("name", "columns", "promise"), BY_HAND, ids=str)
@settings(max_examples=1)
@given(data=st.data())
def test_a_row_changed_by_hand_into_what_can_not_be_is_refused_when_it_is_read(name, columns, promise, data):
    [records] = [each for each in EVERY if each.collection.name == name]
    row = records.to_row(data.draw(instances(records.record)), SEALER, version=1)
    with pytest.raises(InvariantError, match="by hand") as caught:
        records.from_row({**row, "version": 1, **columns}, SEALER)
    assert promise in str(caught.value)


def test_a_debt_changed_by_hand_into_nothing_is_refused_with_the_account_it_stands_in():
    [records] = [each for each in EVERY if each.collection.name == "case_accounts"]
    debt = Debt("1/1", Month(2026, 1), Money("5.00"))
    row = records.to_row(CaseAccount(CaseNumber("1"), "p-1", Month(2026, 1), (debt,)), SEALER, version=1)
    changed = row["debts"].replace("5.00", "0.00")
    with pytest.raises(InvariantError, match="by hand"):
        records.from_row({**row, "version": 1, "debts": changed}, SEALER)


def test_a_posting_and_a_line_are_read_by_a_dba_without_prose():
    """Codes, cents and days: no sentence, and no book beside the place that tells it."""
    named = {each.collection.name: each for each in EVERY}
    columns = {field.name for field in named["postings"].collection.fields}
    assert {"place", "amount_cents", "hold_reason"} <= columns
    assert "book" not in columns
    not_taken = (NotTaken(Alternative.SENT_AHEAD, "45 CFR 302.51(b)"),)
    assert to_json(not_taken, tuple[NotTaken, ...]) == (
        '[{"alternative":"sent_ahead","citation":"45 CFR 302.51(b)"}]'
    )
    inputs = (Input(InputName.OWED_FOR_MONTH, Money("200.00"), month=Month(2026, 1)),)
    assert to_json(inputs, tuple[Input, ...]) == (
        '[{"amount":"200.00","debts":null,"month":"2026-01","name":"owed_for_month"}]'
    )


def test_a_log_can_hold_no_secret():
    with pytest.raises(InvariantError, match="never replaced"):
        keep(Sample, "samples", log=True)


def test_a_field_of_two_types_cannot_be_stored():
    @attrs.frozen
    class Either:
        key: str
        value: str | int

    with pytest.raises(InvariantError, match="one type"):
        keep(Either, "eithers", key="key")


# --- nested values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ('{"amount":"1.00","on":"2026-01-07","x":1}', Part),  # a key too many
        ('{"amount":"1.00"}', Part),  # a key too few
        ('{"amount":1.00,"on":"2026-01-07"}', Part),
        ('{"amount":100,"on":"2026-01-07"}', Part),
        ('{"amount":"1.0","on":"2026-01-07"}', Part),
        ('{"amount":"1.00","on":"20260107"}', Part),
        ('{"amount":"1.00","on":20260107}', Part),
        ('"abc"', tuple[str, ...]),
        ('{"a":"b"}', tuple[str, ...]),
        ("[1]", tuple[str, ...]),
        ('["1"]', tuple[int, ...]),
        ("[true]", tuple[int, ...]),
        ('["yes"]', tuple[bool, ...]),
        ("[null]", tuple[str, ...]),
        ('["2026-01-07T15:00:00"]', tuple[datetime, ...]),  # of which zone?
        ('["2026-01-07T15:00:00-05:00"]', tuple[datetime, ...]),
        ('["1.005"]', tuple[Money, ...]),
        ('["2026-1"]', tuple[Month, ...]),
        ('["blue"]', tuple[Colour, ...]),
        ("[12]", tuple[Secret, ...]),
        ("NaN", int),
        ("[1]]", tuple[int, ...]),
        ("null", Part),
        ("[]", Part),
    ],
)
def test_a_nested_value_of_another_shape_is_refused_without_being_shown(text, declared):
    with pytest.raises(InvariantError, match="can't be read back") as caught:
        from_json(text, declared)
    assert text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_field_added_later_with_a_default_is_read_from_older_text():
    @attrs.frozen
    class Grown:
        amount: Money
        is_sent: bool = False

    assert from_json('{"amount":"1.00"}', Grown) == Grown(Money("1.00"))


@given(st.lists(st.tuples(st.integers(0, 10**9), st.dates()), max_size=4))
def test_equal_nested_values_are_equal_text(pairs):
    value = tuple(Part(Money.from_cents(cents), on) for cents, on in pairs)
    text = to_json(value, tuple[Part, ...])
    assert to_json(from_json(text, tuple[Part, ...]), tuple[Part, ...]) == text


def test_failures_of_a_throttle_are_instants_again():
    throttle = ParticularsThrottle("k1:0", (datetime(2026, 1, 7, 15, tzinfo=UTC),))
    [records] = [each for each in EVERY if each.record is ParticularsThrottle]
    row = records.to_row(throttle, SEALER, version=1)
    assert row["failures"] == '["2026-01-07T15:00:00+00:00"]'
    assert records.from_row(row, SEALER) == throttle
