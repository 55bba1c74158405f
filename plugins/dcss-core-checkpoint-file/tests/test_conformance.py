"""The file keeps the contract of a checkpoint sink."""

import pytest

from dcss_core.testing import CheckpointSinkConformance
from dcss_core_checkpoint_file import open_checkpoint_file


class TestCheckpointFile(CheckpointSinkConformance):
    @pytest.fixture
    def reopen(self, tmp_path):
        return lambda: open_checkpoint_file(f"checkpoint-file://{tmp_path}/checkpoints.txt")
