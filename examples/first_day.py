"""One day at a child-support agency, on real parts: a database, a payment file, a mail server.

    python examples/first_day.py [FILE]

FILE is a remittance file as employers send it (Nacha CCD+ with DED addenda); the one beside this
script is received otherwise. Everything happens in a new folder that is removed at the end; with
--keep FOLDER it stays. Nothing leaves this machine: the mail server is started here.
"""

import argparse
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller

from dcss_core import Actor, Agency, CaseNumber, Money, Month, Secret, create_key_file, errors, open_agency
from dcss_core.cases import Role
from dcss_core.payments import remark_in_words
from dcss_core.testing import FrozenClock
from dcss_core.users import (
    Answer,
    Appointed,
    PasswordChangeAccepted,
    Registered,
    RegistrationForm,
    ResetConfirmed,
    SessionToken,
    SignedIn,
    SignInRefused,
    StaffRole,
)
from first_day_caseload import FAMILIES, caseload, irn_of, ssn_of

ATLANTA = ZoneInfo("America/New_York")
JANES_CASE = CaseNumber("0004567890")
JANES_SSN = ssn_of(5)
DEFAULT_FILE = Path(__file__).with_name("first_day.ach")


def main() -> int:
    """Open an agency on real parts and live the day; return 0 when all went as it should."""
    arguments = _arguments()
    clock = FrozenClock(datetime(2026, 1, 7, 8, 30, tzinfo=ATLANTA).astimezone(UTC))
    with tempfile.TemporaryDirectory(prefix="first-day-") as temporary, mail_server() as (mail_url, mailbox):
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        create_key_file(folder / "keys.json")
        with open_agency(
            f"sqlite:///{folder}/georgia.db",
            jurisdiction="US-GA",
            keys=folder / "keys.json",
            channels=[mail_url],
            clock=clock,
        ) as agency:
            say(f"{agency.jurisdiction.summary}; a new database in {folder}")
            return live_the_day(agency, clock, mailbox, arguments.file)


def live_the_day(agency: Agency, clock: FrozenClock, mailbox: list[EmailMessage], path: Path) -> int:
    """The day, scene by scene. Time passes only where the clock is moved."""
    scene(clock, "The agency opens")
    look_at_the_law(agency)
    clerk = appoint_the_staff(agency)
    scene(clock, "Five cases are opened, each with its people, its order and what is owed")
    open_the_cases(agency, clerk)

    clock.move(minutes=30)
    scene(clock, f"A remittance file arrives: {path.name}")
    try:
        receive(agency, path, clerk)
    except errors.RemittanceRefusedError as refused:
        say(f"The file was refused whole; nothing was posted.\n{refused}")
        return 1
    clock.move(minutes=5)
    scene(clock, "The same file arrives again")
    receive_again(agency, path)
    clock.move(minutes=5)
    scene(clock, "A damaged copy arrives")
    refuse_a_damaged_file(agency, path)

    clock.move(minutes=50)
    scene(clock, "Jane Roe registers on the portal, signs in and looks at her payments")
    token = register_and_sign_in(agency)
    see_the_payments(agency, token)
    clock.move(hours=3)
    scene(clock, "Jane has forgotten her password")
    token = reset_the_forgotten_password(agency, mailbox)
    scene(clock, "Jane asks for a statement")
    see_the_statement(agency, token)

    clock.move(days=25)
    scene(clock, "A new month falls due")
    next_month(agency)
    scene(clock, "The books")
    close_the_books(agency, mailbox)
    return 0


def look_at_the_law(agency: Agency) -> None:
    """Say by which rule money is distributed, and what of the law is uncertain."""
    today = date(2026, 1, 7)
    order = agency.jurisdiction.on(today).cited("distribution.never_assistance_order")
    say(f"Distribution for a family that never had assistance: {order.citation}")
    uncertain = [
        line for line in agency.jurisdiction.coverage().lines if line.confidence.value == "uncertain"
    ]
    say(f"{len(uncertain)} values of the law in force are marked uncertain, among them:")
    for line in uncertain[:3]:
        say(f"  {line.key} = {line.value} ({line.citation})")


def appoint_the_staff(agency: Agency) -> Actor:
    """Appoint two account administrators, who appoint Alex Kim, for cases and payments; give Alex."""
    set_up, administrator = [Actor.system("set-up")], [StaffRole.ACCOUNT_ADMINISTRATOR]
    both = [appointed(agency, name, administrator, set_up) for name in ("pat.lee", "sam.ortiz")]
    return appointed(agency, "alex.kim", [StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK], both)


def appointed(agency: Agency, user_id: str, roles: list[StaffRole], people: list[Actor]) -> Actor:
    """Appoint somebody: the first one's word waits for the second's."""
    email = Secret(f"{user_id}@agency.example")
    for by in people:
        outcome = agency.staff.appoint(user_id, email=email, roles=roles, by=by)
        if isinstance(outcome, Appointed):
            return Actor.staff(outcome.account_id)
    raise AssertionError(outcome)


def open_the_cases(agency: Agency, clerk: Actor) -> None:
    """Open the cases of the small caseload."""
    for application, (_, monthly, payer, payee, _, owed) in zip(caseload(), FAMILIES, strict=True):
        case = agency.cases.open(application, by=clerk)
        before = f", {Money(owed[0][1]).display()} owed from {owed[0][0]}" if owed else ""
        say(f"Case {case.case_number}: {payer} pays {Money(monthly).display()} a month to {payee}{before}")


def receive(agency: Agency, path: Path, clerk: Actor) -> None:
    """Receive the remittance file and tell where each cent went."""
    batch = agency.payments.receive(path.read_bytes(), by=Actor.system("remittance"))
    say(str(batch))
    for receipt in batch.receipts:
        print()
        say(str(agency.payments.explain(receipt, by=clerk)))
    print()
    for report in batch.employment_ends:
        say(f"{report.remitter} reports that employment ended: case {report.case_as_sent}.")
    for remark in batch.remarks:
        say(f"For staff: {remark_in_words(remark)}")
    held = agency.payments.held(by=clerk)
    receipts = "1 receipt" if len(held) == 1 else f"{len(held)} receipts"
    say(f"Waiting for a clerk: {receipts} whose place is not known yet.")


def receive_again(agency: Agency, path: Path) -> None:
    """Receive the same file once more and show that nothing moved."""
    before = agency.payments.balances(by=Actor.system("reconciliation"))
    say(str(agency.payments.receive(path.read_bytes(), by=Actor.system("remittance"))))
    unchanged = agency.payments.balances(by=Actor.system("reconciliation")) == before
    say("Every balance is as it was." if unchanged else "SOMETHING MOVED.")


def refuse_a_damaged_file(agency: Agency, path: Path) -> None:
    """Damage the file and show that it is refused whole, with every fault."""
    damaged = path.read_bytes().replace(b"*260105*", b"*261305*", 1)  # a pay day in a thirteenth month
    damaged = damaged[: len(damaged) // 2]  # and the second half is missing
    try:
        agency.payments.receive(damaged, by=Actor.system("remittance"))
    except errors.RemittanceRefusedError as refused:
        say(str(refused))


def register_and_sign_in(agency: Agency) -> SessionToken:
    """Jane registers with her IRN and signs in."""
    questions = agency.accounts.policies().questions
    assert questions is not None
    for line in agency.accounts.policies().passwords.help_text():
        say(f"The page says: {line}")
    outcome = agency.accounts.register(
        RegistrationForm(
            user_id="jane.roe",
            password=Secret("seven green kites over savannah"),
            full_name="Jane Roe",
            birth_date="1988-07-01",
            ssn=JANES_SSN,
            irn=str(irn_of(0, Role.CUSTODIAL_PARENT)),
            answers=janes_answers(
                question.question_id for question in questions.catalogue[: questions.count]
            ),
        ),
        source="203.0.113.7",
    )
    assert isinstance(outcome, Registered), outcome
    banner = agency.accounts.banner()
    say(f"Everybody agrees first: {banner.text[:76]}…")
    signed_in = agency.accounts.sign_in(
        "Jane.Roe",
        Secret("seven green kites over savannah"),
        banner=banner.version,
        source="203.0.113.7",
    )
    assert isinstance(signed_in, SignedIn), signed_in
    say(f"Registered and signed in. The page greets: {agency.accounts.display_name(signed_in.token)}")
    return signed_in.token


def see_the_payments(agency: Agency, token: SessionToken) -> None:
    """Jane looks at the payments in her case."""
    say(f"Payments in case {JANES_CASE}:")
    for line in agency.payments.history(JANES_CASE, by=token):
        say(f"  {line}")


def reset_the_forgotten_password(agency: Agency, mailbox: list[EmailMessage]) -> SessionToken:
    """Jane has forgotten her password and resets it by her security questions."""
    agreed = agency.accounts.banner().version
    refused = agency.accounts.sign_in(
        "jane.roe", Secret("seven red kites?"), banner=agreed, source="203.0.113.7"
    )
    assert isinstance(refused, SignInRefused), refused
    say(f"A wrong password: {refused.sentence}")
    asked = agency.recovery.questions(JANES_SSN)
    for question in asked:
        say(f"The page asks: {question.text}")
    outcome = agency.recovery.reset_password(
        full_name="Jane Roe",
        ssn=JANES_SSN,
        answers=janes_answers(question.question_id for question in asked),
        source="203.0.113.7",
    )
    assert isinstance(outcome, ResetConfirmed), outcome
    say(f"The page says: {outcome.sentence}")
    say(f"The outbox: {agency.outbox.dispatch(by=Actor.system('dispatch'))}")
    assigned = assigned_password_in(mailbox)
    signed_in = agency.accounts.sign_in("jane.roe", assigned, banner=agreed, source="203.0.113.7")
    assert isinstance(signed_in, SignedIn), signed_in
    try:
        agency.payments.history(JANES_CASE, by=signed_in.token)
    except errors.NotPermittedError as not_yet:
        say(f"Signed in with the password from the mail. Payments? {not_yet}")
    changed = agency.credentials.change_password(
        signed_in.token,
        current=assigned,
        new=Secret("nine brass lanterns by the river"),
        source="203.0.113.7",
    )
    assert isinstance(changed, PasswordChangeAccepted), changed
    say("She chooses a new password, and the whole portal is open to her again.")
    return changed.token


def see_the_statement(agency: Agency, token: SessionToken) -> None:
    """Jane asks for a statement of her case."""
    say(str(agency.payments.statement(JANES_CASE, first=Month(2026, 1), last=Month(2026, 1), by=token)))


def next_month(agency: Agency) -> None:
    """February begins: support falls due, and money held for it is applied."""
    before = held(agency)
    say(f"{agency.payments.charge(by=Actor.system('charging'))} cases charged for {Month(2026, 2)}")
    after = held(agency)
    say(f"Held in January: {before.display()}. Applied to February: {(before - after).display()}.")
    say(f"Still held, for a case unknown or for months to come: {after.display()}")


def close_the_books(agency: Agency, mailbox: list[EmailMessage]) -> None:
    """Send the mail that waits, show what went out, and show that the books balance."""
    say(f"The outbox: {agency.outbox.dispatch(by=Actor.system('dispatch'))}")
    for mail in mailbox:
        say(f"  to {mail['To']}: {mail['Subject']}")
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    for place, amount in balances.items():
        say(f"{place.value:>14} {amount.display():>12}")
    say(f"Both books sum to {Money.total(balances.values()).display()}: every cent is in exactly one place.")
    entries = list(agency.audit.entries(by=Actor.system("audit")))
    say(f"The audit log has {len(entries)} entries. The last three:")
    for number, entry in entries[-3:]:
        say(f"  {number}  {entry.at:%Y-%m-%d %H:%M}  {entry.actor}  {entry.kind}  {entry.subject}")


def held(agency: Agency) -> Money:
    """All money that is held, for whatever reason."""
    return next(
        amount
        for place, amount in agency.payments.balances(by=Actor.system("reconciliation")).items()
        if place.value == "held"
    )


def janes_answers(question_ids: Any) -> tuple[Answer, ...]:
    """What Jane answers to her questions."""
    return tuple(
        Answer(question_id, Secret(f"the {question_id.replace('_', ' ')} of 1995"))
        for question_id in question_ids
    )


def assigned_password_in(mailbox: list[EmailMessage]) -> Secret:
    """Read the assigned password out of the mail, as Jane does."""
    text = next(mail.get_content() for mail in mailbox if "reset" in mail["Subject"])
    found = re.search(r"^ {4}(\S+)\s*$", text, re.MULTILINE)
    assert found is not None, "the mail holds no password"
    return Secret(found[1])


@contextmanager
def mail_server() -> Iterator[tuple[str, list[EmailMessage]]]:
    """A real SMTP server on this machine, and the mail it has received."""
    received: list[EmailMessage] = []

    class Mailbox:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            received.append(message_from_bytes(envelope.content, policy=policy.default))
            return "250 taken"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}?from=no-reply@agency.example", received
    finally:
        server.stop()


def scene(clock: FrozenClock, title: str) -> None:
    """Print the heading of a scene: what time it is in Atlanta, and what happens."""
    now = clock.now().astimezone(ATLANTA)
    print(f"\n=== {now:%A} {now.day} {now:%B %Y}, {now:%H:%M}. {title} ===\n")


def say(text: str) -> None:
    """Print a text, a little indented."""
    print("\n".join(f"  {line}" for line in text.splitlines()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One day at a child-support agency.")
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE, help="a remittance file")
    parser.add_argument("--keep", type=Path, help="a new folder for the database, kept afterwards")
    arguments = parser.parse_args()
    if not arguments.file.is_file():
        parser.error(f"there is no file {arguments.file}")
    if arguments.keep is not None and arguments.keep.exists():
        parser.error(f"{arguments.keep} exists already; name a folder that does not")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
