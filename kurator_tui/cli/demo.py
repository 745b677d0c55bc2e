"""`kurator-tui demo`: the console on an embedded estate, or the estate alone."""

from __future__ import annotations

from dataclasses import replace

import click

from kurator_tui.cli.demo_process import DemoFailed
from kurator_tui.cli.options import Options, target_options
from kurator_tui.errors import UsageError


@click.command()
@click.option("--serve", is_flag=True, help="Serve the estate without a console, until stopped.")
@click.option(
    "-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the ready line."
)
@target_options
def command(options: Options, serve: bool, form: str) -> None:
    """Open the console on an embedded estate of real API servers, or serve one with --serve."""
    context = click.get_current_context()
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
