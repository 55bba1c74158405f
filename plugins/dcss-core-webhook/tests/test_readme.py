"""What the README shows a receiver is what a receiver gets."""

from datetime import UTC, datetime
from pathlib import Path

from dcss_core import CaseNumber, Money
from dcss_core.payments.collection.receipt import ReceiptPosted
from dcss_core.plugins import RecordedEvent
from dcss_core_webhook.subscriber import canonical_json

README = Path(__file__).parents[1] / "README.md"


def test_the_event_in_the_readme_is_one_the_library_records():
    happened = ReceiptPosted(
        receipt_id="RKV5HXTDS46J2DP2YZZJB",
        case_number=CaseNumber("0012345678"),
        amount=Money("243.69"),
        recorded="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
    recorded = RecordedEvent(
        sequence=4711,
        at=datetime(2026, 1, 7, 15, 4, 5, tzinfo=UTC),
        kind=happened.kind,
        subject=happened.subject,
        details=happened.details(),
    )
    text = README.read_text(encoding="utf-8")
    assert f"\n\n{canonical_json(recorded).decode()}\n```\n" in text
    assert "Idempotency-Key: 4711\n" in text
