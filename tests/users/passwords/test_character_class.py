import pytest

from dcss_core.users.passwords.character_class import CharacterClass


@pytest.mark.parametrize(
    ("character_class", "inside", "outside"),
    [
        (CharacterClass.UPPER_CASE, "AZÉЖΣ", "azé1! 中"),
        (CharacterClass.LOWER_CASE, "azéжσß", "AZÉ1! 中"),
        (CharacterClass.DIGIT, "09٣７", "aA!² ½"),
        (CharacterClass.SPECIAL, "!~_-€§🦦。", "aA1 \t\u0301中"),
    ],
)
def test_what_belongs_to_a_class_in_any_script(character_class, inside, outside):
    assert all(character_class.occurs_in(character) for character in inside)
    assert not character_class.occurs_in(outside)


def test_a_character_is_of_one_class_at_most():
    assigned = map(chr, range(0x20000))
    assert [each for each in assigned if sum(kind.occurs_in(each) for kind in CharacterClass) > 1] == []
