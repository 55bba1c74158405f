"""`agency.subscriptions`: each subscriber gets each event at least once, in order."""

import re

import pytest

from dcss_core import Actor
from dcss_core.errors import BackendError, ConfigurationError, InvalidInputError

pytestmark = pytest.mark.on_every_storage

DISPATCH = Actor.system("dispatch")


@pytest.fixture
def told(opener, storage_url, case_application, intake, jane, register):
    """An agency with two subscribers, in which two things happened: a case was opened, Jane registered."""
    agency = opener(storage_url, subscribers=["script:one", "script:two"])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    return agency


def taken(subscriber):
    return [event.sequence for event in subscriber.taken]


def test_every_subscriber_gets_every_event_in_the_order_of_the_log(told, outside):
    told.subscriptions.dispatch(by=Actor.system("dispatch"))
    for name in ("one", "two"):
        assert [(event.sequence, event.kind) for event in outside.subscriber(name).taken] == [
            (1, "case_opened"),
            (2, "user_created"),
        ]


def test_an_event_reaches_a_subscriber_as_the_log_holds_it(told, outside):
    told.subscriptions.dispatch(by=Actor.system("dispatch"))
    event = outside.subscriber().taken[0]
    [(_, entry)] = told.audit.about("case:0004567890", by=Actor.system("audit"))
    assert (event.at, event.kind, event.subject) == (entry.at, entry.kind, entry.subject)
    details = dict(event.details)
    assert re.fullmatch("1:[0-9a-f]{64}", details.pop("recorded"))
    assert details == {
        "case_number": "0004567890",
        "assistance": "never_assistance",
        "opening_arrears": "50.00",
    }


def test_what_was_taken_does_not_come_again(told, outside, jane):
    told.subscriptions.dispatch(by=Actor.system("dispatch"))
    assert [each.events for each in told.subscriptions.dispatch(by=Actor.system("dispatch"))] == [0, 0]
    told.accounts.sign_in(jane.user_id, jane.password, banner=told.accounts.banner().version)
    told.subscriptions.dispatch(by=Actor.system("dispatch"))
    # success, a session, and the notice of monitoring accepted for the first time
    assert taken(outside.subscriber()) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "failure",
    [
        BackendError("no connection", retryable=True),
        BackendError("gone", retryable=False),
        InvalidInputError("what is this"),
        RuntimeError("https://user:password@host"),
    ],
)
def test_a_subscriber_that_fails_gets_the_same_event_again_and_stops_nobody_else(told, outside, failure):
    outside.subscriber("one").script = [None, failure]
    first, second = sorted(
        told.subscriptions.dispatch(by=Actor.system("dispatch")), key=lambda each: each.events
    )
    assert (first.events, second.events) == (1, 2)
    assert first.failure is not None
    assert "password" not in first.failure
    assert second.failure is None
    told.subscriptions.dispatch(by=Actor.system("dispatch"))
    assert taken(outside.subscriber("one")) == [1, 2]
    assert taken(outside.subscriber("two")) == [1, 2]


def test_a_round_gives_no_more_than_its_limit(told, outside):
    assert [each.events for each in told.subscriptions.dispatch(limit=1, by=Actor.system("dispatch"))] == [
        1,
        1,
    ]
    assert [each.events for each in told.subscriptions.dispatch(limit=1, by=Actor.system("dispatch"))] == [
        1,
        1,
    ]
    assert taken(outside.subscriber()) == [1, 2]


def test_a_subscribers_place_survives_reopening(
    opener, sqlite_url, case_application, intake, jane, register, outside
):
    first = opener(sqlite_url, subscribers=["script:one"])
    first.cases.open(case_application, by=intake)
    first.subscriptions.dispatch(by=Actor.system("dispatch"))
    first.close()
    second = opener(sqlite_url, subscribers=["script:one"])
    register(second, jane)
    second.subscriptions.dispatch(by=Actor.system("dispatch"))
    assert taken(outside.subscriber()) == [1, 2]


def test_a_subscriber_that_comes_later_gets_everything_from_the_beginning(
    opener, sqlite_url, case_application, intake, outside
):
    first = opener(sqlite_url, subscribers=["script:one"])
    first.cases.open(case_application, by=intake)
    first.subscriptions.dispatch(by=Actor.system("dispatch"))
    first.close()
    opener(sqlite_url, subscribers=["script:late"]).subscriptions.dispatch(by=Actor.system("dispatch"))
    assert taken(outside.subscriber("late")) == [1]


# --- several dispatchers -----------------------------------------------------------------------------------


@pytest.fixture
def looked_at(opener, storage_url, case_application, clerk_of):
    """An agency with one subscriber, in which five things happened."""
    agency = opener(storage_url, subscribers=["script:one"])
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    for _ in range(4):
        agency.cases.find(case_application.case_number, by=clerk)
    return agency


def fed(agency, **options):
    [report] = agency.subscriptions.dispatch(by=Actor.system("dispatch"), **options)
    return report.events, report.is_at_work_elsewhere


def while_receiving(subscriber, *meanwhile):
    """Has something happen while the subscriber takes its first events, one each."""
    receive, acts = subscriber.receive, iter(meanwhile)

    def received(event):
        next(acts, lambda: None)()
        receive(event)

    subscriber.receive = received


def test_several_dispatchers_at_once_give_every_event_once_and_in_order(looked_at, outside, at_once):
    reports = [report for [report] in at_once(4, lambda: looked_at.subscriptions.dispatch(by=DISPATCH))]
    looked_at.subscriptions.dispatch(by=DISPATCH)
    assert taken(outside.subscriber()) == [1, 2, 3, 4, 5]
    assert sum(report.events for report in reports) in (0, 5)


def test_while_one_dispatcher_feeds_a_subscriber_another_leaves_it_alone_and_says_so(looked_at, outside):
    others = []
    while_receiving(outside.subscriber(), lambda: others.append(fed(looked_at)))
    assert fed(looked_at) == (5, False)
    assert others == [(0, True)]
    assert taken(outside.subscriber()) == [1, 2, 3, 4, 5]


def test_a_dispatcher_that_is_done_lets_the_next_one_begin_at_once(looked_at, outside):
    assert [fed(looked_at, limit=2) for _ in range(4)] == [(2, False), (2, False), (1, False), (0, False)]


def test_a_subscriber_of_a_dispatcher_that_died_is_fed_by_another_after_five_minutes(
    looked_at, outside, clock
):
    outside.subscriber().script = [None, KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        fed(looked_at)
    clock.move(minutes=5, seconds=-1)
    assert fed(looked_at) == (0, True)
    clock.move(seconds=1)
    assert fed(looked_at) == (5, False)
    assert taken(outside.subscriber()) == [1, 1, 2, 3, 4, 5]  # the first came twice, under one number


def test_a_dispatcher_that_takes_long_keeps_its_subscriber(looked_at, outside, clock):
    others = []

    def slowly():
        clock.move(minutes=4)
        others.append(fed(looked_at))

    while_receiving(outside.subscriber(), *[slowly] * 5)
    assert fed(looked_at) == (5, False)
    assert others == [(0, True)] * 5
    assert taken(outside.subscriber()) == [1, 2, 3, 4, 5]


def test_a_dispatcher_whose_lease_another_has_stops_after_the_event_it_was_at(looked_at, outside, clock):
    def other():  # it gives two and dies over the third
        clock.move(minutes=5)
        subscriber.script = [None, None, KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):
            fed(looked_at)

    subscriber = outside.subscriber()
    while_receiving(subscriber, other)
    assert fed(looked_at) == (1, True)
    assert taken(subscriber) == [1, 2, 1]
    clock.move(minutes=5)
    assert fed(looked_at) == (4, False)
    assert taken(subscriber) == [1, 2, 1, 2, 3, 4, 5]


def test_a_dispatcher_that_was_overtaken_stops_and_does_not_set_the_subscriber_back(
    looked_at, outside, clock
):
    def other():
        clock.move(minutes=5)
        assert fed(looked_at) == (5, False)

    while_receiving(outside.subscriber(), other)
    assert fed(looked_at) == (1, True)
    assert taken(outside.subscriber()) == [1, 2, 3, 4, 5, 1]
    assert fed(looked_at) == (0, False)


OF_ONE = "script+https://user:token@hooks.example:8443/dcss?timeout_seconds=20#x"


@pytest.mark.parametrize(
    ("url", "events"),
    [
        ("script+https://hooks.example:8443/dcss", 0),
        ("script+https://HOOKS.example:8443/dcss?token=other", 0),
        ("script+https://hooks.example:8443/other", 1),
        ("script+https://hooks.example/dcss", 1),
        ("script+https://other.example:8443/dcss", 1),
    ],
)
def test_a_subscribers_place_hangs_on_where_events_go_and_not_on_options(
    opener, sqlite_url, case_application, intake, outside, url, events
):
    outside.subscriber_schemes += ("script+https",)
    first = opener(sqlite_url, subscribers=[OF_ONE])
    first.cases.open(case_application, by=intake)
    first.subscriptions.dispatch(by=Actor.system("dispatch"))
    first.close()
    (report,) = opener(sqlite_url, subscribers=[url]).subscriptions.dispatch(by=Actor.system("dispatch"))
    assert report.events == events


def test_two_subscribers_that_would_share_a_place_are_refused(opener):
    with pytest.raises(ConfigurationError, match="share one place") as refused:
        opener("memory:", subscribers=["script:one?token=a1", "script:one?token=b2"])
    assert "a1" not in str(refused.value)


def test_a_subscriber_that_is_no_url_is_refused_without_showing_it(opener):
    with pytest.raises(ConfigurationError, match="no URL") as refused:
        opener("memory:", subscribers=["script://user:a1@[half/dcss"])
    assert "a1" not in str(refused.value)


def test_the_url_of_a_subscriber_is_not_stored_or_reported(told, outside):
    assert not any(
        "one" in each.subscriber for each in told.subscriptions.dispatch(by=Actor.system("dispatch"))
    )
