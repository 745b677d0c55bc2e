"""Worlds for tests: built, started under a scenario, and told the time."""

import copy
import copyreg
from functools import lru_cache
from typing import Any

import msgspec

from kurator_tui.demo.apiserver.changes import Key, Stored
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.world.scenarios import Scenario, apply, named
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]


STILL = Scenario("still", "controllers run, what stands broken stays so, nothing happens by itself", alive=False)


def _again(raw: bytes, rv: int, key: Key, item_offset: int) -> Stored:
    return Stored(msgspec.json.decode(raw), raw, rv, key, item_offset)


# How copies are made: objects from their encoding, which is as private and much faster; types are values.
copyreg.pickle(Stored, lambda stored: (_again, (stored.raw, stored.rv, stored.key, stored.item_offset)))
copyreg.pickle(ResourceType, lambda rt: rt.group_resource)


@lru_cache(maxsize=4)
def _built(members: int, seed: int) -> World:
    world = World(members, seed)
    world.build({})
    return world


def built(members: int, seed: int = 1) -> World:
    """A world with everything in it and nothing started: a copy of one that was built before, as good as new."""
    return copy.deepcopy(_built(members, seed))


def running(scenario: str = STILL.name, members: int = 1, seed: int = 1) -> World:
    """A started world at its first instant."""
    world = built(members, seed)
    apply(world, STILL if scenario == STILL.name else named(scenario))
    return world


def advance(world: World, seconds: float, step: float | None = None) -> None:
    """Let world time pass, in one tick or in ticks of `step` seconds."""
    end = world.clock.wall() + seconds
    while step and world.clock.wall() + step < end:
        world.tick(world.clock.wall() + step)
    world.tick(end)


def snapshot(world: World) -> dict[str, list[Obj]]:
    """Every object of every cluster, by cluster and resource."""
    return {
        f"{name}/{resource}": cluster.all_of(resource)
        for name, cluster in world.clusters.items()
        for resource in cluster.types
    }


def writes(world: World) -> int:
    """How many writes the clusters have seen."""
    return sum(cluster.storage.rv for cluster in world.clusters.values())
