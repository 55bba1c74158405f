"""Master keys from a vault: the text of the key file is wrapped, and the vault's transit engine unwraps it.

A URL names both, as `transit+https://vault.example.gov:8200/v1/transit/decrypt/dcss?wrapped=/etc/dcss/keys.wrapped`.
What lies on the disk opens nothing without the vault, and the vault keeps no keys of the agency. The token is
read from the variable VAULT_TOKEN. Without TLS only this machine is asked.
"""

import base64
import json
import os
import ssl
from pathlib import Path

from dcss_core import KeyRing, Secret, errors
from dcss_core.plugins import HttpPlace, KeyProvider, UrlAddress, UrlOptions, hookimpl, read_key_text

TOKEN = "VAULT_TOKEN"
SECONDS = 10
MOST_BYTES = 1_048_576


def keys_from_transit(url: str) -> KeyRing:
    """Have the wrapped key file unwrapped; raises ConfigurationError or BackendError."""
    address, wrapped = _read_url(url)
    return read_key_text(_unwrapped(address, _ciphertext(wrapped)), where="what the vault unwrapped")


def _read_url(url: str) -> tuple[UrlAddress, Path]:
    address = UrlAddress.read(url)
    if address is None:
        raise errors.ConfigurationError("this URL of a vault can't be read")
    options = UrlOptions.read(address.parts.query, known=["wrapped"])
    in_clear = address.parts.scheme == "transit+http"
    faults = [*address.faults("vault.example.gov", instead="transit+https://" if in_clear else None)]
    faults += options.faults
    if address.has_login:
        faults.append(
            errors.Fault("the URL", "a user or a password", f"none: the token is read from {TOKEN}")
        )
    if not options.text("wrapped"):
        faults.append(errors.Fault("wrapped", "nothing", "the path of the wrapped key file"))
    if not os.environ.get(TOKEN):
        faults.append(errors.Fault(TOKEN, "not set", "a token that may unwrap"))
    if faults:
        raise errors.ConfigurationError("no keys can be had from this vault", faults=faults)
    return address, Path(options.text("wrapped"))


def _ciphertext(wrapped: Path) -> str:
    try:
        return wrapped.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError, ValueError):
        raise errors.ConfigurationError("the wrapped key file can't be read") from None


def _unwrapped(address: UrlAddress, ciphertext: str) -> Secret:
    in_clear = address.parts.scheme == "transit+http"
    place = HttpPlace(address.host, address.port, None if in_clear else ssl.create_default_context())
    headers = {"X-Vault-Token": os.environ[TOKEN], "Content-Type": "application/json"}
    asked = json.dumps({"ciphertext": ciphertext}).encode()
    try:
        answer = place.call(
            "POST", address.parts.path, headers, asked, seconds=SECONDS, most_bytes=MOST_BYTES
        )
    except OSError:
        raise errors.BackendError("the vault can't be reached", retryable=True) from None
    except ValueError:  # a blank in the path, a line break in the token
        raise errors.ConfigurationError("the path or the token is nothing that HTTP can write") from None
    if answer.status != 200:
        raise errors.BackendError(f"the vault answered {answer.status}", retryable=answer.status >= 500)
    return _plaintext(answer.body)


def _plaintext(body: bytes | None) -> Secret:
    # Not raised from here: what is read of the answer would stand in the report of an error.
    try:
        return Secret(base64.b64decode(json.loads(body or b"")["data"]["plaintext"], validate=True).decode())
    except (KeyError, TypeError, ValueError):
        return Secret("")


@hookimpl
def dcss_key_providers() -> list[KeyProvider]:
    """Declare the vault, over TLS and within this machine."""
    return [
        KeyProvider("transit+https", "A vault's transit engine, over TLS", keys_from_transit),
        KeyProvider("transit+http", "A vault's transit engine on this machine", keys_from_transit),
    ]
