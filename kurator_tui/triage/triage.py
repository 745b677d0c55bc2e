"""Findings and incidents of one feeder, kept true: the engine and the correlation on one store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kurator_tui.kinds.base import HOST, AnyKind, Key, Row
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.silences import Silences
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Delta, Store
from kurator_tui.triage.correlation import Correlation
from kurator_tui.triage.engine import Engine
from kurator_tui.triage.rules import Analyser

OWN = (FINDINGS.id, INCIDENTS.id)
"""Kinds that are made here."""


class Triage:
    """`turns` does what there is to do; `woken` is called when that is something."""

    def __init__(
        self,
        store: Store,
        analysers: Iterable[Analyser[Any]],
        clock: Callable[[], float],
        woken: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._woken = store, woken
        self.engine = Engine(store, analysers, clock, woken)
        self.correlation = Correlation(clock)
        self._told = False
        """Whether findings changed since incidents were made of them."""
        store.listen(self._take)
        store.listen_freshness(self._aged)

    @property
    def kinds(self) -> tuple[AnyKind, ...]:
        """Every kind that analysers read."""
        return self.engine.kinds

    @property
    def pending(self) -> bool:
        """Whether something waits to be judged, or to be told of."""
        return self.engine.pending or self._told

    @property
    def next_at(self) -> float | None:
        """When there is something to do although nothing changes, Unix seconds; None for never."""
        due = (self.engine.next_at, self.correlation.next_at)
        return min((at for at in due if at is not None), default=None)

    def turns(self) -> Iterator[None]:
        """Judge what waits, in turns; then say what became of the incidents."""
        yield from self.engine.turns()
        self._told = False
        if changes := self.correlation.rows():
            self._store.put(INCIDENTS.id, HOST, changes)

    def refresh(self) -> None:
        """All turns at once."""
        for _turn in self.turns():
            pass

    def join(self, rows: Iterable[Row], removed: Iterable[Key]) -> None:
        """Findings of clusters that another feeder reads: no rows here, but they have causes with those here."""
        self.correlation.take({**dict.fromkeys(removed), **{row.key: row for row in rows}})
        self._told = True

    def join_members(self, rows: Iterable[Row], gone: Iterable[str]) -> None:
        """Members of other feeders, as those see them."""
        self.engine.join(rows, gone)

    def silence(self, silences: Silences) -> None:
        """The user does not want to hear of these from now on: such findings make no incidents."""
        self.engine.silence(silences)

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self.engine.forget(cluster)
        self.correlation.forget(cluster)

    def _take(self, kind: str, delta: Delta) -> None:
        if kind == FINDINGS.id:
            self.correlation.take(delta)
            self._told = True
            self._woken()
        elif kind != INCIDENTS.id:
            self.engine.take(kind, delta)

    def _aged(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if kind not in OWN:
            self.engine.tell_freshness(cluster, kind)
