"""`dcss keys`: what it says, and with which exit code."""

import json
import os

import pytest

from dcss_core import Actor, open_agency, read_key_file
from dcss_core.testing import JANE_ROE, case_application, registration_form


@pytest.fixture
def url(tmp_path, keys):
    """A database with a case and one parent's account."""
    url = f"sqlite:///{tmp_path}/agency.db"
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None) as agency:
        agency.cases.open(case_application(), by=Actor.system("intake"))
        agency.accounts.register(registration_form(agency, JANE_ROE))
    return url


def test_a_key_is_added_used_resealed_to_and_the_old_one_retired(dcss, url, keys):
    added = dcss("keys", "add", "k2", "--keys", keys, "--json")
    assert added.document == {"current": "k1", "open": ["k2"], "retired": []}
    assert dcss("keys", "use", "k2", "--keys", keys, "--json").document["current"] == "k2"
    resealed = dcss("keys", "reseal", url, "--keys", keys, "--json")
    assert resealed.code == 0
    assert resealed.document["resealed"]["people"] == 2
    refused = dcss("keys", "retire", url, "k1", "--keys", keys)
    assert (refused.code, refused.out) == (1, "")
    assert "accounts/password_hash: found 1 password" in refused.err
    retired = dcss("keys", "retire", url, "k1", "--keys", keys, "--end-passwords")
    assert retired.code == 0
    assert retired.out.startswith("k1 is retired; what it signed counts up to record ")
    assert [key.key_id for key in read_key_file(keys).retired] == ["k1"]
    report = dcss("keys", "report", url, "--keys", keys)
    assert report.code == 0
    assert report.out.startswith("k2 (current): ")


def test_a_bound_is_set_on_a_key_that_others_may_have(dcss, keys):
    dcss("keys", "add", "k2", "--keys", keys)
    said = dcss("keys", "bound", "k2", "4711", "--keys", keys)
    assert (said.code, said.out.split("\n")[0]) == (0, "k2 signs nothing after 4,711 records")
    assert read_key_file(keys).with_id("k2").signs_nothing_after == 4711


def test_retired_as_leaked_the_log_says_so(dcss, url, keys):
    for words in (["add", "k2"], ["use", "k2"]):
        dcss("keys", *words, "--keys", keys)
    dcss("keys", "reseal", url, "--keys", keys)
    options = ["--leaked", "--signs-nothing-after", "2", "--end-passwords"]
    assert dcss("keys", "retire", url, "k1", "--keys", keys, *options).code == 0
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None) as agency:
        entries = [entry for _, entry in agency.audit.entries(by=Actor.system("audit"))]
    [said] = [json.loads(entry.details) for entry in entries if entry.kind == "sys_key_retired"]
    assert (said["is_leaked"], said["signs_nothing_after"]) == (True, 2)


def test_what_needs_a_key_that_is_not_there_is_said_with_exit_code_3(dcss, url, keys):
    dcss("keys", "add", "k2", "--keys", keys)
    dcss("keys", "use", "k2", "--keys", keys)
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None) as agency:
        agency._resources.write(_mark_anew)
    content = json.loads(keys.read_text())
    content["keys"] = content["keys"][:1]
    keys.write_text(json.dumps(content))
    report = dcss("keys", "report", url, "--keys", keys, "--json")
    assert report.code == 3
    [missing] = [each for each in report.document["keys"] if each["id"] == "k1"]
    assert missing["standing"] == "missing"
    assert missing["needed"]["sealed"] > 0
    resealed = dcss("keys", "reseal", url, "--keys", keys)
    assert resealed.code == 3
    assert "3 records could not be opened:" in resealed.out


def _mark_anew(work):
    """Whose database it is, sealed with the current key: as if the resealing had begun there."""
    from dcss_core.agency.work.database_mark import AGENCY_IDENTITY, identity_of

    kept = identity_of(work)
    work.rewrite(AGENCY_IDENTITY, kept, kept.record)


@pytest.mark.parametrize(
    "words",
    [["add", "k1"], ["add", "K 2"], ["use", "k9"], ["bound", "k1", "3"]],
    ids=lambda words: " ".join(words),
)
def test_what_the_file_can_not_become_is_refused(dcss, keys, words):
    before = keys.read_bytes()
    said = dcss("keys", *words, "--keys", keys)
    assert (said.code, said.out) == (1, "")
    assert keys.read_bytes() == before


def test_no_key_is_ever_shown(dcss, url, keys):
    dcss("keys", "add", "k2", "--keys", keys)
    said = [
        dcss("keys", *words, "--keys", keys, *form)
        for words in (
            ["use", "k2"],
            ["report", url],
            ["reseal", url],
            ["retire", url, "k1", "--end-passwords"],
        )
        for form in ([], ["--json"])
    ]
    secrets = [key.key_hex.reveal() for key in read_key_file(keys).keys]
    assert not any(secret in each.out + each.err for each in said for secret in secrets)


def test_keys_of_a_provider_are_retired_where_it_keeps_them(dcss, url, keys, monkeypatch):
    dcss("keys", "add", "k2", "--keys", keys)
    dcss("keys", "use", "k2", "--keys", keys)
    monkeypatch.setenv("KEPT", keys.read_text())
    keys.unlink()
    assert dcss("keys", "reseal", url, "--keys", "env:KEPT").code == 0
    retired = dcss("keys", "retire", url, "k1", "--keys", "env:KEPT", "--end-passwords", "--json")
    assert retired.code == 0
    entry = json.loads(retired.document["put_under_retired"])
    kept = json.loads(os.environ["KEPT"])
    left = [key for key in kept["keys"] if key["id"] != "k1"]
    monkeypatch.setenv("KEPT", json.dumps({**kept, "keys": left, "retired": [entry]}))
    report = dcss("keys", "report", url, "--keys", "env:KEPT")
    assert report.code == 0
    assert "k1 (retired): " in report.out


def test_a_provider_may_be_named_by_the_variable_for_keys(dcss, url, keys, monkeypatch):
    monkeypatch.setenv("KEPT", keys.read_text())
    monkeypatch.setenv("DCSS_KEYS", "env:KEPT")
    assert dcss("verify", url).code == 0


def test_a_key_is_added_to_no_provider(dcss):
    refused = dcss("keys", "add", "k2", "--keys", "env:KEPT")
    assert (refused.code, refused.out) == (1, "")
    assert "change them there" in refused.err
