"""Flows of staff on accounts, and of two of them on a reset, with each way they can go wrong."""

from dcss_core import Actor
from dcss_core.users.staff.member import StaffRole

from .scene import NOBODYS, TYPED, WHY, WORKER, WRONG

ACTS = ("lift_lock", "demand_password_change", "disable", "disable", "enable", "close", "enable")


class Office:
    """Who was appointed, the administrator first; what each is assigned is a secret."""

    def __init__(self, scene):
        self.scene, self.workers, self.colleague = scene, [], None

    @property
    def admin(self):
        return self.workers[0]

    @property
    def newest(self):
        return self.workers[-1]

    def begin(self, *roles):
        """A set-up job appoints the administrator, with these roles besides, and then a colleague."""
        set_up, only = Actor.system("set-up"), (StaffRole.ACCOUNT_ADMINISTRATOR,)

        def administrator():
            made = self._appointed("worker-1", (*only, *roles), set_up)
            self.workers.append(Actor.staff(made.account_id))
            return made

        def colleague():
            made = self._appointed("colleague", only, set_up)
            self.colleague = Actor.staff(made.account_id)
            return made

        yield administrator
        yield colleague

    def appoint(self, user_id, *roles):
        """Appoint somebody, as the colleague has asked for and the administrator does."""
        made = self.by_two(lambda by: self._appointed(user_id, roles, by))
        self.workers.append(Actor.staff(made.account_id))
        return made

    def by_two(self, act):
        """What takes two people; the colleague asks."""
        self.scene.watch.see(act(self.colleague))
        return act(self.admin)

    def _appointed(self, user_id, roles, by):
        return self.scene.agency.staff.appoint(user_id, email=WORKER, roles=roles, by=by)

    def dispatch(self):
        """Send what is due; the newest letters hold assigned passwords."""
        report, mail = self.scene.dispatch(), self.scene.mail
        if self.workers:
            self.scene.watch.keep_secret(mail.appointed_password("worker-1"))
        if mail.bodies("Your password was reset"):
            self.scene.watch.keep_secret(mail.assigned_password())
        return report


def appointing(scene, office):
    """Accounts of staff and of many, and what those may do."""
    staff, roles = scene.agency.staff, [StaffRole.HELP_DESK]
    approvals = scene.agency.approvals
    yield from office.begin(StaffRole.HELP_DESK)
    by = office.admin
    yield lambda: staff.appoint(TYPED, email=WRONG, roles=roles, by=by)
    yield lambda: staff.appoint("worker-1", email=WORKER, roles=roles, by=by)
    yield lambda: office.appoint("worker-2", *roles)
    yield lambda: staff.appoint_shared("front-desk", email=WORKER, by=by)
    yield lambda: staff.appoint_shared(TYPED, email=WRONG, by=by)
    yield lambda: staff.set_roles(office.newest.actor_id, roles, by=office.colleague)
    yield lambda: approvals.waiting(by=by)
    yield lambda: approvals.withdraw(TYPED, by=by)
    yield lambda: [approvals.withdraw(each.approval_id, by=by) for each in approvals.waiting(by=by)]
    yield lambda: office.by_two(lambda who: staff.set_roles(office.newest.actor_id, roles, by=who))
    yield lambda: staff.set_roles(by.actor_id, roles, by=by)
    yield lambda: staff.set_roles(TYPED, roles, by=by)
    yield lambda: staff.roles(office.newest.actor_id, by=by)
    yield lambda: staff.roles(TYPED, by=by)
    yield office.dispatch
    yield lambda: scene.sign_in(WRONG, user_id="worker-1")


def overseeing(scene, office):
    """What staff see of an account and do about it; in the end it is closed."""
    oversight, by, jane = scene.agency.oversight, office.admin, scene.jane
    for named in (jane.user_id, TYPED, jane.irn):
        yield lambda named=named: oversight.find(named, by=by)
    account_id = oversight.find(jane.user_id, by=by).account_id
    yield lambda: oversight.status(account_id, by=by)
    yield lambda: oversight.status(TYPED, by=by)
    yield lambda: oversight.status(account_id, by=office.newest)
    for _ in range(3):
        yield lambda: scene.sign_in(WRONG)
    yield lambda: oversight.locked(by=by)
    yield lambda: oversight.locked(by=by, after=TYPED)
    yield lambda: oversight.close(account_id, by=office.colleague, reason=WHY)
    for act in ACTS:
        yield lambda act=act: getattr(oversight, act)(account_id, by=by, reason=WHY)
    yield lambda: oversight.end_sessions(account_id, by=by)
    yield lambda: oversight.reopen_source(TYPED, by=by)
    yield lambda: oversight.disclose_identifiers(jane.ssn, by=by, reason=WHY)
    yield lambda: oversight.disclose_identifiers(NOBODYS, by=by, reason=WHY)
    yield office.dispatch


def staff_at_work(scene):
    """Every flow of staff on the account that `everything` has made."""
    office = Office(scene)
    yield from appointing(scene, office)
    yield from overseeing(scene, office)


def resetting(scene, office, account_id):
    """A reset that one asks for and another decides on."""
    resets, jane = scene.agency.staff_resets, scene.jane
    desk, approver = office.admin, office.newest
    asked = []

    def request():
        asked.append(resets.request(account_id, by=desk, reason=WHY).request_id)

    for of in (jane.ssn, account_id, NOBODYS, TYPED):
        yield lambda of=of: resets.progress(of, by=desk)
    yield lambda: resets.request(TYPED, by=desk, reason=WHY)
    yield request
    yield request
    yield lambda: resets.pending(by=approver)
    yield lambda: resets.pending(by=approver, after=TYPED)
    yield lambda: resets.approve(TYPED, by=approver)
    yield lambda: resets.approve(asked[-1], by=desk)
    yield lambda: resets.cancel(asked[-1], by=approver)
    yield lambda: resets.cancel(asked[-1], by=desk)
    yield request
    yield lambda: resets.decline(TYPED, by=approver, reason=WHY)
    yield lambda: resets.decline(asked[-1], by=approver, reason=WHY)
    yield request
    yield lambda: resets.approve(asked[-1], by=approver)
    yield lambda: resets.approve(asked[-1], by=approver)
    yield office.dispatch
    assigned = scene.mail.assigned_password()
    yield lambda: scene.sign_in(assigned)
    yield lambda: resets.progress(account_id, by=desk)


def reopening(scene, office):
    """Recovery that was closed by wrong particulars, and opened by the help desk."""
    recovery, jane, by = scene.agency.recovery, scene.jane, office.admin
    for _ in range(100):  # unseen: it is the hundredth that closes
        recovery.reset_password(full_name=TYPED, ssn=jane.ssn, answers=())
    yield lambda: recovery.reset_password(full_name=jane.name.full, ssn=jane.ssn, answers=())
    yield lambda: recovery.reopen(NOBODYS, by=by)
    yield lambda: recovery.reopen(jane.ssn, by=by)
    yield lambda: recovery.reopen(jane.irn, by=by)
    yield office.dispatch


def staff_resets_of(scene):
    """Every flow of staff on recovery."""
    scene.registered()
    office, jane = Office(scene), scene.jane
    yield from office.begin(StaffRole.HELP_DESK)
    yield lambda: office.appoint("worker-2", StaffRole.RESET_APPROVER)
    account_id = scene.agency.oversight.find(jane.user_id, by=office.admin).account_id
    yield from resetting(scene, office, account_id)
    yield from reopening(scene, office)
