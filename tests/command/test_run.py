"""`dcss run`: the jobs of an agency in a process of its own, and how it is ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dcss_core import Actor, open_agency

from .jobs_at_hand import LETTERS, inbox, url

__all__ = ["inbox", "url"]  # fixtures


class Running:
    """`dcss run` in a process of its own."""

    def __init__(self, *words):
        command = [sys.executable, "-m", "dcss_core.command", "run", *map(str, words)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts
        )

    def ended(self, sign=None):
        if sign is not None:
            self.process.send_signal(sign)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def hear_interrupts():
    """What a shell starts behind itself does not hear Ctrl-C, nor does what that starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def running():
    started = []

    def start(*words):
        started.append(Running(*words))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


def wait_for(is_so):
    for _ in range(300):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about within fifteen seconds")


def test_a_single_shot_says_what_each_job_did(dcss, url, keys, inbox):
    said = dcss("run", url, "--keys", keys, "--channel", inbox.url, "--once", "--json")
    told = {each["job"]: each for each in said.document["jobs"]}
    assert said.code == 0
    assert list(told) == [
        "charging",
        "sequencer",
        "reminders",
        "idleness",
        "outbox",
        "retention",
    ]  # there is no subscriber and no sink
    assert told["outbox"]["counts"] == {"delivered": LETTERS, "put_off": 0, "given_up": 0}
    assert told["charging"]["counts"] == {"cases": 1}
    assert len(inbox.ids) == LETTERS
    assert "outbox: ok, 20 delivered" in said.err


def test_only_the_jobs_that_are_named_are_run(dcss, url, keys):
    said = dcss("run", url, "--keys", keys, "--jobs", "sequencer, retention", "--once", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_a_job_that_failed_is_told_by_the_exit_code_of_a_single_shot(dcss, url, keys, tmp_path):
    words = ["--keys", keys, "--once", "--json", "--sink", f"checkpoint-file://{tmp_path}/one.txt"]
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None) as agency:
        agency.audit.sequence(by=Actor.system("audit"))
    (tmp_path / "one.txt").write_text("no checkpoint\n", encoding="utf-8")
    said = dcss("run", url, *words, "--jobs", "checkpoints,sequencer")
    told = {each["job"]: each["last_outcome"] for each in said.document["jobs"]}
    assert (said.code, told) == (3, {"sequencer": "ok", "checkpoints": "incomplete"})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--jobs", "outbx"], "none of charging"),
        (["--jobs", ""], "none of charging"),
        (["--jobs", "outbox"], "outbox needs --channel URL"),
        (["--jobs", "checkpoints"], "checkpoints needs --sink URL"),
        (["--jobs", "subscriptions"], "subscriptions needs --subscriber URL"),
        (["--interval", "outbox"], "outbox=60"),
        (["--interval", "lunch=60"], "none of charging"),
    ],
)
def test_what_cannot_be_run_is_wrong_usage(dcss, url, keys, words, says):
    said = dcss("run", url, "--keys", keys, *words, "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    assert says in said.error["message"]


def test_what_may_hold_a_password_can_stand_in_a_variable(dcss, url, keys, inbox, monkeypatch):
    monkeypatch.setenv("DCSS_STORAGE", url)
    monkeypatch.setenv("DCSS_KEYS", str(keys))
    monkeypatch.setenv("DCSS_CHANNELS", inbox.url)
    assert dcss("run", "--once", "--jobs", "outbox", "--json").code == 0
    assert len(inbox.ids) == LETTERS
    assert dcss("health", "--json").document["status"] == "ok"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_what_is_at_work_with_exit_code_0(running, url, keys, inbox, sign):
    process = running(url, "--keys", keys, "--channel", inbox.url, "--log", "json", "--json")
    wait_for(lambda: len(inbox.ids) == LETTERS)
    code, out, err = process.ended(sign)
    assert code == 0, err
    told = {each["job"]: each for each in json.loads(out)["jobs"]}
    assert told["outbox"]["counts"]["delivered"] == LETTERS
    logged = [json.loads(line) for line in err.splitlines()]
    assert {"dcss.job.ended"} == {each["event"] for each in logged}
    assert "dcss_core.jobs" in {each["logger"] for each in logged}


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)])
def test_the_letters_of_a_round_are_finished_and_a_second_signal_does_not_wait_for_them(
    running, url, keys, inbox, sign, code
):
    inbox.takes_seconds = 1
    process = running(url, "--keys", keys, "--channel", inbox.url, "--jobs", "outbox")
    wait_for(lambda: inbox.came)
    process.process.send_signal(sign)
    wait_for(lambda: len(inbox.ids) > 1)  # the round goes on
    began = time.monotonic()
    ended, _, err = process.ended(sign)
    assert ended == code
    assert time.monotonic() - began < 5
    assert "Traceback" not in err
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None) as agency:
        waiting = agency.outbox.pending(by=Actor.system("dispatch"))
        assert 0 < waiting < LETTERS
        assert agency.audit.verify(by=Actor.system("audit")).is_sound


def test_several_at_once_send_each_letter_once_and_charge_each_month_once(running, url, keys, inbox):
    words = [url, "--keys", keys, "--channel", inbox.url, "--interval", "outbox=1"]
    processes = [running(*words) for _ in range(3)]
    wait_for(lambda: len(set(inbox.ids)) == LETTERS)
    time.sleep(1.5)
    for each in processes:
        code, _, err = each.ended(signal.SIGTERM)
        assert code == 0, err
    assert len(inbox.ids) == len(set(inbox.ids)) == LETTERS
    with open_agency(url, jurisdiction="US-GA", keys=keys, channels=None) as agency:
        charged = [
            entry
            for _, entry in agency.audit.entries(by=Actor.system("audit"))
            if entry.kind == "support_charged"
        ]
        assert len(charged) == 1
        assert agency.payments.verify(by=Actor.system("audit")).is_sound
        assert agency.audit.verify(by=Actor.system("audit")).is_sound
        assert agency.health().is_ok


def test_telemetry_is_told_besides_where_it_is_asked_for(dcss, url, keys):
    pytest.importorskip("opentelemetry")
    said = dcss("run", url, "--keys", keys, "--once", "--telemetry")
    assert said.code == 0
    assert "dcss_core.jobs: charging: ok, 1 case in" in said.err


def test_where_telemetry_is_not_installed_nothing_begins(dcss, url, keys, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    said = dcss("run", url, "--keys", keys, "--once", "--telemetry", "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert 'the extra "telemetry" of dcss-core' in said.error["message"]


def test_a_database_of_no_agency_is_refused(dcss, keys, tmp_path):
    said = dcss("run", f"sqlite:///{tmp_path}/none.db", "--keys", keys, "--once", "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert not os.path.lexists(Path(tmp_path) / "none.db")
