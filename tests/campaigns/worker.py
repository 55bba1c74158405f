"""Worker: one process that does one verb after another on an agency that others work on, until it is killed.

What it begins, and what it was answered, it writes into a journal of its own: a line for each, which outlives
the process. A line names the kind of audit entry that the verb leaves and what that is about, so that the log
can be compared with all journals.
"""

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from dcss_core import Actor, Agency, CaseNumber, KeyRing, Secret, open_agency
from dcss_core.errors import BackendError
from dcss_core.plugins import Delivered, Message, NotificationChannel, hookimpl
from dcss_core.ports.clock import Clock
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import (
    FakeHasher,
    SentPayment,
    SyntheticParent,
    case_application,
    registration_form,
    remittance_file,
    synthetic_parent,
)
from dcss_core.users import PasswordChangeAccepted, SignedIn, SignInRefused

MOST_CASES: Final = 2
"""Of one worker, so that a run over all cases stays short."""
SENT: Final = ("90.00", "5.00", "20.00")
"""The payments of each file; the second is of a case that nobody knows."""
AUDIT, DISPATCH, RETENTION = Actor.system("audit"), Actor.system("dispatch"), Actor.system("retention")
INTAKE, REMITTANCE, CHARGING = Actor.system("intake"), Actor.system("remittance"), Actor.system("charging")


_OPENINGS, _BETWEEN_OPENINGS_SECONDS = 300, 0.1


class PostBox:
    """A channel that writes the id of each letter into one file, whichever process it is in."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def deliver(self, message: Message) -> Delivered:
        os.write(self._file, f"{message.message_id}\n".encode())
        return Delivered("taken")

    def close(self) -> None:
        os.close(self._file)


class Outside:
    """An in-process plugin: the channel `box:` on a file."""

    @hookimpl
    def dcss_notification_channels(self) -> list[NotificationChannel]:
        box = NotificationChannel("box", "Ids in a file", lambda url: PostBox(Path(url.partition(":")[2])))
        return [box]


def opened(folder: Path, clock: Clock | None = None) -> Agency:
    """The agency of a folder, in the storage that the file `url` there names."""
    return open_agency(
        (folder / "url").read_text(),
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=[f"box:{folder}/letters"],
        checkpoint_sinks=[f"checkpoint-file://{folder}/checkpoints"],
        plugins=[Outside()],
        hasher=FakeHasher(),
        clock=clock,
    )


class Journal:
    """What a worker began, and what came of it; `begun`, `done`, `refused`, `given_up` are its states."""

    def __init__(self, folder: Path, number: int) -> None:
        path = folder / f"journal-{number}"
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def run(self, kind: str, about: str, call: Callable[[], Any], **more: object) -> Any:
        """Make a call that leaves one entry of a kind about something. None when the storage was busy."""
        act = {"kind": kind, "about": about, **more}
        self._write("begun", act)
        try:
            answer = call()
        except BackendError as error:
            if not error.retryable:
                raise
            self._write("refused", act)
            return None
        self._write("done", act)
        return answer

    def give_up(self, verb: str) -> None:
        """Note that a verb was refused for good that leaves no entry by which it could be judged."""
        self._write("given_up", {"kind": verb, "about": ""})

    def _write(self, state: str, act: dict[str, object]) -> None:
        os.write(self._file, json.dumps({"state": state, **act}).encode() + b"\n")


def journal_of(folder: Path, number: int) -> Iterator[dict[str, Any]]:
    path = folder / f"journal-{number}"
    for line in path.read_text().splitlines(keepends=True) if path.exists() else ():
        if line.endswith("\n"):  # the last one may be half written
            yield json.loads(line)


def opened_at_last(folder: Path) -> Agency:
    """The agency of a folder, once its server is there again."""
    for _ in range(_OPENINGS):
        try:
            return opened(folder)
        except BackendError as error:
            if not error.retryable:
                raise
        time.sleep(_BETWEEN_OPENINGS_SECONDS)
    return opened(folder)


def file_named(about: str, folder: Path) -> Path:
    """Where the bytes of a payment file are, by what its entries are about."""
    return folder / "files" / about.partition(":")[2]


@attrs.define
class Family:
    """One case of a worker, with a parent who has an account once they are registered."""

    case: CaseNumber
    payer: SyntheticParent
    payee: SyntheticParent
    password: Secret
    account: str = ""


class Worker:
    """The worker with a number, which no other has, and what it knows."""

    def __init__(self, folder: Path, number: int, seed: str) -> None:
        self.folder, self.number, self.count = folder, number, 0
        self.chance = random.Random(f"{seed} {number}")
        self.agency, self.journal = opened_at_last(folder), Journal(folder, number)
        self.clerk, self.officer = map(Actor.staff, json.loads((folder / "staff").read_text()))
        self.families: list[Family] = []
        self.held: list[str] = []
        self.tokens: list[Any] = []

    def work(self, left_open: list[str]) -> None:
        """Receive again what somebody who was killed left open, and then do whatever comes."""
        for about in left_open:
            self._received(about)
        self.open_case()
        verbs = self.verbs()
        while True:
            self._done(self.chance.choice(verbs))

    def _done(self, verb: Callable[[], None]) -> None:
        try:
            verb()
        except BackendError as error:
            if not error.retryable:
                raise
            self.journal.give_up(verb.__name__)

    def verbs(self) -> list[Callable[[], None]]:
        """What it does, each as often as it comes."""
        often = [self.sign_in, self.fail, self.check, self.look, self.receive]
        sometimes = [self.open_case, self.register, self.change, self.identify, self.dispatch]
        seldom = [self.publish, self.sequence, self.read_on, self.verify, self.retain, self.charge]
        return [*sometimes * 2, *often * 4, *seldom]

    def _next(self) -> int:
        self.count += 1
        return self.number * 1_000 + self.count

    def _registered(self) -> Family | None:
        registered = [each for each in self.families if each.account]
        return self.chance.choice(registered) if registered else None

    def open_case(self) -> None:
        if len(self.families) == MOST_CASES:
            return
        number = self._next()
        payer, payee = synthetic_parent(2 * number), synthetic_parent(2 * number + 1)
        case = CaseNumber(f"{number:010}")
        application = case_application(case, payer=payer, payee=payee)
        if self.journal.run(
            "case_opened", f"case:{case}", lambda: self.agency.cases.open(application, by=INTAKE)
        ):
            self.families.append(Family(case, payer, payee, payee.password))

    def register(self) -> None:
        for each in self.families:
            if not each.account:
                form = registration_form(self.agency, each.payee)
                made = self.journal.run(
                    "user_created",
                    "",
                    lambda form=form: self.agency.accounts.register(form),
                    user_id=each.payee.user_id,
                    password=each.password.reveal(),
                )
                each.account = made.account_id if made else ""

    def sign_in(self) -> None:
        family = self._registered()
        if family is not None:
            self._sign_in(family)

    def _sign_in(self, family: Family) -> Any:
        """A token; None when the storage was busy."""
        banner = self.agency.accounts.banner().version
        answer = self.journal.run(
            "authn_login_success",
            f"account:{family.account}",
            lambda: self.agency.accounts.sign_in(family.payee.user_id, family.password, banner=banner),
        )
        if answer is None:
            return None
        assert isinstance(answer, SignedIn), answer
        self.tokens.append(answer.token)
        return answer.token

    def fail(self) -> None:
        source, banner = f"2001:db8:{self._next():x}::1", self.agency.accounts.banner().version
        answer = self.journal.run(
            "authn_login_fail",
            "",
            lambda: self.agency.accounts.sign_in("nobody", Secret("wrong"), banner=banner, source=source),
        )
        assert isinstance(answer, SignInRefused | None), answer

    def change(self) -> None:
        """Choose a new password, which the journal has before the agency."""
        family = self._registered()
        token = self._sign_in(family) if family is not None else None
        if family is None or token is None:
            return
        new = f"eleven copper kettles on raft {self._next()}"
        answer = self.journal.run(
            "authn_password_change",
            f"account:{family.account}",
            lambda: self.agency.credentials.change_password(token, current=family.password, new=Secret(new)),
            user_id=family.payee.user_id,
            password=new,
        )
        if answer is not None:
            assert isinstance(answer, PasswordChangeAccepted), answer
            family.password, self.tokens = Secret(new), [answer.token]

    def check(self) -> None:
        if self.tokens:
            self.agency.sessions.check(self.tokens[-1])

    def look(self) -> None:
        if self.families:
            case = self.chance.choice(self.families).case
            self.journal.run(
                "sensitive_read", f"case:{case}", lambda: self.agency.payments.history(case, by=self.clerk)
            )

    def receive(self) -> None:
        if not self.families:
            return
        family, number = self.chance.choice(self.families), self._next()
        cases = (family.case, CaseNumber(f"99{number:08}"), family.case)
        content = remittance_file(
            *[
                SentPayment(amount, case=case, ssn=family.payer.ssn, trace=f"12104288{number * 4 + place:07}")
                for place, (amount, case) in enumerate(zip(SENT, cases, strict=True))
            ]
        )
        about = f"remittance:{hashlib.sha256(content).hexdigest()}"
        file_named(about, self.folder).write_bytes(content)
        self._received(about)

    def _received(self, about: str) -> None:
        content = file_named(about, self.folder).read_bytes()
        batch = self.journal.run(
            "remittance_posted",
            about,
            lambda: self.agency.payments.receive(
                content, by=REMITTANCE, entries_at_once=1, pause_seconds=0.001
            ),
        )
        if batch is not None:
            self.held += [each.receipt_id for each in batch.receipts if each.case_number is None]

    def identify(self) -> None:
        if self.held and self.families:
            receipt, case = self.held.pop(), self.families[0].case
            self.journal.run(
                "receipt_identified",
                f"receipt:{receipt}",
                lambda: self.agency.payments.identify(receipt, case, by=self.clerk),
            )

    def dispatch(self) -> None:
        self.agency.outbox.dispatch(by=DISPATCH, limit=5)

    def publish(self) -> None:
        self.agency.audit.publish(by=AUDIT)

    def sequence(self) -> None:
        self.agency.audit.sequence(by=AUDIT)

    def read_on(self) -> None:
        for number, _ in self.agency.audit.entries(by=self.officer, after=self.chance.randrange(100)):
            if number > 200:
                return  # the rest is left unread

    def verify(self) -> None:
        verified = self.agency.payments.verify(by=AUDIT)
        assert verified.is_sound, verified

    def retain(self) -> None:
        self.agency.retention.apply(by=RETENTION)

    def charge(self) -> None:
        self.agency.payments.charge(by=CHARGING)
