"""What the join of a derived kind may look at, and what it need not make again.

Three things are remembered: what was made of the host's rows (`shared`, until one of them changes), what was made
of one cluster's (`local`, until one changes there), and single things by what they were made of (`unchanged`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from kurator_tui.fleet.flaps import Flaps
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.base import AnyKind, Kind, R, Row
from kurator_tui.kinds.rollouts import Gate
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Delta, Store

T = TypeVar("T")
Wanted = Callable[[Any], bool]
"""Whether a row of a raw kind matters to a join."""
GateValues = Callable[[str, str, str], tuple[Gate, ...]]
"""(cluster, namespace, canary) -> its gates as they are known now."""


class _Memo:
    """What was made of which objects, by key."""

    def __init__(self) -> None:
        self._before: dict[object, tuple[tuple[object, ...], object]] = {}
        self._asked = self._before

    def begin(self, *, keep: bool = False) -> None:
        """A round begins. What it does not ask for is forgotten, unless it is known to ask for few (`keep`)."""
        self._before = self._asked
        if not keep:
            self._asked = {}

    def unchanged(self, key: object, inputs: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made for `key` before, made again unless `inputs` are the same objects."""
        before = self._before.get(key)
        if before is not None and len(before[0]) == len(inputs) and all(map(_is, before[0], inputs)):
            found = before[1]
        else:
            found = make()
        self._asked[key] = (inputs, found)
        return cast(T, found)


def _is(one: object, other: object) -> bool:
    return one is other


class Seen:
    """Rows and how fresh they are, the members, gates, the time."""

    def __init__(
        self, store: Store, now: Callable[[], float], gates: GateValues, flaps: Flaps | None = None
    ) -> None:
        self.now = now
        self.gates = gates
        self.members: Mapping[str, Member] = {}
        """By cluster name, the host among them."""
        self.flaps = Flaps(store, now) if flaps is None else flaps
        """How often edge nodes came and went in this run of the console."""
        self.site_label = ""
        """Label that names the site of an edge node in no group; "" for the usual ones."""
        self._store = store
        self._kept: dict[tuple[str, str], dict[str, Row]] = {}
        self._shared: dict[object, object] = {}
        self._local: dict[str, dict[object, object]] = {}
        self._memos: dict[object, _Memo] = {}
        self._memo = _Memo()

    def rows(self, kind: Kind[Any, R], cluster: str) -> Iterable[R]:
        """Rows of `kind` in `cluster`; of a kind with `Join.only` those that matter."""
        kept = self._kept.get((kind.id, cluster))
        found = kept.values() if kept is not None else self._store.rows(kind.id, cluster)
        return cast(Iterable[R], found)

    def freshness(self, cluster: str, kind: AnyKind | None = None) -> Freshness:
        """How far the rows of `kind` in `cluster` can be trusted; of the cluster itself without a kind."""
        return self._store.freshness(cluster, kind.id if kind is not None else "")

    def shared(self, make: Callable[[Seen], T]) -> T:
        """What `make` makes of the host's rows and of the members (of a crossed join: of all rows): once for all
        clusters, until one changes."""
        if make not in self._shared:
            outer, self._memo = self._memo, self._memos.setdefault(make, _Memo())
            self._memo.begin()
            try:
                self._shared[make] = make(self)
            finally:
                self._memo = outer
        return cast(T, self._shared[make])

    def local(self, make: Callable[[Seen, str], T], cluster: str) -> T:
        """What `make` makes of the rows of `cluster`, of gates and freshness there: until one of them changes."""
        known = self._local.setdefault(cluster, {})
        if make not in known:
            known[make] = make(self, cluster)
        return cast(T, known[make])

    def unchanged(self, key: object, inputs: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made for `key` of this cluster last time (in `shared`: of the host), made again unless `inputs`
        are the same objects."""
        return self._memo.unchanged(key, inputs, make)

    # -- for `Derived` ------------------------------------------------------------------------------------------

    def begin(self, cluster: str) -> None:
        """A join of `cluster` begins; what its last one did not ask `unchanged` for is forgotten."""
        self._memo = self._memos.setdefault(cluster, _Memo())
        self._memo.begin(keep=bool(self._local.get(cluster)))

    def fill(self, kind: str, wanted: Wanted) -> None:
        """Of `kind` only the rows that are `wanted` are seen from now on."""
        for cluster in self._store.clusters(kind):
            self.keep(kind, cluster).update(
                (row.uid, row) for row in self._store.rows(kind, cluster) if wanted(row)
            )

    def keep(self, kind: str, cluster: str) -> dict[str, Row]:
        """The rows of `kind` in `cluster` that are seen, by uid; to be changed."""
        return self._kept.setdefault((kind, cluster), {})

    def take(self, kind: str, delta: Delta, wanted: Wanted | None) -> set[str]:
        """Clusters in which rows of `kind` changed that are `wanted`; those are kept as they are now."""
        if wanted is None:
            return {cluster for cluster, _uid in delta}
        found = set()
        for (cluster, uid), row in delta.items():
            kept = self.keep(kind, cluster)
            if row is not None and wanted(row):
                kept[uid] = row
            elif kept.pop(uid, None) is None:
                continue
            found.add(cluster)
        return found

    def shared_changed(self) -> None:
        """What `shared` was made of is different now: the host's rows, the members, of a crossed join any row."""
        self._shared.clear()

    def changed(self, cluster: str) -> None:
        """Something is different in `cluster`."""
        self._local.pop(cluster, None)

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self._memos.pop(cluster, None)
        self._local.pop(cluster, None)
        for place in [place for place in self._kept if place[1] == cluster]:
            del self._kept[place]
