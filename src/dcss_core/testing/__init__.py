"""What tests of a portal or of a plugin import: conformance kits and stand-ins for the outside.

Each name is read from its module when it is first used, so that a portal's tests need only the
packages of the parts they take. The kits need `dcss-core[testing]`.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcss_core.testing.breach_check_conformance import BreachCheckConformance
    from dcss_core.testing.channel_conformance import Arrived, ChannelConformance
    from dcss_core.testing.checkpoint_sink_conformance import CheckpointSinkConformance
    from dcss_core.testing.frozen_clock import FrozenClock
    from dcss_core.testing.hasher import FakeHasher
    from dcss_core.testing.storage_conformance import StorageConformance

_MODULES = {
    "Arrived": "channel_conformance",
    "BreachCheckConformance": "breach_check_conformance",
    "ChannelConformance": "channel_conformance",
    "CheckpointSinkConformance": "checkpoint_sink_conformance",
    "FakeHasher": "hasher",
    "FrozenClock": "frozen_clock",
    "StorageConformance": "storage_conformance",
}

__all__ = [
    "Arrived",
    "BreachCheckConformance",
    "ChannelConformance",
    "CheckpointSinkConformance",
    "FakeHasher",
    "FrozenClock",
    "StorageConformance",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'dcss_core.testing' has no attribute '{name}'")
    module = f"dcss_core.testing.{_MODULES[name]}"
    if module.endswith("_conformance") and module not in sys.modules:
        import pytest

        pytest.register_assert_rewrite(module)  # so that a failed promise shows the values too
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
