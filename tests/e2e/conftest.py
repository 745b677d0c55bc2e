"""Consoles of these tests keep their rows where the test ends, see none of another's, and know their own size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kurator_tui.cli import demo_process

LONGEST = ("test_rollouts", "test_do", "test_rollout_status", "test_console", "test_shells", "test_logs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: several processes share the files (`--no-loadscope-reorder`)."""
    order = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session", autouse=True)
def surroundings() -> Iterator[None]:
    """Consoles ask their terminal how large it is (pytest has COLUMNS); a busy machine is no failure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_process, "PATIENCE", 90.0)
        for name in ("COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache directory of every console that this test starts."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder
