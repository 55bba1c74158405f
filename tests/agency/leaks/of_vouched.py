"""Flows on vouched identities, with each way they can go wrong."""

import attrs

from dcss_core import Actor, Irn, Secret
from dcss_core.users import SessionToken, VouchedIdentity

from .scene import TYPED, WRONG

ISSUER = "https://login.georgia.example"
ISSUERS = [{"issuer": ISSUER, "makes_accounts": True, "assurance": "aal1", "seconds": 300}]
SSO = Actor.system("single-sign-on")
SUBJECT = Secret("CANARY subject of Jane")


class Issuer:
    """What the issuer says of Jane, each time in another assertion, which is a secret."""

    def __init__(self, scene):
        self.scene, self.said, self.ticket, self.link_id = scene, 0, WRONG, "none"

    def says(self, **changes):
        self.said += 1
        assertion_id = Secret(f"CANARY assertion {self.said}")
        self.scene.watch.keep_secret(assertion_id)
        jane = self.scene.jane
        said = VouchedIdentity(
            issuer=ISSUER,
            subject=SUBJECT,
            assertion_id=assertion_id,
            at=self.scene.clock.now(),
            full_name=jane.name.full,
            birth_date=jane.birth_date,
            number=jane.ssn,
        )
        return attrs.evolve(said, **changes)

    def enter(self, **changes):
        agency = self.scene.agency
        banner = changes.pop("banner", agency.accounts.banner().version)
        outcome = agency.vouched.enter(self.says(**changes), by=SSO, banner=banner)
        if hasattr(outcome, "ticket"):
            self.ticket = outcome.ticket
            self.scene.watch.keep_secret(outcome.ticket)
        return self.scene.entered(outcome) if hasattr(outcome, "token") else outcome

    def link(self, password, ticket=None):
        outcome = self.scene.agency.vouched.link(self.scene.token, password, ticket or self.ticket)
        self.link_id = getattr(outcome, "link_id", self.link_id)
        return outcome


def vouched_of(scene):
    """An account that is there is linked and unlinked; closed, another one is made."""
    scene.watch.keep_secret(SUBJECT)
    scene.registered()
    issuer, vouched, jane = Issuer(scene), scene.agency.vouched, scene.jane
    yield lambda: issuer.enter(issuer=TYPED)
    yield lambda: issuer.enter(banner=TYPED)
    yield lambda: issuer.enter(full_name=TYPED)
    yield lambda: issuer.enter(number=None, identifier=Irn("CP999999"))
    yield lambda: issuer.enter(subject=Secret(""))
    yield issuer.enter
    yield lambda: issuer.link(WRONG)
    yield lambda: issuer.link(jane.password, Secret(TYPED))
    yield lambda: issuer.link(jane.password)
    yield issuer.enter
    yield lambda: vouched.own(scene.token)
    yield lambda: vouched.own(SessionToken(WRONG.reveal()))
    yield scene.sign_in
    yield lambda: vouched.unlink(scene.token, WRONG, issuer.link_id)
    yield lambda: vouched.unlink(scene.token, jane.password, TYPED)
    yield lambda: vouched.unlink(scene.token, jane.password, issuer.link_id)
    yield lambda: scene.agency.accounts.close(scene.token, jane.password)
    yield issuer.enter
    yield scene.dispatch
