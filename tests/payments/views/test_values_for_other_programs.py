"""Receipts, histories, explanations and statements as JSON, as columns and as tables in a notebook."""

import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import attrs
import pytest

from dcss_core import json_converter, json_schema
from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import InvalidInputError
from dcss_core.payments.collection.receipt import ReceiptStatus, hold, receive
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.views.batch import ReceivedFile, RemittanceBatch
from dcss_core.payments.views.explanation import Explanation
from dcss_core.payments.views.frame import frame, to_records
from dcss_core.payments.views.history import HistoryLine, PaymentHistory, history_of
from dcss_core.payments.views.statement import StatementMonth, statement_of

jsonschema = pytest.importorskip(
    "jsonschema", reason="schemas are checked by another: pip install jsonschema"
)
Draft202012Validator = jsonschema.Draft202012Validator

JANUARY_7, SEND_BY = date(2026, 1, 7), date(2026, 1, 9)
CASE = CaseNumber("0004567890")
HOSTILE = "<script>alert('x')</script> & \"Sons\""
COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "schema.json"


@pytest.fixture
def posted(make_entry, owing, policy, at):
    """A deposit of $260.00 on a debt of $200.00, from an employer with a hostile name."""
    entry = make_entry("260.00", remitter=HOSTILE)
    account = owing(("2026-01", "200.00"))
    return receive(entry, account, policy, file_id="the-file", received_on=JANUARY_7, send_by=SEND_BY, at=at)


@pytest.fixture
def held(make_entry, at):
    entry = make_entry("75.00", remitter=HOSTILE, case_as_sent=HOSTILE)
    return hold(entry, HoldReason.CASE_UNKNOWN, file_id="the-file", received_on=JANUARY_7, at=at).receipt


@pytest.fixture
def history(posted):
    return history_of([posted.receipt], posted.lines, shows_remitter=True)


@pytest.fixture
def statement(posted):
    month = Month(2026, 1)
    return statement_of(CASE, posted.postings, first=month, last=Month(2026, 2), charged_through=month)


@pytest.fixture
def batch(posted, held, at):
    file_id = hashlib.sha256(b"content").hexdigest()
    held_in_all = Money("75.00")
    file = ReceivedFile(file_id, at, JANUARY_7, HOSTILE, 2, Money("335.00"), 2, held_in_all, 0, 0)
    remark = Remark(RemarkKind.OWN_LOCATOR_NOT_KNOWN, rule=HOSTILE, on=JANUARY_7)
    return RemittanceBatch(file, (posted.receipt, held), remarks=(remark,))


# --- JSON ----------------------------------------------------------------------------------------------
def test_every_view_of_money_is_valid_against_its_schema_and_comes_back_equal(
    posted, held, history, statement
):
    told = Explanation.of(posted.receipt, posted.lines)
    converter = json_converter()
    for value in (posted.receipt, held, told, statement, history, history[0], posted.lines[0]):
        written = json.loads(json.dumps(converter.unstructure(value)))
        Draft202012Validator(json_schema(type(value))).validate(written)
        assert converter.structure(written, type(value)) == value


def test_a_receipt_is_valid_against_the_schema_that_is_published(posted):
    schema = json.loads(COMMITTED.read_text(encoding="utf-8")) | {"$ref": "#/$defs/Receipt"}
    written = json_converter().unstructure(posted.receipt)
    Draft202012Validator(schema).validate(written)
    assert written["amount"] == "260.00"
    assert not Draft202012Validator(schema).is_valid(written | {"amount": 260})


def test_what_became_of_a_payment_file_is_json_without_its_content(batch):
    written = json.loads(json.dumps(json_converter().unstructure(batch)))
    assert written["file"].keys() == {
        *("file_id", "received_at", "received_on", "remitter", "entries", "total"),
        *("receipts", "held", "employment_ends", "seen_before"),
    }
    assert json_converter().structure(written, RemittanceBatch) == batch


# --- columns -------------------------------------------------------------------------------------------
def test_receipts_are_columns_of_plain_values_with_money_as_cents_and_as_text(batch):
    columns = frame(batch)
    assert columns["amount_cents"] == [26000, 7500]
    assert columns["amount"] == ["$260.00", "$75.00"]
    assert columns["status"] == ["distributed", "held"]
    assert columns["hold_reason"] == [None, "case_unknown"]
    assert columns["case_number"] == ["0004567890", None]
    assert columns["month"] == ["2026-01", "2026-01"]
    assert columns["received_on"] == [JANUARY_7, JANUARY_7]
    plain = {"str", "int", "bool", "date", "datetime", "NoneType"}
    assert {type(cell).__name__ for column in columns.values() for cell in column} <= plain


def test_records_have_the_columns_of_the_frame(batch):
    records = to_records(batch.receipts)
    assert [list(record) for record in records] == [list(frame(batch.receipts))] * 2
    assert [record["amount_cents"] for record in records] == [26000, 7500]


def test_a_history_an_explanation_and_a_statement_have_columns_of_their_own(posted, history, statement):
    assert frame(history)["to_family_cents"] == [20000]
    assert frame(history)["applied"] == ["$200.00 current support of 2026-01"]
    lines = frame(Explanation.of(posted.receipt, posted.lines))
    assert lines["bucket"] == ["current_support", "future_support"]
    assert sum(lines["amount_cents"]) == 26000
    months = frame(statement)
    assert months["month"] == ["2026-01", "2026-02"]
    assert months["paid_cents"] == [20000, 0]


def test_no_lines_have_the_columns_of_the_sort_that_is_named():
    assert list(frame(PaymentHistory())) == list(frame((), of=HistoryLine))
    assert frame((), of=StatementMonth)["month"] == []
    assert frame(()) == {}
    assert to_records(()) == []


def test_one_line_is_a_frame_of_one(posted):
    assert frame(posted.receipt)["amount_cents"] == [26000]


def test_lines_of_two_sorts_or_of_another_are_refused(posted, history):
    with pytest.raises(InvalidInputError, match="HistoryLine, Receipt"):
        frame([posted.receipt, history[0]])
    with pytest.raises(InvalidInputError, match="Receipt"):
        frame([posted.receipt], of=DistributionLine)
    for other in (["text"], Money("1.00")):
        with pytest.raises(InvalidInputError, match="one frame"):
            frame(other)


def test_enums_are_hashed_and_ordered_as_they_are_written_down():
    assert sorted([ReceiptStatus.HELD, ReceiptStatus.DISTRIBUTED]) == list(ReceiptStatus)
    assert HoldReason.FUTURE_SUPPORT < HoldReason.CASE_UNKNOWN <= HoldReason.CASE_UNKNOWN
    assert HoldReason.CASE_CLOSED > HoldReason.CASE_UNKNOWN >= HoldReason.CASE_UNKNOWN
    assert {HoldReason.CASE_CLOSED: 1}[HoldReason.CASE_CLOSED] == 1
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(ReceiptStatus.HELD, compare)(HoldReason.CASE_CLOSED) is NotImplemented


def test_a_data_frame_groups_sorts_and_sums_money_and_enums(batch):
    pandas = pytest.importorskip("pandas")
    receipts = pandas.DataFrame(frame(batch))
    assert receipts.groupby(["status", "month"])["amount_cents"].sum().to_dict() == {
        ("distributed", "2026-01"): 26000,
        ("held", "2026-01"): 7500,
    }
    # our own types in a column of objects
    own = pandas.DataFrame(
        [(each.status, each.amount, 1) for each in batch.receipts], columns=["s", "m", "n"]
    )
    assert list(own.groupby("s")["n"].sum().index) == [ReceiptStatus.DISTRIBUTED, ReceiptStatus.HELD]
    assert list(own.sort_values("m")["m"]) == [Money("75.00"), Money("260.00")]


# --- notebooks -----------------------------------------------------------------------------------------
class Tables(HTMLParser):
    """Which elements a text of HTML has, and whether each is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def shown(value):
    html = value._repr_html_()
    tables = Tables(html)
    assert tables.open == []
    tags = [tag for tag, _ in tables.seen]
    assert (tags[0], tags[1]) == ("table", "caption")
    assert all("scope" in attributes for tag, attributes in tables.seen if tag == "th")
    assert "script" not in tags
    assert set(tags) <= {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "p"}
    return re.sub(r"<[^>]+>", "|", html)


def test_a_history_shows_as_a_table_with_every_text_escaped(history):
    text = shown(history)
    assert "$260.00" in text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;Sons&quot;" in text


def test_the_payees_table_has_no_column_for_the_remitter(posted):
    assert "|from|" not in shown(history_of([posted.receipt], posted.lines, shows_remitter=False))


def test_a_history_is_a_tuple_that_prints_a_line_for_each_payment(history):
    assert str(history) == str(history[0])
    assert str(PaymentHistory()) == "no payments yet"
    assert PaymentHistory() == ()
    assert repr(history) == f"PaymentHistory(({history[0]!r},))"
    assert "|received|" in shown(PaymentHistory())


def test_a_statement_shows_its_months_its_totals_and_what_is_held(statement):
    text = shown(statement)
    assert "Statement of case 0004567890, 2026-01 through 2026-02" in text
    assert "|total|" in text
    assert "Charged through 2026-01; what falls due later is not in it yet." in text
    assert "Held for months to come: $60.00" in text


def test_a_batch_shows_each_receipt_with_why_it_is_held(batch):
    text = shown(batch)
    assert "The case number the remitter gave is not one of ours." in text
    assert "content" not in text


def test_an_explanation_shows_as_a_table_too(posted):
    assert "current support of 2026-01" in shown(Explanation.of(posted.receipt, posted.lines))


def test_a_distribution_policy_shows_its_steps_with_their_citations(policy):
    text = shown(attrs.evolve(policy, arrears_citation=HOSTILE))
    assert policy.version in text
    assert "|step 1|" in text
    assert policy.steps[0].citation in text
