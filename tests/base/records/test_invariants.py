import pytest

from dcss_core.base.records.invariants import check_invariants
from dcss_core.errors import InvariantError


class Record:
    def __repr__(self):
        raise AssertionError("a record may be about a person and is not shown")


def test_a_record_that_keeps_its_promises_passes():
    check_invariants(Record(), (True, "it is whole"))


def test_all_that_is_broken_is_named_at_once_and_nothing_else_of_the_record():
    with pytest.raises(InvariantError) as refused:
        check_invariants(Record(), (False, "it is whole"), (True, "it is red"), (False, "it is round"))
    assert str(refused.value) == "no Record is like this: it is whole; it is round"
