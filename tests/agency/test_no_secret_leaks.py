"""The canary: every flow is run with marked secrets, and whatever a stranger could see is searched for them.

Seen are results and what they become as text, dict, JSON and pickle; exceptions with arguments, notes,
causes and tracebacks that show local variables; the audit log; logging, warnings and standard output.
"""

import hashlib
import http.server
import sqlite3
import threading

import attrs
import pluggy
import pytest

from dcss_core import KeyRing, Secret
from dcss_core.errors import BackendError
from dcss_core.ports.keys import MasterKey
from dcss_core.users.second_factor.saved_codes import make_saved_codes

from .leaks.flows import FLOWS
from .leaks.of_readers import readers_of
from .leaks.scene import NEW
from .leaks.watching import Randomness, Watch

MIRROR = Secret("CANARY-of-a-mirror")


def test_the_canary_is_caught_wherever_it_is_seen(jane):
    """That the search finds something is what makes finding nothing mean anything."""
    watch = Watch()
    watch.keep_secret(jane.password)
    watch.keep_code(Secret("012345"))
    password = jane.password.reveal()
    places = [
        lambda: watch.see(attrs.make_class("Result", ["password"])(password)),
        lambda: watch.see(password.upper()),
        lambda: watch.see(password.encode().hex()),
        lambda: watch.see("the code 012345 of 20260107"),
        lambda: watch.see_error(BackendError(f"no: {password}", retryable=False)),
        lambda: watch.see_error(noted(BackendError("no", retryable=False), password)),
        lambda: watch.see_error(caused(BackendError("no", retryable=False), password)),
    ]
    for place in places:
        watch.seen.clear()
        watch.variables.clear()
        place()
        assert watch.leaks()
    watch.seen.clear()
    watch.variables.clear()
    watch.see("the number 9012345")
    assert not watch.leaks()
    assert watch.stored(password.encode()) == [password]


def test_what_a_secret_is_made_from_is_caught_in_the_variables_of_a_failure():
    watch = Watch()
    watch.call(lambda: make_saved_codes(Randomness(watch).token_bytes(100)))  # too few, and it has them
    assert watch.leaks()


def noted(error, note):
    error.add_note(note)
    return error


def caused(error, cause):
    error.__cause__ = ValueError(cause)
    return error


@pytest.mark.parametrize("name", FLOWS)
def test_no_flow_shows_a_secret(scene_of, officer_of, watch, name):
    scene = scene_of(FLOWS[name])
    officer = officer_of(scene.agency)
    for flow in FLOWS[name].of(scene):
        watch.call(flow)
    for flow in readers_of(scene, officer):
        assert watch.call(flow) is not None


def test_an_agency_that_is_looked_at_shows_no_key(scene_of, watch):
    watch.see(scene_of(FLOWS["an ITIN"]).agency)
    assert any(text.startswith("<Agency ") for text in watch.seen)
    assert watch.leaks() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people SET ssn = email",
        "UPDATE people SET email = ssn",
        "UPDATE people SET name = '{\"CANARY\": 1}'",
        "UPDATE accounts SET state = 'CANARY'",
        "UPDATE accounts SET password_hash = '{\"CANARY\": 1}'",
        "UPDATE security_answers SET question_ids = '\"CANARY\"'",
    ],
)
def test_no_row_changed_by_hand_shows_what_stands_in_it(
    opener, sqlite_url, case_application, intake, jane, register, reset, watch, statement
):
    watch.typed.append("CANARY")
    agency = opener(sqlite_url)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(statement)
    connection.close()
    watch.call(lambda: reset(agency, jane))
    watch.call(
        lambda: agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    )
    assert any("by hand" in text or "changed or moved" in text for text in watch.seen), watch.seen


# --- the packages underneath -------------------------------------------------------------------------------


@pytest.fixture
def traced(monkeypatch):
    """Everything that pluggy's tracing prints, switched on in every plugin manager made meanwhile."""
    lines, made = [], pluggy.PluginManager.__init__

    def make(manager, *arguments, **options):
        made(manager, *arguments, **options)
        manager.trace.root.setwriter(lines.append)
        manager.enable_tracing()

    monkeypatch.setattr(pluggy.PluginManager, "__init__", make)
    return lines


def test_what_pluggy_traces_while_an_agency_opens_shows_no_key_and_no_url(opener, sqlite_url, watch, traced):
    hidden = Secret("CANARY-of-a-channel")
    keys = KeyRing((MasterKey("k1", Secret("cafe" * 16)),))
    watch.keep_secret(hidden, Secret("cafe" * 16), Secret(sqlite_url))
    opener(sqlite_url, keys=keys, channels=[f"letters:{hidden.reveal()}"], subscribers=["script:one"])
    assert any("dcss_storage_backends" in line for line in traced)
    watch.seen += traced


class RangeApi(http.server.BaseHTTPRequestHandler):
    """Answers as the list of breached passwords does, that it holds none of the range."""

    def do_GET(self):
        self.server.asked.append(self.path)
        answer = b"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_given):
        pass


@pytest.fixture
def range_api():
    """A list of breached passwords on loopback, at a path that is a secret; gives server and URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), RangeApi) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server, f"hibp+http://127.0.0.1:{server.server_port}/{MIRROR.reveal()}"
        server.shutdown()
        thread.join()


def test_a_look_up_among_breached_passwords_leaves_no_password_and_not_its_whole_hash_in_a_log(
    opener, case_application, intake, jane, form_of, attempt, watch, range_api
):
    server, url = range_api
    agency = opener("memory:", breach_check=url)
    agency.cases.open(case_application, by=intake)
    for password in (jane.password, NEW):
        digest = hashlib.sha1(password.reveal().encode()).hexdigest()
        watch.keep_secret(Secret(digest.upper()), Secret(digest), Secret(digest[5:].upper()))
    watch.call(lambda: agency.accounts.register(form_of(agency, jane)))
    token = attempt(agency, jane.user_id, jane.password).token
    watch.call(lambda: agency.credentials.change_password(token, current=jane.password, new=NEW))
    assert len(server.asked) == 2
    assert all(len(path.rpartition("/")[2]) == 5 for path in server.asked)
