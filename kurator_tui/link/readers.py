"""Who reads which kind, and where: several views of one kind are one subscription."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kurator_tui.link import messages as m


class Reach(NamedTuple):
    """Where a kind is read; without `clusters` or `namespaces` in all of them."""

    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    def holds(self, cluster: str) -> bool:
        return not self.clusters or cluster in self.clusters


class Readers:
    """Readers by kind and by a name that they choose."""

    def __init__(self) -> None:
        self._readers: dict[str, dict[str, Reach]] = {}
        self._defined: list[bytes] = []
        self._arranged = b""
        self._silenced = b""

    def __contains__(self, kind: str) -> bool:
        return kind in self._readers

    def kinds(self) -> list[str]:
        """Kinds that somebody reads."""
        return list(self._readers)

    def define(self, definition: bytes) -> m.Defined:
        """A kind that readers may need; what tells it to a feeder."""
        self._defined = [*(known for known in self._defined if known != definition), definition]
        return m.Defined(definition)

    def arrange(self, arrangements: bytes) -> m.Arranged:
        """The columns that users added; what tells them to a feeder."""
        self._arranged = arrangements
        return m.Arranged(arrangements)

    def silence(self, silences: bytes) -> m.Silenced:
        """What the user does not want to hear of; what tells it to a feeder."""
        self._silenced = silences
        return m.Silenced(silences)

    def hello(self) -> Iterable[m.Message]:
        """What a new feeder is told."""
        yield from map(m.Defined, self._defined)
        if self._arranged:
            yield m.Arranged(self._arranged)
        if self._silenced:
            yield m.Silenced(self._silenced)
        for kind in self._readers:
            yield m.Subscribed(kind, *self.reach(kind))

    def add(self, kind: str, reader: str, reach: Reach) -> bool:
        """`reader` reads `kind` at `reach`, and no longer where it did; whether that changes anything."""
        before = self.reach(kind) if kind in self else None
        self._readers.setdefault(kind, {})[reader] = reach
        return self.reach(kind) != before

    def remove(self, kind: str, reader: str) -> bool:
        """`reader` does not read `kind` any more; whether that changes anything."""
        if reader not in self._readers.get(kind, {}):
            return False
        before = self.reach(kind)
        del self._readers[kind][reader]
        if not self._readers[kind]:
            del self._readers[kind]
            return True
        return self.reach(kind) != before

    def reach(self, kind: str) -> Reach:
        """Where any reader reads `kind`."""
        reaches = self._readers[kind].values()
        return Reach(
            _together([reach.clusters for reach in reaches]), _together([reach.namespaces for reach in reaches])
        )


def _together(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    return () if () in parts else tuple(sorted({name for names in parts for name in names}))
