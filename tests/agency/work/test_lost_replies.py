"""A commit whose reply is lost: the verb finds out what became of it, and says what is true."""

import pytest

from dcss_core import Actor
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES
from dcss_core.errors import BackendError, DuplicateKeyError, InvalidInputError, OutcomeUnknownError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl

AUDITOR = Actor.system("audit")
LOST_BEFORE, LOST_AFTER = "before", "after"
both = pytest.mark.parametrize("lost", [LOST_BEFORE, LOST_AFTER])


class _RolledBack(Exception):  # noqa: N818  # no error: how a transaction is told to save nothing
    """A commit that never happened."""


class LossyStorage(MemoryStorage):
    """A storage in memory that loses replies to commits, before they are done or after.

    `lost` says so for each of the next commits, or None; what is beyond the list is answered.
    """

    def __init__(self):
        super().__init__()
        self.lost = []
        self.commits = 0
        self.calls = []

    def transaction(self, *, writes, wait_seconds=None):
        inner = super().transaction(writes=writes, wait_seconds=wait_seconds)
        return LossyTransaction(inner, self) if writes else inner


class LossyTransaction:
    """A writing transaction of a LossyStorage, which notes what it is asked to write."""

    def __init__(self, inner, storage):
        self._inner, self._storage = inner, storage
        self._calls = []

    def __enter__(self):
        self._transaction = self._inner.__enter__()
        return self

    def __exit__(self, kind, raised, trace):
        if raised is not None:
            return self._inner.__exit__(kind, raised, trace)
        self._storage.commits += 1
        lost = self._storage.lost.pop(0) if self._storage.lost else None
        if lost == LOST_BEFORE:
            self._inner.__exit__(_RolledBack, _RolledBack(), None)
            self._storage.calls.append(self._calls)
        else:
            self._inner.__exit__(None, None, None)
        if lost is not None:
            raise OutcomeUnknownError("the connection was lost while it committed")
        return None

    def __getattr__(self, method):
        def call(*arguments, **options):
            self._calls.append((method, arguments, options))
            return getattr(self._transaction, method)(*arguments, **options)

        return call


class LossyPlugin:
    """An in-process plugin: the one storage `lossy:`."""

    def __init__(self):
        self.storage = LossyStorage()

    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("lossy", "In memory, loses replies", lambda url: self.storage)]


@pytest.fixture
def lossy(opener, outside):
    """An agency and its storage, which can be told to lose replies."""
    plugin = LossyPlugin()
    return opener("lossy:", plugins=[outside, plugin]), plugin.storage


def kinds(agency):
    """The kinds of the entries of the log, but for acts given up, and how many of those there are."""
    found = [entry.kind for _, entry in agency.audit.entries(by=AUDITOR)]
    given_up = found.count("sys_commit_unanswered")
    return [kind for kind in found if kind != "sys_commit_unanswered"], given_up


@both
def test_a_verb_answers_what_was_saved_and_it_was_saved_once(lossy, case_application, intake, lost):
    agency, storage = lossy
    storage.lost = [lost]
    opened = agency.cases.open(case_application, by=intake)
    assert opened.case_number == case_application.case_number
    assert kinds(agency) == (["case_opened"], 1 if lost == LOST_BEFORE else 0)
    assert agency.audit.verify(by=AUDITOR).is_sound
    with pytest.raises(InvalidInputError):
        agency.cases.open(case_application, by=intake)  # it exists


def test_an_act_that_was_given_up_stands_in_the_log_with_its_id_and_who_asked(
    lossy, case_application, intake
):
    agency, storage = lossy
    storage.lost = [LOST_BEFORE]
    agency.cases.open(case_application, by=intake)
    [(_, given_up)] = [each for each in agency.audit.entries(by=AUDITOR) if each[1].kind.startswith("sys_")]
    assert given_up.actor == "system:intake"
    act = given_up.entry_id.partition("-")[0]
    assert given_up.subject == f"act:{act}"
    assert given_up.details == f'{{"act":"{act}"}}'


def test_what_was_given_up_can_not_be_saved_any_more(lossy, case_application, intake):
    """The commit that was sent and not answered arrives late: the id of its act is taken."""
    agency, storage = lossy
    storage.lost = [LOST_BEFORE]
    agency.cases.open(case_application, by=intake)
    [late] = storage.calls
    [(arguments, options)] = [each[1:] for each in late if each[1][0] is AUDIT_ENTRIES.collection]
    with pytest.raises(DuplicateKeyError), storage.transaction(writes=True) as transaction:
        transaction.append(*arguments, **options)
    assert kinds(agency) == (["case_opened"], 1)


@pytest.mark.parametrize(
    "losses",
    [
        [
            LOST_BEFORE,
            LOST_AFTER,
        ],  # given up, and the reply to that was lost: it is not taken for the verb's own
        [LOST_BEFORE, LOST_BEFORE],
        [LOST_BEFORE, LOST_BEFORE, LOST_AFTER],
        [LOST_AFTER, LOST_AFTER],
        [LOST_BEFORE, None, LOST_BEFORE, LOST_AFTER],
        [LOST_BEFORE, None, LOST_AFTER],
    ],
)
def test_replies_that_are_lost_again_and_again_change_nothing_of_that(
    lossy, case_application, intake, losses
):
    agency, storage = lossy
    storage.lost = list(losses)
    assert agency.cases.open(case_application, by=intake).case_number == case_application.case_number
    storage.lost = []
    found, _ = kinds(agency)
    assert found.count("case_opened") == 1
    assert agency.audit.verify(by=AUDITOR).is_sound


@both
def test_where_no_reply_ever_comes_the_verb_says_so(lossy, case_application, intake, lost):
    agency, storage = lossy
    storage.lost = [lost] * 10_000
    if lost == LOST_AFTER:  # each is saved: the second look finds it
        agency.cases.open(case_application, by=intake)
    else:
        with pytest.raises(BackendError):
            agency.cases.open(case_application, by=intake)
    storage.lost = []
    assert kinds(agency)[0].count("case_opened") == (lost == LOST_AFTER)
    assert agency.audit.verify(by=AUDITOR).is_sound
