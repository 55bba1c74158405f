"""The canary: every flow is run with marked secrets, and whatever a stranger could see is searched for them.

Seen are results and what they become as text, dict, JSON and pickle; exceptions with arguments, notes,
causes and tracebacks that show local variables; the audit log; logging, warnings and standard output.
"""

import json
import logging
import pickle
import sqlite3
import traceback
import warnings
from itertools import count

import attrs
import pytest

from dcss_core import Month, RegistrationForm, Secret, SessionToken
from dcss_core.errors import BackendError, DcssError
from dcss_core.plugins import DeliveryFailed

NEW = Secret("CANARY eleven copper kettles")
WRONG = Secret("CANARY a wrong guess at it")
# People type their password into the field beside it; a user ID is no secret to the program that handles it.
TYPED = "CANARY in the wrong field"
MILLION = Secret("CANARY" * 200_000)


class Watch:
    """Collects everything that can be seen from outside while calls are made."""

    def __init__(self):
        self.seen = []
        self.variables = []
        self.secrets = []
        self.typed = []

    def keep_secret(self, *secrets):
        self.secrets += [secret.reveal() for secret in secrets if secret.reveal()]

    def call(self, verb):
        """Make a call and look at all that comes of it; gives the result, or None for an error."""
        try:
            result = verb()
        except DcssError as error:
            self.see_error(error)
            return None
        self.see(result)
        return result

    def see(self, result):
        self.seen += [repr(result), str(result), f"{result}"]
        if attrs.has(type(result)):
            self.seen += [repr(attrs.asdict(result)), json.dumps(attrs.asdict(result), default=str)]
            self.seen += [str(sentence) for sentence in [getattr(result, "sentence", "")]]
        try:
            self.seen.append(pickle.dumps(result).decode("latin-1"))
        except (TypeError, AttributeError, pickle.PicklingError) as refusal:
            self.seen.append(repr(refusal))

    def see_error(self, error):
        self.seen += [str(error), repr(error), repr(error.args), repr(vars(error))]
        self.seen += getattr(error, "__notes__", [])
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        # the variables of this test do hold the secrets
        own = [frame for frame in shown.stack if "/tests/" not in frame.filename]
        self.variables += [f"{frame.name} {frame.locals}" for frame in own]
        for other in (error.__cause__, None if error.__suppress_context__ else error.__context__):
            if other is not None:
                self.see_error(other)

    def leaks(self):
        """The secrets that were seen, with where."""
        everywhere = [(secret, text) for secret in self.secrets for text in (*self.seen, *self.variables)]
        everywhere += [(typed, text) for typed in self.typed for text in self.seen]
        return [
            (secret[:40], text[:2000])
            for secret, text in everywhere
            if secret[:1000] in text or secret[:1000].lower() in text
        ]


@pytest.fixture
def watch(caplog, capfd, jane, john):
    watch = Watch()
    for parent in (jane, john):
        ssn = parent.ssn.reveal()
        watch.keep_secret(parent.password, parent.ssn, parent.email)
        watch.keep_secret(Secret(f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"), Secret(f"{parent.name.last}'s "))
    watch.keep_secret(NEW, WRONG, MILLION)
    watch.typed.append(TYPED)
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        yield watch
    watch.seen += [caplog.text, *(str(each.message) for each in warned), *capfd.readouterr()]
    assert watch.leaks() == []


def test_the_canary_is_caught_wherever_it_is_seen(jane):
    """That the search finds something is what makes finding nothing mean anything."""
    watch = Watch()
    watch.keep_secret(jane.password)
    places = [
        lambda: watch.see(attrs.make_class("Result", ["password"])(jane.password.reveal())),
        lambda: watch.see_error(BackendError(f"no: {jane.password.reveal()}", retryable=False)),
        lambda: watch.see_error(noted(BackendError("no", retryable=False), jane.password.reveal())),
        lambda: watch.see_error(caused(BackendError("no", retryable=False), jane.password.reveal())),
    ]
    for place in places:
        watch.seen.clear()
        watch.variables.clear()
        place()
        assert watch.leaks()


def noted(error, note):
    error.add_note(note)
    return error


def caused(error, cause):
    error.__cause__ = ValueError(cause)
    return error


def everything(agency, watch, case_number, form, jane, mail, clock):
    """Every flow on accounts, with each way it can go wrong."""
    questions = agency.accounts.policies().questions.catalogue
    accounts, recovery = agency.accounts, agency.recovery
    yield lambda: accounts.register(attrs.evolve(form, password=Secret("CANARY")))
    yield lambda: accounts.register(attrs.evolve(form, ssn=Secret("900-01-CANARY"), user_id=TYPED))
    yield lambda: accounts.register(attrs.evolve(form, password=MILLION, birth_date=TYPED))
    yield lambda: accounts.register(RegistrationForm("", Secret(""), "", "", Secret("")))
    yield lambda: accounts.register(attrs.evolve(form, full_name="John Doe"))
    yield lambda: accounts.register(attrs.evolve(form, irn="CP999999"))
    yield lambda: accounts.register(form)
    yield lambda: accounts.register(attrs.evolve(form, user_id="another-id"))
    for user_id, password in (
        (jane.user_id, WRONG),
        (TYPED, WRONG),
        (jane.user_id, MILLION),
        (jane.user_id, Secret("CANARY \ud800")),
    ):
        yield lambda user_id=user_id, password=password: accounts.sign_in(user_id, password)
    signed_in = []

    def sign_in(password):
        outcome = accounts.sign_in(jane.user_id, password)
        signed_in.append(outcome.token)
        watch.keep_secret(outcome.token)
        return outcome

    yield lambda: sign_in(jane.password)
    token = signed_in[-1]
    yield lambda: accounts.display_name(token)
    yield lambda: agency.payments.history(token, case_number)
    yield lambda: agency.payments.statement(token, case_number, first=Month(2026, 1), last=Month(2026, 1))
    yield lambda: accounts.display_name(SessionToken(WRONG.reveal()))
    yield lambda: accounts.change_password(token, current=WRONG, new=MILLION)
    yield lambda: accounts.change_password(token, current=jane.password, new=jane.password)
    yield lambda: accounts.change_password(token, current=jane.password, new=Secret("CANARY"))
    answers = jane.answers(questions[4:7])
    yield lambda: accounts.change_answers(token, password=WRONG, answers=answers[:1])
    yield lambda: accounts.change_answers(token, password=jane.password, answers=answers)
    wrong_answers = tuple(attrs.evolve(each, text=WRONG) for each in answers)
    reset = {"full_name": "Jane Roe", "ssn": jane.ssn, "answers": answers}
    yield lambda: recovery.questions(jane.ssn)
    yield lambda: recovery.reset_password(**{**reset, "answers": wrong_answers})
    yield lambda: recovery.reset_password(**reset)

    def dispatch():
        report = agency.outbox.dispatch()
        watch.keep_secret(*[mail.assigned_password()] if mail.bodies("Your password was reset") else [])
        return report

    mail.script = [
        RuntimeError(f"550 {jane.email.reveal()} has no mailbox"),
        DeliveryFailed("no connection", retryable=True),
    ]
    yield dispatch
    clock.move(minutes=5)
    yield dispatch
    assigned = mail.assigned_password()
    yield lambda: sign_in(assigned)
    yield lambda: agency.payments.history(signed_in[-1], case_number)
    yield lambda: accounts.change_password(signed_in[-1], current=assigned, new=assigned)
    changed = []

    def change():
        outcome = accounts.change_password(signed_in[-1], current=assigned, new=NEW)
        changed.append(outcome.token)
        watch.keep_secret(outcome.token)
        return outcome

    yield change
    yield lambda: accounts.sign_out(changed[-1])
    yield lambda: accounts.display_name(changed[-1])
    yield lambda: agency.subscriptions.dispatch()
    yield dispatch


def test_no_flow_shows_a_secret(
    opener, storage_url, case_application, clerk, jane, form_of, mail, clock, watch
):
    agency = opener(storage_url, subscribers=["script:one"])
    watch.call(lambda: agency.cases.open(case_application, by=clerk))
    watch.call(lambda: agency.cases.open(case_application, by=clerk))  # everybody is on file: refused
    form = form_of(agency, jane)
    for flow in everything(agency, watch, case_application.case_number, form, jane, mail, clock):
        watch.call(flow)
    watch.see(agency)
    watch.see([form, agency.accounts, agency.recovery, agency.outbox, agency.subscriptions, agency.plugins])
    watch.seen += [repr(entry) for _, entry in agency.audit.entries()]
    assert sorted(each.subject for each in mail.delivered) == [  # every flow went its way
        "Your online account",
        "Your password was changed",
        "Your password was reset",
        "Your security questions were changed",
    ]


def test_no_failure_of_the_storage_shows_a_secret(
    fragile, case_application, clerk, jane, form_of, mail, clock, watch
):
    """Each flow fails at its first call to the storage, then at its second, and so on until it succeeds."""
    agency, storage = fragile
    failures = 0

    def insistently(flow):
        nonlocal failures
        for number in count(1):
            storage.fail_at = storage.calls + number
            watch.call(flow)
            if storage.calls < storage.fail_at:
                return
            failures += 1

    insistently(lambda: agency.cases.open(case_application, by=clerk))
    form = form_of(agency, jane)
    for flow in everything(agency, watch, case_application.case_number, form, jane, mail, clock):
        insistently(flow)
    storage.fail_at = None
    watch.seen += [repr(entry) for _, entry in agency.audit.entries()]
    assert failures > 100


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people SET ssn = email",
        "UPDATE people SET email = ssn",
        "UPDATE people SET name = '{\"CANARY\": 1}'",
        "UPDATE accounts SET state = 'CANARY'",
        "UPDATE accounts SET password_hash = '{\"CANARY\": 1}'",
        "UPDATE security_answers SET question_ids = '\"CANARY\"'",
    ],
)
def test_no_row_changed_by_hand_shows_what_stands_in_it(
    opener, sqlite_url, case_application, clerk, jane, register, reset, watch, statement
):
    watch.typed.append("CANARY")
    agency = opener(sqlite_url)
    agency.cases.open(case_application, by=clerk)
    register(agency, jane)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(statement)
    connection.close()
    watch.call(lambda: reset(agency, jane))
    watch.call(lambda: agency.accounts.sign_in(jane.user_id, jane.password))
    assert any("by hand" in text or "changed or moved" in text for text in watch.seen), watch.seen
