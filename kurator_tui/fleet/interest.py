"""What is watched and where: a kind from when somebody needs it until nobody does, and a little longer.

Whoever goes back within `LINGER` seconds finds its rows as they are; nothing is listed again for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from kurator_tui.kinds.base import HOST

LINGER = 30.0
"""Seconds for which a kind is watched after its last reader left."""

Later = Callable[[float, Callable[[], None]], Any]
"""(seconds, what to do then)."""


class Reach(msgspec.Struct, frozen=True):
    """Where one kind is needed; without `clusters` everywhere.

    `namespaces` are those that are looked at: watched one by one where a cluster refuses all of them together.
    `fields` is a field selector: no other objects are needed.
    """

    clusters: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    fields: str = ""

    def holds(self, cluster: str) -> bool:
        return not self.clusters or cluster in self.clusters


WHEREVER = Reach()
ON_HOST = Reach(frozenset((HOST,)))


class Narrow(NamedTuple):
    """What of a kind is needed in one cluster, as in `Reach`; empty for all."""

    namespaces: frozenset[str] = frozenset()
    fields: str = ""


ALL = Narrow()
Narrowed: TypeAlias = Mapping[str, Narrow]
"""Of a kind's id; kinds of which all is needed are left out."""
NOT_NARROWED: Narrowed = {}


def on_the_loop(seconds: float, act: Callable[[], None]) -> None:
    """Do it on the loop that runs now."""
    asyncio.get_running_loop().call_later(seconds, act)


class Interest:
    """The kinds that are needed. `changed` is called when something is not needed any more, after its time.

    A kind may be needed by its own readers and, `by` their names, by derived kinds that are joined from it.
    """

    def __init__(self, changed: Callable[[], None], later: Later = on_the_loop) -> None:
        self._changed = changed
        self._later = later
        self._needed: dict[tuple[str, str], Reach] = {}
        """(kind, by whom) -> where."""
        self._lingering: list[tuple[str, Reach]] = []

    def require(self, kind: str, reach: Reach, by: str = "") -> None:
        """`kind` is needed at `reach` from now on, instead of where it was needed before."""
        before = self._needed.get((kind, by))
        if before == reach:
            return
        self._needed[(kind, by)] = reach
        if before is not None:
            self._linger(kind, before)

    def release(self, kind: str, by: str = "") -> None:
        """`kind` is not needed any more."""
        if (before := self._needed.pop((kind, by), None)) is not None:
            self._linger(kind, before)

    def only(self, needed: Mapping[str, Reach], by: str) -> None:
        """`by` needs these kinds from now on, and none of those any more that it needed before."""
        for kind in [kind for kind, whose in self._needed if whose == by and kind not in needed]:
            self.release(kind, by)
        for kind, reach in needed.items():
            self.require(kind, reach, by)

    def kinds(self, cluster: str = "") -> list[str]:
        """Ids of the kinds to be watched in `cluster`; of those watched in any member without one."""
        needed = [(kind, reach) for (kind, _by), reach in self._needed.items()]
        reaches = (*needed, *self._lingering)
        return list(
            dict.fromkeys(
                kind for kind, reach in reaches if (reach.holds(cluster) if cluster else reach != ON_HOST)
            )
        )

    def narrow(self, kind: str, cluster: str) -> Narrow:
        """What of `kind` is needed in `cluster`: namespaces looked at now, fields that all readers have."""
        now = [reach for (needed, _by), reach in self._needed.items() if needed == kind and reach.holds(cluster)]
        before = [reach for needed, reach in self._lingering if needed == kind and reach.holds(cluster)]
        namespaces = [reach.namespaces for reach in now]
        fields = {reach.fields for reach in (*now, *before)}
        return Narrow(
            frozenset().union(*namespaces) if all(namespaces) else frozenset(),
            fields.pop() if len(fields) == 1 else "",
        )

    def _linger(self, kind: str, reach: Reach) -> None:
        entry = (kind, reach)

        def over() -> None:
            self._lingering.remove(entry)
            self._changed()

        self._lingering.append(entry)
        self._later(LINGER, over)
