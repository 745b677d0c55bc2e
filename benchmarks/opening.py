"""Opening `:pods`: 50 members with 2,000 pods each, from the key to the first rows and to all of them in order.

The key is pressed as soon as the console has drawn its first frame, while the members connect. The yardstick is
the bare client of `sync`, which downloads and decodes the same lists; both clocks count whole processes. First
rows are seen on the terminal: the word `Running` has been written to it.
"""

from __future__ import annotations

from benchmarks.console import console
from benchmarks.estate import Estate, load
from benchmarks.harness import Figure, median, say
from benchmarks.sync import MEMBERS, PODS, _bare

RUNS = 3
FIRST_BUDGET, RATIO_BUDGET = 1.0, 1.5


def run(quick: bool = False) -> list[Figure]:
    """Seconds from the key to first rows on the terminal, and to all rows in order; against the bare client."""
    firsts, alls, again, ratios, bares = [], [], [], [], []
    with load(MEMBERS, pods=PODS) as estate:
        for number in range(1 + (1 if quick else RUNS)):
            bare = _bare(estate)
            first, everything, whole, back = _opened(estate)
            if number:  # the first pair warms the disk cache
                firsts.append(first)
                alls.append(everything)
                again.append(back)
                ratios.append(whole / bare)
                bares.append(bare)
    what = f"`:pods` of {MEMBERS} members x {PODS // MEMBERS:,} pods"
    return [
        Figure(f"{what}: key to first rows", median(firsts), "s", FIRST_BUDGET, max(firsts)),
        Figure(f"{what}: complete and sorted / raw read", median(ratios), "x", RATIO_BUDGET, max(ratios)),
        Figure(
            f"{what}: key to complete and sorted", median(alls), "s", None, max(alls), ("raw read", median(bares))
        ),
        Figure(f"{what}: key to first rows, all known", median(again), "s", FIRST_BUDGET, max(again)),
    ]


def _opened(estate: Estate) -> tuple[float, float, float, float]:
    """Seconds: key to first rows, key to all in order, process to all in order, key to rows when opened again."""
    with console(estate.kubeconfig) as running:
        terminal = running.terminal
        terminal.until_frame(terminal.type(b":pods"))
        terminal.forget()
        began = terminal.type(b"\r")
        first = terminal.until_shown("Running") - began
        held = running.until_true(lambda: running.count("pods") >= PODS, every=0.01)
        last = terminal.until_frame(held).ended
        terminal.until_frame(terminal.type(b"1"))
        terminal.forget()
        back = terminal.type(b"7")
        known = terminal.until_shown("Running") - back
        say(f"opened: first rows {first:.2f} s, all {last - began:.2f} s, again {known:.3f} s")
        return first, last - began, last - terminal.began, known
