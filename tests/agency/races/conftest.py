"""Processes that race on the database of one agency, and what has to hold after each race."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import attrs
import pytest

from dcss_core import Actor

PROGRAM = Path(__file__).with_name("racer.py")
STARTS_AFTER_SECONDS = 0.02
SHORT, LONG = (4, 2), (8, 20)
"""How many processes, and how often they race."""


@attrs.define
class Racers:
    """Processes that are started once, and race as often as they are told to."""

    running: list = attrs.field(factory=list)

    def race(self, url, now, act, givens):
        """Have one process for each of these do something at once; what came of it, in their order."""
        while len(self.running) < len(givens):
            command = [sys.executable, str(PROGRAM)]
            started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.running.append(started)
        racing = self.running[: len(givens)]
        race = {"url": url, "now": now.isoformat(), "announced_at": time.monotonic()}
        for process, given in zip(racing, givens, strict=True):
            self._tell(process, json.dumps({**race, "act": act, "given": given}))
        assert [process.stdout.readline() for process in racing] == ["ready\n"] * len(racing)
        begins_at = time.monotonic() + STARTS_AFTER_SECONDS
        for process in racing:
            self._tell(process, str(begins_at))
        return [json.loads(process.stdout.readline()) for process in racing]

    def end(self):
        for process in self.running:
            process.kill()
            process.communicate()

    def _tell(self, process, line):
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


@pytest.fixture(scope="session")
def racers():
    racers = Racers()
    yield racers
    racers.end()


@pytest.fixture(
    params=[
        pytest.param(SHORT, id="short"),
        pytest.param(LONG, id="long", marks=pytest.mark.campaign),
    ]
)
def course(request):
    """How many processes race, and how often."""
    return request.param


@attrs.define
class Course:
    """A race on one database, and the agency of this process on it."""

    racers: Racers
    url: str
    agency: object
    clock: object
    mail: object

    def race(self, act, givens):
        """What came of a race: how often each outcome, and the outcomes themselves."""
        outcomes = self.racers.race(self.url, self.clock.now(), act, givens)
        self.clock.move(seconds=10)  # theirs ran on
        assert "OutcomeUnknownError" not in {each["is"] for each in outcomes if isinstance(each, dict)}
        return Counter(each["is"] for each in outcomes if isinstance(each, dict)), outcomes

    def dispatch(self):
        """Write and send what is due."""
        self.agency.outbox.dispatch(by=Actor.system("dispatch"))

    def letters(self, subject):
        """How many letters with a subject there were; the log is sound."""
        self.dispatch()
        assert self.agency.audit.verify(by=Actor.system("audit")).is_sound
        return len(self.mail.bodies(subject))


@pytest.fixture
def course_of(racers, opener, tmp_path, clock, mail, case_application, intake):
    """A new database, with a case and an agency of this process."""
    number = iter(range(10**6))

    def opened():
        url = f"sqlite:///{tmp_path}/agency-{next(number)}.db"
        agency = opener(url)
        agency.cases.open(case_application, by=intake)
        mail.delivered.clear()
        return Course(racers, url, agency, clock, mail)

    return opened
