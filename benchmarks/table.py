"""What one changed cell of a 10,000-row table costs: CPU time and bytes to a real (pseudo) terminal of 200x50.

`benchmarks.table_app` measures itself in a process of its own; here are the budgets.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import sys
import tempfile
import termios
from pathlib import Path

from benchmarks.harness import Figure

SIZE = (200, 50)
CPU_BUDGETS = {"one cell in sight": 3.0}
BYTES_BUDGETS = {"one cell in sight": 1000.0, "one cell out of sight": 0.0}


def run(quick: bool = False) -> list[Figure]:
    """Run the cases under a pseudo-terminal: CPU and bytes of each."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, "-m", "benchmarks.table_app", str(report)])
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        _drain(fd)
        os.waitpid(pid, 0)
        os.close(fd)
        cases: dict[str, tuple[float, float]] = json.loads(report.read_text())
    figures = []
    for name, (cpu, sent) in cases.items():
        figures.append(Figure(f"table, {name}: CPU", cpu, "ms", CPU_BUDGETS.get(name)))
        figures.append(Figure(f"table, {name}: bytes", sent, "B", BYTES_BUDGETS.get(name)))
    return figures


def _drain(fd: int) -> None:
    """Read until the program ends."""
    while True:
        select.select([fd], [], [])
        try:
            if not os.read(fd, 65536):
                return
        except OSError:
            return
