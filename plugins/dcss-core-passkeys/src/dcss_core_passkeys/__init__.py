"""Passkeys as second factors: `passkey:?rp_id=portal.example.gov&origin=https://portal.example.gov`.

Decides nothing but what is declared; fido2 is imported when a method is made.
"""

from dcss_core.plugins import LoneFactorMethod, SecondFactorKind, hookimpl

__all__ = ["dcss_second_factors", "open_passkeys"]


def open_passkeys(url: str) -> LoneFactorMethod:
    """Make the method of a URL; raises ConfigurationError, with every fault, for one that can't work."""
    from dcss_core_passkeys.passkeys import Passkeys
    from dcss_core_passkeys.site import Site

    return Passkeys(Site.from_url(url))


@hookimpl
def dcss_second_factors() -> list[SecondFactorKind]:
    """Declare passkeys."""
    return [SecondFactorKind("passkey", "Passkeys and security keys (Web Authentication)", open_passkeys)]
