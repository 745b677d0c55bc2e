"""Game day: some of the other scenarios, chosen and timed by the seed, over everyday life; told at the end.

Any scenario may be in it that is entered with `game=True`; which ones come does not depend on their order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from kurator_tui.demo.world.story import Happened, Told
from kurator_tui.demo.world.world import World

if TYPE_CHECKING:
    from kurator_tui.demo.world.scenarios import Scenario

MOST = 5
"""Scenarios in one game."""
_FIRST = (20.0, 60.0)
"""World seconds before the first one, least and most."""
_PAUSE = (60.0, 150.0)
"""The same from the beginning of one to that of the next."""


def chosen(seed: int, pool: Iterable[Scenario]) -> list[tuple[float, Scenario]]:
    """What comes, and at which world second it begins."""
    rng = random.Random(f"{seed}/game-day")
    scenarios = sorted(pool, key=lambda each: each.name)
    rng.shuffle(scenarios)
    found, at = [], rng.uniform(*_FIRST)
    for scenario in scenarios[:MOST]:
        found.append((round(at, 1), scenario))
        at += rng.uniform(*_PAUSE)
    return found


def before(world: World, pool: Iterable[Scenario]) -> None:
    """What the chosen ones need before anything moves."""
    for _at, scenario in chosen(world.seed, pool):
        scenario.before(world)


def steps(world: World, pool: Iterable[Scenario]) -> list[tuple[float, Callable[[], None]]]:
    """The chosen ones one after another; each is noted when it begins, its steps that have words as they come."""
    found: list[tuple[float, Callable[[], None]]] = []
    for at, scenario in chosen(world.seed, pool):
        world.story.to_come += 1
        found.append((at, partial(_begin, world, scenario)))
    return found


def _begin(world: World, scenario: Scenario) -> None:
    world.story.to_come -= 1
    _note(world, scenario, f"begins: {scenario.summary}")
    for at, step in scenario.steps(world):
        world.timeline.after(at, partial(_act, world, scenario, step))


def _act(world: World, scenario: Scenario, step: Callable[[], None]) -> None:
    if isinstance(step, Told):
        _note(world, scenario, step.text)
    step()


def _note(world: World, scenario: Scenario, text: str) -> None:
    world.story.happened.append(Happened(world.clock.elapsed, world.clock.wall(), scenario.name, text))
