"""What tests of a portal or of a plugin import: conformance kits and stand-ins for the outside.

Each name is read from its module when it is first used, so that a portal's tests need only the
packages of the parts they take. The kits need `dcss-core[testing]`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.testing.breach_check_conformance import BreachCheckConformance as BreachCheckConformance
    from dcss_core.testing.channel_conformance import (
        Arrived as Arrived,
        ChannelConformance as ChannelConformance,
    )
    from dcss_core.testing.checkpoint_sink_conformance import (
        CheckpointSinkConformance as CheckpointSinkConformance,
    )
    from dcss_core.testing.frozen_clock import FrozenClock as FrozenClock
    from dcss_core.testing.hasher import FakeHasher as FakeHasher
    from dcss_core.testing.storage_conformance import StorageConformance as StorageConformance
else:
    from dcss_core.base.lazy_names import lazy_names

    def _show_values_of(path: str) -> None:
        if path.endswith("_conformance"):
            import pytest

            pytest.register_assert_rewrite(path)  # so that a failed promise shows the values too

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "breach_check_conformance": "BreachCheckConformance",
            "channel_conformance": "Arrived ChannelConformance",
            "checkpoint_sink_conformance": "CheckpointSinkConformance",
            "frozen_clock": "FrozenClock",
            "hasher": "FakeHasher",
            "storage_conformance": "StorageConformance",
        },
        before=_show_values_of,
    )
