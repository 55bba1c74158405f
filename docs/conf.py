"""How the documentation is built, by `python3 start.py check -e docs`: no reference may stay unresolved."""

import importlib
import inspect
import re
import sys
from pathlib import Path

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from dcss_core.base.lazy_names import PUBLIC_MODULES

sys.path.insert(0, str(Path(__file__).parent))

project = "dcss_core"
author = "the dcss_core contributors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "drawn_parts"]
exclude_patterns = ["_build", "adr/template.md"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "dcss_core"
html_show_sphinx = False
html_show_copyright = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
# without a network there is no index of Python's own and other libraries' names; ours all have to resolve
nitpick_ignore_regex = [(r"py:.*", r"(?!dcss_core\b).*")]
nitpick_ignore = [
    ("py:class", "dcss_core.agency.work.resources.Resources"),  # what open_agency hands to Agency.start
    ("py:class", "dcss_core.plugins.discovery.Candidate"),  # what an unused plugin was found as
    ("py:class", "dcss_core.plugins.registry.D"),  # a type variable
    ("py:class", "dcss_core.plugins.storing.turn_block.T"),
    ("py:class", "dcss_core.plugins.storing.place.Place"),  # anything that has `is_closed`
    ("py:class", "dcss_core.plugins.storing.turn._InLine"),  # what a line is made of
    ("py:class", "dcss_core.ports.channel.OpenedChannel"),  # what open_agency hands to Agency.start
    # what public values are computed from; nobody outside is given one
    ("py:class", "dcss_core.cases.people.contacts.point.ContactPoint"),
    ("py:class", "dcss_core.users.remitters.invitation.Invitation"),
    ("py:class", "dcss_core.users.vouched.link.IdentityLink"),
    ("py:class", "dcss_core.users.remitters.member.RemitterMember"),
    ("py:class", "dcss_core.users.remitters.remitter.Remitter"),
    ("py:class", "dcss_core.letters.outgoing.outbox_message.MessageState"),
    ("py:class", "dcss_core.users.recovery.staff_reset.StaffResetAct"),
    ("py:class", "dcss_core.payments.collection.remittance.RemittanceFile"),  # the row behind a ReceivedFile
    ("py:class", "dcss_core.testing.scripted.script.A"),  # another one
    ("py:class", "dcss_core.testing.scripted.dripping_server.T"),
]


def public_paths() -> dict[str, str]:
    """From where a name is defined, which signatures show, to where it is promised, which readers need."""
    paths = {}
    for module in reversed(PUBLIC_MODULES):
        promised = importlib.import_module(module)
        for name in promised.__all__:
            value = getattr(promised, name)
            if inspect.isclass(value) or inspect.isroutine(value):
                paths[f"{value.__module__}.{value.__qualname__}"] = f"{module}.{name}"
    return paths


def resolve_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, child: Element
) -> Element | None:
    """Lead a reference to a name's place of definition to the page that promises it."""
    public = public_paths().get(node.get("reftarget", ""))
    if public is None or node.get("refdomain") != "py":
        return None
    python = env.domains.python_domain
    return python.resolve_xref(env, node["refdoc"], app.builder, "obj", public, node, child)


def read_backticks_as_code(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Docstrings write code between single backticks, as Markdown does."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]


def setup(app: Sphinx) -> None:
    """Connect the two handlers."""
    app.connect("autodoc-process-docstring", read_backticks_as_code)
    app.connect("missing-reference", resolve_public_name)
