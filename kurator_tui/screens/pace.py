"""How often the feeder sends: less while nobody looks, or while the terminal does not keep up."""

from __future__ import annotations

from typing import Protocol

from kurator_tui.screens.source import Source

FOCUSED = 0.1
"""Seconds between two batches while somebody looks."""
AWAY = 0.25
"""Seconds between two batches while nobody does, or while the terminal is slow."""


class Terminal(Protocol):
    """What is asked of `wire.meter.Meter`."""

    @property
    def slow(self) -> bool:
        """Whether output waits for the terminal."""


class Pace:
    """Tells the source its pace whenever that changes; `meter` is None where no terminal is measured."""

    def __init__(self, source: Source, meter: Terminal | None) -> None:
        self._source, self._meter = source, meter
        self._told = FOCUSED

    def update(self, *, focused: bool) -> None:
        """The terminal has the focus or not; it may have become slow or fast."""
        slow = self._meter is not None and self._meter.slow
        interval = FOCUSED if focused and not slow else AWAY
        if interval != self._told:
            self._told = interval
            self._source.pace(interval)
