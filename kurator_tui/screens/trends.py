"""The last hour beside figures of clusters, fleets and sites of the edge: sparklines of what Thanos tells.

Read while the screen is seen and a little longer. Where nothing is told there are no such columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import ClassVar, NamedTuple

from kurator_tui.config.action import Context
from kurator_tui.kinds.base import AnyColumn, AnyKind, Column, Row
from kurator_tui.kinds.estimates import SPARKS, SparkRow
from kurator_tui.kinds.homes import home_of
from kurator_tui.kinds.overview import FleetOverview
from kurator_tui.screens.resting import REST
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Delta, Store
from kurator_tui.widgets.sparkline import spark

WIDTH = 8


class Trend(NamedTuple):
    """A sparkline: of which number, what its column is called, and what fills a block; None for its greatest."""

    number: str
    title: str
    full: float | None = None


LOAD = {"cpu": Trend("cpu", "CPU 1H", 1.0), "memory": Trend("memory", "MEM 1H", 1.0)}
"""Key of the column that a sparkline follows -> the sparkline."""
FIRST_DROPPED = 9
"""Priority: where there is little room these columns go first."""

Members = tuple[str, ...]
Numbers = tuple[float, ...]


def members_of(row: Row) -> Members:
    """The clusters that `row` sums up."""
    return row.members if isinstance(row, FleetOverview) else (row.cluster,)


def last_hour(store: Store, members: Members, number: str) -> Numbers:
    """The mean of `members` at each instant of which any of them is known, the oldest first; NaN where none is.

    A cluster whose numbers are old counts as unknown.
    """
    known: list[tuple[float | None, ...]] = []
    for member in members:
        row = store.get(SPARKS.id, (member, f"{member}/{number}"))
        if isinstance(row, SparkRow) and store.freshness(member, SPARKS.id).trustworthy:
            known.append(row.values)
    longest = max(map(len, known), default=0)
    aligned = [(None,) * (longest - len(values)) + values for values in known]
    return tuple(_mean([value for value in at if value is not None]) for at in zip(*aligned, strict=True))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


class TrendScreen(TableScreen):
    """Adds the columns as soon as there is something to show in them."""

    trends: ClassVar[Mapping[str, Trend]] = LOAD

    @property
    def context(self) -> Context:
        return replace(super().context, home=home_of(self.kind.id))

    def __init__(self, *args: object, **keywords: object) -> None:
        super().__init__(*args, **keywords)  # type: ignore[arg-type]
        self._plain: AnyKind = self.kind
        self._drawing = False
        self._reads = False
        self._seen_at = 0.0
        self._drawn: dict[tuple[Members, str], str] = {}
        self._trends_due = False

    # -- reading --------------------------------------------------------------------------------------------------

    def wanted(self, now: float, *, wanted: bool) -> None:
        super().wanted(now, wanted=wanted)
        if self.display:
            self._seen_at = now
        if self.display and not self._reads and self.source.synced:  # the first rows go before
            self._reads = True
            self.source.subscribe(SPARKS.id, reader=self.id or "")
        elif self._reads and now - self._seen_at >= REST:
            self._read_no_trends()

    def _read_no_trends(self) -> None:
        self._reads = False
        self.source.unsubscribe(SPARKS.id, self.id or "")

    async def leave(self) -> None:
        await super().leave()
        self._read_no_trends()

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        super()._rows_changed(kind, delta)
        if kind == SPARKS.id:
            self._trends_soon()

    def _freshness_changed(self, cluster: str, kind: str, freshness: Freshness) -> None:
        super()._freshness_changed(cluster, kind, freshness)
        if kind == SPARKS.id:
            self._trends_soon()

    @property
    def settled(self) -> bool:
        return super().settled and not self._trends_due

    def _trends_soon(self) -> None:
        if not self._trends_due:
            self._trends_due = True
            self.call_later(self._show_trends)

    # -- what is shown --------------------------------------------------------------------------------------------

    def _show_trends(self) -> None:
        """Lay the columns anew when there are any now, or none any more; else tell of the rows that differ."""
        self._trends_due = False
        before, self._drawn = self._drawn, {}
        rows = list(self.rows())
        shown = any(self.trend(row, key).strip() for row in rows for key in self.trends)
        if shown != self._drawing:
            self._lay(self._plain, trends=shown)
        elif shown:
            self.changed({row.key: copy(row) for row in rows if self._differs(row, before)})

    def _differs(self, row: Row, before: dict[tuple[Members, str], str]) -> bool:
        return any(before.get((members_of(row), key), "") != self.trend(row, key) for key in self.trends)

    def trend(self, row: Row, column: str) -> str:
        """The sparkline beside `column` in `row`; blank where nothing is known."""
        key = (members_of(row), column)
        if (drawn := self._drawn.get(key)) is None:
            number, _title, full = self.trends[column]
            values = last_hour(self.source.store, key[0], number)
            drawn = spark(values, WIDTH, high=full, ascii_only=self.look.ascii_only).rstrip()
            self._drawn[key] = drawn
        return drawn

    def rearrange(self, kind: AnyKind) -> None:
        self._lay(kind, trends=self._drawing)

    def _lay(self, plain: AnyKind, *, trends: bool) -> None:
        self._plain, self._drawing = plain, trends
        super().rearrange(self._with_trends(plain) if trends else plain)

    def _with_trends(self, kind: AnyKind) -> AnyKind:
        columns: list[AnyColumn] = []
        for column in kind.columns:
            columns.append(column)
            if column.key in self.trends:
                columns.append(self._column(column.key))
        return replace(kind, columns=tuple(columns))

    def _column(self, beside: str) -> AnyColumn:
        def value(row: Row) -> str:
            return self.trend(row, beside)

        return Column(f"{beside}_trend", self.trends[beside].title, value, priority=FIRST_DROPPED, width=WIDTH)
