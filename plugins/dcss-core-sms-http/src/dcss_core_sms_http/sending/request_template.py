"""RequestTemplate: what a gateway is sent, with places for what differs from text to text.

Decides which templates can be sent and how a request is written. Invariants: the body is a structure and
is encoded as a whole (RFC 8259, or the form encoding of the URL Standard), so that no text can break out
of its value; number and text stand in the body alone; a secret is shown nowhere.
"""

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self
from urllib.parse import urlencode

import attrs

from dcss_core import Secret
from dcss_core_sms_http.content_type import FORM, JSON
from dcss_core_sms_http.file.environment import secret_named
from dcss_core_sms_http.file.table import Table
from dcss_core_sms_http.sending.places import filled, mapped, note_faults_of_text, places_in

_METHODS: Final = ("POST", "PUT")
_OF_A_TEXT: Final = ("to", "text", "message_id")
_NEEDED: Final = ("to", "text")
_PLACES: Final = (*_OF_A_TEXT, "from")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)  # RFC 9110 section 5.6.2
_PLACE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_OURS: Final = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-length"),
        *("content-type", "host", "transfer-encoding", "user-agent"),
    }
)


@attrs.frozen
class RequestTemplate:
    """The request of one gateway, but for the text that is sent; `fixed` holds the sender and the secrets."""

    method: str
    content_type: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    basic: tuple[str, str] | None = attrs.field(repr=False)
    body: Mapping[str, Any] = attrs.field(repr=False)
    fixed: Mapping[str, Secret] = attrs.field(repr=False)

    @classmethod
    def read(cls, file: Table, *, sender: str) -> Self:
        """Read `[secrets]` and `[request]`; what is wrong is noted."""
        fixed = _secrets(file.table("secrets"))
        if sender:
            fixed["from"] = Secret(sender)
        request = file.table("request", is_required=True)
        body = request.table("body", is_required=True)
        template = cls(
            method=request.choice("method", _METHODS, default="POST"),
            content_type=request.choice("content_type", (JSON, FORM)),
            headers=_headers(request.table("headers"), known=["message_id", *fixed]),
            basic=_basic(request, known=[*fixed]),
            body=body.whole(),
            fixed=fixed,
        )
        request.ended()
        if template.basic is not None and "authorization" in map(str.lower, template.headers):
            request.fault("basic", "another header Authorization", "one of the two")
        if "body" in request:
            template._note_faults_of_body(body)
        return template

    def write(self, *, to: Secret, text: Secret, message_id: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of the request for one text."""
        values = {**self.fixed, "to": to, "text": text, "message_id": Secret(message_id)}
        headers = {
            "User-Agent": "dcss-core-sms-http",
            "Accept": JSON,
            "Accept-Encoding": "identity",
            "Content-Type": self.content_type,
            **{name: filled(value, values) for name, value in self.headers.items()},
        }
        if self.basic is not None:
            login = ":".join(filled(part, values) for part in self.basic)
            headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"  # RFC 7617
        body = mapped(dict(self.body), lambda each: filled(each, values))
        written = json.dumps(body) if self.content_type == JSON else urlencode(body)
        return headers, written.encode("ascii")

    def _note_faults_of_body(self, body: Table) -> None:
        is_form = self.content_type == FORM
        known, used = [*_OF_A_TEXT, *self.fixed], set[str]()
        for place, value in _leaves(self.body, is_form=is_form):
            if isinstance(value, str):
                note_faults_of_text(body, place, value, known)
                used.update(places_in(value))
            elif is_form:
                body.fault(place, "something else", "a text, as all fields of a form are")
            elif not _is_of_json(value):
                body.fault(place, "a value JSON does not have", "a text, a number, true or false")
        for name in _NEEDED:
            if name not in used:
                body.fault("", f"no place {{{name}}}", "it somewhere in the body")


def _secrets(table: Table) -> dict[str, Secret]:
    secrets = {}
    for name in table.whole():
        secrets[name] = secret_named(table, name)
        if not _PLACE_NAME.fullmatch(name) or name in _PLACES:
            table.fault(name, "a name no place of a secret can have", "small letters, and none of the others")
    return secrets


def _headers(table: Table, *, known: list[str]) -> dict[str, str]:
    headers = {}
    for name in table.whole():
        headers[name] = value = table.text(name)
        note_faults_of_text(table, name, value, known)
        if not _TOKEN.fullmatch(name):
            table.fault(name, "no name of a header", "letters, digits and '-'")
        if name.lower() in _OURS:
            table.fault(name, "a header that is sent anyway", "none of this name")
        if not (value.isascii() and value.isprintable()):
            table.fault(name, "what no header can hold", "printable ASCII")
    if len({name.lower() for name in headers}) < len(headers):
        table.fault("", "a header twice", "each once")
    return headers


def _basic(request: Table, *, known: list[str]) -> tuple[str, str] | None:
    if "basic" not in request:
        return None
    basic = request.table("basic")
    user, password = basic.text("user"), basic.text("password")
    basic.ended()
    for key, value in (("user", user), ("password", password)):
        note_faults_of_text(basic, key, value, known)
        if not (value.isascii() and value.isprintable()):
            basic.fault(key, "a sign that is not printable ASCII", "printable ASCII")
    if ":" in user:
        basic.fault("user", "a colon", "none: it ends the user (RFC 7617, section 2)")
    return user, password


def _leaves(template: Any, place: str = "", *, is_form: bool) -> Iterator[tuple[str, Any]]:
    """Each value that is no table or list, with its place; a form has no others."""
    if isinstance(template, list) and not is_form:
        template = {str(index): value for index, value in enumerate(template)}
    if isinstance(template, dict) and not (is_form and place):
        for key, value in template.items():
            yield from _leaves(value, f"{place}.{key}" if place else key, is_form=is_form)
    else:
        yield place, template


def _is_of_json(value: object) -> bool:
    return isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))
