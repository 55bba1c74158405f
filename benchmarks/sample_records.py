"""A record of each collection that the verbs of every day read and write."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from dcss_core import CaseNumber, ClientId, Irn, Money, Month, Secret, Ssn
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.cases.people.person import Person, PersonName
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket, Payee
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import CaseAccount, Debt
from dcss_core.payments.ledger.ledger import Place, Posting
from dcss_core.users.account import Account, AccountKind, AccountState
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.session import Assurance, Session, SessionScope

_NOW: Final = datetime(2026, 1, 7, 15, tzinfo=UTC)
_DAY: Final = date(2026, 1, 7)
_CASE: Final = CaseNumber("0004567890")
_MONTH: Final = Month(2026, 1)
_PERSON_ID: Final = "5f0c9a4be1d84c3f9a7d2e60b1c83f55"
_RULE: Final = "family_first"
_RULES_VERSION: Final = "us/ga@2026-01-07"
_HASH: Final = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "q" * 43

RECORDS: Final[tuple[Any, ...]] = (
    Account(
        account_id="9b2f8c5d7e6a4f1c8d3e2b1a0f9e8d7c",
        user_id="peachtree_parent",
        user_key="peachtree_parent",
        person_id=_PERSON_ID,
        kind=AccountKind.PARENT,
        state=AccountState.ACTIVE,
        password_hash=PasswordHash(_HASH, "k1"),
        created_at=_NOW,
        password_set_at=_NOW,
        judged_under="a1b2c3",
        accepted_banner="1",
    ),
    Person(
        person_id=_PERSON_ID,
        name=PersonName("Ann", "Peachtree"),
        birth_date=date(1990, 5, 17),
        ssn=Ssn("900-01-0001", accept_never_issued=True),
        ssn_index="k1:" + "0" * 64,
        irn=Irn("GA12345678"),
        client_id=ClientId("C1234567"),
        email=Secret("ann@example.org"),
    ),
    CaseAccount(
        _CASE,
        _PERSON_ID,
        _MONTH,
        tuple(Debt(f"{_CASE}/{number}", _MONTH, Money("200.00")) for number in (1, 2, 3)),
    ),
    Receipt(
        receipt_id="R" + "A" * 20,
        likeness="L" * 20,
        file_id="f" * 64,
        trace_number="121042880000001",
        remitter="PEACH TREE PAY",
        amount=Money("243.69"),
        case_as_sent=str(_CASE),
        pay_date=None,
        received_on=_DAY,
        collected_on=_DAY,
        recorded_at=_NOW,
        status=ReceiptStatus.DISTRIBUTED,
        case_number=_CASE,
        send_by=date(2026, 1, 9),
    ),
    Posting(
        entry_id="R" + "A" * 20,
        line=1,
        place=Place.OWED,
        amount=Money("-200.00"),
        effective_date=_DAY,
        recorded_at=_NOW,
        stream=str(_CASE),
        receipt_id="R" + "A" * 20,
        obligation_id=f"{_CASE}/1",
        month=_MONTH,
    ),
    DistributionLine(
        receipt_id="R" + "A" * 20,
        line=1,
        case_number=_CASE,
        on=_DAY,
        bucket=Bucket.CURRENT_SUPPORT,
        payee=Payee.FAMILY,
        payee_id=_PERSON_ID,
        obligation_id=f"{_CASE}/1",
        month=_MONTH,
        amount=Money("200.00"),
        from_held=False,
        rule=_RULE,
        rules_version=_RULES_VERSION,
        citation="42 USC 657(a)(4)",
        inputs=(
            Input(InputName.LEFT_TO_DISTRIBUTE, Money("243.69")),
            Input(InputName.OWED_FOR_MONTH, Money("200.00"), month=_MONTH),
        ),
        not_taken=(NotTaken(Alternative.ARREARS_FIRST),),
    ),
    WrittenEntry(
        act=b"a" * 24,
        at=_NOW,
        kind="receipt_posted",
        actor="staff:w-17",
        subject="case:0004567890",
        source=None,
        details='{"amount":"243.69","case_number":"0004567890","receipt_id":"RAAAAAAAAAAAAAAAAAAAA"}',
        salt=b"s" * 16,
        commitment=sha256(b"commitment").digest(),
    ),
    Session(
        session_id="7" * 64,
        account_id="9b2f8c5d7e6a4f1c8d3e2b1a0f9e8d7c",
        person_id=_PERSON_ID,
        scope=SessionScope.FULL,
        assurance=Assurance.AAL1,
        credential_version=1,
        created_at=_NOW,
        authenticated_at=_NOW,
        last_seen_at=_NOW,
        idle_seconds=900,
        expires_at=_NOW + timedelta(hours=12),
        source="203.0.113.7",
    ),
)
