"""ContactOnFile: a contact point as its owner sees it in their own session."""

from datetime import datetime

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.cases.people.contacts.point import ContactPoint, ContactSource, ContactState

_SHOWN_DIGITS = 2


@attrs.frozen
class ContactOnFile:
    """One contact point; `value` shows itself to whoever reveals it, `shown` is for lists and confirmations.

    `since` is None of what came with the case. `codes_from` is from when on codes for recovery go there,
    `code_until` until when the code is good that it waits for. `texts_stopped_at` is since when no text
    message goes there; of one that is not confirmed it is None, for it may be somebody else's.
    """

    way: ContactKind
    value: Secret
    source: ContactSource
    state: ContactState
    since: datetime | None
    until: datetime | None
    codes_from: datetime | None
    code_until: datetime | None
    texts_stopped_at: datetime | None = None

    @classmethod
    def of(cls, point: ContactPoint) -> "ContactOnFile":
        """A contact point as its owner sees it."""
        return cls(
            way=point.kind,
            value=point.value,
            source=point.source,
            state=point.state,
            since=point.since,
            until=point.until,
            codes_from=point.codes_from,
            code_until=point.code_until,
            texts_stopped_at=point.texts_stopped_at if point.codes_from is not None else None,
        )

    @classmethod
    def of_case(cls, email: Secret) -> "ContactOnFile":
        """The e-mail address that came with the case, where nobody has changed it."""
        return cls(
            way=ContactKind.EMAIL,
            value=email,
            source=ContactSource.CASE,
            state=ContactState.IN_FORCE,
            since=None,
            until=None,
            codes_from=None,
            code_until=None,
        )

    @property
    def shown(self) -> str:
        """So much of it that its owner knows which it is: `j•••@example.org`, `•••00`, the last line."""
        text = self.value.reveal()
        match self.way:
            case ContactKind.EMAIL:
                name, _, domain = text.rpartition("@")
                return f"{name[:1]}•••@{domain}"
            case ContactKind.MOBILE:
                return f"•••{text[-_SHOWN_DIGITS:]}"
            case ContactKind.POSTAL:
                return f"••• {text.rpartition(chr(10))[2]}"
