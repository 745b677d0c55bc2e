"""The yardstick of key latency: the cursor of a bare Textual table, on the same machine in the same minute."""

from __future__ import annotations

import random
import sys
import time

from benchmarks.terminal import terminal

COMMAND = [sys.executable, "-m", "benchmarks.bare_table"]
SHOWS = ("column9", "cell 0.0", "Quit")
KEYS = (b"\x1b[B", b"\x1b[B", b"\x1b[A")


def bare_keys(count: int) -> list[float]:
    """Milliseconds from each key to the end of the next frame. The application does nothing else."""
    found: list[float] = []
    with terminal(COMMAND, env={"TEXTUAL_FPS": "120", "TEXTUAL_ANIMATIONS": "none"}) as running:
        running.until_shown(*SHOWS)
        time.sleep(1.0)
        for number in range(count):
            pressed = running.type(KEYS[number % len(KEYS)])
            found.append((running.until_frame(pressed).ended - pressed) * 1000)
            time.sleep(random.uniform(0.06, 0.14))
    return found
