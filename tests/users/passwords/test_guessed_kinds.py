"""What somebody who knows portal and person tries next, kind by kind; and ordinary passphrases."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, strategies as st

from dcss_core.rules.federal import baseline
from dcss_core.users.passwords.password import Password, PasswordFault
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

RULES = baseline().on(date(2026, 11, 30))
FEDERAL = PasswordPolicy.from_rules(RULES)
JANE = PasswordContext(
    "jroe88", ("Jane Roe",), ("Georgia Division of Child Support Services",), breach_count=0
)
LISTED = [str(word) for word in RULES.table("accounts.password_blocklist").column("word")]


def faults(password, context=JANE):
    found = {violation.fault for violation in FEDERAL.violations(Password(password), context)}
    return found - {PasswordFault.TOO_SHORT}


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("jrоe88jrоe88jrоe88", PasswordFault.CONTAINS_USER_ID),  # Cyrillic o
        ("jrоe88 is my name ok", PasswordFault.CONTAINS_USER_ID),
        ("ЈRОЕ88 іѕ mу nаmе оk", PasswordFault.CONTAINS_USER_ID),  # Cyrillic wherever there is one
        ("green kites јгое88 over", PasswordFault.CONTAINS_USER_ID),
        ("jrοe88 green kites over", PasswordFault.CONTAINS_USER_ID),  # Greek omicron
        ("jrøe88 green kites over", PasswordFault.CONTAINS_USER_ID),
        ("pаsswordpаssword", PasswordFault.COMMON),  # Cyrillic a
        ("раѕѕwоrdраѕѕwоrd", PasswordFault.COMMON),
        ("pαsswοrdpαsswοrd", PasswordFault.COMMON),  # Greek
        ("mаnchesterunited", PasswordFault.COMMON),  # among the digests
        ("my cat is Jаnе too", PasswordFault.CONTAINS_NAME),
        ("Gеоrgіа Gеоrgіа 2026", PasswordFault.MADE_OF_AGENCY_NAME),
        ("qwеrtyuiopаsdfgh", PasswordFault.SEQUENCE),
    ],
)
def test_letters_of_other_scripts_are_read_as_the_latin_ones_they_look_like(password, fault):
    assert fault in faults(password)


def test_a_name_in_another_script_is_found_as_it_is_written():
    olga = PasswordContext("okonjo51", ("Ольга Петрова",), breach_count=0)
    assert faults("зелёный змей Ольга летит", olga) == {PasswordFault.CONTAINS_NAME}
    assert faults("зелёный змей летит над рекой", olga) == set()


@pytest.mark.parametrize(
    "password",
    [
        "passwordpasswor",
        "wordpasswordpass",
        "sswordpasswordpasswo",
        "ppaasssswwoorrdd",
        "pppaaassssssswwwooorrrddd",
        "passsswwwooorrrddd",
        "PPAASSSSWWOORRDD!!",
        "passwordaaaaaaaa",
        "passwordddddddddd",
        "xxpasswordxxxxx",
        "xpasswordxxxxxx",
        "aaaapasswordbbbb",
        "manchesterunitedzzzz",
        "passwordabcdefgh",
        "abcdefghpassword",
        "passwordlalalala",
        "passwordpasswordx",
        "xpasswordpassword",
        "passwordpasswordpasswordpasswordpasswordpasswordpasswordqz",
    ],
)
def test_a_listed_word_cut_off_padded_or_with_letters_doubled_is_refused(password):
    assert faults(password) == {PasswordFault.COMMON}


@pytest.mark.parametrize(
    "password",
    [
        "passwordqwerty123",
        "password-letmein",
        "letmein2026password!",
        "dragon password dragon",
        "P4ssw0rd L3tm31n",
        "sunshine chocolate",
        "drowssap niemtel",  # backwards
    ],
)
def test_two_listed_words_joined_are_refused(password):
    assert PasswordFault.COMMON in faults(password)


@pytest.mark.parametrize(
    "password",
    [
        "childsupportgeorgia",
        "GeorgiaDCSS2026!",
        "g30rg14dcss g30rg14",
        "2026 G30rg14 DCSS 2026",
        "georgia gdcss georgia",
        "Georgia Division Child Support",
        "services support child georgia",
        "dcss georgia portal 2026",
    ],
)
def test_words_for_the_agency_in_any_order_are_refused(password):
    assert faults(password) & {PasswordFault.MADE_OF_AGENCY_NAME, PasswordFault.COMMON}


@pytest.mark.parametrize(
    "password",
    [
        "2026202620262026",
        "2026 2026 2026 2026",
        "xk7qxk7qxk7qxk7q",
        " " * 15 + "a",
        "a" + " " * 15,
        " " * 7 + "a" + " " * 8,
        "a" + " " * 14 + "b",
        "aaaaaaaaaaaaaaab",
        "\u0301" * 15,
        "".join(map(chr, range(0x300, 0x30F))),  # fifteen marks, each another
        "\u20dd" * 16,
        "a" + "".join(map(chr, range(0x300, 0x30F))),
        "\u200b\u200c\u200d\u2060\ufeff" * 3 + "ab",
        "900-01-4321 900-01-4321",
        "900014321900014321",
        "CP100200 CP100200",
        "C771234C771234C771234",
        "1988-07-01 1988-07-01",
        "07/01/1988 07/01/1988",
        "Jul 1 1988 Jul 1 1988",
        "1 jul 88 1 jul 88 1 jul 88",
    ],
)
def test_next_to_nothing_and_a_short_number_over_and_over_are_refused(password):
    assert PasswordFault.REPETITION in faults(password)


@pytest.mark.parametrize(
    "password",
    [
        "seven green kites over savannah",
        "correct horse battery staple",
        "dragon monkey football shadow",
        "sunshine butterfly marble",
        "georgia peaches on sunday",
        "our child is my sunshine",
        "password otter canoe",
        "sunflower sun 2026",
        "84016209441827306",
        "8401620944182730 8401620944182730",  # sixteen digits twice
        "kq7#vT2!mZ9$wL4&xB",
        "kiln 4071 walnut 88 fern",
        "Tulsa lanterns 1987 drift",
        "Xyzzy and the blue llama",
        "bookkeeper needs committee",
        "Mississippi committee tattoo",
        "три медведя и одна лодка",
        "τρεις μικρές βάρκες",
        "ночной поезд через реку",
        "हरी पतंग और नीली नाव",
        "łódka płynie po zielonej rzece",
        "été après été sous la pluie",
        "a  b  c  otter  canoe",
        "🦦🛶🔮💡" * 4,
        "1600 pennsylvania kites",
        "supporting our kites daily",
        "we were there where they were",
        "aardvark eerie oomph",
    ],
)
def test_ordinary_passphrases_stay_usable(password):
    assert faults(password) == set()


def test_three_listed_words_and_more_are_a_passphrase():
    letters = [word for word in LISTED if word.isalpha() and 5 <= len(word) <= 9 and word[0] not in "aqz"]
    random = Random(21)
    phrases = [" ".join(random.sample(letters, 3)) for _ in range(2_000)]
    whole = {word for word in LISTED if len(word) > 9}
    refused = [each for each in phrases if faults(each) and each.replace(" ", "") not in whole]
    # two of three may make a third word of the list: "happy birthday" and one more are two
    assert [each for each in refused if not joins_two(each)] == []


def joins_two(phrase):
    first, second, third = phrase.split()
    return not {first + second, second + third}.isdisjoint(LISTED)


@given(
    st.lists(
        st.sampled_from(["kiln", "walnut", "fern", "otter", "canoe", "trumpet", "basil", "lantern"]),
        min_size=3,
        max_size=5,
        unique=True,
    )
)
def test_words_that_are_not_listed_are_never_refused(words):
    assert faults(" ".join(words)) == set()


@pytest.mark.parametrize(
    "password",
    ["gdcss 2026 portal gdcss", "GDCSS-GDCSS-2026!", "dcss support dcss 2026", "noisivid-troppus-2026"],
)
def test_the_agencys_initials_are_words_of_its_name(password):
    assert PasswordFault.MADE_OF_AGENCY_NAME in faults(password)


def test_initials_may_leave_out_the_first_ones():
    office = PasswordContext("jroe88", ("Jane Roe",), ("Ohio Office of Kinship Zeal",), breach_count=0)
    assert PasswordFault.MADE_OF_AGENCY_NAME in faults("okz-2026-okz-okz-2026", office)


@pytest.mark.parametrize("password", ["godcss 2026 portal godcss", "gdocss-2026-gdocss-2026"])
def test_initials_leave_out_small_words(password):
    assert PasswordFault.MADE_OF_AGENCY_NAME not in faults(password)


def test_two_letters_are_no_initials():
    office = PasswordContext("jroe88", ("Jane Roe",), ("Ohio Office of Kinship Zeal",), breach_count=0)
    assert PasswordFault.MADE_OF_AGENCY_NAME not in faults("kz-2026-kz-2026-kz", office)
