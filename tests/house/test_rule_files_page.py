"""The page on rule files tells the whole format: every key, every kind, every refusal."""

import re
from pathlib import Path

from dcss_core.rules.files.schema import COVERS, DECLARE, KEYS, TOP, VALUE
from dcss_core.rules.table import RuleKind

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "reference" / "rule-files.md").read_text(encoding="utf-8")
PLACES = {"top of the file": TOP, "`covers`": COVERS, "`[declare.…]`": DECLARE, "`[[value.…]]`": VALUE}


def keys_on_the_page() -> dict[str, tuple[str, ...]]:
    """The keys of the table, by the place where they may stand."""
    found: dict[str, list[str]] = {}
    place = ""
    table = PAGE.partition("## Every key")[2].partition("## Every kind")[0]
    for where, key in re.findall(r"^\| ?(.*?) ?\| `(\w+)` \|", table, re.MULTILINE):
        place = PLACES[where.strip()] if where.strip() else place
        found.setdefault(place, []).append(key)
    return {place: tuple(keys) for place, keys in found.items()}


def test_every_key_stands_on_the_page_at_its_place() -> None:
    assert keys_on_the_page() == dict(KEYS)


def test_every_kind_is_told_in_the_docstring_that_the_page_shows() -> None:
    from dcss_core.rules.files import loader

    table = (loader.__doc__ or "").partition("| kind | written as |")[2].partition("A table declares")[0]
    told = set(re.findall(r"[a-z]+", " ".join(re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE))))
    assert told == {kind.value for kind in RuleKind}


def test_every_refusal_stands_on_the_page_once() -> None:
    folders = [folder.name for folder in (REPOSITORY / "tests" / "rules" / "bad").iterdir()]
    beginnings = [
        word
        for line in re.findall(r"^```\{refused-rule-files\} (.+)$", PAGE, re.MULTILINE)
        for word in line.split()
    ]
    shown = {folder: sum(folder.startswith(each) for each in beginnings) for folder in folders}
    assert {folder: count for folder, count in shown.items() if count != 1} == {}
    assert len(folders) > 90
