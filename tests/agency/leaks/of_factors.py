"""Flows on second factors: what is shown once, codes that are right, wrong and used up, and their removal."""

from urllib.parse import parse_qs, urlsplit

from dcss_core import Actor, Secret
from dcss_core.users.staff.member import StaffRole

from ..accounts.authenticator_app import App
from .of_staff import Office
from .scene import MILLION, TYPED, WHY, WRONG

HALF_A_MINUTE, LONGER_THAN_A_LOCK = 30, 20


class Held:
    """What the owner holds: the app, and the saved codes that they wrote down."""

    def __init__(self, scene):
        self.scene, self.saved_codes = scene, ()

    def begin(self):
        """Begin to set a factor up; what is shown once is a secret."""
        scene = self.scene
        begun = scene.agency.second_factors.begin(scene.token, scene.jane.password)
        self.app = App(begun, scene.clock)
        base32 = parse_qs(urlsplit(begun.shown.reveal()).query)["secret"][0]
        scene.watch.keep_secret(begun.shown, begun.typed, Secret(base32), Secret(self.app.secret.hex()))
        return begun

    def code(self):
        """The code that the app shows now."""
        self.scene.watch.keep_code(code := self.app.code())
        return code

    def wrong_code(self):
        self.scene.watch.keep_code(code := self.app.wrong_code())
        return code

    def written_down(self, outcome):
        """Go on with an outcome that shows saved codes."""
        self.saved_codes = outcome.saved_codes
        self.scene.watch.keep_secret(*outcome.saved_codes)
        return self.scene.entered(outcome)


def setting_up(scene, held):
    """From the password to a factor in force."""
    factors = scene.agency.second_factors
    yield scene.sign_in
    yield lambda: factors.standing(scene.token)
    yield lambda: factors.confirm(scene.token, WRONG)
    yield lambda: factors.begin(scene.token, WRONG)
    yield lambda: factors.begin(scene.token, MILLION)
    yield held.begin
    yield held.begin
    yield lambda: factors.confirm(scene.token, held.wrong_code())
    yield lambda: factors.confirm(scene.token, Secret(TYPED))
    yield lambda: factors.confirm(scene.token, MILLION)
    yield lambda: held.written_down(factors.confirm(scene.token, held.code()))
    yield lambda: factors.standing(scene.token)
    yield scene.dispatch


def giving(scene, held):
    """Codes at sign-in; a wrong one counts towards the lock."""
    factors, clock = scene.agency.second_factors, scene.clock
    yield lambda: clock.move(seconds=HALF_A_MINUTE)
    yield scene.sign_in
    yield lambda: factors.standing(scene.token)
    yield lambda: factors.ask(scene.token)
    for wrong in (held.wrong_code, lambda: WRONG, lambda: MILLION):
        yield lambda wrong=wrong: factors.give(scene.token, wrong(), source="203.0.113.7")
    yield lambda: clock.move(minutes=LONGER_THAN_A_LOCK)
    yield scene.dispatch  # the letters of the lock, and that nobody gave the second factor
    yield scene.sign_in
    yield lambda: scene.entered(factors.give(scene.token, held.code()))
    yield scene.sign_in
    yield lambda: factors.give(scene.token, held.code())  # used up
    saved = held.saved_codes[0]
    yield lambda: scene.entered(factors.give(scene.token, Secret(saved.reveal().upper().replace("-", " "))))
    yield scene.sign_in
    yield lambda: factors.give(scene.token, saved)
    yield lambda: scene.entered(factors.give(scene.token, held.saved_codes[1]))


def replacing(scene, held):
    """New saved codes, another factor, and none."""
    factors, clock, password = scene.agency.second_factors, scene.clock, scene.jane.password
    yield lambda: factors.new_codes(scene.token, WRONG)
    yield lambda: held.written_down(factors.new_codes(scene.token, password))
    yield held.begin
    yield lambda: held.written_down(factors.confirm(scene.token, held.code()))
    yield lambda: factors.remove(scene.token, WRONG)
    yield lambda: scene.entered(factors.remove(scene.token, password))
    yield held.begin
    yield lambda: clock.move(seconds=HALF_A_MINUTE)
    yield lambda: held.written_down(factors.confirm(scene.token, held.code()))
    yield scene.dispatch


def lost(scene):
    """A factor that its owner has lost, removed by staff."""
    agency, office = scene.agency, Office(scene)
    remove_for = agency.second_factors.remove_for
    yield from office.begin(StaffRole.HELP_DESK)
    account_id = agency.oversight.find(scene.jane.user_id, by=office.admin).account_id
    yield lambda: remove_for(TYPED, by=office.admin, reason=WHY)
    yield lambda: remove_for(account_id, by=Actor.staff("nobody-1"), reason=WHY)
    yield lambda: office.by_two(lambda by: remove_for(account_id, by=by, reason=WHY))
    yield lambda: remove_for(account_id, by=office.admin, reason=WHY)
    yield office.dispatch


def second_factors_of(scene):
    """Every flow on a second factor; in the end there is none."""
    held = Held(scene)
    yield lambda: scene.agency.accounts.register(scene.form())
    yield from setting_up(scene, held)
    yield from giving(scene, held)
    yield from replacing(scene, held)
    yield from lost(scene)
