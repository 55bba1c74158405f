"""Every verb of an agency, called in a world in which it has something to do; some in more than one."""

import random
from typing import Final

from dcss_core.agency.callers.verbs import VERBS

from . import of_accounts, of_contacts, of_jobs, of_office, of_remitters, of_vouched

SCENARIOS: Final = (
    *of_accounts.SCENARIOS,
    *of_contacts.SCENARIOS,
    *of_office.SCENARIOS,
    *of_jobs.SCENARIOS,
    *of_remitters.SCENARIOS,
    *of_vouched.SCENARIOS,
)
UNTRIED: Final = {*VERBS} - {each.verb for each in SCENARIOS}
"""Verbs that nobody wrote a scenario for, of which there may be none."""
SHUFFLED: Final = tuple(random.Random("order").sample(SCENARIOS, len(SCENARIOS)))
"""All of them, so that the first few are of every kind."""
