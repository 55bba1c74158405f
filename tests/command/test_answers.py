"""How `dcss` answers: one JSON document where it is asked for, no traceback, and a code for the shell."""

import json
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from dcss_core import __version__
from dcss_core.command.start import main
from dcss_core.command.upgrade.converting import Converting

WITHOUT_CLICK = """
import sys
sys.modules["click"] = None  # as where it is not installed
from dcss_core.command.start import main
sys.exit(main(sys.argv[1:]))
"""


def run(*words, **options):
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=120, **options
    )


def test_the_version_is_the_library_s(dcss):
    assert dcss("--version").out == f"dcss {__version__}\n"


def test_it_runs_as_a_module_too():
    done = run("-m", "dcss_core.command", "--version")
    assert (done.returncode, done.stdout) == (0, f"dcss {__version__}\n")


def test_without_words_it_says_what_there_is(dcss):
    said = dcss()
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: dcss ")


@pytest.mark.parametrize(
    "words", [("nothing",), ("db", "upgrade"), ("db", "upgrade", "sqlite:///a.db", "--no")]
)
def test_a_wrong_call_has_a_code_of_its_own(dcss, words):
    said = dcss(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("dcss: ")
    as_json = dcss(*words, "--json")
    assert (as_json.code, as_json.err, as_json.error["code"]) == (2, "", "usage")


def test_an_error_is_told_to_people_on_standard_error(dcss, tmp_path):
    said = dcss("db", "upgrade", f"sqlite:///{tmp_path}/a.db", "--keys", tmp_path / "keys.json")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("dcss: there is no database at ")
    assert "Traceback" not in said.err


def test_a_defect_is_told_by_its_place_and_never_by_what_was_at_hand(dcss, old, monkeypatch):
    def broken(*_):
        raise ValueError("901-02-8765")

    monkeypatch.setattr(Converting, "_step", broken)
    said = dcss("db", "upgrade", old.url, "--keys", old.keys, "--json")
    assert said.code == 1
    assert said.error["code"] == "defect"
    assert "ValueError at dcss_core/command/upgrade/converting.py:" in said.error["message"]
    assert "901" not in said.out + said.err


def test_where_click_is_not_installed_one_line_says_what_to_install():
    done = run("-c", WITHOUT_CLICK, "db", "upgrade")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        'dcss: the command needs click: install the extra "command" of dcss-core, in a clone by: '
        'pip install ".[command]"'
    ]
    as_json = run("-c", WITHOUT_CLICK, "db", "upgrade", "--json")
    assert (as_json.returncode, as_json.stderr) == (1, "")
    assert json.loads(as_json.stdout)["error"]["code"] == "command.not_installed"


def test_the_library_does_not_need_click():
    program = "import dcss_core, dcss_core.opening.opening, sys; sys.exit('click' in sys.modules)"
    assert run("-c", program).returncode == 0


def watched(old, *more):
    """What a terminal shows as standard error of an upgrade."""
    pty = pytest.importorskip("pty", reason="there are no terminals here")
    ours, theirs = pty.openpty()
    words = ["-m", "dcss_core.command", "db", "upgrade", old.url, "--keys", str(old.keys), *more]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # how Linux says that nobody writes any more
                break
            if not part:
                break
            shown += part
        assert process.wait() == 0
    os.close(ours)
    return shown.decode()


def test_progress_is_shown_to_whoever_watches_and_taken_away(old):
    shown = watched(old, "--json")
    assert "%  writing audit_log" in shown
    assert shown.endswith(" \r")


def test_no_progress_with_quiet(old):
    assert watched(old, "--quiet") == ""


def test_the_script_that_is_installed_is_this_command():
    settings = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = settings["project"]["scripts"]["dcss"].partition(":")
    assert getattr(import_module(module), name) is main
