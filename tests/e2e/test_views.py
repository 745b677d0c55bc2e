"""Columns of `views.yaml`: in what `get` prints, and on a screen while the file is edited."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kurator_tui.cli.demo_process import Estate, estate
from kurator_tui.cli.options import Options
from tests.e2e.console import console

VIEWS = """
pods:
  columns:
    - {key: images, path: "spec.containers[*].image"}
    - {key: containers_there, path: spec.containers, format: count}
    - {key: bad, path: "status["}
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[Estate]:
    with estate(Options(scenario="frozen")) as running:
        yield running


def test_get_prints_filters_and_tells_as_the_file_says(demo: Estate, tmp_path: Path) -> None:
    (tmp_path / "views.yaml").write_text(VIEWS)
    words = ["get", "pods", "-o", "json", "--filter", "containers_there>1", "--kubeconfig", demo.kubeconfig]
    done = subprocess.run(
        [sys.executable, "-m", "kurator_tui", *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KURATOR_TUI_CONFIG_DIR": str(tmp_path)},
    )
    rows = json.loads(done.stdout)["items"]
    assert rows
    assert all(row["containers_there"] == len(row["images"].split(",")) > 1 for row in rows)
    assert "line 6: pods: columns: entry 3" in done.stderr


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory whose name does not fill a message of its own."""
    with tempfile.TemporaryDirectory(prefix="v") as name:
        yield Path(name)


def test_the_screen_follows_the_file_and_says_what_is_wrong_with_it(demo: Estate, short: Path) -> None:
    file, settings = short / "views.yaml", {"KURATOR_TUI_CONFIG_DIR": str(short)}
    with console("--kubeconfig", demo.kubeconfig, "--no-cache", size=(160, 30), env=settings) as running:
        running.shows("6/6 members live")
        running.press(":pods name:cart*\r")
        running.until(lambda screen: "cart-" in screen and "IMAGE" not in screen, "pods without the column")
        file.write_text('pods:\n  columns:\n    - {key: image, path: "spec.containers[0].image", after: name}\n')
        running.shows("IMAGE", "registry.shop.example")
        file.write_text(file.read_text() + '    - {key: bad, path: "status["}\n')
        running.shows("views.yaml", "line 4", "entry 2", "registry.shop.example")  # the one before it is as it was
        file.unlink()
        running.until(lambda screen: "cart-" in screen and "IMAGE" not in screen, "the columns as they were")
