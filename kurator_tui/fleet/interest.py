"""What is watched and where: a kind from when somebody needs it until nobody does, and a little longer.

Whoever goes back within `LINGER` seconds finds its rows as they are; nothing is listed again for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

LINGER = 30.0
"""Seconds for which a kind is watched after its last reader left."""

Later = Callable[[float, Callable[[], None]], Any]
"""(seconds, what to do then)."""


class Reach(msgspec.Struct, frozen=True):
    """Where one kind is needed; without `clusters` everywhere.

    `namespaces` are those that are looked at: watched one by one where a cluster refuses all of them together.
    """

    clusters: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()

    def holds(self, cluster: str) -> bool:
        return not self.clusters or cluster in self.clusters


WHEREVER = Reach()
Namespaces: TypeAlias = Mapping[str, frozenset[str]]
"""Of a kind's id."""
NO_NAMESPACES: Namespaces = {}


def _on_the_loop(seconds: float, act: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(seconds, act)


class Interest:
    """The kinds that are needed. `changed` is called when something is not needed any more, after its time."""

    def __init__(self, changed: Callable[[], None], later: Later = _on_the_loop) -> None:
        self._changed = changed
        self._later = later
        self._needed: dict[str, Reach] = {}
        self._lingering: list[tuple[str, Reach]] = []

    def require(self, kind: str, reach: Reach) -> None:
        """`kind` is needed at `reach` from now on, instead of where it was needed before."""
        before = self._needed.get(kind)
        if before == reach:
            return
        self._needed[kind] = reach
        if before is not None:
            self._linger(kind, before)

    def release(self, kind: str) -> None:
        """`kind` is not needed any more."""
        if (before := self._needed.pop(kind, None)) is not None:
            self._linger(kind, before)

    def kinds(self, cluster: str = "") -> list[str]:
        """Ids of the kinds to be watched in `cluster`; of those watched anywhere without one."""
        reaches = (*self._needed.items(), *self._lingering)
        return list(dict.fromkeys(kind for kind, reach in reaches if not cluster or reach.holds(cluster)))

    def namespaces(self, kind: str) -> frozenset[str]:
        """Namespaces of `kind` that are looked at; empty for all."""
        reach = self._needed.get(kind)
        return reach.namespaces if reach is not None else frozenset()

    def _linger(self, kind: str, reach: Reach) -> None:
        entry = (kind, reach)

        def over() -> None:
            self._lingering.remove(entry)
            self._changed()

        self._lingering.append(entry)
        self._later(LINGER, over)
