"""What was changed by hand before an upgrade is found by it, or carried over to be found."""

import pytest

from dcss_core import Actor


@pytest.fixture
def refused(upgrade, old):
    def call(*words, code):
        before = old.digest()
        said = upgrade(*words)
        assert said.code == code, said
        assert old.digest() == before
        assert not old.upgrading.exists()
        assert not old.kept.exists()
        return said.error

    return call


def test_an_edited_entry_stops_the_upgrade_and_is_named(refused, old):
    old.sql("UPDATE audit_log SET actor = 'staff:somebody-else' WHERE seq = 60")
    error = refused(code=3)
    assert error["code"] == "invariant"
    [fault] = error["faults"]
    assert (fault["where"], fault["found"].partition(";")[0]) == ("record 60", "edited")


def test_damage_is_converted_as_it_is_if_that_is_said(upgrade, old, opened):
    old.sql("UPDATE audit_log SET actor = 'staff:somebody-else' WHERE seq = 60")
    said = upgrade("--keep-damage")
    assert said.code == 3
    assert said.document["upgraded"] is True
    assert [each.partition(":")[0] for each in said.document["audit_log"]["damage"]] == ["record 60"]
    damage = opened().audit.verify(by=Actor.system("audit")).damage
    assert [(each.seq, each.kind.value) for each in damage] == [(60, "edited")]


def test_people_are_told_of_damage_too(dcss, old):
    old.sql("UPDATE audit_log SET kind = 'case_opened' WHERE seq = 60")
    said = dcss("db", "upgrade", old.url, "--keys", old.keys, "--keep-damage")
    assert said.code == 3
    assert "DAMAGED, as it was: record 60" in said.out


def test_hashes_that_were_changed_stop_the_upgrade(refused, old):
    old.sql("UPDATE audit_log SET nodes = zeroblob(length(nodes)) WHERE seq = 60")
    assert refused(code=3)["faults"][0]["where"] == "record 60"


def test_a_deleted_entry_can_not_be_converted_even_then(refused, old):
    old.sql("DELETE FROM audit_log WHERE seq = 60")
    error = refused("--keep-damage", code=3)
    assert error["code"] == "invariant"
    assert [(each["where"], each["found"]) for each in error["faults"]] == [
        ("audit_log.seq", "no number 60 where it belongs")
    ]


@pytest.mark.parametrize("log", ["postings", "distribution_lines"])
def test_a_deleted_entry_of_another_log_can_not_be_converted(refused, old, log):
    old.sql(f"DELETE FROM {log} WHERE seq = 3")
    [fault] = refused(code=3)["faults"]
    assert (fault["where"], fault["found"]) == (f"{log}.seq", "no number 3 where it belongs")


@pytest.mark.parametrize("words", [(), ("--keep-damage",)])
def test_a_log_that_was_emptied_is_not_taken_for_one_that_never_began(refused, old, words):
    old.sql("DELETE FROM audit_log")
    old.sql("DELETE FROM subscriber_positions")
    [fault] = refused(*words, code=3)["faults"]
    assert (fault["where"], fault["found"]) == ("audit_log", "no entry")
    assert "accounts" in fault["expected"]


@pytest.mark.parametrize("words", [(), ("--keep-damage",)])
def test_a_log_that_ends_before_what_a_subscriber_was_given_is_refused(refused, old, words):
    [(given,)] = old.sql("SELECT sequence FROM subscriber_positions")
    old.sql("DELETE FROM audit_log WHERE seq >= ?", given)
    [fault] = refused(*words, code=3)["faults"]
    assert (fault["where"], fault["found"]) == ("audit_log", f"{given - 1} entries")
    assert fault["expected"].startswith(f"{given} at least")


def test_a_sealed_value_that_was_changed_stops_the_upgrade_and_is_never_shown(refused, old):
    [(person, sealed)] = old.sql("SELECT person_id, ssn FROM people WHERE ssn IS NOT NULL LIMIT 1")
    old.sql("UPDATE people SET ssn = ? WHERE person_id = ?", sealed[:-1] + b"\x00", person)
    [fault] = refused(code=3)["faults"]
    assert fault["where"] == "people.ssn"
    assert fault["found"].startswith("1 value that does not open")


def test_a_record_that_can_not_be_right_stops_the_upgrade(refused, old):
    old.sql("UPDATE case_accounts SET debts = 'nothing' WHERE case_number = '0004567890'")
    error = refused(code=3)
    assert error["code"] == "invariant"
    assert "nothing" not in error["message"].replace("nothing was", "")


@pytest.mark.parametrize("value", ["no instant", 7, b"\xff"])
def test_a_value_that_no_backend_wrote_stops_the_upgrade(refused, old, value):
    old.sql("UPDATE accounts SET created_at = ? WHERE user_key = 'jane.roe'", value)
    error = refused(code=3)
    assert "no instant" not in error["message"]
