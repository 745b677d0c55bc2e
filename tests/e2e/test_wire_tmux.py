"""In tmux, differences and Textual's own output end in the same screen: same text, same attributes."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from kurator_tui.wire.display import SWITCH
from tests.e2e.wire_table import DONE

PATIENCE = 60.0
TMUX = shutil.which("tmux") or ""
pytestmark = [pytest.mark.alone, pytest.mark.skipif(not TMUX, reason="needs tmux")]

_numbers = itertools.count()


@pytest.fixture
def server() -> Iterator[str]:
    name = f"kurator-tui-{os.getpid()}-{next(_numbers)}"  # the one before may still be ending
    yield name
    subprocess.run([TMUX, "-L", name, "kill-server"], check=False, capture_output=True)


def tmux(server: str, *arguments: str) -> str:
    done = subprocess.run(
        [TMUX, "-L", server, "-f", "/dev/null", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def final_screen(server: str, session: str, colors: str, **env: str) -> str:
    """What the pane shows when the table is done, with its attributes."""
    command = ["env", f"COLORTERM={colors}", *[f"{name}={value}" for name, value in env.items()]]
    run = [*command, sys.executable, "-m", "tests.e2e.wire_table"]
    tmux(server, "new-session", "-d", "-x", "120", "-y", "40", "-s", session, *run)
    end = time.monotonic() + PATIENCE
    screen = ""
    while time.monotonic() < end:
        before, screen = screen, tmux(server, "capture-pane", "-e", "-p", "-t", session)
        if DONE in screen and screen == before:
            return screen
        time.sleep(0.2)
    raise AssertionError(f"never done; the pane shows:\n{screen}")


@pytest.mark.parametrize("colors", ["truecolor", ""])
def test_the_same_screen_as_stock(server: str, colors: str) -> None:
    mine = final_screen(server, "changes", colors)
    stock = final_screen(server, "stock", colors, **{SWITCH: "stock"})
    assert mine.splitlines() == stock.splitlines()
    assert len(mine.splitlines()) >= 40
