"""What tests of a portal or of a plugin import: builders, stand-ins for the outside, conformance kits.

Each name is read from its module when it is first used, so that a portal's tests need only the packages of
the parts they take. The kits need `dcss-core[testing]`, which brings pytest; `pytest_plugin` brings pytest
the fixtures.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.testing import synthetic_state as synthetic_state
    from dcss_core.testing.builders.applications import (
        case_application as case_application,
        participant as participant,
        registration_form as registration_form,
    )
    from dcss_core.testing.builders.authenticator import (
        PasskeyAlgorithm as PasskeyAlgorithm,
        SoftwareAuthenticator as SoftwareAuthenticator,
    )
    from dcss_core.testing.builders.people import (
        JANE_ROE as JANE_ROE,
        JOHN_DOE as JOHN_DOE,
        RegisteredParent as RegisteredParent,
        SyntheticParent as SyntheticParent,
        never_issued_ssn as never_issued_ssn,
        synthetic_parent as synthetic_parent,
    )
    from dcss_core.testing.builders.remittance import (
        SentPayment as SentPayment,
        remittance_file as remittance_file,
    )
    from dcss_core.testing.frozen_clock import FrozenClock as FrozenClock
    from dcss_core.testing.hasher import FakeHasher as FakeHasher
    from dcss_core.testing.kits.breach_check_conformance import (
        BreachCheckConformance as BreachCheckConformance,
    )
    from dcss_core.testing.kits.channel_conformance import (
        Arrived as Arrived,
        ChannelConformance as ChannelConformance,
    )
    from dcss_core.testing.kits.checkpoint_sink_conformance import (
        CheckpointSinkConformance as CheckpointSinkConformance,
    )
    from dcss_core.testing.kits.hasher_conformance import HasherConformance as HasherConformance
    from dcss_core.testing.kits.key_provider_conformance import (
        KeyProviderConformance as KeyProviderConformance,
    )
    from dcss_core.testing.kits.second_factor_conformance import (
        SecondFactorConformance as SecondFactorConformance,
    )
    from dcss_core.testing.kits.storage_conformance import StorageConformance as StorageConformance
    from dcss_core.testing.kits.subscriber_conformance import (
        SubscriberConformance as SubscriberConformance,
    )
    from dcss_core.testing.residents import Appointing as Appointing
    from dcss_core.testing.scripted.breach_check import ScriptedBreachCheck as ScriptedBreachCheck
    from dcss_core.testing.scripted.channel import ScriptedChannel as ScriptedChannel
    from dcss_core.testing.scripted.dripping_server import DrippingServer as DrippingServer
    from dcss_core.testing.scripted.loopback import (
        closed_port as closed_port,
        loopback_certificate as loopback_certificate,
        loopback_server as loopback_server,
        loopback_tls as loopback_tls,
    )
    from dcss_core.testing.scripted.mailbox import Mailbox as Mailbox
    from dcss_core.testing.scripted.plugin import ScriptedPlugin as ScriptedPlugin
    from dcss_core.testing.scripted.sink import ScriptedSink as ScriptedSink
    from dcss_core.testing.scripted.subscriber import ScriptedSubscriber as ScriptedSubscriber
else:
    from dcss_core.base.lazy_names import lazy_names

    def _show_values_of(path: str) -> None:
        if path.endswith("_conformance"):
            import pytest

            pytest.register_assert_rewrite(path)  # so that a failed promise shows the values too

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "": "synthetic_state",
            "builders.applications": "case_application participant registration_form",
            "builders.authenticator": "PasskeyAlgorithm SoftwareAuthenticator",
            "builders.people": (
                "JANE_ROE JOHN_DOE RegisteredParent SyntheticParent never_issued_ssn synthetic_parent"
            ),
            "builders.remittance": "SentPayment remittance_file",
            "frozen_clock": "FrozenClock",
            "hasher": "FakeHasher",
            "kits.breach_check_conformance": "BreachCheckConformance",
            "kits.channel_conformance": "Arrived ChannelConformance",
            "kits.checkpoint_sink_conformance": "CheckpointSinkConformance",
            "kits.hasher_conformance": "HasherConformance",
            "kits.key_provider_conformance": "KeyProviderConformance",
            "kits.second_factor_conformance": "SecondFactorConformance",
            "kits.storage_conformance": "StorageConformance",
            "kits.subscriber_conformance": "SubscriberConformance",
            "residents": "Appointing",
            "scripted.breach_check": "ScriptedBreachCheck",
            "scripted.channel": "ScriptedChannel",
            "scripted.dripping_server": "DrippingServer",
            "scripted.loopback": "closed_port loopback_certificate loopback_server loopback_tls",
            "scripted.mailbox": "Mailbox",
            "scripted.plugin": "ScriptedPlugin",
            "scripted.sink": "ScriptedSink",
            "scripted.subscriber": "ScriptedSubscriber",
        },
        before=_show_values_of,
    )
