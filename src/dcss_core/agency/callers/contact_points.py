"""Finding the contact points of a person, and where codes for recovery go."""

from collections.abc import Sequence

from dcss_core.agency.filing.cases import CONTACT_POINTS, PEOPLE
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.cases.people.contacts.point import ContactPoint, for_codes


def points_of(work: UnitOfWork, person_id: str) -> list[Kept[ContactPoint]]:
    """The contact points of a person, the oldest first."""
    return work.find(CONTACT_POINTS, ("person_id", "recorded_at"), (person_id,))


def kept_of(points: Sequence[Kept[ContactPoint]], chosen: ContactPoint | None) -> Kept[ContactPoint] | None:
    """One of these as it was read; None where none was chosen."""
    return next((kept for kept in points if kept.record is chosen), None)


def address_for_codes(work: UnitOfWork, person_id: str, way: ContactKind) -> Secret | None:
    """Where codes for recovery go; as much is read for somebody who is not there."""
    points = [kept.record for kept in points_of(work, person_id)]
    person = work.get(PEOPLE, person_id)
    chosen = for_codes(points, way, work.now)
    if chosen is not None:
        return chosen.value
    has_changed = any(each.kind is way and each.codes_from is not None for each in points)
    is_of_the_case = way is ContactKind.EMAIL and not has_changed
    return person.record.email if person is not None and is_of_the_case else None
