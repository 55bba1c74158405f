"""The picture of an explanation, docs/pictures/explanation.svg, drawn from what the library says.

`python docs/explanation_picture.py` draws it anew; tests/house/test_first_page.py says when that is due.
The payment is the first one of examples/first_day.ach.
"""

import re
import sys
import tempfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Final

import attrs

from dcss_core import Actor, Secret, create_key_file, open_agency
from dcss_core.testing import FrozenClock
from dcss_core.users import StaffRole

REPOSITORY: Final = Path(__file__).parents[1]
PICTURE: Final = Path(__file__).parent / "pictures" / "explanation.svg"
WIDTH: Final = 800
MARGIN: Final = 20
GAP: Final = 20
LETTERS_IN_A_LINE: Final = 50
LINE: Final = 17
STYLE: Final = """\
.why { --ink: var(--color-foreground-primary, #1f2328); --soft: var(--color-foreground-muted, #59636e);
  --line: var(--color-foreground-border, #8b949e); --paper: var(--color-background-secondary, #f6f8fa);
  --key: var(--color-brand-primary, #0a4bff); font: 13px system-ui, sans-serif;
  max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  .why { --ink: var(--color-foreground-primary, #e6edf3); --soft: var(--color-foreground-muted, #9198a1);
    --line: var(--color-foreground-border, #59636e); --paper: var(--color-background-secondary, #151b23);
    --key: var(--color-brand-primary, #5ca5ff); } }
.why rect { fill: var(--paper); stroke: var(--line); rx: 6px; }
.why rect.part { stroke: var(--key); stroke-width: 2; }
.why path { fill: none; stroke: var(--key); stroke-width: 1.6; }
.why text { fill: var(--ink); }
.why text.head { font-weight: 600; font-size: 16px; }
.why text.sum { font-weight: 700; font-size: 18px; }
.why text.mid { text-anchor: middle; font-weight: 700; }
.why text.label { fill: var(--soft); font-size: 12px; }
"""


@attrs.frozen
class Part:
    """A part of the payment: its amount, what for, and what is said about it, by label."""

    amount: str
    what_for: str
    said: dict[str, str]

    @property
    def cents(self) -> int:
        """How large the part is drawn."""
        return int(re.sub(r"\D", "", self.amount))


def explanation() -> str:
    """What the library says of the first payment of the first day."""
    sys.path.insert(0, str(REPOSITORY / "examples"))
    from first_day_caseload import caseload

    clock = FrozenClock(datetime(2026, 1, 7, 14, 0, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        keys = create_key_file(Path(folder) / "keys.json")
    with open_agency("memory:", jurisdiction="US-GA", keys=keys, channels=None, clock=clock) as agency:
        roles = [StaffRole.ACCOUNT_ADMINISTRATOR, StaffRole.PAYMENT_CLERK]
        set_up = Actor.system("set-up")
        kim = agency.staff.appoint("kim.lane", email=Secret("kim@example.gov"), roles=roles, by=set_up)
        for family in caseload():
            agency.cases.open(family, by=Actor.system("intake"))
        content = (REPOSITORY / "examples" / "first_day.ach").read_bytes()
        batch = agency.payments.receive(content, by=Actor.system("remittance"))
        return str(agency.payments.explain(batch.receipts[0], by=Actor.staff(kim.account_id)))


def picture(text: str) -> str:
    """The picture of an explanation with two parts or more."""
    lines = text.splitlines()
    heading = re.sub(r" \(receipt \w+\)$", "", lines[0])
    counts, send = lines[1].strip(), lines[-1].strip()
    parts = parts_of(lines[2:-1])
    width = (WIDTH - 2 * MARGIN - GAP * (len(parts) - 1)) / len(parts)
    cards = [card(part, MARGIN + number * (width + GAP), width) for number, part in enumerate(parts)]
    height = max(bottom for _, bottom in cards)
    drawn = "".join(svg.replace('height="CARD"', f'height="{height - 158:g}"') + "\n" for svg, _ in cards)
    told = " ".join(f"{part.amount} goes to {part.what_for}: {part.said['law']}." for part in parts)
    return f"""\
<svg class="why" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + 44:g}" role="img" \
aria-labelledby="why-title why-text">
<title id="why-title">Where every cent of a payment went, and why</title>
<desc id="why-text">{escape(f"{heading}. {counts} {told} {send}")}</desc>
<style>
{STYLE}</style>
<text class="head" x="{MARGIN}" y="32">{escape(heading)}</text>
<text class="label" x="{MARGIN}" y="54">{escape(counts)}</text>
{bar(parts, width)}{drawn}<text x="{MARGIN}" y="{height + 26:g}">{escape(send)}</text>
</svg>
"""


def parts_of(lines: list[str]) -> list[Part]:
    """Read the parts out of the text: an amount begins one, a label begins what is said."""
    parts: list[Part] = []
    label = ""
    for line in lines:
        if begins := re.fullmatch(r" +(\$[\d,.]+)  (.+)", line):
            parts.append(Part(begins[1], begins[2], {}))
        elif says := re.fullmatch(r" +(\w+)  (.+)", line):
            label = says[1]
            parts[-1].said[label] = re.sub(r", \S+@\w+$", "", says[2])  # without the rules' fingerprint
        else:
            parts[-1].said[label] += f" {line.strip()}"
    return parts


def bar(parts: list[Part], width: float) -> str:
    """The payment as a bar, cut where its parts meet, with a line from each part to its card."""
    whole = sum(part.cents for part in parts)
    left, svg = float(MARGIN), ""
    for number, part in enumerate(parts):
        size = (WIDTH - 2 * MARGIN) * part.cents / whole
        middle, below = left + size / 2, MARGIN + number * (width + GAP) + width / 2
        svg += f'<rect class="part" x="{left + 2:.1f}" y="72" width="{size - 4:.1f}" height="40"/>\n'
        svg += f'<text class="mid" x="{middle:.1f}" y="97">{part.amount}</text>\n'
        svg += f'<path d="M{middle:.1f} 113C{middle:.1f} 138 {below:.1f} 132 {below:.1f} 157"/>\n'
        left += size
    return svg


def card(part: Part, left: float, width: float) -> tuple[str, float]:
    """The card of a part, and where it ends."""
    x, y = left + 16, 188.0
    svg = f'<rect x="{left:g}" y="158" width="{width:g}" height="CARD"/>\n'
    svg += f'<text class="sum" x="{x:g}" y="{y:g}">{part.amount}</text>\n'
    svg += f'<text x="{x:g}" y="{y + 21:g}">{escape(part.what_for)}</text>\n'
    y += 45
    for label, text in part.said.items():
        svg += f'<text class="label" x="{x:g}" y="{y:g}">{label}</text>\n'
        for line in wrap(text, LETTERS_IN_A_LINE, break_long_words=False, break_on_hyphens=False):
            y += LINE
            svg += f'<text x="{x:g}" y="{y:g}">{escape(line)}</text>\n'
        y += 25
    return svg, y - 6


if __name__ == "__main__":
    PICTURE.write_text(picture(explanation()), encoding="utf-8")
