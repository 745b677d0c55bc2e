"""5,000 streams over TLS in one feeder: opened, held, and what they cost while nothing happens."""

from __future__ import annotations

import time

from benchmarks.console import console
from benchmarks.estate import load
from benchmarks.harness import Figure
from benchmarks.processes import share

MEMBERS, PODS = 1000, 10_000
OTHERS = ("deploy", "ns", "events", "nodes")
HELD = 5000
REST = 10.0


def run(quick: bool = False) -> list[Figure]:
    """Seconds until all are open, and the CPU and memory of holding them."""
    with load(MEMBERS, pods=PODS, nodes=MEMBERS) as estate, console(estate.kubeconfig) as running:
        began = time.monotonic()
        for kind in (*OTHERS, "pods"):
            running.command(kind)
        opened = running.until_true(lambda: estate.get("/traffic")["streams"] >= HELD, every=0.2) - began
        running.until(lambda state: state["synced"])
        time.sleep(3.0)
        before = running.costs()
        time.sleep(REST)
        after, held = running.costs(), estate.get("/traffic")["streams"]
        return [
            Figure(
                "streams held over TLS", held, "", HELD, lower_is_better=False, note=f"open after {opened:.1f} s"
            ),
            Figure(f"{HELD:,} idle streams, CPU of the feeder", share(before[1], after[1]), "%"),
            Figure(f"{HELD:,} idle streams, memory of the feeder", after[1].rss, "MiB", None, after[1].peak),
            Figure(f"{HELD:,} idle streams, CPU of the console", share(before[0], after[0]), "%"),
        ]
