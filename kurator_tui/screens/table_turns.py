"""How a table follows its store: in turns of the loop that are never long, with the keys in between.

Changes are collected by key and applied a piece at a time, after the keys: while somebody types, many changes
wait a little. Filters and orders of many rows go on over as many turns as they need, and until one is complete the
table shows what it showed. A hidden table follows once a second; shown again it catches up as any other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from textual.widget import Widget

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.screens.source import Source
from kurator_tui.store.search import Filter
from kurator_tui.store.store import Delta
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable

SLICE = 0.004
"""Seconds of work in one turn of the loop."""
WORK = 0.02
"""The same where somebody waits for it: a filter or an order that was asked for."""
GAP = 0.001
"""Seconds between two turns: whatever a key sets off is done first."""
PIECE = 0.003
"""Seconds that the changed rows applied at once should take: as many rows as the ones before say."""
FEWEST, MOST = 50, 1000
"""Changed rows applied at once."""
RELOAD = 20_000
"""From this many changed rows on that wait, reading all rows again is cheaper."""
PAINTS = 0.05
"""Seconds between two paints because of changes; keys paint at once."""
STORM_PAINTS = 0.2
"""The same while more changes wait than one turn can apply, or many were."""
STORM = 300
"""Changed rows since the last paint that are many."""
CALM = 0.15
"""Seconds without a key until more than `FEWEST` changes are applied."""
LONGEST = 0.5
"""Seconds that changes wait for keys at most."""
SAYINGS = 0.25
"""Seconds between two looks at title, details and footer because rows changed."""
HIDDEN = 1.0
"""Seconds between two turns of a screen that nobody sees."""
PATIENCE = 0.1
"""Seconds after which the title says what is being done, and between two titles while it goes on."""
TEXTS = 30
"""Seconds without another filter after which the texts that searches read are forgotten."""


@dataclass(frozen=True, slots=True)
class Look:
    """How screens draw: what the settings and the clock say."""

    clock: Callable[[], float]
    """Unix seconds."""
    ascii_only: bool = False
    wide: bool = False
    faults_only: bool = False
    as_of: Callable[[], str] = str
    """Says that the rows are those of another moment, and of which; "" where they are live."""


class TableTurns(Widget):
    """A widget with a live table of one kind; subclasses compose it and tell of changes."""

    kind: AnyKind

    def __init__(self, source: Source, look: Look, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.source, self.look = source, look
        self.table = LiveTable(clock=look.clock, ascii_only=look.ascii_only)
        self._pending: Delta = {}
        self._due: asyncio.TimerHandle | None = None
        """The next turn, where it is later."""
        self._piece = FEWEST
        self._painted = 0.0
        """When (`time.perf_counter`) changes were shown last."""
        self._unpainted = 0
        """Changed rows since then."""
        self._pressed = self._heard = 0.0
        """When (`time.perf_counter`) a key came last, and the oldest change that waits."""
        self._scheduled = False
        self._aged = False
        self._unsaid = 0
        """Changed rows since title, details and footer were brought up to date."""
        self._began = self._said = 0.0
        """When (`time.perf_counter`) the work that is going on began, and what is shown was said last."""
        self._asked = look.clock()
        """When a timed filter was asked last, Unix seconds."""
        self._texts_until = 0.0
        """When (`time.perf_counter`) the texts of a search may be forgotten."""

    def rows(self) -> Iterable[Row]:
        """All rows that the table may show."""
        return self.source.store.rows(self.kind.id)

    def said(self) -> None:
        """What the table shows may be different now: say it."""
        raise NotImplementedError

    def load(self) -> None:
        """All rows are read again; the selected one stays selected."""
        if self.table.view is not None:
            self.table.view.begin_load(self.rows())
            self.schedule()

    def _then(self) -> str:
        """What an empty table says where its rows were not known at the moment shown."""
        known = not self.look.as_of() or self.kind.id in self.source.store.kinds()
        return "" if known else f"nobody read {self.kind.plural} then"

    # -- what happened ----------------------------------------------------------------------------------------

    def changed(self, delta: Delta) -> None:
        """Rows changed: show them soon."""
        if not self._pending:
            self._heard = time.perf_counter()
        self._pending.update(delta)
        self.schedule(0.0 if self.display else HIDDEN)

    def pressed(self) -> None:
        """A key came: others may follow."""
        self._pressed = time.perf_counter()

    def aged(self) -> None:
        """The freshness of rows changed: show it soon."""
        self._aged = True
        self.schedule(0.0 if self.display else HIDDEN)

    def stop_turns(self) -> None:
        """The widget goes."""
        if self._due is not None:
            self._due.cancel()

    # -- turns ------------------------------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether everything heard and asked so far is shown."""
        return not (self._scheduled or self._pending or self._aged or self._unsaid or self.table.owed)

    @property
    def more(self) -> bool:
        """Whether the table lacks rows that are there."""
        return bool(self._pending) or (self.table.view is not None and self.table.view.loading)

    @property
    def working(self) -> bool:
        """Whether a filter or an order is not complete yet."""
        return self.table.view is not None and bool(self.table.view.doing)

    def schedule(self, delay: float = 0.0) -> None:
        """Have a turn after what waits already, or in `delay` seconds, or before if one is due before."""
        loop = asyncio.get_running_loop()
        if self._scheduled:
            if self._due is None or self._due.when() <= loop.time() + delay:
                return
            self._due.cancel()
            self._due = None
        self._scheduled = True
        if delay:
            self._due = loop.call_later(delay, self.call_later, self.turn)
        else:
            self.call_later(self.turn)

    def turn(self) -> None:
        """Do for a while what there is to do: apply changes, go on with a filter or an order."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._scheduled = False
        view = self.table.view
        if view is None:
            return
        now = time.perf_counter()
        held = self._held(now)
        if not held:
            self._apply_some(view, now + SLICE)
        complete = self._work_on(view, now)
        if self._aged:
            self._aged = False
            self.table.freshness_changed()
        more = view.working or (bool(self._pending) and not held)
        if more or held:
            self.schedule(GAP if more else held)
        self._paint(now, STORM_PAINTS if more or self._unpainted > STORM else PAINTS)
        if complete or not held:
            self._say(now, at_once=complete, more=more)

    def _held(self, now: float) -> float:
        """Seconds that changes still wait: keys go before many of them, but not for ever."""
        if len(self._pending) <= FEWEST:
            return 0.0
        return max(0.0, min(self._pressed + CALM, self._heard + LONGEST) - now)

    def _work_on(self, view: View, now: float) -> bool:
        """Go on with what was begun on the view; whether something is complete."""
        complete = False
        if view.working:
            self._began = self._began or now
            until = now + (WORK if view.doing and self.display else SLICE)
            complete = self.table.work(max(until - time.perf_counter(), SLICE / 4))
        if not view.doing:
            self._began = 0.0
        return complete

    def _paint(self, now: float, pause: float) -> None:
        """Show what was applied; not each piece of a list that comes in a hundred pieces a second."""
        if not self.table.owed:
            self._unpainted = 0
            return
        if (left := self._painted + pause - now) <= 0:
            self._painted, self._unpainted = now, 0
            self.table.show_changes()
        else:
            self.schedule(left)

    def _say(self, now: float, *, at_once: bool, more: bool) -> None:
        """Title, details and footer follow: at once what was asked for and few changes, else now and then."""
        if not self.display:
            self._unsaid = 0
            return
        left = max(self._said, self._began) + (PATIENCE if self.working else SAYINGS) - now
        if at_once or left <= 0 or (not more and self._unsaid <= FEWEST):
            self._said, self._unsaid = now, 0
            self.said()
        elif not more:
            self.schedule(left)

    def _apply_some(self, view: View, until: float) -> None:
        """Apply changes a piece at a time: one piece beside other work, none while a load brings them all."""
        pending = self._pending
        if len(pending) > RELOAD and not view.loading:
            pending.clear()
            view.begin_load(self.rows())
        while pending and not view.loading:
            size, began = min(self._piece, len(pending)), time.perf_counter()
            self.table.apply(dict(pending.popitem() for _ in range(size)), show=False)
            self._unpainted += size
            self._unsaid += size
            now = time.perf_counter()
            if size >= FEWEST:
                self._piece = min(max(int(size * PIECE / (now - began)), FEWEST), MOST, 2 * size)
            if view.working or now + PIECE > until:
                return

    # -- filter and order -------------------------------------------------------------------------------------

    def show_only(self, found: Filter | None) -> None:
        """Show the rows that meet `found`: at once, or over some turns where rows are many."""
        view = self.table.view
        if view is not None:
            self._asked = self.look.clock()
            self._texts_until = time.perf_counter() + TEXTS
            view.begin_filter(found)
            self._began = 0.0
            self.turn()

    def order(self, key: str, *, descending: bool = False) -> None:
        """Order by the column `key`: at once, or over some turns where rows are many."""
        if self.table.view is not None:
            self.table.view.begin_sort(key, descending=descending)
            self._began = 0.0
            self.turn()

    def prepare_filter(self) -> None:
        """A filter is about to be typed: make ready what it will read."""
        if self.table.view is not None:
            self._texts_until = time.perf_counter() + TEXTS
            self.table.view.begin_texts()
            self.schedule()

    def recheck(self) -> None:
        """A second went by: rows may meet a timed filter now, or not any more; old texts are forgotten."""
        view, now = self.table.view, self.look.clock()
        if view is None:
            return
        if view.begin_recheck(min(self._asked, now), max(self._asked, now)):
            self._asked = now
            self.turn()
        elif self._texts_until and time.perf_counter() > self._texts_until and not view.working:
            self._texts_until = 0.0
            view.forget_texts()

    @property
    def doing(self) -> str:
        """What takes longer than one expects."""
        view = self.table.view
        if view is None or not view.doing or time.perf_counter() - self._began < PATIENCE:
            return ""
        return f"{view.doing}{'...' if self.look.ascii_only else '…'}"
