import importlib
import sys
from pathlib import Path
from textwrap import dedent

import pytest


class Site:
    """A folder on `sys.path` into which a test installs distributions, each one module with real metadata."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: list[str] = []

    def install(
        self,
        distribution: str,
        code: str,
        *,
        version: str = "1.0",
        entry_points: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        module = f"{distribution.replace('-', '_')}_planted"  # never a real plugin's module
        (self.folder / f"{module}.py").write_text(dedent(code))
        self.modules.append(module)
        metadata = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        lines: list[str] = []
        for group, names in (entry_points or {"dcss_core.v1": ("main",)}).items():
            lines += [f"[{group}]", *(f"{name} = {module}" for name in names)]
        (metadata / "entry_points.txt").write_text("\n".join(lines))
        importlib.invalidate_caches()

    def install_storage(self, distribution: str, key: str) -> None:
        self.install(
            distribution,
            f"""
            from dcss_core.plugins import StorageBackend, hookimpl

            class Opened:
                def __init__(self, url):
                    self.url = url
                busy_seconds, writes_one_at_a_time = 0.5, False
                def prepare(self, collections): ...
                def transaction(self, *, writes): ...
                def close(self): ...

            @hookimpl
            def dcss_storage_backends():
                yield StorageBackend(key={key!r}, summary="Storage of {distribution}", factory=Opened)
            """,
            entry_points={"dcss_core.v1": (key,)},
        )


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site that holds nothing but what the test installs; what is installed here is out of sight."""
    without_metadata = [path for path in sys.path if not any(Path(path or ".").glob("*.*-info"))]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *without_metadata])
    importlib.invalidate_caches()
    made = Site(tmp_path)
    yield made
    for module in made.modules:
        sys.modules.pop(module, None)
    importlib.invalidate_caches()
