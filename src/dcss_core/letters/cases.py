"""Letters about cases: none is written yet.

Decides that no event of a case calls for a letter.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.cases.opening import CaseOpened

CASE_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # Nobody of the case need have an account yet; no letter is decided on so far.
        CaseOpened,
    }
)
