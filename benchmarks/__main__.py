"""Every budget with one command: `python -m benchmarks [names] [--quick] [--json FILE] [--write] [--list]`.

Prints figure, budget and verdict; ends with 1 when a budget is missed or a benchmark failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import report
from benchmarks.harness import SUITE, as_json, chosen, line, machine, measure, say, table


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The performance budgets, measured.")
    parser.add_argument("names", nargs="*", help="benchmarks to run (all without)")
    parser.add_argument("--quick", action="store_true", help="the short selection: under three minutes")
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write machine and figures there ('-' for stdout)"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/performance.md")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and end")
    return parser


def main() -> int:
    """Run what was asked for; 0 when every budget was kept."""
    options = arguments().parse_args()
    if options.list:
        print("\n".join(f"{benchmark.name:16}{benchmark.about}" for benchmark in SUITE))
        return 0
    facts, results = machine(), []
    say(", ".join(f"{name} {value}" for name, value in facts.items() if value))
    for benchmark in chosen(options.names, quick=options.quick):
        say(f"{benchmark.name}: {benchmark.about}")
        results.append(measure(benchmark, quick=options.quick))
    figures = [figure for result in results for figure in result.figures]
    print(table([line(figure) for figure in figures]))
    if options.json:
        text = json.dumps(as_json(results, facts), indent=2) + "\n"
        if str(options.json) == "-":
            print(text, end="")
        else:
            options.json.write_text(text)
    if options.write:
        report.write(results, facts)
    missed = sum(not figure.kept for figure in figures)
    print(f"{len(figures)} figures, {missed} missed" if missed else f"{len(figures)} figures, every budget kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
