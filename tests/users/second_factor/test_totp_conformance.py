"""Codes of an authenticator app pass the kit that every way to show a second factor passes."""

import base64
import hashlib
import hmac
import struct
from urllib.parse import parse_qs, urlsplit

import pytest

from dcss_core import Secret
from dcss_core.testing import SecondFactorConformance
from dcss_core.users.second_factor.totp import Totp


class App:
    """An authenticator app, written from RFC 4226 with hmac alone."""

    def __init__(self, new, clock):
        self.secret = base64.b32decode(parse_qs(urlsplit(new.shown.reveal()).query)["secret"][0])
        self.clock = clock

    def set_up(self):
        counter = struct.pack(">Q", int(self.clock.now().timestamp()) // 30)
        digest = hmac.digest(self.secret, counter, hashlib.sha1)
        number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
        return Secret(f"{number % 1_000_000:06}")

    def answer(self, asked):
        return self.set_up()


class TestTotp(SecondFactorConformance):
    @pytest.fixture
    def method(self):
        return Totp()

    @pytest.fixture
    def device(self, clock):
        return lambda new: App(new, clock)
