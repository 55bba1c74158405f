"""The URL that an agency is opened with says for which pages passkeys are made."""

import pytest

from dcss_core import errors
from dcss_core_passkeys import open_passkeys
from dcss_core_passkeys.site import Site


@pytest.mark.parametrize(
    ("query", "origins"),
    [
        ("rp_id=portal.example.gov&origin=https://portal.example.gov", {"https://portal.example.gov"}),
        ("rp_id=example.gov&origin=https://portal.example.gov", {"https://portal.example.gov"}),
        (
            "rp_id=example.gov&origin=https://a.example.gov,https://b.example.gov:8443",
            {"https://a.example.gov", "https://b.example.gov:8443"},
        ),
        ("rp_id=localhost&origin=http://localhost:8000", {"http://localhost:8000"}),
    ],
)
def test_what_can_be_used(query, origins):
    site = Site.from_url(f"passkey:?{query}")
    assert (site.origins, site.requires_verification) == (origins, False)


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("passkey:", ["rp_id", "origin"]),
        ("passkey:?rp_id=example.gov", ["origin"]),
        ("passkey:?origin=https://example.gov", ["rp_id", "origin"]),
        ("passkey:?rp_id=example.gov&origin=https://example.org", ["origin"]),
        ("passkey:?rp_id=example.gov&origin=https://notexample.gov", ["origin"]),
        ("passkey:?rp_id=portal.example.gov&origin=https://example.gov", ["origin"]),
        ("passkey:?rp_id=gov&origin=https://example.gov", ["rp_id", "origin"]),
        ("passkey:?rp_id=example.gov&origin=http://example.gov", ["origin"]),
        ("passkey:?rp_id=example.gov&origin=https://example.gov/", ["origin"]),
        ("passkey:?rp_id=example.gov&origin=https://example.gov:443", ["origin"]),
        ("passkey:?rp_id=example.gov&origin=https://me:secret@example.gov", ["origin"]),
        ("passkey:?rp_id=Example.gov&origin=https://example.gov", ["rp_id", "origin"]),
        ("passkey:?rp_id=192.0.2.1&origin=https://192.0.2.1", ["rp_id"]),
        ("passkey:?rp_id=example.gov&origin=https://example.gov&user_verification=no", ["user_verification"]),
        ("passkey:?rp_id=&origin=x,y&rpid=1", ["options", "rp_id", "origin", "origin"]),
        ("passkey://x?rp_id=example.gov&origin=https://example.gov", ["URL"]),
    ],
)
def test_what_can_not_be_used_is_told_with_every_fault_and_repeats_nothing(url, places):
    with pytest.raises(errors.ConfigurationError) as refused:
        open_passkeys(url)
    assert [fault.where for fault in refused.value.faults] == places
    assert "secret" not in str(refused.value)
