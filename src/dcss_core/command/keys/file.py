"""`dcss keys add`, `use` and `bound`: what changes in a key file alone.

Invariant: no key is shown.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.keys.opened import with_key_file
from dcss_core.command.options import with_answer

if TYPE_CHECKING:
    from dcss_core import KeyRing


@click.command()
@click.argument("key_id", metavar="ID")
@with_key_file
@with_answer
def add(key_id: str, keys: str | Path, is_json: bool, quiet: bool) -> ExitCode:
    """Put a new key named ID into the key file; it opens, and seals nothing yet.

    Bring the file to every machine and restart what has the agency open. Then: dcss keys use ID.
    """
    from dcss_core.running import add_key  # not for those who ask for help

    return _told(add_key(keys, key_id), f"added {key_id}; it opens, and seals nothing yet", is_json)


@click.command()
@click.argument("key_id", metavar="ID")
@with_key_file
@with_answer
def use(key_id: str, keys: str | Path, is_json: bool, quiet: bool) -> ExitCode:
    """Make the key ID the current one: what is written after the next start is sealed with it.

    Bring the file to every machine and restart what has the agency open. Then: dcss keys reseal.
    """
    from dcss_core.running import use_key

    return _told(use_key(keys, key_id), f"{key_id} is the current key from the next start on", is_json)


@click.command()
@click.argument("key_id", metavar="ID")
@click.argument("records", type=click.IntRange(min=0))
@with_key_file
@with_answer
def bound(key_id: str, records: int, keys: str | Path, is_json: bool, quiet: bool) -> ExitCode:
    """Believe no checkpoint of more than RECORDS records that the key ID signed: others may have the key."""
    from dcss_core.running import bound_key

    ring = bound_key(keys, key_id, signs_nothing_after=records)
    return _told(ring, f"{key_id} signs nothing after {records:,} records", is_json)


def _told(ring: "KeyRing", done: str, is_json: bool) -> ExitCode:
    others = [key.key_id for key in ring.keys[1:]]
    retired = [key.key_id for key in ring.retired]
    document = {"current": ring.current.key_id, "open": others, "retired": retired}
    lines = [done, f"  current: {ring.current.key_id}"]
    lines += [f"  {what}: {', '.join(ids)}" for what, ids in (("opens", others), ("retired", retired)) if ids]
    Answer(is_json).give(document, "\n".join(lines))
    return ExitCode.DONE
