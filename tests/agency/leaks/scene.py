"""Scene: an agency that is watched, and the people of its one case, whom flows are about."""

import attrs

from dcss_core import Actor, Secret, Ssn
from dcss_core.users import SignedIn
from dcss_core.users.account_control import ControlReason

NEW = Secret("CANARY eleven copper kettles")
WRONG = Secret("CANARY a wrong guess at it")
# People type their password into the field beside it; a user ID is no secret to the program that handles it.
TYPED = "CANARY in the wrong field"
MILLION = Secret("CANARY" * 200_000)
WORKER = Secret("CANARY.worker@dcss.example.gov")
WHY = ControlReason.SUSPECTED_MISUSE
NOBODYS = Ssn("900-01-0999", accept_never_issued=True)
HOME = "203.0.113.7"
DISPATCH = Actor.system("dispatch")


@attrs.define
class Scene:
    """What flows need; `watch` is told the secrets that come up."""

    agency: object
    watch: object
    outside: object
    clock: object
    form_of: object
    case_number: object
    jane: object
    tokens: list = attrs.field(factory=list)

    @property
    def mail(self):
        return self.outside.channel()

    @property
    def token(self):
        """The token that was given last."""
        return self.tokens[-1]

    def form(self):
        return self.form_of(self.agency, self.jane)

    def entered(self, outcome):
        """Go on with the token of an outcome."""
        self.tokens.append(outcome.token)
        self.watch.keep_secret(outcome.token)
        return outcome

    def sign_in(self, password=None, *, user_id=None, **changes):
        """Sign in, as Jane unless somebody else is named."""
        accounts = self.agency.accounts
        outcome = accounts.sign_in(
            user_id or self.jane.user_id,
            password or self.jane.password,
            banner=accounts.banner().version,
            **changes,
        )
        return self.entered(outcome) if hasattr(outcome, "token") else outcome

    def dispatch(self):
        """Send what is due, and what a dispatcher leased that failed."""
        self.clock.move(minutes=5)
        return self.agency.outbox.dispatch(by=DISPATCH)

    def registered(self):
        """Have Jane registered and signed in, unseen."""
        self.agency.accounts.register(self.form())
        assert isinstance(self.sign_in(), SignedIn)
