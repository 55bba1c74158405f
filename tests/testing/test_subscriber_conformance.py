"""The subscriber kit passes a sound subscriber and fails every broken one."""

import json
import logging
from datetime import timedelta

import attrs
import pytest

from dcss_core.errors import BackendError
from dcss_core.plugins import RecordedEvent
from dcss_core.testing import ScriptedSubscriber, SubscriberConformance


@attrs.define
class Inbox:
    """A sound subscriber: what it takes lies in an inbox, each event as it came."""

    arrived: list[RecordedEvent] = attrs.field(factory=list, repr=False)
    closed: bool = False

    def receive(self, event):
        self.arrived.append(self.written(event))

    def written(self, event):
        return event

    def close(self):
        self.closed = True


class Away(Inbox):
    """A sound subscriber that reaches nobody."""

    def receive(self, event):
        raise BackendError("the far side is away", retryable=True)


class TestASoundSubscriber(SubscriberConformance):
    @pytest.fixture
    def subscriber(self):
        return Inbox()

    @pytest.fixture
    def received(self, subscriber):
        return lambda: subscriber.arrived

    @pytest.fixture
    def unavailable(self):
        return Away()


class OnceEach(Inbox):
    def receive(self, event):
        if event.sequence not in {each.sequence for each in self.arrived}:
            super().receive(event)


class TestASubscriberThatKnowsARepeatedOne(TestASoundSubscriber):
    @pytest.fixture
    def subscriber(self):
        return OnceEach()


class TestTheScriptedSubscriber(TestASoundSubscriber):
    @pytest.fixture
    def subscriber(self):
        return ScriptedSubscriber()

    @pytest.fixture
    def received(self, subscriber):
        return lambda: subscriber.taken

    @pytest.fixture
    def unavailable(self):
        return ScriptedSubscriber(always=BackendError("away", retryable=True))


class DropsTheFraction(Inbox):
    def written(self, event):
        return attrs.evolve(event, at=event.at.replace(microsecond=0))


class TellsAnotherHour(Inbox):
    def written(self, event):
        return attrs.evolve(event, at=event.at + timedelta(hours=1))


class TextOnly(Inbox):
    def written(self, event):
        return attrs.evolve(event, details={name: str(each) for name, each in event.details.items()})


class OneForTrue(Inbox):
    def written(self, event):
        numbers = {
            name: int(each) if each is True or each is False else each for name, each in event.details.items()
        }
        return attrs.evolve(event, details=numbers)


class LeavesOutNone(Inbox):
    def written(self, event):
        return attrs.evolve(
            event, details={name: each for name, each in event.details.items() if each is not None}
        )


class AsciiOnly(Inbox):
    def written(self, event):
        text = json.dumps(dict(event.details), ensure_ascii=False).encode("ascii", "replace").decode()
        return attrs.evolve(event, details=json.loads(text))


class NoSubject(Inbox):
    def written(self, event):
        return attrs.evolve(event, subject="")


class NoId(Inbox):
    def written(self, event):
        return attrs.evolve(event, entry_id="")


class LastFirst(Inbox):
    def receive(self, event):
        self.arrived.insert(0, event)


class InParcels(Inbox):
    def receive(self, event):
        self.held = [*getattr(self, "held", []), event]
        if len(self.held) == 3:
            self.arrived += self.held
            self.held = []


class NumbersThemItself(Inbox):
    def receive(self, event):
        self.arrived.append(attrs.evolve(event, sequence=len(self.arrived) + 1))


class TakesAlikeForTheSame(Inbox):
    def receive(self, event):
        def without_number(event):
            return attrs.evolve(event, sequence=0, entry_id="")

        if without_number(event) not in map(without_number, self.arrived):
            super().receive(event)


class Empties(Inbox):
    def receive(self, event):
        super().receive(attrs.evolve(event, details=dict(event.details)))
        event.details["payees"].clear()


class Chatty(Inbox):
    def receive(self, event):
        logging.getLogger("chatty").debug("sending %s", event)
        super().receive(event)


@attrs.define
class RemembersAloud(Inbox):
    last: str = ""

    def receive(self, event):
        self.last = event.subject
        super().receive(event)


class ClosesOnce(Inbox):
    def close(self):
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


class Silent(Away):
    def receive(self, event):
        logging.getLogger("silent").warning("not sent")


class RaisesWhatItGot(Away):
    def receive(self, event):
        raise ConnectionError


class SaysNothing(Away):
    def receive(self, event):
        raise BackendError("", retryable=True)


class FailsOnce(Away):
    def receive(self, event):
        if not self.closed:
            self.closed = True
            super().receive(event)


class RepeatsTheEvent(Away):
    def receive(self, event):
        raise BackendError(f"could not send {event.details}", retryable=True)


class ShowsItsCause(Away):
    def receive(self, event):
        try:
            raise ConnectionError(f"refused: {event.subject}")
        except ConnectionError as error:
            raise BackendError("away", retryable=True) from error


WHOLE = "test_an_event_arrives_whole"
SHOWN = "test_nothing_of_an_event_shows_in_an_error_a_repr_or_a_log"
RAISES = "test_an_event_that_is_not_taken_raises"


@pytest.mark.parametrize(
    ("broken", "test", "arguments"),
    [
        (DropsTheFraction, WHOLE, {"details": {}}),
        (TellsAnotherHour, WHOLE, {"details": {}}),
        (NoSubject, WHOLE, {"details": {}}),
        (NoId, WHOLE, {"details": {}}),
        (TextOnly, WHOLE, {"details": {"count": 2}}),
        (OneForTrue, WHOLE, {"details": {"reversed": False}}),
        (LeavesOutNone, WHOLE, {"details": {"by": None}}),
        (AsciiOnly, WHOLE, {"details": {"text": "Señora"}}),
        (LastFirst, "test_events_arrive_in_the_order_they_were_given", {}),
        (InParcels, "test_an_event_has_arrived_when_receive_returns", {}),
        (NumbersThemItself, "test_every_attempt_bears_the_same_number", {}),
        (TakesAlikeForTheSame, "test_events_that_differ_in_their_number_alone_are_different_events", {}),
        (Empties, "test_what_is_given_is_left_as_it_was", {}),
        (Silent, RAISES, {}),
        (RaisesWhatItGot, RAISES, {}),
        (SaysNothing, RAISES, {}),
        (FailsOnce, RAISES, {}),
        (Chatty, SHOWN, {}),
        (RemembersAloud, SHOWN, {}),
        (RepeatsTheEvent, SHOWN, {}),
        (ShowsItsCause, SHOWN, {}),
        (ClosesOnce, "test_closing_twice_does_nothing", {}),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, arguments, caplog):
    subscriber = Inbox() if issubclass(broken, Away) else broken()
    given = {
        "subscriber": subscriber,
        "received": lambda: subscriber.arrived,
        "unavailable": broken() if issubclass(broken, Away) else Away(),
        "caplog": caplog,
        **arguments,
    }
    test = getattr(SubscriberConformance(), test)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    # pytest.raises() itself fails with Failed, where a subscriber keeps silent
    with pytest.raises((AssertionError, ConnectionError, RuntimeError, IndexError, pytest.fail.Exception)):
        test(**{name: given[name] for name in wanted})


@pytest.mark.parametrize("fixture", ["subscriber", "received", "unavailable"])
def test_a_fixture_that_was_not_overridden_says_what_to_do(fixture):
    with pytest.raises(NotImplementedError, match=f"override the fixture `{fixture}`"):
        getattr(SubscriberConformance, fixture).__wrapped__(SubscriberConformance())
