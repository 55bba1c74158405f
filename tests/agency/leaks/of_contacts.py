"""Flows on contact points, with each way they can go wrong."""

from dcss_core import Actor, Secret
from dcss_core.cases import ContactKind
from dcss_core.users import ControlReason, SessionToken

from .of_staff import Office
from .scene import TYPED, WRONG

EMAIL, MOBILE = ContactKind.EMAIL, ContactKind.MOBILE
NEW = Secret("canary.contact@example.org")


def contacts_of(scene):
    """A new address asked for, confirmed, taken back; and what is none."""
    scene.registered()
    contacts, jane, token, mail = scene.agency.contacts, scene.jane, scene.token, scene.mail
    scene.watch.keep_secret(NEW)
    yield lambda: contacts.own(token)
    yield lambda: contacts.own(SessionToken(WRONG.reveal()))
    yield lambda: contacts.change(token, WRONG, EMAIL, NEW)
    yield lambda: contacts.change(token, jane.password, EMAIL, Secret("CANARY no address"))
    yield lambda: contacts.change(token, jane.password, MOBILE, Secret("+14045550100"))
    yield lambda: contacts.change(token, jane.password, EMAIL, NEW)
    yield scene.dispatch
    yield lambda: contacts.confirm(token, EMAIL, Secret(TYPED))
    yield lambda: contacts.drop(token, EMAIL)
    yield lambda: contacts.confirm(token, EMAIL, WRONG)
    yield lambda: contacts.change(token, jane.password, EMAIL, NEW)
    yield scene.dispatch

    def confirm():
        sent = [each.body.reveal() for each in mail.letters_to(NEW)]
        code = Secret(
            next(line.strip() for line in sent[-1].splitlines() if line[:4] == "    ") if sent else ""
        )
        scene.watch.keep_secret(*[code] if sent else [])
        return contacts.confirm(token, EMAIL, code)

    yield confirm
    yield lambda: contacts.own(token)
    yield lambda: contacts.remove(token, jane.password, MOBILE)
    yield lambda: contacts.remove(token, WRONG, MOBILE)
    for number in range(5):
        value = Secret(f"canary{number}@example.org")
        yield lambda value=value: contacts.change(token, jane.password, EMAIL, value)
    office = Office(scene)
    yield from office.begin()

    def revert(named=None):
        account_id = named or scene.agency.sessions.check(token).account_id
        return contacts.revert(account_id, EMAIL, by=office.admin, reason=ControlReason.OWNER_ASKED)

    yield lambda: revert(TYPED)
    yield revert
    yield revert
    yield scene.dispatch
    reply, number = Actor.system("text-replies"), Secret("+14045550100")
    scene.watch.keep_secret(number)
    for verb in (scene.agency.texts.stop, scene.agency.texts.stop, scene.agency.texts.start):
        yield lambda verb=verb: verb(number, by=reply)
        yield lambda verb=verb: verb(Secret("CANARY no number"), by=reply)
        yield lambda verb=verb: verb(number, by=office.admin)
