"""A kind of one cluster where the user may not list all namespaces: those in scope are watched, one by one.

Each namespace is a reflection of its own; the rows of one that is listed again replace its own only. A namespace
that is refused as well costs itself: the kind says so and shows the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from kurator_tui.api.facts import Began, Changed, Fact, Listed, Lost, Resumed, Tell
from kurator_tui.errors import ConsoleError
from kurator_tui.store.store import Store

Start = Callable[[str, Tell], Awaitable[None]]
"""(namespace, what to tell) -> what reflects it until cancelled."""

Told = Callable[[ConsoleError | None], None]
"""Called when how much is known changes: with what the first namespace that is not known says, None for all."""


class _Part:
    """One namespace: what is known of it."""

    def __init__(self) -> None:
        self.uids: set[str] = set()
        self.seen: set[str] | None = None
        """Uids of the list that is coming."""
        self.answered = False
        self.error: ConsoleError | None = None


class Narrowed:
    """The rows of (kind, cluster) out of several namespaces."""

    def __init__(self, kind: str, cluster: str, store: Store, told: Told) -> None:
        self._kind = kind
        self._cluster = cluster
        self._store = store
        self._told = told
        self._parts: dict[str, _Part] = {}
        self._complete = False

    async def run(self, namespaces: Iterable[str], start: Start) -> None:
        """Watch `namespaces` until cancelled."""
        self._parts = {namespace: _Part() for namespace in sorted(namespaces)}
        self._store.begin(self._kind, self._cluster)
        async with asyncio.TaskGroup() as group:
            for namespace, part in self._parts.items():
                group.create_task(_run(start(namespace, self._teller(namespace, part))))

    def _teller(self, namespace: str, part: _Part) -> Tell:
        def tell(fact: Fact) -> None:
            match fact:
                case Began():
                    part.seen = set()
                case Changed(rows):
                    self._store.put(self._kind, self._cluster, rows)
                    for uid, row in rows.items():
                        for uids in (part.uids, part.seen):
                            if uids is not None:
                                (uids.discard if row is None else uids.add)(uid)
                case Listed():
                    gone = part.uids - (part.seen or set())
                    self._store.put(self._kind, self._cluster, dict.fromkeys(gone))
                    part.uids, part.seen = part.uids - gone, None
                    self._answered(part, None)
                case Resumed():
                    self._answered(part, None)
                case Lost(error):
                    self._answered(part, error)
                case _:
                    pass

        return tell

    def _answered(self, part: _Part, error: ConsoleError | None) -> None:
        part.answered, part.error = True, error
        if not all(each.answered for each in self._parts.values()):
            return
        if not self._complete:
            self._complete = True
            self._store.complete(self._kind, self._cluster)
        self._told(next((each.error for each in self._parts.values() if each.error is not None), None))


async def _run(reflection: Awaitable[None]) -> None:
    await reflection
