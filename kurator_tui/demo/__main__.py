"""`python -m kurator_tui.demo`: run the embedded demo until interrupted."""

import argparse
import sys
from typing import Any

from kurator_tui.demo.load.options import LOAD, LoadOptions
from kurator_tui.demo.serve import DemoOptions, run
from kurator_tui.demo.world.scenarios import SCENARIOS


def _parser() -> argparse.ArgumentParser:
    summaries = "\n".join(f"  {name:<13} {scenario.summary}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m kurator_tui.demo",
        description="A simulated Kurator host and its member clusters, served on loopback.",
        epilog=f"scenarios:\n{summaries}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--members", type=int, default=6, metavar="N", help="clusters beside the host (default 6)")
    parser.add_argument("--scenario", default="default", choices=sorted(SCENARIOS), metavar="NAME")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="world seconds in a second")
    parser.add_argument("--serve-json", action="store_true", help="the same as -o json")
    parser.add_argument(
        "-o", "--output", choices=("text", "json"), default="text", help="what is printed when ready"
    )
    parser.add_argument("--watch-parent", action="store_true", help="end when stdin reaches its end")
    parser.add_argument("--control", action="store_true", help="add an endpoint that faults servers")
    load = parser.add_argument_group("load", "any of these serves an estate made for load instead")
    load.add_argument("--pods", type=int, metavar="N", help="pods over all members")
    load.add_argument("--nodes", type=int, metavar="N", help="nodes over all members")
    load.add_argument("--events", type=float, metavar="R", help="watch events a second over all members")
    load.add_argument("--burst", type=int, metavar="N", help="events of a burst that does not say how many")
    load.add_argument("--script", metavar="FILE", help="watch events to play, a JSON object a line")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 0 after a signal, 1 with a message when it cannot run, 2 for wrong arguments."""
    given = _parser().parse_args(arguments)
    load = {name: getattr(given, name) for name in LOAD if getattr(given, name) is not None}
    options = DemoOptions(
        members=given.members,
        scenario=given.scenario,
        seed=given.seed,
        speed=given.speed,
        json=given.serve_json or given.output == "json",
        watch_parent=given.watch_parent,
        control=given.control,
    )
    try:
        if load:
            _serve_load(options, load)
        else:
            run(options)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    return 0


def _serve_load(options: DemoOptions, load: dict[str, Any]) -> None:
    from kurator_tui.demo.load.serve import run as run_load

    made = LoadOptions(
        members=options.members,
        seed=options.seed,
        json=options.json,
        watch_parent=options.watch_parent,
        **load,
    )
    run_load(made)


if __name__ == "__main__":
    sys.exit(main())
