"""The registry of scenarios: what happens in the estate, beside everyday life, and when.

A scenario is a timeline of steps at world seconds.  To add one, write a function and name it in `SCENARIOS`; with
`game=True` a game day may bring it, and tells those of its steps that were made by `told`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from kurator_tui.demo.world import hostile
from kurator_tui.demo.world.builds import Builds
from kurator_tui.demo.world.controllers.fleets import FLEETS
from kurator_tui.demo.world.incidents import Incident, incident
from kurator_tui.demo.world.life import Life
from kurator_tui.demo.world.releases import Releases
from kurator_tui.demo.world.scenes import bad_image, batch, calm, edge, game_day, lifecycle, protection
from kurator_tui.demo.world.standing import STANDING
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Step = tuple[float, Callable[[], None]]

#: World seconds between two drop-outs of an edge member, and how long each lasts, in `default`.
EDGE_PERIOD, EDGE_OUTAGE = 150.0, 20.0
GAME_DAY = "game-day"


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
    incidents: tuple[Incident, ...] = ()
    """What a triage should say of it in the estate of six members, beside what stands broken there."""
    hides: tuple[tuple[str, str], ...] = ()
    """(code, of) of what stands broken, and no incident of its own here: part of another, or unseen."""
    whole: bool = False
    """Whether nothing stands broken in it."""


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


_RELEASE = (incident("KT2501", "on-prem", "default/webapp", since=0, by=60),)
_OUTAGE = (
    incident("KT2002", "on-prem", "on-prem", since=10, by=25),
    incident("KT2002", "edge-east", "edge-east", since=60, by=80),
)
_THROTTLED = (
    incident("KT2002", "prod-cloud", "prod-cloud", since=5, by=20),
    Incident("KT2002", ("on-prem", "pre-cloud"), "pre-cloud", since=10, by=65),
    incident("KT1601", "prod-cloud", "Deployment/catalog", by=300),
)
_BROKEN = (incident("KT2002", "on-prem", "on-prem", since=5, by=20),)
_JOIN_LEAVE = (
    incident("KT2407", "host", "default/notification", since=10, by=15),
    incident("KT1601", "prod-cloud", "Deployment/catalog", by=300),
)
"""The member that comes and goes is the only one that an Application selects."""
_AWAY = (
    ("KT3302", "webapp/frontend"),
    ("KT3305", "session-redis.webapp.svc.cluster.local"),
    ("KT2405", "preview/minio"),
)
"""What lasts on that member never lasts for long enough."""
_DEFAULT = (
    *_RELEASE,
    incident("KT2002", "edge-east", "edge-east", since=EDGE_PERIOD / 2, by=EDGE_PERIOD / 2 + 15),
    Incident(
        "KT2002",
        ("edge-cold-chain",),
        "edge-cold-chain",
        since=EDGE_PERIOD * 1.5,
        by=EDGE_PERIOD * 1.5 + 15,
    ),
)
_HOSTILE = (
    incident("KT2203", "missing", "hostile/hostile"),
    incident("KT2301", "host", "metric"),
    incident("KT5109", "host", "hostile/hostile"),
    *(incident("KT1004", name, "hostile/huge-annotation", by=60) for name in ("ai-cloud", "prod-cloud")),
    *(incident("KT1006", name, "hostile/wrong-inner-types", by=300) for name in ("ai-cloud", "prod-cloud")),
)

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "default",
            "everyday life with releases; now and then an edge member drops off",
            _default,
            incidents=_DEFAULT,
        ),
        Scenario(
            "calm", "nothing is wrong, and nothing happens by itself", before=calm.mend, alive=False, whole=True
        ),
        Scenario(
            "release",
            "a canary climbs on three members and is rolled back on one",
            _releases,
            alive=False,
            game=True,
            incidents=_RELEASE,
        ),
        Scenario(
            "outage", "on-prem is refused at 10 s, edge-east hangs at 60 s", _outage, game=True, incidents=_OUTAGE
        ),
        Scenario(
            "edge-outage",
            edge.SUMMARY,
            edge.outage,
            before=edge.shorten_tolerations,
            alive=False,
            game=True,
            incidents=edge.INCIDENTS,
        ),
        Scenario(
            "throttled",
            "members answer 429 Too Many Requests",
            _throttled,
            game=True,
            incidents=_THROTTLED,
            hides=(("KT3801", "on-prem – pre-cloud"), *_AWAY),
        ),
        Scenario("broken", "members answer 500, half JSON lines, or late", _broken, game=True, incidents=_BROKEN),
        Scenario(
            "join-leave",
            "a fleet loses and gains a member every 20 s",
            _join_leave,
            game=True,
            incidents=_JOIN_LEAVE,
            hides=_AWAY,
        ),
        Scenario("queue-starvation", batch.SUMMARY, batch.starvation, game=True, incidents=batch.INCIDENTS),
        Scenario("upgrade", lifecycle.SUMMARY, lifecycle.upgrade, alive=False, game=True),
        Scenario(
            "thanos-hole",
            lifecycle.HOLE_SUMMARY,
            lifecycle.thanos_hole,
            alive=False,
            game=True,
            incidents=lifecycle.HOLE_INCIDENTS,
        ),
        Scenario(
            "bad-image", bad_image.SUMMARY, bad_image.steps, alive=False, game=True, incidents=bad_image.INCIDENTS
        ),
        Scenario(
            "policy-enforce",
            "a policy goes from Audit to Enforce: new pods are refused until it audits again",
            protection.enforcing,
            alive=False,
            game=True,
            incidents=protection.ENFORCED_INCIDENTS,
        ),
        Scenario(
            "backup-failing",
            "backup storage denies access: runs fail, and the last good backup grows old",
            protection.failing,
            before=protection.scheduled,
            alive=False,
            game=True,
            incidents=protection.FAILING_INCIDENTS,
        ),
        Scenario(
            "hostile",
            "names, messages and shapes made to break a console",
            before=hostile.plant,
            alive=False,
            incidents=_HOSTILE,
        ),
        Scenario(
            GAME_DAY,
            "several of the other faults, chosen and timed by --seed; told when the demo ends",
            lambda world: game_day.steps(world, games()),
            before=lambda world: game_day.before(world, games()),
        ),
        Scenario("frozen", "nothing changes, fixed times: for pictures and tests", alive=False, frozen=True),
    )
}


def played(scenario: Scenario, seed: int) -> list[tuple[str, Incident]]:
    """(scenario, incident) of all that a game brings, since when counted from the game's beginning."""
    if scenario.name != GAME_DAY:
        return []
    return [
        (each.name, replace(one, since=one.since + start, by=one.by + start))
        for start, each in game_day.chosen(seed, games())
        for one in each.incidents
    ]


def is_standing(incident: Incident) -> bool:
    """Whether the same stands broken anyway: nothing that a player finds."""
    return any((each.code, each.of) == (incident.code, incident.of) for each in STANDING)


def incidents(scenario: Scenario, seed: int) -> list[Incident]:
    """All that a triage should say of it, the scenarios of a game included, in the estate of six members.

    What a scenario says of a cause replaces what stands broken by the same one.
    """
    own = [*scenario.incidents, *(one for _name, one in played(scenario, seed))]
    said = {(each.code, each.of) for each in own} | set(scenario.hides)
    standing = () if scenario.whole else STANDING
    return [*own, *(each for each in standing if (each.code, each.of) not in said)]


def games() -> list[Scenario]:
    """Those that a game day may bring."""
    return [scenario for scenario in SCENARIOS.values() if scenario.game]


def named(name: str) -> Scenario:
    """The scenario of this name; ValueError with the known names otherwise."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise ValueError(f"no scenario {name!r}; there are: {', '.join(SCENARIOS)}") from None
