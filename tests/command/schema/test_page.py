"""What the how-to on migrating shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "migrate.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_the_page_shows_is_what_happens_on_a_database_of_the_revision_before(made_at):
    made = made_at("sqlite", "0010")
    made.path.rename(made.path.with_name("georgia.db"))
    shown = [
        each for block in BLOCK.findall(PAGE) for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]
    assert len(shown) == 3
    for each in shown:
        command, _, printed = each.partition("\n")
        words = [sys.executable, "-m", "dcss_core.command", *command.split()[1:]]
        done = subprocess.run(words, cwd=made.path.parent, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout == printed.replace("/srv/dcss", str(made.path.parent)), command
