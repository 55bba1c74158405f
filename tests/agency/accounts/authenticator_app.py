"""An authenticator app as the tests have one, written from the standard and not from the code under test."""

import base64
import hashlib
import hmac
import struct
from urllib.parse import parse_qs, urlsplit

from dcss_core import Secret


class App:
    """An authenticator app: reads the QR code and shows codes. Written from RFC 4226, with hmac alone."""

    def __init__(self, begun, clock):
        self.secret = base64.b32decode(parse_qs(urlsplit(begun.shown.reveal()).query)["secret"][0])
        self.clock = clock

    def code(self, steps=0):
        counter = int(self.clock.now().timestamp()) // 30 + steps
        digest = hmac.new(self.secret, struct.pack(">Q", counter), hashlib.sha1).digest()
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
        return Secret(f"{number % 1_000_000:06}")

    def wrong_code(self):
        right = {self.code(steps).reveal() for steps in (-1, 0, 1)}
        return Secret(next(code for code in map(str, range(100000, 100004)) if code not in right))
