"""An export that is not whole is refused before anything is written, with every fault by file and line."""

import json
import os
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from dcss_core import open_agency
from dcss_core.errors import BackendError, ConfigurationError, InvariantError
from dcss_core.memory import MemoryStorage
from dcss_core.moving import export_agency, import_agency, verify_agency
from dcss_core.moving.row_text import RowText
from dcss_core.ports.collection import Collection
from dcss_core.ports.field import Field, FieldKind

from .lived import KEYS, live


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of the export, to damage."""
    return Path(shutil.copytree(whole.folder, tmp_path / "copy"))


def refused(folder, error=InvariantError):
    """What is said of an export: the places and the words of its faults. Nothing was written."""
    storage = MemoryStorage()
    with pytest.raises(error) as told:
        import_agency(folder, storage)
    with pytest.raises(InvariantError, match="prepared"), storage.transaction(writes=False) as transaction:
        transaction.find(Collection("people", (Field("a", FieldKind.TEXT),), key="a"), ("a",))
    return told.value


def edit(folder, name, change):
    """Change the lines of a file, which keep their ends."""
    path = folder / name
    lines = path.read_bytes().splitlines(keepends=True)
    change(lines)
    path.write_bytes(b"".join(lines))


def sealed_again(folder, name, change):
    """Change lines, and have the manifest say that so it must be: what somebody does on purpose."""
    edit(folder, name, change)
    content = (folder / name).read_bytes()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entry = next(each for each in manifest["collections"] if f"{each['name']}.jsonl" == name)
    entry |= {
        "sha256": sha256(content).hexdigest(),
        "size": len(content),
        "rows": content.count(b"\n"),
    }
    rewritten(folder, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def rewritten(folder, text):
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    digest = sha256(text.encode()).hexdigest()
    (folder / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n", encoding="utf-8")


def places(error):
    return [fault.where for fault in error.faults]


def test_a_file_that_was_cut_short_in_a_line(copy):
    path = copy / "postings.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    lines = path.read_bytes().count(b"\n") + 1
    assert places(refused(copy)) == [f"postings.jsonl, line {lines}", "postings.jsonl"]


def test_a_file_that_was_cut_short_between_lines(copy):
    edit(copy, "postings.jsonl", lambda lines: lines.pop())
    assert places(refused(copy)) == ["postings.jsonl"]


def test_a_value_that_was_changed(copy):
    edit(copy, "cases.jsonl", lambda lines: lines.append(lines.pop().replace(b'"open"', b'"shut"')))
    assert places(refused(copy)) == ["cases.jsonl"]


def test_two_lines_that_changed_places(copy):
    edit(copy, "people.jsonl", lambda lines: lines.insert(0, lines.pop()))
    assert places(refused(copy)) == ["people.jsonl, line 2", "people.jsonl"]


def test_a_line_that_stands_there_twice(copy):
    edit(copy, "people.jsonl", lambda lines: lines.insert(1, lines[0]))
    assert places(refused(copy)) == ["people.jsonl, line 2", "people.jsonl"]


def test_an_entry_that_is_missing_from_a_log(copy):
    sealed_again(copy, "audit_log.jsonl", lambda lines: lines.pop(3))
    assert places(refused(copy)) == ["audit_log.jsonl, line 4"]


def test_faults_of_several_files_are_told_at_once(copy):
    edit(copy, "people.jsonl", lambda lines: lines.pop())
    edit(copy, "cases.jsonl", lambda lines: lines.pop())
    (copy / "sessions.jsonl").unlink()
    (copy / "notes.txt").write_text("mine", encoding="utf-8")
    assert sorted(places(refused(copy))) == ["cases.jsonl", "notes.txt", "people.jsonl", "sessions.jsonl"]


# --- what is no row ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda line: line.replace(b"Jane", b"J\xe4ne"), id="not UTF-8"),
        pytest.param(lambda line: line.replace(b"Jane", b"J\xed\xa0\x80ne"), id="a surrogate in UTF-8"),
        pytest.param(lambda line: line.replace(b"Jane", b"J\\ud800ne"), id="an escaped surrogate"),
        pytest.param(lambda line: line.replace(b'{"birth', b'{"irn":null,"birth'), id="a key twice"),
        pytest.param(lambda line: line.replace(b":null", b":NaN", 1), id="NaN"),
        pytest.param(lambda line: line.replace(b":null", b":1.5", 1), id="a fraction"),
        pytest.param(lambda line: line.replace(b":null", b":1e400", 1), id="an exponent"),
        pytest.param(lambda line: line.replace(b":null", b":" + b"9" * 5000, 1), id="a huge number"),
        pytest.param(lambda line: line.replace(b":null", b":" + b"[" * 100_000, 1), id="a deep nest"),
        pytest.param(lambda line: line.replace(b":null", b":true", 1), id="another type"),
        pytest.param(lambda line: line.replace(b":", b": ", 1), id="a blank"),
        pytest.param(lambda line: line.replace(b"Jane", b"J\\u0061ne"), id="a needless escape"),
        pytest.param(lambda line: line[:-1] + b"\r\n", id="another line end"),
        pytest.param(lambda line: b"\xef\xbb\xbf" + line, id="a byte order mark"),
        pytest.param(lambda line: line.replace(b"birth_date", b"birthdate"), id="another field"),
        pytest.param(lambda line: line.replace(b"}\n", b',"zeal":1}\n'), id="a field too many"),
        pytest.param(lambda line: line.replace(b"1988-07-01", b"1988-7-1"), id="another day"),
        pytest.param(lambda line: line.replace(b"1988-07-01", b"1988-13-01"), id="no day"),
        pytest.param(lambda line: re.sub(rb'"ssn":"A', b'"ssn":"!', line), id="no base64"),
        pytest.param(lambda line: b"[]\n", id="a list"),
        pytest.param(lambda line: b"\n", id="nothing"),
    ],
)
def test_a_line_that_is_no_row_is_named_though_the_hashes_fit(copy, damage):
    [number] = [
        place
        for place, line in enumerate((copy / "people.jsonl").read_bytes().splitlines())
        if b'"Jane' in line.replace(b"\\", b"")
    ]
    before = (copy / "people.jsonl").read_bytes()
    sealed_again(copy, "people.jsonl", lambda lines: lines.insert(number, damage(lines.pop(number))))
    assert (copy / "people.jsonl").read_bytes() != before
    error = refused(copy)
    assert {where.partition(": ")[0] for where in places(error)} == {f"people.jsonl, line {number + 1}"}
    assert "Jane" not in str(error)


def test_a_version_where_no_seal_is_bound_to_one_is_refused(copy):
    def age(lines):
        [place] = [place for place, line in enumerate(lines) if b'"ssn":null' in line]
        lines[place] = lines[place].replace(b"}\n", b',"version":9}\n')

    sealed_again(copy, "people.jsonl", age)
    [fault] = refused(copy).faults
    assert fault.found == "a version to which no seal is bound"


def test_an_integer_of_more_than_64_bits_is_named(copy):
    def grow(lines):
        lines[0] = re.sub(rb'"amount_cents":-?\d+', b'"amount_cents":9223372036854775808', lines[0])

    sealed_again(copy, "postings.jsonl", grow)
    [fault] = refused(copy).faults
    assert (fault.where, fault.expected) == (
        "postings.jsonl, line 1: postings.amount_cents",
        "an int of 64 bits",
    )


def test_a_version_that_nobody_reaches_is_refused(copy):
    def age(lines):
        [place] = [place for place, line in enumerate(lines) if b'"version":' in line]
        lines[place] = re.sub(rb'"version":\d+', b'"version":1000001', lines[place])

    sealed_again(copy, "second_factors.jsonl", age)
    assert places(refused(copy)) == ["second_factors.jsonl, line 1: second_factors.version"]


def test_a_line_without_an_end_in_sight_is_refused(copy, monkeypatch):
    from dcss_core.moving import whole_export

    monkeypatch.setattr(whole_export, "LONGEST_LINE", 10_000)
    edit(copy, "people.jsonl", lambda lines: lines.insert(0, b'{"a":"' + b"a" * 1_000_000))
    error = refused(copy)
    assert error.faults[0].where == "people.jsonl, line 1"
    assert error.faults[0].found == "more than 10,000 bytes"
    assert len(error.faults) == 21


# --- files ------------------------------------------------------------------------------------------------


def test_a_link_is_not_followed(copy, tmp_path):
    (copy / "people.jsonl").rename(tmp_path / "elsewhere")
    (copy / "people.jsonl").symlink_to(tmp_path / "elsewhere")
    assert places(refused(copy)) == ["people.jsonl"]


def test_a_pipe_keeps_nobody_waiting(copy):
    (copy / "people.jsonl").unlink()
    os.mkfifo(copy / "people.jsonl")
    assert places(refused(copy)) == ["people.jsonl"]


def test_a_folder_in_place_of_a_file(copy):
    (copy / "people.jsonl").unlink()
    (copy / "people.jsonl").mkdir()
    assert places(refused(copy)) == ["people.jsonl"]


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.sha256"])
def test_a_folder_without_a_manifest_is_no_export(copy, name):
    (copy / name).unlink()
    assert "there is no export in" in str(refused(copy, ConfigurationError))
    (copy / name).symlink_to("/etc/hostname")
    assert "there is no export in" in str(refused(copy, ConfigurationError))


def test_a_folder_that_is_not_there(tmp_path):
    assert "there is no export in" in str(refused(tmp_path / "nowhere", ConfigurationError))


# --- the manifest -----------------------------------------------------------------------------------------


def test_a_manifest_that_was_changed(copy):
    path = copy / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"US-GA", b"US-AL"))
    assert places(refused(copy)) == ["manifest.json"]


def test_a_manifest_of_a_later_format_says_what_to_do(copy):
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    rewritten(copy, text.replace('"format": 1', '"format": 2'))
    assert "format 2, and this version reads format 1" in str(refused(copy, ConfigurationError))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"format": 1', '"format": 0'),
        lambda text: text.replace('"format": 1', '"format": "1"'),
        lambda text: text.replace('"format": 1,', ""),
        lambda text: text.replace('"rows": ', '"rows": -', 1),
        lambda text: text.replace('"name": "accounts"', '"name": "../accounts"'),
        lambda text: text.replace('"key": "account_id"', '"key": 7', 1),
        lambda text: text.replace('"seal": "', '"seal": "!'),
        lambda text: text + " ",
        lambda text: "[]",
        lambda text: "",
    ],
)
def test_a_manifest_that_was_never_written_is_refused(copy, change):
    rewritten(copy, change((copy / "manifest.json").read_text(encoding="utf-8")))
    assert "manifest.json is none that was written here" in str(refused(copy))


def test_an_export_of_another_version_names_each_difference(copy):
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    rewritten(copy, text.replace('"birth_date": "date"', '"birth_day": "text"'))
    assert places(refused(copy, ConfigurationError)) == ["people.birth_day", "people.birth_date"]


def test_a_root_that_is_not_the_logs_is_refused_before_anything_is_written(copy, whole):
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    rewritten(copy, text.replace(whole.audit_root, "0" * 64))
    assert places(refused(copy)) == ["manifest.json: audit_log"]


def test_a_manifest_that_names_another_agency_than_the_rows_is_refused(copy):
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    rewritten(copy, text.replace('"US-GA"', '"US-AL"'))
    assert places(refused(copy)) == ["manifest.json: agency"]


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_folder_can_have_is_refused(lived, name):
    for attempt in (
        lambda: export_agency(lived.url, name),
        lambda: import_agency(name, MemoryStorage()),
        lambda: verify_agency(lived.url, keys=KEYS, against=name),
    ):
        with pytest.raises(ConfigurationError, match="no folder can have this name"):
            attempt()


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_folder_that_is_always_there_is_no_new_one(lived, name):
    with pytest.raises(ConfigurationError, match="is there already"):
        export_agency(lived.url, name)


def test_an_export_of_another_agency_is_not_imported_into_this_one(whole, tmp_path):
    other = live(f"sqlite:///{tmp_path}/other.db", tmp_path)
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(ConfigurationError, match="is not empty"):
        import_agency(whole.folder, other.url)
    assert (tmp_path / "other.db").read_bytes() == before
    export_agency(other.url, tmp_path / "export")
    assert import_agency(tmp_path / "export", other.url).is_new is False


def test_a_file_that_changes_after_it_was_looked_at_is_not_taken(copy, new_url):
    def change(what, done, of):
        if what == "writing outbox":
            edit(
                copy, "sessions.jsonl", lambda lines: lines.insert(0, lines.pop(0).replace(b"2026", b"2025"))
            )

    with pytest.raises(InvariantError, match="what was read back is not what the export holds") as told:
        import_agency(copy, new_url, progress=change)
    assert places(told.value) == ["sessions"]
    with pytest.raises(ConfigurationError, match="an import into this database was begun"):
        open_agency(new_url, jurisdiction="US-GA", keys=KEYS)


def test_a_file_that_can_not_be_read_is_the_disks_fault(copy, monkeypatch):
    opened = os.open

    def broken(path, *arguments, **options):
        if str(path).endswith("people.jsonl"):
            raise OSError(5, "Input/output error")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", broken)
    with pytest.raises(BackendError, match=r"people\.jsonl can't be read: Input/output error"):
        import_agency(copy, MemoryStorage())


# --- rows -------------------------------------------------------------------------------------------------


def test_every_kind_of_value_comes_back_from_its_line():
    from datetime import UTC, date, datetime

    collection = Collection(
        "kinds", tuple(Field(kind.value, kind, optional=kind is FieldKind.DATE) for kind in FieldKind), "text"
    )
    row = {
        "text": 'a"\\\n\0é\u2028😀',
        "integer": -(2**63),
        "boolean": True,
        "date": date(1, 1, 1),
        "instant": datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
        "bytes": bytes(range(256)),
    }
    text = RowText(collection)
    line = text.line({**row, "version": 7})
    assert json.loads(line)["instant"] == "9999-12-31T23:59:59.999999Z"
    assert text.read(line.encode()) == (row, 1)
    assert list(json.loads(line)) == sorted(row)
