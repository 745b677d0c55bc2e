"""What happened to one application, newest first: what the rollout engines said and what this console saw change.

Pure. Over all clusters; what was made of states that were seen before is not made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from kurator_tui.kinds.base import Key
from kurator_tui.kinds.board_cells import gate_unit
from kurator_tui.kinds.rollouts import Gate, RolloutRow
from kurator_tui.kinds.units import amount
from kurator_tui.store.trail import Seen

MOST = 100
"""Entries that are told."""


class Entry(NamedTuple):
    """Something that happened at a Unix second."""

    at: float
    cluster: str
    text: str


class Timeline:
    """Remembers the changes between states, which are never others."""

    def __init__(self) -> None:
        self._known: dict[Key, tuple[Sequence[Seen], list[Entry]]] = {}

    def entries(self, rollouts: Iterable[tuple[RolloutRow, Sequence[Seen]]], until: float) -> list[Entry]:
        """What happened to `rollouts`, each with the states that were seen of it, up to the moment `until`."""
        found: dict[Entry, None] = {}
        for row, states in rollouts:
            found.update(dict.fromkeys(Entry(at, row.cluster, text) for at, text in row.messages))
            found.update(dict.fromkeys(self._changes(row, states)))
        entries = [entry for entry in found if entry.at <= until]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST]

    def _changes(self, row: RolloutRow, states: Sequence[Seen]) -> list[Entry]:
        before, entries = self._known.get(row.key, ((), []))
        if len(before) == len(states) and (not states or before[-1] is states[-1]):
            return entries
        entries = [
            Entry(after.at, row.cluster, text)
            for old, after in pairwise(states)
            for text in changes(old.row, after.row)
        ]
        self._known[row.key] = (states, entries)
        return entries


def changes(before: RolloutRow, after: RolloutRow) -> list[str]:
    """In words, what is different; what the engine's own messages tell is left to them."""
    found: list[str] = []
    if before.phase != after.phase:
        found.append(f"phase {before.phase or 'none'} → {after.phase or 'none'}")
    if before.weight != after.weight and after.weight is not None and not after.messages:
        found.append(f"weight {before.weight or 0}% → {after.weight}%")
    if before.split != after.split and after.split is not None:
        found.append(f"routed: primary {after.split[0]}%, canary {after.split[1]}%")
    if after.failed_checks > before.failed_checks:
        found.append(f"failed checks {before.failed_checks} → {after.failed_checks}")
    if before.suspended != after.suspended:
        found.append("paused" if after.suspended else "resumed")
    for what, old, new in (
        ("image", before.image_after, after.image_after),
        ("revision", before.revision_after, after.revision_after),
    ):
        if old != new:
            found.append(f"{what} {old or 'none'} → {new or 'none'}")
    found += _gates(before, after)
    if before.stale != after.stale:
        found.append(f"not known any more: {after.stale}" if after.stale else "known again")
    return found


def _gates(before: RolloutRow, after: RolloutRow) -> Iterable[str]:
    verdicts = {gate.name: gate.verdict for gate in before.gates}
    for gate in after.gates:
        if (old := verdicts.get(gate.name, gate.verdict)) != gate.verdict:
            yield f"gate {gate.name}: {old} → {gate.verdict}{_value(gate)}"


def _value(gate: Gate) -> str:
    return f", {amount(gate.values[-1], gate_unit(gate.name))}" if gate.values else ""
