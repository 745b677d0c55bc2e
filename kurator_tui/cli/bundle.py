"""`kurator-tui bundle`: everything about incidents as a folder or a tar, without a screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kurator_tui.cli.completion import codes
from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.errors import UsageError
from kurator_tui.kinds.blindspots import BLINDSPOTS
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State, rank
from kurator_tui.kinds.overview import CLUSTERS, FLEETS

if TYPE_CHECKING:  # what the console is made of is loaded once the members are synced
    from kurator_tui.cli.triage_read import Found
    from kurator_tui.link.messages import HostDescribed
    from kurator_tui.link.past import Past
    from kurator_tui.screens.inbox import Inbox

TIMEOUT, NOT_SYNCED = 60.0, 10
"""Seconds in which members should be synced, and the exit code where they are not; as of `triage`."""
NAMED = 10
"""Incidents that are offered where none was meant."""


@click.command()
@click.argument("incidents", metavar="[INCIDENT]…", nargs=-1)
@click.option(
    "--code",
    "chosen_codes",
    metavar="CODE",
    multiple=True,
    shell_complete=codes,
    help="Incidents of this code; can be repeated.",
)
@click.option("--all", "every", is_flag=True, help="Every incident that goes on.")
@click.option("-o", "--output", "folder", default=".", metavar="DIR", help="Where to write it [default: here]")
@click.option("--tar", is_flag=True, help="One compressed tar in the place of a folder.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 86400, min_open=True),
    default=TIMEOUT,
    metavar="SECONDS",
    help="How long members may take to be synced [default: 60]",
)
@target_options
def command(
    options: Options,
    incidents: tuple[str, ...],
    chosen_codes: tuple[str, ...],
    every: bool,
    folder: str,
    tar: bool,
    timeout: float,
) -> None:
    """Write everything about INCIDENT: its title, as triage tells it, or words of it, or its id.

    Pages in Markdown (README.md is the entry), screens as SVG and text, objects, numbers, changes that were made;
    secrets are masked. Several incidents are one bundle. Nothing is overwritten; the path is on stdout.

    One that is over is found in what consoles recorded, with what they recorded of it.

    It waits until the members are synced. Those that are not within --timeout, and kinds that cannot be read, are
    told on stderr; it ends with 10 then.
    """
    if every and (incidents or chosen_codes):
        raise UsageError("--all and a choice exclude each other")
    from kurator_tui.cli.main import complain
    from kurator_tui.cli.triage_read import unseen_text

    choice = Choice(incidents, chosen_codes, every)
    with target(options) as pointed:
        path, found = asyncio.run(write(pointed, choice, Path(folder).expanduser(), tar=tar, patience=timeout))
    if path is None:
        click.echo("nothing is wrong: nothing was written", err=True)
    else:
        click.echo(path)
    for title, message in unseen_text(found):
        complain(title, message)
    click.get_current_context().exit(0 if found.synced else NOT_SYNCED)


class Choice(NamedTuple):
    """Which incidents are asked for."""

    words: Sequence[str] = ()
    codes: Sequence[str] = ()
    every: bool = False


async def write(
    options: Options, choice: Choice, folder: Path, *, tar: bool, patience: float
) -> tuple[Path | None, Found]:
    """Where it was written, None where nothing is wrong and all was meant; and what could not be seen.

    Raises ConsoleError.
    """
    from kurator_tui.cli.history import looking_back
    from kurator_tui.cli.run import session
    from kurator_tui.cli.triage_read import Found, unseen
    from kurator_tui.link.history import History
    from kurator_tui.screens.bundling import Bundling
    from kurator_tui.screens.timed import Timed

    kinds = (FLEETS.id, CLUSTERS.id, INCIDENTS.id, FINDINGS.id, BLINDSPOTS.id)
    async with session(options, kinds, patience) as (opened, _notices, complete):
        store = opened.store
        found = Found((), *unseen(store.rows(BLINDSPOTS.id), store.rows(CLUSTERS.id)), complete)
        rows = [row for row in store.rows(INCIDENTS.id) if isinstance(row, IncidentRow)]
        going = sorted((row for row in rows if row.state != State.RESOLVED), key=lambda row: (-rank(row), row.uid))
        past = looking_back(options)
        chosen = going if choice.every else await _chosen(rows, going, choice, past)
        if not chosen:
            return None, found
        for row in chosen:
            store.put(INCIDENTS.id, row.cluster, {row.uid: row})  # also what was over before this began
        source = Timed(opened, History(past), time.time) if past is not None else opened
        bundling = Bundling(source, time.time, theme=options.theme, read_only=options.read_only)
        inbox = _inbox(opened.host)
        return await bundling.write([inbox.row(row) for row in chosen], folder, tar=tar), found


async def _chosen(
    rows: list[IncidentRow], going: list[IncidentRow], choice: Choice, past: Past | None
) -> list[IncidentRow]:
    """Those that are meant; where that is none of what is known, of what consoles recorded as over."""
    from kurator_tui.screens.recalled import over

    try:
        return meant(rows, going, choice.words, choice.codes)
    except UsageError:
        known = {row.uid for row in rows}
        recorded = [row for row in await over(past, time.time()) if row.uid not in known] if past else []
        if not recorded:
            raise
        return meant([*rows, *recorded], going, choice.words, choice.codes)


def _inbox(host: HostDescribed | None) -> Inbox:
    """What was said of incidents, as the console keeps it."""
    from kurator_tui.config.inbox_file import InboxFile
    from kurator_tui.config.paths import state_dir
    from kurator_tui.screens.inbox import Inbox
    from kurator_tui.screens.inbox_ways import estate_of

    inbox = Inbox(time.time, lambda problem: click.echo(problem, err=True))
    if host is not None and (estate := estate_of(host)):
        inbox.use(InboxFile(state_dir(), estate))
    return inbox


def meant(
    rows: Iterable[IncidentRow], going: Sequence[IncidentRow], words: Sequence[str], codes: Sequence[str]
) -> list[IncidentRow]:
    """The incidents of `rows` that are meant, worst first; the only one of `going` where nothing says which.

    Raises UsageError for what means none, or several.
    """
    ordered = [*going, *(row for row in rows if row.state == State.RESOLVED)]
    if not words and not codes:
        if len(going) == 1:
            return list(going)
        raise UsageError("say which incident" if going else "nothing is wrong: say which incident", offered(going))
    found: dict[str, IncidentRow] = {}
    for code in codes:
        alike = [row for row in ordered if row.code.casefold() == code.casefold()]
        if not alike:
            raise UsageError(f"no incident has the code {inert(code)}", offered(going))
        found.update((row.uid, row) for row in alike)
    for word in words:
        row = _called(ordered, word, going)
        found[row.uid] = row
    return [row for row in ordered if row.uid in found]


def _called(rows: Sequence[IncidentRow], word: str, going: Sequence[IncidentRow]) -> IncidentRow:
    alike = (
        [row for row in rows if word == row.uid]
        or [row for row in rows if word == row.name]
        or [row for row in rows if word.casefold() in row.name.casefold()]
    )
    if not alike:
        raise UsageError(f"no incident is called {inert(word)}", offered(going))
    if len(alike) > 1:
        raise UsageError(f"{len(alike)} incidents are called {inert(word)}", offered(alike))
    return alike[0]


def offered(rows: Sequence[IncidentRow]) -> str:
    """What may be meant."""
    if not rows:
        return ""
    lines = [f"  {row.code}  {inert(row.uid)}  {inert(row.name)}" for row in rows[:NAMED]]
    more = [f"  and {len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return "\n".join(["There are (code, id, title):", *lines, *more])
