"""Flows: every flow of the identity area, by what it is about."""

import attrs

from dcss_core.testing import JANE_ROE

from .of_accounts import closing, everything, sessions_of
from .of_contacts import contacts_of
from .of_factors import second_factors_of
from .of_identifiers import by_identifier_alone, by_itin, with_itin, without_number
from .of_keys import keys_of
from .of_letters import letters_of
from .of_recovery import forgotten, turned_away
from .of_remitters import remitters_of
from .of_staff import staff_at_work, staff_resets_of
from .of_vouched import ISSUERS, vouched_of

_CLOSED_BY_TWO = [
    {"flow": flow, "failures": 2, "window_minutes": 60, "closed_minutes": 60}
    for flow in (
        "recovery_by_source",
        "registration_by_source",
        "sign_in_by_account_and_source",
        "sign_in_by_source",
    )
]


def _whole_life(scene):
    yield from everything(scene)
    yield from sessions_of(scene)
    yield from staff_at_work(scene)


@attrs.frozen
class Flows:
    """Flows of one scene, of which each is a call; `changes` are rules, `parent` makes whom it is about."""

    of: object
    changes: dict = attrs.field(factory=dict)
    parent: object = lambda: JANE_ROE


FLOWS = {
    "an account's life": Flows(_whole_life),
    "one's own account closed": Flows(closing),
    "contact points": Flows(contacts_of),
    "second factors": Flows(second_factors_of),
    "codes and user IDs": Flows(forgotten),
    "closed sources": Flows(turned_away, {"accounts.throttles": _CLOSED_BY_TWO}),
    "resets by staff": Flows(staff_resets_of),
    "letters and events": Flows(letters_of),
    "keys": Flows(keys_of),
    "vouched identities": Flows(vouched_of, {"accounts.vouching": True, "accounts.vouched_issuers": ISSUERS}),
    "remitters": Flows(remitters_of, {"accounts.private_payers_register": True}),
    "an ITIN": Flows(by_itin, parent=with_itin),
    "neither number": Flows(
        by_identifier_alone,
        {"accounts.registration_identified_by": ["ssn", "itin", "none"]},
        parent=without_number,
    ),
}
