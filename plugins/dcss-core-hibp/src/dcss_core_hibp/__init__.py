"""Breached passwords, looked up by the range API of Have I Been Pwned: `hibp:` and its mirrors.

Decides nothing but what is declared; httpx is imported when a check is opened.
"""

from dcss_core.plugins import BreachCheck, PasswordBreachCheck, hookimpl

__all__ = ["dcss_breach_checks", "open_hibp"]


def open_hibp(url: str) -> BreachCheck:
    """Open a breach check; raises ConfigurationError, with every fault, for a URL that can't work."""
    from dcss_core_hibp.breach_check import HibpBreachCheck
    from dcss_core_hibp.range_api import RangeApi

    return HibpBreachCheck(RangeApi.from_url(url))


@hookimpl
def dcss_breach_checks() -> list[PasswordBreachCheck]:
    """Declare the public API and the two ways to reach a mirror of it."""
    return [
        PasswordBreachCheck("hibp", "Have I Been Pwned, over HTTPS", open_hibp),
        PasswordBreachCheck("hibp+https", "A mirror of Have I Been Pwned, over HTTPS", open_hibp),
        PasswordBreachCheck("hibp+http", "A mirror of Have I Been Pwned within this machine", open_hibp),
    ]
