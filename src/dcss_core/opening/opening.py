"""Opening an agency: the composition root, and the only place that reads configuration.

Decides which plugins serve, and checks everything before anything starts: rules, storage, keys,
channels. Invariant: a wrong rule file, URL, key or plugin is one clear error, after which nothing
is left open.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import attrs

from dcss_core.agency.agency import Agency
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.sealing import Sealer
from dcss_core.base.expected_types import checked_as
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, Fault, InvalidInputError
from dcss_core.memory import MEMORY_STORAGE
from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.plugins.declarations import JurisdictionRules
from dcss_core.plugins.loader import OnPluginError, load_plugins
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.channel import Channel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.clock import Clock
from dcss_core.ports.keys import KeyRing, MasterKey
from dcss_core.ports.randomness import Randomness
from dcss_core.ports.subscriber import Subscriber
from dcss_core.rules.federal import FEDERAL_KEY, federal_rules
from dcss_core.rules.irs_1075 import IRS_1075_KEY, IRS_1075_SUMMARY, irs_1075_rules
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.hashing.password_hash import PasswordHasher
from dcss_core.users.hashing.schemes import hasher_for
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.second_factor.factor import SecondFactorMethod
from dcss_core.users.second_factor.totp import Totp

P = TypeVar("P", Channel, Subscriber, BreachCheck, CheckpointSink)
_KEY_FILE_VERSION: Final = 1
_HOW_TO_MAKE_KEYS: Final = "make one with create_key_file(path) and keep it apart from the database"


@attrs.frozen
class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


@attrs.frozen
class SystemRandomness:
    """The operating system's secure randomness."""

    def token_bytes(self, count: int) -> bytes:
        """So many unguessable bytes."""
        return secrets.token_bytes(count)


@checked_as(ConfigurationError)
def open_agency(
    storage: str,
    *,
    jurisdiction: str,
    keys: KeyRing | str | Path,
    channels: Sequence[str] = (),
    subscribers: Sequence[str] = (),
    breach_check: str | None = None,
    checkpoint_sinks: Sequence[str] = (),
    plugins: Iterable[object] = (),
    required_plugins: Iterable[str] = (),
    on_plugin_error: OnPluginError = "raise",
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    hasher: PasswordHasher | None = None,
    second_factor: SecondFactorMethod | None = None,
) -> Agency:
    """Open an agency: `open_agency("sqlite:///georgia.db", jurisdiction="US-GA", keys="keys.json")`.

    `storage`, `channels`, `subscribers`, `breach_check` (a list of breached passwords) and
    `checkpoint_sinks` (where signed statements about the audit log are kept) are URLs whose scheme names
    a plugin; `keys` is a key ring or the path of a key file; `plugins` are modules or objects with hooks,
    beside the installed ones. Passwords are hashed as the rules say and second factors are codes of an
    authenticator app, unless `hasher` or `second_factor` say otherwise. Close the agency, or use it in a
    `with` block.

    Raises ConfigurationError, RulesError, PluginError or BackendError before anything starts.
    """
    _check_each_named_once(channels=channels, subscribers=subscribers, checkpoint_sinks=checkpoint_sinks)
    names, sink_names = _names_of(subscribers, "subscribers"), _names_of(checkpoint_sinks, "checkpoint_sinks")
    registry = load_plugins(
        builtin=BUILT_IN,
        extra=plugins,
        required=required_plugins,
        on_plugin_error=on_plugin_error,
    )
    ring = keys if isinstance(keys, KeyRing) else read_key_file(keys)
    law = registry.jurisdiction(jurisdiction)
    randomness = randomness or SystemRandomness()
    sealer = Sealer(ring, randomness)
    with ExitStack() as opened:
        store = registry.storage(storage)
        opened.callback(store.close)
        resources = Resources(
            storage=store,
            clock=clock or SystemClock(),
            randomness=randomness,
            sealer=sealer,
            jurisdiction=law,
            hasher=hasher or _hasher(law, sealer, clock or SystemClock()),
            breach_check=_kept_open(registry.breach_check(breach_check), opened) if breach_check else None,
        )
        _check_policies(resources)
        reached = [_kept_open(registry.channel(url), opened) for url in channels]
        told = {
            name: _kept_open(registry.subscriber(url), opened)
            for name, url in zip(names, subscribers, strict=True)
        }
        sinks = {
            name: _kept_open(registry.checkpoint_sink(url), opened)
            for name, url in zip(sink_names, checkpoint_sinks, strict=True)
        }
        return Agency.start(
            resources,
            channels=reached,
            subscribers=told,
            sinks=sinks,
            second_factor=second_factor or Totp(),
            plugins=registry.report(),
            opened=opened,
        )


@checked_as(ConfigurationError)
def create_key_file(path: str | Path, *, key_id: str = "k1") -> KeyRing:
    """Make a new key ring and save it, readable by this user only; never writes over a file.

    Whoever loses the file loses what was sealed with it; whoever gets it and the database reads all.
    Raises ConfigurationError.
    """
    ring = KeyRing((MasterKey(key_id, Secret(secrets.token_hex(32))),))
    keys = [{"id": key.key_id, "key": key.key_hex.reveal()} for key in ring.keys]
    try:
        with open(path, "x", encoding="utf-8", opener=_for_owner_only) as file:
            json.dump({"dcss_core_keys": _KEY_FILE_VERSION, "keys": keys}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())  # what is sealed from now on must not outlive its key
    except FileExistsError:
        if Path(path).is_dir():
            raise _a_folder(path) from None
        raise ConfigurationError(
            f"there is a key file at {path} already; open the agency with it, or choose another path"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"no key file can be made at {path}: {error.strerror}") from None
    except ValueError:
        raise _no_path() from None
    return ring


@checked_as(ConfigurationError)
def read_key_file(path: str | Path) -> KeyRing:
    """Read a key ring; the first key is current. Raises ConfigurationError, which shows no key."""
    try:
        text = Secret(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"there is no key file at {path}; {_HOW_TO_MAKE_KEYS}") from None
    except OSError as error:
        if Path(path).is_dir():
            raise _a_folder(path) from None
        raise ConfigurationError(f"the key file {path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        text = Secret("")
    except ValueError:
        raise _no_path() from None
    written = _keys_in(text)
    if written is None:
        raise ConfigurationError(
            f"{path} is not a key file of version {_KEY_FILE_VERSION}; {_HOW_TO_MAKE_KEYS}"
        )
    return KeyRing(tuple(MasterKey(key_id, key) for key_id, key in written))


def _keys_in(text: Secret) -> list[tuple[str, Secret]] | None:
    # Nothing is raised from here, so that no traceback that shows variables shows the keys as they were read.
    try:
        content = json.loads(text.reveal())
        keys = [(key["id"], Secret(key["key"])) for key in content["keys"]]
        known = content["dcss_core_keys"] == _KEY_FILE_VERSION
    except (ValueError, KeyError, TypeError, RecursionError, InvalidInputError):
        return None
    return keys if known and all(isinstance(key_id, str) for key_id, _ in keys) else None


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _a_folder(path: str | Path) -> ConfigurationError:
    return ConfigurationError(f"{path} is a folder; name the key file in it")


def _no_path() -> ConfigurationError:
    # Only a NUL in the text comes to this.
    return ConfigurationError("this is no path of a key file; name one as 'keys.json'")


def _hasher(law: Jurisdiction, sealer: Sealer, clock: Clock) -> PasswordHasher:
    # By the day in UTC: a hash is made anew at the next sign-in whenever the rule changes.
    scheme = law.on(clock.now().date()).choice("accounts.password_hash")
    hasher = hasher_for(scheme, sealer.peppers(), sealer.ring.current.key_id)
    return CappedHasher(hasher, _cores())


def _cores() -> int:
    # The cores this process may use, where the system tells; in a container they are fewer than there are.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_policies(resources: Resources) -> None:
    # Rules that can't serve are refused now, not at noon.
    passwords = resources.account_policies().passwords
    if passwords.breach_check is BreachChecking.FAIL_CLOSED and resources.breach_check is None:
        raise ConfigurationError(
            "these rules take no password without asking a list of breached ones; "
            "name one as breach_check, as in open_agency(…, breach_check='hibp:')"
        )


def _check_each_named_once(**urls: Sequence[str]) -> None:
    faults = [
        Fault(word, "a URL that is named twice", "each once")
        for word, named in urls.items()
        if len(set(named)) < len(named)
    ]
    if faults:
        raise ConfigurationError("each channel and each subscriber is opened once", faults=faults)


def _kept_open(port: P, opened: ExitStack) -> P:
    opened.callback(port.close)
    return port


def _names_of(urls: Sequence[str], word: str) -> list[str]:
    names = [_name_of(url, word) for url in urls]
    if len(set(names)) < len(names):
        raise ConfigurationError(
            f"two of the `{word}` differ only in credentials, query or fragment, so that they would "
            "share one place in the log; give each another path"
        )
    return names


def _name_of(url: str, word: str) -> str:
    # The place in the log is kept under this name, so it is made of where the events go and of
    # nothing else: another option or credential must not send the whole log again.
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigurationError(f"one of the `{word}` is no URL; check its host") from None
    host_and_port = parts.netloc.rpartition("@")[2].lower()
    address = f"{parts.scheme}://{host_and_port}{parts.path}"
    return f"{parts.scheme}/{hashlib.sha256(address.encode()).hexdigest()[:16]}"


BUILT_IN: Final = (
    MEMORY_STORAGE,
    JurisdictionRules(
        key=FEDERAL_KEY,
        summary="The federal baseline: Title IV-D of the Social Security Act and 45 CFR 301-308",
        factory=federal_rules,
        extends=None,
    ),
    JurisdictionRules(
        key=IRS_1075_KEY, summary=IRS_1075_SUMMARY, factory=irs_1075_rules, extends=FEDERAL_KEY
    ),
)
