"""A small agency that has lived a little: something stands in nearly every collection."""

import base64
import hashlib
import hmac
import struct
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from dcss_core import Actor, Agency, CaseNumber, KeyRing, MasterKey, Secret, open_agency
from dcss_core.agency.work.trail import borne_out
from dcss_core.plugins import DeliveryFailed
from dcss_core.testing import (
    JANE_ROE,
    JOHN_DOE,
    FakeHasher,
    FrozenClock,
    ScriptedPlugin,
    SentPayment,
    case_application,
    registration_form,
    remittance_file,
)
from dcss_core.users import EnrolmentAccepted, Registered, SessionToken, SignedIn, StaffRole

KEYS = KeyRing((MasterKey("k1", Secret("1" * 64)),))
CASE = CaseNumber("0004567890")
NOON = datetime(2026, 1, 7, 17, tzinfo=UTC)
YEARS_LATER = datetime(2033, 1, 9, 15, tzinfo=UTC)
AUDITOR = Actor.system("audit")


@attrs.frozen
class Lived:
    """The agency's database, and what people hold of it."""

    url: str
    now: datetime
    token: SessionToken
    factor_secret: bytes
    outside: ScriptedPlugin
    checkpoints: Path

    def opened(self, url: str, **changes: Any) -> Agency:
        """The agency, on this database or on another one."""
        arguments = {
            "jurisdiction": "US-GA",
            "keys": KEYS,
            "channels": ["letters:mail"],
            "checkpoint_sinks": [f"checkpoint-file://{self.checkpoints}"],
            "plugins": [self.outside],
            "clock": FrozenClock(self.now),
            "hasher": FakeHasher(),
        } | changes
        return open_agency(url, **arguments)


def live(url: str, folder: Path, *, prunes: bool = False) -> Lived:
    """Live a little in a new database; with `prunes`, years ago first, of which contents are erased."""
    clock, outside = FrozenClock(NOON), ScriptedPlugin()
    lived = Lived(url, NOON, SessionToken("0" * 43), b"", outside, folder / "checkpoints.txt")
    with lived.opened(url, clock=clock) as agency:
        agency.cases.open(case_application(str(CASE)), by=Actor.system("intake"))
        if prunes:
            clock.instant = YEARS_LATER
            agency.payments.charge(by=Actor.system("charging"))  # the newest entry is of this day
            agency.audit.sequence(by=AUDITOR)
            with pytest.MonkeyPatch.context() as patched:
                # as if the agency had written something in every month of the years between
                patched.setattr(borne_out, "_A_MONTH", timedelta(days=36_500))
                pruned = agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
            assert pruned.entries
        token, secret = _work(agency, clock, outside)
    return attrs.evolve(lived, now=clock.instant, token=token, factor_secret=secret)


def shown(agency: Agency, lived: Lived) -> dict[str, Any]:
    """What an agency shows of itself; asked in the same order, the same agency shows the same."""
    dispatch = Actor.system("dispatch")
    found = agency.audit.verify(by=AUDITOR)
    seen = {
        "log": found,
        "books": agency.payments.verify(by=AUDITOR),
        "entries": list(agency.audit.entries(by=AUDITOR)),
        "proof": agency.audit.inclusion_proof(1, found.size, by=AUDITOR),
        "verifier keys": agency.audit.verifier_keys(by=AUDITOR),
        "session": agency.sessions.check(lived.token),
        "balances": agency.payments.balances(by=Actor.system("reconciliation")),
        "history": agency.payments.history(CASE, by=lived.token),
        "waiting letters": agency.outbox.pending(by=dispatch),
        "dead letters": agency.outbox.dead(by=dispatch),
    }
    questions = agency.recovery.questions(JANE_ROE.ssn)
    answers = JANE_ROE.answers(questions)
    seen["reset"] = agency.recovery.reset_password(
        full_name=JANE_ROE.name.full, ssn=JANE_ROE.ssn, answers=answers
    )
    return seen | {"questions": questions}


def sign_in(agency: Agency, secret: bytes, clock: FrozenClock) -> SessionToken:
    """Jane signs in with her password and her app."""
    banner = agency.accounts.banner().version
    due = agency.accounts.sign_in(JANE_ROE.user_id, JANE_ROE.password, banner=banner)
    whole = agency.second_factors.give(due.token, _app_code(secret, clock))
    assert isinstance(whole, SignedIn), whole
    return whole.token


def _work(agency: Agency, clock: FrozenClock, outside: ScriptedPlugin) -> tuple[SessionToken, bytes]:
    worker = agency.staff.appoint(
        "worker-1",
        email=Secret("worker-1@dcss.example.gov"),
        roles=(StaffRole.ACCOUNT_ADMINISTRATOR,),
        by=Actor.system("set-up"),
    )
    assert worker
    for parent in (JANE_ROE, JOHN_DOE):
        assert isinstance(agency.accounts.register(registration_form(agency, parent)), Registered)
    file = remittance_file(SentPayment("125.00"), SentPayment("50.00", case=None, ssn="903010101"))
    agency.payments.receive(file, by=Actor.system("remittance"), pause_seconds=0)
    outside.channel().answers = [DeliveryFailed("away", retryable=True)]
    agency.outbox.dispatch(limit=2, by=Actor.system("dispatch"))
    token, secret = _enrol(agency, clock)
    for _ in range(3):  # each code that is used is remembered in the sealed factor
        clock.move(seconds=30)
        token = sign_in(agency, secret, clock)
    agency.audit.sequence(by=AUDITOR)
    agency.audit.publish(by=AUDITOR)
    agency.payments.history(CASE, by=token)  # an act that waits for its number
    return token, secret


def _enrol(agency: Agency, clock: FrozenClock) -> tuple[SessionToken, bytes]:
    banner = agency.accounts.banner().version
    token = agency.accounts.sign_in(JANE_ROE.user_id, JANE_ROE.password, banner=banner).token
    begun = agency.second_factors.begin(token, JANE_ROE.password)
    secret = base64.b32decode(parse_qs(urlsplit(begun.shown.reveal()).query)["secret"][0])
    assert isinstance(agency.second_factors.confirm(token, _app_code(secret, clock)), EnrolmentAccepted)
    return token, secret


def _app_code(secret: bytes, clock: FrozenClock) -> Secret:
    """The code that an authenticator app shows, as RFC 4226 has it."""
    digest = hmac.new(secret, struct.pack(">Q", int(clock.now().timestamp()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return Secret(f"{number % 1_000_000:06}")
