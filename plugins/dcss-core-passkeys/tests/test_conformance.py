"""Passkeys pass the kit that every way to show a second factor passes, with each algorithm."""

import pytest

from dcss_core.testing import SecondFactorConformance, SoftwareAuthenticator

ORIGIN = "https://portal.example.gov"


class Key:
    """A security key whose owner set it up."""

    def __init__(self, new, algorithm):
        self.new, self.authenticator = new, SoftwareAuthenticator(ORIGIN, algorithm)

    def set_up(self):
        return self.authenticator.create(self.new.shown)

    def answer(self, asked):
        return self.authenticator.get(asked)

    alone = answer


class TestPasskeys(SecondFactorConformance):
    @pytest.fixture(params=["ES256", "EdDSA", "RS256"])
    def algorithm(self, request):
        return request.param

    @pytest.fixture
    def method(self, passkeys):
        return passkeys

    @pytest.fixture
    def device(self, algorithm):
        return lambda new: Key(new, algorithm)
