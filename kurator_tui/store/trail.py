"""What this run of the console saw of each rollout: bounded rings of its states, to draw trends and to look back.

Pure but for the clock that it is given. A state is kept when something that a reader looks at changed; values that
move all the time (when the next check is, the end that is estimated) are not such.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kurator_tui.kinds.base import Key
from kurator_tui.kinds.rollouts import RolloutRow

MOST_STATES = 200
"""Of one rollout."""
MOST_ROLLOUTS = 20_000
"""The one that did not change for longest goes first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One state of a rollout, and since when (Unix seconds) it was seen so."""

    at: float
    row: RolloutRow


@dataclass(slots=True)
class Trail:
    """States of all rollouts, oldest first."""

    clock: Callable[[], float]
    most: int = MOST_STATES
    _states: OrderedDict[Key, deque[Seen]] = field(default_factory=OrderedDict)

    def note(self, rows: Iterable[RolloutRow]) -> None:
        """These rows are what is seen now."""
        now = self.clock()
        for row in rows:
            states = self._states.get(row.key)
            if states is None:
                states = self._states[row.key] = deque(maxlen=self.most)
                if len(self._states) > MOST_ROLLOUTS:
                    self._states.popitem(last=False)
            elif _same(states[-1].row, row):
                continue
            states.append(Seen(now, row))
            self._states.move_to_end(row.key)

    def states(self, key: Key) -> list[Seen]:
        """What was seen of one rollout."""
        return list(self._states.get(key, ()))

    def at(self, key: Key, moment: float) -> RolloutRow | None:
        """The rollout as it was at `moment`; None before it was seen first."""
        found = None
        for seen in self._states.get(key, ()):
            if seen.at > moment:
                break
            found = seen.row
        return found

    def weights(self, key: Key, most: int = 4) -> tuple[int, ...]:
        """The last weights of the present analysis, each once."""
        found: list[int] = []
        for seen in reversed(self._states.get(key, ())):
            if seen.row.phase != "Progressing" or len(found) == most:
                break
            if seen.row.weight is not None and (not found or found[-1] != seen.row.weight):
                found.append(seen.row.weight)
        return tuple(reversed(found))

    def moments(self, keys: Iterable[Key]) -> list[float]:
        """When something of these rollouts changed, oldest first."""
        return sorted({seen.at for key in keys for seen in self._states.get(key, ())})


def _same(one: RolloutRow, other: RolloutRow) -> bool:
    """Whether a reader would call both the same state."""
    return _looked_at(one) == _looked_at(other)


def _looked_at(row: RolloutRow) -> tuple[object, ...]:
    return (
        row.phase,
        row.weight,
        row.split,
        row.iteration,
        row.failed_checks,
        row.suspended,
        row.stale,
        row.level,
        row.image_after,
        row.revision_after,
        row.primary_pods,
        row.canary_pods,
        tuple(gate.verdict for gate in row.gates),
    )
