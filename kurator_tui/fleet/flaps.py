"""How often edge nodes lost and found their contact, as far as this run of the console saw it.

Nodes are watched all the time, so this is noted whether somebody looks at the edge or not. A node keeps no history
of its own: its Ready condition says when it changed last, and no more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import cast

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.store.store import Store

WINDOW = 3600.0
"""Seconds for which a change counts."""
MOST = 32
"""Changes of one node that are kept."""
FLAPPING = 3
"""Changes within `WINDOW` from which on a node flaps: lost, found and lost again."""


class Flaps:
    """Notes when Ready of an edge node changed, from the changes of `store`."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._noted: dict[tuple[str, str], deque[float]] = {}
        store.observe(NODE.id, self._note)

    def _note(self, cluster: str, old: Row | None, new: Row | None) -> None:
        if old is None:
            return
        before, now = cast(NodeRow, old), cast("NodeRow | None", new)
        if now is None:
            self._noted.pop((cluster, before.name), None)
        elif now.edge and before.ready != now.ready:
            self._noted.setdefault((cluster, now.name), deque(maxlen=MOST)).append(self._clock())

    def of(self, cluster: str, node: str) -> int:
        """How often Ready of a node changed within the last hour."""
        noted = self._noted.get((cluster, node))
        if not noted:
            return 0
        since = self._clock() - WINDOW
        while noted and noted[0] < since:
            noted.popleft()
        return len(noted)

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        for place in [place for place in self._noted if place[0] == cluster]:
            del self._noted[place]
