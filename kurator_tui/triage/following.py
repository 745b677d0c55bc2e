"""What symptoms follow from, kept from changes: findings offer themselves by what they are about, symptoms look.

`enter` and `leave` findings, say where they belong; `stirred` tells whose answer is another one since `settled`.
Offers of a sort that nobody ever looked for cost nothing.
"""

from __future__ import annotations

from collections import Counter

from kurator_tui.kinds.base import Key
from kurator_tui.triage.causes import DEEPEST, TIES, Sorted
from kurator_tui.triage.causes import Key as Common

_Entry = tuple[int, int, Common]
"""How deep, how bad (the worst least), and the cause of what is offered: the least one is chosen."""
_ALONE = frozenset(tie.id for tie in TIES if tie.alone)


class _Place:
    """Findings about one thing, and symptoms that look for such."""

    def __init__(self, tie: str) -> None:
        self._alone = tie in _ALONE
        self.seekers: dict[Key, int] = {}
        """With how deep they are."""
        self.causes: Counter[_Entry] = Counter()

    def chosen(self, deep: int) -> Common | None:
        """What a symptom that deep follows from: the worst of what is less deep."""
        if self._alone:
            found = {common for depth, _bad, common in self.causes if depth < deep}
            return found.pop() if len(found) == 1 else None
        first = min(self.causes, default=None)
        return first[2] if first is not None and first[0] < deep else None

    def said(self) -> tuple[Common | None, ...]:
        """The same for each depth."""
        return tuple(self.chosen(deep) for deep in range(DEEPEST + 1))


class Following:
    """Where symptoms look."""

    def __init__(self) -> None:
        self._places: dict[Common, _Place] = {}
        self._known: dict[Key, Sorted] = {}
        self._belongs: dict[Key, Common] = {}
        self._wanted: set[str] = set()
        """Ties by which somebody looked at some time."""
        self._before: dict[Common, tuple[Common | None, ...]] = {}
        """What places that changed said when all was settled."""

    def enter(self, key: Key, found: Sorted) -> None:
        """A finding is there."""
        self._known[key] = found
        for tie, at in found.seeks:
            if tie.id not in self._wanted:
                self._want(tie.id)
            self._place(at).seekers[key] = found.depth

    def leave(self, key: Key) -> None:
        """It is gone, or enters anew."""
        self.belongs(key, None)
        for _tie, at in self._known.pop(key).seeks:
            del self._places[at].seekers[key]
            self._tidy(at)

    def belongs(self, key: Key, common: Common | None) -> None:
        """It is of that incident: who finds it follows from that."""
        before = self._belongs.get(key)
        if before == common:
            return
        if common is None:
            del self._belongs[key]
        else:
            self._belongs[key] = common
        found = self._known[key]
        for tie in found.offers:
            if tie.id in self._wanted and (at := tie.offered(found.finding)) is not None:
                self._count(at, found, before, common)

    def followed(self, found: Sorted) -> tuple[Common, str] | None:
        """What a symptom follows from and why, None where that is nothing else."""
        for tie, at in found.seeks:
            if (chosen := self._places[at].chosen(found.depth)) is not None:
                return chosen, tie.because
        return None

    def stirred(self, deep: int) -> dict[Key, None]:
        """Symptoms that deep which may follow from something else than when all was settled."""
        found: dict[Key, None] = {}
        for at, before in self._before.items():
            place = self._places.get(at)
            if place is not None and place.chosen(deep) != before[deep]:
                found.update((key, None) for key, depth in place.seekers.items() if depth == deep)
        return found

    def settled(self) -> None:
        """Everybody who was stirred has looked again."""
        self._before.clear()

    def _want(self, tie: str) -> None:
        """Somebody looks by that tie for the first time: what was offered counts from now on."""
        self._wanted.add(tie)
        for key, common in self._belongs.items():
            found = self._known[key]
            for each in found.offers:
                if each.id == tie and (at := each.offered(found.finding)) is not None:
                    self._count(at, found, None, common)

    def _count(self, at: Common, found: Sorted, before: Common | None, common: Common | None) -> None:
        place = self._place(at)
        if place.seekers and at not in self._before:
            self._before[at] = place.said()
        if before is not None:
            entry = (found.depth, -found.rank, before)
            place.causes[entry] -= 1
            if not place.causes[entry]:
                del place.causes[entry]
        if common is not None:
            place.causes[(found.depth, -found.rank, common)] += 1
        self._tidy(at)

    def _place(self, at: Common) -> _Place:
        place = self._places.get(at)
        if place is None:
            place = self._places[at] = _Place(at[0])
        return place

    def _tidy(self, at: Common) -> None:
        place = self._places[at]
        if not place.seekers and not place.causes:
            del self._places[at]
