"""What a store was told since it was written down last, merged by key, and what that is as entries of a recording.

Bounded by the number of objects: what changes ten times in a second is one change. Rows lose what may not be
written (`store.recordable`), freshness its reason, a host's URL its credentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kurator_tui.kinds.base import Key, Row
from kurator_tui.kinds.findings import RANK
from kurator_tui.kinds.forwards import FORWARDS
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.incidents import State as Going
from kurator_tui.kinds.masked_text import masked_text
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows
from kurator_tui.link.recording import Entry, Introduced, Turned
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.recordable import recordable
from kurator_tui.store.saved import fingerprint, plain, shape_of
from kurator_tui.store.store import Delta, Store

SLICE = 500
"""Rows encoded before the screen may have a turn."""
MOST_NAMES = 20
"""Incidents named where many changed at once."""

Entries = list[Entry]


class Heard:
    """Listens to `store` until `stop`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._host: m.HostDescribed | None = None
        self._new_host = False
        self._rows: dict[str, Delta] = {}
        self._freshness: dict[tuple[str, str], Freshness] = {}
        self._forgotten: dict[str, None] = {}
        self._dropped: dict[str, None] = {}
        self._introduced: dict[str, Introduced] = {}
        """Kinds that the present keyframe and what follows it speak of."""
        self._going: dict[Key, str] = {}
        """How severe the incidents that go on were at their worst: what goes to and fro is told once."""
        self._stops = [
            store.listen(self._changed),
            store.listen_freshness(self._aged),
            store.listen_dropped(self._drop),
        ]

    def stop(self) -> None:
        """Hear no more. Idempotent."""
        while self._stops:
            self._stops.pop()()

    def fact(self, fact: m.ToConsole | None) -> None:
        """A fact of the link that is not rows."""
        if isinstance(fact, m.HostDescribed):
            self._host, self._new_host = fact, True
        elif isinstance(fact, m.ClusterForgotten):
            self._forgotten[fact.cluster] = None
            for kind, delta in self._rows.items():  # what went with it is not told one by one
                left = {key: row for key, row in delta.items() if row is not None or key[0] != fact.cluster}
                self._rows[kind] = left
            for place in [place for place in self._freshness if place[0] == fact.cluster]:
                del self._freshness[place]

    def _changed(self, kind: str, delta: Delta) -> None:
        if kind != FORWARDS.id:  # they are the console's, not the fleet's
            self._rows.setdefault(kind, {}).update(delta)

    def _aged(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if kind and self._store.told(cluster, kind) is None and cluster not in self._store.clusters(kind):
            freshness = Freshness(State.UNREAD, 0.0)  # nobody reads it there any more
        self._freshness[(cluster, kind)] = freshness

    def _drop(self, kind: str) -> None:
        self._rows.pop(kind, None)
        self._dropped[kind] = None
        if kind == INCIDENTS.id:
            self._going.clear()
        for place in [place for place in self._freshness if place[1] == kind]:
            del self._freshness[place]

    # -- as entries -------------------------------------------------------------------------------------------

    def changes(self) -> Iterator[Entries]:
        """What was heard, and is not any more: what belongs together comes together, in slices."""
        rows, self._rows = self._rows, {}
        first: Entries = [m.ClusterForgotten(cluster) for cluster in self._forgotten]
        first += [m.Unsubscribed(kind) for kind in self._dropped]
        first += self._told_host()
        first += [_freshness(cluster, kind, told) for (cluster, kind), told in self._freshness.items()]
        for waiting in (self._forgotten, self._dropped, self._freshness):
            waiting.clear()
        if first:
            yield first
        for kind, delta in rows.items():
            yield from self._delta(kind, delta)

    def _told_host(self) -> Entries:
        host = self._host
        if host is None or not self._new_host:
            return []
        self._new_host = False
        return [msgspec.structs.replace(host, server=plain(host.server))]

    def _delta(self, kind: str, delta: Delta) -> Iterator[Entries]:
        items = list(delta.items())
        for start in range(0, len(items), SLICE):
            some = items[start : start + SLICE]
            changed = [row for _key, row in some if row is not None]
            removed = tuple(key for key, row in some if row is None)
            entries = self._rows_of(kind, changed, removed)
            if kind == INCIDENTS.id:
                entries += self._turned(some)
            if entries:
                yield entries

    def _rows_of(
        self,
        kind: str,
        rows: Sequence[Row],
        removed: tuple[Key, ...] = (),
        begins: Sequence[str] = (),
        completes: Sequence[str] = (),
    ) -> Entries:
        introduced = self._introduce(kind)
        if introduced is None:
            return []
        from kurator_tui.kinds.registry import KINDS  # all kinds: the first frame does not wait for them

        clean = recordable(KINDS[kind])
        cleaned = encode_rows([clean(row) for row in rows])
        return [*introduced, m.RowsChanged(0, kind, cleaned, removed, tuple(begins), tuple(completes))]

    def _introduce(self, kind: str) -> Entries | None:
        """What is to be known of a kind before its rows; None for one that nobody knows."""
        from kurator_tui.kinds.registry import DEFINED, KINDS

        if kind not in KINDS:
            return None
        definition = msgspec.json.encode(DEFINED[kind]) if kind in DEFINED else b""
        told = Introduced(kind, fingerprint(shape_of(KINDS[kind])), definition)
        if self._introduced.get(kind) == told:
            return []
        self._introduced[kind] = told
        return [told]

    def _turned(self, changes: Iterable[tuple[Key, Row | None]]) -> Entries:
        """What changed for who looks at incidents: some began or are worse, some are over."""
        began: list[str] = []
        over: list[str] = []
        for key, row in changes:
            going = row if isinstance(row, IncidentRow) and _goes_on(row) else None
            before = self._going.get(key)
            if going is not None and (before is None or RANK[going.severity] > RANK[before]):
                self._going[key] = going.severity
                began.append(masked_text(going.name))
            elif going is None and before is not None:
                del self._going[key]
                over.append(masked_text(row.name) if row is not None else key[1])
        if not began and not over:
            return []
        return [Turned(len(self._going), tuple(began[:MOST_NAMES]), tuple(over[:MOST_NAMES]))]

    # -- everything -------------------------------------------------------------------------------------------

    def everything(self) -> Iterator[Entries]:
        """All rows, and how fresh they are, in slices. What changes meanwhile is heard as ever."""
        self._introduced.clear()
        self._new_host = True
        incidents = self._store.rows(INCIDENTS.id)
        self._going = {
            row.key: row.severity for row in incidents if isinstance(row, IncidentRow) and _goes_on(row)
        }
        first = self._told_host()
        yield first + [_freshness(*told) for told in self._store.freshness_items()]
        for kind in self._store.kinds():
            if kind != FORWARDS.id:
                yield from self._whole(kind)

    def _whole(self, kind: str) -> Iterator[Entries]:
        """All rows of a kind: small clusters together, large ones in parts."""
        rows: list[Row] = []
        begins: list[str] = []
        completes: list[str] = []
        for cluster in self._store.clusters(kind):
            begins.append(cluster)
            for row in list(self._store.rows(kind, cluster)):
                rows.append(row)
                if len(rows) >= SLICE:
                    yield self._rows_of(kind, rows, (), begins, completes)
                    rows, begins, completes = [], [], []
            completes.append(cluster)
        if begins or completes:
            yield self._rows_of(kind, rows, (), begins, completes)


def _goes_on(row: IncidentRow) -> bool:
    return row.state != Going.RESOLVED


def _freshness(cluster: str, kind: str, told: Freshness) -> m.FreshnessChanged:
    return m.FreshnessChanged(cluster, kind, told.state.value, told.since)
