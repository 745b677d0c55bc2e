"""Rows of the last session, shown as what they are until the feeders say more.

They are treated as rows of an earlier feeder: in the store, stale since they were last known to be true, replaced
cluster by cluster when a feeder's first replacement is complete, forgotten with the clusters nobody names. The row
of a cluster that has not answered in this session keeps its old numbers and says what keeps it from answering.

Nothing is shown of another estate: as soon as the host turns out to be another one, all is dropped. Bytes that
cannot be read hold nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec
from msgspec import structs

from kurator_tui import __version__
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.link import messages as m
from kurator_tui.store.freshness import UNKNOWN, Freshness, State
from kurator_tui.store.saved import About, Part, Saved, decode, plain, unpack
from kurator_tui.store.store import Store

TOO_OLD = 30 * 86400.0
"""Seconds after which rows are no help any more."""
REASON = "from the last session"

_OVERVIEWS: dict[str, AnyKind] = {kind.id: kind for kind in (FLEETS, CLUSTERS)}
"""Few rows, and the first frame shows them: in the store with the subscription. Other kinds follow in slices."""
_UNANSWERED = (State.CONNECTING, State.SYNCING, State.UNREACHABLE)
"""States in which the row of a cluster says less than the last session knew."""
_MEASURED = (
    *("contact", "version", "skew", "certificate_expiry", "nodes", "nodes_ready", "pods", "pods_ready", "gpus"),
    *("client_expiry", "server_expiry"),
    *("cpu_requested", "cpu_allocatable", "memory_requested", "memory_allocatable", "numbers"),
)
"""Fields of a cluster's row that only the cluster itself can tell."""

Place = tuple[str, str]
"""(kind id, cluster)"""


class Keeper(Protocol):
    """Where the bytes are kept (`config.rows_file.RowsFile` is one)."""

    estate: str

    def read(self) -> bytes:
        """The content, b"" when there is none."""

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Replace the content. Raises OSError."""


class Remembered:
    """What the last session knew of one estate. Without a `keeper`: nothing."""

    def __init__(self, store: Store, keeper: Keeper | None, clock: Callable[[], float]) -> None:
        self._store = store
        self._now = clock
        self.about = About(__version__, keeper.estate if keeper is not None else "")
        """What this session's rows are of, as far as it is known."""
        self._saved: Saved | None = None
        self._parts: dict[Place, Part] = {}
        """What no feeder has replaced yet."""
        self._wanted: set[str] = set()
        """Kinds somebody looks at."""
        self._shown: set[Place] = set()
        """Those of `_parts` whose rows are in the store."""
        self._told: dict[Place, Freshness] = {}
        """What feeders say of places that show old rows."""
        self._held: dict[str, ClusterOverview] = {}
        """Rows of clusters that did not answer yet, as feeders sent them."""
        self._known: dict[str, ClusterOverview] = {}
        """The old rows they are completed with."""
        self.open: set[Place] = set()
        """Replacements under way: their rows are old and new ones."""
        self._queue: asyncio.Queue[tuple[str, frozenset[str]]] = asyncio.Queue()
        if keeper is not None:
            self._load(keeper.read())

    def _load(self, data: bytes) -> None:
        saved = unpack(data, self.about)
        if saved is not None:
            self._saved, self.about = saved, saved.about
            oldest = self._now() - TOO_OLD
            self._parts = {(part.kind, part.cluster): part for part in saved.parts if part.since > oldest}

    # -- what there is ----------------------------------------------------------------------------------------

    @property
    def clusters(self) -> set[str]:
        """Clusters of which only the last session knew something."""
        return {cluster for _kind, cluster in self._parts}

    def parts(self, kind: AnyKind) -> list[Part]:
        """What is still the last that is known of `kind`."""
        found = self._saved.of(kind) if self._saved is not None else []
        return [part for part in found if (part.kind, part.cluster) in self._parts]

    def holds(self, place: Place) -> bool:
        """Whether the last session knew more of `place` than this one."""
        return place in self._parts

    # -- showing ----------------------------------------------------------------------------------------------

    def show(self, kind: str, clusters: Iterable[str] = ()) -> None:
        """Somebody looks at `kind`: put its rows into the store, those of large kinds a little later (`run`)."""
        self._wanted.add(kind)
        if kind not in _OVERVIEWS:
            self._queue.put_nowait((kind, frozenset(clusters)))
            return
        chosen = frozenset(clusters)
        for part in self.parts(_OVERVIEWS[kind]):
            rows = self._read(_OVERVIEWS[kind], part)
            if rows and self._awaits(part, chosen):
                self._mark(part)
                self._put(part, rows)
        self._store.flush()

    def hide(self, kind: str) -> None:
        """Nobody looks at `kind` any more; its rows left the store."""
        self._wanted.discard(kind)
        self._shown = {place for place in self._shown if place[0] != kind}

    async def run(self) -> None:
        """Show large kinds, slice by slice, until cancelled."""
        from kurator_tui.kinds.registry import KINDS  # all kinds: the first frame does not wait for them

        while True:
            id, clusters = await self._queue.get()
            if id in KINDS:
                await self._show_slowly(KINDS[id], clusters)

    async def _show_slowly(self, kind: AnyKind, clusters: frozenset[str]) -> None:
        for part in self.parts(kind):
            if not self._awaits(part, clusters):
                continue
            slices: list[list[Row]] = []
            try:
                for rows in decode(kind, part):
                    slices.append(rows)
                    await asyncio.sleep(0)
            except msgspec.DecodeError:
                self._parts.pop((part.kind, part.cluster), None)
                continue
            if self._awaits(part, clusters):
                self._mark(part)
                for rows in slices:
                    if not self._still(part):
                        break  # a feeder knows better by now, or nobody looks any more
                    self._put(part, rows)
                    self._store.flush()
                    await asyncio.sleep(0)

    def _awaits(self, part: Part, clusters: frozenset[str]) -> bool:
        """Whether the rows of `part` are wanted, and there are none yet."""
        place = (part.kind, part.cluster)
        wanted = part.kind in self._wanted and (not clusters or part.cluster in clusters)
        return wanted and place in self._parts and place not in self._shown and place not in self.open

    def _still(self, part: Part) -> bool:
        """Whether the rows of `part` are the best there is and somebody looks at them."""
        place = (part.kind, part.cluster)
        return place in self._shown and place not in self.open

    def _read(self, kind: AnyKind, part: Part) -> list[Row]:
        """All rows of a small part, as old as they are; none when they cannot be read."""
        try:
            return [_aged(row, self._since(part)) for rows in decode(kind, part) for row in rows]
        except msgspec.DecodeError:
            self._parts.pop((part.kind, part.cluster), None)
            return []

    def _since(self, part: Part) -> float:
        """When its rows were true; a clock that was set back since then does not make them newer than now."""
        return min(part.since, self._now())

    def _mark(self, part: Part) -> None:
        self._shown.add((part.kind, part.cluster))
        stale = Freshness(State.STALE, self._since(part), REASON)
        if self._store.freshness(part.cluster) is UNKNOWN:
            self._store.set_freshness(part.cluster, "", stale)
        self._store.set_freshness(part.cluster, part.kind, stale)

    def _put(self, part: Part, rows: list[Row]) -> None:
        for row in rows:
            if isinstance(row, ClusterOverview):
                self._known[row.cluster] = row
        self._store.put(part.kind, part.cluster, {row.uid: row for row in rows})

    # -- what feeders say -------------------------------------------------------------------------------------

    def freshness(self, cluster: str, kind: str, told: Freshness) -> Freshness:
        """What holds for (cluster, kind) when a feeder says `told`: old rows stay old until they are replaced."""
        place = (kind, cluster)
        if place not in self._shown:
            return told
        self._told[place] = told
        why = f"{told.reason}; {REASON}" if told.reason else REASON
        return Freshness(State.STALE, self._since(self._parts[place]), why)

    def merged(self, rows: list[Row]) -> list[Row]:
        """`rows` of a feeder, those of clusters that did not answer yet completed with what was known of them."""
        return (
            [self._merge(row) if isinstance(row, ClusterOverview) else row for row in rows]
            if self._known
            else rows
        )

    def _merge(self, row: ClusterOverview) -> ClusterOverview:
        known = self._known.get(row.cluster)
        if known is None:
            return row
        if row.state not in _UNANSWERED or not _same(known, row):
            self._held.pop(row.cluster, None)
            self._replaced((CLUSTERS.id, row.cluster))
            return row
        self._held[row.cluster] = row
        return _completed(row, known)

    def took(self, kind: str, begins: Iterable[str], completes: Iterable[str]) -> None:
        """A feeder's replacements of rows of `kind` began, and were completed, in these clusters."""
        self.open.update((kind, cluster) for cluster in begins)
        for cluster in completes:
            self.open.discard((kind, cluster))
            if kind != CLUSTERS.id or cluster not in self._held:
                self._replaced((kind, cluster))

    def _replaced(self, place: Place) -> None:
        """From now on the rows are this session's, and as fresh as the feeder says."""
        self._parts.pop(place, None)
        kind, cluster = place
        if kind == CLUSTERS.id:
            self._known.pop(cluster, None)
        if place in self._shown:
            self._shown.discard(place)
            told = self._told.pop(place, None)
            if told is not None:
                self._store.set_freshness(cluster, kind, told)
            else:
                self._store.forget_freshness(cluster, kind)

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more; its rows and freshness left the store."""
        self._held.pop(cluster, None)
        self._known.pop(cluster, None)
        for place in [place for place in self._parts if place[1] == cluster]:
            del self._parts[place]
            self._shown.discard(place)
            self._told.pop(place, None)
        self.open = {place for place in self.open if place[1] != cluster}

    def described(self, host: m.HostDescribed) -> bool:
        """Take note of the host; whether it is another one than the rows are of."""
        known, server = self.about, plain(host.server)
        self.about = structs.replace(known, context=host.context, server=server)
        pairs = ((known.context, host.context), (known.server, server))
        return bool(self._parts) and any(before and before != now for before, now in pairs)

    def drop(self) -> None:
        """Take all old rows out of the store; what feeders said meanwhile is shown plainly."""
        for kind, cluster in sorted(self._shown):
            if (kind, cluster) not in self.open:
                held = self._held.get(cluster) if kind == CLUSTERS.id else None
                self._store.replace(kind, cluster, [held] if held is not None else [])
            self._replaced((kind, cluster))
        self._parts.clear()
        self._held.clear()
        self._store.flush()


def _same(known: ClusterOverview, row: ClusterOverview) -> bool:
    """Whether both rows are of one cluster and not of two of one name."""
    servers = {server for server in (known.server, row.server) if server}
    return (known.uid, known.kind) == (row.uid, row.kind) and len(servers) < 2


def _completed(row: ClusterOverview, known: ClusterOverview) -> ClusterOverview:
    """`row` of a cluster that did not answer yet, with what the last session measured, as old as that is."""
    why = ": ".join(part for part in (row.state, row.reason) if part)
    return structs.replace(
        row,
        level=Level.STALE,
        state=State.STALE.value,
        since=known.since,
        reason=f"{why}; {REASON}",
        server=row.server or known.server,
        via=row.via or known.via,
        **{name: getattr(known, name) for name in _MEASURED},
    )


def _aged(row: Row, since: float) -> Row:
    """A derived row as it is shown before anybody confirmed it."""
    if isinstance(row, ClusterOverview):
        if row.state == State.STALE and row.since:
            since = min(since, row.since)
        return structs.replace(
            row, level=Level.STALE, state=State.STALE.value, since=since, reason=REASON, latency=None, streams=0
        )
    if isinstance(row, FleetOverview):
        return structs.replace(row, level=Level.STALE, reason=REASON, live=0)
    return row
