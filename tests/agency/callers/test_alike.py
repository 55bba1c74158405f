"""Whomever a stranger names, they are told the same, and as much is done: a differential harness.

Each verb that anybody may call is tried ten times in a row for each standing a person can have, from sources
of their own. Everything that could tell one from another is compared: the answer and its words, the runs of
the slow hash, the calls of the storage and the rows they write, and what stands against the source.
"""

from collections import Counter
from datetime import timedelta

import attrs
import pytest

from dcss_core import Actor, Secret, Ssn
from dcss_core.agency.accounts import signing_in
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.found import subject_of
from dcss_core.agency.filing.accounts import ACCOUNTS, THROTTLES
from dcss_core.agency.filing.cases import CONTACT_POINTS
from dcss_core.agency.filing.letters import OWED_LETTERS
from dcss_core.agency.recovery import by_questions, issued_codes, recovery, user_id_reminders
from dcss_core.agency.sending import owing
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.cases import ContactKind, ContactSource, ContactState
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.letters.outgoing.owed_letter import OwedFor, OwedLetter
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.testing import registration_form
from dcss_core.users import Answer
from dcss_core.users.account_control import ControlReason

WRONG = Secret("not the password at all")
TIMES = 10  # past the lock (3), the closing of recovery (5) and that of one user id to one source (10)
NOBODY = "nobody-here"
UNUSED = "900-09-0999"
_PUTS = ("insert", "replace")  # one statement of one row, whether or not it is there


class CountedStorage(MemoryStorage):
    """A storage in memory that writes down how it is called."""

    def __init__(self):
        super().__init__()
        self.calls = Counter()

    def transaction(self, **options):
        return CountedTransaction(super().transaction(**options), self.calls)


class CountedTransaction:
    """A transaction of a CountedStorage."""

    def __init__(self, block, calls):
        self._block, self._calls = block, calls

    def __enter__(self):
        self._transaction = self._block.__enter__()
        self._calls["transaction"] += 1
        return self

    def __exit__(self, *raised):
        self._block.__exit__(*raised)

    def __getattr__(self, method):
        def call(collection, *arguments, **options):
            self._calls["put" if method in _PUTS else method] += 1
            if method in ("insert", "append"):
                self._calls["rows more than calls"] += len(arguments[0]) - 1
            return getattr(self._transaction, method)(collection, *arguments, **options)

        return call


class CountedPlugin:
    """An in-process plugin: the one storage `counted:`."""

    def __init__(self):
        self.storage = CountedStorage()

    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("counted", "In memory, counted", factory=lambda url: self.storage)]


@attrs.frozen
class Named:
    """What a stranger types to name somebody."""

    user_id: str
    full_name: str
    ssn: Ssn
    irn: str


@pytest.fixture
def counted():
    return CountedPlugin()


@pytest.fixture
def agency(opener, outside, counted, mail, monkeypatch):
    outside.channel("texts")
    # numbering is done along with every so many entries, whoever they are about
    monkeypatch.setattr(Resources, "_count_waiting", lambda resources, work: None)
    return opener("counted:", plugins=[outside, counted], channels=["letters:mail", "texts:texts"])


@pytest.fixture
def named(agency, janes_account, jane, john, staff, attempt):
    """Makes somebody of a standing, and says how a stranger names them."""

    def of(standing):
        unknown = Named(NOBODY, "Nobody Here", Ssn(UNUSED, accept_never_issued=True), "NCP999999")
        owner = Named(jane.user_id, jane.name.full, jane.ssn, str(jane.irn))
        if standing == "unknown":
            return unknown
        if standing == "never registered":
            return Named("another-nobody", john.name.full, john.ssn, str(john.irn))
        if standing.startswith("locked"):
            who = owner if standing == "locked" else attrs.evolve(unknown, user_id="locked-nobody")
            for _ in range(3):
                attempt(agency, who.user_id, WRONG, source="elsewhere")
            return who
        if standing == "holder of a code by text":
            on_a_telephone(agency, janes_account)
            agency.recovery.request_code(jane.user_id, way=ContactKind.MOBILE)
            agency.outbox.dispatch(by=Actor.system("dispatch"))
        if standing == "holder of a code":
            agency.recovery.request_code(jane.user_id)
            agency.outbox.dispatch(by=Actor.system("dispatch"))
        if standing in ("disabled", "closed"):
            act = agency.oversight.disable if standing == "disabled" else agency.oversight.close
            act(janes_account, by=staff(), reason=ControlReason.OWNER_ASKED)
        return owner

    return of


def on_a_telephone(agency, account_id):
    """Have a telephone on file whose time to wait is over."""

    def kept(work):
        begun = work.now - timedelta(days=30)
        point = ContactPoint(
            "telephone-1",
            work.get(ACCOUNTS, account_id).record.person_id,
            ContactKind.MOBILE,
            Secret("+14045550100"),
            ContactSource.OWNER,
            ContactState.IN_FORCE,
            recorded_at=begun,
            since=begun,
            codes_from=begun,
        )
        work.insert(CONTACT_POINTS, [point])

    agency.recovery._resources.write(kept)


def sign_in(agency, who, source):
    return agency.accounts.sign_in(who.user_id, WRONG, banner=agency.accounts.banner().version, source=source)


def request_code(agency, who, source):
    return agency.recovery.request_code(who.user_id, source=source)


def request_code_by_text(agency, who, source):
    return agency.recovery.request_code(who.user_id, way=ContactKind.MOBILE, source=source)


def choose_password(agency, who, source):
    return agency.recovery.choose_password(who.user_id, WRONG, Secret("eleven copper kettles"), source=source)


def send_user_id(agency, who, source):
    return agency.recovery.send_user_id(full_name="Somebody Else", ssn=who.ssn, source=source)


def send_right_user_id(agency, who, source):
    return agency.recovery.send_user_id(full_name=who.full_name, ssn=who.ssn, source=source)


def questions(agency, who, source):
    return len(agency.recovery.questions(who.ssn, source=source))


def reset_password(agency, who, source):
    asked = agency.accounts.policies().questions.catalogue[:3]
    answers = [Answer(each.question_id, Secret("no such answer")) for each in asked]
    return agency.recovery.reset_password(
        full_name=who.full_name, ssn=who.ssn, answers=answers, source=source
    )


def register(agency, who, source):
    form = registration_form(
        agency, user_id="wants-in", ssn=who.ssn, irn=who.irn, full_name=who.full_name, birth_date="1971-02-03"
    )
    return agency.accounts.register(form, source=source)


BY_USER_ID = (sign_in, request_code, request_code_by_text, choose_password)
BY_PARTICULARS = (send_user_id, questions, reset_password, register)
PAIRS = [
    *((verb, "unknown", each) for verb in BY_USER_ID for each in ("known", "disabled", "closed")),
    (sign_in, "locked unknown", "locked"),
    (choose_password, "unknown", "holder of a code"),
    (choose_password, "unknown", "holder of a code by text"),
    (request_code_by_text, "unknown", "holder of a code by text"),
    *(
        (verb, "unknown", each)
        for verb in BY_PARTICULARS
        for each in ("known", "disabled", "closed", "never registered")
    ),
]


@pytest.fixture
def tried(agency, counted, hasher):
    """Everything that shows in ten attempts of one verb at somebody, from one source."""

    def observed(verb, who, source):
        seen = []
        for _ in range(TIMES):
            hasher.runs = 0
            counted.storage.calls.clear()
            outcome = verb(agency, who, source)
            calls = dict(counted.storage.calls)
            seen.append((outcome, getattr(outcome, "sentence", ""), hasher.runs, calls))
        return [*seen, against(agency, source)]

    return observed


def against(agency, source):
    """What stands against a source: each way in with its failures and whether it is closed."""
    kept = agency.accounts._resources.read(lambda work: work.find(THROTTLES, ("key",)))
    return sorted(
        (each.record.key.partition("/")[0], len(each.record.failures), each.record.closed_until)
        for each in kept
        if each.record.key.endswith(f"/{source}")
    )


@pytest.mark.parametrize(("verb", "one", "other"), PAIRS, ids=lambda each: getattr(each, "__name__", each))
def test_enumeration_whoever_is_named_the_same_is_told_and_done(named, tried, verb, one, other):
    first, second = named(one), named(other)
    assert tried(verb, first, "203.0.113.1") == tried(verb, second, "203.0.113.2")


def test_enumeration_a_right_name_and_number_take_as_much_as_wrong_ones(named, tried):
    """Else whoever asks for a user id learns which names and numbers belong together; up to the closing."""
    right = tried(send_right_user_id, named("known"), "203.0.113.1")
    wrong = tried(send_user_id, named("unknown"), "203.0.113.2")
    assert right[:4] == wrong[:4]


# --- the harness itself: without any one of what makes the work equal it is red -------------------------


def _written_only_where_changed(monkeypatch):
    monkeypatch.setattr(UnitOfWork, "rewrite", UnitOfWork.put)


def _nothing_counted_at_nobody(monkeypatch):
    monkeypatch.setattr(signing_in.SigningIn, "_counted_at_nobody", lambda self, work, stored: ())


def _nothing_owed_to_nobody(monkeypatch):
    owe = owing.owe

    def owed(work, owed_for, account_id, source, **about):
        if account_id is not None:
            owe(work, owed_for, account_id, source, **about)

    for module in (owing, issued_codes, user_id_reminders):
        monkeypatch.setattr(module, "owe", owed)


def _nobody_not_looked_up(monkeypatch):
    get = UnitOfWork.get
    monkeypatch.setattr(
        UnitOfWork, "get", lambda self, records, key: None if key == "nobody" else get(self, records, key)
    )


def _no_hash_for_nobody(monkeypatch):
    matches = PasswordChecks.matches
    monkeypatch.setattr(
        PasswordChecks,
        "matches",
        lambda self, password, account: account is not None and matches(self, password, account),
    )


def _counted_by_account(monkeypatch):
    """What a pair of user id and source counted before: nothing where there is no account."""
    ways = signing_in.sign_in_ways
    monkeypatch.setattr(
        signing_in, "sign_in_ways", lambda typed: ways(typed) if typed.account_id else ways(typed)[:1]
    )


def _subject_read_as_far_as_there_is_one(monkeypatch):
    for module in (by_questions, user_id_reminders, recovery):
        monkeypatch.setattr(module, "subject_read_alike", subject_of)


def _letters_of_a_lock_written_at_once(monkeypatch):
    def notified(work, events, source):
        for event in events:
            if event.kind == "authn_login_lock":
                work.insert(OWED_LETTERS, [OwedLetter(work.new_id(), OwedFor.SIGN_IN_LOCKED, None, work.now)])

    monkeypatch.setattr(signing_in, "owe_letters", notified)


MUTANTS = [
    (_written_only_where_changed, sign_in, "locked unknown", "locked"),
    (_written_only_where_changed, choose_password, "unknown", "holder of a code"),
    (_nothing_counted_at_nobody, sign_in, "unknown", "known"),
    (_nothing_owed_to_nobody, sign_in, "unknown", "known"),
    (_nothing_owed_to_nobody, request_code, "unknown", "known"),
    (_nobody_not_looked_up, sign_in, "unknown", "known"),
    (_nobody_not_looked_up, choose_password, "unknown", "known"),
    (_nobody_not_looked_up, reset_password, "unknown", "known"),
    (_no_hash_for_nobody, sign_in, "unknown", "known"),
    (_counted_by_account, sign_in, "unknown", "known"),
    (_subject_read_as_far_as_there_is_one, questions, "unknown", "known"),
    (_subject_read_as_far_as_there_is_one, send_user_id, "unknown", "known"),
    (_letters_of_a_lock_written_at_once, sign_in, "unknown", "known"),
]


@pytest.mark.parametrize(
    ("mutant", "verb", "one", "other"), MUTANTS, ids=lambda each: getattr(each, "__name__", each)
)
def test_the_harness_is_red_without_any_one_of_what_makes_the_work_equal(
    named, tried, monkeypatch, mutant, verb, one, other
):
    first, second = named(one), named(other)
    mutant(monkeypatch)
    assert tried(verb, first, "203.0.113.1") != tried(verb, second, "203.0.113.2")
