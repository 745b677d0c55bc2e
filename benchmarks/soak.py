"""Half an hour of faults: `python -m benchmarks.soak [--minutes 30] [--members 6] [--json FILE]`.

A console on the ordinary demo, whose servers fail in turn: one fault at a time on a random member, taken back
before the next one, ten seconds each. Every ten seconds memory, files, sockets, tasks and processes are counted.
Afterwards memory must not have grown, nothing may have piled up, and the rows must be the servers'.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import report
from benchmarks.console import Console, console
from benchmarks.estate import Estate, demo
from benchmarks.harness import Benchmark, Figure, Result, as_json, line, machine, median, number, say, table
from benchmarks.processes import cost, descendants, sockets

SLOPE_BUDGET = 0.2
PERIOD = 10.0
FAULTED = 6.0
"""Seconds of a period in which the fault lasts."""
MODES = ("refuse", "hang", "error500", "throttle429", "half_line", "latency")
KINDS = ("pods", "nodes")
WARM_UP = 0.2
"""The part of the samples that memory may take to settle."""
TRIES = 60
"""Comparisons with servers that go on living, half a second apart: one without a change in between is enough."""
KEYS = (b"1", b"2", b"j", b"j", b"G", b"g", b"7", b"\x06", b"k")
RAW = [sys.executable, "-m", "benchmarks.raw_client"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment: seconds since the start, MiB, and counts over the console and its feeders."""

    at: float
    console: float
    feeder: float
    files: int
    sockets: int
    tasks: int
    processes: int


def soak(minutes: float, members: int, seed: int = 1) -> tuple[list[Figure], list[Sample]]:
    """Run it; the figures and the samples behind them."""
    dice = random.Random(seed)
    samples: list[Sample] = []
    with demo(members) as estate, console(estate.kubeconfig) as running:
        running.until(lambda state: state["synced"])
        for kind in KINDS:
            running.command(kind)
        running.until(lambda state: all(state["rows"].get(kind) for kind in KINDS))
        began = time.monotonic()
        while time.monotonic() - began < 60 * minutes:
            due = time.monotonic() + PERIOD
            _fault(estate, dice, running)
            time.sleep(max(0.0, due - time.monotonic()))
            samples.append(_sample(running, time.monotonic() - began))
            say("  ".join(f"{name} {number(value)}" for name, value in asdict(samples[-1]).items()))
        running.until(lambda state: set(state["states"][""]) == {"live"}, timeout=120)
        equal, note = _compare(estate, running)
    return [
        *_figures(samples),
        Figure("soak, rows equal the servers'", equal, "", 1, note=note, lower_is_better=False),
    ], samples


def _fault(estate: Estate, dice: random.Random, running: Console) -> None:
    cluster, mode = dice.choice(sorted(estate.clusters)), dice.choice(MODES)
    say(f"{cluster}: {mode}")
    estate.post("/fault", {"cluster": cluster, "mode": mode, "seconds": dice.uniform(0.1, 2.0)})
    end = time.monotonic() + FAULTED
    while time.monotonic() < end:  # somebody works with the console meanwhile
        running.terminal.type(dice.choice(KEYS))
        time.sleep(dice.uniform(0.1, 0.5))
    running.terminal.forget(keep=False)
    estate.post("/fault", {"cluster": cluster, "mode": "none"})


def _sample(running: Console, at: float) -> Sample:
    feeders = running.feeders
    console, feeder = running.costs()
    processes = [running.terminal.pid, *descendants(running.terminal.pid)]
    return Sample(
        round(at, 1),
        console.rss,
        feeder.rss,
        cost(processes).files,
        sockets(feeders),
        running.probe("state")["tasks"],
        len(processes),
    )


def slope(samples: list[tuple[float, float]]) -> float:
    """The least-squares growth of the second value in each unit of the first."""
    if len(samples) < 2:
        return 0.0
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread


def _figures(samples: list[Sample]) -> list[Figure]:
    settled = samples[int(len(samples) * WARM_UP) :]
    quarter = max(1, len(settled) // 4)
    figures = []
    for name in ("console", "feeder"):
        growth = slope([(sample.at / 60, getattr(sample, name)) for sample in settled])
        values = [getattr(sample, name) for sample in settled]
        note = f"{values[0]:.1f} MiB at first, {values[-1]:.1f} at the end"
        figures.append(Figure(f"soak, growth of the {name}", growth, "MiB/min", SLOPE_BUDGET, note=note))
    for name in ("files", "sockets", "tasks", "processes"):
        first = median([getattr(sample, name) for sample in settled[:quarter]])
        last = median([getattr(sample, name) for sample in settled[-quarter:]])
        worst = max(getattr(sample, name) for sample in settled)
        note = "the last quarter; budget: the first quarter and a tenth"
        figures.append(Figure(f"soak, {name}", last, "", round(first * 1.1), worst, note=note))
    return figures


def _compare(estate: Estate, running: Console) -> tuple[int, str]:
    """Whether the console's rows equal the servers' at some moment, and what differed at the last one."""
    different = dict.fromkeys(KINDS, 0)
    example = ""
    for _ in range(TRIES):
        command = [*RAW, estate.kubeconfig, "--kinds", ",".join(different), "--prefix", "demo-", "--lines"]
        truth: dict[str, list[str]] = json.loads(subprocess.check_output(command))["lines"]
        for kind in tuple(different):
            found = set(truth[kind]) ^ set(running.probe("lines", kind=kind))
            different[kind] = len(found)
            example = " ".join(min(found, default=example).split("\t"))
            if not found:
                del different[kind]
        if not different:
            return 1, f"{' and '.join(KINDS)}, line by line"
        time.sleep(0.5)
    return 0, f"{', '.join(f'{count} lines of {kind}' for kind, count in different.items())}: {example}"


def main() -> int:
    """The command; 0 when every budget was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--members", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write figures and samples there")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/performance.md")
    given = parser.parse_args()
    facts = machine()
    figures, samples = soak(given.minutes, given.members, given.seed)
    print(table([line(figure) for figure in figures]))
    about = f"{given.minutes:g} minutes of faults"
    result = Result(Benchmark("soak", about), tuple(figures), 60 * given.minutes)
    if given.write:
        report.write([result], facts)
    if given.json:
        found = {**as_json([result], facts), "samples": [asdict(sample) for sample in samples]}
        given.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
