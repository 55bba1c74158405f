"""The verbs of the agency, one class per area: load, decide, save.

A verb is one transaction; a long one has one for each step, and a view commits its entry and then reads.

What an area is made of is read when it is first used, so that an agency opens without the verbs nobody calls.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.agency.accounts.accounts import Accounts as Accounts
    from dcss_core.agency.accounts.asking_again import AskingAgain as AskingAgain
    from dcss_core.agency.accounts.contacts import Contacts as Contacts
    from dcss_core.agency.accounts.credentials import Credentials as Credentials
    from dcss_core.agency.accounts.password_checks import PasswordChecks as PasswordChecks
    from dcss_core.agency.accounts.second_factors import SecondFactors as SecondFactors
    from dcss_core.agency.accounts.sessions import Sessions as Sessions
    from dcss_core.agency.audit.log import AuditLog as AuditLog
    from dcss_core.agency.audit.publishing import publish as publish
    from dcss_core.agency.callers.door import Door as Door
    from dcss_core.agency.cases.cases import Cases as Cases
    from dcss_core.agency.health.reading import health_of as health_of
    from dcss_core.agency.keys.keys import Keys as Keys
    from dcss_core.agency.payments.payments import Payments as Payments
    from dcss_core.agency.recovery.owed import payers as payers
    from dcss_core.agency.recovery.recovery import Recovery as Recovery
    from dcss_core.agency.remitters.invitations import Invitations as Invitations
    from dcss_core.agency.remitters.members import Members as Members
    from dcss_core.agency.remitters.remitters import Remitters as Remitters
    from dcss_core.agency.retention.retention import Retention as Retention
    from dcss_core.agency.sending.outbox import Outbox as Outbox
    from dcss_core.agency.sending.subscriptions import Subscriptions as Subscriptions
    from dcss_core.agency.staff.account_control import Oversight as Oversight
    from dcss_core.agency.staff.appointments import Staff as Staff
    from dcss_core.agency.staff.approvals import Approvals as Approvals
    from dcss_core.agency.staff.resets import StaffResets as StaffResets
    from dcss_core.agency.texts.replies import Texts as Texts
    from dcss_core.agency.vouched.vouched import Vouched as Vouched
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "accounts.accounts": "Accounts",
            "accounts.asking_again": "AskingAgain",
            "accounts.contacts": "Contacts",
            "accounts.credentials": "Credentials",
            "accounts.password_checks": "PasswordChecks",
            "accounts.second_factors": "SecondFactors",
            "accounts.sessions": "Sessions",
            "audit.log": "AuditLog",
            "audit.publishing": "publish",
            "callers.door": "Door",
            "cases.cases": "Cases",
            "health.reading": "health_of",
            "keys.keys": "Keys",
            "payments.payments": "Payments",
            "recovery.owed": "payers",
            "recovery.recovery": "Recovery",
            "remitters.invitations": "Invitations",
            "remitters.members": "Members",
            "remitters.remitters": "Remitters",
            "retention.retention": "Retention",
            "sending.outbox": "Outbox",
            "sending.subscriptions": "Subscriptions",
            "staff.account_control": "Oversight",
            "staff.appointments": "Staff",
            "staff.approvals": "Approvals",
            "staff.resets": "StaffResets",
            "texts.replies": "Texts",
            "vouched.vouched": "Vouched",
        },
    )
