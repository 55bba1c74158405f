import json
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import ClassVar

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core import Actor, CaseNumber, Money, Month, Secret, Ssn
from dcss_core.audit.entry import AuditEntry, canonical_json
from dcss_core.base.events import Event
from dcss_core.errors import InvariantError

NOW = datetime(2026, 1, 7, 15, 0, tzinfo=UTC)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@attrs.frozen
class Happened(Event):
    kind: ClassVar[str] = "happened"
    about: ClassVar[tuple[str, str]] = ("case", "case_number")
    case_number: CaseNumber | None
    detail: object = None


def written(detail, **options):
    entry = AuditEntry.of(Happened(CaseNumber("A1"), detail), at=NOW, actor=Actor.staff("w-17"), **options)
    return json.loads(entry.details)["detail"]


def test_an_entry_names_kind_subject_actor_and_instant():
    entry = AuditEntry.of(Happened(CaseNumber("A1")), at=NOW, actor=Actor.staff("w-17"), source="203.0.113.7")
    assert entry == AuditEntry(
        NOW, "happened", "staff:w-17", "case:A1", "203.0.113.7", '{"case_number":"A1","detail":null}'
    )


def test_amounts_days_and_lists_are_written_as_text_a_machine_reads_back():
    assert written(Money("1234.50")) == "1234.50"
    assert written(Month(2026, 1)) == "2026-01"
    assert written(date(2026, 1, 7)) == "2026-01-07"
    assert written(NOW) == "2026-01-07T15:00:00+00:00"
    assert written((1, "two", (True, None))) == [1, "two", [True, None]]


@pytest.mark.parametrize(
    "detail",
    [1.5, Secret("hush"), Ssn("900-01-0001", accept_never_issued=True), b"x", {"a": 1}, (1.5,), object()],
)
def test_a_float_a_secret_or_any_other_thing_cannot_be_recorded(detail):
    with pytest.raises(InvariantError, match=r"happened\.detail") as caught:
        written(detail)
    assert "hush" not in str(caught.value)


@given(st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), plain, max_size=5))
def test_the_order_of_keys_does_not_count(details):
    backwards = dict(reversed(details.items()))
    assert canonical_json(details) == canonical_json(backwards)


def test_two_spellings_of_one_letter_are_one_text():
    # é as one code point, and as e with a combining accent (Unicode Standard Annex #15)
    assert canonical_json({"name": "caf\u00e9"}) == canonical_json({"name": "cafe\u0301"})


def test_the_text_is_the_same_whatever_the_seed_of_the_hash():
    code = (
        "from dcss_core.audit.entry import canonical_json;"
        "print(canonical_json({name: [name, 1] for name in {'b', 'a', 'c', 'd'}}))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {'{"a":["a",1],"b":["b",1],"c":["c",1],"d":["d",1]}\n'}


def test_no_line_break_of_a_detail_breaks_the_line():
    assert "\n" not in canonical_json({"text": "one\ntwo\r\n\u2028three"})


@pytest.mark.parametrize(("length", "kept"), [(200, 200), (201, 200), (10_000, 200)])
def test_of_where_a_request_came_from_two_hundred_characters_are_kept(length, kept):
    entry = AuditEntry.of(Happened(CaseNumber("A1")), at=NOW, actor=Actor.staff("w-17"), source="x" * length)
    assert len(entry.source) == kept
