"""What is kept through crashes, full disks and other writers, and what is told when it is not."""

import json
import os
import resource
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import BackendError
from dcss_core_checkpoint_file import open_checkpoint_file
from dcss_core_checkpoint_file.lines import checkpoint_in, is_broken_off, line_of

NOTES = [f'log.example.gov\n{size}\n"\\—\n\n— log.example.gov c2ln\n' for size in (1, 2, 3)]
LINES = [json.dumps(note) + "\n" for note in NOTES]


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "checkpoints.txt"


@pytest.fixture
def sink(file):
    return open_checkpoint_file(f"checkpoint-file://{file}")


def publish_all(sink, notes=NOTES):
    for note in notes:
        sink.publish(note)


# --- the file ---------------------------------------------------------------------------------------------
def test_each_checkpoint_is_a_json_string_on_a_line_of_its_own(sink, file):
    publish_all(sink)
    assert [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()] == NOTES


def test_the_last_checkpoint_again_is_not_written_again(sink, file):
    publish_all(sink, [NOTES[0], NOTES[0], NOTES[1], NOTES[1]])
    publish_all(open_checkpoint_file(f"checkpoint-file://{file}"), [NOTES[1]])
    assert file.read_text() == LINES[0] + LINES[1]


def test_a_checkpoint_that_ends_like_the_last_one_is_another(sink):
    notes = ['a longer "note', "note", "", "note"]  # the first line ends in "note" too
    publish_all(sink, notes)
    assert list(sink.published()) == notes


@given(st.lists(st.text(), max_size=6))
def test_any_texts_come_back_and_the_file_only_grows(tmp_path_factory, texts):
    file = tmp_path_factory.mktemp("any") / "checkpoints.txt"
    sink = open_checkpoint_file(f"checkpoint-file://{file}")
    before = b""
    for text in texts:
        sink.publish(text)
        now = file.read_bytes()
        assert now.startswith(before)
        before = now
    assert list(sink.published()) == [
        text for place, text in enumerate(texts) if place == 0 or text != texts[place - 1]
    ]


def test_what_publish_returned_from_is_on_the_disk_even_when_it_was_there_already(sink, file, monkeypatch):
    synced = []

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    sink.publish(NOTES[0])
    sink.publish(NOTES[0])
    assert synced == [file.stat().st_ino] * 2


def test_the_name_of_a_new_file_is_on_the_disk_before_the_first_checkpoint(file, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    for _opening in range(2):
        open_checkpoint_file(f"checkpoint-file://{file}")
    assert synced == [file.parent.stat().st_ino]


def test_several_writers_leave_every_line_whole(file):
    sinks = [open_checkpoint_file(f"checkpoint-file://{file}") for _writer in range(4)]
    notes = [f"{number}\n" * 2_000 for number in range(60)]
    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(lambda number: sinks[number % 4].publish(notes[number]), range(60)))
    assert sorted(sinks[0].published()) == sorted(notes)
    assert file.read_bytes().count(b"\n") == 60


def test_a_file_with_the_append_only_attribute_is_appended_to(sink, file):
    command = shutil.which("chattr")
    if not command or subprocess.run([command, "+a", str(file)], capture_output=True, check=False).returncode:
        pytest.skip("this machine or file system has no append-only attribute")
    try:
        publish_all(sink)
        assert list(open_checkpoint_file(f"checkpoint-file://{file}").published()) == NOTES
    finally:
        subprocess.run([command, "-a", str(file)], check=True)


# --- after a crash ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("room", [b"", b"\0", b"\0" * 4096], ids=["cut", "one zero", "a block of zeros"])
@pytest.mark.parametrize("kept", [0, 2])
def test_a_line_broken_off_anywhere_is_no_checkpoint_and_the_next_is_whole(sink, file, kept, room):
    before = "".join(LINES[:kept]).encode()
    line = LINES[kept].encode()
    for cut in range(len(line) - 1):  # all but the whole one that lacks its end
        file.write_bytes(before + line[:cut] + room)
        assert list(sink.published()) == NOTES[:kept]
        sink.publish(NOTES[kept])
        sink.publish("one more")
        assert list(sink.published()) == [*NOTES[:kept], NOTES[kept], "one more"]
        assert file.read_bytes().startswith(before + line[:cut] + room)


def test_a_line_that_lacks_only_its_end_gets_it(sink, file):
    file.write_text(LINES[0] + LINES[1].rstrip("\n"))
    sink.publish(NOTES[1])
    assert file.read_text() == LINES[0] + LINES[1]


def test_a_line_whose_beginning_was_never_written_is_no_checkpoint(sink, file):
    file.write_bytes(LINES[0].encode() + b"\0" * 20 + LINES[1][20:].encode() + LINES[2].encode())
    assert list(sink.published()) == [NOTES[0], NOTES[2]]


@given(st.text(), st.data())
def test_no_beginning_of_a_line_reads_as_a_checkpoint_and_each_is_known_as_broken_off(text, data):
    line = line_of(text).removesuffix(b"\n")
    assert checkpoint_in(line) == text
    beginning = line[: data.draw(st.integers(0, len(line) - 1))]
    assert checkpoint_in(beginning) is None
    assert is_broken_off(beginning)


def test_a_full_disk_is_told_and_the_next_checkpoint_is_whole(sink, file):
    sink.publish(NOTES[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 10, hard))  # room for 10 bytes
    try:
        with pytest.raises(BackendError, match="can't be appended to: File too large") as caught:
            sink.publish(NOTES[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.retryable
    assert file.read_text() == LINES[0] + LINES[1][:10]
    sink.publish(NOTES[1])
    assert list(sink.published()) == NOTES[:2]


# --- somebody else ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "line",
    [
        b"edited",
        b"[" * 100_000,
        b"12",
        b'{"checkpoint": "a"}',
        b'"a" "b"',
        b'"a"b',
        b' "a"',
        b'"a"\r',
        b'"\\u0061"',
        '"—"'.encode(),
        '"—'.encode(),
        b'"\t',
        b'"\xff',
    ],
)
def test_a_line_that_nothing_of_this_sink_made_is_told_with_its_number(sink, file, line):
    file.write_bytes(LINES[0].encode() + line + b"\n" + LINES[1].encode())
    with pytest.raises(BackendError, match=f"line 2 of {file} is nothing that this sink writes") as caught:
        sink.published()
    assert not caught.value.retryable
    sink.publish(NOTES[2])
    assert file.read_text(errors="replace").endswith(LINES[1] + LINES[2])


def test_a_file_that_vanished_is_told_and_not_made_anew(sink, file):
    sink.publish(NOTES[0])
    file.unlink()
    with pytest.raises(BackendError, match="can't be appended to: No such file") as caught:
        sink.publish(NOTES[1])
    assert not caught.value.retryable
    with pytest.raises(BackendError, match="can't be read: No such file"):
        sink.published()
    assert not file.exists()


def test_rights_that_were_taken_away_are_told(sink, file, without_rights):
    sink.publish(NOTES[0])
    with without_rights(file), pytest.raises(BackendError, match="Permission denied") as caught:
        sink.publish(NOTES[1])
    assert not caught.value.retryable
    assert list(sink.published()) == NOTES[:1]


def test_a_sink_shows_its_path(sink, file):
    assert repr(sink) == f"CheckpointFile({file})"
