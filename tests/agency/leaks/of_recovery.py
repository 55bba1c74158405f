"""Flows of somebody who forgot the password or the user ID, and of a source that is turned away."""

import attrs

from dcss_core import Secret
from dcss_core.cases import ContactKind

from .scene import DISPATCH, HOME, MILLION, NEW, NOBODYS, TYPED, WRONG

CODE = "Your code for a new password"


def with_codes(scene):
    """A code from the request to the password that is chosen with it."""
    recovery, mail, jane = scene.agency.recovery, scene.mail, scene.jane

    def dispatch():
        report = scene.dispatch()
        scene.watch.keep_secret(*[mail.issued_code()] if mail.bodies(CODE) else [])
        return report

    def choose(code, new, user_id=jane.user_id):
        return recovery.choose_password(user_id, code, new)

    yield lambda: scene.agency.accounts.register(scene.form())
    yield lambda: recovery.request_code(jane.user_id)
    yield lambda: recovery.request_code(TYPED)
    yield lambda: recovery.request_code(TYPED, way=ContactKind.MOBILE)
    yield lambda: recovery.request_code(jane.user_id, way=ContactKind.POSTAL)
    mail.script = [None, RuntimeError(f"550 {jane.email.reveal()} has no mailbox")]
    yield lambda: scene.agency.outbox.dispatch(by=DISPATCH)  # pays what is owed, before it is too late for it
    yield dispatch
    yield dispatch
    mail.script.clear()
    scene.clock.move(hours=3)  # what failed is tried again, and that code has run out
    recovery.request_code(jane.user_id)
    dispatch()
    code = mail.issued_code()
    yield lambda: choose(WRONG, NEW)
    yield lambda: choose(code, NEW, TYPED)
    yield lambda: choose(MILLION, MILLION)
    yield lambda: choose(code, code)
    yield lambda: choose(code, jane.password)
    yield lambda: choose(code, MILLION)
    yield lambda: choose(code, Secret("CANARY \ud800"))
    yield lambda: choose(Secret(code.reveal().upper().replace("-", " ")), NEW)
    yield lambda: choose(code, WRONG)
    yield lambda: scene.sign_in(NEW)
    yield dispatch


def with_user_ids(scene):
    """A user ID that was forgotten."""
    recovery, jane = scene.agency.recovery, scene.jane
    yield lambda: recovery.send_user_id(full_name=TYPED, ssn=jane.ssn)
    yield lambda: recovery.send_user_id(full_name=jane.name.full, ssn=NOBODYS)
    yield lambda: recovery.send_user_id(full_name=jane.name.full, ssn=jane.ssn)
    yield scene.dispatch


def forgotten(scene):
    """Every flow of recovery without questions."""
    yield from with_codes(scene)
    yield from with_user_ids(scene)


def turned_away(scene):
    """Every flow that a source may be closed to, from one that is; two failures close it."""
    agency, jane, form = scene.agency, scene.jane, scene.form()
    accounts, recovery = agency.accounts, agency.recovery
    answers = jane.answers(accounts.policies().questions.catalogue[:3])
    wrong = tuple(attrs.evolve(each, text=WRONG) for each in answers)
    yield lambda: accounts.register(form)
    for _ in range(4):
        yield lambda: accounts.register(attrs.evolve(form, full_name="John Doe"), source=HOME)
        yield lambda: scene.sign_in(WRONG, user_id=TYPED, source=HOME)
        yield lambda: recovery.request_code(TYPED, source=HOME)
    yield lambda: scene.sign_in(source=HOME)
    yield lambda: accounts.sign_in(jane.user_id, jane.password, banner=TYPED, source=HOME)
    yield lambda: recovery.questions(jane.ssn, source=HOME)
    yield lambda: recovery.reset_password(full_name=TYPED, ssn=jane.ssn, answers=wrong, source=HOME)
    yield lambda: recovery.choose_password(jane.user_id, WRONG, NEW, source=HOME)
    yield lambda: recovery.send_user_id(full_name=TYPED, ssn=jane.ssn, source=HOME)
    yield scene.sign_in  # from elsewhere
    yield lambda: agency.sessions.reauthenticate(scene.token, password=jane.password, source=HOME)
    yield lambda: agency.second_factors.begin(scene.token, jane.password, source=HOME)
    yield scene.dispatch
