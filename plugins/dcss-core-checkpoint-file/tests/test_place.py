"""Which URLs name a file that can be appended to."""

import os
import stat
from importlib.metadata import entry_points

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import AuditCheckpointSink
from dcss_core_checkpoint_file import dcss_checkpoint_sinks, open_checkpoint_file


@pytest.mark.parametrize("name", ["log.txt", "two words.txt", "ärger?#%41.txt", "log"])
def test_a_path_is_read_as_it_is_encoded(tmp_path, name):
    encoded = name.replace("%", "%25").replace("?", "%3F").replace("#", "%23").replace(" ", "%20")
    open_checkpoint_file(f"checkpoint-file://{tmp_path}/{encoded}").close()
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("checkpoint-file:", ["path"]),
        ("checkpoint-file:log.txt", ["path"]),
        ("checkpoint-file://log.txt", ["the URL", "path"]),
        ("checkpoint-file://host/log.txt", ["the URL"]),
        ("checkpoint-file://[/log.txt", ["the URL"]),
        ("checkpoint-file:///", ["path"]),
        ("checkpoint-file:///folder/", ["path"]),
        ("checkpoint-file:///log%00.txt", ["the URL"]),
        ("checkpoint-file:///log%FF.txt", ["the URL"]),
        ("checkpoint-file:///l\nog.txt", ["the URL"]),
        ("checkpoint-file:///log.txt?mode=w", ["the URL"]),
        ("checkpoint-file:///log.txt#1", ["the URL"]),
        ("checkpoint-file://host/?mode=w", ["the URL", "path", "the URL"]),
    ],
)
def test_a_url_that_names_no_file_is_refused_with_every_fault(url, faults):
    with pytest.raises(ConfigurationError) as caught:
        open_checkpoint_file(url)
    assert [fault.where for fault in caught.value.faults] == faults


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file or directory, expected a file to append to"):
        open_checkpoint_file(f"checkpoint-file://{tmp_path}/missing/log.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigurationError, match="Is a directory"):
        open_checkpoint_file(f"checkpoint-file://{tmp_path}")


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="no regular file"):
        open_checkpoint_file(f"checkpoint-file://{tmp_path}/pipe")


def test_a_file_that_may_not_be_written_is_refused_at_once(tmp_path, without_rights):
    (tmp_path / "log.txt").touch()
    with without_rights(tmp_path / "log.txt"), pytest.raises(ConfigurationError, match="Permission denied"):
        open_checkpoint_file(f"checkpoint-file://{tmp_path}/log.txt")


def test_a_new_file_is_written_by_its_owner_alone(tmp_path):
    open_checkpoint_file(f"checkpoint-file://{tmp_path}/log.txt").close()
    assert stat.S_IMODE((tmp_path / "log.txt").stat().st_mode) & 0o133 == 0


def test_opening_changes_nothing_in_a_file_that_is_there(tmp_path):
    (tmp_path / "log.txt").write_bytes(b'"kept"\n"broken of')
    open_checkpoint_file(f"checkpoint-file://{tmp_path}/log.txt").close()
    assert (tmp_path / "log.txt").read_bytes() == b'"kept"\n"broken of'


def test_the_plugin_declares_its_sink_under_its_entry_point(tmp_path):
    (entry_point,) = entry_points(group="dcss_core.v1", name="checkpoint-file")
    declared = entry_point.load().dcss_checkpoint_sinks()
    assert declared == dcss_checkpoint_sinks()
    (sink,) = declared
    assert isinstance(sink, AuditCheckpointSink)
    assert sink.key == "checkpoint-file"
    sink.factory(f"checkpoint-file://{tmp_path}/log.txt").close()
