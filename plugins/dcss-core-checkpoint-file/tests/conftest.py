import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def without_rights() -> Callable[[Path], AbstractContextManager[None]]:
    """A block in which this process may not write to a file; root has to become somebody else for that."""

    @contextmanager
    def block(path: Path) -> Iterator[None]:
        path.chmod(0o400)
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return block
