"""Namespace by namespace, where a cluster refuses the list of all of them."""

from __future__ import annotations

import asyncio

from kurator_tui.api.facts import Began, Changed, Listed, Lost, Tell
from kurator_tui.errors import ConsoleError, Forbidden
from kurator_tui.fleet.narrowed import Narrowed
from kurator_tui.kinds.base import Row
from kurator_tui.store.store import Store

REFUSED = Forbidden("you may not list jobs in web")


class Stage:
    """Two namespaces of one cluster, told by the test."""

    def __init__(self) -> None:
        self.store = Store()
        self.told: list[ConsoleError | None] = []
        self.tell: dict[str, Tell] = {}
        narrowed = Narrowed("jobs", "a", self.store, self.told.append)
        self.task = asyncio.create_task(narrowed.run(["web", "shop"], self._start))

    async def _start(self, namespace: str, tell: Tell) -> None:
        self.tell[namespace] = tell
        await asyncio.Event().wait()

    def list(self, namespace: str, *names: str) -> None:
        tell = self.tell[namespace]
        tell(Began())
        tell(Changed({name: Row("a", namespace, name, name, 0.0) for name in names}))
        tell(Listed("1"))

    @property
    def names(self) -> set[str]:
        return {row.name for row in self.store.rows("jobs")}


async def stage() -> Stage:
    found = Stage()
    while len(found.tell) < 2:
        await asyncio.sleep(0)
    return found


async def test_all_is_known_when_each_has_answered() -> None:
    found = await stage()
    found.list("shop", "one")
    assert found.told == []
    found.list("web", "two")
    assert found.told == [None]
    assert found.names == {"one", "two"}
    found.task.cancel()


async def test_a_list_replaces_its_own_rows_only() -> None:
    found = await stage()
    found.list("shop", "one", "old")
    found.list("web", "two")
    found.list("shop", "one")
    assert found.names == {"one", "two"}
    found.task.cancel()


async def test_a_refused_namespace_costs_itself() -> None:
    found = await stage()
    found.tell["web"](Lost(REFUSED, 1.0, True))
    found.list("shop", "one")
    assert found.told == [REFUSED]
    assert found.names == {"one"}
    found.task.cancel()


async def test_rows_of_before_are_gone_when_all_has_been_listed() -> None:
    found = await stage()
    found.store.put("jobs", "a", {})
    found.list("shop")
    found.list("web", "two")
    assert found.names == {"two"}
    found.task.cancel()
