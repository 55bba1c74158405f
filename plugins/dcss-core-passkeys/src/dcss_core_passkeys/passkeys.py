"""Passkeys: credentials of Web Authentication as a way to show a second factor, or to sign in alone.

Decides what is asked of the browser, and which answers count of those that fido2 verifies (W3C Web
Authentication Level 3, §7.1 and §7.2): no frame of another site, no algorithm that was not asked for, and a
counter that grows. Invariants: whatever comes for an answer is judged and never an error; a challenge for a
sign-in behind a password is no challenge for one without it; a credential that stands alone has verified its
owner.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from dcss_core import Secret
from dcss_core.plugins import (
    FactorCopied,
    FactorGiven,
    FactorKey,
    FactorOwner,
    FactorVerdict,
    NewFactor,
)
from dcss_core_passkeys.site import Site

T = TypeVar("T")
_ALGORITHMS: Final = (-7, -8, -257)  # ES256, EdDSA, RS256: §5.4.1 names them
_COSE_ALGORITHM: Final = 3  # RFC 9052, §7.1
_LONGEST_HANDLE: Final = 64  # bytes; §5.4.3
_BEHIND_A_PASSWORD, _ALONE = "dcss/passkey/1", "dcss/passkey-alone/1"
_REQUIRED: Final = UserVerificationRequirement.REQUIRED
_PREFERRED: Final = UserVerificationRequirement.PREFERRED


class Passkeys:
    """The method of one site. The state of a factor is the counter of its device."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._verification = _REQUIRED if site.requires_verification else _PREFERRED
        self._judge = self._server()  # it keeps nothing of what it judges

    def begin(self, random: bytes, *, owner: FactorOwner, enrolled: Sequence[FactorKey]) -> NewFactor:
        """What the browser needs to make a credential, and not on a device that has one of them already."""
        options, _ = self._server(owner.issuer).register_begin(
            PublicKeyCredentialUserEntity(
                name=owner.account_name, id=owner.handle.encode(), display_name=owner.account_name
            ),
            [_credential(key) for key in enrolled],
            resident_key_requirement=ResidentKeyRequirement.PREFERRED,
            user_verification=self._verification,
            challenge=random,
        )
        return NewFactor(secret=Secret(_websafe(random)), shown=_shown(options))

    def confirm(self, secret: Secret, answer: Secret, *, now: datetime) -> FactorKey | None:
        """Keep the credential that the browser has made for this challenge."""
        return _or_none(lambda: self._registered(secret, answer))

    def ask(self, enrolled: Sequence[FactorKey], *, challenge: str) -> Secret:
        """What the browser needs to answer with one of the credentials."""
        options, _ = self._server().authenticate_begin(
            [_credential(key) for key in enrolled], self._verification, _digest(_BEHIND_A_PASSWORD, challenge)
        )
        return _shown(options)

    def check(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorVerdict:
        """Which credential has signed the challenge."""
        digest = _digest(_BEHIND_A_PASSWORD, challenge)
        return self._judged_or_none(enrolled, answer, digest, self._verification)

    def ask_anybody(self, *, challenge: str) -> Secret:
        """What the browser needs to answer with any credential of this site that verifies its owner."""
        options, _ = self._server().authenticate_begin(None, _REQUIRED, _digest(_ALONE, challenge))
        return _shown(options)

    def handle_in(self, answer: Secret) -> str | None:
        """The user handle of the answer, which the credential was made with."""
        return _or_none(lambda: _handle(answer))

    def check_alone(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorVerdict:
        """Which credential has signed the challenge after its device had verified its owner."""
        digest = _digest(_ALONE, challenge)
        return self._judged_or_none(enrolled, answer, digest, _REQUIRED)

    def _registered(self, secret: Secret, answer: Secret) -> FactorKey | None:
        given = _read(answer)
        state = {"challenge": secret.reveal(), "user_verification": self._verification}
        made = self._server().register_complete(state, given)
        credential = made.credential_data
        if credential is None or credential.public_key.get(_COSE_ALGORITHM) not in _ALGORITHMS:
            return None
        if not _is_own_frame(RegistrationResponse.from_dict(given).response.client_data, made):
            return None
        return FactorKey(Secret(_websafe(bytes(credential))), str(made.counter))

    def _judged_or_none(
        self,
        enrolled: Sequence[FactorKey],
        answer: Secret,
        challenge: bytes,
        verification: UserVerificationRequirement,
    ) -> FactorVerdict:
        return _or_none(lambda: self._judged(enrolled, answer, challenge, verification))

    def _judged(
        self,
        enrolled: Sequence[FactorKey],
        answer: Secret,
        challenge: bytes,
        verification: UserVerificationRequirement,
    ) -> FactorVerdict:
        credentials = [_credential(key) for key in enrolled]
        given = AuthenticationResponse.from_dict(_read(answer))
        state = {"challenge": _websafe(challenge), "user_verification": verification}
        signed_by = self._judge.authenticate_complete(state, credentials, given)
        place = [each.credential_id for each in credentials].index(signed_by.credential_id)
        response = given.response
        if not _is_own_frame(response.client_data, response.authenticator_data):
            return None
        counter, last = response.authenticator_data.counter, int(enrolled[place].state or 0)
        if (counter or last) and counter <= last:  # §7.2, step 22
            return FactorCopied(place)
        return FactorGiven(place, str(counter))

    def _server(self, name: str = "") -> Fido2Server:
        server = Fido2Server(
            PublicKeyCredentialRpEntity(name=name or self._site.rp_id, id=self._site.rp_id),
            AttestationConveyancePreference.NONE,
            verify_origin=self._site.origins.__contains__,
        )
        server.allowed_algorithms = [
            PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm)
            for algorithm in _ALGORITHMS
        ]
        return server


def _is_own_frame(client: CollectedClientData, device: AuthenticatorData) -> bool:
    # A credential that is backed up can be (§6.1.3); what says otherwise is no device's answer.
    return client.cross_origin is False and (device.is_backup_eligible() or not device.is_backed_up())


def _or_none(judge: Callable[[], T]) -> T | None:
    """What was found; None for whatever the answer made of the parsers, which raise errors of every kind."""
    try:
        return judge()
    except MemoryError:
        raise
    except Exception:  # a stranger wrote the answer: nothing in it is a fault of the program
        return None


def _read(answer: Secret) -> Mapping[str, Any]:
    given = json.loads(answer.reveal())
    if type(given) is not dict:
        raise TypeError("an answer is an object")
    return given


def _handle(answer: Secret) -> str | None:
    handle = AuthenticationResponse.from_dict(_read(answer)).response.user_handle
    return handle.decode("ascii") if handle and len(handle) <= _LONGEST_HANDLE else None


def _credential(key: FactorKey) -> AttestedCredentialData:
    written = key.secret.reveal()
    return AttestedCredentialData(urlsafe_b64decode(written + "=" * (-len(written) % 4)))


def _digest(purpose: str, challenge: str) -> bytes:
    return sha256(f"{purpose}:{challenge}".encode()).digest()


def _websafe(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _shown(options: Any) -> Secret:
    return Secret(json.dumps(dict(options)["publicKey"], separators=(",", ":")))
