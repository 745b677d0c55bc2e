"""`kurator-tui rollout status|history`: how a release goes out over the fleet, for people and for pipelines.

Lines go to stdout as they come, and the last word to stderr; nothing printed can act on a terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import replace

import click

from kurator_tui.cli.following import reader_gone
from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.cli.rollout_lines import Code, Progress, Wanted, history
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.link.session import Session
from kurator_tui.store.store import Delta

READ = ("fleets", "rollouts")

CODES = """\b
Exit codes:
  0  succeeded on every cluster
  1  failed on some cluster
  3  not done on every cluster in the time that was given
  4  no such rollout; credentials that cannot be used
"""


class NoRollout(ConsoleError):
    title = "Not found"
    exit_code = int(Code.NOT_FOUND)


def _timeout(_context: click.Context, _parameter: click.Parameter, text: str) -> float:
    """Seconds of `10m`; 0 for none."""
    from kurator_tui.store.moments import seconds_of

    found = seconds_of(text) if text else 0.0
    if found is None:
        raise click.BadParameter("a duration such as 30s, 10m or 2h is needed")
    return found


@click.group()
@target_options
def command(options: Options) -> None:
    """Follow releases over the fleet: Applications, Canaries, Argo Rollouts and Deployments."""


@command.command("status", epilog=CODES)
@click.argument("name", metavar="APP")
@click.option("-w", "--watch", is_flag=True, help="A line a change, until it has ended on every cluster.")
@click.option(
    "--timeout", default="", callback=_timeout, metavar="10m", help="With --watch: give up after so long."
)
@click.option(
    "--revision",
    default="",
    metavar="REV",
    help="Not done before clusters have it: a commit's hash, a tag, a chart's version, or a part of one.",
)
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text")
@target_options
def status(options: Options, name: str, watch: bool, timeout: float, revision: str, form: str) -> None:
    """How the release of an Application stands on each cluster; also of what no Application stands behind.

    With -n only in that namespace, the Application's or the workload's; with --fleet only on that fleet. Right
    after a push name the --revision: until Flux has fetched it nobody in the fleet knows of it.
    """
    progress = Progress(_wanted(options, name, revision), as_json=form == "json")
    with target(replace(options, namespace="")) as pointed:
        if watch:
            asyncio.run(_follow(pointed, name, progress, timeout))
        else:
            asyncio.run(_once(pointed, name, progress))
    click.echo(progress.summary(), err=True)
    click.get_current_context().exit(int(progress.code))


@command.command("history")
@click.argument("name", metavar="APP")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text")
@target_options
def told(options: Options, name: str, form: str) -> None:
    """What the rollout engines said of a release on each cluster, by time.

    Clusters keep it as events, usually for an hour.
    """
    progress = Progress(_wanted(options, name))
    with target(replace(options, namespace="")) as pointed:
        asyncio.run(_load(pointed, name, progress))
    lines = list(history(progress.rows, as_json=form == "json"))
    _write("".join(lines))
    if not lines:
        click.echo(f"No events of {name} are left: clusters keep them for an hour.", err=True)


def _wanted(options: Options, name: str, revision: str = "") -> Wanted:
    return Wanted(name, options.namespace, options.fleet, revision)


def _write(text: str) -> None:
    click.echo(text, nl=False)
    sys.stdout.flush()


async def _once(options: Options, name: str, progress: Progress) -> None:
    lines = await _load(options, name, progress)
    _write(progress.document(time.time()) if progress.as_json else lines)


async def _load(options: Options, name: str, progress: Progress) -> str:
    """The lines of what is there now. Raises NoRollout."""
    from kurator_tui.cli.run import session

    async with session(options, READ) as (opened, _notices, _complete):
        return _begin(opened, options, name, progress)


def _begin(opened: Session, options: Options, name: str, progress: Progress) -> str:
    from kurator_tui.cli.get import need_fleets

    if options.members_from == "kurator":
        need_fleets(opened.store.freshness(HOST, "fleets"))
    rows = sorted(opened.store.rows("rollouts"), key=lambda row: (row.cluster, row.name, row.uid))
    found = "".join(progress.take({row.key: row for row in rows}, time.time()))
    if not progress.rows:
        known = sorted({row.name for row in rows})
        hint = f"There are: {', '.join(known[:20])}." if known else "Nothing goes out in this estate."
        raise NoRollout(f"no rollout is called {name}", hint)
    return found


async def _follow(options: Options, name: str, progress: Progress, timeout: float) -> None:
    """Write a line a change until all have ended, the time is over or nobody reads any more."""
    from kurator_tui.cli.run import session

    async with session(options, READ) as (opened, _notices, _complete):
        woken = asyncio.Event()
        pending: list[Delta] = []

        def changed(kind: str, delta: Delta) -> None:
            if kind == "rollouts":
                pending.append(dict(delta))
                woken.set()

        opened.store.listen(changed)
        _write(_begin(opened, options, name, progress))
        gone = reader_gone(woken)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout or None):
                while (left := progress.left(time.time())) != 0.0:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(left):
                            await woken.wait()
                    woken.clear()
                    if gone.is_set():
                        raise BrokenPipeError
                    while pending:
                        _write("".join(progress.take(pending.pop(0), time.time())))
