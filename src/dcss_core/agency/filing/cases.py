"""Filing of cases: in which collection people, cases and orders are kept, and how they are found."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.cases.case import Case, Participation
from dcss_core.cases.order import Obligation, SupportOrder
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.cases.people.person import Person

PEOPLE: Final = keep(Person, "people", key="person_id", unique=(("ssn_index",), ("irn",), ("client_id",)))
CASES: Final = keep(Case, "cases", key="case_number", indexes=(("status", "case_number"),))
CONTACT_POINTS: Final = keep(
    ContactPoint,
    "contact_points",
    key="contact_id",
    indexes=(("person_id", "recorded_at"), ("state", "recorded_at"), ("number_index",)),
)
PARTICIPATIONS: Final = keep(
    Participation,
    "participations",
    key="participation_id",
    indexes=(("case_number", "role"), ("person_id", "case_number")),
)
ORDERS: Final = keep(SupportOrder, "support_orders", key="order_id", indexes=(("case_number",),))
OBLIGATIONS: Final = keep(Obligation, "obligations", key="obligation_id", indexes=(("case_number",),))

EVERY_RECORD: Final = (
    PEOPLE,
    CONTACT_POINTS,
    CASES,
    PARTICIPATIONS,
    ORDERS,
    OBLIGATIONS,
)
