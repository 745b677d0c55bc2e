"""Two starts in a row: the second one shows what the first one knew before any server answers."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.console import Console, console
from tests.e2e.served_demo import kubectl_binary, served_demo


@contextmanager
def started(kubeconfig: str, *options: str) -> Iterator[Console]:
    with console("--kubeconfig", kubeconfig, *options) as running:
        yield running
        running.press("q")
        running.shows("Quit kurator-tui?")
        running.press("y")
        assert running.ends() == 0


@pytest.mark.skipif(kubectl_binary() is None, reason="the served demo comes with kubectl, which is missing")
def test_the_next_start_shows_the_last_rows_with_their_age_while_nobody_answers(
    cache: Path, tmp_path: Path
) -> None:
    with served_demo(tmp_path, members=6) as demo:
        kubeconfig = tmp_path / "config"
        kubeconfig.write_text(Path(demo.kubeconfig).read_text())
        with started(str(kubeconfig)) as running:
            running.shows("production", "6/6 members live")
            running.press("2")
            running.shows("prod-cloud", "v1.30.4")
        (file,) = (cache / "kurator-tui").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"prod-cloud" in file.read_bytes()
    with started(str(kubeconfig)) as running:
        screen = running.shows("production", "0/6 members live", "stale", "host unreachable")
        assert "connecting to the clusters" not in screen
        running.press("2")
        running.shows("prod-cloud", "v1.30.4", "from the la")
    with started(str(kubeconfig), "--no-cache") as running:
        screen = running.shows("no members yet", "host unreachable")
        assert "production" not in screen


def test_a_demo_leaves_no_rows(cache: Path) -> None:
    with console("demo", "--scenario", "frozen") as running:
        running.shows("production", "6/6 members live")
        running.press("q")
        running.shows("Quit kurator-tui?")
        running.press("y")
        assert running.ends() == 0
    assert not cache.exists()
