"""What is outside takes longer than a verb waits for others, and what it said is saved all the same."""

import threading
import time

import pytest

from dcss_core import Actor

DISPATCH = Actor.system("dispatch")
BUSY_SECONDS = 1


@pytest.fixture
def agency(opener, sqlite_url, case_application, intake, jane, register):
    """An agency in which something happened and a letter waits."""
    made = opener(f"{sqlite_url}?busy_seconds={BUSY_SECONDS}", subscribers=["script:one"])
    made.cases.open(case_application, by=intake)
    register(made, jane)
    return made


@pytest.fixture
def slowly(agency):
    """Makes a call of something outside slow; when it ends another is writing, for a moment."""
    writers = []

    def writes(begun):
        with agency._resources.storage.transaction(writes=True):
            begun.set()
            time.sleep(BUSY_SECONDS / 4)

    def made(call):
        def slow(given):
            time.sleep(BUSY_SECONDS + 0.2)
            begun = threading.Event()
            writers.append(threading.Thread(target=writes, args=[begun]))
            writers[-1].start()
            begun.wait()
            return call(given)

        return slow

    yield made
    for writer in writers:
        writer.join()


def test_a_slow_channel_does_not_use_up_the_time_to_note_what_it_said(agency, mail, slowly):
    mail.deliver = slowly(mail.deliver)
    assert agency.outbox.dispatch(by=DISPATCH).delivered == 1


def test_a_slow_subscriber_does_not_use_up_the_time_to_note_what_it_took(agency, outside, slowly):
    subscriber = outside.subscriber()
    subscriber.receive = slowly(subscriber.receive)
    [report] = agency.subscriptions.dispatch(by=DISPATCH)
    assert (report.events, report.failure) == (2, None)
    [report] = agency.subscriptions.dispatch(by=DISPATCH)
    assert report.events == 0
