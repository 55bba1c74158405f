"""Tables in HTML: headings with their scope, every text escaped, settings in words."""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

import attrs

from dcss_core.base.html.settings import html_settings
from dcss_core.base.html.table import html_notes, html_table
from dcss_core.base.money import Money

HOSTILE = "<img src=x onerror='alert(1)'> & \"more\""
ESCAPED = "&lt;img src=x onerror=&#x27;alert(1)&#x27;&gt; &amp; &quot;more&quot;"


class Sort(Enum):
    ISSUED_CODE = "issued_code"


@attrs.frozen
class Limit:
    failures: int
    closed_for: timedelta


@attrs.frozen
class Policy:
    name: str
    is_strict: bool
    is_loose: bool
    sorts: tuple[Sort, ...]
    limits: Mapping[Sort, Limit]
    listed: frozenset[str]
    many: Mapping[int, int]
    lasts: timedelta | None
    window: timedelta
    pause: timedelta
    nothing: tuple[str, ...] = ()


def test_a_table_has_a_caption_and_headings_with_their_scope():
    html = html_table("Sums", ("month", "paid"), [("2026-01", Money("1234.50"))], has_row_headings=True)
    assert html == (
        "<table><caption>Sums</caption>"
        '<thead><tr><th scope="col">month</th><th scope="col">paid</th></tr></thead>'
        '<tbody><tr><th scope="row">2026-01</th><td style="text-align:right">$1,234.50</td></tr></tbody>'
        "</table>"
    )


def test_totals_stand_in_the_foot_and_nothing_is_an_empty_cell():
    html = html_table("Sums", ("a", "b"), [(None, "x")], totals=("total", 3))
    assert "<tbody><tr><td></td><td>x</td></tr></tbody>" in html
    assert '<tfoot><tr><td>total</td><td style="text-align:right">3</td></tr></tfoot>' in html


def test_every_text_is_escaped_wherever_it_stands():
    html = html_table(HOSTILE, (HOSTILE,), [(HOSTILE,)], totals=(HOSTILE,)) + html_notes([HOSTILE])
    assert html.count(ESCAPED) == 5
    assert "<img" not in html
    assert ESCAPED in html_table("", ("a",), [(HOSTILE,)], has_row_headings=True)


def test_a_policy_is_told_setting_by_setting_in_words():
    policy = Policy(
        name=HOSTILE,
        is_strict=True,
        is_loose=False,
        sorts=(Sort.ISSUED_CODE,),
        limits={Sort.ISSUED_CODE: Limit(3, timedelta(hours=2))},
        listed=frozenset({"otter", "canoe"}),
        many={number: number for number in range(20)},
        lasts=None,
        window=timedelta(days=1),
        pause=timedelta(seconds=90),
    )
    html = html_settings("Policy", policy)
    rows = (
        ("name", ESCAPED),
        ("is strict", "yes"),
        ("is loose", "no"),
        ("sorts", "issued code"),
        ("limits: issued code: failures", "3"),
        ("limits: issued code: closed for", "2 hours"),
        ("listed", "2 entries"),
        ("many", "20 entries"),
        ("lasts", "none"),
        ("window", "1 day"),
        ("pause", "0:01:30"),
        ("nothing", "none"),
    )
    body = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows)
    assert f"<tbody>{body}</tbody>" in html
