"""Agreeing: that whoever was let in agreed to the notice, kept once for each version of it."""

from dcss_core.agency.filing.accounts import BANNER_ACCEPTANCES
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import BannerAccepted
from dcss_core.users.sign_in.banner import Banner, BannerAcceptance


def banner_accepted(work: UnitOfWork, banner: Banner, account: Account) -> tuple[Event, ...]:
    """Keep that the owner of an account, as it was before, agreed; what to record of it."""
    if account.accepted_banner == banner.version:
        return ()
    acceptance = BannerAcceptance.of(account.account_id, banner, work.now)
    if work.get(BANNER_ACCEPTANCES, acceptance.acceptance_id) is not None:  # a text that came back
        return ()
    work.insert(BANNER_ACCEPTANCES, [acceptance])
    return (BannerAccepted(account.account_id, banner.version),)
