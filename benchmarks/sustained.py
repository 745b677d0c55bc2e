"""10,000 events a second for a minute, then 50,000 at once: what the feeder costs, and whether anything is lost.

The pods' table is open in a real console. Lost means: at rest the rows of the console are not the servers'.
"""

from __future__ import annotations

import time

from benchmarks.console import Console, console
from benchmarks.estate import Estate, load
from benchmarks.harness import Figure, say
from benchmarks.processes import share

MEMBERS, PODS, NODES = 50, 100_000, 10_000
RATE, SECONDS, BURST = 10_000, 60.0, 50_000
BUDGET = 60.0
CAUGHT_UP = 60.0
"""Seconds after which a difference is a loss."""
KINDS = ("nodes", "pods")


def run(quick: bool = False) -> list[Figure]:
    """CPU of the feeder at the full rate, seconds until the burst was shown, and the comparison of digests."""
    with load(MEMBERS, pods=PODS, nodes=NODES) as estate, console(estate.kubeconfig) as running:
        for kind in KINDS:
            running.command(kind)
        running.until_rows("pods", PODS)
        running.until_rows("nodes", NODES)
        time.sleep(2.0)
        figures = _steady(estate, running, 15.0 if quick else SECONDS)
        estate.post("/stop")
        began = time.monotonic()
        estate.post(f"/burst?events={BURST}")
        estate.post("/stop")
        written = time.monotonic() - began
        different = _until_equal(estate, running)
        note = f"written by the servers after {written:.1f} s"
        figures.append(
            Figure(
                f"burst of {BURST:,} events, until the console has them", time.monotonic() - began, "s", note=note
            )
        )
        events = estate.get("/digest")["events"]
        figures.append(
            Figure(
                "kinds whose rows differ from the servers' at rest",
                len(different),
                "",
                0,
                note=f"after {events:,} events; {different or 'digests equal'}",
            )
        )
        return figures


def _steady(estate: Estate, running: Console, seconds: float) -> list[Figure]:
    estate.post(f"/rate?events={RATE}")
    time.sleep(3.0)
    before, servers, events = running.costs(), estate.cost(), estate.get("/digest")["events"]
    read = running.probe("state")["cost"]["events"]
    time.sleep(seconds)
    after, served, sent = running.costs(), estate.cost(), estate.get("/digest")["events"] - events
    read = running.probe("state")["cost"]["events"] - read
    wall = after[0].at - before[0].at
    note = (
        f"{sent / wall:,.0f}/s sent, {read / wall:,.0f}/s read; servers {share(servers, served):.0f} % of a core"
    )
    feeder = share(before[1], after[1])
    say(note)
    what = f"{RATE:,} events/s for {seconds:g} s"
    return [
        Figure(f"{what}, sent by the servers", sent / wall, "1/s", 0.98 * RATE, lower_is_better=False),
        Figure(f"{what}, CPU of the feeder", feeder, "%", BUDGET, note=note),
        Figure(f"{what}, CPU of an event in the feeder", feeder / 100 * wall / max(1, read) * 1e6, "µs"),
        Figure(f"{what}, CPU of the console", share(before[0], after[0]), "%"),
        Figure(f"{what}, memory of the feeder", after[1].rss, "MiB", None, after[1].peak),
    ]


def _until_equal(estate: Estate, running: Console) -> list[str]:
    """Wait until the digests agree; the kinds in which they never did."""
    truth = estate.get("/digest")
    different = list(KINDS)
    end = time.monotonic() + CAUGHT_UP
    while different and time.monotonic() < end:
        different = [
            kind for kind in different if running.probe("digest", kind=kind)["digest"] != truth[kind]["digest"]
        ]
        time.sleep(0.2 if different else 0)
    return different
