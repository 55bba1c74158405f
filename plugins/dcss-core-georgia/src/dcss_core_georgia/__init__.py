"""Georgia, `US-GA`: the rule files beside this module, laid over the federal baseline."""

from functools import cache

from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl, load_rules


@cache  # the files are part of the wheel; they don't change under a running process
def georgia_rules() -> RuleBook:
    """Read Georgia's rule files; raises RuleFileError with every fault."""
    return load_rules("dcss_core_georgia")


@hookimpl
def dcss_jurisdictions() -> list[JurisdictionRules]:
    """Declare Georgia's rules."""
    return [
        JurisdictionRules(
            key="US-GA",
            summary="Georgia, Division of Child Support Services",
            factory=georgia_rules,
        )
    ]
