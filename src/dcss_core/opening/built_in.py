"""What an agency can be opened with before any plugin is installed."""

from typing import Final

from dcss_core.memory import MEMORY_STORAGE
from dcss_core.opening.key_environment import SCHEME, keys_in_environment
from dcss_core.plugins.declarations import JurisdictionRules, KeyProvider, SecondFactorKind
from dcss_core.rules.federal import FEDERAL_KEY, federal_rules
from dcss_core.rules.irs_1075 import IRS_1075_KEY, IRS_1075_SUMMARY, irs_1075_rules
from dcss_core.users.second_factor.method import SecondFactorMethod


def _totp(url: str) -> SecondFactorMethod:
    from dcss_core.users.second_factor.totp import totp_of  # not before somebody has a second factor

    return totp_of(url)


BUILT_IN: Final = (
    MEMORY_STORAGE,
    SecondFactorKind(
        key="totp", summary="Codes of an authenticator app, six digits every 30 seconds", factory=_totp
    ),
    KeyProvider(
        key=SCHEME,
        summary="The text of a key file in a variable of the environment",
        factory=keys_in_environment,
    ),
    JurisdictionRules(
        key=FEDERAL_KEY,
        summary="The federal baseline: Title IV-D of the Social Security Act and 45 CFR 301-308",
        factory=federal_rules,
        extends=None,
    ),
    JurisdictionRules(
        key=IRS_1075_KEY, summary=IRS_1075_SUMMARY, factory=irs_1075_rules, extends=FEDERAL_KEY
    ),
)
