"""The key provider that the how-to shows passes the kit, against a vault that unwraps on this machine."""

import base64
import http.server
import importlib.util
import json
from pathlib import Path

import pytest

from dcss_core import KeyRing, MasterKey, Secret, errors, open_agency
from dcss_core.plugins import write_key_text
from dcss_core.testing import KeyProviderConformance, closed_port, loopback_server, synthetic_state

EXAMPLE = Path(__file__).parents[2] / "examples" / "transit_keys.py"
TOKEN = "s.never-a-real-token"
PLACE = "/v1/transit/decrypt/dcss"
SPEC = importlib.util.spec_from_file_location("transit_keys", EXAMPLE)
transit_keys = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(transit_keys)


class Transit(http.server.BaseHTTPRequestHandler):
    """Unwraps as the transit engine does: a token, a ciphertext, and the plaintext in base64."""

    def do_POST(self):
        vault = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != PLACE:
            return self.answer(404, {"errors": []})
        if self.headers["X-Vault-Token"] != TOKEN:
            return self.answer(403, {"errors": ["permission denied"]})
        if vault.says is not None:
            return self.answer(*vault.says)
        plain = vault.wrapped.get(asked["ciphertext"])
        if plain is None:
            return self.answer(400, {"errors": ["invalid ciphertext: unable to decode"]})
        return self.answer(200, {"data": {"plaintext": base64.b64encode(plain).decode()}})

    def answer(self, status, document):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given):
        pass


@pytest.fixture
def vault(tmp_path, monkeypatch):
    with loopback_server(Transit) as server:
        yield from _filled(server, tmp_path, monkeypatch)


def _filled(server, tmp_path, monkeypatch):
    server.says, server.wrapped, server.file = None, {}, tmp_path / "keys.wrapped"
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)

    def keep(text):
        ciphertext = f"vault:v1:{len(server.wrapped)}"
        server.wrapped[ciphertext] = text.encode()
        server.file.write_text(ciphertext + "\n")

    server.keep = keep
    server.url = f"transit+http://127.0.0.1:{server.server_port}{PLACE}?wrapped={server.file}"
    yield server


class TestTransitKeys(KeyProviderConformance):
    @pytest.fixture
    def provider(self):
        return transit_keys.dcss_key_providers()[1]

    @pytest.fixture
    def url(self, vault):
        return vault.url

    @pytest.fixture
    def keep(self, vault):
        return vault.keep

    @pytest.fixture
    def unavailable_url(self, vault):
        vault.keep("{}")
        return f"transit+http://127.0.0.1:{closed_port()}{PLACE}?wrapped={vault.file}"

    @pytest.fixture(autouse=True)
    def somewhere(self, tmp_path, monkeypatch):
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        self.wrapped = tmp_path / "drip.wrapped"
        self.wrapped.write_text("vault:v1:0")

    def url_to(self, port):
        return f"transit+http://127.0.0.1:{port}{PLACE}?wrapped={self.wrapped}"


def test_an_agency_opens_with_keys_that_only_the_vault_unwraps(vault):
    vault.keep(write_key_text(KeyRing((MasterKey("k1", Secret("1" * 64)),))).reveal())
    with open_agency(
        "memory:", jurisdiction="US-XX", keys=vault.url, plugins=[synthetic_state, transit_keys]
    ) as agency:
        assert agency.keys is not None


@pytest.mark.parametrize(
    "says",
    [
        (403, {"errors": ["permission denied"]}),
        (503, {"errors": ["Vault is sealed"]}),
        (200, {"errors": ["permission denied"]}),
        (200, {"data": {"plaintext": "no base64!"}}),
        (200, b"<html>a proxy says hello</html>"),
        (302, b""),
    ],
    ids=["forbidden", "sealed", "an error inside", "no base64", "a proxy", "elsewhere"],
)
def test_a_vault_that_unwraps_nothing_opens_nothing(vault, says):
    vault.keep("{}")
    vault.says = says
    with pytest.raises((errors.BackendError, errors.ConfigurationError)) as refused:
        transit_keys.keys_from_transit(vault.url)
    assert TOKEN not in str(refused.value)


def test_everything_that_is_wrong_with_a_url_is_told_at_once(monkeypatch):
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    with pytest.raises(errors.ConfigurationError) as refused:
        transit_keys.keys_from_transit("transit+http://vault.example.gov:0/v1?wraped=/etc/keys")
    assert {fault.where for fault in refused.value.faults} == {
        "host", "port", "options", "wrapped", "VAULT_TOKEN",
    }  # fmt: skip


def test_a_token_that_is_no_line_is_refused(vault, monkeypatch):
    vault.keep("{}")
    monkeypatch.setenv("VAULT_TOKEN", "two\nlines")
    with pytest.raises(errors.ConfigurationError, match="nothing that HTTP can write"):
        transit_keys.keys_from_transit(vault.url)
