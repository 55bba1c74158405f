from datetime import UTC, datetime

import pytest

from dcss_core.plugins import FactorOwner
from dcss_core.testing import FrozenClock, ScriptedPlugin, SoftwareAuthenticator
from dcss_core_passkeys import open_passkeys

ORIGIN = "https://portal.example.gov"
OWNER = FactorOwner("Child Support Services", "JRoe88", "h" * 43)


@pytest.fixture
def passkeys():
    return open_passkeys(f"passkey:?rp_id=portal.example.gov&origin={ORIGIN}")


@pytest.fixture
def strict():
    return open_passkeys(f"passkey:?rp_id=portal.example.gov&origin={ORIGIN}&user_verification=required")


@pytest.fixture
def authenticator():
    return SoftwareAuthenticator(ORIGIN)


@pytest.fixture
def clock():
    return FrozenClock(datetime(2026, 11, 2, 14, tzinfo=UTC))


@pytest.fixture
def scripted_plugin():
    return ScriptedPlugin()
