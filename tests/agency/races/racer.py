"""Racer: one process of several that do the same thing to one database at the same instant.

Run as a program it reads a line for each race: it opens the agency of the database, says that it is ready,
waits for the instant that the next line names, acts, and prints what came of it as JSON.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import time
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from dcss_core import Actor, KeyRing, Secret, open_agency
from dcss_core.errors import DcssError
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import JANE_ROE, FakeHasher, registration_form
from dcss_core.users import EnrolmentRefused, SessionToken, StaffRole
from dcss_core.users.account_control import ControlReason

HASHED_SECONDS = 0.005
WHY = ControlReason.SUSPECTED_MISUSE


class SlowHasher(FakeHasher):
    """Takes as long over a password as lets others come in between."""

    def verify(self, password, stored):
        time.sleep(HASHED_SECONDS)
        return super().verify(password, stored)

    def spend(self, password):
        time.sleep(HASHED_SECONDS)
        super().spend(password)


class RunningClock:
    """Stands where the agency's clock does when a race is announced, and runs as this machine's own."""

    def __init__(self, race):
        self._instant, self._announced_at = datetime.fromisoformat(race["now"]), race["announced_at"]

    def now(self):
        return self._instant + timedelta(seconds=time.monotonic() - self._announced_at)


def choose_password(agency, user_id, code, new):
    return agency.recovery.choose_password(user_id, Secret(code), Secret(new))


def give(agency, token, code):
    return agency.second_factors.give(SessionToken(token), Secret(code))


def sign_in(agency, user_id, passwords):
    banner = agency.accounts.banner().version
    return [agency.accounts.sign_in(user_id, Secret(each), banner=banner) for each in passwords]


def register(agency, user_id):
    return agency.accounts.register(registration_form(agency, JANE_ROE, user_id=user_id))


def confirm(agency, token, code):
    return agency.second_factors.confirm(SessionToken(token), Secret(code))


def enrol(agency, token, password):
    """Set a factor up, and begin again as often as another one was begun in between."""
    outcome = EnrolmentRefused(begin_again=True)
    while isinstance(outcome, EnrolmentRefused):
        begun = agency.second_factors.begin(SessionToken(token), Secret(password))
        outcome = confirm(agency, token, _code(begun, agency._resources.now()))
    return outcome


def decide(agency, act, by, **given):
    reason = {} if act == "approve" else {"reason": WHY}
    return getattr(agency.staff_resets, act)(by=Actor.staff(by), **given, **reason)


def control(agency, act, account_id, by):
    return getattr(agency.oversight, act)(account_id, by=Actor.staff(by), reason=WHY)


def set_roles(agency, account_id, role, by):
    return agency.staff.set_roles(account_id, [StaffRole(role)], by=Actor.staff(by))


def _code(begun, now):
    """The code that an app shows: RFC 4226, with hmac alone."""
    secret = base64.b32decode(parse_qs(urlsplit(begun.shown.reveal()).query)["secret"][0])
    digest = hmac.new(secret, struct.pack(">Q", int(now.timestamp()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def _told(outcome):
    if isinstance(outcome, list):
        return [_told(each) for each in outcome]
    told = {"is": type(outcome).__name__}
    if hasattr(outcome, "state"):
        told["state"] = outcome.state.value
    if hasattr(outcome, "saved_codes"):
        told["saved_codes"] = [each.reveal() for each in outcome.saved_codes]
    return told


def _raced(race):
    with open_agency(
        race["url"],
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=None,
        clock=RunningClock(race),
        hasher=SlowHasher(),
        observers=[],
    ) as agency:
        _say("ready")
        time.sleep(max(float(sys.stdin.readline()) - time.monotonic(), 0))
        try:
            return _told(globals()[race["act"]](agency, **race["given"]))
        except DcssError as error:  # anything else ends this process, and the race with it
            return {"is": type(error).__name__}


def _say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in sys.stdin:
        _say(json.dumps(_raced(json.loads(line))))
