"""Checkpoints: C2SP tlog-checkpoint."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dcss_core.audit.checkpoint import Checkpoint, origin_in, origin_of, read_checkpoint, sign_checkpoint
from dcss_core.audit.signed_note import NoteRefused, VerifierKey, sign
from dcss_core.errors import InvalidInputError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN = "example.com/behind-the-sofa"
# The specification's own example
EXAMPLE = f"{ORIGIN}\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = bytes.fromhex("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62")


def read(text, name=ORIGIN):
    return read_checkpoint(sign(text, name, KEY), [VerifierKey(name, PUBLIC)])


def test_the_text_is_that_of_the_specification():
    assert str(Checkpoint(ORIGIN, 20852163, ROOT)) == EXAMPLE


def test_what_was_signed_is_read():
    checkpoint = Checkpoint(ORIGIN, 20852163, ROOT)
    note = sign_checkpoint(checkpoint, KEY)
    assert note.startswith(EXAMPLE + f"\n— {ORIGIN} ")
    assert read_checkpoint(note, [VerifierKey(ORIGIN, PUBLIC)]) == checkpoint


def test_lines_of_an_extension_are_read_over():
    assert read(EXAMPLE + "extension\n") == Checkpoint(ORIGIN, 20852163, ROOT)


def test_a_log_speaks_only_for_itself():
    # signed by a trusted key, but under another name than the origin's
    note = sign(EXAMPLE, "example.com/another-log", KEY)
    trusted = [VerifierKey("example.com/another-log", PUBLIC), VerifierKey(ORIGIN, bytes(32))]
    assert isinstance(read_checkpoint(note, trusted), NoteRefused)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n",
        f"{ORIGIN}\n7\n",
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("20852163", "1e3"),
        EXAMPLE.replace("20852163", "٣"),
        EXAMPLE.replace("20852163", "9" * 30),
        EXAMPLE.replace("CsUY", "CsU"),
        EXAMPLE.replace("CsUYapGG", ""),
        EXAMPLE + "\nline after an empty one\n",
        "\n" + EXAMPLE,
        # the same 32 bytes, spelled otherwise: the last letter has four bits that say nothing
        EXAMPLE.replace("xq2I=", "xq2J="),
        EXAMPLE.replace("xq2I=", "xq2I"),
        EXAMPLE.replace("xq2I=", "xq2I=="),
        EXAMPLE.replace("CsUY", "CsUYCsUY"),
    ],
)
def test_a_signed_text_of_another_form_is_no_checkpoint(text):
    assert isinstance(read(text), NoteRefused)


def test_logs_are_named_after_their_jurisdiction_and_first_entry():
    leaf = bytes(range(32))
    assert origin_of("US-GA", leaf) == "dcss-core/US-GA/0001020304050607"
    names = {origin_of("US-GA", leaf), origin_of("US-TX", leaf), origin_of("US-GA", leaf[::-1])}
    assert len(names) == 3


@pytest.mark.parametrize(
    ("note", "origin"), [(EXAMPLE, ORIGIN), (ORIGIN, ORIGIN), ("", ""), (None, ""), (EXAMPLE.encode(), "")]
)
def test_the_origin_a_note_claims_is_its_first_line_and_what_is_no_text_claims_none(note, origin):
    assert origin_in(note) == origin


@pytest.mark.parametrize("root", [b"", bytes(31), bytes(33)], ids=len)
def test_a_root_has_the_32_bytes_of_a_hash(root):
    expected = f"root, item 1: found {len(root)} bytes, expected the 32 of a hash"
    with pytest.raises(InvalidInputError, match=expected):
        Checkpoint(ORIGIN, 7, root)


# --- a key that may not sign for ever ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "is_read"), [(20852162, False), (20852163, True), (20852164, True), (None, True)]
)
def test_a_key_is_believed_up_to_its_bound(bound, is_read):
    note = sign_checkpoint(Checkpoint(ORIGIN, 20852163, ROOT), KEY)
    read_one = read_checkpoint(note, [VerifierKey(ORIGIN, PUBLIC, bound)])
    assert isinstance(read_one, Checkpoint) is is_read
    if not is_read:
        assert read_one.reason == "the key that signed it may sign for no log of 20852163 records any more"


def test_a_checkpoint_that_another_key_may_sign_counts_whoever_signed_it_too():
    other = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    checkpoint = Checkpoint(ORIGIN, 9, ROOT)
    note, second = sign_checkpoint(checkpoint, KEY), sign_checkpoint(checkpoint, other)
    both = note + second.rpartition("\n\n")[2]
    keys = [VerifierKey(ORIGIN, PUBLIC, 5), VerifierKey(ORIGIN, other.public_key().public_bytes_raw())]
    assert read_checkpoint(both, keys) == checkpoint
    assert isinstance(read_checkpoint(note, keys), NoteRefused)
