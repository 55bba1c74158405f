"""ScriptedBreachCheck: a list of breached passwords that a test writes."""

from collections.abc import Mapping

import attrs

from dcss_core.base.secret import Secret
from dcss_core.ports.breach_check import BreachAnswer, SeenInBreaches
from dcss_core.testing.scripted.script import Scripted


@attrs.define(eq=False, slots=False)
class ScriptedBreachCheck(Scripted[BreachAnswer]):
    """Has seen the passwords of `breached`, each as often as it says, unless `script` or `always` answers.

    `asked` holds every password that was looked up, in order::

        breach_check.breached = {"seven green kites over savannah": 3}
        breach_check.always = BreachCheckUnavailable("timed_out")
    """

    breached: Mapping[str, int] = attrs.field(factory=dict, repr=False)
    asked: list[Secret] = attrs.field(factory=list, init=False, repr=False)

    def look_up(self, password: Secret) -> BreachAnswer:
        """Answer as told, or by `breached`."""
        with self._lock:
            self.asked.append(password)
            answer = self.next_answer()
            return SeenInBreaches(self.breached.get(password.reveal(), 0)) if answer is None else answer
