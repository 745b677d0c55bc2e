"""All budgets, one after the other; ends with 1 when one is not kept."""

from __future__ import annotations

import sys

from benchmarks import first_frame, front_door, staleness, table

BENCHMARKS = (front_door.main, first_frame.main, staleness.main, table.main)

if __name__ == "__main__":
    kept = [benchmark() for benchmark in BENCHMARKS]
    sys.exit(0 if all(kept) else 1)
