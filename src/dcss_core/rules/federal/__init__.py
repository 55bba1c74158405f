"""The federal baseline, `US`: Title IV-D of the Social Security Act and 45 CFR 301 to 308 as data.

Decides nothing; the rule files beside this module are the law as it was read. What federal law leaves
to the states is declared here without a value, so that every state gives it under the same key.
"""

from functools import cache
from typing import Final

from dcss_core.rules.book import RuleBook
from dcss_core.rules.files.loader import load_rules
from dcss_core.rules.jurisdiction import Jurisdiction

FEDERAL_KEY: Final = "US"
"""The jurisdiction that extends nothing; every other one extends it in the end."""


@cache  # the files are part of the wheel; they don't change under a running process
def federal_rules() -> RuleBook:
    """Read the federal rule files; raises RuleFileError with every fault."""
    return load_rules("dcss_core.rules", "federal")


def baseline() -> Jurisdiction:
    """The federal baseline that every state extends."""
    return Jurisdiction(FEDERAL_KEY, "United States, Title IV-D", federal_rules())
