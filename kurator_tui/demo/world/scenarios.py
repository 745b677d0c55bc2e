"""The registry of scenarios: what happens in the estate, beside everyday life, and when.

A scenario is a timeline of steps at world seconds.  To add one, write a function and name it in `SCENARIOS`; with
`game=True` a game day may bring it, and tells those of its steps that were made by `told`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kurator_tui.demo.world import hostile
from kurator_tui.demo.world.builds import Builds
from kurator_tui.demo.world.controllers.fleets import FLEETS
from kurator_tui.demo.world.life import Life
from kurator_tui.demo.world.releases import Releases
from kurator_tui.demo.world.scenes import bad_image, batch, edge, game_day, lifecycle, protection
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Step = tuple[float, Callable[[], None]]

#: World seconds between two drop-outs of an edge member, and how long each lasts, in `default`.
EDGE_PERIOD, EDGE_OUTAGE = 150.0, 20.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way an estate can behave.

    `before` changes the built estate before anything moves; `steps` gives what happens when.  `alive` turns
    everyday life on; `frozen` stops the clock altogether; a game day may bring what is a `game`.
    """

    name: str
    summary: str
    steps: Callable[[World], list[Step]] = lambda _world: []
    before: Callable[[World], None] = lambda _world: None
    alive: bool = True
    frozen: bool = False
    game: bool = False


def apply(world: World, scenario: Scenario) -> None:
    """Start a built world under a scenario."""
    scenario.before(world)
    world.frozen = scenario.frozen
    if scenario.frozen:
        return
    world.start_controllers()
    if scenario.alive:
        Life(world)
    for at, step in scenario.steps(world):
        world.timeline.after(at, step)


def _named(world: World, *wanted: str) -> list[str]:
    """These members as far as they exist, else the last member."""
    found = [name for name in wanted if name in world.plans]
    return found or world.members[-1:]


def _edge_members(world: World) -> list[str]:
    return [name for name in world.members if "edge" in world.plans[name].flavours] or world.members[-1:]


_FAULTS = {
    "refuse": "its API server refuses connections",
    "hang": "its API server does not answer",
    "throttle429": "its API server answers 429 Too Many Requests",
    "error500": "its API server answers 500",
    "half_line": "its API server breaks off in the middle of a line",
    "latency": "its API server answers late",
    "none": "its API server answers again",
}


def fault(world: World, cluster: str, mode: str, start: float, end: float | None = None) -> list[Step]:
    """A server misbehaves from world second `start` to `end`, without one for good."""
    changes = [(start, mode), *([(end, "none")] if end is not None else [])]
    return [(at, told(cluster, _FAULTS.get(how, how), partial(world.fault, cluster, how))) for at, how in changes]


def _default(world: World) -> list[Step]:
    """Releases; and now and then another edge member drops off and returns."""
    members = _edge_members(world)
    turns = iter(range(1_000_000))

    def drop() -> None:
        if not members:
            return
        name = members[next(turns) % len(members)]
        world.fault(name, "refuse")
        world.timeline.after(EDGE_OUTAGE, partial(world.fault, name, "none"))
        world.timeline.after(EDGE_PERIOD, drop)

    return [(EDGE_PERIOD / 2, drop), *_releases(world)]


def _releases(world: World) -> list[Step]:
    """Versions are built, and go out: one that is bad on a member within seconds, good ones later."""
    return [(0.0, Releases(world).begin), (0.0, Builds(world).begin)]


def _outage(world: World) -> list[Step]:
    """At 10 s on-prem refuses connections for 40 s; at 60 s edge-east hangs for 30 s."""
    steps: list[Step] = []
    for name in _named(world, "on-prem"):
        steps += fault(world, name, "refuse", 10, 50)
    for name in _named(world, "edge-east"):
        steps += fault(world, name, "hang", 60, 90)
    return steps


def _throttled(world: World) -> list[Step]:
    """Two members answer 429 from 5 s on, one of them for good."""
    steps: list[Step] = []
    for number, name in enumerate(_named(world, "prod-cloud", "pre-cloud")):
        steps += fault(world, name, "throttle429", 5 + 5 * number, 35 if number == 0 else None)
    return steps


def _broken(world: World) -> list[Step]:
    """500 from one member, half lines from another, slow answers from a third."""
    steps: list[Step] = []
    for name, mode in (("on-prem", "error500"), ("ai-cloud", "half_line"), ("pre-cloud", "latency")):
        if name in world.plans:
            steps += fault(world, name, mode, 5, 45)
    return steps


def _join_leave(world: World) -> list[Step]:
    """The first fleet loses its last member and gains it again, over and over."""
    fleets = [f for f in world.host.all_of(FLEETS) if (f.get("spec") or {}).get("clusters")]
    if not fleets:
        return []
    place = (fleets[0]["metadata"]["namespace"], fleets[0]["metadata"]["name"])
    everyone = list(fleets[0]["spec"]["clusters"])

    def change(members: list[Obj], again: list[Obj]) -> None:
        world.host.modify(FLEETS, *place, lambda o: o["spec"].update(clusters=members))
        world.timeline.after(20.0, partial(change, again, members))

    return [(10.0, partial(change, everyone[:-1], everyone))]


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("default", "everyday life with releases; now and then an edge member drops off", _default),
        Scenario("calm", "controllers run, nothing happens by itself", alive=False),
        Scenario(
            "release",
            "a canary climbs on three members and is rolled back on one",
            _releases,
            alive=False,
            game=True,
        ),
        Scenario("outage", "on-prem is refused at 10 s, edge-east hangs at 60 s", _outage, game=True),
        Scenario(
            "edge-outage", edge.SUMMARY, edge.outage, before=edge.shorten_tolerations, alive=False, game=True
        ),
        Scenario("throttled", "members answer 429 Too Many Requests", _throttled, game=True),
        Scenario("broken", "members answer 500, half JSON lines, or late", _broken, game=True),
        Scenario("join-leave", "a fleet loses and gains a member every 20 s", _join_leave, game=True),
        Scenario("queue-starvation", batch.SUMMARY, batch.starvation, game=True),
        Scenario("upgrade", lifecycle.SUMMARY, lifecycle.upgrade, alive=False, game=True),
        Scenario("thanos-hole", lifecycle.HOLE_SUMMARY, lifecycle.thanos_hole, alive=False, game=True),
        Scenario("bad-image", bad_image.SUMMARY, bad_image.steps, alive=False, game=True),
        Scenario(
            "policy-enforce",
            "a policy goes from Audit to Enforce: new pods are refused until it audits again",
            protection.enforcing,
            alive=False,
            game=True,
        ),
        Scenario(
            "backup-failing",
            "backup storage denies access: runs fail, and the last good backup grows old",
            protection.failing,
            before=protection.scheduled,
            alive=False,
            game=True,
        ),
        Scenario(
            "hostile", "names, messages and shapes made to break a console", before=hostile.plant, alive=False
        ),
        Scenario(
            "game-day",
            "several of the other faults, chosen and timed by --seed; told when the demo ends",
            lambda world: game_day.steps(world, games()),
            before=lambda world: game_day.before(world, games()),
        ),
        Scenario("frozen", "nothing changes, fixed times: for pictures and tests", alive=False, frozen=True),
    )
}


def games() -> list[Scenario]:
    """Those that a game day may bring."""
    return [scenario for scenario in SCENARIOS.values() if scenario.game]


def named(name: str) -> Scenario:
    """The scenario of this name; ValueError with the known names otherwise."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise ValueError(f"no scenario {name!r}; there are: {', '.join(SCENARIOS)}") from None
