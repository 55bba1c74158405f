"""Flows on organisations, their people and private payers, with each way they can go wrong."""

from datetime import timedelta

from dcss_core import Secret
from dcss_core.users import ControlReason, RemitterRights, SessionToken

from .of_staff import Office
from .scene import NEW, TYPED, WRONG

NAME = "CANARY Peach Tree Payroll"
COMPANY, OTHER_COMPANY = "1580000001", "1580000002"
HR, CLERK = Secret("canary.hr@example.com"), Secret("canary.clerk@example.com")
PAYER = Secret("canary.payer@example.com")
WHY = ControlReason.OWNER_ASKED


class People:
    """Who is invited and joins; each code is a secret."""

    def __init__(self, scene):
        self.scene, self.remitter_id, self.invited, self.joined, self.tokens = scene, "none", None, None, {}

    def accept(self, user_id, password=NEW):
        self.scene.dispatch()
        code = self.scene.mail.invitation_code()
        self.scene.watch.keep_secret(code)
        outcome = self.scene.agency.invitations.accept(code, user_id, password)
        self.joined = getattr(outcome, "account_id", self.joined)
        return outcome

    def enter(self, user_id):
        outcome = self.scene.sign_in(NEW, user_id=user_id)
        self.tokens[user_id] = getattr(outcome, "token", None)
        return outcome

    def token(self, user_id="canary-hr"):
        return self.tokens.get(user_id) or SessionToken(WRONG.reveal())


def remitters_of(scene):
    """An organisation is opened, its people come and go, it ends; somebody pays for a payer."""
    scene.watch.keep_secret(HR, CLERK, PAYER)
    office, people = Office(scene), People(scene)
    yield from office.begin()
    yield from _opened(scene, office, people)
    yield from _at_work(scene, people)
    yield from _paying(scene, people)
    yield lambda: scene.agency.remitters.end(people.remitter_id, by=office.admin, reason=WHY)


def _opened(scene, office, people):
    remitters = scene.agency.remitters

    def opened():
        made = office.by_two(lambda by: remitters.open(NAME, sends_as=[COMPANY], administrator=HR, by=by))
        people.remitter_id = made.remitter_id
        return made

    yield lambda: remitters.open(TYPED * 100, sends_as=[TYPED], administrator=WRONG, by=office.admin)
    yield opened
    yield lambda: people.accept("x y", WRONG)
    yield lambda: people.accept("canary-hr")
    yield lambda: scene.agency.invitations.accept(Secret(TYPED), "canary-hr", NEW)
    yield lambda: people.enter("canary-hr")
    yield lambda: remitters.find(COMPANY, by=office.admin)
    yield lambda: remitters.find(TYPED, by=office.admin)
    yield lambda: remitters.standing(people.remitter_id, by=office.admin)
    yield lambda: office.by_two(
        lambda by: remitters.change(people.remitter_id, name=NAME, sends_as=[COMPANY, OTHER_COMPANY], by=by)
    )
    yield lambda: office.by_two(lambda by: remitters.invite_administrator(people.remitter_id, CLERK, by=by))
    yield lambda: people.accept("canary-hr")


def _at_work(scene, people):
    members, rights = scene.agency.members, RemitterRights(sees=(COMPANY,))
    yield lambda: members.own(people.token())
    yield lambda: members.sent(people.token())
    yield lambda: members.people(people.token())
    yield lambda: members.invite(people.token(), WRONG, CLERK, rights)
    yield lambda: members.invite(people.token(), NEW, Secret(TYPED), rights)
    yield lambda: members.invite(people.token(), NEW, CLERK, rights)
    yield lambda: people.accept("canary-clerk")
    yield lambda: people.enter("canary-clerk")
    yield lambda: members.sent(people.token("canary-clerk"))
    yield lambda: members.people(people.token("canary-clerk"))
    soon = RemitterRights(until=scene.clock.now() + timedelta(days=1))
    yield lambda: members.limit(people.token(), WRONG, people.joined, soon)
    yield lambda: members.limit(people.token(), NEW, people.joined, soon)
    yield lambda: members.limit(people.token(), NEW, TYPED, soon)
    yield lambda: members.end(people.token(), WRONG, people.joined)
    yield lambda: members.end(people.token(), NEW, people.joined)

    def invite():
        people.invited = members.invite(people.token(), NEW, CLERK, rights)
        return people.invited

    yield invite
    yield lambda: members.withdraw(people.token(), getattr(people.invited, "invitation_id", "none"))
    yield lambda: members.withdraw(people.token(), TYPED)
    yield scene.dispatch


def _paying(scene, people):
    yield lambda: scene.agency.invitations.ask_to_pay(WRONG)
    yield lambda: scene.agency.invitations.ask_to_pay(PAYER)
    yield lambda: people.accept("canary-payer")
    yield lambda: people.enter("canary-payer")
    yield lambda: scene.agency.members.own(people.token("canary-payer"))
    yield lambda: scene.agency.accounts.close(people.token("canary-payer"), NEW)
