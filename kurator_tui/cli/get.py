"""`kurator-tui get VIEW`: the rows of a screen or of any kind, once, in the order of the screen."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time

import click

from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.cli.words import place_argument
from kurator_tui.errors import ApiError, Forbidden, NotInstalled
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.view import Predicate, View


@click.command()
@place_argument()
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(["table", "json", "yaml", "csv", "digest"]),
    default="table",
    help="Output format; digest is the number of rows and one hash of them.",
)
@click.option(
    "--filter", "text", default="", metavar="TERMS", help="Only rows that match, in the screens' filter language."
)
@click.option("--wide", is_flag=True, help="All columns.")
@target_options
def command(options: Options, view: str, form: str, text: str, wide: bool) -> None:
    """Print fleets, clusters, or any kind over all clusters, once: `get pods`, `get deploy`, `get nodes`."""
    from kurator_tui.kinds.registry import kind
    from kurator_tui.store.filter import compile_filter

    wanted = compile_filter(text, kind(view), time.time)
    with target(options) as pointed:
        click.echo(asyncio.run(print_view(pointed, view, form, wanted=wanted, wide=wide)), nl=False)


def need_fleets(fleets: Freshness) -> None:
    """Raises ConsoleError where the host's Fleets are not known: an empty table would be a lie."""
    offer = "Choose the host with --context, or take every context as a member: --members-from contexts"
    if fleets.state is State.ABSENT:
        raise NotInstalled("This cluster does not serve fleets.fleet.kurator.dev.", offer)
    if fleets.state is State.FORBIDDEN:
        raise Forbidden(fleets.reason, f"Ask for `list` and `watch` on fleets.fleet.kurator.dev. {offer}")
    if fleets.state is State.UNREACHABLE:
        raise ApiError(fleets.reason, f"Fleets cannot be listed. {offer}")


async def print_view(
    options: Options, view: str, form: str, *, wanted: Predicate | None = None, wide: bool = False
) -> str:
    """One view as text in `form`. Raises ConsoleError, NotInstalled for a host without Kurator."""
    from kurator_tui.cli.output import render
    from kurator_tui.cli.run import PATIENCE, collect
    from kurator_tui.kinds.registry import kind
    from kurator_tui.store.digest import digest

    shown = kind(view)
    collected = await collect(options, ("fleets", *({view} - {"fleets"})))
    fleets = collected.freshness.get(("host", "fleets"))
    if options.members_from == "kurator" and fleets is not None:
        need_fleets(fleets)
    if not collected.complete:
        from kurator_tui.cli.main import complain

        complain(
            "Not complete", f"After {PATIENCE:g} s some clusters were still syncing.", "See: kurator-tui check"
        )
    if form == "digest":
        count, hashed = digest(row for row in collected.rows[view] if wanted is None or wanted(row))
        return f"{count} {hashed}\n"
    shown_rows = View(shown, shown.order)
    shown_rows.filter(wanted)
    shown_rows.load(collected.rows[view])
    rows = list(shown_rows)
    width = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else None
    return render(shown, rows, form, now=time.time(), width=width, wide=wide)
