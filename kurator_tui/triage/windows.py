"""Which findings that are alike began within a short time of each other, kept from changes. Pure.

A chain is a run of findings each of which began at most `within` seconds after the one before; it counts when it
is about enough workloads. The same findings make the same chains in whatever order they came.

What is alike is kept in cells as long as `within`: all of a cell are in one chain, so that a change looks at its
cell and at those that make one chain with it, and never through the findings in them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter

from kurator_tui.kinds.base import Key
from kurator_tui.triage.causes import Cause
from kurator_tui.triage.causes import Key as Common

GRAIN = 600.0
"""Seconds into which a chain's beginning is cut to name it: it keeps its name when its first findings end."""
Entry = tuple[float, Key]
"""When a finding began, and its key."""


class _Cell:
    """Findings that began within one span of time."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        """In order."""
        self.workloads: Counter[Common] = Counter()
        self.chain: Common | None = None


class _Alike:
    """The cells of what is alike, by number."""

    def __init__(self, cause: Cause, common: Common) -> None:
        self.cells: dict[int, _Cell] = {}
        self.stale: set[int] = set()
        """Cells that changed."""
        self._cause, self._common = cause, common

    def relabel(self, different: dict[Key, None]) -> None:
        """Say anew which chains the cells that changed, and those beside them, are in."""
        done: set[int] = set()
        for number in sorted({beside for each in self.stale for beside in (each - 1, each, each + 1)}):
            if number not in self.cells or number in done:
                continue
            run = self._run(number)
            done.update(run)
            chain = self._named(run)
            for each in run:
                cell = self.cells[each]
                if cell.chain != chain:
                    cell.chain = chain
                    different.update((key, None) for _began, key in cell.entries)
        self.stale.clear()

    def _run(self, number: int) -> range:
        """Numbers of the cells that make one chain with this one."""
        first = last = number
        while self._joined(first - 1):
            first -= 1
        while self._joined(last):
            last += 1
        return range(first, last + 1)

    def _joined(self, number: int) -> bool:
        """Whether a cell goes on in the next."""
        cell, after = self.cells.get(number), self.cells.get(number + 1)
        if cell is None or after is None:
            return False
        return after.entries[0][0] - cell.entries[-1][0] <= self._cause.within

    def _named(self, run: range) -> Common | None:
        """What the incident of a chain is known by, None where it is too small for one."""
        workloads = set[Common]()
        for number in run:
            for workload in self.cells[number].workloads:
                workloads.add(workload)
                if len(workloads) >= self._cause.least:
                    began = self.cells[run[0]].entries[0][0]
                    return (*self._common, str(int(began // GRAIN)))
        return None


class Windows:
    """`put` and `drop` findings by what they have in common; `changed` says for whom `of` is different since."""

    def __init__(self) -> None:
        self._alike: dict[Common, _Alike] = {}
        self._places: dict[tuple[Common, Key], tuple[int, float, Common]] = {}
        """By what it is alike in, and a finding: its cell, when it began, and its workload."""
        self._stale: dict[Common, None] = {}

    def put(self, cause: Cause, alike: Common, key: Key, began: float, workload: Common) -> None:
        """A finding is alike to others."""
        found = self._alike.get(alike)
        if found is None:
            found = self._alike[alike] = _Alike(cause, alike)
        number = int(began // cause.within)
        cell = found.cells.get(number)
        if cell is None:
            cell = found.cells[number] = _Cell()
        insort(cell.entries, (began, key))
        cell.workloads[workload] += 1
        self._places[alike, key] = number, began, workload
        found.stale.add(number)
        self._stale[alike] = None

    def drop(self, alike: Common, key: Key) -> None:
        """It is gone, or is put anew."""
        number, began, workload = self._places.pop((alike, key))
        found = self._alike[alike]
        cell = found.cells[number]
        del cell.entries[bisect_left(cell.entries, (began, key))]
        cell.workloads[workload] -= 1
        if not cell.workloads[workload]:
            del cell.workloads[workload]
        if not cell.entries:
            del found.cells[number]
        found.stale.add(number)
        self._stale[alike] = None

    def changed(self) -> dict[Key, None]:
        """Findings whose chain is another one, or none any more; those that were just put may be left out."""
        different: dict[Key, None] = {}
        for alike in self._stale:
            self._alike[alike].relabel(different)
            if not self._alike[alike].cells:
                del self._alike[alike]
        self._stale.clear()
        return different

    def of(self, alike: Common, key: Key) -> Common | None:
        """The chain that a finding is in, as what its incident is known by."""
        return self._alike[alike].cells[self._places[alike, key][0]].chain
