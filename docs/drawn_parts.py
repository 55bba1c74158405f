"""Parts of pages that are drawn from the source, so that they can't say anything else than it does.

`module-docstring` shows what a module says of itself; `refused-rule-files` shows every rule file that a test
sees refused, with the words of the refusal.
"""

import inspect
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Final

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

REFUSED: Final = Path(__file__).parents[1] / "tests" / "rules" / "bad"


class MarkdownPart(SphinxDirective):
    """Text in Markdown, which the page's own parser reads."""

    def drawn(self) -> list[str]:
        """The lines of the part."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Parse them in the place of the directive."""
        container = nodes.container()
        self.state.nested_parse(StringList(self.drawn(), source=self.env.docname), 0, container)
        return container.children


class ModuleDocstring(MarkdownPart):
    """What a module says of itself, without its first line."""

    required_arguments: ClassVar[int] = 1

    def drawn(self) -> list[str]:
        """The docstring in Markdown; a change of the module draws the page anew."""
        module = import_module(self.arguments[0])
        self.env.note_dependency(str(inspect.getsourcefile(module)))
        return (inspect.getdoc(module) or "").splitlines()[1:]


class RefusedRuleFiles(MarkdownPart):
    """A table of the folders under tests/rules/bad whose names begin with one of the given words."""

    required_arguments: ClassVar[int] = 1
    final_argument_whitespace: ClassVar[bool] = True

    def drawn(self) -> list[str]:
        """A row for each folder: its name, and the faults that are found in it."""
        lines = ["| folder | what is said |", "| --- | --- |"]
        for folder in refused_rule_files(*self.arguments[0].split()):
            expected = folder / "expected.txt"
            self.env.note_dependency(str(expected))
            faults = expected.read_text(encoding="utf-8").splitlines()
            lines.append(f"| `{folder.name}` | {'<br>'.join(map(as_cell, faults))} |")
        return lines


def refused_rule_files(*beginnings: str) -> list[Path]:
    """The folders whose names begin so, in their order."""
    return sorted(folder for folder in REFUSED.iterdir() if folder.name.startswith(beginnings))


def as_cell(text: str) -> str:
    """A fault as a cell of a table in Markdown."""
    for sign in "\\|`*_[]<>$":
        text = text.replace(sign, f"\\{sign}")
    return text


def setup(app: Sphinx) -> None:
    """Name the directives."""
    app.add_directive("module-docstring", ModuleDocstring)
    app.add_directive("refused-rule-files", RefusedRuleFiles)
