"""One application's rollout: a row a cluster, with steps, traffic, gates and timeline of the selected one.

`{` and `}` step through what this run of the console saw; `.` is live again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from textual.app import ComposeResult

from kurator_tui.config.actions import Context
from kurator_tui.config.rollout_actions import ROLLOUT as VIEW
from kurator_tui.kinds.base import AnyKind, Column, Health, Key, Level, Row
from kurator_tui.kinds.board import board_key
from kurator_tui.kinds.board_cells import deciding
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow, rollout_health
from kurator_tui.screens.keys import Request
from kurator_tui.screens.kind_facts import path_text
from kurator_tui.screens.places import Aim
from kurator_tui.screens.rollout_facts import gate_spark
from kurator_tui.screens.rollout_timeline import Timeline
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Delta
from kurator_tui.store.trail import Trail
from kurator_tui.widgets.table import LiveTable

TREND = 8
"""Cells of a sparkline."""
_FIRST = (
    "cluster",
    "phase",
    "weight",
    "split",
    "iteration",
    "budget",
    "gates",
    "trend",
    "next_check",
    "since",
    "canary_pods",
)
_LAST = ("primary", "ends", "policy", "image", "revision", "reason")


def _one_kind(*, ascii_only: bool) -> AnyKind:
    """`rollouts` with the cluster first: the application is the same in all rows."""

    def trend(row: RolloutRow) -> str:
        return gate_spark(deciding(row.gates), TREND, ascii_only=ascii_only)

    by_key = {column.key: column for column in ROLLOUTS.columns}
    by_key["trend"] = Column("trend", "TREND", trend, priority=3, width=TREND)
    rest = [by_key[key] for key in (*_FIRST, *_LAST)]
    wide: list[Column[RolloutRow]] = [
        replace(column, wide=True)
        for column in ROLLOUTS.columns
        if column.key not in (*_FIRST, *_LAST, "name", "application")
    ]
    return replace(ROLLOUTS, health=_health, columns=(*rest, *wide))


def _health(row: RolloutRow) -> Health:
    return Health(Level.STALE, row.stale) if row.stale else rollout_health(row)


@dataclass(frozen=True, slots=True)
class Target:
    """Which application, what was seen of all of them, and the rollout to begin at."""

    key: str
    title: str
    trail: Trail
    first: Key | None = None
    """None for the first line."""


class RolloutScreen(TableScreen):
    """Rows of one application, as they are or as they were."""

    def __init__(self, source: Source, look: Look, place: str, aim: Aim | None) -> None:
        self.target: Target = aim.target if aim is not None else Target("", "", Trail(look.clock))
        self.path = aim.path if aim is not None else ()
        self.title = self.target.title
        self.kind = _one_kind(ascii_only=look.ascii_only)
        self._timeline = Timeline()
        self.as_of: float | None = None
        """The moment that is shown (Unix seconds); None for now."""
        self._begins: Key | None = self.target.first
        """The rollout to select as soon as it is there."""
        super().__init__(source, look, id=place.replace("#", "-"))
        self.table.filling = True

    # -- rows ---------------------------------------------------------------------------------------------------

    def _live(self) -> list[RolloutRow]:
        rows = self.source.store.rows(ROLLOUTS.id)
        return [row for row in rows if isinstance(row, RolloutRow) and self._ours(row)]

    def _ours(self, row: RolloutRow) -> bool:
        return board_key(row) == self.target.key

    def rows(self) -> Iterable[Row]:
        live = self._live()
        if self.as_of is None:
            return live
        then = (self.target.trail.at(row.key, self.as_of) for row in live)
        return [row for row in then if row is not None]

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        if kind != ROLLOUTS.id or self.as_of is not None:
            return
        ours: Delta = {
            key: row
            for key, row in delta.items()
            if row is None or (isinstance(row, RolloutRow) and self._ours(row))
        }
        if ours:
            self.changed(ours)

    def in_scope(self, row: Row) -> bool:
        return True

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """A rollout says itself how old it is: it is made of many kinds."""
        return None

    def on_show(self) -> None:
        self._first()

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    async def _open(self) -> None:
        """The details are what one comes for."""
        if self.is_attached:
            await self.open_details(focus=False)

    def _first(self) -> None:
        self.table.filling = False

    def pressed(self) -> None:
        super().pressed()
        self._begins = None

    def said(self) -> None:
        if self._begins is not None and self.table.select_key(self._begins):
            self._begins = None
        super().said()

    def follow(self) -> None:
        self.as_of = None
        super().follow()

    # -- time -----------------------------------------------------------------------------------------------------

    def _keys(self) -> list[Key]:
        return [row.key for row in self._live()]

    def do_rollout_earlier(self, request: Request) -> None:
        moments = self.target.trail.moments(self._keys())
        at = len(moments) - 1 if self.as_of is None else bisect_left(moments, self.as_of)
        self._look_at(moments[max(0, at - request.count)] if moments else None)

    def do_rollout_later(self, request: Request) -> None:
        if self.as_of is None:
            return
        moments = self.target.trail.moments(self._keys())
        at = bisect_right(moments, self.as_of) + request.count - 1
        self._look_at(moments[at] if at < len(moments) else None)

    def do_rollout_live(self, request: Request) -> None:
        self._look_at(None)

    def _look_at(self, moment: float | None) -> None:
        self.as_of = moment
        view = self.table.view
        if view is not None:
            view.load(self.rows())
            self.table.reload()
        self.said()

    # -- what is shown --------------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        return replace(super().context, view=VIEW)

    def title_on(self, width: int) -> str:
        return path_text((*self.path, self.title), width // 2, ascii_only=self.look.ascii_only)

    def refresh_title(self) -> None:
        then = self.as_of
        self.note = f"AS IT WAS at {datetime.fromtimestamp(then):%H:%M:%S} · . is live" if then is not None else ""
        super().refresh_title()

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane

        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.screens.rollout_facts import rollout_sections
        from kurator_tui.widgets.detail_pane import DetailPane

        if not isinstance(row, RolloutRow):
            return
        now = self.as_of if self.as_of is not None else self.look.clock()
        rows = [each for each in self.rows() if isinstance(each, RolloutRow)]
        story = self._timeline.entries([(each, self.target.trail.states(each.key)) for each in rows], now)
        sections = rollout_sections(row, now, story=story, ascii_only=self.look.ascii_only)
        self.query_one(DetailPane).show(sections, key=row.key)

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        await self.open_details()
