"""Flows on accounts, passwords, answers and sessions, with each way they can go wrong."""

import attrs

from dcss_core import Actor, Month, Secret
from dcss_core.plugins import DeliveryFailed
from dcss_core.users import RegistrationForm, SessionToken

from .scene import MILLION, NEW, TYPED, WRONG

REMINDERS = Actor.system("reminders")


def registering(scene):
    """Registration, sign-in that fails, and sign-in."""
    accounts, form, jane = scene.agency.accounts, scene.form(), scene.jane
    yield accounts.policies
    yield accounts.banner
    yield lambda: accounts.register(attrs.evolve(form, password=Secret("CANARY")))
    yield lambda: accounts.register(attrs.evolve(form, ssn=Secret("900-01-CANARY"), user_id=TYPED))
    yield lambda: accounts.register(attrs.evolve(form, password=MILLION, birth_date=TYPED))
    yield lambda: accounts.register(RegistrationForm("", Secret(""), "", "", Secret("")))
    yield lambda: accounts.register(attrs.evolve(form, full_name="John Doe"))
    yield lambda: accounts.register(attrs.evolve(form, irn="CP999999"))
    yield lambda: accounts.register(form)
    yield lambda: accounts.register(attrs.evolve(form, user_id="another-id"))
    for user_id, password in (
        (jane.user_id, WRONG),
        (TYPED, WRONG),
        (jane.user_id, MILLION),
        (jane.user_id, Secret("CANARY \ud800")),
    ):
        yield lambda user_id=user_id, password=password: scene.sign_in(password, user_id=user_id)
        yield lambda user_id=user_id, password=password: accounts.sign_in(user_id, password, banner=TYPED)
    yield accounts.ask_for_passkey
    yield lambda: accounts.sign_in_with_passkey(WRONG, Secret(TYPED), banner=TYPED)
    yield lambda: accounts.sign_in_with_passkey(WRONG, MILLION, banner=accounts.banner().version)
    yield scene.sign_in


def changing(scene):
    """What is looked at and changed in a session; the password is asked again."""
    agency, jane, token = scene.agency, scene.jane, scene.token
    credentials, questions = agency.credentials, agency.accounts.policies().questions.catalogue
    answers = jane.answers(questions[4:7])
    yield lambda: agency.accounts.display_name(token)
    yield lambda: agency.payments.history(scene.case_number, by=token)
    yield lambda: agency.payments.statement(
        scene.case_number, first=Month(2026, 1), last=Month(2026, 1), by=token
    )
    yield lambda: agency.accounts.display_name(SessionToken(WRONG.reveal()))
    yield lambda: credentials.answers_due(token)
    yield lambda: credentials.answers_due(SessionToken(WRONG.reveal()))
    yield lambda: credentials.change_password(token, current=WRONG, new=MILLION)
    yield lambda: credentials.change_password(token, current=jane.password, new=jane.password)
    yield lambda: credentials.change_password(token, current=jane.password, new=Secret("CANARY"))
    yield lambda: credentials.change_answers(token, password=WRONG, answers=answers[:1])
    yield lambda: credentials.change_answers(token, password=jane.password, answers=answers[:1] * 3)
    yield lambda: credentials.change_answers(token, password=jane.password, answers=answers)
    yield lambda: credentials.remind(by=REMINDERS)
    yield lambda: credentials.remind(by=Actor.system("another-job"))
    yield lambda: agency.oversight.disable_idle(by=Actor.system("idleness"))
    yield lambda: agency.oversight.disable_idle(by=REMINDERS)


def closing(scene):
    """One's own account is closed, and tried after it."""
    scene.registered()
    accounts, jane, token = scene.agency.accounts, scene.jane, scene.token
    yield lambda: accounts.close(token, WRONG)
    yield lambda: accounts.close(SessionToken(WRONG.reveal()), jane.password)
    yield lambda: accounts.close(token, jane.password)
    yield lambda: accounts.close(token, jane.password)
    yield scene.sign_in
    yield scene.dispatch


def reset_by_questions(scene):
    """A reset by questions, the assigned password in the letter, and the password that replaces it."""
    agency, jane, mail = scene.agency, scene.jane, scene.mail
    accounts, credentials, recovery = agency.accounts, agency.credentials, agency.recovery
    answers = jane.answers(accounts.policies().questions.catalogue[4:7])
    wrong_answers = tuple(attrs.evolve(each, text=WRONG) for each in answers)
    reset = {"full_name": "Jane Roe", "ssn": jane.ssn, "answers": answers}
    yield lambda: recovery.questions(jane.ssn)
    yield lambda: recovery.reset_password(**{**reset, "answers": wrong_answers})
    yield lambda: recovery.reset_password(**{**reset, "full_name": TYPED})
    yield lambda: recovery.reset_password(**reset)

    def dispatch():
        report = scene.dispatch()
        scene.watch.keep_secret(*[mail.assigned_password()] if mail.bodies("Your password was reset") else [])
        return report

    mail.script = [
        RuntimeError(f"550 {jane.email.reveal()} has no mailbox"),
        DeliveryFailed("no connection", retryable=True),
    ]
    yield dispatch
    yield dispatch
    assigned = mail.assigned_password()
    yield lambda: scene.sign_in(assigned)
    yield lambda: agency.payments.history(scene.case_number, by=scene.token)
    yield lambda: credentials.change_password(scene.token, current=assigned, new=assigned)
    yield lambda: scene.entered(credentials.change_password(scene.token, current=assigned, new=NEW))
    yield lambda: accounts.sign_out(scene.token)
    yield lambda: accounts.display_name(scene.token)
    yield lambda: agency.subscriptions.dispatch(by=Actor.system("dispatch"))
    yield dispatch


def everything(scene):
    """Every flow on one account, from registration to a password reset."""
    yield from registering(scene)
    yield from changing(scene)
    yield from reset_by_questions(scene)


def sessions_of(scene):
    """Every flow on one's own sessions, after `everything`."""
    sessions = scene.agency.sessions
    yield lambda: scene.sign_in(NEW, source="203.0.113.7\r\nforged")
    yield lambda: scene.sign_in(NEW)
    yield lambda: sessions.check(scene.token)
    yield lambda: sessions.check(SessionToken(WRONG.reveal()))
    yield lambda: sessions.own(scene.token)
    yield lambda: sessions.end(scene.token, TYPED)
    yield lambda: sessions.end(scene.token, scene.tokens[-2].session_id)
    yield lambda: sessions.end_others(scene.token)
    yield lambda: sessions.reauthenticate(scene.token, password=WRONG)
    yield lambda: sessions.reauthenticate(scene.token, password=MILLION)
    yield lambda: scene.entered(sessions.reauthenticate(scene.token, password=NEW))
    yield lambda: sessions.check(scene.token)
