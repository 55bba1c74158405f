"""What nobody may guess is made of what the operating system's secure randomness gave for it."""

import base64
import secrets

import pytest

from dcss_core import Actor, Secret
from dcss_core.users.staff.member import StaffRole


@pytest.fixture
def drawn(monkeypatch):
    """What the operating system gave, in order."""
    real, given = secrets.token_bytes, []

    def keeping(count):
        given.append(real(count))
        return given[-1]

    monkeypatch.setattr(secrets, "token_bytes", keeping)
    return given


def test_a_session_token_is_256_bits_of_the_operating_system(agency, janes_account, jane, sign_in, drawn):
    token = sign_in(agency, jane)
    bits = base64.urlsafe_b64decode(token.reveal() + "=")
    assert bits in drawn
    assert 8 * len(bits) == 256


def test_the_secret_of_an_app_is_160_bits_of_the_operating_system(
    agency, janes_account, jane, sign_in, drawn
):
    begun = agency.second_factors.begin(sign_in(agency, jane), jane.password)
    bits = base64.b32decode(begun.typed.reveal().replace(" ", ""))
    assert any(each.startswith(bits) for each in drawn)
    assert 8 * len(bits) == 160


def test_a_code_that_is_sent_is_made_of_bytes_of_the_operating_system(agency, janes_account, jane, drawn):
    agency.recovery.request_code(jane.user_id)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert 28 in map(len, drawn)  # one of 32 characters, 5 bits, for each: 140 bits


def test_an_assigned_password_is_made_of_bytes_of_the_operating_system(agency, by_two, drawn):
    email = Secret("worker@dcss.example.gov")
    roles = [StaffRole.HELP_DESK]
    by_two(lambda by: agency.staff.appoint("worker-9", email=email, roles=roles, by=by))
    assert 32 in map(len, drawn)
