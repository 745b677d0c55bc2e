"""Derived kinds on demand: rows that are joined, cluster by cluster, from the rows of other kinds.

A `Join` says which raw kinds it reads and makes the rows of one cluster of them, as a pure function of what is
`Seen`. While somebody reads the derived kind its raw kinds are watched; a cluster is joined again when one of
them changed there, or when the host's rows say something else of it. What fails becomes one failed row, never the
end of the hub.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kurator_tui.fleet.flaps import Flaps
from kurator_tui.fleet.interest import Interest, Later, Reach, on_the_loop
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.pieces import SOME, Objects, Pieces, Turn, slices
from kurator_tui.fleet.seen import GateValues, Seen
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Delta, Store

_LOG = logging.getLogger(__name__)

WAITING = (State.CONNECTING, State.SYNCING)


@dataclass(slots=True)
class _Running:
    join: Join
    reach: Reach
    seen: Seen
    dirty: set[str] = field(default_factory=set)
    """Clusters to be joined again."""
    host_changed: bool = False
    """Whether it is to be found out of which clusters the host says something else."""
    planned: Mapping[str, object] = field(default_factory=dict)
    """What the host said of each cluster when that was found out last."""
    due: set[str] = field(default_factory=set)
    """Those of them that this round has not come to."""
    failing: dict[str, str] = field(default_factory=dict)
    """By cluster: why it could not be joined last time, to log it once and not every round."""
    pieces: dict[str, Pieces] = field(default_factory=dict)
    """By cluster: what keeps its rows up."""
    filling: dict[str, list[tuple[str, Objects]]] = field(default_factory=dict)
    """By cluster whose pieces are being given all there is: what changed meanwhile."""
    anew: set[str] = field(default_factory=set)
    """Clusters whose rows are all to be made again, of those that are kept up by pieces."""


class Derived:
    """Makes the rows of every derived kind that somebody reads and that has a join.

    `woken` is called when there is something to join; `refresh` then does it.
    """

    def __init__(
        self,
        store: Store,
        joins: Iterable[Join],
        interest: Interest,
        clock: Callable[[], float],
        woken: Callable[[], None],
        later: Later = on_the_loop,
        site_label: str = "",
    ) -> None:
        self.gates: GateValues = lambda _cluster, _namespace, _canary: ()
        """Who knows the gates' values; whoever changes them calls `touch`."""
        self._site_label = site_label
        self._flaps = Flaps(store, clock)
        self._store = store
        self._joins = {join.kind.id: join for join in joins}
        self._interest = interest
        self._clock = clock
        self._woken = woken
        self._later = later
        self._members: dict[str, Member] = {}
        self._running: dict[str, _Running] = {}
        self._states: dict[tuple[str, str], tuple[State, str]] = {}
        """(cluster, kind) -> how fresh that was told to be last, and why."""
        store.listen_freshness(self._on_freshness)

    def __contains__(self, kind: str) -> bool:
        return kind in self._joins

    @property
    def pending(self) -> bool:
        """Whether something changed since the last `refresh`."""
        return any(running.dirty or running.due or running.host_changed for running in self._running.values())

    def reads(self, kind: str) -> bool:
        """Whether somebody reads `kind` now."""
        return kind in self._running

    def raw(self, kind: str, *, host: bool) -> set[str]:
        """Ids of `kind` and of what its rows are joined from, in a member or on the host."""
        join = self._joins.get(kind)
        if join is None:
            return {kind}
        return {kind, *(raw.id for raw in join.members), *(raw.id for raw in join.host if host)}

    # -- who reads ----------------------------------------------------------------------------------------------

    def require(self, kind: str, reach: Reach) -> None:
        """Join `kind` from now on, of what is watched at `reach` and on the host."""
        join = self._joins[kind]
        for raw in dict.fromkeys((*join.host, *join.members)):
            self._interest.require(raw.id, join.where(raw, reach), by=kind)
        running = self._running.get(kind)
        if running is None:
            seen = Seen(self._store, self._clock, lambda *place: self.gates(*place), self._flaps)
            seen.site_label, seen.members = self._site_label, self._members
            if join.pieces is None:
                for id, wanted in join.only.items():
                    seen.fill(id, wanted)
            self._running[kind] = _Running(join, reach, seen)
            self._look_later(self._running[kind])
        else:
            running.reach = reach
            for cluster in self._store.clusters(kind):
                if not reach.holds(cluster):
                    running.pieces.pop(cluster, None)
                    self._store.forget(kind, cluster)
        self.touch(kind)

    def release(self, kind: str) -> None:
        """Nobody reads `kind` any more: its rows go."""
        if (running := self._running.pop(kind, None)) is None:
            return
        for raw in dict.fromkeys((*running.join.host, *running.join.members)):
            self._interest.release(raw.id, by=kind)
        for cluster in self._store.clusters(kind):
            self._store.forget(kind, cluster)

    # -- what changes -------------------------------------------------------------------------------------------

    def touch(self, kind: str, cluster: str = "") -> None:
        """Something changed in `cluster`, or anywhere without one: join `kind` again there."""
        if (running := self._running.get(kind)) is not None:
            join = running.join
            one = (cluster, HOST) if join.sums else (cluster,)
            clusters = one if cluster and not join.crossed else tuple(self._members)
            for each in clusters:
                running.seen.changed(each)
            if join.crossed:
                running.seen.shared_changed()
            running.dirty.update(clusters)
            running.anew.update(clusters)
            running.host_changed |= not cluster
            self._woken()

    def take(self, raw: str, delta: Delta) -> None:
        """Rows of the kind `raw` changed."""
        for kind, running in self._running.items():
            join = running.join
            if any(raw == one.id for one in join.members):
                if join.pieces is not None:
                    self._hand(running, raw, delta)
                    continue
                for cluster in running.seen.take(raw, delta, join.only.get(raw)):
                    self.touch(kind, cluster)
            if any(raw == one.id for one in join.host) and any(cluster == HOST for cluster, _uid in delta):
                running.host_changed = True
                self._woken()

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self._flaps.forget(cluster)
        for place in [place for place in self._states if place[0] == cluster]:
            del self._states[place]
        for running in self._running.values():
            running.seen.forget(cluster)
            running.dirty.discard(cluster)
            running.due.discard(cluster)
            running.anew.discard(cluster)
            running.pieces.pop(cluster, None)
            running.failing.pop(cluster, None)

    def _on_freshness(self, cluster: str, kind: str, freshness: Freshness) -> None:
        now, before = (freshness.state, freshness.reason), self._states.get((cluster, kind))
        self._states[(cluster, kind)] = now
        for id, running in self._running.items():
            if cluster == HOST and any(kind == raw.id for raw in running.join.host):
                self.touch(id)
            elif kind and all(kind != raw.id for raw in running.join.members):
                continue
            elif running.join.pieces is not None and now == before:
                running.dirty.add(cluster)  # as fresh as it was, only later: its rows stay
                self._woken()
            else:
                self.touch(id, cluster)

    def _hand(self, running: _Running, raw: str, delta: Delta) -> None:
        """Give what changed to the pieces of its clusters; those without any are joined as a whole anyway."""
        wanted = running.join.only.get(raw)
        parts: dict[str, dict[str, Row | None]] = {}
        for (cluster, uid), row in delta.items():
            if cluster in running.filling or (cluster in running.pieces and cluster not in running.anew):
                gone = wanted is not None and row is not None and not wanted(row)
                parts.setdefault(cluster, {})[uid] = None if gone else row
            elif cluster in running.failing:
                running.dirty.add(cluster)
                self._woken()
        for cluster, objects in parts.items():
            if (held := running.filling.get(cluster)) is not None:
                held.append((raw, objects))
                continue
            running.pieces[cluster].take(raw, objects)
            self._rejoin_waiting(running, cluster)

    def _rejoin_waiting(self, running: _Running, cluster: str) -> None:
        if running.pieces[cluster].waiting:
            running.dirty.add(cluster)
            self._woken()

    def _look_later(self, running: _Running) -> None:
        if not running.join.every:
            return

        def look() -> None:
            if self._running.get(running.join.kind.id) is running:
                if running.join.pieces is None:
                    self.touch(running.join.kind.id)
                for cluster, pieces in running.pieces.items():
                    pieces.look()
                    self._rejoin_waiting(running, cluster)
                self._look_later(running)

        self._later(running.join.every, look)

    # -- joining ------------------------------------------------------------------------------------------------

    def refresh(self, members: Mapping[str, Member]) -> None:
        """Join again what was touched. `members` are those of now, by cluster name, the host among them."""
        for _turn in self.turns(members):
            pass

    def turns(self, members: Mapping[str, Member]) -> Iterator[None]:
        """The same in turns of `TURN` seconds of work: others may act between two of them."""
        if members != self._members:
            self._members = dict(members)
            for kind, running in self._running.items():
                running.seen.members = self._members
                self.touch(kind)
        for running in self._running.values():
            if running.host_changed:
                running.dirty |= self._replanned(running)
            running.due, running.dirty = running.dirty | running.due, set()
        turn = Turn()
        for kind, running in list(self._running.items()):
            while running.due and self._running.get(kind) is running:
                cluster = running.due.pop()
                if cluster in self._members and running.reach.holds(cluster):
                    yield from self._join(running, cluster, turn)
                yield from turn.over()

    def _replanned(self, running: _Running) -> set[str]:
        """Clusters of which the host says something else than before."""
        running.host_changed = False
        running.seen.shared_changed()
        if running.join.planned is None:
            return set(self._members)
        try:
            before, running.planned = running.planned, running.seen.shared(running.join.planned)
        except Exception:  # noqa: BLE001 - each cluster's join fails of it, and says so
            return set(self._members)
        named = before.keys() | running.planned.keys()
        return {cluster for cluster in named if before.get(cluster) != running.planned.get(cluster)}

    def _join(self, running: _Running, cluster: str, turn: Turn) -> Iterator[None]:
        join, freshness = running.join, self._freshness(running.join, cluster)
        if freshness.state not in WAITING:
            running.seen.begin(cluster)
            try:
                yield from self._made(running, cluster, turn)
                running.failing.pop(cluster, None)
            except Exception as error:  # noqa: BLE001 - one cluster's hostile data must not end the hub
                running.pieces.pop(cluster, None)
                running.filling.pop(cluster, None)
                self._store.replace(
                    join.kind.id, cluster, [join.failure(cluster, _failed(running, cluster, error))]
                )
        if self._running.get(join.kind.id) is running and cluster in self._members:
            self._store.set_freshness(cluster, join.kind.id, freshness)

    def _made(self, running: _Running, cluster: str, turn: Turn) -> Iterator[None]:
        """Put the rows of `cluster`."""
        join = running.join
        if join.pieces is None:
            self._store.replace(join.kind.id, cluster, list(join.rows(running.seen, cluster)))
            return
        anew = cluster in running.anew or cluster not in running.pieces
        if anew:
            running.pieces.pop(cluster, None)
            running.anew.discard(cluster)
            pieces = join.pieces(running.seen, cluster)
            yield from self._fill(running, cluster, pieces, turn)
            running.pieces[cluster] = pieces
            self._store.begin(join.kind.id, cluster)
        made: dict[str, Row | None] = {}
        for uid, row in running.pieces[cluster].made():
            made[uid] = row
            if len(made) >= SOME:
                self._store.put(join.kind.id, cluster, made)
                made = {}
                yield from turn.over()
                if self._running.get(join.kind.id) is not running or cluster not in running.pieces:
                    return
        self._store.put(join.kind.id, cluster, made)
        if anew:
            self._store.complete(join.kind.id, cluster)

    def _fill(self, running: _Running, cluster: str, pieces: Pieces, turn: Turn) -> Iterator[None]:
        """Give pieces all there is; what changes meanwhile is held back and given last."""
        held = running.filling[cluster] = []
        for raw in running.join.members:
            wanted, rows = running.join.only.get(raw.id), self._store.rows(raw.id, cluster)
            for objects in slices(rows if wanted is None else filter(wanted, rows)):
                pieces.take(raw.id, objects)
                yield from turn.over()
        del running.filling[cluster]
        for id, objects in held:
            pieces.take(id, objects)

    def _freshness(self, join: Join, cluster: str) -> Freshness:
        """The cluster's own, unless it answers and what nothing can be said without is not known.

        One that does not answer is joined all the same: the host knows something of it.
        """
        if (own := self._store.freshness(cluster)).state in WAITING:
            return own
        where = HOST if join.beside else cluster
        needed = [*((HOST, raw) for raw in join.host), (where, join.essential)]
        for place, raw in needed:
            if self._store.freshness(place).state is State.LIVE:
                told = self._store.told(place, raw.id)
                if told is None or told.state in WAITING:
                    return Freshness(State.SYNCING, own.since)
        essential = self._store.freshness(where, join.essential.id)
        unlisted = own.state is State.STALE and where == cluster and essential.state is State.UNREACHABLE
        known = own.state is State.LIVE and essential.state is not State.ABSENT
        return essential if unlisted or known else own


def _failed(running: _Running, cluster: str, error: Exception) -> str:
    """The reason for the row; its traceback goes to the log the first time."""
    reason = f"error in kurator-tui: {type(error).__name__}"
    if running.failing.get(cluster) != reason:
        running.failing[cluster] = reason
        _LOG.error("%s of %s: unexpected error", running.join.kind.id, cluster, exc_info=error)
    return reason
