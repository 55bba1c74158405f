"""Test State, `US-XX`: a jurisdiction that exists nowhere, so that tests need no state's plugin.

Decides what a state leaves open in the federal baseline, in the plainest way. Invariants: no other value of
the baseline is changed, so that a test reads as the federal rules say; it has no FIPS number, for none was
left unassigned that a locator code could bear, and so a payment unit is not known here. `US-XX` is no state's
key.
"""

from functools import cache

from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl, load_rules

__all__ = ["dcss_jurisdictions", "synthetic_rules"]


@cache  # the files are part of the wheel; they don't change under a running process
def synthetic_rules() -> RuleBook:
    """Read the rule files of Test State."""
    return load_rules(__name__)


@hookimpl
def dcss_jurisdictions() -> list[JurisdictionRules]:
    """Declare Test State."""
    return [JurisdictionRules("US-XX", "Test State, for tests only", synthetic_rules)]
