"""Consoles of these tests keep their rows where the test ends, see none of another's, and know their own size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kurator_tui.cli import demo_process

HERE = Path(__file__).parent
LONGEST_TEST = 400.0
"""Seconds after which a test is given up, its fixtures included: each wait in it has a minute of its own."""
LONGEST = (
    "test_rollouts",
    "test_do",
    "test_kubectl",
    "test_rollout_status",
    "test_console",
    "test_shells",
    "test_changes",
    "test_bad_kubeconfig",
    "test_environment",
    "test_generic",
    "test_load",
    "test_logs",
    "test_bad_servers",
    "test_reading",
    "test_workloads",
    "test_views",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: several processes share the files (`--no-loadscope-reorder`).

    Whole programs on a busy machine may take long for what is right.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(LONGEST_TEST))
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
