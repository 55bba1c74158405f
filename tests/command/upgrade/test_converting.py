"""A conversion goes through the storage port alone, into whatever storage; entries keep their order."""

from datetime import UTC, datetime, timedelta

import pytest

from dcss_core.agency.work.sealing import Sealer
from dcss_core.command.upgrade.converting import Converting
from dcss_core.command.upgrade.numbered_entries import NumberedEntries
from dcss_core.command.upgrade.seals import Seals
from dcss_core.command.upgrade.tally import Tally
from dcss_core.command.upgrade.version_1 import EVERY_COLLECTION
from dcss_core.memory import MemoryStorage
from dcss_core.moving.every_record import every_record
from dcss_core.opening.key_file import read_key_file
from dcss_core.opening.machine import SystemRandomness
from dcss_core.ports.storage import SEQUENCE
from dcss_core_sql.opening import open_storage

DAY = datetime(2026, 1, 7, 15, tzinfo=UTC)


def test_a_database_in_a_file_becomes_one_in_memory(old, shown):
    steps = []
    source, target = open_storage(old.url), MemoryStorage()
    source.prepare([former.collection for former in EVERY_COLLECTION])
    seals = Seals(Sealer(read_key_file(old.keys), SystemRandomness()))
    with source.transaction(writes=True) as transaction:
        done = Converting(transaction, target, seals, lambda *step: steps.append(step)).run()
    source.close()
    with target.transaction(writes=False) as transaction:
        counted = {
            each.collection.name: transaction.count(each.collection, each.collection.key_fields)
            for each in every_record()
        }
    entries = shown["rows"]["audit_log"]
    new = {"audit_entries": entries, "book_totals": 1, "receipt_likenesses": 8, "remittance_parts": 2}
    empty = dict.fromkeys(
        [
            "audit_queue",
            "charging_runs",
            "import_under_way",
            "leases",
            "owed_letters",
            "approvals",
            "contact_points",
            "invitations",
            "used_assertions",
            "identity_links",
            "due_links",
            "remitters",
            "remitter_identifications",
            "remitter_members",
        ],
        0,
    )
    assert counted == shown["rows"] | new | empty
    assert counted == done.rows
    assert steps[-1][1] == steps[-1][2]


def row(number, at):
    hashed = {"nodes": b"n", "peaks": None, "commitment": b"c"}
    return {SEQUENCE: number, "at": at, "kind": "k", "actor": None, "subject": None, "source": None} | {
        "details": None,
        "salt": None,
        **hashed,
    }


def acts(latest, *instants):
    [(_, entries), (_, leaves)] = NumberedEntries(latest).converted(
        [row(number, at) for number, at in enumerate(instants, 1)]
    )
    assert [each["act"] for each in entries] == [each["act"] for each in leaves]
    return [each["act"] for each in entries]


@pytest.mark.parametrize(
    "minutes",
    [(0, 1, 2, 3), (0, 0, 0, 0), (0, 5, 1, 6), (3, 2, 1, 0), (0, 525_600, 1, 2)],
    ids=["in order", "at once", "a clock was behind", "backwards", "a clock was a year ahead"],
)
def test_acts_sort_as_the_log_did_whatever_the_clocks_said(minutes):
    made = acts(DAY + timedelta(minutes=minutes[-1]), *(DAY + timedelta(minutes=each) for each in minutes))
    assert made == sorted(set(made))
    assert {len(act) for act in made} == {24}


def test_an_act_begins_with_the_millisecond_of_its_entry():
    [act] = acts(DAY, DAY)
    assert int.from_bytes(act[:6]) == int(DAY.timestamp() * 1000)
    assert int.from_bytes(act[6:]) == 1


def test_a_clock_that_was_ahead_once_does_not_make_later_entries_late():
    *_, last = acts(DAY, DAY - timedelta(hours=1), DAY + timedelta(days=900), DAY)
    assert int.from_bytes(last[:6]) == int(DAY.timestamp() * 1000)


def test_a_tally_tells_rows_apart_but_not_their_order():
    rows = [{"key": "a", "value": 1}, {"key": "b", "value": None}]

    def tally(given):
        made = Tally()
        made.add(given)
        return made

    assert tally(rows) == tally(reversed(rows))
    assert tally(rows) == tally([{**each, "version": 7} for each in rows])
    for other in (rows[:1], [*rows, rows[0]], [rows[0], {"key": "b", "value": 0}], [rows[0], rows[0]]):
        assert tally(other) != tally(rows)
