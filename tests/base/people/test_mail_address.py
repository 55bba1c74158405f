import re

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.people.mail_address import faults_of_mail_address, is_mail_address
from dcss_core.base.secret import Secret

LABEL_OF_63 = "e" * 63


@pytest.mark.parametrize(
    "text",
    [
        "parent@example.com",
        "o'brien+cs@mail.example.org",
        "w.al_rus-1=%@xn--bcher-kva.example",
        f"{'n' * 64}@{LABEL_OF_63}.example",
        "1@2.example",
        "walrus@example.test",
        "walrus@3com.co.uk",
        "walrus@example.xn--p1ai",
    ],
)
def test_an_address_that_mail_can_reach_is_one(text):
    assert is_mail_address(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "a blank text"),
        ("walrus", "no '@'"),
        ("walrus@sea@example.com", "more than one '@'"),
        ("walrus\n@example.com", "a blank, a line break or a control character"),
        ("walrus\u200b@example.com", "a blank, a line break or a control character"),
        ('"wal rus"@example.com', "a bracket, a quotation mark or a sign that lists or breaks"),
        ("walrus@[192.0.2.1]", "a bracket, a quotation mark or a sign that lists or breaks"),
        ("walrüs@example.com", "a letter beyond A to Z before the '@'"),
        ("walrus" * 11 + "@example.com", "more than 64 characters before the '@'"),
        (".walrus@example.com", "nothing before or after a dot of the name"),
        ("wal..rus@example.com", "nothing before or after a dot of the name"),
        ("walrus@bücher.example", "a letter beyond A to Z in the domain"),
        ("walrus@example.com.", "nothing before or after a dot of the domain"),
        (f"walrus@e{LABEL_OF_63}.com", "more than 63 characters between two dots of the domain"),
        ("walrus@sea_side.example", "a sign that no domain has, or a hyphen at an edge"),
        ("walrus@-sea.example", "a sign that no domain has, or a hyphen at an edge"),
        ("walrus@example", "a domain without a top-level domain"),
        ("walrus@192.0.2.1", "a domain without a top-level domain"),
        ("walrus@none.INVALID", "a domain that is nowhere"),
        ("walrus@app.localhost", "a domain that is nowhere"),
        (f"walrus@{'.'.join(['e' * 61] * 4)}.com", "more than 254 octets"),
    ],
)
def test_an_address_that_no_mail_can_reach_is_refused_and_not_repeated(text, found):
    faults = list(faults_of_mail_address("email", Secret(text)))
    assert found in [fault.found for fault in faults]
    assert {fault.where for fault in faults} == {"email"}
    assert "walrus" not in str(faults)
    assert not is_mail_address(text)


def test_every_fault_of_an_address_is_told_at_once():
    faults = faults_of_mail_address("email", Secret(f".ü@-{LABEL_OF_63}.invalid"))
    assert [fault.found for fault in faults] == [
        "a letter beyond A to Z before the '@'",
        "nothing before or after a dot of the name",
        "more than 63 characters between two dots of the domain",
        "a sign that no domain has, or a hyphen at an edge",
        "a domain that is nowhere",
    ]


# RFC 5322 §3.4.1 (dot-atom) and RFC 5321 §2.3.5, written as one expression
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
GRAMMAR = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){ATOM}(\.{ATOM})*@({LABEL}\.)+(?![0-9]+\Z){LABEL}")


@given(st.from_regex(r"\A[ab1.!'\"-]{0,9}@?[ab1.\-_é]{0,12}\Z") | st.text(max_size=12))
def test_an_address_is_what_the_grammar_of_the_standards_makes(text):
    assert is_mail_address(text) is (GRAMMAR.fullmatch(text) is not None)
