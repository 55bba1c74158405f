"""The canary: every flow is run with marked secrets, and whatever a stranger could see is searched for them.

Seen are results and what they become as text, dict, JSON and pickle; exceptions with arguments, notes,
causes and tracebacks that show local variables; the audit log; logging, warnings and standard output.
"""

import hashlib
import http.server
import json
import logging
import pickle
import sqlite3
import threading
import traceback
import warnings
from itertools import count

import attrs
import pluggy
import pytest

from dcss_core import Actor, KeyRing, Month, Secret, Ssn
from dcss_core.errors import BackendError, DcssError
from dcss_core.plugins import DeliveryFailed
from dcss_core.ports.keys import MasterKey
from dcss_core.users import Appointed, RegistrationForm, SessionToken
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

NEW = Secret("CANARY eleven copper kettles")
WRONG = Secret("CANARY a wrong guess at it")
# People type their password into the field beside it; a user ID is no secret to the program that handles it.
TYPED = "CANARY in the wrong field"
MILLION = Secret("CANARY" * 200_000)
WORKER = Secret("CANARY.worker@dcss.example.gov")
MIRROR = Secret("CANARY-of-a-mirror")
WHY = ControlReason.SUSPECTED_MISUSE
NOBODYS = Ssn("900-01-0999", accept_never_issued=True)


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
        self.last_raised = False
        try:
            result = verb()
        except DcssError as error:
            self.last_raised = True
            self.see_error(error)
            return None
        self.see(result)
        return result

    def see(self, result):
        self.seen += [repr(result), str(result), f"{result}"]
        if attrs.has(type(result)):
            self.seen += [repr(attrs.asdict(result)), str(getattr(result, "sentence", ""))]
            try:
                self.seen.append(json.dumps(attrs.asdict(result), default=str))
            except TypeError as refusal:  # tables of rules are kept by day
                self.seen.append(repr(refusal))
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
    watch.keep_secret(NEW, WRONG, MILLION, WORKER, MIRROR)
    watch.typed.append(TYPED)
    # each logger for itself: a library may have set its own level
    for name in (None, "pluggy", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    with warnings.catch_warnings(record=True) as warned:
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
    accounts, credentials, recovery = agency.accounts, agency.credentials, agency.recovery
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
        yield lambda user_id=user_id, password=password: accounts.sign_in(
            user_id, password, banner=accounts.banner().version
        )
        yield lambda user_id=user_id, password=password: accounts.sign_in(user_id, password, banner=TYPED)
    signed_in = []

    def sign_in(password):
        outcome = accounts.sign_in(jane.user_id, password, banner=accounts.banner().version)
        signed_in.append(outcome.token)
        watch.keep_secret(outcome.token)
        return outcome

    yield lambda: sign_in(jane.password)
    token = signed_in[-1]
    yield lambda: accounts.display_name(token)
    yield lambda: agency.payments.history(case_number, by=token)
    yield lambda: agency.payments.statement(case_number, first=Month(2026, 1), last=Month(2026, 1), by=token)
    yield lambda: accounts.display_name(SessionToken(WRONG.reveal()))
    yield lambda: credentials.change_password(token, current=WRONG, new=MILLION)
    yield lambda: credentials.change_password(token, current=jane.password, new=jane.password)
    yield lambda: credentials.change_password(token, current=jane.password, new=Secret("CANARY"))
    answers = jane.answers(questions[4:7])
    yield lambda: credentials.change_answers(token, password=WRONG, answers=answers[:1])
    yield lambda: credentials.change_answers(token, password=jane.password, answers=answers)
    wrong_answers = tuple(attrs.evolve(each, text=WRONG) for each in answers)
    reset = {"full_name": "Jane Roe", "ssn": jane.ssn, "answers": answers}
    yield lambda: recovery.questions(jane.ssn)
    yield lambda: recovery.reset_password(**{**reset, "answers": wrong_answers})
    yield lambda: recovery.reset_password(**reset)

    def dispatch():
        clock.move(minutes=5)  # what a dispatcher leased that failed is due again
        report = agency.outbox.dispatch(by=Actor.system("dispatch"))
        watch.keep_secret(*[mail.assigned_password()] if mail.bodies("Your password was reset") else [])
        return report

    mail.script = [
        RuntimeError(f"550 {jane.email.reveal()} has no mailbox"),
        DeliveryFailed("no connection", retryable=True),
    ]
    yield dispatch
    yield dispatch
    assigned = mail.assigned_password()
    yield lambda: sign_in(assigned)
    yield lambda: agency.payments.history(case_number, by=signed_in[-1])
    yield lambda: credentials.change_password(signed_in[-1], current=assigned, new=assigned)
    changed = []

    def change():
        outcome = credentials.change_password(signed_in[-1], current=assigned, new=NEW)
        changed.append(outcome.token)
        watch.keep_secret(outcome.token)
        return outcome

    yield change
    yield lambda: accounts.sign_out(changed[-1])
    yield lambda: accounts.display_name(changed[-1])
    yield lambda: agency.subscriptions.dispatch(by=Actor.system("dispatch"))
    yield dispatch


def sessions_of(agency, watch, jane):
    """Every flow on one's own sessions, with each way it can go wrong."""
    tokens, sessions = [], agency.sessions

    def sign_in():
        outcome = agency.accounts.sign_in(
            jane.user_id, NEW, banner=agency.accounts.banner().version, source="203.0.113.7\r\nforged"
        )
        tokens.append(outcome.token)
        watch.keep_secret(outcome.token)
        return outcome

    def again():
        outcome = sessions.reauthenticate(tokens[-1], password=NEW)
        tokens.append(outcome.token)
        watch.keep_secret(outcome.token)
        return outcome

    yield sign_in
    yield sign_in
    yield lambda: sessions.check(tokens[-1])
    yield lambda: sessions.check(SessionToken(WRONG.reveal()))
    yield lambda: sessions.own(tokens[-1])
    yield lambda: sessions.end(tokens[-1], TYPED)
    yield lambda: sessions.end_others(tokens[-1])
    yield lambda: sessions.reauthenticate(tokens[-1], password=WRONG)
    yield lambda: sessions.reauthenticate(tokens[-1], password=MILLION)
    yield again
    yield lambda: sessions.check(tokens[-1])


def staff_at_work(agency, watch, jane, mail):
    """Every flow of staff on accounts, with each way it can go wrong."""
    staff, oversight, made = agency.staff, agency.oversight, []
    first, roles = [StaffRole.ACCOUNT_ADMINISTRATOR, StaffRole.HELP_DESK], [StaffRole.HELP_DESK]
    banner = agency.accounts.banner().version

    def appoint(user_id, by, roles=roles):
        appointed = staff.appoint(user_id, email=WORKER, roles=roles, by=by)
        made.extend([Actor.staff(appointed.account_id)] if isinstance(appointed, Appointed) else [])
        return appointed

    def dispatch():
        report = agency.outbox.dispatch(by=Actor.system("dispatch"))
        watch.keep_secret(*[mail.appointed_password("worker-1")] if len(made) else [])
        return report

    yield lambda: appoint("worker-1", Actor.system("set-up"), roles=first)
    yield lambda: appoint("colleague", Actor.system("set-up"), roles=first)
    by, colleague = made
    yield lambda: staff.appoint(TYPED, email=WRONG, roles=roles, by=by)
    yield lambda: staff.appoint("worker-1", email=WORKER, roles=roles, by=by)
    yield lambda: appoint("worker-2", colleague)
    yield lambda: agency.approvals.waiting(by=by)
    yield lambda: agency.approvals.withdraw(TYPED, by=by)
    yield lambda: appoint("worker-2", by)
    yield lambda: staff.appoint_shared("front-desk", email=WORKER, by=by)
    yield lambda: staff.set_roles(made[-1].actor_id, roles, by=colleague)
    yield lambda: staff.set_roles(made[-1].actor_id, roles, by=by)
    yield lambda: staff.set_roles(by.actor_id, roles, by=by)
    yield dispatch
    yield lambda: agency.accounts.sign_in("worker-1", WRONG, banner=banner)
    for named in (jane.user_id, TYPED, jane.irn):
        yield lambda named=named: oversight.find(named, by=by)
    account_id = oversight.find(jane.user_id, by=by).account_id
    yield lambda: oversight.status(account_id, by=by)
    yield lambda: oversight.status(TYPED, by=by)
    yield lambda: oversight.status(account_id, by=made[-1])
    yield lambda: oversight.locked(by=by)
    yield lambda: oversight.close(account_id, by=colleague, reason=WHY)
    for act in ("lift_lock", "demand_password_change", "disable", "disable", "enable", "close", "enable"):
        yield lambda act=act: getattr(oversight, act)(account_id, by=by, reason=WHY)
    yield lambda: oversight.end_sessions(account_id, by=by)
    yield lambda: oversight.reopen_source(TYPED, by=by)
    yield lambda: oversight.disclose_identifiers(jane.ssn, by=by, reason=WHY)
    yield lambda: oversight.disclose_identifiers(NOBODYS, by=by, reason=WHY)
    yield dispatch


def test_no_flow_shows_a_secret(
    opener, storage_url, case_application, intake, jane, form_of, mail, clock, watch
):
    agency = opener(storage_url, subscribers=["script:one"])
    watch.call(lambda: agency.cases.open(case_application, by=intake))
    watch.call(lambda: agency.cases.open(case_application, by=intake))  # everybody is on file: refused
    form = form_of(agency, jane)
    for flows in (
        everything(agency, watch, case_application.case_number, form, jane, mail, clock),
        sessions_of(agency, watch, jane),
        staff_at_work(agency, watch, jane, mail),
    ):
        for flow in flows:
            watch.call(flow)
    watch.see(agency)
    watch.see([form, *(getattr(agency, area.name) for area in attrs.fields(type(agency)))])
    watch.seen += [repr(entry) for _, entry in agency.audit.entries(by=Actor.system("audit"))]
    assert sorted(each.subject for each in mail.delivered) == [  # every flow went its way
        *["An account was set up for you"] * 4,
        *["Your online account"] * 6,  # registered, and five acts of staff
        "Your password was changed",
        "Your password was reset",
        "Your security questions were changed",
    ]


def test_no_failure_of_the_storage_shows_a_secret(
    fragile, case_application, intake, jane, form_of, mail, clock, watch
):
    """Each flow fails at its first call to the storage, then at its second, and so on until it succeeds."""
    agency, storage = fragile
    failures = 0

    def insistently(flow):
        nonlocal failures
        for number in count(1):
            storage.fail_at = storage.calls + number
            watch.call(flow)
            # what is numbered or noted after the verb may fail, and the verb does not
            if storage.calls < storage.fail_at or not watch.last_raised:
                return
            failures += 1

    insistently(lambda: agency.cases.open(case_application, by=intake))
    form = form_of(agency, jane)
    for flows in (
        everything(agency, watch, case_application.case_number, form, jane, mail, clock),
        sessions_of(agency, watch, jane),
        staff_at_work(agency, watch, jane, mail),
    ):
        for flow in flows:
            insistently(flow)
            storage.fail_at = None
    storage.fail_at = None
    watch.seen += [repr(entry) for _, entry in agency.audit.entries(by=Actor.system("audit"))]
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
    opener, sqlite_url, case_application, intake, jane, register, reset, watch, statement
):
    watch.typed.append("CANARY")
    agency = opener(sqlite_url)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(statement)
    connection.close()
    watch.call(lambda: reset(agency, jane))
    watch.call(
        lambda: agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    )
    assert any("by hand" in text or "changed or moved" in text for text in watch.seen), watch.seen


# --- the packages underneath -------------------------------------------------------------------------------


@pytest.fixture
def traced(monkeypatch):
    """Everything that pluggy's tracing prints, switched on in every plugin manager made meanwhile."""
    lines, made = [], pluggy.PluginManager.__init__

    def make(manager, *arguments, **options):
        made(manager, *arguments, **options)
        manager.trace.root.setwriter(lines.append)
        manager.enable_tracing()

    monkeypatch.setattr(pluggy.PluginManager, "__init__", make)
    return lines


def test_what_pluggy_traces_while_an_agency_opens_shows_no_key_and_no_url(opener, sqlite_url, watch, traced):
    hidden = Secret("CANARY-of-a-channel")
    keys = KeyRing((MasterKey("k1", Secret("cafe" * 16)),))
    watch.keep_secret(hidden, Secret("cafe" * 16), Secret(sqlite_url))
    opener(sqlite_url, keys=keys, channels=[f"letters:{hidden.reveal()}"], subscribers=["script:one"])
    assert any("dcss_storage_backends" in line for line in traced)
    watch.seen += traced


class RangeApi(http.server.BaseHTTPRequestHandler):
    """Answers as the list of breached passwords does, that it holds none of the range."""

    def do_GET(self):
        self.server.asked.append(self.path)
        answer = b"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_given):
        pass


@pytest.fixture
def range_api():
    """A list of breached passwords on loopback, at a path that is a secret; gives server and URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), RangeApi) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server, f"hibp+http://127.0.0.1:{server.server_port}/{MIRROR.reveal()}"
        server.shutdown()
        thread.join()


def test_a_look_up_among_breached_passwords_leaves_no_password_and_not_its_whole_hash_in_a_log(
    opener, case_application, intake, jane, form_of, attempt, watch, range_api
):
    server, url = range_api
    agency = opener("memory:", breach_check=url)
    agency.cases.open(case_application, by=intake)
    for password in (jane.password, NEW):
        digest = hashlib.sha1(password.reveal().encode()).hexdigest()
        watch.keep_secret(Secret(digest.upper()), Secret(digest), Secret(digest[5:].upper()))
    watch.call(lambda: agency.accounts.register(form_of(agency, jane)))
    token = attempt(agency, jane.user_id, jane.password).token
    watch.call(lambda: agency.credentials.change_password(token, current=jane.password, new=NEW))
    assert len(server.asked) == 2
    assert all(len(path.rpartition("/")[2]) == 5 for path in server.asked)
