"""`kurator-tui get VIEW`: the rows of a screen or of any kind, once, in the order of the screen."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TypeVar

import click

from kurator_tui.cli.following import Matching, follow
from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.cli.run import PATIENCE, Asked, opened_kind
from kurator_tui.cli.views import use_views_aloud
from kurator_tui.cli.words import kind_argument, section_of, section_option
from kurator_tui.errors import ApiError, ConsoleError, Forbidden, NotInstalled, UsageError
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.kurator import KINDS as KURATOR_KINDS
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.view import Predicate, View

METRICS = "metrics"
"""The one screen whose rows are of no kind that is known before Thanos was asked."""


@click.command()
@kind_argument(METRICS)
@section_option()
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(["table", "wide", "json", "yaml", "csv", "digest"]),
    default="table",
    help="Output format; digest is the number of rows and one hash of them.",
)
@click.option(
    "--filter", "text", default="", metavar="TERMS", help="Only rows that match, in the screens' filter language."
)
@click.option("--wide", is_flag=True, help="All columns, as -o wide.")
@click.option("--cluster", "clusters", multiple=True, metavar="GLOB", help="Only these clusters; can be repeated.")
@click.option("-w", "--watch", is_flag=True, help="Go on with each change, as lines of JSON.")
@target_options
def command(
    options: Options,
    view: str,
    section: str,
    form: str,
    text: str,
    wide: bool,
    clusters: tuple[str, ...],
    watch: bool,
) -> None:
    """Print a screen or any kind over all clusters, once: `get fleets`, `get edge`, `get pods`, `get deploy`.

    A screen is its first section (workloads: pods), metrics the overview with a row a cluster. A kind that only
    your clusters know works, too. With -n only what is in that namespace is printed.
    """
    from kurator_tui.kinds.registry import KINDS
    from kurator_tui.store.filter import compile_filter

    use_views_aloud()
    view = section_of(view, section) if section else view
    if view == METRICS:
        _print_metrics(options, text, form, clusters, wide=wide, watch=watch)
        return
    known = KINDS.get(view)
    if known is not None:
        compile_filter(text, known, time.time)  # what is wrong is said before anything is asked
    wide = wide or form == "wide"
    namespaces: tuple[str, ...] = ()
    if options.namespace and (known is None or known.id not in OWN_NAMESPACE):
        namespaces, options = (options.namespace,), replace(options, namespace="")
    asked = Asked(view, clusters, namespaces)

    def matching(kind: AnyKind) -> Predicate | None:
        return among(asked, compile_filter(text, kind, time.time), clusters)

    with target(options) as pointed:
        if watch:
            if form not in ("table", "json"):
                raise UsageError("--watch prints lines of JSON", "Leave -o away, or say -o json.")
            asyncio.run(_asking(view, follow(pointed, asked, matching, _write)))
        elif known is not None and not clusters and not namespaces:
            printed = print_view(pointed, view, form, wanted=matching(known), wide=wide)
            click.echo(asyncio.run(printed), nl=False)
        else:
            click.echo(
                asyncio.run(_asking(view, print_asked(pointed, asked, form, matching, wide=wide))), nl=False
            )


def _print_metrics(
    options: Options, text: str, form: str, clusters: tuple[str, ...], *, wide: bool, watch: bool
) -> None:
    """The rows of the Metrics screen."""
    from kurator_tui.cli.measured import measured
    from kurator_tui.store.filter import compile_filter

    if watch:
        raise UsageError("metrics cannot be watched", "Ask again, or open screen 5.")
    with target(options) as pointed:
        kind, rows = asyncio.run(measured(pointed))
    wanted = among(Asked(METRICS, clusters), compile_filter(text, kind, time.time), clusters)
    click.echo(_printed(kind, rows, form, wanted, wide=wide or form == "wide"), nl=False)


async def _asking(view: str, asking: Awaitable[T]) -> T:
    """What the members say. Raises UsageError for a word that only they may know when they cannot be asked."""
    from kurator_tui.kinds.registry import KINDS

    try:
        return await asking
    except ConsoleError as error:
        if view in KINDS or isinstance(error, UsageError):
            raise
        unknown = f"no view and no kind known here is called {view!r}, and the clusters cannot be asked"
        raise UsageError(f"{unknown}: {error.message}", error.hint) from None


T = TypeVar("T")
OWN_NAMESPACE = ("fleets", "clusters", *(kind.id for kind in KURATOR_KINDS))
"""Kinds that --namespace chooses among where they are read."""


def _write(text: str) -> None:
    click.echo(text, nl=False)
    sys.stdout.flush()


def among(asked: Asked, wanted: Predicate | None, clusters: tuple[str, ...]) -> Predicate | None:
    """What matches `wanted` in the clusters and namespaces that are asked for."""
    if not clusters and not asked.namespaces:
        return wanted

    def holds(row: Row) -> bool:
        if clusters and not any(fnmatchcase(row.cluster, pattern) for pattern in clusters):
            return False
        if asked.namespaces and row.namespace and row.namespace not in asked.namespaces:
            return False
        return wanted is None or wanted(row)

    return holds


async def print_asked(options: Options, asked: Asked, form: str, matching: Matching, *, wide: bool = False) -> str:
    """As `print_view`, of some clusters or namespaces, or of a kind that only members know."""
    async with opened_kind(options, asked) as (session, kind, complete):
        if not complete:
            _incomplete()
        return _printed(kind, list(session.store.rows(kind.id)), form, matching(kind), wide=wide)


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
    from kurator_tui.cli.run import collect
    from kurator_tui.kinds.registry import kind

    shown = kind(view)
    collected = await collect(options, ("fleets", *({view} - {"fleets"})))
    fleets = collected.freshness.get(("host", "fleets"))
    if options.members_from == "kurator" and fleets is not None:
        need_fleets(fleets)
    told = collected.freshness.get((HOST, shown.id))
    if shown.derived and told is not None and told.state is State.UNREACHABLE and not collected.rows[view]:
        raise ConsoleError(f"Nothing is known of {shown.plural}: {told.reason}")  # an empty table would be a lie
    if not collected.complete:
        _incomplete()
    return _printed(shown, collected.rows[view], form, wanted, wide=wide)


def _incomplete() -> None:
    from kurator_tui.cli.main import complain

    complain("Not complete", f"After {PATIENCE:g} s some clusters were still syncing.", "See: kurator-tui check")


def _printed(kind: AnyKind, found: list[Row], form: str, wanted: Predicate | None, *, wide: bool) -> str:
    """The rows that match in the order of the screen, as text."""
    from kurator_tui.cli.output import render
    from kurator_tui.store.digest import digest

    if form == "digest":
        count, hashed = digest(row for row in found if wanted is None or wanted(row))
        return f"{count} {hashed}\n"
    shown = View(kind, kind.order, descending=kind.descending)
    shown.filter(wanted)
    shown.load(found)
    width = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else None
    form = "table" if form == "wide" else form
    return render(kind, list(shown), form, now=time.time(), width=width, wide=wide)
