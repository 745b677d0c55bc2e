"""What verbs may look at: whole objects by GET, lists, rows of the store; each object is asked for once a plan."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

from kurator_tui.actions.plan import Obj
from kurator_tui.api.writing import Manner
from kurator_tui.errors import NotFound
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import fetch, locate, mapping
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.generic import Definition
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.reading import Which
from kurator_tui.kinds.registry import KINDS, define

Place = tuple[str, str, str, str, str]
Objects: TypeAlias = list[Obj]


def which(target: Target) -> Which:
    """The same object as the reading half of the feeder names it."""
    return Which(target.cluster, target.kind, target.namespace, target.name)


class LiveReader:
    """`actions.plan.Reader` over the hub. One a plan: what it has read is not read again.

    Objects are read as whom `manner` impersonates: a plan shows nobody what he may not see. Lists are read as
    ourselves: they tell of owners, budgets and pods, and one that was refused would be a warning that is missing.
    """

    def __init__(self, hub: Hub, manner: Manner | None = None, now: Callable[[], float] = time.time) -> None:
        self._hub = hub
        self._headers = (manner.headers if manner is not None else None) or None
        self._now = now
        self._objects: dict[Which, asyncio.Task[Obj]] = {}
        self._lists: dict[Place, asyncio.Task[Objects]] = {}

    async def get(self, target: Target) -> Obj:
        """The whole object, nothing masked. Raises ConsoleError."""
        wanted = which(target)
        if wanted not in self._objects:
            self._objects[wanted] = asyncio.create_task(fetch(self._hub, wanted, self._headers))
        return await asyncio.shield(self._objects[wanted])

    async def list(
        self, cluster: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Objects:
        """Objects of a kind; [] where it is not served. Raises ConsoleError."""
        place = (cluster, kind, namespace, labels, fields)
        if place not in self._lists:
            self._lists[place] = asyncio.create_task(self._list(*place))
        return await asyncio.shield(self._lists[place])

    async def _list(self, cluster: str, kind: str, namespace: str, labels: str, fields: str) -> Objects:
        try:
            through, path, _kind = locate(self._hub, Which(cluster, kind, namespace, ""))
        except NotFound:
            return []
        selectors = (("labelSelector", labels), ("fieldSelector", fields))
        query = [each for each in selectors if each[1]]
        url = through.prefix + path.collection(namespace or None)
        answer = await through.connection.request("GET", url, query=query, listing=True)
        items = mapping(answer.body, through.connection.server).get("items")
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def served(self, cluster: str, api_version: str, kind: str) -> AnyKind:
        """The kind that a cluster serves so; one that nobody wrote a file for is known from then on."""
        door(self._hub, cluster)
        served = self._hub.links[cluster].served
        for path in served.resources if served is not None else ():
            if (path.api_version, path.kind) == (api_version, kind):
                id = f"{path.plural}.{path.group}" if path.group else path.plural
                if id not in KINDS:
                    define(Definition(path.group, path.plural, kind, (path.version,), path.namespaced))
                return KINDS[id]
        raise NotFound(f"{cluster} does not serve {inert(kind)} of {inert(api_version)}")

    def rows(self, kind: str, cluster: str) -> Iterable[Row]:
        """Rows of the store."""
        return self._hub.store.rows(kind, cluster)

    def now(self) -> float:
        """Unix seconds."""
        return self._now()

    async def close(self) -> None:
        """Forget everything; what is still being read is read no further."""
        tasks = [*self._objects.values(), *self._lists.values()]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
