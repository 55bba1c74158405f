"""What a plugin declares: small frozen values, each with a key, a summary and a factory.

Decides nothing; the loader checks them and the composition root calls the one factory that was
chosen by key. Invariant: declaring is cheap and touches nothing outside; only the factory may.
`kind` is what messages call such a declaration.
"""

from collections.abc import Callable
from typing import ClassVar, TypeAlias

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.channel import Channel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.storage import Storage
from dcss_core.ports.stored_schema import StoredSchema
from dcss_core.ports.subscriber import Subscriber
from dcss_core.rules.book import RuleBook
from dcss_core.users.second_factor.method import SecondFactorMethod


@attrs.frozen
class StorageBackend:
    """A storage chosen by the scheme of its URL: `key="sqlite"` answers to `sqlite:///agency.db`.

    `factory` takes the whole URL and raises ConfigurationError for one it can't use. So does `schema`, where
    the storage has tables whose shape `dcss db` checks and upgrades; it connects to nothing by itself.
    """

    kind: ClassVar[str] = "storage"

    key: str
    summary: str
    factory: Callable[[str], Storage]
    schema: Callable[[str], StoredSchema] | None = None


@attrs.frozen
class NotificationChannel:
    """A way to reach people, chosen by the scheme of its URL: `key="smtp"` answers to `smtp://localhost:1025`.

    `takes` says which kinds of address it delivers to; messages of another kind are never handed to it.
    `factory` takes the whole URL and raises ConfigurationError for one it can't use.
    """

    kind: ClassVar[str] = "channel"

    key: str
    summary: str
    factory: Callable[[str], Channel]
    takes: frozenset[ContactKind] = frozenset({ContactKind.EMAIL})


@attrs.frozen
class JurisdictionRules:
    """The rules of one jurisdiction, chosen by key: `US-GA`.

    `extends` names the jurisdiction whose rules hold where this one says nothing; None only for the
    federal baseline. `factory` reads the rules and raises RuleFileError with every fault.
    """

    kind: ClassVar[str] = "jurisdiction"

    key: str
    summary: str
    factory: Callable[[], RuleBook]
    extends: str | None = "US"


@attrs.frozen
class EventSubscriber:
    """A reader of recorded events, chosen by the scheme of its URL: `key="webhook+https"`.

    `factory` takes the whole URL and raises ConfigurationError for one it can't use.
    """

    kind: ClassVar[str] = "subscriber"

    key: str
    summary: str
    factory: Callable[[str], Subscriber]


@attrs.frozen
class PasswordBreachCheck:
    """A look-up among breached passwords, chosen by the scheme of its URL: `key="hibp"` answers to `hibp:`.

    `factory` takes the whole URL and raises ConfigurationError for one it can't use.
    """

    kind: ClassVar[str] = "breach check"

    key: str
    summary: str
    factory: Callable[[str], BreachCheck]


@attrs.frozen
class AuditCheckpointSink:
    """A place that keeps signed checkpoints of the audit log: `key="checkpoint-file"`, the scheme of its URL.

    `factory` takes the whole URL and raises ConfigurationError for one it can't use.
    """

    kind: ClassVar[str] = "checkpoint sink"

    key: str
    summary: str
    factory: Callable[[str], CheckpointSink]


@attrs.frozen
class KeyProvider:
    """A place that the agency's master keys come from: `key="env"` answers to `env:DCSS_MASTER_KEYS`.

    `factory` takes the whole URL and gives the ring; it is asked once, when an agency is opened. It raises
    ConfigurationError for a URL or an answer it can't use, and BackendError where the place can't be reached.
    """

    kind: ClassVar[str] = "key provider"

    key: str
    summary: str
    factory: Callable[[str], KeyRing]


@attrs.frozen
class SecondFactorKind:
    """A way to show a second factor, chosen by the scheme of its URL: `key="totp"` answers to `totp:`.

    `factory` takes the whole URL and raises ConfigurationError for one it can't use. The key is kept beside
    what is made for an account, so it never changes.
    """

    kind: ClassVar[str] = "second factor"

    key: str
    summary: str
    factory: Callable[[str], SecondFactorMethod]


Declaration: TypeAlias = (
    StorageBackend
    | NotificationChannel
    | JurisdictionRules
    | EventSubscriber
    | PasswordBreachCheck
    | AuditCheckpointSink
    | KeyProvider
    | SecondFactorKind
)
