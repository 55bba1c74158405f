import pytest

from dcss_core import Actor
from dcss_core.errors import InvalidInputError


def test_an_actor_reads_as_what_it_is_and_its_id():
    actors = (Actor.staff("w-17"), Actor.parent("a-1"), Actor.system("remittance"), Actor.public())
    assert [str(actor) for actor in actors] == [
        "staff:w-17",
        "parent:a-1",
        "system:remittance",
        "public:anonymous",
    ]


@pytest.mark.parametrize("actor_id", ["", "w-17\nstaff:root", "\x1b[2J", "half \ud800", "x" * 101])
def test_an_id_that_could_not_be_read_in_a_log_is_refused_unrepeated(actor_id):
    with pytest.raises(InvalidInputError, match="printable") as caught:
        Actor.staff(actor_id)
    assert not actor_id or actor_id not in str(caught.value)


@pytest.mark.parametrize("actor_id", ["w", "w" * 100])
def test_an_id_has_one_to_a_hundred_characters(actor_id):
    assert str(Actor.staff(actor_id)) == f"staff:{actor_id}"
