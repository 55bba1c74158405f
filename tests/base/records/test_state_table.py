"""Lifecycles as tables, on a door that is opened, shut and bricked up."""

from enum import Enum

import pytest

from dcss_core.base.records.state_table import StateTable
from dcss_core.errors import ConflictError, InvariantError


class Door(Enum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class DoorAct(Enum):
    HANG = "hang"
    PUSH = "push"
    KNOCK = "knock"
    BRICK_UP = "brick_up"


ROWS = (
    (None, DoorAct.HANG, Door.SHUT),
    (Door.SHUT, DoorAct.PUSH, Door.OPEN),
    (Door.SHUT, DoorAct.KNOCK, Door.SHUT),
    (Door.OPEN, DoorAct.PUSH, Door.SHUT),
    (Door.SHUT, DoorAct.BRICK_UP, Door.GONE),
)
DOORS = StateTable("a door", Door, DoorAct, ROWS)


def test_what_stands_in_no_row_can_not_be_done():
    for state in (None, *Door):
        for act in DoorAct:
            after = {(before, by): to for before, by, to in ROWS}.get((state, act))
            assert DOORS.allows(state, act) is (after is not None)
            if after is not None:
                assert DOORS.next_state(state, act) is after
            else:
                with pytest.raises(ConflictError, match=f"'{act.value}' of a door"):
                    DOORS.next_state(state, act)


def test_a_refusal_names_the_act_and_the_state():
    with pytest.raises(ConflictError, match="no 'push' of a door that is gone; nothing was changed"):
        DOORS.next_state(Door.GONE, DoorAct.PUSH)
    with pytest.raises(ConflictError, match=r"no 'push' of a door that is \(new\)"):
        DOORS.next_state(None, DoorAct.PUSH)


def test_a_state_that_is_never_left_for_another_is_final():
    assert DOORS.final == (Door.GONE,)
    staying = (*ROWS, (Door.GONE, DoorAct.KNOCK, Door.GONE))
    assert StateTable("a door", Door, DoorAct, staying).final == (Door.GONE,)


def test_a_table_is_drawn_row_by_row_with_its_final_states():
    assert str(DOORS) == (
        "(new)  --hang-->      shut\n"
        "shut   --push-->      open\n"
        "shut   --knock-->     shut\n"
        "open   --push-->      shut\n"
        "shut   --brick_up-->  gone\n"
        "gone   (final)"
    )


def test_an_act_leads_from_a_state_to_one_other_only():
    with pytest.raises(InvariantError, match="two rows"):
        StateTable("a door", Door, DoorAct, (*ROWS, (Door.SHUT, DoorAct.PUSH, Door.GONE)))


@pytest.mark.parametrize(("missing", "told"), [(4, "gone, brick_up"), (2, "knock")])
def test_a_table_holds_nothing_that_can_not_happen(missing, told):
    with pytest.raises(InvariantError, match=f"never comes to {told}"):
        StateTable("a door", Door, DoorAct, (*ROWS[:missing], *ROWS[missing + 1 :]))
