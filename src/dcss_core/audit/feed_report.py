"""FeedReport: what one round gave a subscriber of the audit log."""

import attrs


@attrs.frozen
class FeedReport:
    """What one round gave a subscriber; `failure` says why it stopped early.

    `is_at_work_elsewhere` says that another dispatcher was feeding it and this one left it the rest.
    """

    subscriber: str
    events: int
    failure: str | None = None
    is_at_work_elsewhere: bool = False
