"""What one changed cell of a 10,000-row table costs: CPU time and bytes to a real (pseudo) terminal of 200x50.

Prints one line a case. Budgets: a changed cell under 3 ms of CPU and 1,000 bytes; out of sight 0 bytes.
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

SIZE = (200, 50)
CPU_BUDGET, BYTES_BUDGET = 3.0, 1000


def main() -> bool:
    """Run the cases under a pseudo-terminal, print them, and say whether the budgets are kept."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, "-m", "benchmarks.table_app", str(report)])
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        _drain(fd)
        os.waitpid(pid, 0)
        cases: dict[str, tuple[float, float]] = json.loads(report.read_text())
    for name, (cpu, sent) in cases.items():
        print(f"table: {name:32} {cpu:6.2f} ms CPU {sent:8.0f} bytes")
    changed, hidden = cases["one cell in sight"], cases["one cell out of sight"]
    kept = changed[0] < CPU_BUDGET and changed[1] < BYTES_BUDGET and hidden[1] == 0
    print(f"table: {'kept' if kept else 'NOT KEPT'}: a cell in sight < {CPU_BUDGET} ms, < {BYTES_BUDGET} bytes")
    return kept


def _drain(fd: int) -> None:
    """Read until the program ends."""
    while True:
        select.select([fd], [], [])
        try:
            if not os.read(fd, 65536):
                return
        except OSError:
            return


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
