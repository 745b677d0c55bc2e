"""`kurator-tui demo`: the console on an embedded estate, or the estate alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from kurator_tui.cli.demo_process import DemoFailed
from kurator_tui.cli.options import Options, target_options
from kurator_tui.errors import UsageError


@click.command()
@click.option("--serve", is_flag=True, help="Serve the estate without a console, until stopped.")
@click.option(
    "-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the ready line."
)
@click.option("--pods", type=click.IntRange(0), help="Serve an estate made for load: pods over all members.")
@click.option("--nodes", type=click.IntRange(0), help="The same: nodes over all members.")
@click.option("--events", type=click.FloatRange(0), help="The same: watch events a second over all members.")
@click.option("--burst", type=click.IntRange(0), help="The same: events of a burst asked for without a number.")
@click.option("--script", type=click.Path(exists=True, dir_okay=False), help="The same: watch events to play.")
@target_options
def command(options: Options, serve: bool, form: str, **load: Any) -> None:
    """Open the console on an embedded estate of real API servers, or serve one with --serve."""
    context = click.get_current_context()
    asked = {name: value for name, value in load.items() if value is not None}
    if asked and not serve:
        raise UsageError(f"--{next(iter(asked))} makes load for others to watch", "Add --serve.")
    if asked:
        serve_load(options, asked, as_json=form == "json")
        return
    if serve:
        serve_estate(options, as_json=form == "json")
        return
    from kurator_tui.cli.console import open_console

    context.exit(open_console(replace(options, demo=True)))


def serve_estate(options: Options, *, as_json: bool) -> None:
    """Serve until a signal. Raises UsageError for a scenario that does not exist, DemoFailed without ports."""
    from kurator_tui.demo.serve import DemoOptions, run

    wanted = DemoOptions(
        members=options.members,
        scenario=options.scenario,
        seed=options.seed,
        speed=options.speed,
        json=as_json,
    )
    try:
        run(wanted)
    except ValueError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise DemoFailed(str(error)) from error


def serve_load(options: Options, asked: dict[str, Any], *, as_json: bool) -> None:
    """Serve an estate made for load until a signal; `asked` are fields of `LoadOptions`.

    Raises UsageError for options or a script that make no sense, DemoFailed without ports.
    """
    from kurator_tui.demo.load.options import LoadOptions
    from kurator_tui.demo.load.serve import run

    try:
        run(LoadOptions(members=options.members, seed=options.seed, json=as_json, **asked))
    except ValueError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise DemoFailed(str(error)) from error
