"""A wave soaks until its targets are well, and no longer than it takes to see that one is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from kurator_tui.actions import health
from kurator_tui.actions.plan import Obj
from kurator_tui.errors import Refused
from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.plans import Target

NODE = Target("a", "nodes", "", "n")


def node(ready: str) -> Obj:
    return {
        "metadata": {"name": "n", "uid": "u"},
        "status": {"conditions": [{"type": "Ready", "status": ready, "reason": "R"}]},
    }


class World:
    """What each look finds, the last one again and again."""

    def __init__(self, *found: Obj | None) -> None:
        self._found: Sequence[Obj | None] = found
        self.looks = 0
        self.slept = 0.0
        self.told: list[str] = []

    async def get(self, _target: Target) -> Obj:
        found = self._found[min(self.looks, len(self._found) - 1)]
        self.looks += 1
        if found is None:
            raise Refused("away")
        return found

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def tell(self, _left: float, unjudged: str) -> None:
        self.told.append(unjudged)

    async def soak(
        self, seconds: float, before: Mapping[Target, Health] | None = None, target: Target = NODE
    ) -> str:
        return await health.soak(self.get, [target], seconds, before or {}, self.tell, self.sleep)


async def test_what_stays_well_is_watched_for_the_whole_soak() -> None:
    world = World(node("True"))
    assert await world.soak(10.0) == ""
    assert world.slept == 10.0
    assert set(world.told) == {""}


async def test_what_fails_ends_it_at_once() -> None:
    world = World(node("True"), node("False"))
    assert "a nodes/n is failed" in await world.soak(60.0)
    assert world.slept == health.LOOK


async def test_what_had_failed_before_does_not_stop_it() -> None:
    world = World(node("False"))
    assert await world.soak(4.0, {NODE: Health(Level.FAILED, "R")}) == ""


async def test_what_is_not_well_at_the_end_is_waited_for() -> None:
    world = World(None, None, None, None, node("True"))
    assert await world.soak(4.0) == ""
    assert world.slept > 4.0


async def test_what_never_gets_well_stops_it_after_a_while() -> None:
    world = World(None)
    assert "unknown" in await world.soak(4.0)
    assert world.slept >= health.SETTLE


async def test_a_kind_that_no_rule_judges_fails_nothing_and_is_told() -> None:
    world = World({"metadata": {"name": "x", "uid": "u"}})
    assert await world.soak(4.0, target=Target("a", "gizmos.example.org", "d", "x")) == ""
    assert world.slept == 4.0
    assert set(world.told) == {"not judged: a/d gizmos/x: no rule tells its health"}


async def test_an_object_that_cannot_be_decoded_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecodable(_decoder: object, _raw: bytes) -> object:
        raise msgspec.DecodeError("no JSON")

    monkeypatch.setattr(RowDecoder, "row", undecodable)
    assert health.judged(NODE, node("True")).level is Level.UNKNOWN
    world = World(node("True"))
    assert "it cannot be decoded: no JSON" in await world.soak(4.0)
