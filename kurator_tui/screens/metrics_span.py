"""Which time charts show, and how keys change it. Pure; times are Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

RANGES: tuple[tuple[str, float], ...] = (
    ("15m", 900.0),
    ("1h", 3600.0),
    ("6h", 21_600.0),
    ("24h", 86_400.0),
    ("7d", 604_800.0),
)


RAW = 2 * 86_400.0
"""Seconds above which a Thanos without a compactor, as Kurator installs it, reads every raw sample."""
SLOW = "slow beyond 2 days: no compactor"


@dataclass(frozen=True, slots=True)
class Span:
    """One of `RANGES` up to `end`; 0.0 is now, moving on."""

    at: int = 1
    end: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return RANGES[self.at][1]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of a range so long."""
        return (SLOW,) if self.seconds > RAW else ()

    def longer(self, steps: int) -> Span:
        """The range `steps` further in `RANGES`, as far as there is one."""
        return replace(self, at=max(0, min(self.at + steps, len(RANGES) - 1)))

    def moved(self, halves: int, now: float) -> Span:
        """So many halves of a picture later (earlier, if below zero); never beyond now, which it then follows."""
        end = (self.end or now) + halves * self.seconds / 2
        return replace(self, end=0.0 if end >= now else end)

    def live(self) -> Span:
        """The same up to now."""
        return replace(self, end=0.0)

    def text(self) -> str:
        """`1h`; with its end where that is not now."""
        name = RANGES[self.at][0]
        return f"{name} to {datetime.fromtimestamp(self.end):%d %b %H:%M}" if self.end else name
