"""`US-IRS-1075`: what IRS Publication 1075 asks of accounts, laid over the federal baseline.

Decides nothing; the rule file beside this module holds the values. A state that is audited against the
publication extends this layer instead of `US`; both profiles contradict each other, so that each says from
which provisions of the other it departs.
"""

from functools import cache
from typing import Final

from dcss_core.rules.book import RuleBook
from dcss_core.rules.federal import baseline
from dcss_core.rules.files.loader import load_rules
from dcss_core.rules.jurisdiction import Jurisdiction

IRS_1075_KEY: Final = "US-IRS-1075"
IRS_1075_SUMMARY: Final = "IRS Publication 1075 (Rev. 11-2021), for accounts, over the federal baseline"


@cache  # the files are part of the wheel; they don't change under a running process
def irs_1075_rules() -> RuleBook:
    """Read the rule file; raises RuleFileError with every fault."""
    return load_rules("dcss_core.rules", "irs_1075")


def irs_1075_profile() -> Jurisdiction:
    """The layer over the federal baseline, for a state to extend."""
    return Jurisdiction(IRS_1075_KEY, IRS_1075_SUMMARY, irs_1075_rules(), baseline())
