"""Who is let in, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kurator_tui.fleet.admission import Gate


class Party:
    """Tasks that each want a turn; `inside` are those who have one."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.inside: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def come(self, name: str, rank: int = 0) -> None:
        self.leave[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, rank))

    async def _stay(self, name: str, rank: int) -> None:
        async with self.gate.turn(rank):
            self.inside.append(name)
            await self.leave[name].wait()
        self.inside.remove(name)

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


@asynccontextmanager
async def party(limit: int, held: float = 60.0) -> AsyncIterator[Party]:
    found = Party(Gate(limit, held))
    try:
        yield found
    finally:
        for task in found.tasks.values():
            task.cancel()
        await asyncio.gather(*found.tasks.values(), return_exceptions=True)


async def test_no_more_are_inside_than_the_limit() -> None:
    async with party(2) as guests:
        for name in "abc":
            guests.come(name)
        await guests.settle()
        assert (guests.inside, guests.gate.waiting) == (["a", "b"], 1)
        guests.leave["a"].set()
        await guests.settle()
        assert guests.inside == ["b", "c"]


async def test_the_most_wanted_goes_first_then_who_came_first() -> None:
    async with party(1) as guests:
        guests.come("first")
        await guests.settle()
        guests.come("late", 2)
        guests.come("later", 2)
        guests.come("shown", 1)
        await guests.settle()
        seen = []
        for _ in range(4):
            (name,) = guests.inside
            seen.append(name)
            guests.leave[name].set()
            await guests.settle()
        assert seen == ["first", "shown", "late", "later"]


async def test_who_hangs_keeps_others_out_only_for_a_moment() -> None:
    async with party(1, held=0.0) as guests:
        guests.come("hangs")
        await guests.settle()
        guests.come("next")
        await asyncio.wait_for(_inside(guests, "next"), 60)
        assert guests.inside == ["hangs", "next"]
        for name in ("hangs", "next"):
            guests.leave[name].set()
        await guests.settle()
        guests.come("last")
        guests.come("too many")
        await guests.settle()
        assert "last" in guests.inside


async def _inside(guests: Party, name: str) -> None:
    while name not in guests.inside:
        await asyncio.sleep(0)


async def test_who_gives_up_waiting_takes_no_place() -> None:
    async with party(1) as guests:
        for name in "abc":
            guests.come(name)
        await guests.settle()
        guests.leave["a"].set()
        guests.tasks["b"].cancel()
        await guests.settle()
        assert guests.inside == ["c"]


async def test_who_is_cancelled_in_the_moment_of_its_turn_passes_it_on() -> None:
    async with party(1) as guests:
        for name in "abc":
            guests.come(name)
        await guests.settle()
        guests.leave["a"].set()
        await asyncio.sleep(0)  # a leaves: b is let in, and does not know yet
        guests.tasks["b"].cancel()
        await guests.settle()
        assert guests.inside == ["c"]


async def test_few_go_ahead_of_the_many_that_come_with_them() -> None:
    guests = Party(Gate(4, 60.0, ahead=2, lead=0.0))
    for name in "abcdef":
        guests.come(name)
    await asyncio.sleep(0)
    assert guests.inside == ["a", "b"]
    await guests.settle()  # the lead is over
    assert (guests.inside, guests.gate.waiting) == (["a", "b", "c", "d"], 2)
    guests.leave["a"].set()
    await guests.settle()
    assert guests.inside == ["b", "c", "d", "e"]
    for task in guests.tasks.values():
        task.cancel()
    await asyncio.gather(*guests.tasks.values(), return_exceptions=True)
