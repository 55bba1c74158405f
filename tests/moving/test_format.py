"""An export is as its page says: read by the page's own reader, and by somebody else's schema validator."""

import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest

jsonschema = pytest.importorskip(
    "jsonschema", reason="schemas are checked by another: pip install jsonschema"
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def rows_of():
    """The reader on the page, which uses nothing of the library."""
    text = (REFERENCE / "export-format.md").read_text(encoding="utf-8")
    [source] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    names = {}
    exec(source, names)  # noqa: S102  # what a reader of the page writes
    return names["rows_of"]


def test_a_manifest_is_as_its_schema_says(whole):
    schema = json.loads((REFERENCE / "export-manifest.schema.json").read_text(encoding="utf-8"))
    manifest = json.loads((Path(whole.folder) / "manifest.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(manifest, schema)
    assert len(manifest["collections"]) == len(whole.rows)


def test_another_reader_reads_every_row(whole, rows_of):
    folder = Path(whole.folder)
    assert {name: len(rows_of(folder, name)) for name in whole.rows} == whole.rows
    jane = next(row for row in rows_of(folder, "people") if '"Jane"' in row["name"])
    assert date.fromisoformat(jane["birth_date"]) == date(1988, 7, 1)
    assert jane["ssn"][:4] == b"\x01\x02k1"
    postings = rows_of(folder, "postings")
    assert sum(row["amount_cents"] for row in postings) == 0
    [session, *_] = rows_of(folder, "sessions")
    assert datetime.fromisoformat(session["created_at"]).utcoffset().total_seconds() == 0


def test_an_entry_of_a_log_stands_under_its_number(whole, rows_of):
    numbers = [row["seq"] for row in rows_of(Path(whole.folder), "audit_log")]
    assert numbers == list(range(1, whole.audit_entries + 1))


def test_a_version_stands_only_where_a_seal_is_bound_to_it(whole, rows_of):
    folder = Path(whole.folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with_version = {
        each["name"]
        for each in manifest["collections"]
        for row in rows_of(folder, each["name"])
        if "version" in row
    }
    assert "second_factors" in with_version
    assert "sessions" not in with_version
    for each in manifest["collections"]:
        for row in rows_of(folder, each["name"]):
            if "version" in row:
                assert row["version"] > 1
                assert any(row[name] is not None for name in each["sealed"])
