"""The small portal, for real: two processes on one database, sixteen parents at once, on loopback."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import attrs
import pytest

from dcss_core import Actor, CaseNumber, Irn, Money, Secret, Ssn, create_key_file, open_agency
from dcss_core.cases import CaseApplication, NewObligation, NewParticipant, PersonName, Role

pytest.importorskip("flask", reason="the portal is a Flask application: pip install flask")
PORTAL = Path(__file__).parents[2] / "examples" / "small_portal.py"
PARENTS = 16
PASSWORD = "seven green kites over {number} roofs"


def application(number: int) -> CaseApplication:
    """A case whose custodial parent is number so-and-so; nobody has such Social Security numbers."""

    def person(role: Role, first: str, area: int, irn: str | None) -> NewParticipant:
        ssn = Ssn(f"{area}-01-{4000 + number}", accept_never_issued=True)
        email = Secret(f"{first}.{number}@example.com".lower())
        name = PersonName(first, f"Roe{number}")
        return NewParticipant(role, name, date(1988, 7, 1), ssn, Irn(irn) if irn else None, email=email)

    return CaseApplication(
        case_number=CaseNumber(f"00045{number:05}"),
        opened_on=date(2026, 1, 2),
        participants=(
            person(Role.NONCUSTODIAL_PARENT, "John", 901, None),
            person(Role.CUSTODIAL_PARENT, "Jane", 900, f"CP{100200 + number}"),
            NewParticipant(Role.CHILD, PersonName("Casey", f"Roe{number}"), date(2018, 5, 4)),
        ),
        order_issued_on=date(2024, 3, 1),
        issuing_state="13",
        obligations=(NewObligation(Money("200.00"), begins=date(2024, 4, 1)),),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """The ports of two processes that serve one database."""
    folder = tmp_path_factory.mktemp("portal")
    database, keys = folder / "agency.db", folder / "keys.json"
    create_key_file(keys)
    with open_agency(f"sqlite:///{database}", jurisdiction="US-GA", keys=keys, channels=None) as agency:
        for number in range(PARENTS):
            agency.cases.open(application(number), by=Actor.system("intake"))
    ports = [free_port(), free_port()]
    started = [
        subprocess.Popen(
            [sys.executable, str(PORTAL), str(database), str(keys), str(port), "--test-people"],
            env=os.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in ports
    ]
    try:
        for port in ports:
            wait_until_it_answers(port)
        yield ports
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=20)


def wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            Browser([port], "127.0.0.1").ask("GET", "/notice")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"port {port} does not answer")


@attrs.define
class Browser:
    """One parent's browser: has an address of its own, keeps the cookie, asks the two processes in turn."""

    ports: list[int]
    address: str
    asked: int = 0
    cookie: str = ""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        self.asked += 1
        port = self.ports[self.asked % len(self.ports)]
        connection = HTTPConnection("127.0.0.1", port, timeout=60, source_address=(self.address, 0))
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        try:
            connection.request(method, path, json.dumps(body or {}) if method == "POST" else None, headers)
            answer = connection.getresponse()
            self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def walk(ports: list[int], number: int) -> list[tuple[str, int, Any]]:
    """All that one parent does, in order: what they asked, the status, the answer."""
    browser, seen = Browser(ports, f"127.0.0.{number + 10}"), []

    def do(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        status, answer = browser.ask(method, path, body)
        seen.append((f"{method} {path}", status, answer))
        return answer

    case, other = f"00045{number:05}", f"00045{(number + 1) % PARENTS:05}"
    me = {"full_name": f"Jane Roe{number}", "ssn": f"900-01-{4000 + number}"}
    password = PASSWORD.format(number=number)
    notice = do("GET", "/notice")["version"]
    asked = do("POST", "/questions", me)
    answers = {each["question_id"]: f"Roe{number}'s {each['question_id']} of 1995" for each in asked}
    form = me | {"user_id": f"jane-{number}", "password": password, "answers": answers}
    do("POST", "/register", form | {"birth_date": "1988-07-01", "irn": f"CP{100200 + number}"})
    sign_in = {"user_id": f"jane-{number}", "password": password, "notice": notice}
    do("POST", "/sign-in", sign_in | {"password": "a wrong one, and long enough"})
    do("POST", "/sign-in", sign_in)
    do("GET", "/cases")
    do("GET", f"/cases/{case}/payments")
    do("GET", f"/cases/{other}/payments")
    do("GET", "/payments/RNOTTHERE")
    do("GET", f"/cases/{case}/statement?first=2026-01&last=2026-02")
    do("GET", "/sessions")
    do("POST", "/sign-out", {})
    do("GET", "/cases")
    asked = do("POST", "/questions", me)
    right = {each["question_id"]: answers[each["question_id"]] for each in asked}
    do("POST", "/recovery", me | {"answers": right | {asked[0]["question_id"]: "a wrong one"}})
    do("POST", "/recovery", me | {"answers": right})
    return seen


def test_sixteen_parents_at_once_each_see_what_is_theirs_whichever_process_answers(
    portals: list[str],
) -> None:
    with ThreadPoolExecutor(PARENTS) as clients:
        walks = list(clients.map(lambda number: walk(portals, number), range(PARENTS)))
    for number, seen in enumerate(walks):
        statuses = [status for _, status, _ in seen]
        assert statuses == [200, 200, 201, 401, 200, 200, 200, 403, 403, 200, 200, 200, 401, 200, 422, 200], (
            seen
        )
        answers = {asked: answer for asked, status, answer in seen if status == 200}
        assert [each["case_number"] for each in answers["GET /cases"]] == [f"00045{number:05}"]
        assert len(answers["GET /sessions"]) == 1
        refusals = [answer for _, status, answer in seen if status == 403]
        assert refusals[0] == refusals[1] == {"code": "not_permitted", "faults": []}
        assert seen[12][2]["code"] == "not_permitted.session_ended"


def test_the_portal_is_written_in_fewer_than_a_hundred_lines() -> None:
    assert len(PORTAL.read_text(encoding="utf-8").splitlines()) < 100
