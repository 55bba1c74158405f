"""Loaded plugins: what a front end can show of the plugins an agency was opened with.

Decides nothing; it says what the report of a load must answer, so that the layers between don't have
to know how plugins are loaded.
"""

from collections.abc import Sequence
from typing import Protocol

from dcss_core.errors import PluginError


class PluginInUse(Protocol):
    """A plugin in use."""

    @property
    def origin(self) -> object:
        """Who stands behind it; `str()` names the distribution."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """What it offers, in words: `storage 'sqlite'`."""
        ...

    @property
    def import_seconds(self) -> float:
        """How long its import took."""
        ...


class PluginLeftOut(Protocol):
    """A plugin that is not in use."""

    @property
    def origin(self) -> object:
        """Who stands behind it; `str()` names the distribution."""
        ...

    @property
    def error(self) -> PluginError:
        """Why it is not in use."""
        ...


class PluginNotChosen(Protocol):
    """An installed plugin that nobody chose; it is not imported."""

    @property
    def origin(self) -> object:
        """Who stands behind it; `str()` names the distribution and the keys it offers."""
        ...


class LoadedPlugins(Protocol):
    """The plugins in use, those left out and those nobody chose; `str()` shows a line for each."""

    @property
    def loaded(self) -> Sequence[PluginInUse]:
        """The plugins in use."""
        ...

    @property
    def quarantined(self) -> Sequence[PluginLeftOut]:
        """The plugins left out."""
        ...

    @property
    def unused(self) -> Sequence[PluginNotChosen]:
        """The plugins that are installed and that nobody chose."""
        ...
