"""`docs/performance.md`: the last measured figures of each benchmark, with the machine and the day they are from.

`docs/performance.json` keeps them, so that one benchmark can be measured anew without the others; the page is made
from it and from nothing else (`python -m benchmarks --write`, and a test compares the two).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.harness import HEADINGS, SUITE, Figure, Result, line

DOCS = Path(__file__).parents[1] / "docs"
DATA, PAGE = DOCS / "performance.json", DOCS / "performance.md"

Data = dict[str, dict[str, Any]]
"""By the name of the benchmark: about, seconds, machine, figures."""

INTRODUCTION = """\
# Performance

Measured figures against their budgets, made by the program itself: `make bench` measures and judges all of them,
`python -m benchmarks NAME` one, `--quick` a selection of a few minutes, and `--write` makes this page.

How to read it:

- A figure is a whole console in a pseudo-terminal of 200 by 50 cells unless it says otherwise, on real sockets
  with TLS, beside its servers on the same machine: what the servers take is missing to the console.
- *measured* is what is judged: the median of a few runs, or the percentile named; *worst* the worst run or sample.
- *compared with* was measured in the same run. On a busy machine trust ratios and CPU time first, wall time last.
- A key is timed from the moment its byte is written to the terminal until the last byte of the answering frame has
  been read: the first frame drawn after the key had been handled. Keys are pressed at random moments, whether or
  not the one before was answered, so a stall counts for every key that falls into it.
- `kept` and `MISSED` say whether the budget holds; a line without a budget explains another one.
"""


def merged(data: Data, results: Iterable[Result], facts: dict[str, str]) -> Data:
    """`data` with these results in place of older ones; failed ones replace nothing."""
    fresh = {
        result.benchmark.name: {
            "about": result.benchmark.about,
            "seconds": round(result.seconds),
            "machine": facts,
            "figures": [asdict(figure) for figure in result.figures],
        }
        for result in results
        if all(figure.verdict != "FAILED" for figure in result.figures)
    }
    return {**data, **fresh}


def render(data: Data) -> str:
    """The page."""
    order = [benchmark.name for benchmark in SUITE]
    names = sorted(data, key=lambda name: (order.index(name) if name in order else len(order), name))
    return "\n".join([INTRODUCTION, *(_section(name, data[name]) for name in names)])


def _section(name: str, found: dict[str, Any]) -> str:
    figures = [_figure(each) for each in found["figures"]]
    facts = found["machine"]
    where = f"{facts['date']}; {facts['processor']}, {facts['cores']} cores, {facts['memory']}, {facts['python']}"
    load = f"load {facts['load']} before; {found['seconds']} s"
    rows = [line(figure) for figure in figures]
    table = [_row(HEADINGS), _row(["---"] * len(HEADINGS)), *map(_row, rows)]
    return "\n".join([f"## {name}: {found['about']}", "", f"{where}; {load}.", "", *table, ""])


def _figure(each: dict[str, Any]) -> Figure:
    baseline = each["baseline"]
    return Figure(**{**each, "baseline": (baseline[0], baseline[1]) if baseline else None})


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def load() -> Data:
    """What was measured so far."""
    found: Data = json.loads(DATA.read_text()) if DATA.exists() else {}
    return found


def write(results: Iterable[Result], facts: dict[str, str]) -> None:
    """Keep these results and make the page anew."""
    data = merged(load(), results, facts)
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(render(data))
