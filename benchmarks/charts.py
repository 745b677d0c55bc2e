"""What twenty charts cost that all move on by a step: CPU time, and bytes to a terminal of 200x50.

`benchmarks.charts_app` measures itself in a process of its own; here are the budgets.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Figure, median
from benchmarks.terminal import Terminal

CPU_BUDGET, BYTES_BUDGET = 40.0, 12_000.0
PATIENCE = 60.0


def run(quick: bool = False) -> list[Figure]:
    """The median refresh of all charts, and of choosing another one."""
    said = _measured()
    about = f"{said['charts']} charts of 5 lines with 121 points"
    return [
        Figure("charts, 20 refreshed: CPU", median(said["cpu"]), "ms", CPU_BUDGET, max(said["cpu"]), note=about),
        Figure(
            "charts, 20 refreshed: bytes", median(said["bytes"]), "B", BYTES_BUDGET, max(said["bytes"]), note=about
        ),
        Figure("charts, another one chosen: CPU", median(said["keys"]), "ms", None, max(said["keys"])),
    ]


def _measured() -> dict[str, Any]:
    """What the application wrote. Raises TimeoutError."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        terminal = Terminal([sys.executable, "-m", "benchmarks.charts_app", str(report)])
        try:
            end = time.monotonic() + PATIENCE
            while not (report.exists() and (text := report.read_text())):
                if time.monotonic() > end:
                    raise TimeoutError("the charts were not drawn in time")
                time.sleep(0.05)
        finally:
            terminal.close()
    said: dict[str, Any] = json.loads(text)
    return said
