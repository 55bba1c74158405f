"""The quick look at rows says what Field.admits says, whatever the value."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvariantError
from dcss_core.ports.storage import Collection, Field, FieldKind


class Word(str):
    __slots__ = ()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([-(2**63) - 1, -(2**63), 2**63 - 1, 2**63, 1.0]),
    st.text(),
    st.text(st.characters(categories=("Cs", "Lo")), max_size=3),
    st.just(Word("text")),
    st.binary(max_size=3),
    st.just(bytearray(b"x")),
    st.dates(),
    st.datetimes(timezones=st.none() | st.sampled_from([UTC, UTC, timezone(timedelta(hours=1))])),
    st.just(datetime(2026, 1, 7, tzinfo=timezone(timedelta(0), "GMT"))),
    st.just(datetime(2026, 1, 7, tzinfo=ZoneInfo("UTC"))),
    st.just(datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London"))),
)
FIELDS = tuple(
    Field(f"{kind.value}_{'optional' if optional else 'required'}", kind, optional)
    for kind in FieldKind
    for optional in (False, True)
)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(VALUES)
def test_a_row_is_refused_exactly_when_its_field_does_not_admit_the_value(
    field: Field, value: object
) -> None:
    things = Collection("things", (Field("thing_id", FieldKind.TEXT), field), key="thing_id")
    row = {"thing_id": "t-1", field.name: value}
    if field.admits(value):
        things.check_rows([row])
        return
    with pytest.raises(InvariantError) as refusal:
        things.check_rows([row])
    assert [fault.where for fault in refusal.value.faults] == [f"things.{field.name}"]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(0), "GMT"), ZoneInfo("UTC")])
def test_an_instant_of_a_zone_that_is_always_utc_is_one(zone: tzinfo) -> None:
    instant = Field("at", FieldKind.INSTANT)
    assert instant.admits(datetime(2026, 1, 7, tzinfo=zone))


@pytest.mark.parametrize("fold", [0, 1])
def test_an_instant_of_a_zone_that_has_no_offset_just_now_is_none(fold: int) -> None:
    # Python finds such an instant equal to none in UTC, so nobody would find what is kept under it
    london = datetime(2026, 1, 7, fold=fold, tzinfo=ZoneInfo("Europe/London"))
    assert not Field("at", FieldKind.INSTANT).admits(london)


def called_by(call: Callable[[], object]) -> set[str]:
    """The names of the functions that run meanwhile."""
    names: set[str] = set()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _arg: names.add(frame.f_code.co_name) if event == "call" else None)
    try:
        call()
    finally:
        sys.setprofile(before)
    return names


SOUND = {
    "text_required": "x",
    "integer_required": 1,
    "boolean_required": True,
    "date_required": date(2026, 1, 7),
    "instant_required": datetime(2026, 1, 7, tzinfo=UTC),
    "bytes_required": b"x",
    **{f"{kind.value}_optional": None for kind in FieldKind},
}
EVERYTHING = Collection("everything", FIELDS, key="text_required")


LIMITS = {
    "text_required": "e\u0301\U0001f600",
    "text_optional": "",
    "integer_required": -(2**63),
    "integer_optional": 2**63 - 1,
    "boolean_optional": False,
    "date_optional": date.max,
    "instant_required": datetime(2026, 1, 7, tzinfo=timezone(timedelta(0), "GMT")),
    "instant_optional": datetime.max.replace(tzinfo=UTC),
    "bytes_optional": b"",
}


@pytest.mark.parametrize("row", [SOUND, dict(reversed(SOUND.items())), {**SOUND, **LIMITS}])
def test_a_sound_row_passes_without_a_look_at_each_field(row: dict[str, object]) -> None:
    names = called_by(lambda: EVERYTHING.check_rows([SOUND, row]))
    assert "fit" in names
    assert not names & {"admits", "_refuse_rows"}


@pytest.mark.parametrize("name", SOUND)
def test_a_row_that_lacks_a_field_is_refused_after_sound_ones(name: str) -> None:
    row = {key: value for key, value in SOUND.items() if key != name}
    with pytest.raises(InvariantError) as refusal:
        EVERYTHING.check_rows([SOUND, row])
    assert [(fault.where, fault.found) for fault in refusal.value.faults] == [
        (f"everything.{name}", "nothing")
    ]


def test_a_field_too_many_and_one_in_place_of_another_are_named() -> None:
    with pytest.raises(InvariantError) as refusal:
        EVERYTHING.check_rows([{**SOUND, "walrus": 1}])
    assert [fault.where for fault in refusal.value.faults] == ["everything.walrus"]
    swapped = {**SOUND, "walrus": 1}
    del swapped["bytes_optional"]
    with pytest.raises(InvariantError) as refusal:
        EVERYTHING.check_rows([swapped])
    assert [fault.where for fault in refusal.value.faults] == [
        "everything.bytes_optional",
        "everything.walrus",
    ]


def test_no_rows_are_no_fault() -> None:
    EVERYTHING.check_rows([])
