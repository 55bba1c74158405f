"""FeedReport: what one round gave a subscriber of the audit log."""

import attrs


@attrs.frozen
class FeedReport:
    """What one round gave a subscriber; `failure` says why it stopped early."""

    subscriber: str
    events: int
    failure: str | None = None
