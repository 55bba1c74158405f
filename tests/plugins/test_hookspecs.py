"""Every hook is documented by an example that runs: it is loaded as a plugin, and passes its kit."""

import inspect
import json
import os
from datetime import UTC, datetime
from textwrap import dedent
from types import ModuleType

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError
from dcss_core.plugins import (
    AuditCheckpointSink,
    BreachCheckUnavailable,
    Delivered,
    DeliveryFailed,
    EventSubscriber,
    JurisdictionRules,
    KeyProvider,
    Message,
    NotificationChannel,
    PasswordBreachCheck,
    RecordedEvent,
    SecondFactorKind,
    SeenInBreaches,
    StorageBackend,
    hookspecs,
    load_plugins,
)
from dcss_core.testing import (
    Arrived,
    BreachCheckConformance,
    ChannelConformance,
    CheckpointSinkConformance,
    KeyProviderConformance,
    SecondFactorConformance,
    SubscriberConformance,
)

HOOKS = {
    "dcss_storage_backends": (StorageBackend, "oracle"),
    "dcss_notification_channels": (NotificationChannel, "letters"),
    "dcss_jurisdictions": (JurisdictionRules, "US-VT"),
    "dcss_event_subscribers": (EventSubscriber, "lines"),
    "dcss_breach_checks": (PasswordBreachCheck, "wordlist"),
    "dcss_checkpoint_sinks": (AuditCheckpointSink, "worm"),
    "dcss_key_providers": (KeyProvider, "pass"),
    "dcss_second_factors": (SecondFactorKind, "words"),
}
SPECIFIED = [
    name
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction)
    if function.__module__ == hookspecs.__name__
]


def example(hook: str) -> ModuleType:
    """The example in a hook's documentation, as the module it would be."""
    text = inspect.getdoc(getattr(hookspecs, hook))
    module = ModuleType(f"example_of_{hook}")
    exec(compile(dedent(text.split("Example::\n", 1)[1]), module.__name__, "exec"), vars(module))  # noqa: S102 (the example is our own)
    return module


def test_there_are_eight_hooks():
    assert sorted(SPECIFIED) == sorted(HOOKS)


@pytest.mark.parametrize("hook", SPECIFIED)
def test_a_hook_takes_no_arguments_and_declares_nothing_by_itself(hook):
    specification = getattr(hookspecs, hook)

    assert not inspect.signature(specification).parameters
    assert list(specification()) == []


@pytest.mark.parametrize("hook", SPECIFIED)
def test_the_example_of_a_hook_is_a_plugin(hook):
    kind, key = HOOKS[hook]

    assert load_plugins(extra=[example(hook)], entry_points=[]).keys(kind) == (key,)


def test_the_example_of_a_channel_delivers(tmp_path):
    registry = load_plugins(extra=[example("dcss_notification_channels")], entry_points=[])
    message = Message("account/0a1b/registered", Secret("1 Elm Street"), "A notice", Secret("Dear Jo"))
    # printf %s account/0a1b/registered | sha256sum
    name = "eed30c9e6b8f45dbc2ea50eaffd18945a5d96dce394c1e9bca22b5e1a5c7d9ad"

    channel = registry.channel(f"letters://{tmp_path}")

    assert channel.deliver(message) == Delivered(name)
    assert [each.name for each in tmp_path.iterdir()] == [f"{name}.txt"]
    assert (tmp_path / f"{name}.txt").read_text() == "1 Elm Street\n\nDear Jo\n"
    missing = registry.channel(f"letters://{tmp_path}/missing")
    assert missing.deliver(message) == DeliveryFailed("FileNotFoundError", retryable=True)
    channel.close()


def test_the_example_of_a_subscriber_receives(tmp_path):
    registry = load_plugins(extra=[example("dcss_event_subscribers")], entry_points=[])
    subscriber = registry.subscriber(f"lines://{tmp_path}/events.txt")

    at = datetime(2026, 1, 5, tzinfo=UTC)
    subscriber.receive(RecordedEvent(1, at, "case.opened", "case:1", {}, "0a-1"))
    subscriber.close()

    line = '[1, "2026-01-05T00:00:00+00:00", "case.opened", "case:1", {}, "0a-1"]\n'
    assert (tmp_path / "events.txt").read_text() == line


def test_the_example_of_a_breach_check_looks_up(tmp_path):
    registry = load_plugins(extra=[example("dcss_breach_checks")], entry_points=[])
    words = tmp_path / "words.txt"
    words.write_text("letmein\ndragon\nletmein\n")

    check = registry.breach_check(f"wordlist://{words}")

    assert check.look_up(Secret("letmein")) == SeenInBreaches(times=2)
    assert check.look_up(Secret("letmein ")) == SeenInBreaches(times=0)
    words.unlink()
    assert check.look_up(Secret("letmein")) == BreachCheckUnavailable("unreadable")
    check.close()


def test_the_example_of_a_checkpoint_sink_keeps_what_it_is_given(tmp_path):
    registry = load_plugins(extra=[example("dcss_checkpoint_sinks")], entry_points=[])
    notes = ["log.example\n1\nAA==\n\n— log.example AA==\n", "log.example\n2\nAQ==\n\n— log.example AA==\n"]

    sink = registry.checkpoint_sink(f"worm://{tmp_path}")
    for note in notes:
        sink.publish(note)

    assert list(sink.published()) == notes
    unmounted = registry.checkpoint_sink(f"worm://{tmp_path}/missing")
    with pytest.raises(BackendError, match="the share can't be read"):
        unmounted.published()
    sink.close()


# --- and each is what its kit asks for ---------------------------------------------------------------------


class TestTheExampleOfAChannel(ChannelConformance):
    impossible_address = "1 Elm Street\nSpringfield"

    @pytest.fixture
    def channel(self, tmp_path):
        return example("dcss_notification_channels").open_drop_folder(f"letters://{tmp_path}")

    @pytest.fixture
    def delivered(self, tmp_path):
        def arrived(path):
            address, body = path.read_bytes().decode().split("\n\n", 1)
            return Arrived(path.stem, address, body.removesuffix("\n"))

        return lambda: [arrived(path) for path in sorted(tmp_path.iterdir(), key=os.path.getmtime)]


class TestTheExampleOfASubscriber(SubscriberConformance):
    @pytest.fixture
    def subscriber(self, tmp_path):
        return example("dcss_event_subscribers").open_lines(f"lines://{tmp_path}/events.txt")

    @pytest.fixture
    def received(self, tmp_path):
        def event(line):
            sequence, at, kind, subject, details, entry_id = json.loads(line)
            return RecordedEvent(sequence, datetime.fromisoformat(at), kind, subject, details, entry_id)

        return lambda: [event(line) for line in (tmp_path / "events.txt").read_text().splitlines()]

    @pytest.fixture
    def unavailable(self, tmp_path):
        return example("dcss_event_subscribers").open_lines(f"lines://{tmp_path}/missing/events.txt")


class TestTheExampleOfABreachCheck(BreachCheckConformance):
    @pytest.fixture
    def breach_check(self, tmp_path):
        words = tmp_path / "words.txt"
        words.write_text(f"{self.breached_password}\n")
        return example("dcss_breach_checks").open_list(f"wordlist://{words}")

    @pytest.fixture
    def unavailable(self, tmp_path):
        return example("dcss_breach_checks").open_list(f"wordlist://{tmp_path}/missing.txt")

    @pytest.fixture
    def sent(self):
        return lambda: b""  # the list is at hand


class TestTheExampleOfACheckpointSink(CheckpointSinkConformance):
    @pytest.fixture
    def reopen(self, tmp_path):
        return lambda: example("dcss_checkpoint_sinks").open_share(f"worm://{tmp_path}")


class TestTheExampleOfAKeyProvider(KeyProviderConformance):
    """It runs against a password store that is a folder and a line of shell."""

    @pytest.fixture
    def store(self, tmp_path, monkeypatch):
        program = tmp_path / "bin" / "pass"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec cat "{tmp_path}/$2"\n')
        program.chmod(0o700)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        return tmp_path

    @pytest.fixture
    def provider(self):
        return example("dcss_key_providers").dcss_key_providers()[0]

    @pytest.fixture
    def url(self):
        return "pass:dcss"

    @pytest.fixture
    def keep(self, store):
        return (store / "dcss").write_text

    @pytest.fixture
    def unavailable_url(self, store):
        return "pass:elsewhere"


class CardWithWords:
    """What the owner of the example's factor holds."""

    def __init__(self, new):
        self.words = new.shown.reveal().splitlines()

    def set_up(self):
        return Secret(self.words.pop(0))

    def answer(self, asked):
        return self.set_up()


class TestTheExampleOfASecondFactor(SecondFactorConformance):
    @pytest.fixture
    def method(self):
        return example("dcss_second_factors").dcss_second_factors()[0].factory("words:")

    @pytest.fixture
    def device(self):
        return CardWithWords
