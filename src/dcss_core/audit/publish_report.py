"""PublishReport: what a publication of the audit log handed to its sinks."""

import attrs


@attrs.frozen
class SinkReport:
    """Whether a sink holds the checkpoint now; `failure` says why not."""

    sink: str
    failure: str | None = None


@attrs.frozen
class PublishReport:
    """The checkpoint that was signed (None where nothing was due, or the log is empty) and who holds it.

    `refusal` says why the log was not signed at all, though it should have been.
    """

    checkpoint: str | None
    size: int
    sinks: tuple[SinkReport, ...] = ()
    refusal: str | None = None

    @property
    def is_held(self) -> bool:
        """Whether nothing was refused and every sink that was given the checkpoint holds it."""
        return self.refusal is None and all(each.failure is None for each in self.sinks)
