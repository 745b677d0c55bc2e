"""Worlds for tests: built, started under a scenario, and told the time."""

from typing import Any

from kurator_tui.demo.world.scenarios import apply, named
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]


def running(scenario: str = "calm", members: int = 1, seed: int = 1) -> World:
    """A started world at its first instant."""
    world = World(members, seed)
    world.build({})
    apply(world, named(scenario))
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
