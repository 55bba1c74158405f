"""Options: what several verbs of `dcss` can be told in the same words."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import click

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # of a URL; a drive has one letter
STORAGE: Final = "DCSS_STORAGE"
_MOST_DIGITS: Final = 8  # some three years
if TYPE_CHECKING:
    _NameAndSeconds = click.ParamType[tuple[str, int]]
    _FileOrUrl = click.ParamType[str | Path]
else:
    _NameAndSeconds = _FileOrUrl = (
        click.ParamType
    )  # which takes no type argument in the oldest version that will do
F = TypeVar("F", bound=Callable[..., Any])


def with_answer(verb: F) -> F:
    """Options on how it answers: `is_json`, `quiet`."""
    as_json = click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
    quietly = click.option("--quiet", is_flag=True, help="Show no progress.")
    return as_json(quietly(verb))


def at_storage(verb: F) -> F:
    """The database: `url`. It may hold a password, and everybody on a machine reads the words of a call."""
    return click.argument("url", envvar=STORAGE, required=False, callback=_named)(verb)


def _named(_: click.Context, __: click.Parameter, url: str | None) -> str:
    if not url:
        raise click.UsageError(f"which database? Write its URL, or put it into the variable {STORAGE}")
    return url


def from_storage_to_folder(verb: F) -> F:
    """A database and a folder: `words` and `stored_at`, of which `url_and_folder` makes both."""
    words = click.argument("words", nargs=-1, metavar="[URL] FOLDER")
    stored = click.option(
        "--from",
        "stored_at",
        metavar="URL",
        envvar=STORAGE,
        show_envvar=True,
        help="The database, where its URL does not stand before FOLDER.",
    )
    return words(stored(verb))


def url_and_folder(words: tuple[str, ...], stored_at: str | None) -> tuple[str, Path]:
    """The database and the folder of a call; raises UsageError."""
    if len(words) == 1 and stored_at and not _SCHEME.match(words[0]):
        return stored_at, Path(words[0])
    try:
        url, folder = words
    except ValueError:
        raise click.UsageError(
            f"write the URL of the database and the FOLDER; the URL may stand in the variable {STORAGE}"
        ) from None
    return url, Path(folder)


def with_keys(what_for: str, *, required: bool = False) -> Callable[[F], F]:
    """Where the agency's keys are, a key file or the URL of a provider: `keys`."""
    return click.option(
        "--keys",
        required=required,
        type=FileOrUrl(),
        envvar="DCSS_KEYS",
        show_envvar=True,
        help=what_for,
    )


def with_opening(verb: F) -> F:
    """Options on how the agency is opened to verify it: `sinks`, `breach_check`."""
    compared = _urls("--sink", "DCSS_SINKS", "Compare the log with these checkpoints.")
    checked = click.option(
        "--breach-check", metavar="URL", help="Where the rules take no password without one."
    )
    return compared(checked(verb))


def with_agency(verb: F) -> F:
    """Whose agency it is, and what it tells: `url`, `keys`, `subscribers`, `sinks`, `breach_check`."""
    keys = with_keys("The agency's key file.", required=True)
    told = _urls("--subscriber", "DCSS_SUBSCRIBERS", "Whom events are told.")
    signed = _urls("--sink", "DCSS_SINKS", "Where checkpoints are kept.")
    checked = click.option(
        "--breach-check", metavar="URL", help="Where the rules take no password without one."
    )
    return at_storage(keys(told(signed(checked(verb)))))


def _urls(option: str, variable: str, what: str) -> Callable[[F], F]:
    name = f"{option.removeprefix('--')}s"
    return click.option(
        option, name, multiple=True, metavar="URL", envvar=variable, show_envvar=True, help=what
    )


@attrs.frozen
class FileOrUrl(_FileOrUrl):
    """Where keys are: a path, or as it stands the URL of a provider."""

    name = "path or url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | Path:
        """A path, unless it begins as a URL does."""
        return value if isinstance(value, Path) or _SCHEME.match(value) else Path(value)


@attrs.frozen
class SecondsOf(_NameAndSeconds):
    """Words like `outbox=30`: a name that there is, and whole seconds."""

    names: Collection[str]
    name = "name=seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """The name and its seconds."""
        name, _, seconds = str(value).partition("=")
        if name not in self.names:
            self.fail(f"'{name}' is none of {', '.join(self.names)}", param, ctx)
        if not (
            seconds.isascii() and seconds.isdecimal() and 1 <= len(seconds) <= _MOST_DIGITS and int(seconds)
        ):
            self.fail(f"say it as {name}=60, in whole seconds, 1 or more", param, ctx)
        return name, int(seconds)
