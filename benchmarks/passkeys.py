"""How long the plugin takes to judge a passkey's answer, beside fido2 alone: `python benchmarks/passkeys.py`.

Each round judges the same answer by the one and by the other; printed are the medians and their ratio.
"""

import json
import statistics
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from fido2.server import Fido2Server
from fido2.webauthn import AttestedCredentialData, PublicKeyCredentialRpEntity

from dcss_core.plugins import FactorGiven, FactorOwner
from dcss_core.testing import SoftwareAuthenticator
from dcss_core_passkeys import open_passkeys

ORIGIN = "https://portal.example.gov"
CHALLENGE = "5e" * 32
ROUNDS, CALLS = 30, 50


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes, of many."""
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - began) / CALLS


def main() -> None:
    """Judge one answer by both, in turns."""
    now = datetime(2026, 11, 2, 14, tzinfo=UTC)
    passkeys = open_passkeys(f"passkey:?rp_id=portal.example.gov&origin={ORIGIN}")
    authenticator = SoftwareAuthenticator(ORIGIN)
    new = passkeys.begin(bytes(32), owner=FactorOwner("Agency", "JRoe88", "h" * 43), enrolled=())
    key = passkeys.confirm(new.secret, authenticator.create(new.shown), now=now)
    assert key is not None
    answer = authenticator.get(passkeys.ask([key], challenge=CHALLENGE) or new.shown)

    def ours() -> object:
        return passkeys.check([key], answer, challenge=CHALLENGE, now=now)

    server = Fido2Server(PublicKeyCredentialRpEntity(name="x", id="portal.example.gov"))
    written = key.secret.reveal()
    credential = AttestedCredentialData(urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    digest = urlsafe_b64encode(sha256(f"dcss/passkey/1:{CHALLENGE}".encode()).digest()).decode().rstrip("=")
    state = {"challenge": digest, "user_verification": "preferred"}

    def raw() -> object:
        return server.authenticate_complete(state, [credential], json.loads(answer.reveal()))

    assert isinstance(ours(), FactorGiven)
    assert raw() == credential
    times = [(seconds(ours), seconds(raw)) for _ in range(ROUNDS)]
    ours_takes, raw_takes = (statistics.median(each) for each in zip(*times, strict=True))
    print(f"ours {ours_takes * 1e6:.0f} µs, fido2 alone {raw_takes * 1e6:.0f} µs")
    print(f"ratio {statistics.median(a / b for a, b in times):.2f}")


if __name__ == "__main__":
    main()
