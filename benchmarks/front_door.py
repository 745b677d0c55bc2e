"""`kurator-tui --help`, a whole process. Budget: 0.3 seconds (median)."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BUDGET = 0.3
RUNS = 7


def main() -> bool:
    """Print the figure; whether the budget was kept."""
    taken: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "kurator_tui", "--help"], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - began)
    print(f"--help: {statistics.median(taken) * 1000:.0f} ms (budget {BUDGET * 1000:.0f})")
    return statistics.median(taken) <= BUDGET


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
