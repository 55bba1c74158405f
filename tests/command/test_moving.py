"""`dcss export`, `dcss import` and `dcss verify`: what they say, and with which exit code."""

import json
import re
import shlex
from pathlib import Path

import pytest

from dcss_core import Actor, create_key_file, open_agency
from dcss_core.testing import FakeHasher, SentPayment, case_application, remittance_file, synthetic_parent


@pytest.fixture
def agency_url(tmp_path):
    """A database with a case and a receipt, its keys beside it."""
    url, keys = f"sqlite:///{tmp_path}/agency.db", create_key_file(tmp_path / "keys.json")
    with open_agency(url, jurisdiction="US-GA", keys=keys, hasher=FakeHasher()) as agency:
        agency.cases.open(case_application(), by=Actor.system("intake"))
        agency.payments.receive(remittance_file(SentPayment()), by=Actor.system("remittance"))
        agency.audit.sequence(by=Actor.system("audit"))
    return url


def another_case():
    return case_application("0004567891", payer=synthetic_parent(1), payee=synthetic_parent(2))


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys.json"


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "back-up-move-restore.md"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backup"


@pytest.fixture
def new_url(tmp_path):
    return f"sqlite:///{tmp_path}/new.db"


def test_an_export_says_what_it_holds(dcss, agency_url, folder):
    said = dcss("export", agency_url, folder, "--json")
    document = said.document
    assert (said.code, said.err) == (0, "")
    assert document["exported"] is True
    assert document["rows"]["people"] == 3
    assert document["bytes"] == sum(each.stat().st_size for each in folder.glob("*.jsonl"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert document["audit_log"] == manifest["audit_log"]
    assert document["audit_log"]["entries"] > 0


def test_people_are_told_in_sentences(dcss, agency_url, folder, new_url, keys):
    said = dcss("export", agency_url, folder)
    assert said.out.startswith(f"The database is exported to {folder}.\n")
    assert "  agency         US-GA\n" in said.out
    said = dcss("import", folder, new_url)
    assert said.out.startswith(f"The export in {folder} is imported, and was read back.\n")
    assert "dcss verify URL --keys FILE" in said.out
    said = dcss("import", folder, new_url, "--keys", keys)
    assert said.out.startswith(f"The export in {folder} was there already, to the last byte.\n")
    assert "US-GA: sound\n" in said.out
    said = dcss("verify", new_url, "--keys", keys)
    assert said.out.startswith("US-GA: sound\n")


def test_a_restore_is_verified_with_the_keys(dcss, agency_url, folder, new_url, keys):
    dcss("export", agency_url, folder)
    said = dcss("import", folder, new_url, "--keys", keys, "--json")
    assert said.code == 0
    assert said.document["imported"] is True
    verified = said.document["verified"]
    assert verified["sound"] is True
    assert verified["audit_log"]["root"] == said.document["audit_log"]["root"]
    assert verified["books"] == {"cases": 1, "findings": []}


def test_what_may_hold_a_password_is_taken_from_variables(
    dcss, agency_url, folder, new_url, keys, monkeypatch
):
    monkeypatch.setenv("DCSS_STORAGE", agency_url)
    assert dcss("export", folder, "--json").code == 0
    monkeypatch.setenv("DCSS_STORAGE", new_url)
    monkeypatch.setenv("DCSS_KEYS", str(keys))
    assert dcss("import", folder, "--json").document["verified"] is not None
    assert dcss("verify", "--against", folder, "--json").code == 0
    assert dcss("db", "check", "--json").code == 0


def test_what_is_wrong_with_the_keys_is_told_before_a_database_is_filled(
    dcss, agency_url, folder, new_url, monkeypatch, tmp_path
):
    dcss("export", agency_url, folder)
    monkeypatch.setenv("DCSS_KEYS", str(tmp_path / "nowhere.json"))
    said = dcss("import", folder, new_url, "--json")
    assert (said.code, "no key file" in said.error["message"]) == (1, True)
    monkeypatch.delenv("DCSS_KEYS")
    assert dcss("import", folder, new_url, "--json").document["imported"] is True


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["export"], "the URL of the database and the FOLDER"),
        (["export", "backup"], "may stand in the variable DCSS_STORAGE"),
        (["export", "sqlite:///a.db", "backup", "more"], "the URL of the database and the FOLDER"),
        (["verify", "--keys", "keys.json"], "put it into the variable DCSS_STORAGE"),
        (["db", "check"], "put it into the variable DCSS_STORAGE"),
    ],
)
def test_a_call_that_names_no_database_is_told_how_to(dcss, words, says):
    said = dcss(*words, "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    assert says in said.error["message"]


def test_a_url_without_a_folder_is_no_folder(dcss, agency_url, monkeypatch):
    monkeypatch.setenv("DCSS_STORAGE", agency_url)
    assert dcss("export", agency_url, "--json").code == 2


def test_verifying_compares_with_an_export(dcss, agency_url, folder, keys):
    dcss("export", agency_url, folder)
    said = dcss("verify", agency_url, "--keys", keys, "--against", folder, "--json")
    assert (said.code, said.document["differences"]) == (0, [])
    with open_agency(agency_url, jurisdiction="US-GA", keys=keys) as agency:
        agency.cases.open(another_case(), by=Actor.system("intake"))
    said = dcss("verify", agency_url, "--keys", keys, "--against", folder, "--json")
    assert said.code == 3
    assert said.document["books"]["findings"] == []
    assert any(each.startswith("cases: found 2 rows, expected 1") for each in said.document["differences"])


def test_verifying_finds_what_was_changed_by_hand(dcss, agency_url, keys, tmp_path):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "agency.db")) as tool:
        tool.execute("UPDATE receipts SET amount_cents = amount_cents + 100")
        tool.commit()
    said = dcss("verify", agency_url, "--keys", keys, "--json")
    assert said.code == 3
    assert said.document["sound"] is False
    assert said.document["books"]["findings"] != []


def test_sealed_values_are_sealed_anew_under_a_named_key(dcss, agency_url, folder, keys, new_url):
    said = dcss("export", agency_url, folder, "--rewrap", "k1", "--keys", keys, "--json")
    assert said.code == 0
    assert dcss("import", folder, new_url, "--keys", keys).code == 0


def test_a_damaged_export_is_told_by_file_and_line(dcss, agency_url, folder, new_url):
    dcss("export", agency_url, folder)
    path = folder / "people.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    said = dcss("import", folder, new_url, "--json")
    assert said.code == 3
    assert [each["where"] for each in said.error["faults"]] == ["people.jsonl, line 3", "people.jsonl"]
    assert not Path(new_url.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize(
    "words",
    [
        ("export", "sqlite:///nowhere/secret-password.db", "backup"),
        ("export", "mysql://me:secret-password@db/agency", "backup"),
        ("verify", "sqlite:///nowhere/secret-password.db", "--keys", "keys.json"),
        ("import", "backup", "mysql://me:secret-password@db/agency"),
    ],
)
def test_what_can_not_be_done_is_refused_and_no_url_is_shown(dcss, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = dcss(*words, "--json")
    assert said.code == 1
    assert "secret-password" not in said.out + said.err
    assert list(tmp_path.iterdir()) == []


def test_a_second_export_to_the_same_place_is_refused(dcss, agency_url, folder):
    dcss("export", agency_url, folder)
    before = (folder / "manifest.json").read_bytes()
    assert dcss("export", agency_url, folder).code == 1
    assert (folder / "manifest.json").read_bytes() == before


def test_an_import_into_a_database_in_use_is_refused(dcss, agency_url, folder, tmp_path):
    dcss("export", agency_url, folder)
    with open_agency(agency_url, jurisdiction="US-GA", keys=tmp_path / "keys.json") as agency:
        agency.cases.open(another_case(), by=Actor.system("intake"))
    said = dcss("import", folder, agency_url, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "is not empty" in said.error["message"]


def test_what_the_how_to_shows_is_what_happens(dcss, agency_url, tmp_path, monkeypatch):
    """Its commands, one after the other, in the folder of an agency; each figure and hash may be another."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agency.db").rename(tmp_path / "georgia.db")
    ring = json.loads((tmp_path / "keys.json").read_text(encoding="utf-8"))
    ring["keys"].append({"id": "k2", "key": "2" * 64})
    (tmp_path / "keys.json").write_text(json.dumps(ring), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8").replace("/mnt/backup", str(tmp_path))
    text = text.replace("/srv/", f"{tmp_path}/").replace("NEW_URL", "sqlite:///moved.db")
    ran = 0
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for command, printed in re.findall(r"^\$ dcss (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            said = dcss(*shlex.split(command))
            assert said.code == 0, said
            assert like(printed).fullmatch(said.out) or not printed, (command, said.out)
            ran += 1
    assert ran == 7


def like(printed):
    """What the page shows: any figure, hash and number of decimals, and … any lines or the rest of one."""
    parts = [
        re.sub(r"[0-9a-f]{16,}|[0-9][0-9,.]*[0-9]|[0-9]", "FIGURE", part)
        for part in re.split(r" *…\n", printed)
    ]
    figures = [re.escape(part).replace("FIGURE", r"[0-9a-f,.]+") for part in parts]
    return re.compile(r".*\n(?:.*\n)*".join(figures))
