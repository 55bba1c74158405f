"""The eight hooks of API v1, through which a plugin says what it has to offer.

Decides their names and signatures. Invariants: a hook takes no arguments, so nothing secret passes
through pluggy; it returns an iterable (a list, or a generator) of frozen declarations; it opens
nothing, for only the factory of the declaration chosen by key may touch the outside. The order in
which plugins are installed has no meaning, so there are no wrappers and no first result. A plugin
has an entry point of the group `dcss_core.v1` for each key it declares, named as the key, and is
imported when somebody chooses one of them::

    [project.entry-points."dcss_core.v1"]
    US-VT = "my_state.plugin"
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pluggy import HookimplMarker, HookspecMarker

from dcss_core.plugins.declarations import (
    AuditCheckpointSink,
    Declaration,
    EventSubscriber,
    JurisdictionRules,
    KeyProvider,
    NotificationChannel,
    PasswordBreachCheck,
    SecondFactorKind,
    StorageBackend,
)

API_VERSION: Final = 1
ENTRY_POINT_GROUP: Final = f"dcss_core.v{API_VERSION}"
PROJECT: Final = "dcss_core"

hookspec: Final = HookspecMarker(PROJECT)
hookimpl: Final = HookimplMarker(PROJECT)
"""Marks a function of a plugin as one of the hooks; used bare, for it takes no options here."""


@hookspec
def dcss_storage_backends() -> Iterable[StorageBackend]:
    """Declare storages, each chosen by the scheme of its URL.

    The factory imports its driver itself, so that loading the plugin stays quick where another
    storage is used.

    Example::

        from dcss_core.plugins import Storage, StorageBackend, hookimpl


        def open_oracle(url: str) -> Storage:
            from my_state_oracle.storage import OracleStorage

            return OracleStorage(url)


        @hookimpl
        def dcss_storage_backends() -> list[StorageBackend]:
            return [StorageBackend(key="oracle", summary="Oracle Database 19c", factory=open_oracle)]
    """
    return ()


@hookspec
def dcss_notification_channels() -> Iterable[NotificationChannel]:
    """Declare ways to reach people, each chosen by the scheme of its URL.

    A channel answers with a value for every foreseeable failure and hands `message_id` on as the
    idempotency id. An id may hold slashes and be hundreds of characters long, so it names no file.

    Example::

        from hashlib import sha256
        from pathlib import Path

        from dcss_core.plugins import Channel, Delivered, Delivery, DeliveryFailed, Message
        from dcss_core.plugins import NotificationChannel, hookimpl


        class DropFolder:
            def __init__(self, folder: Path) -> None:
                self.folder = folder

            def deliver(self, message: Message) -> Delivery:
                address, body = message.address.reveal(), message.body.reveal()
                if not address.isprintable():  # after a line break it would go on as text
                    return DeliveryFailed(reason="an address of several lines", retryable=False)
                try:
                    name = sha256(message.message_id.encode()).hexdigest()  # the same at every attempt
                    (self.folder / f"{name}.txt").write_bytes(f"{address}\\n\\n{body}\\n".encode())
                except UnicodeError:
                    return DeliveryFailed(reason="a text that is not Unicode", retryable=False)
                except OSError as error:
                    return DeliveryFailed(reason=type(error).__name__, retryable=True)
                return Delivered(receipt=name)

            def close(self) -> None:
                pass


        def open_drop_folder(url: str) -> Channel:
            return DropFolder(Path(url.removeprefix("letters://")))


        @hookimpl
        def dcss_notification_channels() -> list[NotificationChannel]:
            summary = "Letters in a folder that the mail room prints"
            return [NotificationChannel(key="letters", summary=summary, factory=open_drop_folder)]
    """
    return ()


@hookspec
def dcss_jurisdictions() -> Iterable[JurisdictionRules]:
    """Declare the rules of jurisdictions, each chosen by key and layered over the one it extends.

    A state extends the federal baseline `US`; a county, a pilot or a reform extends its state.

    Example::

        from dcss_core.plugins import JurisdictionRules, hookimpl, load_rules


        @hookimpl
        def dcss_jurisdictions() -> list[JurisdictionRules]:
            return [
                JurisdictionRules(
                    key="US-VT",
                    summary="Vermont, Office of Child Support",
                    factory=lambda: load_rules("my_state_vermont"),
                )
            ]
    """
    return ()


@hookspec
def dcss_event_subscribers() -> Iterable[EventSubscriber]:
    """Declare readers of recorded events, each chosen by the scheme of its URL.

    An event comes at least once and in order; `entry_id` tells a repeated one. A subscriber that could not
    take an event raises BackendError, and gets it again.

    Example::

        import json
        from collections.abc import Iterator
        from pathlib import Path

        from dcss_core import errors
        from dcss_core.plugins import EventSubscriber, RecordedEvent, Subscriber, hookimpl


        class LineForEachEvent:
            def __init__(self, path: Path) -> None:
                self.path = path

            def receive(self, event: RecordedEvent) -> None:
                said = [event.sequence, event.at.isoformat(), event.kind, event.subject]
                try:
                    with self.path.open("a", encoding="ascii") as lines:
                        lines.write(json.dumps([*said, dict(event.details), event.entry_id]) + "\\n")
                except OSError as error:
                    raise errors.BackendError(f"not taken: {error.strerror}", retryable=True) from None

            def close(self) -> None:
                pass


        def open_lines(url: str) -> Subscriber:
            return LineForEachEvent(Path(url.removeprefix("lines://")))


        @hookimpl
        def dcss_event_subscribers() -> Iterator[EventSubscriber]:
            yield EventSubscriber(key="lines", summary="A line of text for each event", factory=open_lines)
    """
    return ()


@hookspec
def dcss_breach_checks() -> Iterable[PasswordBreachCheck]:
    """Declare ways to look a password up among breached ones, each chosen by the scheme of its URL.

    A check answers with a value for every foreseeable failure; its reason is a word in lower case, for
    it stands in the audit log. Neither the password nor a whole hash of it may leave the machine.

    Example::

        from pathlib import Path

        from dcss_core import Secret
        from dcss_core.plugins import BreachAnswer, BreachCheck, BreachCheckUnavailable
        from dcss_core.plugins import PasswordBreachCheck, SeenInBreaches, hookimpl


        class ListOfPasswords:
            def __init__(self, path: Path) -> None:
                self.path = path

            def look_up(self, password: Secret) -> BreachAnswer:
                try:
                    lines = self.path.read_text(encoding="utf-8").splitlines()
                except (OSError, UnicodeError):
                    return BreachCheckUnavailable("unreadable")
                return SeenInBreaches(times=lines.count(password.reveal()))

            def close(self) -> None:
                pass


        def open_list(url: str) -> BreachCheck:
            return ListOfPasswords(Path(url.removeprefix("wordlist://")))


        @hookimpl
        def dcss_breach_checks() -> list[PasswordBreachCheck]:
            return [PasswordBreachCheck(key="wordlist", summary="A list in a file", factory=open_list)]
    """
    return ()


@hookspec
def dcss_checkpoint_sinks() -> Iterable[AuditCheckpointSink]:
    """Declare places that keep signed checkpoints of the audit log, each chosen by the scheme of its URL.

    What a sink has taken, whoever can change the agency's database must not be able to change. A
    checkpoint is text of several lines and comes back as it was given.

    Example::

        from collections.abc import Sequence
        from pathlib import Path

        from dcss_core import errors
        from dcss_core.plugins import AuditCheckpointSink, CheckpointSink, hookimpl


        class NumberedFiles:
            def __init__(self, share: Path) -> None:
                self.share = share  # a mount that takes new files and lets nobody change old ones

            def publish(self, checkpoint: str) -> None:
                number = len(self.published()) + 1
                try:
                    with open(self.share / f"{number:09}.note", "xb") as note:
                        note.write(checkpoint.encode())
                except OSError as error:
                    raise errors.BackendError(f"not kept: {error.strerror}", retryable=True) from None

            def published(self) -> Sequence[str]:
                try:
                    return [note.read_bytes().decode() for note in sorted(self.share.iterdir())]
                except (OSError, UnicodeError):
                    raise errors.BackendError("the share can't be read", retryable=True) from None

            def close(self) -> None:
                pass


        def open_share(url: str) -> CheckpointSink:
            return NumberedFiles(Path(url.removeprefix("worm://")))


        @hookimpl
        def dcss_checkpoint_sinks() -> list[AuditCheckpointSink]:
            return [AuditCheckpointSink(key="worm", summary="A write-once share", factory=open_share)]
    """
    return ()


@hookspec
def dcss_key_providers() -> Iterable[KeyProvider]:
    """Declare places that the master keys come from, each chosen by the scheme of its URL.

    A provider is asked once, when an agency is opened, and gives the whole ring: the first key seals. What
    keeps the keys changes them; an agency never does. No error may show a key, so a provider reads a key
    file's text by `read_key_text`, and leaves no key in a message of its own.

    Example::

        import subprocess

        from dcss_core import KeyRing, Secret, errors
        from dcss_core.plugins import KeyProvider, hookimpl, read_key_text


        def keys_of_the_password_store(url: str) -> KeyRing:
            return read_key_text(shown(url.partition(":")[2]), where="the password store")


        def shown(name: str) -> Secret:  # gone when the text is refused, so that no report shows it
            try:
                run = subprocess.run(["pass", "show", name], capture_output=True, check=True, timeout=10)
            except (OSError, ValueError, subprocess.SubprocessError):
                raise errors.BackendError("the password store gave no keys", retryable=True) from None
            return Secret(run.stdout.decode("utf-8", "replace"))


        @hookimpl
        def dcss_key_providers() -> list[KeyProvider]:
            return [KeyProvider(key="pass", summary="A password store", factory=keys_of_the_password_store)]
    """
    return ()


@hookspec
def dcss_second_factors() -> Iterable[SecondFactorKind]:
    """Declare ways to show a second factor, each chosen by the scheme of its URL.

    A method decides and does nothing: what it makes for an account is kept for it, sealed, and comes back at
    the next sign-in. Whatever is given for an answer, what does not count is None and never an exception.

    Example::

        import hmac

        from dcss_core import Secret
        from dcss_core.plugins import FactorGiven, FactorKey, NewFactor, SecondFactorKind, hookimpl


        class ListOfWords:
            \"""Ten words on a card: each lets its owner in once, in their order.\"""

            def begin(self, random, *, owner, enrolled):
                words = [random[at : at + 3].hex() for at in range(0, 30, 3)]
                return NewFactor(secret=Secret(" ".join(words)), shown=Secret("\\n".join(words)))

            def confirm(self, secret, answer, *, now):
                given = self.check([FactorKey(secret)], answer, challenge="", now=now)
                return given and FactorKey(secret, given.state)

            def ask(self, enrolled, *, challenge):
                return None  # a word is typed

            def check(self, enrolled, answer, *, challenge, now):
                typed = answer.reveal().encode("utf-8", "replace")
                for place, key in enumerate(enrolled):
                    used, words = int(key.state or 0), key.secret.reveal().split()
                    if used < len(words) and hmac.compare_digest(words[used].encode(), typed):
                        return FactorGiven(place, state=str(used + 1))
                return None


        @hookimpl
        def dcss_second_factors() -> list[SecondFactorKind]:
            return [SecondFactorKind("words", "A card with ten words", factory=lambda url: ListOfWords())]
    """
    return ()


DECLARED_BY: Final[Mapping[str, type[Declaration]]] = MappingProxyType(
    {
        dcss_storage_backends.__name__: StorageBackend,
        dcss_notification_channels.__name__: NotificationChannel,
        dcss_jurisdictions.__name__: JurisdictionRules,
        dcss_event_subscribers.__name__: EventSubscriber,
        dcss_breach_checks.__name__: PasswordBreachCheck,
        dcss_checkpoint_sinks.__name__: AuditCheckpointSink,
        dcss_key_providers.__name__: KeyProvider,
        dcss_second_factors.__name__: SecondFactorKind,
    }
)
"""What each hook declares."""
