"""Secret: no ordinary way of showing, saving or copying a value gives the text away."""

import copy
import dataclasses
import hmac
import io
import json
import logging
import pickle
import pprint
import string
import traceback
from collections.abc import Hashable

import attrs
import cattrs
import cattrs.preconf.json
import pytest
from hypothesis import given, strategies as st

from dcss_core.base import secret as secret_module
from dcss_core.base.secret import MASK, Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError, InvariantError

TEXT = "correct horse battery staple"
DIGITS = "900010001"


@attrs.frozen
class Account:
    name: str
    password: Secret


@dataclasses.dataclass
class Row:
    password: Secret


@pytest.fixture(params=[TEXT, DIGITS])
def text(request):
    return request.param


@pytest.fixture
def secret(text):
    return Ssn(text, accept_never_issued=True) if text == DIGITS else Secret(text)


def test_only_reveal_gives_the_text(secret, text):
    assert secret.reveal() == text


def test_a_secret_is_made_from_text_and_the_refusal_does_not_show_what_was_given():
    with pytest.raises(InvalidInputError, match="found int, expected a str") as caught:
        Secret(900010001)
    assert "900010001" not in str(caught.value)


# --- showing ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        pprint.pformat,
        lambda s: f"{s}",
        lambda s: f"{s!r}",
        lambda s: f"{s!s:>40}",
        lambda s: f"{s:>40}",
        lambda s: f"{s=}",
        lambda s: "%s %r %a" % (s, s, s),  # noqa: UP031
        lambda s: "{} {!r} {:10.3}".format(s, s, s),  # noqa: UP032
        lambda s: string.Template("$s").substitute(s=s),
        lambda s: repr([s, {"k": s}, (s,)]),
        lambda s: repr(Account("jdoe", s)),
        lambda s: repr(Row(s)),
        lambda s: repr(s.reveal),
        lambda s: repr(attrs.asdict(Account("jdoe", s))),
        lambda s: repr(attrs.astuple(Account("jdoe", s))),
        lambda s: repr(dataclasses.asdict(Row(s))),
        lambda s: repr(cattrs.unstructure(Account("jdoe", s))),
        lambda s: repr(cattrs.preconf.json.make_converter().unstructure(Account("jdoe", s))),
        lambda s: json.dumps(attrs.asdict(Account("jdoe", s)), default=str),
        lambda s: json.dumps(attrs.asdict(Account("jdoe", s)), default=repr),
        lambda s: print(s, file=(out := io.StringIO())) or out.getvalue(),
    ],
)
def test_no_way_of_showing_it_shows_the_text(secret, text, show):
    shown = show(secret)
    assert text not in shown
    assert not any(word in shown for word in text.split())
    assert MASK in shown or MASK in shown.encode().decode("unicode_escape")


@pytest.mark.parametrize("word", ["%s", "%r", "%20s", "%(a)s"])
def test_logging_shows_a_mask(secret, text, caplog, word):
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("portal").warning(word, {"a": secret} if "(" in word else secret)
    assert MASK in caplog.text
    assert text not in caplog.text


def test_a_traceback_shows_no_text_even_with_the_locals_of_every_frame(secret, text):
    def sign_in(password):
        raise RuntimeError(f"could not sign in with {password}")

    try:
        sign_in(secret)
    except RuntimeError as error:
        plain = "".join(traceback.format_exception(error))
        with_locals = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True, limit=-1).format()
        )
    assert "password = " in with_locals
    assert text not in plain + with_locals


# --- saving and sending -------------------------------------------------------------------------------
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_can_not_be_pickled_alone_or_inside_another_value(secret, text, protocol):
    for value in (secret, [secret], Account("jdoe", secret)):
        with pytest.raises(TypeError, match="can't be pickled") as caught:
            pickle.dumps(value, protocol)
        assert text not in str(caught.value)


@pytest.mark.parametrize(
    "save",
    [
        json.dumps,
        lambda s: json.dumps(attrs.asdict(Account("jdoe", s))),
        lambda s: json.dumps({"s": s}, default=vars),
        lambda s: cattrs.preconf.json.make_converter().dumps(Account("jdoe", s)),
        vars,
        bytes,
        len,
        list,
        iter,
        lambda s: "".join([s]),
        lambda s: "a" + s,
        lambda s: s + "a",
        lambda s: "a" in s,
        lambda s: s < s,
        lambda s: s.__getstate__(),
        lambda s: s.__reduce_ex__(2),
        hash,
        lambda s: {s},
        lambda s: {s: 1},
    ],
)
def test_what_would_give_the_text_away_is_refused_without_showing_it(secret, text, save):
    with pytest.raises(TypeError) as caught:
        save(secret)
    assert text not in str(caught.value)


def test_it_is_no_dictionary_key_and_has_no_dict(secret):
    assert not isinstance(secret, Hashable)
    assert not hasattr(secret, "__dict__")


def test_a_copy_is_the_same_secret(secret):
    assert copy.copy(secret) is secret
    assert copy.deepcopy(secret) is secret
    assert copy.deepcopy(Account("jdoe", secret)).password is secret


def test_it_can_not_be_changed(secret, text):
    for change in (
        lambda: setattr(secret, "_text", "other"),
        lambda: setattr(secret, "note", "x"),
        lambda: delattr(secret, "_text"),
    ):
        with pytest.raises(AttributeError) as caught:
            change()
        assert text not in str(caught.value)
    assert secret.reveal() == text


# --- comparing ----------------------------------------------------------------------------------------
@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_secrets_are_equal_exactly_when_their_texts_are(one, other):
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(one)


def test_a_secret_never_equals_text_or_a_secret_of_another_kind():
    assert Secret(DIGITS) != DIGITS
    assert Secret(DIGITS).__eq__(DIGITS) is NotImplemented
    assert Secret(DIGITS) != Ssn.stored(DIGITS)
    assert Ssn.stored(DIGITS) != Secret(DIGITS)


def test_texts_are_compared_in_constant_time(monkeypatch):
    seen = []
    real = hmac.compare_digest
    monkeypatch.setattr(secret_module.hmac, "compare_digest", lambda a, b: seen.append((a, b)) or real(a, b))
    assert Secret("one") != Secret("two")
    assert seen == [(b"one", b"two")]


def test_only_an_empty_secret_is_false():
    assert not Secret("")
    assert Secret(" ")


def test_a_class_made_from_str_is_no_text_of_a_secret():
    """It could say another thing each time it is asked."""

    class Other(str):
        __slots__ = ()

        def strip(self, *_):
            return TEXT

    for kind in (Secret, Ssn):
        with pytest.raises(InvalidInputError):
            kind(Other(DIGITS))


@pytest.mark.parametrize(
    "name", ["reveal", "__repr__", "__eq__", "_text", "__getattribute__", "__reduce_ex__"]
)
def test_a_class_made_from_secret_changes_nothing_of_what_a_secret_does(name):
    with pytest.raises(InvariantError, match=name):
        type("Telling", (Secret,), {name: lambda *_: "the text"})


def test_a_class_made_from_secret_decides_what_it_is_made_from():
    class Pin(Secret):
        def __init__(self, text):
            super().__init__(text.strip())

    assert Pin(" 1234 ").reveal() == "1234"
