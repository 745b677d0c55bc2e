"""The panels that are read: those that somebody sees, each one stream, closed as soon as nobody sees it.

What was answered stays until something newer comes, and so does what failed since: who shows it tells its age.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from msgspec import structs

from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.metrics import Failure, PanelData, PanelHandle, PanelQuery, open_panel
from kurator_tui.screens.metrics_lines import DAY, Reading
from kurator_tui.screens.source import Source

KEPT = 64
"""Panels out of sight whose last answer is kept."""
DRIFT = 0.05
"""Part of the time by which yesterday may lag before it is asked again."""
AGAIN = 15.0
"""Seconds until a stream that broke is opened again."""


@dataclass(slots=True)
class _Open:
    """One panel in sight."""

    query: PanelQuery
    handle: PanelHandle | None = None
    past: PanelHandle | None = None
    broke_at: float = 0.0
    """When its stream ended with an error, Unix seconds; 0.0 while it is well."""


class PanelFeed:
    """Keeps the streams of what is wanted open, and the `Reading` of each panel by its key."""

    def __init__(self, source: Source, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._source, self._clock, self._changed = source, clock, changed
        self._open: dict[str, _Open] = {}
        self._readings: dict[str, Reading] = {}
        self.yesterday = False
        """Whether the same is read of a day before, too."""

    @property
    def keys(self) -> list[str]:
        """Panels that are read now."""
        return list(self._open)

    def reading(self, key: str) -> Reading:
        """What is known of a panel."""
        return self._readings.get(key) or Reading()

    def readings(self) -> list[Reading]:
        """Of all panels that are read."""
        return [self.reading(key) for key in self._open]

    @property
    def complete(self) -> bool:
        """Whether each panel that is read was answered, or failed."""
        return all(each.data is not None or each.failure is not None for each in self.readings())

    def want(self, wanted: Mapping[str, PanelQuery], *, yesterday: bool = False) -> None:
        """Read exactly these from now on."""
        if yesterday != self.yesterday:
            self.yesterday = yesterday
            for key, one in self._open.items():
                self._leave_past(key, one)
                if (data := self.reading(key).data) is not None:
                    self._follow_past(key, one, data)
        for key in [key for key, one in self._open.items() if wanted.get(key) != one.query]:
            self._close(key)
        for key, query in wanted.items():
            if key not in self._open:
                self._begin(key, query)
        for key in [key for key in self._readings if key not in self._open][:-KEPT]:
            del self._readings[key]

    def forget(self) -> None:
        """What was answered is of something else."""
        self.close()
        self._readings.clear()

    def close(self) -> None:
        """Read nothing any more."""
        self.want({})

    def reopen(self, *, only_broken: bool = False) -> None:
        """Ask anew: all of them, or those whose stream broke a while ago."""
        now = self._clock()
        for key, one in list(self._open.items()):
            if not only_broken or (one.broke_at and now - one.broke_at >= AGAIN):
                self._close(key)
                self._begin(key, one.query)

    # -- streams ------------------------------------------------------------------------------------------------

    def _begin(self, key: str, query: PanelQuery) -> None:
        one = self._open[key] = _Open(query)

        def told(data: PanelData) -> None:
            if self._open.get(key) is one:
                self._told(key, one, data)

        def ended(end: StreamEnded) -> None:
            if self._open.get(key) is one and end.title:
                one.broke_at = self._clock()
                self._failed(key, Failure(end.title, end.message, end.hint))

        one.handle = open_panel(self._source, query, told, ended)

    def _close(self, key: str) -> None:
        one = self._open.pop(key)
        self._leave_past(key, one)
        if one.handle is not None:
            one.handle.close()

    def _leave_past(self, key: str, one: _Open) -> None:
        if one.past is not None:
            one.past.close()
            one.past = None
        if key in self._readings:
            self._readings[key] = replace(self._readings[key], others=None)

    def _told(self, key: str, one: _Open, data: PanelData) -> None:
        before = self._readings.pop(key, Reading())  # the newest is the last to be let go
        if data.error is not None:
            self._readings[key] = replace(before, failure=data.error, failed_at=self._clock())
        else:
            self._readings[key] = replace(before, data=data, failure=None)
            self._follow_past(key, one, data)
        self._changed()

    def _failed(self, key: str, failure: Failure) -> None:
        before = self._readings.pop(key, Reading())
        self._readings[key] = replace(before, failure=failure, failed_at=self._clock())
        self._changed()

    def _follow_past(self, key: str, one: _Open, data: PanelData) -> None:
        """Yesterday's lines move on with today's, a twentieth of the picture at a time."""
        end = data.start + max(0, data.count - 1) * data.step
        known = self._readings[key].others
        if not self.yesterday or not data.step:
            return
        if known is not None:
            there = known.start + max(0, known.count - 1) * known.step + DAY
            if abs(end - there) <= max(data.step, DRIFT * one.query.seconds) and known.step == data.step:
                return
        if one.past is not None:
            one.past.close()
        asked = structs.replace(one.query, end=end - DAY, step=data.step)

        def told(past: PanelData) -> None:
            if self._open.get(key) is one and self.yesterday and past.error is None:
                self._readings[key] = replace(self.reading(key), others=past)
                self._changed()

        one.past = open_panel(self._source, asked, told, lambda _end: None)
