"""What keeps up the rows of one cluster object by object, where a cluster is too large to be joined anew.

A `Join` with pieces makes one for each cluster and tells it every raw object that is different. Taking is cheap
and notes what is to be made again; making is done in slices, between which others have their turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Row

TURN = 0.02
"""Seconds of joining after which others get their turn."""
SOME = 250
"""Objects that pieces take, and rows that they make, between two looks at the clock."""
Objects = Mapping[str, Row | None]
"""uid -> the object's row as it is now, None when it is gone."""


class Pieces(Protocol):
    """The rows of a derived kind in one cluster."""

    @property
    def waiting(self) -> bool:
        """Whether `made` has something to make."""
        ...

    def take(self, kind: str, objects: Objects) -> None:
        """These objects of the raw `kind` are different now; in the beginning they are all there are."""
        ...

    def look(self) -> None:
        """Time went by."""
        ...

    def made(self) -> Iterator[tuple[str, Row | None]]:
        """(uid, row) of what is different now, None when it is gone. What is not asked for stays to be made."""
        ...


@dataclass(slots=True)
class Turn:
    """How long it is somebody's turn."""

    began: float = field(default_factory=time.process_time)

    def over(self) -> Iterator[None]:
        """Give others their turn if this one lasted long enough."""
        if time.process_time() - self.began >= TURN:
            yield
            self.began = time.process_time()


def slices(rows: Iterable[Row]) -> Iterator[Objects]:
    """Rows as they are now, by uid, `SOME` at a time."""
    found = list(rows)
    return ({row.uid: row for row in found[at : at + SOME]} for at in range(0, len(found), SOME))


def in_pieces(_seen: Seen, _cluster: str) -> Iterable[Row]:
    """For joins whose rows are kept up by pieces: there is nothing to make as a whole."""
    return ()
