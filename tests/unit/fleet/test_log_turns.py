"""Places for open logs: bounded in all and a cluster, and given to clusters in turn."""

from __future__ import annotations

import asyncio

from kurator_tui.fleet.log_turns import Turns


class Stand:
    """Logs that hold a place until they are told to leave."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        """Logs named `cluster/…` ask for a place."""
        for name in names:
            self.leave[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(name))
        await self.settle()

    async def go(self, *names: str) -> None:
        for name in names:
            self.leave[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _turn in range(5):
            await asyncio.sleep(0)

    async def _hold(self, name: str) -> None:
        async with self.turns.turn(name.partition("/")[0]):
            self.order.append(name)
            await self.leave[name].wait()

    async def end(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert self.turns.open == 0


async def test_no_more_than_there_are_places_in_all_and_in_one_cluster() -> None:
    stand = Stand(Turns(3, 2))
    await stand.come("a/1", "a/2", "a/3", "b/1", "b/2")
    assert stand.order == ["a/1", "a/2", "b/1"]
    await stand.go("b/1")
    assert stand.order[3:] == ["b/2"]
    await stand.go("a/1")
    assert stand.order[4:] == ["a/3"]
    await stand.end()


async def test_clusters_take_turns() -> None:
    stand = Stand(Turns(1, 1))
    await stand.come("a/1", "a/2", "a/3", "b/1", "b/2", "c/1")
    for name in ("a/1", "a/2", "b/1", "c/1", "a/3"):
        await stand.go(name)
    assert stand.order == ["a/1", "a/2", "b/1", "c/1", "a/3", "b/2"]
    await stand.end()


async def test_one_who_gives_up_waiting_keeps_nobody_out() -> None:
    stand = Stand(Turns(1, 1))
    await stand.come("a/1", "a/2", "b/1")
    stand.tasks["a/2"].cancel()
    await stand.settle()
    await stand.go("a/1")
    assert stand.order == ["a/1", "b/1"]
    await stand.end()


async def test_one_cancelled_as_its_turn_comes_hands_it_on() -> None:
    stand = Stand(Turns(1, 1))
    await stand.come("a/1", "a/2", "a/3")
    stand.leave["a/1"].set()
    await asyncio.sleep(0)
    stand.tasks["a/2"].cancel()
    await stand.settle()
    assert stand.order[-1] == "a/3"
    await stand.end()


async def test_a_place_is_wanted_by_those_who_could_have_it() -> None:
    stand = Stand(Turns(3, 2))
    await stand.come("a/1", "a/2", "b/1")
    assert not stand.turns.wanted("a")
    await stand.come("a/3")
    assert stand.turns.wanted("a")
    assert not stand.turns.wanted("b")  # a has all that one cluster may have
    await stand.come("c/1")
    assert stand.turns.wanted("b")
    await stand.end()
