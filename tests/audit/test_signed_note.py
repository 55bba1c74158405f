"""Signed notes: C2SP signed-note v1.0.0, with a note that others published."""

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dcss_core.audit.signed_note import NoteRefused, VerifierKey, read_note, sign
from dcss_core.errors import InvalidInputError

# The example of Go's package golang.org/x/mod/sumdb/note, where the format comes from
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n"
# RFC 8032 §7.1, test 1
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
NAME = "dcss-core/US-GA/0123456789abcdef"


@pytest.fixture
def ours():
    return Ed25519PrivateKey.from_private_bytes(SEED)


def test_a_published_note_is_read_with_its_published_key():
    assert read_note(NOTE, [VerifierKey.parse(NEUMANN)]) == TEXT


def test_a_key_is_written_as_it_was_read():
    assert str(VerifierKey.parse(NEUMANN)) == NEUMANN


def test_the_id_of_a_key_is_the_hash_of_its_name_type_and_bytes():
    # signed-note: SHA-256(key name || 0x0A || 0x01 || public key)[:4]
    expected = sha256(NAME.encode() + b"\x0a\x01" + PUBLIC).digest()[:4]
    assert VerifierKey(NAME, PUBLIC).key_id == expected


def test_what_is_signed_is_read_with_the_public_key(ours):
    note = sign("origin\n7\nroot\n", NAME, ours)
    assert note.startswith(f"origin\n7\nroot\n\n— {NAME} ")
    assert note.endswith("\n")
    assert read_note(note, [VerifierKey(NAME, PUBLIC)]) == "origin\n7\nroot\n"


def test_a_stranger_may_sign_too_and_does_not_count(ours):
    both = NOTE + sign(TEXT, NAME, ours).rpartition("\n\n")[2]
    assert read_note(both, [VerifierKey.parse(NEUMANN)]) == TEXT
    assert read_note(both, [VerifierKey(NAME, PUBLIC)]) == TEXT
    stranger = VerifierKey("somebody.example", PUBLIC)
    assert read_note(both, [stranger]) == NoteRefused("no key that is trusted signed it")
    assert read_note(both, []) == NoteRefused("no key that is trusted signed it")


def test_a_key_of_the_same_name_is_another_key(ours):
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    note = sign(TEXT, NAME, other)
    assert isinstance(read_note(note, [VerifierKey(NAME, PUBLIC)]), NoteRefused)


def test_one_bad_signature_of_a_trusted_key_spoils_the_note(ours):
    trusted = [VerifierKey.parse(NEUMANN), VerifierKey(NAME, PUBLIC)]
    forged = sign("something else\n", NAME, ours).rpartition("\n\n")[2]
    refusal = read_note(NOTE + forged, trusted)
    assert refusal == NoteRefused(f"the signature of {NAME} does not fit its text")


@pytest.mark.parametrize("place", range(0, len(TEXT), 7))
def test_a_changed_letter_of_the_text_is_found(place):
    changed = NOTE[:place] + chr(ord(NOTE[place]) ^ 1) + NOTE[place + 1 :]
    assert isinstance(read_note(changed, [VerifierKey.parse(NEUMANN)]), NoteRefused)


@pytest.mark.parametrize("bit", range(0, 68 * 8, 37))
def test_a_changed_bit_of_the_signature_is_found(bit):
    signature = bytearray(base64.b64decode(SIGNATURE))
    signature[bit // 8] ^= 1 << bit % 8
    changed = f"{TEXT}\n— PeterNeumann {base64.b64encode(signature).decode()}\n"
    assert isinstance(read_note(changed, [VerifierKey.parse(NEUMANN)]), NoteRefused)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        f"{TEXT}\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("—", "-"),
        NOTE.replace("— PeterNeumann ", "— PeterNeumann  "),
        NOTE.replace(SIGNATURE, SIGNATURE[:-1]),
        NOTE.replace(SIGNATURE, SIGNATURE[:-2] + "N="),  # the same bytes, spelled with other spare bits
        NOTE.replace(SIGNATURE, "é" + SIGNATURE),
        NOTE.replace(SIGNATURE, "x08gow=="),
        "\r" + NOTE,
        "\x00" + NOTE,
        "\ud800" + NOTE,
        NOTE + f"— PeterNeumann {SIGNATURE}\n" * 100,
    ],
)
def test_what_is_no_note_is_refused_and_nothing_raised(note):
    assert isinstance(read_note(note, [VerifierKey.parse(NEUMANN)]), NoteRefused)


def test_sixteen_signatures_are_accepted():
    # signed-note: verifiers MUST accept at least up to 16
    assert read_note(NOTE + f"— PeterNeumann {SIGNATURE}\n" * 15, [VerifierKey.parse(NEUMANN)]) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("PeterNeumann", "PeterNeuman"),
        NEUMANN.replace("PeterNeumann", "Peter Neumann"),
        NEUMANN[:-4],
        NEUMANN.replace("+ARpc", "+Bxpc"),
        NEUMANN + "é",
        None,
        5,
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(InvalidInputError):
        VerifierKey.parse(text)


def test_a_text_may_hold_a_blank_line(ours):
    # signed-note: the signatures follow the last blank line
    text = "origin\n\n7\n"
    assert read_note(sign(text, NAME, ours), [VerifierKey(NAME, PUBLIC)]) == text


def test_a_note_whose_last_line_was_cut_off_is_refused_whatever_stands_before_it():
    twice = NOTE + f"— PeterNeumann {SIGNATURE}\n"
    assert isinstance(read_note(twice[:-1], [VerifierKey.parse(NEUMANN)]), NoteRefused)


@pytest.mark.parametrize(("signatures", "is_read"), [(100, True), (101, False)])
def test_a_hundred_signatures_are_read_and_no_more(signatures, is_read):
    note = f"{TEXT}\n" + f"— PeterNeumann {SIGNATURE}\n" * signatures
    assert (read_note(note, [VerifierKey.parse(NEUMANN)]) == TEXT) is is_read


def test_a_stranger_whose_signature_is_a_key_id_and_nothing_else_spoils_the_note():
    # signed-note: the four bytes of the id come before the signature; these are "1234" alone
    note = f"{NOTE}— somebody.example {base64.b64encode(b'1234').decode()}\n"
    assert read_note(note, [VerifierKey.parse(NEUMANN)]) == NoteRefused("a line of its signatures is damaged")


def test_a_key_whose_base64_has_a_plus_is_read_as_it_was_written():
    key = VerifierKey(NAME, b"xx" + b"\xfb\xef\xbe" * 10)
    assert str(key).count("+") > 2  # and not only the two that part it
    assert VerifierKey.parse(str(key)) == key


@pytest.mark.parametrize(
    ("name", "public_key"),
    [("two words", PUBLIC), ("a+b", PUBLIC), ("", PUBLIC), (NAME, PUBLIC[:-1]), (NAME, PUBLIC + b"x")],
)
def test_a_bad_name_or_a_key_of_another_length_makes_no_key(name, public_key):
    with pytest.raises(InvalidInputError) as refused:
        VerifierKey(name, public_key)
    assert [fault.where for fault in refused.value.faults] == ["verifier key"]


def test_a_key_that_was_copied_wrongly_is_named_with_both_ids():
    with pytest.raises(InvalidInputError) as refused:
        VerifierKey.parse(NEUMANN.replace("c74f20a3", "c74f20a4"))
    [fault] = refused.value.faults
    assert (fault.where, fault.found, fault.expected) == (
        "verifier key",
        "the id c74f20a4",
        "the id c74f20a3",
    )


def test_what_is_no_key_at_all_is_named():
    with pytest.raises(InvalidInputError) as refused:
        VerifierKey.parse("PeterNeumann")
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [
        ("verifier key", "another text")
    ]


@pytest.mark.parametrize("name", ["half\ud800", "\udfff", "a\u200bb", "bell\x07", "nul\x00"])
def test_a_name_that_does_not_print_is_no_name_of_a_key(name):
    with pytest.raises(InvalidInputError):
        VerifierKey(name, PUBLIC)
    with pytest.raises(InvalidInputError):
        VerifierKey.parse(f"{name}+00000000+{base64.b64encode(bytes([1]) + PUBLIC).decode()}")


def test_what_is_no_id_of_a_key_is_not_repeated():
    with pytest.raises(InvalidInputError, match="found another text as its id, expected the id c74f20a3"):
        VerifierKey.parse(NEUMANN.replace("c74f20a3", "\ud800\n"))


# --- a bound -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [0, 1, 4711, 10**18])
def test_a_bound_is_written_behind_the_key_and_read_again(bound):
    key = VerifierKey("example.com/log", bytes(range(32)), bound)
    assert str(key) == f"{VerifierKey('example.com/log', bytes(range(32)))} up to {bound}"
    assert VerifierKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "written", [" up to", " up to -1", " up to 01", " up to 1 ", " up to ٣", " Up to 1", " up to 1 up to 2"]
)
def test_what_is_no_bound_makes_no_key(written):
    with pytest.raises(InvalidInputError):
        VerifierKey.parse(f"{VerifierKey('example.com/log', bytes(range(32)))}{written}")


def test_a_bound_below_nothing_is_refused_by_its_name():
    with pytest.raises(InvalidInputError, match="0 or more records") as caught:
        VerifierKey("example.com/log", bytes(range(32)), -1)
    assert [(fault.where, fault.found) for fault in caught.value.faults] == [("signs_nothing_after", "-1")]


def test_a_key_may_sign_up_to_its_bound():
    key = VerifierKey("example.com/log", bytes(range(32)), 5)
    assert [key.may_sign(records) for records in (0, 5, 6)] == [True, True, False]
