"""A predicate on rows that a view can take apart: texts to look for, other conditions, and what time does to them.

Any function of a row can filter a view; a `Filter` does it fast. Its texts are looked for in texts made before
(`store.texts`), a filter that refines another one is asked only about the rows that the other one left, and one
that compares ages says which rows time has changed. What the user types is read in `store.filter`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from kurator_tui.kinds.base import Row

Match = Callable[[Row], bool]
Flips = Callable[[Row, float, float], bool]
"""Whether a verdict on a row may differ between two moments (Unix seconds)."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A case-folded text that a row's text must contain, or must not."""

    text: str
    negated: bool = False
    figures: Match | None = None
    """Whether a row's numbers contain it; None when no number could."""

    def implies(self, other: Needle) -> bool:
        """Whether every row this one lets through is let through by `other`."""
        if self.negated != other.negated or (self.figures is None) != (other.figures is None):
            return False
        return self.text in other.text if self.negated else other.text in self.text


@dataclass(frozen=True, slots=True)
class Condition:
    """Anything else a row must meet. Equal specs mean equal conditions."""

    spec: Hashable
    match: Match
    flips: Flips | None = None
    """Set when time changes the verdict."""


@dataclass(frozen=True, slots=True)
class Filter:
    """All needles and all conditions must hold."""

    text: str
    """As the user wrote it."""
    needles: tuple[Needle, ...]
    conditions: tuple[Condition, ...]
    read: Callable[[Row], str]
    """A row's case-folded text."""

    def __call__(self, row: Row) -> bool:
        for condition in self.conditions:
            if not condition.match(row):
                return False
        if not self.needles:
            return True
        text = self.read(row)
        return all(self._found(needle, text, row) for needle in self.needles)

    @staticmethod
    def _found(needle: Needle, text: str, row: Row) -> bool:
        found = needle.text in text or (needle.figures is not None and needle.figures(row))
        return found != needle.negated

    @property
    def timed(self) -> bool:
        """Whether verdicts change as time passes."""
        return any(condition.flips is not None for condition in self.conditions)

    @property
    def flips(self) -> Flips:
        """Whether the verdict on a row may differ between two moments."""
        found = tuple(condition.flips for condition in self.conditions if condition.flips is not None)
        if len(found) == 1:
            return found[0]
        return lambda row, then, now: any(flip(row, then, now) for flip in found)

    def also(self, *conditions: Condition) -> Filter:
        """This filter with more conditions, which come first."""
        return Filter(self.text, self.needles, conditions + self.conditions, self.read)

    def refines(self, other: object) -> bool:
        """Whether every row that meets this filter meets `other`. Never true when time plays a part."""
        if not isinstance(other, Filter) or self.timed or other.timed:
            return False
        specs = {condition.spec for condition in self.conditions}
        return all(condition.spec in specs for condition in other.conditions) and all(
            any(mine.implies(needle) for mine in self.needles) for needle in other.needles
        )


def nothing_read(row: Row) -> str:
    """For a filter without needles."""
    return ""
