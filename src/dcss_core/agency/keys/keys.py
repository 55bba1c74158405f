"""`agency.keys`: what each master key is needed for, and how one goes.

Invariants: whatever stops a job leaves every value readable, and the next run goes on with what is left; a
key is retired only when nothing opens with it alone; whoever's password ends with a key can choose anew.
"""

from typing import Any, Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.keys import reading
from dcss_core.agency.keys.reading import Progress
from dcss_core.agency.keys.resealing import reseal
from dcss_core.agency.work.database_mark import AGENCY_IDENTITY, identity_of
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.records import Records
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.reading import log_size
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.events import KeyRetired
from dcss_core.base.printable import counted, shown_number
from dcss_core.errors import ConflictError, Fault, InvalidInputError
from dcss_core.keys.report import OF_OWNERS, RESEALED, KeysReport, KeyUse
from dcss_core.keys.reseal_report import ResealReport
from dcss_core.ports.keys import RetiredKey
from dcss_core.ports.storage import Scalar

_STEP: Final = 100  # records that one transaction reseals: some milliseconds
_RESEAL_FIRST: Final = "none; run agency.keys.reseal"
_OWNERS_FIRST: Final = "none; wait for their owners, or say ends_passwords=True (--end-passwords)"


@attrs.frozen(repr=False)
class Keys:
    """The master keys and what was made with them."""

    _resources: Resources
    _door: Door

    @verb
    def report(self, *, by: Caller, progress: Progress | None = None) -> KeysReport:
        """What each key of the ring, each retired one and each that is missing is needed for.

        Every record that a key is at work in is read, page by page, and nothing is opened.
        """
        self._door.pass_through("keys.report", by)
        return reading.report(self._resources, progress)

    @verb
    def reseal(
        self, *, by: Caller, at_most: int | None = None, progress: Progress | None = None
    ) -> ResealReport:
        """Bring everything that can be under the current key: sealed values, and people's numbers.

        Call it after another key became the current one, on an agency that goes on working. In steps that
        keep others who write waiting for a moment; it can be stopped between any two and begun again, and two
        at once do the work of one. With `at_most` so many records and no more. What does not open is named in
        the report and left as it is. Hashes of passwords and answers stay: their owners alone bring them
        under another key. Raises InvalidInputError for a number below 1.
        """
        if at_most is not None and at_most < 1:
            fault = Fault("at_most", shown_number(at_most), "1 or more")
            raise InvalidInputError("a run reseals a record at least", faults=[fault])
        self._door.pass_through("keys.reseal", by)
        report = ResealReport()
        for records, stale in reading.stale_pages(self._resources, progress):
            for start in range(0, len(stale), _STEP):
                left = _STEP if at_most is None else min(_STEP, at_most - report.records - report.forgotten)
                if not left:
                    return attrs.evolve(report, is_complete=False)
                report = report.joined(self._step(records, stale[start : start + _STEP][:left], by))
        return report

    @verb
    def retire(
        self,
        key_id: str,
        *,
        by: Caller,
        is_leaked: bool = False,
        signs_nothing_after: int | None = None,
        ends_passwords: bool = False,
    ) -> RetiredKey:
        """Retire a key that nothing needs any more, and give what is put in its place into the ring.

        `retire_key(path, retired)` puts it into a key file; then open the agency anew everywhere.
        `signs_nothing_after` is the size of the audit log up to which its signatures count: the key's own
        bound, or the present size where it has none, unless you say less. With `is_leaked` the decoys of
        security questions are drawn anew, since whoever has the key may know them. Passwords and answers that
        were hashed with it, and not since, fit nothing any more; with some of them left the key is not
        retired, unless with `ends_passwords`: their owners choose anew by recovery.

        Raises InvalidInputError for a key that is not in the ring or is the current one, and for a size that
        the log has not reached or that is beyond the key's own bound; ConflictError, with all that needs the
        key, while something does.
        """
        self._door.pass_through("keys.retire", by)
        self._resources.number_what_waits()
        furthest = self._furthest(key_id, self._resources.read(log_size))
        bound = furthest if signs_nothing_after is None else signs_nothing_after
        self._check_asked(key_id, bound, furthest)
        use = reading.report(self._resources, None).of(key_id)
        _check_use(use, ends_passwords=ends_passwords)
        ended = use.needed_for(*OF_OWNERS)

        def act(work: UnitOfWork, caller: Admitted) -> RetiredKey:
            if is_leaked:
                kept = identity_of(work)
                drawn = attrs.evolve(kept.record, decoys=work.sealer.new_decoys())
                work.replace(AGENCY_IDENTITY, kept, drawn)
            work.audit([KeyRetired(key_id, bound, is_leaked, ended)], caller.actor)
            return work.sealer.retired(key_id, bound)

        return self._door.write("keys.retire", by, act)

    def _step(self, records: Records[Any], keys: list[Scalar], by: Caller) -> ResealReport:
        def act(work: UnitOfWork, caller: Admitted) -> ResealReport:
            return reseal(work, records, keys, caller.actor)

        return self._door.write("keys.reseal", by, act)

    def _furthest(self, key_id: str, size: int) -> int:
        """How far a key's signatures can count: what was said to be too far is not believed again."""
        own = [key.signs_nothing_after for key in self._resources.sealer.ring.keys if key.key_id == key_id]
        return min([size, *(bound for bound in own if bound is not None)])

    def _check_asked(self, key_id: str, bound: int, furthest: int) -> None:
        ring = self._resources.sealer.ring
        others = [key.key_id for key in ring.keys[1:]]
        faults = []
        if key_id not in others:
            found = "the current key" if key_id == ring.current.key_id else "the id of another key"
            expected = f"one of {', '.join(others)}" if others else "one that is not current; there is none"
            faults.append(Fault("key_id", found, expected))
        if not 0 <= bound <= furthest:
            faults.append(Fault("signs_nothing_after", shown_number(bound), f"0 to {furthest}"))
        if faults:
            raise InvalidInputError("no key can be retired like this", faults=faults)


def _check_use(use: KeyUse, *, ends_passwords: bool) -> None:
    hindering = RESEALED if ends_passwords else (*RESEALED, *OF_OWNERS)
    faults = [
        Fault(
            need.field,
            counted(need.count, need.purpose.value),
            _RESEAL_FIRST if need.purpose in RESEALED else _OWNERS_FIRST,
        )
        for need in use.needs
        if need.purpose in hindering
    ]
    if faults:
        raise ConflictError(f"key '{use.key_id}' can't be retired yet: something needs it", faults=faults)
