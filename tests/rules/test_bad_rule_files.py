"""Each folder under bad/ breaks the closed schema in one way; expected.txt holds its faults in words."""

from pathlib import Path

import pytest

from dcss_core.errors import RuleFileError
from dcss_core.rules.files.loader import load_rules_from
from dcss_core.rules.jurisdiction import Jurisdiction

HERE = Path(__file__).parent
BAD = sorted(folder for folder in (HERE / "bad").iterdir())


@pytest.mark.parametrize("folder", BAD, ids=lambda folder: folder.name)
def test_a_broken_folder_is_refused_with_exactly_these_faults(folder: Path) -> None:
    base = Jurisdiction("BASE", "Base", load_rules_from(HERE / "base"))
    with pytest.raises(RuleFileError) as refused:
        Jurisdiction("BAD", "Bad", load_rules_from(folder / "rules"), base)
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert [str(fault) for fault in refused.value.faults] == expected


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_files_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RuleFileError, match="found no rule file, expected one TOML file a topic"):
        load_rules_from(tmp_path / folder)
