"""Report: what was loaded, from whom, how long its import took, and what was left out and why.

Decides how a load is shown to the person who runs the agency. Invariant: what was quarantined always
shows.
"""

import attrs

from dcss_core.errors import PluginError
from dcss_core.plugins.declarations import Declaration
from dcss_core.plugins.discovery import Candidate, Origin


class PluginQuarantinedWarning(UserWarning):
    """A plugin was left out because it breaks the contract, and the load went on without it."""


@attrs.frozen
class LoadedPlugin:
    """A plugin in use; `import_seconds` is 0 for what had been imported before the load."""

    origin: Origin
    declarations: tuple[Declaration, ...]
    import_seconds: float = attrs.field(default=0.0, eq=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """What it offers, in words: `storage 'sqlite'`."""
        return tuple(sorted(f"{each.kind} '{each.key}'" for each in self.declarations))


@attrs.frozen
class RefusedPlugin:
    """A plugin that is not in use, and why."""

    origin: Origin
    error: PluginError


@attrs.frozen
class UnusedPlugin:
    """An installed plugin that nobody chose, and that is not imported."""

    _candidate: Candidate

    @property
    def origin(self) -> Origin:
        """Who stands behind it; its entry points are named as what it offers."""
        return self._candidate.origin


@attrs.frozen
class PluginReport:
    """What a load came to; `str` shows it, a line for each plugin."""

    loaded: tuple[LoadedPlugin, ...]
    quarantined: tuple[RefusedPlugin, ...]
    slow_seconds: float
    unused: tuple[UnusedPlugin, ...] = ()

    def __str__(self) -> str:
        lines = [f"plugins: {len(self.loaded)} loaded, {len(self.quarantined)} quarantined"]
        lines += [self._line(each) for each in self.loaded]
        lines += [f"{each.origin}: QUARANTINED: {each.error}" for each in self.quarantined]
        lines += [f"{each.origin}: not chosen, not imported" for each in self.unused]
        return "\n".join(lines)

    def _line(self, plugin: LoadedPlugin) -> str:
        offers = ", ".join(plugin.keys) or "offers nothing"
        line = f"{plugin.origin}: {offers}; imported in {plugin.import_seconds:.3f} s"
        if plugin.import_seconds <= self.slow_seconds:
            return line
        return f"{line}: SLOW (over {self.slow_seconds} s): let its factory import what is heavy"
