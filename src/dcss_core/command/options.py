"""Options: what several verbs of `dcss` can be told in the same words."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def with_answer(verb: F) -> F:
    """Options on how it answers: `is_json`, `quiet`."""
    as_json = click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
    quietly = click.option("--quiet", is_flag=True, help="Show no progress.")
    return as_json(quietly(verb))


def with_opening(verb: F) -> F:
    """Options on how the agency is opened to verify it: `sinks`, `breach_check`."""
    compared = click.option(
        "--sink", "sinks", multiple=True, metavar="URL", help="Compare the log with these checkpoints."
    )
    checked = click.option(
        "--breach-check", metavar="URL", help="Where the rules take no password without one."
    )
    return compared(checked(verb))
