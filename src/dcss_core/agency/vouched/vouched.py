"""`agency.vouched`: a parent whose identity the host or an outside proofing vouches for.

Invariants: only a job that the permissions name vouches for anybody; an account that is there is opened by an
issuer only once its owner has said so with their password; of what an issuer knows nothing is shown.
"""

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain, by_parent_with_factor
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.vouched import DUE_LINKS, IDENTITY_LINKS
from dcss_core.agency.vouched.entering import Entering, EnteringOutcome, link
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account
from dcss_core.users.recovery.issued_code import CODE_BYTES, IssuedCode
from dcss_core.users.sign_in.banner import BannerNotAccepted
from dcss_core.users.sign_in.reauthentication import ReauthenticationRefused
from dcss_core.users.sign_in.session import SessionToken
from dcss_core.users.sign_in.sign_in import SignInRequest
from dcss_core.users.vouched.events import IdentityLinked, IdentityUnlinked, VouchedRefused, VouchingRefusal
from dcss_core.users.vouched.identity import VouchedIdentity
from dcss_core.users.vouched.link import IdentityLink, LinkOnFile, LinkRefused, digest_of

_ENTER = "vouched.enter"


@attrs.frozen(repr=False)
class Vouched:
    """The verbs on vouched identities. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _door: Door
    _asking: AskingAgain
    _passwords: PasswordChecks

    @verb
    def enter(
        self,
        identity: VouchedIdentity,
        *,
        by: Caller,
        banner: str | None,
        source: str | None = None,
        on_shared_computer: bool = False,
    ) -> EnteringOutcome:
        """Sign in whoever an issuer vouches for; the host has verified what the issuer signed.

        A linked account is opened as by its password: locks, the second factor and a change of password that
        is due hold. Whoever has no account gets one, where the rules let the issuer make accounts. Whoever
        has one that is not linked is given LinkDue. VouchingNotAccepted is the one answer to everything else;
        why stands in the audit log. Raises NotPermittedError for an issuer that the rules do not list.
        """
        self._door.pass_through(_ENTER, by)
        policies, source = self._resources.account_policies(), written_source(source)
        issuer = policies.vouching.of(identity.issuer)
        if banner != policies.banner.version:
            return BannerNotAccepted(policies.banner)
        entering = Entering(
            identity,
            issuer,
            policies,
            SignInRequest(self._resources.new_token(), source, on_shared_computer),
            self._passwords.hashed(self._ticket()),  # nobody knows what it is the hash of
            self._ticket(),
        )
        return self._door.write(_ENTER, by, lambda work, caller: entering.outcome(work, caller.actor))

    @verb
    def link(
        self, token: SessionToken, password: Secret, ticket: Secret, *, source: str | None = None
    ) -> LinkOnFile | LinkRefused | ReauthenticationRefused:
        """Have the identity that gave a ticket open one's own account from now on; the password is asked.

        The owner is told. Raises NotPermittedError without a full session of a parent and its second factor.
        """
        source = written_source(source)

        def linked(work: UnitOfWork, caller: Admitted, account: Kept[Account]) -> LinkOnFile | LinkRefused:
            due = work.get(DUE_LINKS, digest_of(ticket.reveal()))
            account_id = account.record.account_id
            if due is None or due.record.account_id != account_id or work.now >= due.record.expires_at:
                refused = VouchedRefused("unknown", VouchingRefusal.NO_LINK_DUE)
                work.audit([refused], caller.actor, source)
                return LinkRefused()
            work.delete(DUE_LINKS, ("ticket_id",), (due.record.ticket_id,), limit=1)
            issuer, subject = due.record.issuer, due.record.subject
            indexes = work.sealer.indexes_of_subject(issuer, subject)
            if any(work.find_each(IDENTITY_LINKS, ("subject_index",), indexes)):
                work.audit([VouchedRefused(issuer, VouchingRefusal.LINKED_ALREADY)], caller.actor, source)
                return LinkRefused()
            made = link(work, issuer, subject, account_id)
            event = IdentityLinked(account_id, issuer, made_account=False)
            notify(work, account.record, [event])
            work.audit([event], caller.actor, source)
            return LinkOnFile.of(made)

        return self._asking.before(
            linked,
            verb="vouched.link",
            token=token,
            password=password,
            source=source,
            policies=self._resources.account_policies(),
            allowed=by_parent_with_factor,
        )

    @verb
    def own(self, token: SessionToken) -> tuple[LinkOnFile, ...]:
        """By which issuers one's own account is opened; raises NotPermittedError without a full session."""

        def act(work: UnitOfWork, caller: Admitted) -> tuple[LinkOnFile, ...]:
            caller.holder.session.record.person_with_cases()
            return tuple(LinkOnFile.of(kept.record) for kept in _links(work, caller))

        return self._door.read("vouched.own", token, act)

    @verb
    def unlink(
        self, token: SessionToken, password: Secret, link_id: str, *, source: str | None = None
    ) -> bool | ReauthenticationRefused:
        """Have one's account opened by an issuer no more; whether it was. The password is asked again.

        So whoever never chose one recovers it first, and keeps a way in. Raises as `link` does.
        """
        source = written_source(source)

        def unlinked(work: UnitOfWork, caller: Admitted, account: Kept[Account]) -> bool:
            own = next((kept.record for kept in _links(work, caller) if kept.record.link_id == link_id), None)
            if own is None:
                return False
            work.delete(IDENTITY_LINKS, ("link_id",), (link_id,), limit=1)
            event = IdentityUnlinked(account.record.account_id, own.issuer)
            notify(work, account.record, [event])
            work.audit([event], caller.actor, source)
            return True

        return self._asking.before(
            unlinked,
            verb="vouched.unlink",
            token=token,
            password=password,
            source=source,
            policies=self._resources.account_policies(),
            allowed=by_parent_with_factor,
        )

    def _ticket(self) -> Secret:
        return IssuedCode.from_bytes(self._resources.randomness.token_bytes(CODE_BYTES))


def _links(work: UnitOfWork, caller: Admitted) -> list[Kept[IdentityLink]]:
    account_id = caller.holder.account.record.account_id
    return work.find(IDENTITY_LINKS, ("account_id", "linked_at"), (account_id,))
