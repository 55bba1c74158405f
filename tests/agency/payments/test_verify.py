"""The books are compared with themselves and with the log: whatever was changed by hand is named."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs
import pytest

from dcss_core import Actor, Month
from dcss_core.agency.filing import payments as filing
from dcss_core.payments import FindingKind, finding_in_words
from dcss_core.payments.ledger.ledger import Place
from dcss_core.plugins import JurisdictionRules, hookimpl
from dcss_core.ports.storage import FieldKind
from dcss_core.rules.federal import federal_rules
from dcss_core_georgia import georgia_rules

REMITTANCE, AUDIT = Actor.system("remittance"), Actor.system("audit")
MONEY = (
    filing.CASE_ACCOUNTS,
    filing.RECEIPTS,
    filing.POSTINGS,
    filing.DISTRIBUTION_LINES,
    filing.REMITTANCE_FILES,
    filing.EMPLOYMENT_END_REPORTS,
    filing.BOOK_TOTALS,
)


@pytest.fixture
def agency(opener, database):
    return opener(f"sqlite:///{database}")


@pytest.fixture
def books(two_cases):
    return two_cases


# --- sound books ---------------------------------------------------------------------------------------


@pytest.mark.on_every_storage
class TestOnEveryStorage:
    @pytest.fixture
    def agency(self, opener, storage_url):
        return opener(storage_url)

    def test_books_that_nobody_touched_are_sound(self, agency, books):
        verification = agency.payments.verify(by=AUDIT)
        assert (verification.is_sound, verification.findings) == (True, ())
        assert (verification.cases, verification.held, verification.files) == (2, 1, 2)
        assert "books of 2 cases: sound" in str(verification)

    def test_an_agency_without_money_is_sound(self, agency):
        assert agency.payments.verify(by=AUDIT).is_sound

    def test_progress_is_told_up_to_the_end(self, agency, books):
        told = []
        agency.payments.verify(by=AUDIT, progress=lambda done, of: told.append((done, of)))
        assert told[-1][0] == told[-1][1] > 5
        assert told == sorted(told)

    def test_a_file_that_is_half_received_is_told_and_is_no_damage(self, agency, books, file_of, sent):
        def stop(done, of):
            raise KeyboardInterrupt

        content = file_of(sent("1.00", trace="121042880000050"), sent("2.00", trace="121042880000051"))
        with pytest.raises(KeyboardInterrupt):
            agency.payments.receive(content, by=REMITTANCE, progress=stop, entries_at_once=1)
        verification = agency.payments.verify(by=AUDIT)
        assert (verification.is_sound, verification.unfinished) == (True, 1)
        assert "1 payment files are half received" in str(verification)


def test_years_of_arrears_do_not_make_it_slow_or_wrong(agency, books, clock):
    clock.move(days=400)
    agency.payments.charge(Month(2027, 3), by=Actor.system("charging"))
    assert agency.payments.verify(by=AUDIT).is_sound


# --- a single amount or day ----------------------------------------------------------------------------


def flips(database) -> Iterator[tuple[str, str, object, object, tuple[str, ...], tuple[object, ...]]]:
    """Every amount and every day that is stored of the money, each with another value."""
    with sqlite3.connect(database) as connection:
        for records in MONEY:
            collection = records.collection
            keys = collection.key_fields
            for field in collection.fields:
                if records is filing.BOOK_TOTALS and field.name == collection.key:
                    continue  # which record a sum stands in makes no difference to any sum
                for *key, value in connection.execute(
                    f'SELECT {", ".join(keys)}, "{field.name}" FROM "{collection.name}"'
                ):
                    for other in others(field, value):
                        yield collection.name, field.name, value, other, keys, tuple(key)


def others(field, value) -> Iterator[object]:
    """What a flipped bit or a hand could make of an amount or a day; nothing for what is neither."""
    if value is None:
        return
    if field.kind is FieldKind.INTEGER:
        yield from (value ^ 1, value ^ 64)
    elif field.kind is FieldKind.DATE:
        yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    elif field.kind is FieldKind.INSTANT:
        later = datetime.fromisoformat(value) + timedelta(seconds=1)
        yield later.strftime("%Y-%m-%d %H:%M:%S.%f")
    elif field.kind is FieldKind.TEXT:
        for place in re.finditer(
            r"\d\.(\d\d)\"|\d{4}-(0\d)", value
        ):  # an amount or a month, in JSON or plain
            at = place.start(place.lastindex) + 1
            digit = "3" if value[at] == "2" else "2"
            yield value[:at] + digit + value[at + 1 :]


def test_every_amount_and_every_day_that_is_changed_is_found(agency, books, database):
    assert agency.payments.verify(by=AUDIT).is_sound
    silent, tried = [], set()
    for table, column, value, other, keys, key in flips(database):
        tried.add((table, column))
        where = " AND ".join(f'"{name}" = ?' for name in keys)
        statement = f'UPDATE "{table}" SET "{column}" = ? WHERE {where}'
        with sqlite3.connect(database, isolation_level=None) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            try:
                connection.execute(statement, (other, *key))
            except sqlite3.IntegrityError:  # the database itself refuses it
                continue
            if agency.payments.verify(by=AUDIT).is_sound:
                silent.append((table, column, value, other))
            # a key that was changed is put back under its new value
            place = tuple(other if name == column else each for name, each in zip(keys, key, strict=True))
            connection.execute(statement, (value, *place))
    assert silent == []
    assert agency.payments.verify(by=AUDIT).is_sound
    assert {
        ("receipts", "amount_cents"),
        ("receipts", "received_on"),
        ("receipts", "collected_on"),
        ("receipts", "pay_date"),
        ("receipts", "send_by"),
        ("receipts", "recorded_at"),
        ("postings", "amount_cents"),
        ("postings", "effective_date"),
        ("postings", "month"),
        ("distribution_lines", "amount_cents"),
        ("distribution_lines", "on"),
        ("distribution_lines", "inputs"),
        ("case_accounts", "debts"),
        ("case_accounts", "held"),
        ("case_accounts", "charged_through"),
        ("remittance_files", "total_cents"),
        ("remittance_files", "received_on"),
        ("employment_end_reports", "pay_date"),
        ("book_totals", "owed_cents"),
    } <= tried


# --- what is named -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("DELETE FROM postings WHERE stream = '0004567890' AND seq = 3", FindingKind.GAP),
        ("DELETE FROM distribution_lines WHERE case_number = '0004567890' AND seq = 1", FindingKind.GAP),
        ("UPDATE postings SET amount_cents = amount_cents + 1 WHERE seq = 2", FindingKind.UNBALANCED),
        ("UPDATE receipts SET amount_cents = amount_cents + 1", FindingKind.RECEIPT),
        ("UPDATE receipts SET received_on = '2026-01-08' WHERE status = 'distributed'", FindingKind.RECEIPT),
        ("UPDATE distribution_lines SET amount_cents = 1 WHERE seq = 1", FindingKind.LINES),
        (
            "UPDATE distribution_lines SET receipt_id = 'Rx' WHERE case_number = '0004567891' AND seq = 1",
            FindingKind.LINES,
        ),
        ("UPDATE case_accounts SET held = '[]' WHERE case_number = '0004567890'", FindingKind.ACCOUNT),
        ("DELETE FROM case_accounts WHERE case_number = '0004567891'", FindingKind.ACCOUNT),
        ("UPDATE case_accounts SET charged_through = '2026-01'", FindingKind.CHARGES),
        ("UPDATE obligations SET monthly_amount_cents = 1", FindingKind.CHARGES),
        (
            "UPDATE book_totals SET owed_cents = owed_cents + 1, charged_cents = charged_cents - 1",
            FindingKind.TOTALS,
        ),
        ("DELETE FROM book_totals", FindingKind.TOTALS),
        ("UPDATE remittance_files SET receipts = receipts - 1", FindingKind.FILE),
        ("DELETE FROM receipts WHERE status = 'held'", FindingKind.FILE),
        ("UPDATE remittance_parts SET number = number + 1", FindingKind.FILE),
        ("UPDATE receipts SET pay_date = '2026-01-04'", FindingKind.CHANGED),
        ("UPDATE employment_end_reports SET case_number = NULL", FindingKind.CHANGED),
        ("UPDATE remittance_files SET remitter = 'ANOTHER'", FindingKind.CHANGED),
        ("DELETE FROM receipts WHERE status = 'held'", FindingKind.MISSING),
        ("DELETE FROM employment_end_reports", FindingKind.MISSING),
        ("DELETE FROM remittance_files", FindingKind.MISSING),
        ("DELETE FROM audit_entries WHERE kind = 'receipt_posted'", FindingKind.NOT_IN_LOG),
        ("DELETE FROM receipt_likenesses", FindingKind.LIKENESS),
        ("UPDATE case_accounts SET debts = 'rubbish'", FindingKind.UNREADABLE),
        ("UPDATE remittance_parts SET content = zeroblob(64)", FindingKind.UNREADABLE),
        ("UPDATE receipts SET received_on = 'rubbish' WHERE status = 'held'", FindingKind.UNREADABLE),
    ],
)
def test_what_was_done_has_a_name(books, changed, change, kind):
    verification = changed(change)
    assert kind in {each.kind for each in verification.findings}
    assert finding_in_words(kind) in str(verification)


def test_the_first_place_is_named_and_the_others_are_counted(books, changed):
    verification = changed("UPDATE receipts SET amount_cents = amount_cents + 1 WHERE status = 'distributed'")
    [finding] = [each for each in verification.findings if each.kind is FindingKind.RECEIPT]
    distributed = sorted(each.receipt_id for each in books if each.status.value == "distributed")
    assert finding.where.removeprefix("receipt ") in [*distributed, books[2].receipt_id]
    assert finding.places == 5  # four of the first file, one of them identified, and the second file's
    assert "(and 4 more)" in str(verification)


def test_a_receipt_that_nobody_received_is_named(agency, books, changed):
    """A whole receipt put in by hand, with postings and lines that agree."""
    columns = "likeness, file_id, trace_number, remitter, amount_cents, case_as_sent, pay_date, received_on"
    rest = "collected_on, recorded_at, status, case_number, hold_reason, send_by, version"
    verification = changed(
        f"INSERT INTO receipts (receipt_id, {columns}, {rest}) "
        f"SELECT 'RFORGED', {columns}, {rest} FROM receipts WHERE status = 'held'"
    )
    assert "receipt RFORGED" in {each.where for each in verification.findings}
    assert FindingKind.NOT_IN_LOG in {each.kind for each in verification.findings}


def test_a_record_of_the_log_that_can_not_be_read_stops_nothing(books, changed):
    verification = changed("UPDATE audit_entries SET at = 'rubbish' WHERE kind = 'support_charged'")
    assert FindingKind.UNREADABLE in {each.kind for each in verification.findings}
    assert verification.cases == 2
    assert verification.entries > 10


def test_no_name_and_no_amount_stands_in_what_is_told(books, changed):
    told = str(changed("UPDATE receipts SET amount_cents = 123456, remitter = 'ACME'"))
    for private in ("1234", "ACME", "PEACH", "Hill"):
        assert private not in told


def test_what_is_pruned_from_the_log_is_not_missed(agency, books, clock, database):
    """Its contents are gone by law; what is left of it is compared all the same."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE audit_entries SET actor = NULL, subject = NULL, source = NULL, details = NULL, "
            "salt = NULL"
        )
    assert agency.payments.verify(by=AUDIT).is_sound


def test_money_that_was_sent_ahead_is_compared_as_well(
    opener, outside, family, intake, file_of, sent, clock, database
):
    """Where a state sends money for months to come at once, only the credit is kept."""
    georgia = georgia_rules()
    [kept] = [each for each in federal_rules().values if each.key == "distribution.future_support"]
    ahead = attrs.evolve(kept, written="disburse", file=georgia.values[0].file)
    book = attrs.evolve(georgia, values=(*georgia.values, ahead))

    class Ahead:
        @hookimpl
        def dcss_jurisdictions(self):
            return [JurisdictionRules("US-XX", "Georgia, ahead", lambda: book, extends="US")]

    agency = opener(f"sqlite:///{database}", jurisdiction="US-XX", plugins=[outside, Ahead()])
    agency.cases.open(family("0004567890", "900010001"), by=intake)
    agency.payments.receive(file_of(sent("500.00", ssn="900010001")), by=REMITTANCE)
    clock.move(days=31)
    agency.payments.charge(by=Actor.system("charging"))
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert str(balances[Place.PREPAID]) == "-100.00"  # 500.00 less two months of 200.00
    assert agency.payments.verify(by=AUDIT).is_sound
    with sqlite3.connect(database) as connection:
        connection.execute("""UPDATE case_accounts SET held = replace(held, '"100.00"', '"90.00"')""")
    assert [each.kind for each in agency.payments.verify(by=AUDIT).findings] == [FindingKind.ACCOUNT]
