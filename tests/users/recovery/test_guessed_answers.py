"""Answers of somebody who evades the question, kind by kind; and honest ones that come near, which pass."""

from datetime import date

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import (
    AnswerContext,
    AnswerFault,
    enrolment_violations,
)
from dcss_core.users.recovery.worthless_answers import Particulars

JANE = AnswerContext(
    "JROE88",
    "Jane Roe",
    Password("seven green kites over"),
    Particulars(Ssn("900-01-4321", accept_never_issued=True), date(1988, 7, 1), ("CP100200", "C771234")),
)
STRANGER = AnswerContext("okonjo51", "Ngozi Okonjo", None)


@pytest.fixture
def faults(faults_of):
    return lambda text, context=JANE: set(faults_of(text, context))


@pytest.mark.parametrize(
    "text",
    [
        "Roe Jane",
        "Roe, Jane",
        "janeroe",
        "roejane",
        "Jane M Roe",
        "Jane M. Roe",
        "J Roe",
        "jane roe jane roe",
        "janeroejaneroe",
        "J4ne R0e",
        "j4ner03",
        "roe1988",
        "Jane 1988",
        "1988 roe",
        "my name is Jane",
        "Jаne Roe",
        "eor enaj",
        "me llamo Jane Roe",
    ],
)
def test_the_own_name_in_any_order_and_spelling_is_no_answer(faults, text):
    assert AnswerFault.IS_NAME in faults(text)
    assert AnswerFault.IS_NAME not in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "JR0E88",
        "jro388",
        "88eorj",
        "88-eor-j",
        "my user id jroe88",
        "login: jroe88",
        "jrое88",
        "jroe88 jroe88",
        "usuario jroe88",
        "jroe88 again",
    ],
)
def test_the_user_id_however_it_is_written_is_no_answer(faults, text):
    assert AnswerFault.IS_USER_ID in faults(text)
    assert AnswerFault.IS_USER_ID not in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "seven green kites over 1",
        "1 seven green kites over",
        "over kites green seven",
        "revo setik neerg neves",
        "sеven green kites over",
        "s3ven gr33n kites over",
        "seven kites green over",
        "my password is seven green kites over",
    ],
)
def test_the_password_with_something_added_or_turned_is_no_answer(faults, text):
    assert AnswerFault.IS_PASSWORD in faults(text)
    assert AnswerFault.IS_PASSWORD not in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "1988",
        "0701",
        "07-01",
        "7/1",
        "07/1988",
        "198807",
        "July 1988",
        "July 1st",
        "1st July",
        "Jul 1",
        "Friday July 1 1988",
        "born 07/01/1988",
        "born on 7-1-88",
        "first of July 1988",
        "July first",
        "1er juillet 1988",
        "1 juillet",
        "1988-W26-5",
        "1988W265",
        "1988-183",
        "1988 1988",
        "19881988",
        "07011988 07011988",
        "primero de julio de 1988",
        "viernes 1 de julio de 1988",
        "el 1º de julio",
        "nací en 1988",
        "dob 19880701",
        "my birthday is July 1",
    ],
)
def test_the_own_birth_date_or_a_part_that_tells_it_is_no_answer(faults, text):
    assert AnswerFault.IS_BIRTH_DATE in faults(text)
    assert AnswerFault.IS_BIRTH_DATE not in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "ssn4321",
        "ssn 4321",
        "last four 4321",
        "last 4: 4321",
        "4321 last four of my social",
        "last 4321",
        "4 321",  # where no word announces four digits, 4 is one of them
        "900-01-432",
        "90001",
        "900-01",
        "14321",
        "01-4321",
        "9000143211",
        "1 900014321",
        "9oo-o1-4321",
    ],
)
def test_a_part_of_the_own_ssn_is_no_answer(faults, text):
    assert AnswerFault.IS_SSN in faults(text)


@pytest.mark.parametrize(
    "text", ["ssn 900-01-4322", "mine is 900014322 ok", "900 01 4322.", "900-01-4321 900-01-4322 900-01-4323"]
)
def test_what_is_written_like_an_ssn_is_refused_for_that_alone_so_that_no_answer_searches_for_one(
    faults, text
):
    assert AnswerFault.IS_SSN in faults(text)
    assert AnswerFault.IS_SSN in faults(text, STRANGER)


def test_an_answer_that_packs_many_numbers_tells_nothing_of_the_one_on_file(faults):
    # each text holds the own number, or its last four digits, among others; none is refused for holding it
    for text in ("4320 4321 4322 4323 4324 4325", "1234900014321567", "43204321432243234324"):
        assert (AnswerFault.IS_SSN in faults(text)) is (AnswerFault.IS_SSN in faults(text, STRANGER))


@pytest.mark.parametrize(
    "text",
    [
        "irn cp100200",
        "my irn is CP100200",
        "100200",
        "irn 100200",
        "irn100-200",
        "client id c771234",
        "771234",
        "CP1OO2OO",
        "CP100200 CP100200",
    ],
)
def test_an_own_identifier_or_its_number_is_no_answer(faults, text):
    assert AnswerFault.IS_IDENTIFIER in faults(text)
    assert AnswerFault.IS_IDENTIFIER not in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "n0ne",
        "N0N3",
        "none none",
        "nonenone",
        "idkidk",
        "N/A N/A",
        "n/a, n/a",
        "don t know",
        "dont  know",
        "can't remember",
        "cant remember",
        "cannot remember",
        "can not remember",
        "i cannot recall",
        "never had one",
        "never had any",
        "no pet",
        "no pets",
        "no car",
        "prefer not to say",
        "i prefer not to answer",
        "refuse",
        "refused",
        "decline to answer",
        "same",
        "same as above",
        "same answer",
        "see above",
        "nothing here",
        "blah",
        "blah blah",
        "blahblah",
        "foo",
        "foobar",
        "foo bar",
        "bar baz",
        "abab",
        "abcabc",
        "xyz",
        "n one",
        "no ne",
        "nonе",
        "nοne",
        "lorem ipsum",
        "asdf1234",
        "sin respuesta",
        "ninguno ninguno",
        "no me acuerdo",
        "no puedo recordar",
        "nunca tuve",
        "nunca tuve uno",
        "prefiero no decir",
        "lo mismo",
        "igual que arriba",
        "ver arriba",
        "no contesto",
        "no tengo mascota",
        "n1nguno",
        "ningun0",
        "se me olvidó",
        "olvidé",
        "no quiero decir",
        "i don't have any",
        "i never had a pet",
        "who knows",
        "dunno",
        "???",
    ],
)
def test_more_ways_to_say_nothing_are_no_answer(faults, text):
    assert AnswerFault.IS_PLACEHOLDER in faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "jane.roe@example",
        "email jane.roe at example.com",
        "my e-mail is jane.roe at example dot com",
        "correo: jane.roe at example.com",
        "mail jane.roe@example",
    ],
)
def test_an_email_address_cut_short_or_announced_is_no_answer(faults, text):
    assert AnswerFault.IS_EMAIL_ADDRESS in faults(text)
    assert AnswerFault.IS_EMAIL_ADDRESS in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "Rose",
        "Roebuck Street",
        "Roebuck",
        "Janet",
        "Janesville",
        "Mary Roe",
        "Jane Street",
        "Jane Austen",
        "Monroe",
        "same street bakery",
        "Same Old Moon",
        "none such lane",
        "Nonesuch",
        "July Johnson",
        "July",
        "May",
        "Friday",
        "Foo Fighters",
        "Blahnik",
        "1600 Pennsylvania Avenue",
        "Xyzzy",
        "Xyzzy the cat",
        "42 Elm Street",
        "1600",
        "2468",
        "1974",
        "1975 Chevrolet",
        "Summer of 69",
        "Fourth of July parade",
        "July 4",
        "Fourth of July",
        "June 1988",
        "1 August",
        "Nose",
        "Nana",
        "Nono",
        "Nina",
        "Papa",
        "Mama",
        "Coco",
        "Lulu",
        "Bonbon",
        "couscous",
        "No Doubt",
        "Nobody's Wife",
        "Nothing Else Matters",
        "Refuge",
        "Refused to dance",
        "Igualada",
        "51",
        "50",
        "15",
        "7-Eleven",
        "24/7 diner",
        "green kites",
        "seven kites",
        "over the moon",
        "kites",
        "my red bicycle",
        "the first house",
        "last summer",
        "User friendly robot",
        "Social Distortion",
        "Number Nine Dream",
        "lunch at st. mary's",
        "dinner at luigi's",
        "at the lake",
        "meet me at st. louis",
        "p@ris",
        "Ban@nas",
        "Atlanta 30301-1234",
        "404 555 0134",
        "(404) 555-0134 home",
        "4045550134",
        "555-0134",
        "Route 66",
        "Anna",
        "Noel",
        "Eel",
        "Зоя",
        "Ανθή",
        "Сара",
        "Нина",
        "北京",
        "Müller",
        "łódka",
        "grandma’s café",
        "Xavier",
        "Zyx",
        "Born in the USA",
        "Born to Run",
        "Birthday cake",
        "Client Eastwood",
        "Lee Abbott",
        "Sam and Dave",
        "A Roebling bridge",
        "X-Men",
        "U2",
        "J.R.",
        "B.B. King",
        "AC/DC",
        "Cannot Remember Rome",
        "Password Street",
    ],
)
def test_honest_answers_that_come_near_stay_usable(faults, text):
    assert faults(text) == set()


def test_a_short_name_is_no_reason_against_a_word_that_holds_it(faults):
    context = attrs.evolve(STRANGER, full_name="An Li", user_id="anli77x")
    assert faults("An Li", context) == {AnswerFault.IS_NAME}
    for text in ("Lian", "Lily", "Anna", "Ann Lee", "Anneliese"):
        assert faults(text, context) == set()
    leon = attrs.evolve(STRANGER, full_name="Leon Okonjo")
    assert faults("Noel", leon) == set()


def test_an_answer_to_another_question_in_other_signs_is_the_same_answer(questions):
    given = ("red scooter", "Red-Scooter!", "grey heron")
    answers = tuple(
        Answer(each.question_id, Secret(text)) for each, text in zip(questions.catalogue, given, strict=False)
    )
    assert [each.fault for each in enrolment_violations(answers, questions, JANE)] == [
        AnswerFault.SAME_AS_ANOTHER
    ]


def test_a_common_answer_in_letters_of_another_script_is_common(questions):
    common = attrs.evolve(questions, common_answers={"dish": {"Pizza"}})
    assert common.is_common("dish", "pіzzа")


BORN_IN_JANUARY = attrs.evolve(JANE, particulars=attrs.evolve(JANE.particulars, birth_date=date(1988, 1, 7)))
BORN_ON_THE_21ST = attrs.evolve(
    JANE, particulars=attrs.evolve(JANE.particulars, birth_date=date(1988, 7, 21), identifiers=("AB90817",))
)


@pytest.mark.parametrize("text", ["the twenty-first of July 1988", "July twenty first", "twenty-first July"])
def test_a_day_written_in_two_words_is_one_day(faults, text):
    assert AnswerFault.IS_BIRTH_DATE in faults(text, BORN_ON_THE_21ST)


@pytest.mark.parametrize("text", ["the twentieth of July", "the first of July", "thirty first July"])
def test_another_day_of_the_month_is_none(faults, text):
    assert faults(text, BORN_ON_THE_21ST) == set()


def test_a_number_that_is_day_and_month_at_once_says_neither(faults):
    born = attrs.evolve(JANE, particulars=attrs.evolve(JANE.particulars, birth_date=date(1988, 7, 7)))
    assert AnswerFault.IS_BIRTH_DATE not in faults("07", born)
    assert AnswerFault.IS_BIRTH_DATE in faults("7/7", born)


def test_five_digits_of_an_identifier_are_it_and_four_are_not(faults):
    assert AnswerFault.IS_IDENTIFIER in faults("90817", BORN_ON_THE_21ST)
    four = attrs.evolve(JANE, particulars=attrs.evolve(JANE.particulars, identifiers=("AB9081",)))
    assert AnswerFault.IS_IDENTIFIER not in faults("9081", four)


def test_nine_letters_and_digits_are_no_number(faults):
    assert faults("grace1955") == set()


@pytest.mark.parametrize("text", ["7 janv 1988", "7 jan 1988", "January 7", "janvier 1988", "7 ene 1988"])
def test_a_month_is_known_by_its_first_three_or_four_letters(faults, text):
    assert AnswerFault.IS_BIRTH_DATE in faults(text, BORN_IN_JANUARY)


def test_whoever_has_no_name_on_file_is_told_nothing_of_it(faults):
    assert faults("grey heron", AnswerContext("okonjo51", "", None)) == set()


@pytest.mark.parametrize("text", ["roe.doe", "roedoe", "roe.doe@example.com", "roedoe@examplecom"])
def test_what_stands_before_the_at_sign_of_a_user_id_is_it(faults, text):
    mailing = AnswerContext("roe.doe@example.com", "Ngozi Okonjo", None)
    assert AnswerFault.IS_USER_ID in faults(text, mailing)


@pytest.mark.parametrize("text", ["heron42", "HERON-42", "24noreh", "her0n42"])
def test_a_short_password_is_known_as_it_is_turned_round_and_in_look_alikes(faults, text):
    short = attrs.evolve(JANE, password=Password("heron42"))
    assert AnswerFault.IS_PASSWORD in faults(text, short)


def test_four_is_a_number_where_it_announces_none(faults):
    assert AnswerFault.IS_SSN not in faults("4 rivers 321")
    assert AnswerFault.IS_SSN in faults("last 4 4321")
