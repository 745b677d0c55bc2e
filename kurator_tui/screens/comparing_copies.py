"""The copies of one object over clusters, each read live: a stream a copy, closed when nobody looks.

Few are asked at a time. Of one cluster no more than `EACH` are watched; others are read once, and say when.
Nothing here draws.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.links import Place
from kurator_tui.kinds.reading import DELETED, LIVE, Collector
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.source import Source, Stream

AT_ONCE = 16
"""Clusters that are waited for at a time."""
EACH = 20
"""Copies of one cluster that are watched."""


@dataclass
class Copy:
    """One of them: the newest version, None before the first, and what is wrong with it."""

    place: Place
    live: bool = True
    """Whether it is watched."""
    object: dict[str, Any] | None = None
    trouble: str = ""
    """Why it is not there, or not of this moment."""
    gone: bool = False
    """Whether it was deleted."""
    answered: bool = False
    read_at: float = 0.0
    """When it was read, where it is not watched; Unix seconds."""
    stream: Stream | None = field(default=None, repr=False)


class Copies:
    """`changed` is called after any copy is another than before."""

    def __init__(
        self,
        source: Source,
        kind: str,
        places: Sequence[Place],
        salt: str,
        clock: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._source, self._kind, self._salt = source, kind, salt
        self._clock, self._changed = clock, changed
        counts: Counter[str] = Counter()
        self.all: list[Copy] = []
        for place in places:
            counts[place[0]] += 1
            self.all.append(Copy(place, counts[place[0]] <= EACH))
        self._queue: deque[Copy] = deque()
        self._waited: set[int] = set()
        """Copies (by id) that were asked for and have not answered."""

    @property
    def answered(self) -> int:
        """How many are known, or are known not to be."""
        return sum(copy.answered for copy in self.all)

    @property
    def once(self) -> list[Copy]:
        """Those that are not watched."""
        return [copy for copy in self.all if not copy.live]

    def open(self) -> None:
        """Read all of them from now on; versions known before stay until there are newer ones."""
        self.close()
        for copy in self.all:
            copy.answered = False
        self._queue = deque(copy for copy in self.all if copy.live)
        self._more()

    def close(self) -> None:
        """Read nothing any more."""
        self._queue.clear()
        self._waited.clear()
        for copy in self.all:
            if copy.stream is not None:
                copy.stream.close()
                copy.stream = None

    def _more(self) -> None:
        while self._queue and len(self._waited) < AT_ONCE:
            self._read(self._queue.popleft())

    def _arguments(self, copy: Copy) -> dict[str, str]:
        cluster, namespace, name = copy.place
        return {
            "cluster": cluster,
            "kind": self._kind,
            "namespace": namespace,
            "name": name,
            "salt": self._salt,
        }

    def _read(self, copy: Copy) -> None:
        """Open the stream of one copy."""
        collector = Collector()
        self._waited.add(id(copy))

        def told(data: bytes) -> None:
            collector.take(data)
            standing = collector.standing
            copy.object = collector.object if collector.versions else copy.object
            copy.gone = standing is not None and standing.state == DELETED
            copy.trouble = "" if standing is None or standing.state == LIVE else standing.reason
            if collector.versions or copy.trouble:
                self._answered(copy)

        def ended(end: StreamEnded) -> None:
            copy.stream = None
            copy.trouble = end.message or end.title or "it is read no more"
            self._answered(copy)

        copy.stream = self._source.open_stream("object", {**self._arguments(copy), "alone": "1"}, told, ended)

    def _answered(self, copy: Copy) -> None:
        copy.answered = True
        if id(copy) in self._waited:
            self._waited.discard(id(copy))
            self._more()
        self._changed()

    async def ask(self) -> None:
        """Read each of those once that are not watched, one after the other."""
        for copy in self.once:
            try:
                answer = await self._source.call("object", **self._arguments(copy))
                copy.object, copy.trouble = json.loads(answer), ""
            except ConsoleError as error:
                copy.trouble = error.brief
            copy.answered, copy.read_at = True, self._clock()
            self._changed()
