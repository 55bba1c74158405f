"""Records and their stored form: what goes in comes out, whatever the record."""

import functools
import gc
import sys
import traceback
import typing
from datetime import UTC, date, datetime
from enum import Enum

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from dcss_core import CaseNumber, ClientId, Irn, Itin, KeyRing, Money, Month, Secret, Ssn
from dcss_core.agency.accounts.own_factors import listed
from dcss_core.agency.work.mapping.nested_json import from_json, to_json
from dcss_core.agency.work.records import keep
from dcss_core.agency.work.sealing import Sealer
from dcss_core.errors import BackendError, InvalidInputError, InvariantError
from dcss_core.opening.machine import SystemRandomness
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import CaseAccount, Debt
from dcss_core.ports.keys import MasterKey
from dcss_core.ports.storage import FieldKind
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.second_factor.factor import HeldFactor, SecondFactor
from dcss_core.users.second_factor.saved_codes import SavedCodes

from .agreeing import AGREEING
from .kept import EVERY

SEALER = Sealer(KeyRing((MasterKey("k1", Secret("1" * 64)),)), SystemRandomness())

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
    Itin: st.integers(0, 15).map(lambda n: Itin(f"9{n:02d}{50 + n}{1000 + n}")),  # made, never written down
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
        one = of(HeldFactor)
        some = st.lists(one, max_size=3)
        return st.builds(second_factors, some, st.none() | one, instants, of(SavedCodes), st.none() | texts)
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


def second_factors(held, begun, at, saved_codes, handle):
    """Second factors, whose fields have to agree with one another."""
    factor = SecondFactor("a-1")
    for number, each in enumerate(held):
        factor = factor.enrolled(attrs.evolve(each, factor_id=str(number)), saved_codes, at)
    return factor if begun is None else factor.beginning(begun, at, handle=handle)


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


def test_what_is_wrong_with_a_value_names_the_column():
    with pytest.raises(InvariantError) as caught:
        SAMPLES.from_row(sealed_row(colour="blue", amount_cents=10**15), SEALER)
    told = "what is stored in samples.amount_cents can't be read; was it changed by hand?"
    assert str(caught.value) == told  # the first of them in the order of the fields


def test_a_row_without_a_column_is_no_row_of_the_collection():
    row = sealed_row()
    del row["count"]
    with pytest.raises(KeyError, match="count"):
        SAMPLES.from_row(row, SEALER)


# --- keys and streams ----------------------------------------------------------------------------------


@attrs.frozen
class Moved:
    case_number: CaseNumber
    amount: Money


MOVED = keep(Moved, "moved", log=True, stream="case_number", indexes=(("amount", "seq"),))
ENTRY = Moved(CaseNumber("A1"), Money("2.00"))


def test_a_log_of_streams_is_keyed_by_its_stream_and_the_number_in_it():
    assert MOVED.collection.key_fields == ("case_number", "seq")
    assert MOVED.key((CaseNumber("A1"), 7)) == ("A1", 7)
    assert MOVED.key_of(ENTRY, 7) == ("A1", 7)
    assert (MOVED.stream_attribute, SAMPLES.stream_attribute) == ("case_number", None)


def test_an_entry_stands_in_an_order_with_its_number():
    assert MOVED.place(ENTRY, 7) == {"case_number": "A1", "amount_cents": 200, "seq": 7}
    assert MOVED.index(("amount", "seq")) == ("amount_cents", "seq")


def test_the_stream_is_given_by_the_field_and_stored_by_the_column():
    @attrs.frozen
    class Banked:
        total: Money

    banked = keep(Banked, "banked", log=True, stream="total")
    assert banked.collection.stream == "total_cents"
    assert banked.key_of(Banked(Money("2.00")), 1) == (200, 1)


@pytest.mark.parametrize("key", [7, (CaseNumber("A1"),), (CaseNumber("A1"), 1, 2), ()], ids=str)
def test_what_is_no_stream_and_number_is_left_for_the_collection_to_refuse(key):
    with pytest.raises(InvalidInputError, match="searched"):
        MOVED.collection.check_keys([MOVED.key(key)])


def test_a_log_without_streams_is_keyed_by_the_number():
    plain = keep(Moved, "moved", log=True)
    assert (plain.key(7), plain.key_of(ENTRY, 7)) == (7, 7)


def test_records_are_keyed_by_their_field():
    assert SAMPLES.key_of(SAMPLE) == SAMPLES.key("s-1") == "s-1"
    assert "secret" not in SAMPLES.place(SAMPLE)


def test_a_log_of_streams_can_hold_no_secret_either():
    with pytest.raises(InvariantError, match="never replaced"):
        keep(Sample, "samples", log=True, stream="sample_id")


# --- functions written out at first use --------------------------------------------------------------


def called_by(call):
    """The names of the functions that run meanwhile."""
    names = set()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _arg: names.add(frame.f_code.co_name) if event == "call" else None)
    try:
        call()
    finally:
        sys.setprofile(before)
    return names


@pytest.mark.parametrize("records", [*EVERY, SAMPLES], ids=lambda records: records.collection.name)
@settings(max_examples=5)
@given(data=st.data())
def test_a_sound_row_is_read_without_looking_at_it_twice(records, data):
    record = SAMPLE if records is SAMPLES else data.draw(instances(records.record))
    row = {**records.to_row(record, SEALER, version=1), "version": 1}
    names = called_by(lambda: records.from_row(row, SEALER))
    assert "from_row" in names
    assert "_carefully" not in names


def test_a_traceback_shows_the_line_that_failed_and_no_value():
    @attrs.frozen
    class Odd:
        odd_id: str
        colour: Colour

    records = keep(Odd, "odd", key="odd_id")
    with pytest.raises(AttributeError) as caught:
        records.to_row(Odd("o-1", "walrus"), SEALER, version=1)
    shown = "".join(traceback.format_exception(caught.value))
    assert "<to_row of odd>" in shown
    assert "colour = colour._value_" in shown


@attrs.frozen
class Confusing:
    """Fields named as the words of the functions that read and write them."""

    key: str
    row: int
    sealer: Month
    record: Money
    version: Money
    len: tuple[str, ...]
    str: Secret = attrs.field(kw_only=True)
    type: Colour = Colour.RED


def test_a_field_may_have_any_name():
    records = keep(Confusing, "confusing", key="key")
    record = Confusing(
        "k", 1, Month(2026, 1), Money("1.00"), Money("2.00"), ("a", "b"), str=Secret("hush"), type=Colour.RED
    )
    row = records.to_row(record, SEALER, version=4)
    assert (row["row"], row["version_cents"], row["len"], row["type"]) == (1, 200, '["a","b"]', "red")
    assert records.from_row({**row, "version": 4}, SEALER) == record
    assert "_carefully" not in called_by(lambda: records.from_row({**row, "version": 4}, SEALER))


def test_a_constructor_written_by_hand_gets_each_field_by_its_name():
    @attrs.frozen(init=False)
    class Turned:
        first: str
        second: str

        def __init__(self, second, first):
            self.__attrs_init__(first, second)

    records = keep(Turned, "turned", key="first")
    assert records.from_row({"first": "1", "second": "2", "version": 1}, SEALER) == Turned("2", "1")


# --- what is remembered --------------------------------------------------------------------------------


def remembered_texts():
    """Every text that is a key in some bounded cache of this process."""
    caches = [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]
    kept = [inner for cache in caches for inner in gc.get_referents(cache) if isinstance(inner, dict)]
    return {key for each in kept for key in each if type(key) is str}


def secrets_alive(text):
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, Secret) and each.reveal() == text]


@attrs.frozen
class Guarded:
    """What nobody may find in a cache, beside what anybody may."""

    guarded_id: str
    case_number: CaseNumber
    part: Part
    secret: Secret
    ssn: Ssn
    sealed_parts: tuple["SealedPart", ...]
    codes: SavedCodes
    password_hash: PasswordHash


@attrs.frozen
class SealedPart:
    month: Month
    amount: Money
    secret: Secret


@attrs.frozen
class Public:
    """A record without a secret; what `repr` does not show is hidden all the same."""

    public_id: str
    case_number: CaseNumber
    parts: tuple[Part, ...]
    codes: SavedCodes
    password_hash: PasswordHash


PUBLIC = keep(Public, "public", key="public_id")


def public_row(codes="a code", password_hash="$a$hash", **changes):
    parts = (Part(Money("88.41"), date(2026, 1, 7)),)
    codes, password_hash = SavedCodes((codes,)), PasswordHash(password_hash, "k1")
    record = Public("p-1", CaseNumber("KEPT1"), parts, codes, password_hash)
    return {**PUBLIC.to_row(record, SEALER, version=1), "version": 1, **changes}


def test_of_a_record_without_a_secret_all_is_kept_but_what_repr_does_not_show():
    PUBLIC.from_row(public_row(codes="hash of another code", password_hash="$another$hash"), SEALER)
    texts = remembered_texts()
    assert {"KEPT1", '[{"amount":"88.41","on":"2026-01-07"}]', "88.41"} <= texts
    assert [text for text in texts if "another code" in text or "another$hash" in text] == []


def test_of_a_record_with_a_secret_nothing_is_kept_once_it_was_read():
    records = keep(Guarded, "guarded", key="guarded_id")
    part = Part(Money("77.31"), date(2026, 1, 7))
    record = Guarded(
        "g-1",
        CaseNumber("BESIDE1"),
        part,
        Secret("sealed alone"),
        Ssn("900-01-7731", accept_never_issued=True),
        (SealedPart(Month(7731, 1), Money("77.32"), Secret("sealed within")),),
        SavedCodes(("hash of a code",)),
        PasswordHash("$hash$of$a$password", "k1"),
    )
    row = {**records.to_row(record, SEALER, version=1), "version": 1}
    before = set(remembered_texts())  # what other tests of this process had remembered
    read = records.from_row(row, SEALER)
    assert read == record
    texts = [text for text in remembered_texts() if text not in before]
    beside = ("BESIDE1", "77.31")
    hidden = ("sealed alone", "900017731", "sealed within", "7731-01", "77.32", "of a code", "$a$password")
    assert [text for text in texts if any(part in text for part in (*beside, *hidden))] == []
    del read, record
    gc.collect()
    assert [secrets_alive(text) for text in ("sealed alone", "900017731", "sealed within")] == [[], [], []]


def test_a_value_that_can_change_is_made_anew_for_each_record():
    @attrs.define
    class Changing:
        words: tuple[str, ...]

    @attrs.frozen
    class Holding:
        holding_id: str
        inner: Changing
        listed: tuple[Changing, ...]

    records = keep(Holding, "holding", key="holding_id")
    row = {**records.to_row(Holding("h", Changing(("a",)), ()), SEALER, version=1), "version": 1}
    records.from_row(row, SEALER).inner.words = ("b",)
    assert records.from_row(row, SEALER).inner == Changing(("a",))


def test_equal_texts_are_read_as_one_value_and_long_ones_are_not_kept():
    short = public_row()
    long = {**short, "parts": short["parts"] + " " * 1_000}
    assert PUBLIC.from_row(short, SEALER).parts is PUBLIC.from_row(short, SEALER).parts
    assert PUBLIC.from_row(long, SEALER).parts == PUBLIC.from_row(short, SEALER).parts
    assert long["parts"] not in remembered_texts()


def test_a_text_that_was_refused_is_refused_again():
    for _ in range(2):
        with pytest.raises(InvariantError, match=r"public\.case_number"):
            PUBLIC.from_row(public_row(case_number="000"), SEALER)


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


def test_the_second_factor_of_a_version_before_is_read_as_the_only_one_of_its_owner():
    """Its sealed text stays as that version wrote it, until something of it changes."""
    [records] = [each for each in EVERY if each.collection.name == "second_factors"]
    at = datetime(2026, 11, 2, 14, tzinfo=UTC)
    row = records.to_row(SecondFactor("a-1"), SEALER, version=3)
    written = '{"method":"totp","secret":"GEZDGNBV","state":"41152263"}'
    in_force = SEALER.seal(written, "second_factors/in_force/a-1/3")
    begun = SEALER.seal('{"method":"totp","secret":"GEZD","state":null}', "second_factors/begun/a-1/3")
    read = records.from_row(
        {**row, "version": 3, "in_force": in_force, "enrolled_at": at, "begun": begun, "begun_at": at},
        SEALER,
    )
    assert read.factors == (HeldFactor("totp", Secret("GEZDGNBV"), "41152263"),)
    assert read.begun == HeldFactor("totp", Secret("GEZD"))
    assert [(each.name, each.enrolled_at) for each in listed(read)] == [("totp", at)]
