"""What rules look at beside their row, and who looked: so whoever looked at what changed is judged again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from typing import Any, cast

from kurator_tui.kinds.base import AnyKind, Key, Kind, R, Row
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Delta, Store

Judged = tuple[int, Key]
"""Number of an analyser, and a row of its kind."""
Looked = tuple[Hashable, ...]
"""Of one kind: (cluster,) for all, (cluster, namespace, name) for a row, (cluster, index, place) for those there.
`EVERYWHERE` for all of all clusters. Of how fresh something is: (cluster, kind)."""
Asked = dict[Looked, dict[Judged, None]]
"""Who looked."""
EVERYWHERE: Looked = ("", "")
Place = tuple[str, str]
"""What rows are found by in an index: a namespace, and a value in it."""


class _Names:
    """Rows of one kind in one cluster by name."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self._names: dict[str, tuple[str, str]] = {}
        """By uid."""
        for row in rows:
            self.put(row)

    def put(self, row: Row) -> None:
        name = (row.namespace, row.name)
        self.rows[name] = row
        self._names[row.uid] = name

    def drop(self, uid: str) -> tuple[str, str] | None:
        """The name that the row had, None where there was none, or another one has it by now."""
        name = self._names.pop(uid, None)
        if name is None or name not in self.rows or self.rows[name].uid != uid:
            return None
        del self.rows[name]
        return name


class _Index:
    """Rows of one kind in one cluster by what `read` says of them."""

    def __init__(self, read: Callable[[Any], Place | None], rows: Iterable[Row]) -> None:
        self._read = read
        self.rows: dict[Place, dict[str, Row]] = {}
        """By place, then by uid."""
        self._places: dict[str, Place] = {}
        for row in rows:
            self.put(row.uid, row)

    def put(self, uid: str, row: Row | None) -> tuple[Place, ...]:
        """Where `row`, None for gone, was and is."""
        before = self._places.pop(uid, None)
        if before is not None:
            del self.rows[before][uid]
            if not self.rows[before]:
                del self.rows[before]
        place = self._read(row) if row is not None else None
        if row is None or place is None:
            return () if before is None else (before,)
        self._places[uid] = place
        self.rows.setdefault(place, {})[uid] = row
        return (place,) if before is None or before == place else (before, place)


class _Looked:
    """One kind that somebody looked at."""

    def __init__(self) -> None:
        self.names: dict[str, _Names] = {}
        """By cluster, where somebody looked by name."""
        self.indexes: dict[str, dict[Hashable, _Index]] = {}
        """By cluster, where somebody looked so."""
        self.asked: Asked = {}
        self.others: dict[str, Row] = {}
        """By cluster: rows of clusters that other feeders read."""


def _by_label(label: str, row: Row) -> Place | None:
    labels: tuple[tuple[str, str], ...] = getattr(row, "labels", ())
    value = next((value for key, value in labels if key == label), "")
    return (row.namespace, value) if value else None


class Looking:
    """`rules.Look` for rules; `touched` and `aged` for the engine."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._kinds: dict[str, _Looked] = {}
        self._fresh: dict[str, Asked] = {}
        """By cluster: who looked at how fresh it is."""
        self._looked: dict[Judged, list[tuple[Asked, Looked]]] = {}
        self._judged: Judged | None = None
        self.ahead = 0.0
        """Seconds by which the clock that wrote the times in the judged row is ahead of ours."""

    # -- for rules ----------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Unix seconds."""
        return self._clock() + self.ahead

    def find(self, kind: Kind[Any, R], cluster: str, namespace: str, name: str) -> R | None:
        """The row of that name, None where there is none or it is not known."""
        known = self._look_at(kind.id, cluster, namespace, name)
        names = known.names.get(cluster)
        if names is None:
            names = known.names[cluster] = _Names(self._store.rows(kind.id, cluster))
        return cast("R | None", names.rows.get((namespace, name)))

    def all(self, kind: Kind[Any, R], cluster: str) -> list[R]:
        """Rows of `kind` in `cluster`: of kinds with few objects only."""
        self._look_at(kind.id, cluster)
        return cast("list[R]", list(self._store.rows(kind.id, cluster)))

    def everywhere(self, kind: Kind[Any, R]) -> list[R]:
        """Rows of `kind` in all clusters, those that other feeders read too: of kinds with a row or two a cluster
        only."""
        known = self._look_at(kind.id, *EVERYWHERE)
        return cast("list[R]", [*self._store.rows(kind.id), *known.others.values()])

    def labelled(self, kind: Kind[Any, R], cluster: str, namespace: str, label: str, value: str) -> list[R]:
        """Rows of `kind` there whose label has that value: of kinds whose rows hold `labels`."""
        return self._at(kind, cluster, label, partial(_by_label, label), (namespace, value))

    def having(self, kind: Kind[Any, R], cluster: str, read: Callable[[R], Place | None], place: Place) -> list[R]:
        """Rows of `kind` in `cluster` of which `read`, a function of a module, says `place`."""
        return self._at(kind, cluster, read, read, place)

    def freshness(self, cluster: str, kind: AnyKind | None = None) -> Freshness:
        """How far rows there can be trusted."""
        id = kind.id if kind is not None else ""
        self._note(self._fresh.setdefault(cluster, {}), (cluster, id))
        return self._store.freshness(cluster, id)

    def _at(
        self, kind: Kind[Any, R], cluster: str, index: Hashable, read: Callable[[R], Place | None], place: Place
    ) -> list[R]:
        indexes = self._look_at(kind.id, cluster, index, place).indexes.setdefault(cluster, {})
        found = indexes.get(index)
        if found is None:
            found = indexes[index] = _Index(read, self._store.rows(kind.id, cluster))
        return cast("list[R]", list(found.rows.get(place, {}).values()))

    def _look_at(self, kind: str, *what: Hashable) -> _Looked:
        known = self._kinds.get(kind)
        if known is None:
            known = self._kinds[kind] = _Looked()
        self._note(known.asked, what)
        return known

    def _note(self, asked: Asked, what: Looked) -> None:
        if (judged := self._judged) is None:
            return
        who = asked.get(what)
        if who is None:
            who = asked[what] = {}
        if judged not in who:
            who[judged] = None
            self._looked.setdefault(judged, []).append((asked, what))

    # -- for the engine -----------------------------------------------------------------------------------------

    def begin(self, judged: Judged) -> None:
        """`judged` looks from now on; what it looked at before does not count any more."""
        for asked, what in self._looked.pop(judged, ()):
            if (who := asked.get(what)) is not None:
                who.pop(judged, None)
                if not who:
                    del asked[what]
        self._judged = judged

    def resume(self, judged: Judged) -> None:
        """`judged` looks at more than it did."""
        self._judged = judged

    def touched(self, kind: str, delta: Delta) -> Iterator[Judged]:
        """Who looked at rows of `delta`; their names are known as they are now."""
        known = self._kinds.get(kind)
        if known is None:
            return
        if known.names:
            yield from self._renamed(known, delta)
        yield from known.asked.get(EVERYWHERE, ())
        for cluster in {cluster for cluster, _uid in delta}:
            yield from known.asked.get((cluster,), ())
        if not known.indexes:
            return
        for (cluster, uid), row in delta.items():
            for index, rows in known.indexes.get(cluster, {}).items():
                for place in rows.put(uid, row):
                    yield from known.asked.get((cluster, index, place), ())

    def _renamed(self, known: _Looked, delta: Delta) -> Iterator[Judged]:
        """Who looked by a name that a row of `delta` had or has."""
        gone: list[Key] = []
        for key, row in delta.items():
            if row is None:
                gone.append(key)
            elif (names := known.names.get(key[0])) is not None:
                names.put(row)
                yield from known.asked.get((key[0], row.namespace, row.name), ())
        for cluster, uid in gone:
            if (names := known.names.get(cluster)) is not None and (name := names.drop(uid)) is not None:
                yield from known.asked.get((cluster, *name), ())

    def join(self, kind: str, rows: Iterable[Row], gone: Iterable[str]) -> list[Judged]:
        """Rows of clusters that other feeders read, one a cluster; who looked everywhere."""
        known = self._kinds.setdefault(kind, _Looked())
        for cluster in gone:
            known.others.pop(cluster, None)
        known.others.update((row.cluster, row) for row in rows)
        return list(known.asked.get(EVERYWHERE, ()))

    def aged(self, cluster: str, kind: str) -> list[Judged]:
        """Who looked at how fresh the cluster is, or `kind` in it."""
        asked = self._fresh.get(cluster, {})
        return [judged for what, who in asked.items() if not kind or what[1] == kind for judged in who]

    def forget(self, cluster: str) -> None:
        """Nothing is there any more."""
        for known in self._kinds.values():
            known.names.pop(cluster, None)
            known.indexes.pop(cluster, None)
        for judged in [judged for judged in self._looked if judged[1][0] == cluster]:
            self.begin(judged)
        self._judged = None
