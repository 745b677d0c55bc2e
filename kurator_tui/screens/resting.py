"""Kinds that nobody looks at: their screens stay, with filter, order and scope, and read nothing after a while.

The place that is shown and the one before it always read: going back is instant. Any other place is asked again
when it is shown, and says so; until then it holds no rows, since nobody vouches for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kurator_tui.kinds.base import Key, Row
from kurator_tui.screens.places import Places
from kurator_tui.screens.table_screen import TableScreen

REST = 30.0
"""Seconds for which a screen reads on that is neither shown nor the one before."""
WATCHED = ("pods", "nodes")
"""Kinds of which every cluster's overview is made: they are read in any case."""


class RestingScreen(TableScreen):
    """A screen that may rest. What has to begin and to end with its rows is `read_on` and `read_no_more`."""

    resting = False
    """Whether it reads nothing."""
    _unseen: float | None = None
    """Since when it is neither shown nor the one before, Unix seconds."""
    _chosen_key: Key | None = None
    """The row that was selected before it rested."""

    def read_on(self) -> None:
        """It rested and is shown."""

    def read_no_more(self) -> None:
        """It begins to rest."""

    def wanted(self, now: float, *, wanted: bool) -> None:
        super().wanted(now, wanted=wanted)
        if wanted:
            self._unseen = None
            if self.display:
                self.on_show()  # Textual sends no Show where somebody looked at a region before the layout
        elif self._unseen is None or now < self._unseen:
            self._unseen = now
        elif now - self._unseen >= REST and not self.resting and self.kind.id not in WATCHED:
            self._rest()

    def _rest(self) -> None:
        self._chosen_key = self.table.selected_key
        self.resting = True
        for kind in (self.kind.id, *self.related):
            self.source.unsubscribe(kind, self.id or "")
        self.read_no_more()
        self._load(())

    def on_show(self) -> None:
        if not self.resting:
            return
        self.resting = False
        self.subscribe()
        self.read_on()
        self._load(self.rows())
        self.refresh_title()

    def _load(self, rows: Iterable[Row]) -> None:
        """The table is filled anew."""
        if (view := self.table.view) is not None:
            self.table.filling = True
            view.begin_load(rows)
            self.schedule()

    def load(self) -> None:
        if not self.resting:
            super().load()

    def subscribe(self) -> None:
        if not self.resting:
            super().subscribe()

    def pressed(self) -> None:
        super().pressed()
        self._chosen_key = None

    def said(self) -> None:
        if self._chosen_key is not None and not self.resting and self.table.select_key(self._chosen_key):
            self._chosen_key = None
        super().said()


def rest(screens: Mapping[str, TableScreen], places: Places, now: float) -> None:
    """Those of `screens` that were not wanted for a while rest from now on."""
    for place, screen in screens.items():
        screen.wanted(now, wanted=place in (places.place, places.before))
