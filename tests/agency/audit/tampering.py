"""What somebody does to the audit log who holds the database, or this library and the database."""

import sqlite3
from contextlib import closing
from datetime import datetime

import attrs

from dcss_core.agency.work.trail.act import AUDIT_ENTRIES
from dcss_core.agency.work.trail.reading import records_after
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.numbering import NumberedLeaf, numbered
from dcss_core.audit.written_entry import PRUNED_FIELDS, WrittenEntry, written

ENTRY = "act, at, kind, actor, subject, source, details, salt, commitment, leaf_version, seq"
LEAF = "act, line, nodes, peaks"


class Statements:
    """Runs statements on the file of a log, each in turn, and gives the rows of the last."""

    def __init__(self, url):
        self._path = url.removeprefix("sqlite:///")

    def __call__(self, *statements):
        with closing(sqlite3.connect(self._path)) as database:
            rows = [database.execute(*_with_values(each)).fetchall() for each in statements]
            database.commit()
        return rows[-1]


def _with_values(statement):
    return (statement,) if isinstance(statement, str) else statement


def the_entry(seq):
    """The condition that finds the entry with a number."""
    return f"(act, seq) = (SELECT act, line FROM audit_log WHERE seq = {seq})"


def the_entries(first, last):
    """The condition that finds the entries with these numbers."""
    return f"(act, seq) IN (SELECT act, line FROM audit_log WHERE seq BETWEEN {first} AND {last})"


def removal(first, last):
    """What takes entries away and all that names them."""
    return (
        f"DELETE FROM audit_entries WHERE {the_entries(first, last)}",
        f"DELETE FROM audit_log WHERE seq BETWEEN {first} AND {last}",
    )


WITHOUT_KEYS = (
    "CREATE TABLE keyless (act BLOB, line BIGINT, nodes BLOB, peaks BLOB, seq INTEGER)",
    f"INSERT INTO keyless SELECT {LEAF}, seq FROM audit_log",
    "DROP TABLE audit_log",
    "ALTER TABLE keyless RENAME TO audit_log",
)
"""What takes the unique keys off the numbers, so that one entry can stand under two."""


def act_named(number):
    """The id of an act that nobody wrote."""
    return bytes([number]) * 24


def forged(seq, *, like, act=None):
    """What writes a copy of an entry, by another actor, and puts it under a number of its own."""
    name = (act or act_named(seq % 200)).hex()
    others = "at, kind, 'staff:worker-18', subject, source, details, salt, commitment, leaf_version, 1"
    return (
        f"INSERT INTO audit_entries ({ENTRY}) SELECT x'{name}', {others} FROM audit_entries "
        f"WHERE {the_entry(like)}",
        f"INSERT INTO audit_log ({LEAF}, seq) SELECT x'{name}', 1, nodes, peaks, {seq} FROM audit_log "
        f"WHERE seq = {like}",
    )


def make_room(at, number=1):
    """What moves everything from a number on."""
    return (
        f"UPDATE audit_log SET seq = -seq WHERE seq >= {at}",
        f"UPDATE audit_log SET seq = {number} - seq WHERE seq < 0",
    )


def restamp(sql, changed):
    """Change an entry and compute all hashes anew, as whoever has this library can, without the key."""
    rows = sql(
        "SELECT l.act, line, at, kind, actor, subject, source, details, salt FROM audit_log l "
        "JOIN audit_entries e ON e.act = l.act AND e.seq = l.line ORDER BY l.seq"
    )
    last = None
    for seq, (act, line, at, *contents, salt) in enumerate(rows, start=1):
        entry = AuditEntry(datetime.fromisoformat(at + "+00:00"), *contents)
        entry = attrs.evolve(entry, actor="staff:worker-18") if seq == changed else entry
        record = WrittenEntry(**written(act, [entry], salt).entries[0])
        leaf = NumberedLeaf(**numbered(last, [(act, record.leaf_hash(line, seq))])[0])
        last = (seq, leaf)
        sql(
            (
                f"UPDATE audit_entries SET actor = ?, commitment = ? WHERE {the_entry(seq)}",
                [entry.actor, record.commitment],
            ),
            ("UPDATE audit_log SET nodes = ?, peaks = ? WHERE seq = ?", [leaf.nodes, leaf.peaks, seq]),
        )


def erase_through(work, seq):
    """Erase the contents of the numbered entries up to one, as pruning does."""
    for record in records_after(work, 0, limit=seq):
        work.transaction.redact(
            AUDIT_ENTRIES.collection, PRUNED_FIELDS, up_to=record.leaf.line, stream=record.leaf.act
        )


class ListSink:
    """A sink that keeps checkpoints in a list, and can be unplugged."""

    def __init__(self):
        self.kept = []
        self.failure = None

    def publish(self, checkpoint):
        if self.failure:
            raise self.failure
        self.kept.append(checkpoint)

    def published(self):
        if self.failure:
            raise self.failure
        return list(self.kept)

    def close(self):
        pass
