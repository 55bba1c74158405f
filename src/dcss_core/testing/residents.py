"""Residents: who is there already when a test with the fixtures begins.

Decides how a synthetic parent and synthetic staff come in: through the agency's own verbs, as everybody does.
Invariant: a jurisdiction whose rules let them in another way is told by an error that says which fixture to
write.
"""

from collections.abc import Sequence

from dcss_core.agency.agency import Agency
from dcss_core.audit.actor import Actor
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError
from dcss_core.testing.builders.applications import case_application, registration_form
from dcss_core.testing.builders.people import JANE_ROE, RegisteredParent
from dcss_core.users.registration.registration import Registered
from dcss_core.users.sign_in.session import SessionToken
from dcss_core.users.sign_in.sign_in import SignedIn
from dcss_core.users.staff.appointment import Appointed
from dcss_core.users.staff.member import StaffRole


def registered_parent(agency: Agency) -> RegisteredParent:
    """Open the case of `case_application()` and register its custodial parent."""
    case = agency.cases.open(case_application(), by=Actor.system("intake"))
    outcome = agency.accounts.register(registration_form(agency, JANE_ROE))
    if not isinstance(outcome, Registered):
        raise _not_so_here("parent", outcome)
    return RegisteredParent(
        name=JANE_ROE.name,
        birth_date=JANE_ROE.birth_date,
        ssn=JANE_ROE.ssn,
        irn=JANE_ROE.irn,
        email=JANE_ROE.email,
        user_id=JANE_ROE.user_id,
        password=JANE_ROE.password,
        account_id=outcome.account_id,
        case_number=case.case_number,
    )


def session_of(agency: Agency, parent: RegisteredParent) -> SessionToken:
    """Sign a parent in with the password, the notice of monitoring accepted."""
    version = agency.accounts.banner().version
    outcome = agency.accounts.sign_in(parent.user_id, parent.password, banner=version)
    if not isinstance(outcome, SignedIn):
        raise _not_so_here("signed_in", outcome)
    return outcome.token


class Appointing:
    """Appoints synthetic staff; a set-up job makes two administrators, who appoint the others together."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency
        self._administrators: tuple[Actor, ...] = ()
        self._count = 0

    @property
    def administrators(self) -> tuple[Actor, Actor]:
        """The two account administrators: what takes two people, one asks for and the other one repeats."""
        if not self._administrators:
            set_up, only = [Actor.system("set-up")], (StaffRole.ACCOUNT_ADMINISTRATOR,)
            names = ("first-administrator", "second-administrator")
            self._administrators = tuple(self._appointed(name, only, set_up) for name in names)
        first, second = self._administrators
        return first, second

    def __call__(self, *roles: StaffRole, user_id: str = "") -> Actor:
        """Appoint somebody with the roles given, an account administrator where none is."""
        self._count += 1
        held = roles or (StaffRole.ACCOUNT_ADMINISTRATOR,)
        return self._appointed(user_id or f"worker-{self._count}", held, self.administrators)

    def _appointed(self, user_id: str, roles: tuple[StaffRole, ...], people: Sequence[Actor]) -> Actor:
        email = Secret(f"{user_id}@dcss.example.com")
        for by in people:
            made = self._agency.staff.appoint(user_id, email=email, roles=roles, by=by)
            if isinstance(made, Appointed):
                return Actor.staff(made.account_id)
        raise _not_so_here("staff", made)


def _not_so_here(fixture: str, outcome: object) -> ConfigurationError:
    return ConfigurationError(
        f"the rules of this jurisdiction answered with {outcome!r}; write the fixture `{fixture}` in your "
        "own conftest, as its rules have it"
    )
