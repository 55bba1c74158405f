"""Opening the agency whose keys are looked at or changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dcss_core.command.options import with_keys

if TYPE_CHECKING:
    from dcss_core import Actor, Agency

with_key_file: Final = with_keys("The agency's key file.", required=True)


@contextmanager
def opened(url: str, keys: str | Path) -> "Iterator[tuple[Agency, Actor]]":
    """The agency at URL with the keys of a file, and the job that works on them."""
    from dcss_core import Actor, open_agency  # not for those who ask for help
    from dcss_core.moving.held_agency import jurisdiction_of

    with open_agency(url, jurisdiction=jurisdiction_of(url), keys=keys, channels=None) as agency:
        yield agency, Actor.system("keys")
