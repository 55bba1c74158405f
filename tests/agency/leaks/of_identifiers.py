"""Flows of parents with an ITIN, which is made here and stands nowhere, or with neither number."""

import secrets

import attrs

from dcss_core import Irn, Itin, Secret
from dcss_core.testing import JANE_ROE
from dcss_core.users.staff.member import StaffRole

from .of_staff import Office
from .scene import HOME, TYPED, WHY


def made_itin():
    """An ITIN, which may be somebody's."""
    return Itin(
        f"9{secrets.randbelow(100):02d}{50 + secrets.randbelow(16):02d}{secrets.randbelow(9999) + 1:04d}"
    )


def with_itin():
    """Jane, with an ITIN."""
    return attrs.evolve(JANE_ROE, ssn=made_itin())


def without_number():
    """Jane, with neither number."""
    return attrs.evolve(JANE_ROE, ssn=None)


def keep_number(watch, number):
    """Have a number looked for in every way it is written."""
    digits = number.reveal()
    watch.keep_secret(number, Secret(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"))


def by_itin(scene):
    """Registration, recovery and the help desk by an ITIN that is right, wrong, or half one."""
    agency, itin, form, other = scene.agency, scene.jane.ssn, scene.form(), made_itin()
    keep_number(scene.watch, other)
    elsewhere = made_itin().reveal()
    scene.watch.typed.append(elsewhere)
    recovery, accounts = agency.recovery, agency.accounts
    half = Secret(itin.reveal()[:7])
    yield lambda: accounts.register(attrs.evolve(form, ssn=half))
    yield lambda: accounts.register(attrs.evolve(form, ssn=Secret(f"{itin.reveal()}CANARY")))
    yield lambda: accounts.register(attrs.evolve(form, ssn=other))
    yield lambda: accounts.register(attrs.evolve(form, user_id=elsewhere, full_name=elsewhere))
    yield lambda: accounts.register(attrs.evolve(form, irn=elsewhere, birth_date=elsewhere))
    yield lambda: accounts.register(attrs.evolve(form, ssn=Secret(itin.reveal())))
    yield lambda: scene.sign_in(user_id=elsewhere)
    for number in (itin, other):
        yield lambda number=number: recovery.questions(number, source=HOME)
        yield lambda number=number: recovery.send_user_id(full_name=scene.jane.name.full, ssn=number)
        yield lambda number=number: recovery.reset_password(full_name=TYPED, ssn=number, answers=())
    office = Office(scene)
    yield from office.begin(StaffRole.HELP_DESK)
    for number in (itin, other):
        yield lambda number=number: agency.staff_resets.progress(number, by=office.admin)
        yield lambda number=number: recovery.reopen(number, by=office.admin)
        yield lambda number=number: agency.oversight.disclose_identifiers(number, by=office.admin, reason=WHY)
    yield office.dispatch


def by_identifier_alone(scene):
    """Registration of somebody who has neither number, and guesses at it until it is closed."""
    agency, typed = scene.agency, attrs.evolve(scene.jane, ssn=Secret(""))
    form = scene.form_of(agency, typed)
    for _ in range(5):
        yield lambda: agency.accounts.register(attrs.evolve(form, full_name=TYPED))
    yield lambda: agency.accounts.register(form)
    office = Office(scene)
    yield from office.begin(StaffRole.HELP_DESK)
    yield lambda: agency.recovery.reopen(Irn("CP999999"), by=office.admin)
    yield lambda: agency.recovery.reopen(scene.jane.irn, by=office.admin)
    yield lambda: agency.accounts.register(attrs.evolve(form, irn="CP999999"))
    yield lambda: agency.accounts.register(attrs.evolve(form, ssn=made_itin()))
    yield lambda: agency.accounts.register(form)
    yield scene.sign_in
    yield office.dispatch
