"""Storages that let somebody wait too long or too short, or leave something behind when interrupted."""

import time
from collections.abc import Sequence
from threading import Lock
from typing import Any

from honest import HonestStorage, HonestTransaction, LateTransaction, failing_in

from dcss_core.errors import BackendError, ConfigurationError, InvalidInputError, InvariantError
from dcss_core.memory import MemoryStorage
from dcss_core.ports.storage import Collection, Key, Row

fails = failing_in(globals())


class Waiting(HonestTransaction):
    """Changes how long is waited."""

    def __init__(self, storage: HonestStorage, *, writes: bool, wait_seconds: Any = None) -> None:
        self.wait_seconds = wait_seconds
        super().__init__(storage, writes=writes, wait_seconds=self.waited(wait_seconds))

    def waited(self, wait_seconds: Any) -> Any:
        return wait_seconds


def busy() -> BackendError:
    return BackendError("somebody is at work", retryable=True)


# --- how long -----------------------------------------------------------------------------------
@fails("test_a_storage_says_whether_writers_queue")
class SaysOneForYes(HonestStorage):
    @property
    def writes_one_at_a_time(self) -> bool:
        return 1  # type: ignore[return-value]


@fails("test_writers_that_queue_meet_no_conflict")
class ClaimsToQueue(LateTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        row = super().get(collection, key)
        time.sleep(0.01)  # so that the others read before this one writes
        return row


@fails("test_without_a_wait_a_second_writer_is_refused_at_once")
class WaitsAllTheSame(Waiting):
    def waited(self, wait_seconds: Any) -> Any:
        return 3 if wait_seconds == 0 else wait_seconds


@fails("test_without_a_wait_a_second_writer_is_refused_at_once")
class NeverTellsToTryAgain(HonestTransaction):
    def __enter__(self) -> Any:
        try:
            return super().__enter__()
        except BackendError as error:
            raise BackendError(str(error), retryable=False) from None


@fails("test_a_second_writer_waits_for_as_long_as_it_may")
class NeverWaits(Waiting):
    def waited(self, wait_seconds: Any) -> Any:
        return wait_seconds and 0


@fails("test_a_second_writer_waits_for_as_long_as_it_may")
class WaitsAsLongAsItLikes(Waiting):
    def waited(self, wait_seconds: Any) -> Any:
        return wait_seconds and 3


@fails("test_a_writer_begins_when_the_one_before_it_ends")
class LooksAgainMuchLater(Waiting):
    def __enter__(self) -> Any:
        if self.writes and self.storage.writer is not None and self.wait_seconds:
            time.sleep(min(self.wait_seconds, 3))
        return super().__enter__()


class KeepsItsPlace(HonestTransaction):
    def __enter__(self) -> Any:
        if self.writes and "waiting" in self.storage.place.__dict__:
            raise busy()
        try:
            return super().__enter__()
        except BackendError:
            self.storage.place.__dict__["waiting"] = self
            raise


@fails("test_a_wait_that_is_over_leaves_nothing_held")
class KeepsItsPlaceInTheQueue(KeepsItsPlace):
    pass


@fails("test_another_storage_on_the_same_place_waits_too")
class KeepsItsPlaceEverywhere(KeepsItsPlace):
    pass


@fails("test_another_storage_on_the_same_place_waits_too")
class QueuesByItself(HonestStorage):
    def __init__(self, place: MemoryStorage) -> None:
        super().__init__(place)
        self.queue = Lock()

    class transactions(LateTransaction):  # noqa: N801
        def __enter__(self) -> Any:
            if self.writes and not self.storage.queue.acquire(blocking=False):  # type: ignore[attr-defined]
                raise busy()
            return super().__enter__()

        def __exit__(self, *raised: Any) -> None:
            super().__exit__(*raised)
            if self.writes:
                self.storage.queue.release()  # type: ignore[attr-defined]


@fails("test_any_number_of_seconds_is_a_wait")
class WaitsForFractionsOnly(Waiting):
    def waited(self, wait_seconds: Any) -> Any:
        if type(wait_seconds) is int:
            raise InvalidInputError("a wait is a float")
        return wait_seconds


@fails("test_what_is_no_wait_is_refused")
class TakesAnyWait(Waiting):
    def waited(self, wait_seconds: Any) -> Any:
        return 0 if not isinstance(wait_seconds, float | int) or not wait_seconds > 0 else 1


@fails("test_what_is_no_wait_is_refused")
class NeverLooksAtAReadersWait(Waiting):
    def waited(self, wait_seconds: Any) -> Any:
        return None

    def __init__(self, storage: HonestStorage, *, writes: bool, wait_seconds: Any = None) -> None:
        if writes:
            HonestTransaction.__init__(self, storage, writes=True, wait_seconds=wait_seconds)
        else:
            super().__init__(storage, writes=False)


@fails("test_a_reader_never_waits_for_a_writer")
class ReadersQueueToo(HonestTransaction):
    def __enter__(self) -> Any:
        if not self.writes:
            with self.storage.place.transaction(writes=True):
                pass
        return super().__enter__()


class WaitsForReaders(HonestTransaction):
    def __enter__(self) -> Any:
        readers = self.storage.__dict__.setdefault("readers", [])
        if self.writes and readers:
            raise busy()
        handle = super().__enter__()
        if not self.writes:
            readers.append(self)
        return handle

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if not self.writes:
            self.storage.__dict__["readers"].remove(self)


@fails("test_a_writer_never_waits_for_a_reader")
class WritersWaitForReaders(WaitsForReaders):
    pass


@fails("test_a_reader_interrupted_at_any_point_keeps_nobody_waiting")
class RemembersReadersForEver(WaitsForReaders):
    pass


# --- preparing ----------------------------------------------------------------------------------
class PreparesAsAWriter(HonestStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        with self.place.transaction(writes=True):
            pass
        super().prepare(collections)


@fails("test_nobody_waits_to_prepare_what_is_there")
class WaitsToPrepareWhatIsThere(PreparesAsAWriter):
    pass


@fails("test_nobody_waits_to_be_told_of_another_shape")
class WaitsToTellOfAnotherShape(PreparesAsAWriter):
    pass


@fails("test_nobody_waits_to_open_what_is_there")
class WaitsToOpenWhatIsThere(PreparesAsAWriter):
    pass


class ForgetsWhatOthersPrepare(HonestStorage):
    """Reads what is known, and writes it back with what is new, some time later."""

    def known(self) -> dict[str, Any]:
        return self.__dict__

    def prepare(self, collections: Sequence[Collection]) -> None:
        before = self.known().get("prepared", frozenset())
        super().prepare(collections)
        time.sleep(0.02)  # so that the others read before this one writes
        self.known()["prepared"] = before | {each.name for each in collections}

    class transactions(HonestTransaction):  # noqa: N801
        def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
            if log.name not in self.storage.known()["prepared"]:  # type: ignore[attr-defined]
                raise InvariantError(f"'{log.name}' was not prepared")
            return super().append(log, rows, begins=begins)


@fails("test_what_is_missing_is_created_once_whoever_prepares")
class ForgetsWhatThreadsPrepare(ForgetsWhatOthersPrepare):
    pass


@fails("test_what_is_missing_is_created_once_in_whatever_storage")
class ForgetsWhatOtherStoragesPrepare(ForgetsWhatOthersPrepare):
    def known(self) -> dict[str, Any]:
        return self.place.__dict__


@fails("test_of_two_shapes_prepared_at_once_one_is_refused")
class LooksBeforeItCreates(HonestStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        new = {each.name for each in collections} - self.__dict__.setdefault("prepared", set())
        time.sleep(0.02)  # so that the others look before this one creates
        self.__dict__["prepared"] |= new
        try:
            super().prepare(collections)
        except ConfigurationError:
            if not new:
                raise


# --- interrupts ---------------------------------------------------------------------------------
@fails("test_an_interrupt_in_the_block_saves_nothing")
class SavesWhatWasInterrupted(HonestTransaction):
    def __exit__(self, *raised: Any) -> None:
        is_error = raised[0] is not None and issubclass(raised[0], Exception)
        super().__exit__(*(raised if is_error else (None, None, None)))


@fails("test_an_interrupt_in_the_block_saves_nothing")
class EndsWithErrorsAlone(HonestTransaction):
    def __exit__(self, *raised: Any) -> None:
        if raised[0] is None or issubclass(raised[0], Exception):
            super().__exit__(*raised)
        else:
            self.storage.__dict__["left"] = self.block  # as a connection that nobody gave back


@fails("test_a_reader_that_is_interrupted_keeps_nobody_waiting")
class ForgetsAReaderThatWasInterrupted(WaitsForReaders):
    def __exit__(self, *raised: Any) -> None:
        if raised[0] is None or issubclass(raised[0], Exception):
            super().__exit__(*raised)


class InsertsOneByOne(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        for row in rows:
            super().insert(collection, [dict(row)])


@fails("test_an_interrupt_that_is_caught_spoils_the_transaction")
class CarriesOnAfterAnInterrupt(InsertsOneByOne):
    pass


@fails("test_a_call_that_is_interrupted_saves_nothing")
class SavesTheFirstHalf(InsertsOneByOne):
    def __exit__(self, *raised: Any) -> None:
        is_interrupt = raised[0] in (KeyboardInterrupt, MemoryError)
        super().__exit__(*((None, None, None) if is_interrupt else raised))


@fails("test_an_interrupt_at_any_point_leaves_all_or_nothing")
class NotesWhoBeganTooSoon(HonestTransaction):
    def __enter__(self) -> Any:
        handle = super().__enter__()
        if self.writes:
            self.storage.__dict__["begun"] = self.block
            self._note()
        return handle

    def _note(self) -> None:
        pass


@fails("test_an_interrupt_at_any_point_leaves_all_or_nothing")
class CommitsInTwoSteps(HonestTransaction):
    def __enter__(self) -> Any:
        self.entries: list[tuple[Collection, Sequence[Row]]] = []
        return super().__enter__()

    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        self.entries.append((log, rows))
        return []

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if raised[0] is None and self.entries:
            with self.storage.place.transaction(writes=True) as second:
                for entries in self.entries:
                    second.append(*entries)


@fails("test_a_prepare_interrupted_at_any_point_can_be_done_again")
class PreparesOnceAtATime(HonestStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        if self.__dict__.get("is_preparing"):
            raise busy()
        self.is_preparing = True
        super().prepare(collections)
        self.is_preparing = False


# --- outcomes -----------------------------------------------------------------------------------
@fails("test_an_unknown_outcome_is_said_to_be_unknown")
class TellsToTryAgain(HonestTransaction):
    def __exit__(self, *raised: Any) -> None:
        try:
            super().__exit__(*raised)
        except BackendError as error:
            raise BackendError(str(error), retryable=True) from None


@fails("test_an_unknown_outcome_is_said_to_be_unknown")
class TellsThatAllWentWell(HonestTransaction):
    def __exit__(self, *raised: Any) -> None:
        self.storage.loses_replies = False
        super().__exit__(*raised)


@fails("test_an_unknown_outcome_is_said_to_be_unknown")
class SavesAPartWhenTheReplyIsLost(InsertsOneByOne):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        super().insert(collection, rows[:1] if self.storage.loses_replies else rows)
