"""Screen 4, Rollouts: a row an application, a column a member or a wave. Enter opens one over its clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.config.actions import Context
from kurator_tui.config.rollout_actions import ROLLOUTS as VIEW
from kurator_tui.kinds.base import AnyKind, Key, Row
from kurator_tui.kinds.board import (
    Across,
    Attention,
    BoardRow,
    attended,
    board_key,
    board_kind,
    board_row,
    room_for,
    room_for_waves,
    wave_kind,
)
from kurator_tui.kinds.board_cells import Room
from kurator_tui.kinds.board_waves import wave_of
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
from kurator_tui.screens.keys import Request
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.scope import Scope
from kurator_tui.store.search import Condition
from kurator_tui.store.store import Delta
from kurator_tui.store.trail import Trail
from kurator_tui.widgets.table import LiveTable

_NEXT = {
    Attention.ALL: Attention.NEEDED,
    Attention.NEEDED: Attention.RUNNING,
    Attention.RUNNING: Attention.FAILED,
    Attention.FAILED: Attention.ALL,
}
BY_FLEET = "fleet"


class Columns(NamedTuple):
    """What the columns are made of."""

    clusters: tuple[str, ...] = ()
    waves: tuple[int, ...] = ()
    """Empty where members are shown."""
    width: int = Room.FULL
    """Cells of each."""
    group: str = ""


class RolloutsScreen(TableScreen):
    """Folds rows of the kind `rollouts` into rows of applications, only those that changed."""

    title = "Rollouts"

    class Chosen(Message):
        """One application to look at, what was seen of it, and the rollout to begin at."""

        def __init__(self, row: BoardRow, trail: Trail, first: Key | None) -> None:
            super().__init__()
            self.row, self.trail, self.first = row, trail, first

    def __init__(self, source: Source, look: Look, *, id: str | None = None) -> None:
        self.kind = board_kind((), Room.FULL, ascii_only=look.ascii_only)
        self.attention = Attention.ALL
        self.across = Across.MEMBERS
        self.group = ""
        self.trail = Trail(look.clock)
        self._rollouts: dict[str, dict[Key, RolloutRow]] = {}
        """By application: its rollouts in the clusters in scope."""
        self._of: dict[Key, tuple[str, int]] = {}
        """Rollout -> its application and its wave."""
        self._touched: set[str] = set()
        """Applications that changed since they were shown."""
        self._folding = False
        self._members: Counter[str] = Counter()
        """Cluster -> its rollouts in scope."""
        self._waves: Counter[int] = Counter()
        """Wave -> its rollouts in scope."""
        self._columns = Columns()
        super().__init__(source, look, id=id)
        self.table.filling = True

    # -- rows ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._gather()

    def rows(self) -> Iterable[Row]:
        return [self._made(key) for key, found in self._rollouts.items() if found]

    def subscribe(self) -> None:
        self.source.subscribe(ROLLOUTS.id, reader=self.id or "")

    async def leave(self) -> None:
        await self.remove()
        self.source.unsubscribe(ROLLOUTS.id, self.id or "")

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """Rows are of many clusters: each cell says how old it is."""
        return None

    def in_scope(self, row: Row) -> bool:
        """An application is in scope with any of its rollouts, which are chosen before."""
        return True

    def _made(self, key: str) -> BoardRow:
        return board_row(self._rollouts[key].values(), self.group, self._trend, self.across)

    def _trend(self, row: RolloutRow) -> tuple[int, ...]:
        """The last weights, where they are shown."""
        shown = row.phase == "Progressing" and self._columns.width >= Room.FULL
        return self.trail.weights(row.key) if shown else ()

    def follow(self) -> None:
        self._gather()
        super().follow()

    def _note(self, rows: Iterable[RolloutRow]) -> None:
        """What is shown again of an earlier moment is nothing that was seen now."""
        if not self.look.as_of():
            self.trail.note(rows)

    def _gather(self) -> None:
        """Fold everything anew: at the start, and when the scope is another one."""
        self._rollouts.clear()
        self._of.clear()
        self._members.clear()
        self._waves.clear()
        rows = [row for row in self.source.store.rows(ROLLOUTS.id) if isinstance(row, RolloutRow)]
        self._note(rows)
        for row in rows:
            self._put(row.key, row)
        self._touched.clear()  # who gathers shows all
        self._lay_columns()

    def _put(self, key: Key, row: RolloutRow | None) -> None:
        before = self._of.pop(key, None)
        after = board_key(row) if row is not None and self.scope.holds(row) else None
        if before is not None:
            self._members[key[0]] -= 1
            self._waves[before[1]] -= 1
            if before[0] != after:
                self._rollouts[before[0]].pop(key, None)
                self._touched.add(before[0])
        if row is not None and after is not None:
            wave = wave_of(row)
            self._of[key] = after, wave
            self._members[key[0]] += 1
            self._waves[wave] += 1
            self._rollouts.setdefault(after, {})[key] = row
            self._touched.add(after)

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        if kind != ROLLOUTS.id:
            return
        self._note(row for row in delta.values() if isinstance(row, RolloutRow))
        for key, row in delta.items():
            self._put(key, row if isinstance(row, RolloutRow) else None)
        if self.display and self._touched and not self._folding:
            self._folding = True
            self.call_later(self._fold)

    @property
    def settled(self) -> bool:
        return super().settled and not (self.display and self._touched)

    def _fold(self) -> None:
        """Tell the table of the applications that changed."""
        self._folding = False
        changes: Delta = {}
        for key in self._touched:
            if self._rollouts.get(key):
                changes[("", key)] = self._made(key)
            else:
                self._rollouts.pop(key, None)
                changes[("", key)] = None
        self._touched.clear()
        if not self._lay_columns() and changes:
            self.changed(changes)

    def on_show(self) -> None:
        self._fold()

    # -- columns --------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._lay_columns()

    def set_scope(self, scope: Scope) -> None:
        self.scope = scope
        self._gather()
        self._arrange_all(self.kind)

    def _lay_columns(self) -> bool:
        """A column for each member, or wave, that has a rollout, as wide as there is room; whether that is new."""
        columns = self._wanted()
        if columns == self._columns:
            return False
        self._columns = columns
        style = {"grouped": bool(self.group), "ascii_only": self.look.ascii_only}
        if columns.waves:
            self._arrange_all(wave_kind(columns.waves, columns.width, **style))
        else:
            self._arrange_all(board_kind(columns.clusters, Room(columns.width), **style))
        return True

    def _wanted(self) -> Columns:
        width = self.size.width
        waves = tuple(sorted(wave for wave, number in self._waves.items() if number))
        if self.across is Across.WAVES and waves:
            return Columns((), waves, room_for_waves(len(waves), width), self.group)
        clusters = tuple(sorted(name for name, number in self._members.items() if number))
        return Columns(clusters, (), room_for(len(clusters), width), self.group)

    def _arrange_all(self, kind: AnyKind) -> None:
        """Show all rows anew in the columns of `kind`; order, marks and selection stay."""
        if self.table.view is not None:
            self.table.view.load(self.rows())
        self.rearrange(kind)

    # -- what is shown --------------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        chosen = "" if self.attention is Attention.ALL else str(self.attention)
        found = super().context
        return replace(found, view=VIEW, kind=ROLLOUTS.id, filter=found.filter or chosen)

    def conditions(self) -> list[Condition]:
        attention = self.attention
        if attention is Attention.ALL:
            return []
        return [
            Condition(("attention", attention), lambda row: isinstance(row, BoardRow) and attended(row, attention))
        ]

    def title_on(self, width: int) -> str:
        return f"{self.title} by {self.across}"

    def refresh_title(self) -> None:
        said = (
            "" if self.attention is Attention.ALL else f"only {self.attention}",
            f"grouped by {self.group}" if self.group else "",
        )
        self.note = " · ".join(text for text in said if text)
        super().refresh_title()

    def _empty(self) -> str:
        if self.source.feeder_state == LIVE and self.source.synced:
            return "no Application, Canary or Argo Rollout, and no Deployment that rolls out"
        return super()._empty()

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane

        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.screens.rollout_facts import board_sections
        from kurator_tui.widgets.detail_pane import DetailPane

        if isinstance(row, BoardRow):
            self.query_one(DetailPane).show(board_sections(row, self.column), key=row.key)

    # -- actions --------------------------------------------------------------------------------------------------

    async def do_open(self, request: Request) -> None:
        if isinstance(row := self.table.cursor_row, BoardRow):
            first = row.worst_in(self.column)
            self.post_message(self.Chosen(row, self.trail, first.key if first is not None else None))

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        await self.do_open(Request())

    def do_rollouts_attention(self, request: Request) -> None:
        self.attention = _NEXT[self.attention]
        self.refilter()
        self.refresh_title()

    def close_details(self) -> bool:
        """As for all; and what is looked for is closed like them."""
        if super().close_details():
            return True
        if self.attention is Attention.ALL or self.filter_text:
            return False
        self.attention = Attention.ALL
        self.refilter()
        self.refresh_title()
        return True

    def do_rollouts_group(self, request: Request) -> None:
        """By the label that was typed; without one by fleet, or not any more."""
        self.group = request.argument or ("" if self.group else BY_FLEET)
        self._lay_columns()
        if self.group:
            self.order("group")
        self.refresh_title()

    def do_rollouts_waves(self, request: Request) -> None:
        """Columns are waves, or members again."""
        self.across = Across.MEMBERS if self.across is Across.WAVES else Across.WAVES
        self._lay_columns()
        self.refresh_title()
