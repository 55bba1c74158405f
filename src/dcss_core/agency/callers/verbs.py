"""The verbs of an agency and whom each asks who they are, written down so that opening imports no verb.

Decides whether the table of permissions fits the verbs. Invariant: what stands here is what the classes of
the areas have (`tests/agency/callers/test_verbs.py`); a verb that is missing here can have no row in the
table, and the door lets nobody in to a verb without a row.
"""

from collections.abc import Mapping
from typing import Final

from dcss_core.errors import RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.approvals.policy import HIGH_VALUE
from dcss_core.users.permissions import Asks, Permissions

_OF_AREAS: Final[Mapping[str, Mapping[Asks, str]]] = {
    "accounts": {
        # what has ended can be ended again
        Asks.NOBODY: "policies banner register sign_in ask_for_passkey sign_in_with_passkey sign_out",
        Asks.ACCOUNT: "display_name close",
    },
    "credentials": {Asks.ACCOUNT: "change_password change_answers answers_due", Asks.STAFF: "remind"},
    "sessions": {Asks.ACCOUNT: "check own end end_others reauthenticate"},
    "second_factors": {
        Asks.ACCOUNT: "standing begin confirm ask give new_codes remove",
        Asks.STAFF: "remove_for",
    },
    "recovery": {
        Asks.NOBODY: "request_code choose_password send_user_id questions reset_password",
        Asks.STAFF: "reopen",
    },
    "approvals": {Asks.STAFF: "waiting withdraw"},
    "staff_resets": {Asks.STAFF: "progress request approve decline cancel pending"},
    "contacts": {Asks.ACCOUNT: "own change confirm drop remove", Asks.STAFF: "revert"},
    "cases": {Asks.STAFF: "open find", Asks.PARENT: "own"},
    "payments": {
        Asks.STAFF: "receive of_file identify charge held employment_ends balances verify",
        Asks.PARENT_OR_STAFF: "explain history statement",
    },
    "oversight": {
        Asks.STAFF: "find status locked lift_lock disable enable disable_idle close demand_password_change "
        "end_sessions reopen_source disclose_identifiers",
    },
    "remitters": {Asks.STAFF: "open change invite_administrator end find standing"},
    "members": {
        Asks.REMITTER: "own sent",
        Asks.REMITTER_ADMINISTRATOR: "people invite limit end withdraw",
    },
    "invitations": {Asks.NOBODY: "ask_to_pay accept"},
    "staff": {Asks.STAFF: "appoint appoint_shared set_roles roles"},
    "outbox": {Asks.STAFF: "dispatch pending dead dead_letters send_again"},
    "subscriptions": {Asks.STAFF: "dispatch"},
    "vouched": {Asks.STAFF: "enter", Asks.ACCOUNT: "link own unlink"},
    "texts": {Asks.STAFF: "stop start"},
    "audit": {
        Asks.STAFF: "entries about publish publish_if_due verifier_keys verify inclusion_proof "
        "consistency_proof prune export sequence merge_delay verify_range",
    },
    "retention": {Asks.STAFF: "apply"},
    "keys": {Asks.STAFF: "report reseal retire"},
}

VERBS: Final[Mapping[str, Asks]] = {
    f"{area}.{verb}": asks
    for area, by_asks in _OF_AREAS.items()
    for asks, verbs in by_asks.items()
    for verb in verbs.split()
}
"""Each verb as callers write it, as `payments.receive`."""

WAITING: Final = ("approvals.waiting", "approvals.withdraw")
"""Verbs about what waits for a second person."""


def permissions_of_every_verb(rules: RulesInForce) -> Permissions:
    """The table of permissions in force; raises RulesError when it lacks a verb or has one too many."""
    permissions = Permissions.from_rules(rules)
    faults = [*permissions.faults(VERBS, by_two=HIGH_VALUE, waiting=WAITING)]
    if faults:
        raise RulesError(
            f"the permissions of {rules.jurisdiction} do not fit the verbs of an agency; mend the rule file",
            faults=faults,
        )
    return permissions
