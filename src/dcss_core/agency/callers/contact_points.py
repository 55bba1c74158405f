"""Finding the contact points of a person, and where codes for recovery go."""

from collections.abc import Sequence

import attrs

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


def points_with_number(work: UnitOfWork, number: Secret) -> list[Kept[ContactPoint]]:
    """Every contact point with this telephone number, whosever it is."""
    indexes = work.sealer.indexes_of_telephone(number)
    return [kept for index in indexes for kept in work.find(CONTACT_POINTS, ("number_index",), (index,))]


def findable(work: UnitOfWork, point: ContactPoint) -> ContactPoint:
    """A new contact point as it is kept: a telephone is found by its number, and a STOP from it holds."""
    if point.kind is not ContactKind.MOBILE:
        return point
    stops = [kept.record.texts_stopped_at for kept in points_with_number(work, point.value)]
    return attrs.evolve(
        point,
        number_index=work.sealer.index_of_telephone(point.value),
        texts_stopped_at=max(filter(None, stops), default=None),
    )


def address_for_codes(work: UnitOfWork, person_id: str, way: ContactKind) -> Secret | None:
    """Where codes for recovery go; as much is read for somebody who is not there."""
    points = [kept.record for kept in points_of(work, person_id)]
    person = work.get(PEOPLE, person_id)
    chosen = for_codes(points, way, work.now)
    if chosen is not None:
        return chosen.value if chosen.texts_stopped_at is None else None
    has_changed = any(each.kind is way and each.codes_from is not None for each in points)
    is_of_the_case = way is ContactKind.EMAIL and not has_changed
    return person.record.email if person is not None and is_of_the_case else None
