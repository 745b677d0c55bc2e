"""An engine on a store with a clock, for tests of analysers: rows in, findings out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from kurator_tui.triage.engine import Engine
from kurator_tui.triage.rules import Analyser

NOW = 1_800_000_000.0


class Stage:
    """`put` rows, `wait` for time, read `found`."""

    def __init__(self, *analysers: Analyser[Any]) -> None:
        self.now = NOW
        self.store = Store()
        self.engine = Engine(self.store, analysers, lambda: self.now)
        self.store.listen(self.engine.take)
        self.store.listen_freshness(lambda cluster, kind, _told: self.engine.tell_freshness(cluster, kind))

    def put(self, kind: AnyKind, *rows: Row) -> None:
        """These rows are there now, beside others; all rows of their kind are known."""
        for row in rows:
            self.live(kind, row.cluster)
            self.store.put(kind.id, row.cluster, {row.uid: row})
        self.engine.refresh()

    def live(self, kind: AnyKind, cluster: str = "eu") -> None:
        """All rows of `kind` are known there."""
        self.store.set_freshness(cluster, kind.id, Freshness(State.LIVE, self.now))
        self.engine.refresh()

    def drop(self, kind: AnyKind, *rows: Row) -> None:
        """These rows are gone."""
        for row in rows:
            self.store.put(kind.id, row.cluster, {row.uid: None})
        self.engine.refresh()

    def wait(self, seconds: float) -> None:
        """Time goes by; what is due is judged."""
        self.now += seconds
        self.engine.refresh()

    @property
    def findings(self) -> list[FindingRow]:
        """What is found now, by code and name."""
        rows = [row for row in self.store.rows(FINDINGS.id) if isinstance(row, FindingRow)]
        return sorted(rows, key=lambda row: (row.code, row.cluster, row.name, row.uid))

    @property
    def codes(self) -> list[str]:
        """Their codes."""
        return [row.code for row in self.findings]

    def one(self) -> FindingRow:
        """The only finding."""
        (found,) = self.findings
        return found


def project(kind: AnyKind, cluster: str, objects: Iterable[dict[str, Any]]) -> list[Row]:
    """Objects as rows of `kind`, as they come from a server."""
    import msgspec

    assert kind.projection is not None
    assert kind.project is not None
    return [kind.project(cluster, msgspec.convert(each, kind.projection, strict=False)) for each in objects]
