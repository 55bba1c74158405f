"""What the pages on `dcss` show is what it does."""

import re
import subprocess
import sys
from pathlib import Path

import click

from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.running import dcss

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "upgrade-a-database.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "command.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks():
    """The commands of the how-to with what they print, but for what installs it."""
    for block in BLOCK.findall(HOW_TO):
        for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = each.partition("\n")
            if not command.startswith("pip "):
                yield command, printed


def test_what_the_how_to_shows_is_what_happens_on_a_database_like_that(old, tmp_path):
    before = old.digest()
    new = tmp_path / "new"
    new.mkdir()
    old.path.rename(tmp_path / "georgia.db")
    ran = []
    for command, printed in blocks():
        words = command.replace("/mnt/new", str(new)).split()
        if words[0] == "dcss":
            words[:1] = [sys.executable, "-m", "dcss_core.command"]
        if "--to" in words:  # shown as another way, from where the first one began
            kept = tmp_path / "georgia.db.before-upgrade"
            kept.rename(tmp_path / "georgia.db")
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), command
        if "--to" in words:
            subprocess.run([*words[:-2]], cwd=tmp_path, capture_output=True, check=True)
        assert like(printed, tmp_path).fullmatch(done.stdout) or not printed, (command, done.stdout)
        ran.append(words[-1])
    assert len(ran) == 5
    (tmp_path / "georgia.db").rename(old.path)
    assert old.digest() == before


def like(printed, folder):
    """The text of the page: its folder is this one, its time any time, and … any lines."""
    parts = [re.escape(part) for part in printed.replace("/srv/dcss", str(folder)).split("…\n")]
    return re.compile(re.sub(r"(time[\\ ]+)[\d\\.]+", r"\1[0-9.]+", r"(?:.*\n)+".join(parts)))


def test_every_exit_code_is_on_the_page():
    rows = re.findall(r"^\| (\d+) \| ", REFERENCE, re.MULTILINE)
    assert [int(code) for code in rows] == sorted(ExitCode)


def each_verb(group):
    for name, verb in group.commands.items():
        if isinstance(verb, click.Group):
            yield from ((f"{name} {own}", each) for own, each in each_verb(verb))
        else:
            yield name, verb


def test_every_verb_is_on_the_page_and_answers_as_json():
    verbs = dict(each_verb(dcss))
    assert set(re.findall(r"^\| `dcss ([a-z]+(?: [a-z]+)*) [A-Z]", REFERENCE, re.MULTILINE)) == verbs.keys()
    for verb in verbs.values():
        assert {"--json", "--quiet"} <= {option for each in verb.params for option in each.opts}
