"""The tables of docs/reference/permissions.md, from the rule that says who may use which verb.

`python docs/permissions_page.py` writes them anew; tests/house/test_permissions_page.py says when it is due.
Run it on the library as it stands in this work tree.
"""

import csv
import re
from importlib.resources import files
from pathlib import Path

from dcss_core.users import StaffRole

PAGE = Path(__file__).parent / "reference" / "permissions.md"
Row = dict[str, str]
_DRAWN = re.compile(r"^% drawn: (\w+)\n\n.*?^% end of what is drawn$", re.MULTILINE | re.DOTALL)
_WHOEVER = {
    "": "",
    "anybody": "anybody",
    "account": "whoever is signed in",
    "parent": "a parent",
    "remitter": "somebody of a remitter",
    "remitter_administrator": "an administrator of a remitter",
}


def rows() -> list[Row]:
    """The rows of the table, in their order."""
    table = files("dcss_core.rules").joinpath("federal", "permissions_verbs.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines()))


def jobs() -> list[str]:
    """The names of the jobs that may use a verb at all."""
    return sorted({job for row in rows() for job in row["jobs"].split()})


def by_verb() -> list[str]:
    """A row for each verb."""
    lines = ["| verb | without a role | roles of staff | people | jobs |", "| --- | --- | --- | --- | --- |"]
    for row in rows():
        cells = (
            f"`{row['verb']}`",
            _WHOEVER[row["whoever"]],
            _words(row["staff"]),
            row["people"],
            _words(row["jobs"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def by_role() -> list[str]:
    """A row for each role, with its verbs."""
    roles = [(role.value, f"`StaffRole.{role.name}`") for role in StaffRole]
    return _who_may_what("role", "staff", roles)


def by_job() -> list[str]:
    """A row for each named job, with its verbs."""
    return _who_may_what("job", "jobs", [(job, f'`Actor.system("{job}")`') for job in jobs()])


def _who_may_what(heading: str, column: str, names: list[tuple[str, str]]) -> list[str]:
    lines = [f"| {heading} | verbs |", "| --- | --- |"]
    for name, shown in names:
        verbs = [f"`{row['verb']}`" for row in rows() if name in row[column].split()]
        lines.append(f"| {shown} | {', '.join(verbs)} |")
    return lines


def _words(cell: str) -> str:
    return ", ".join(f"`{word}`" for word in cell.split())


def drawn(page: str) -> str:
    """The page with each table as it has to be."""
    tables = {"by_verb": by_verb, "by_role": by_role, "by_job": by_job}

    def block(found: re.Match[str]) -> str:
        lines = "\n".join(tables[found[1]]())
        return f"% drawn: {found[1]}\n\n{lines}\n\n% end of what is drawn"

    return _DRAWN.sub(block, page)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
