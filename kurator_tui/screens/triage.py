"""Screen 6, Triage: one inbox for all clusters, a row a cause, the worst first. Enter shows the evidence.

Its rows are incidents with what people said of them; what is put off is hidden until its time, or until it is
worse.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.config.actions import Context
from kurator_tui.config.triage_actions import TRIAGE
from kurator_tui.kinds.base import AnyKind, Key, Row
from kurator_tui.kinds.blindspots import BLINDSPOTS
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.kinds.inbox import READABLE, InboxRow, in_inbox, told
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State
from kurator_tui.screens.inbox import Inbox
from kurator_tui.screens.inbox_acts import InboxActs
from kurator_tui.screens.keys import Request
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.screens.triage_facts import incident_sections
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.search import Condition
from kurator_tui.store.store import Delta
from kurator_tui.widgets.detail_pane import DetailPane
from kurator_tui.widgets.table import LiveTable
from kurator_tui.widgets.table_canvas import NO_MATCH


class Shown(enum.StrEnum):
    """Which incidents the table has, in the order in which `f` goes through them."""

    OPEN = "open"
    NEW = "new"
    MINE = "mine"
    SNOOZED = "snoozed"
    ALL = "all"
    OVER = "over"


TEXT_SHARE, OTHERS = 65, 14
"""Per cent of the width that is the incidents' text before other columns go, less some cells."""
_WORDS = {
    Shown.NEW: "new or worse since you looked",
    Shown.MINE: "yours",
    Shown.SNOOZED: "put off",
    Shown.ALL: "all",
    Shown.OVER: "over",
}
_NOTHING = {
    Shown.NEW: "nothing is new or worse since you looked",
    Shown.MINE: "nothing is yours",
    Shown.SNOOZED: "nothing is put off",
    Shown.OVER: "nothing was over within the hour",
}


class TriageScreen(InboxActs, TableScreen):
    """While it is there, every kind that some analyser reads is watched; what cannot be read is counted."""

    kind = in_inbox(INCIDENTS)
    title = "Triage"
    related: ClassVar[tuple[str, ...]] = (FINDINGS.id, BLINDSPOTS.id)

    class Chosen(Message):
        """One incident whose evidence is wanted."""

        def __init__(self, row: IncidentRow) -> None:
            super().__init__()
            self.row = row

    class Bundled(Message):
        """Incidents of which everything is to be written."""

        def __init__(self, rows: list[IncidentRow], argument: str) -> None:
            super().__init__()
            self.rows, self.argument = rows, argument

    def __init__(self, source: Source, look: Look, *, id: str | None = None) -> None:
        self.shown = Shown.OPEN
        self.inbox = Inbox(look.clock, lambda _problem: None)
        self._rows: dict[Key, InboxRow] = {}
        self._silenced: set[Key] = set()
        """Findings that the user does not want to hear of."""
        self._stop_listening: Callable[[], None] = lambda: None
        self._told: frozenset[str] = frozenset()
        """Columns that say something."""
        self._readable = READABLE
        self._arranged: AnyKind = INCIDENTS
        """As the user wants the kind to be shown."""
        super().__init__(source, look, id=id or TRIAGE)
        self.table.filling = True

    def use(self, inbox: Inbox) -> None:
        """What is said here is said in `inbox`."""
        self._stop_listening()
        self.inbox = inbox
        self._stop_listening = inbox.listen(self._said_of)

    # -- rows ---------------------------------------------------------------------------------------------------

    def _incidents(self) -> list[IncidentRow]:
        return [row for row in self.source.store.rows(INCIDENTS.id) if isinstance(row, IncidentRow)]

    def rows(self) -> Iterable[Row]:
        self._rows = {row.key: self.inbox.row(row) for row in self._incidents()}
        findings = self.source.store.rows(FINDINGS.id)
        self._silenced = {row.key for row in findings if getattr(row, "silenced", "")}
        return list(self._rows.values())

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        if kind == FINDINGS.id:
            self._count_silenced(delta)
        if kind == INCIDENTS.id:
            rows = {key: self.inbox.row(row) for key, row in delta.items() if isinstance(row, IncidentRow)}
            for key in delta:
                self._rows.pop(key, None)
            self._rows.update(rows)
            delta = {key: rows.get(key) for key in delta}
        super()._rows_changed(kind, delta)

    def _count_silenced(self, delta: Delta) -> None:
        before = len(self._silenced)
        for key, row in delta.items():
            (self._silenced.add if getattr(row, "silenced", "") else self._silenced.discard)(key)
        if len(self._silenced) != before and self.is_mounted:
            self.call_later(self.refresh_title)

    def _said_of(self) -> None:
        """Something was said of incidents, or the time of one that was put off has come."""
        different: dict[Key, InboxRow] = {}
        for row in self._incidents():
            found = self.inbox.row(row)
            if found != self._rows.get(row.key):
                different[row.key] = found
        self._rows.update(different)
        if different and self.is_mounted:
            self.changed(dict(different))

    def tick(self) -> None:
        if self.inbox.game is not None and self.is_on_screen and self.app.screen is self.screen:
            self.inbox.game.look(self._incidents())
        if any(row.snoozed_until for row in self._rows.values()):
            self._said_of()
        super().tick()

    def chosen(self) -> list[IncidentRow]:
        """The marked incidents, else the one under the cursor."""
        marked = [self._rows[key] for key in sorted(self.table.marked) if key in self._rows]
        row = self.table.cursor_row
        return [*marked] or ([row] if isinstance(row, IncidentRow) else [])

    def bundle(self, rows: list[IncidentRow], argument: str) -> None:
        self.post_message(self.Bundled(rows, argument))

    def rearrange(self, kind: AnyKind) -> None:
        self._arranged = kind
        super().rearrange(in_inbox(kind, self._told, self._readable))

    def on_resize(self, event: events.Resize) -> None:
        """The wider it is, the more of an incident's text can be read."""
        readable = max(READABLE, event.size.width * TEXT_SHARE // 100 - OTHERS)
        if readable != self._readable:
            self._readable = readable
            self.rearrange(self._arranged)

    def said(self) -> None:
        """Columns of which nothing is said leave their room to the incidents' text."""
        super().said()
        if (now := told(self._rows.values())) != self._told:
            self._told = now
            self.call_later(self.rearrange, self._arranged)

    # -- looking ------------------------------------------------------------------------------------------------

    def on_hide(self, event: events.Hide) -> None:
        self.looked()

    def on_unmount(self) -> None:
        self._stop_listening()
        if not self.app.is_headless:  # a picture of the screen was looked at by nobody
            self.looked()

    def looked(self) -> None:
        """Everything that is known was looked at."""
        if self.source.feeder_state == LIVE and self.source.synced:
            self.inbox.looked(self._incidents())

    def do_triage_looked(self, request: Request) -> None:
        self.looked()

    @property
    def context(self) -> Context:
        return replace(super().context, view=TRIAGE)

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """Incidents are of many clusters; how old what is known of each is, the details say."""
        return None

    def in_scope(self, row: Row) -> bool:
        """An incident is in scope with any of its clusters."""
        if not isinstance(row, IncidentRow) or not self.scope.clusters:
            return True
        return not self.scope.clusters.isdisjoint(row.clusters)

    def conditions(self) -> list[Condition]:
        shown, who = self.shown, self.inbox.who
        if shown is Shown.ALL:
            return []

        def wanted(row: Row) -> bool:
            return isinstance(row, InboxRow) and _is_shown(row, shown, who)

        return [Condition(("incidents", shown), wanted)]

    def refresh_title(self) -> None:
        blind = len({row.cluster for row in self.source.store.rows(BLINDSPOTS.id)})
        off = sum(row.snoozed and row.state != State.RESOLVED for row in self._rows.values())
        said = (
            _WORDS.get(self.shown, ""),
            f"{off} put off" if off and self.shown is Shown.OPEN else "",
            f"{len(self._silenced)} silenced: :findings !silenced:" if self._silenced else "",
            f"{blind} cluster{'s' if blind > 1 else ''} not wholly seen: :blindspots" if blind else "",
        )
        self.note = " · ".join(text for text in said if text)
        self.table.no_match = NO_MATCH if self.filter_text else _NOTHING.get(self.shown) or self._empty()
        super().refresh_title()

    def _empty(self) -> str:
        if self.source.feeder_state == LIVE and self.source.synced:
            blind = any(True for _ in self.source.store.rows(BLINDSPOTS.id))
            return "nothing is wrong" + (", as far as can be seen: :blindspots" if blind else "")
        return super()._empty()

    def do_triage_show(self, request: Request) -> None:
        """The named ones, or the next."""
        order = list(Shown)
        if request.argument in order:
            self.show(Shown(request.argument))
        else:
            self.show(order[(order.index(self.shown) + 1) % len(order)])

    def show(self, shown: Shown) -> None:
        """Show these incidents from now on."""
        self.shown = shown
        self.refilter()
        self.refresh_title()

    def compose_details(self) -> ComposeResult:
        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        if isinstance(row, IncidentRow):
            self.query_one(DetailPane).show(incident_sections(row, self.look.clock()), key=row.key)

    async def do_open(self, request: Request) -> None:
        if isinstance(row := self.table.cursor_row, IncidentRow):
            self.post_message(self.Chosen(row))

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        if isinstance(message.row, IncidentRow):
            self.post_message(self.Chosen(message.row))


def _is_shown(row: InboxRow, shown: Shown, who: str) -> bool:
    over = row.state == State.RESOLVED
    if shown is Shown.OVER or over:
        return over and shown is Shown.OVER
    if shown is Shown.NEW:
        return bool(row.mark)
    if shown is Shown.MINE:
        return row.assigned == who
    return row.snoozed is (shown is Shown.SNOOZED)
