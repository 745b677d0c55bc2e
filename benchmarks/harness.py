"""What every benchmark hands back (`Figure`), the suite that names them, how figures are printed and judged.

A benchmark is a module with `run(quick: bool = False) -> list[Figure]`; `SUITE` names it. It may not print its
result (progress goes through `say`) and may not judge: the harness compares a figure with its budget. Nothing of
a benchmark is imported until it runs, so that one that is broken costs its own figures only.
"""

from __future__ import annotations

import datetime
import importlib
import math
import os
import platform
import statistics
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and the budget it has to keep.

    `value` is what is judged, usually a median or a percentile (the name says which); `worst` the worst run or
    sample. `baseline` is (what it was compared with in the same run, its value in the same unit). A figure without
    a budget informs, and is always kept. `lower_is_better=False` makes the budget a minimum.
    """

    name: str
    value: float
    unit: str
    budget: float | None = None
    worst: float | None = None
    baseline: tuple[str, float] | None = None
    note: str = ""
    lower_is_better: bool = True

    @property
    def kept(self) -> bool:
        """Whether the budget holds; a value that is not a number keeps none."""
        if self.budget is None:
            return not math.isnan(self.value)
        return self.value <= self.budget if self.lower_is_better else self.value >= self.budget

    @property
    def verdict(self) -> str:
        """`kept`, `MISSED`, `FAILED` (nothing was measured) or `-` (no budget)."""
        if math.isnan(self.value):
            return "FAILED"
        if self.budget is None:
            return "-"
        return "kept" if self.kept else "MISSED"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A line of the suite: the module `benchmarks.<name>`; `quick` puts it into the short selection."""

    name: str
    about: str
    quick: bool = False

    @property
    def module(self) -> str:
        return f"benchmarks.{self.name}"


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one benchmark and the seconds it took."""

    benchmark: Benchmark
    figures: tuple[Figure, ...]
    seconds: float


SUITE = (
    Benchmark("front_door", "`kurator-tui --help`, a whole process", quick=True),
    Benchmark("first_frame", "first full frame against a bare Textual application", quick=True),
    Benchmark("table", "what a changed cell, a scroll and a page cost in the live table", quick=True),
    Benchmark("charts", "a page of twenty charts that all move on", quick=True),
    Benchmark("wire", "what reaches the terminal; one that stops reading, one that reads slowly"),
    Benchmark("view", "filters, orders and changes of 100,000 rows", quick=True),
    Benchmark("decode", "bytes of lists and events to rows, against plain dictionaries", quick=True),
    Benchmark("logs", "log lines of many containers through feeder and link", quick=True),
    Benchmark("log_keys", "keys in a log view while many lines come", quick=True),
    Benchmark("board", "the release board: 200 applications on 50 members while rollouts change", quick=True),
    Benchmark("edge", "the Edge screen with 10,000 nodes and 50,000 devices in one member", quick=True),
    Benchmark("overview", "the metrics overview of 100 clusters; a Thanos that hangs", quick=True),
    Benchmark("plan", "a change of 300 objects on six members: dry-run, applied, audited", quick=True),
    Benchmark("triage", "findings and incidents of 100,000 objects, and of each hundred changes", quick=True),
    Benchmark("history", "what it costs to write 2,000 events a second down", quick=True),
    Benchmark("triage_grades", "how right triage is: every scenario against the incidents that it declares"),
    Benchmark("contexts", "a kubeconfig of 500 contexts", quick=True),
    Benchmark("sync", "the first sync of 50 members with 2,000 pods each"),
    Benchmark("opening", "`:pods` of 50 members with 2,000 pods each, from the key"),
    Benchmark("storm", "keys while 100,000 pods are listed"),
    Benchmark("fleet", "memory, rest, keys: 100,000 pods, 10,000 nodes, 2,000 streams"),
    Benchmark("visible", "from an event to the screen at 2,000 events a second"),
    Benchmark("sustained", "10,000 events a second for a minute, a burst of 50,000, nothing lost"),
    Benchmark("streams", "5,000 streams held by one feeder"),
    Benchmark("staleness", "how long until a failing member is shown as stale"),
)
"""Every benchmark, in the order it runs. A new one adds its line here."""


def chosen(names: Sequence[str], *, quick: bool) -> list[Benchmark]:
    """The benchmarks called `names`; without names all, or the quick ones. Raises SystemExit on unknown names."""
    unknown = set(names) - {benchmark.name for benchmark in SUITE}
    if unknown:
        raise SystemExit(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(b.name for b in SUITE)}"
        )
    return [b for b in SUITE if (b.name in names if names else b.quick or not quick)]


def measure(benchmark: Benchmark, *, quick: bool) -> Result:
    """Run one benchmark. One that breaks yields a failed figure, never an exception: the others still run."""
    began = time.perf_counter()
    try:
        figures = tuple(importlib.import_module(benchmark.module).run(quick))
    except Exception as error:  # noqa: BLE001 - whatever broke is that benchmark's result
        traceback.print_exc()
        figures = (Figure(benchmark.name, math.nan, "", note=f"{type(error).__name__}: {error}"),)
    return Result(benchmark, figures, time.perf_counter() - began)


def say(text: str) -> None:
    """One line of progress, on stderr: stdout is for the table."""
    print(text, file=sys.stderr, flush=True)


def percentile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank percentile (`share` 0.99 = p99): a value that was measured, never one between two."""
    if not samples:
        return math.nan
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]


def median(samples: Sequence[float]) -> float:
    """The median; not a number without samples."""
    return statistics.median(samples) if samples else math.nan


def machine() -> dict[str, str]:
    """What the figures were measured on: processor, cores, memory, Python, system and date."""
    model, memory = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
        memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0),
        "memory": memory,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()}",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def number(value: float | None, unit: str = "") -> str:
    """A value with its unit, at three figures: `3.1 ms`, `1,234 B`, `0.024 s`."""
    if value is None or math.isnan(value):
        return "-"
    digits = (
        0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    )
    return f"{value:,.{digits}f} {unit}".rstrip()


def line(figure: Figure) -> Row:
    """The cells of a figure: name, value, worst, budget, verdict, compared with, note."""
    sign = "≤" if figure.lower_is_better else "≥"
    budget = f"{sign} {number(figure.budget, figure.unit)}" if figure.budget is not None else "-"
    baseline = f"{figure.baseline[0]} {number(figure.baseline[1], figure.unit)}" if figure.baseline else ""
    worst = number(figure.worst, figure.unit)
    return (figure.name, number(figure.value, figure.unit), worst, budget, figure.verdict, baseline, figure.note)


HEADINGS: Row = ("what", "measured", "worst", "budget", "verdict", "compared with", "note")


def table(rows: Sequence[Row]) -> str:
    """Rows under headings, as columns padded with spaces."""
    widths = [max(len(row[column]) for row in (HEADINGS, *rows)) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEADINGS, *rows)
    )


def as_json(results: Sequence[Result], facts: dict[str, str]) -> dict[str, Any]:
    """What `--json` writes: {"machine", "figures": [Figure with benchmark, verdict]} (a failed value is null)."""
    figures = [
        {"benchmark": result.benchmark.name, **asdict(figure), "verdict": figure.verdict}
        for result in results
        for figure in result.figures
    ]
    for figure in figures:
        if math.isnan(figure["value"]):
            figure["value"] = None
    return {
        "machine": facts,
        "seconds": {r.benchmark.name: round(r.seconds, 1) for r in results},
        "figures": figures,
    }
