"""The feeder without a screen: what `get`, `check` and `screenshot` are built on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kurator_tui.cli.options import Options
from kurator_tui.errors import ConsoleError, FeederLost, UsageError
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.link import messages as m
from kurator_tui.link.arranged import tell
from kurator_tui.link.pulse import REASON as SILENT
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State

PATIENCE = 20.0
"""Seconds to wait for the slowest cluster before showing what there is."""


class FeederRefused(ConsoleError):
    """A fatal notice of the feeder, with its own title and exit code."""

    def __init__(self, notice: m.Noticed) -> None:
        super().__init__(notice.message, notice.hint)
        self.title = notice.title  # type: ignore[misc]
        self.exit_code = notice.exit_code  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Collected:
    """Rows by kind id, freshness by (cluster, kind id; "" for the cluster), and what the feeder noticed."""

    rows: dict[str, list[Row]]
    freshness: dict[tuple[str, str], Freshness]
    notices: tuple[m.Noticed, ...]
    complete: bool
    """False when a cluster was still syncing after `PATIENCE`."""

    def state(self, cluster: str) -> Freshness | None:
        """Freshness of a cluster itself."""
        return self.freshness.get((cluster, ""))


@asynccontextmanager
async def session(
    options: Options, kinds: tuple[str, ...], patience: float = PATIENCE, *, silence: bool = True
) -> AsyncIterator[tuple[Session, list[m.Noticed], bool]]:
    """A session whose `kinds` are synced: (session, notices so far, complete). Raises ConsoleError when fatal.

    Without `silence` what the user does not want to hear of is heard all the same.
    """
    opened = Session(options.configured())
    tell(opened)
    if silence:
        _silence(opened)
    notices: list[m.Noticed] = []
    changed = asyncio.Event()

    def hear(fact: m.ToConsole | None) -> None:
        if isinstance(fact, m.Noticed):
            notices.append(fact)
        changed.set()

    opened.listen(hear)
    opened.store.listen_freshness(lambda _cluster, _kind, _freshness: changed.set())
    for kind in (*kinds, FLEET.id) if options.fleet else kinds:
        opened.subscribe(kind)
    task = asyncio.create_task(opened.run())
    try:
        complete = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await _first_sync(opened, notices, changed)
                complete = True
        _need_fleet(opened, options.fleet)
        yield opened, notices, complete
    finally:
        await opened.close()
        await task


def _silence(opened: Session) -> None:
    """Tell the feeders what the user does not want to hear of; what is wrong with that goes to stderr."""
    from kurator_tui.cli.main import complain
    from kurator_tui.cli.silences import use_silences

    _file, faults = use_silences(opened)
    for fault in faults:
        complain("Silences", fault)


def _need_fleet(opened: Session, name: str) -> None:
    """Raises UsageError for a fleet that does not exist: an empty answer would look like an empty fleet."""
    if not name or opened.store.freshness(HOST, FLEET.id).state is not State.LIVE:
        return
    known = sorted({row.name for row in opened.store.rows(FLEET.id)})
    if name not in known:
        raise UsageError(f"no fleet is called {name}", f"There are: {', '.join(known) or 'none'}.")


async def _first_sync(opened: Session, notices: list[m.Noticed], changed: asyncio.Event) -> None:
    while not opened.synced:
        await changed.wait()
        changed.clear()
        for notice in notices:
            if notice.fatal:
                raise FeederRefused(notice)
        if opened.feeder_state not in ("starting", "live", SILENT):  # a busy one may be silent for a moment
            raise FeederLost(opened.feeder_state, "Run it again with --log-file FILE to see the details.")
        if opened.store.freshness(HOST).state in (State.UNREACHABLE, State.STALE):
            await opened.call("host_failure")


async def collect(options: Options, kinds: tuple[str, ...]) -> Collected:
    """All rows of `kinds` once every cluster was listed or has a reason not to be. Raises ConsoleError."""
    async with session(options, kinds) as (opened, notices, complete):
        return Collected(
            rows={kind: list(opened.store.rows(kind)) for kind in kinds},
            freshness={(cluster, kind): f for cluster, kind, f in opened.store.freshness_items()},
            notices=tuple(notices),
            complete=complete,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What `get` was asked for: a kind's id or a word that members may know, and where to look."""

    word: str
    clusters: tuple[str, ...] = ()
    """Patterns such as `edge-*`; empty: all."""
    namespaces: tuple[str, ...] = ()


@asynccontextmanager
async def opened_kind(options: Options, asked: Asked) -> AsyncIterator[tuple[Session, AnyKind, bool]]:
    """A session with the rows of one kind, served by members but maybe known to no file: (…, kind, complete).

    Raises ConsoleError; UsageError for a word that nobody knows and a pattern that no cluster matches.
    """
    from kurator_tui.kinds.registry import KINDS, find
    from kurator_tui.link.served import learn

    async with session(options, ("fleets", "clusters")) as (opened, _notices, complete):
        if asked.word not in KINDS:
            await learn(opened, asked.word)
        kind = KINDS.get(asked.word) or _learned(asked.word, find(asked.word))
        clusters = matching(opened, asked.clusters)
        opened.subscribe(kind.id, clusters, namespaces=asked.namespaces)
        known = set(clusters) or {
            cluster for cluster, about, _state in opened.store.freshness_items() if not about
        }
        changed = asyncio.Event()
        opened.store.listen_freshness(lambda *_told: changed.set())
        try:
            async with asyncio.timeout(PATIENCE):
                awaited = kind.joined or not kind.derived
                while awaited and not all(_told(opened, cluster, kind.id) for cluster in known):
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            complete = False
        yield opened, kind, complete


def _learned(word: str, found: list[AnyKind]) -> AnyKind:
    """The one kind that `word` means. Raises UsageError where it means several: a script must not get just any."""
    if not found:
        raise UsageError(f"no cluster serves {word!r}, and no view is called so")
    if len(found) > 1 and word.casefold() not in (kind.id for kind in found):
        raise UsageError(f"several kinds are called {word!r}", f"Say {' or '.join(kind.id for kind in found)}.")
    return next((kind for kind in found if kind.id == word.casefold()), found[0])


def _told(opened: Session, cluster: str, kind: str) -> bool:
    """Whether a cluster's rows are known, or will not be."""
    waiting = (State.CONNECTING, State.SYNCING)
    told = {about: f.state for name, about, f in opened.store.freshness_items() if name == cluster}
    if told.get("") in (State.LIVE, *waiting):
        return told.get(kind, State.CONNECTING) not in waiting
    return True


def matching(opened: Session, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The clusters that patterns such as `edge-*` mean, () for none. Raises UsageError for what means none."""
    from fnmatch import fnmatchcase

    known = sorted({cluster for cluster, about, _state in opened.store.freshness_items() if not about})
    found = tuple(name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns))
    if patterns and not found:
        raise UsageError(f"no cluster is called {' or '.join(patterns)}", f"There are: {', '.join(known)}.")
    return found


async def ask_all(options: Options, method: str) -> list[str]:
    """Sync the clusters, then ask every feeder: each knows its own clusters. Raises ConsoleError."""
    async with session(options, ("clusters",)) as (opened, _notices, _complete):
        return await opened.call_all(method)
