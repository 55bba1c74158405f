"""Which ways to show a second factor an agency is opened with."""

import pytest

from dcss_core import KeyRing, MasterKey, Secret, open_agency
from dcss_core.errors import ConfigurationError
from dcss_core.testing import synthetic_state

RING = KeyRing((MasterKey("k1", Secret("1" * 64)),))


@pytest.mark.parametrize(
    ("urls", "says"),
    [
        ([], "at least one way"),
        (["totp:", "totp:"], "named once"),
        (["totp:", "TOTP:?x"], "named once"),
        (["totp:?digits=8"], "always the same"),
        (["totp"], "chosen by a URL"),
        (["passkey:?rp_id=portal.example.gov"], "pip install dcss-core-passkeys|origin"),
        (["smoke:"], "no loaded plugin offers this second factor"),
    ],
)
def test_what_can_not_be_opened_is_told(urls, says):
    with pytest.raises(ConfigurationError, match=says):
        open_agency(
            "memory:", jurisdiction="US-XX", keys=RING, plugins=[synthetic_state], second_factors=urls
        )
