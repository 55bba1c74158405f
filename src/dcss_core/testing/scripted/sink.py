"""ScriptedSink: a checkpoint sink that fails as it is told and keeps what was published."""

from collections.abc import Sequence

import attrs

from dcss_core.testing.scripted.script import Scripted


@attrs.define(eq=False, slots=False)
class ScriptedSink(Scripted[None]):
    """Keeps every checkpoint, unless `script` or `always` holds an exception for it.

    `kept` holds what it keeps, `attempts` all that came, both in order; `unreadable` is raised by whoever
    reads::

        sink.script = [BackendError("the disk is full", retryable=True)]  # once
    """

    unreadable: BaseException | None = attrs.field(default=None, kw_only=True, repr=False)
    kept: list[str] = attrs.field(factory=list, init=False, repr=False)
    attempts: list[str] = attrs.field(factory=list, init=False, repr=False)

    def publish(self, checkpoint: str) -> None:
        """Keep one checkpoint, or fail as told."""
        with self._lock:
            self.attempts.append(checkpoint)
            self.next_answer()
            self.kept.append(checkpoint)

    def published(self) -> Sequence[str]:
        """Every checkpoint kept, oldest first."""
        with self._lock:
            if self.unreadable is not None:
                raise self.unreadable
            return tuple(self.kept)
