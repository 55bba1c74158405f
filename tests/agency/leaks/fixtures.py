"""A watch that looks for every secret in the end, and scenes for it to watch."""

import logging
import warnings

import pytest

from dcss_core import Secret
from dcss_core.testing import case_application
from dcss_core.users.staff.member import StaffRole

from .scene import MILLION, NEW, TYPED, WORKER, WRONG, Scene
from .watching import Randomness, Watch

MASTER_KEY = (Secret("1" * 64), Secret(r"\x11" * 32))  # as it is written, and as its bytes are shown


class Told:
    """An observer: the verbs that answered, each with what came of it, and everything it was told."""

    def __init__(self, watch):
        self.watch, self.answered = watch, set()

    def begins(self, what, name):
        self.name = name
        return self

    def ends(self, outcome, severity, *, result, **told):
        self.watch.seen.append(f"{self.name} {outcome} {severity} {result} {told}")
        if outcome == "ok":
            self.answered.add((self.name, result))

    def retries(self, verb, code, attempt):
        self.watch.seen.append(f"{verb} {code} {attempt}")


@pytest.fixture
def watch(caplog, capfd, jane, john):
    watch = Watch()
    watch_parent(watch, jane)
    watch_parent(watch, john)
    watch.keep_secret(NEW, WRONG, MILLION, WORKER, *MASTER_KEY)
    watch.typed.append(TYPED)
    # each logger for itself: a library may have set its own level
    for name in (None, "pluggy", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield watch
    watch.seen += [caplog.text, *(str(each.message) for each in warned), *capfd.readouterr()]
    found = watch.leaks()
    assert not found, found[:3]


def watch_parent(watch, parent):
    """Have all looked for that is secret about a parent."""
    watch.keep_secret(parent.password, parent.email, Secret(f"{parent.name.last}'s "))
    if parent.ssn is not None:
        digits = parent.ssn.reveal()
        watch.keep_secret(parent.ssn, Secret(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"))


@pytest.fixture
def told(watch):
    return Told(watch)


@pytest.fixture
def scene_of(opener, outside, reform, clock, form_of, intake, watch, told):
    """Opens an agency for flows, with the parent they are about in its one case."""

    def opened(flows, url="memory:", *, plugins=(), **changes):
        parent = flows.parent()
        watch_parent(watch, parent)
        agency = opener(
            url,
            jurisdiction="US-GA-REFORM",
            plugins=[
                *reform({**flows.changes, "accounts.passkey_sign_in": True}),
                *plugins,
            ],
            second_factors=["totp:", "passkey:?rp_id=example.gov&origin=https://portal.example.gov"],
            subscribers=["script:one"],
            randomness=Randomness(watch),
            observers=[told],
            **changes,
        )
        number = agency.cases.open(case_application(payee=parent), by=intake).case_number
        return Scene(agency, watch, outside, clock, form_of, number, parent)

    return opened


@pytest.fixture
def officer_of(long_appointed):
    """Somebody who reads the log of an agency."""
    return lambda agency: long_appointed(agency, "officer-1", StaffRole.RECORDS_OFFICER)
