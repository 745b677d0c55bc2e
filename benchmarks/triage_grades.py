"""How right triage is: every scenario of the demo in its own time, against the incidents that its file declares.

Recall is the share of declared incidents that were found in time, precision that of what was shown and declared.
What folds under a cause as a symptom is no incident; a second row for one cause counts as false. Scenarios are
played without everyday life; `LIVED_IN` once more with it, as a user of the demo has them: what it does it
declares itself, as it comes. `calm` is played for an hour either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from benchmarks.harness import Figure, say
from benchmarks.watched_world import WatchedWorld
from kurator_tui.demo.world import scenarios
from kurator_tui.demo.world.incidents import Incident
from kurator_tui.demo.world.world import World
from kurator_tui.kinds.incidents import IncidentRow, State, extent

MEMBERS, SEED = 6, 1
HOUR = 3600.0
LASTS = {
    "calm": HOUR,
    "queue-starvation": 640.0,
    "edge-outage": 640.0,
    "backup-failing": 500.0,
    "game-day": 1000.0,
}
LIVED_IN = ("calm", "bad-image", "default")
USUALLY = 330.0
"""World seconds for which a scenario is played."""


@dataclass
class Grade:
    """What came of one scenario."""

    scenario: str
    found: list[Incident] = field(default_factory=list)
    missed: list[Incident] = field(default_factory=list)
    late: list[Incident] = field(default_factory=list)
    """Of the found ones, those that came after their time."""
    false: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """One line of the table."""
        declared, shown = len(self.found) + len(self.missed), len(self.found) + len(self.false)
        recall = f"{len(self.found)}/{declared}" if declared else "-"
        precision = f"{len(self.found)}/{shown}" if shown else "-"
        return f"{self.scenario:22}{recall:>10}{precision:>12}{len(self.late):>7}"


class Seen:
    """Every incident that was ever shown, as it was when it reached furthest."""

    def __init__(self) -> None:
        self.largest: dict[str, IncidentRow] = {}
        self.first: dict[str, float] = {}
        self.codes: dict[str, set[str]] = {}
        self.where: dict[str, set[str]] = {}
        self.silent: dict[str, list[float]] = {}
        """World seconds at which a member was not read."""

    def note(self, rows: Iterable[IncidentRow], second: float) -> None:
        """These are in the inbox at a world second."""
        for row in rows:
            if row.state == State.RESOLVED:
                continue
            self.first.setdefault(row.uid, second)
            self.codes.setdefault(row.uid, set()).add(row.code)
            self.where.setdefault(row.uid, set()).update(row.clusters)
            before = self.largest.get(row.uid)
            if before is None or _size(row) >= _size(before):
                self.largest[row.uid] = row

    def is_late(self, uid: str, declared: Incident, step: float) -> bool:
        """Whether it came after its time, though its members were read: of a silent one nothing new is said."""
        first = self.first[uid]
        silent = (at for name in declared.clusters for at in self.silent.get(name, ()))
        return first > declared.by + step and not any(declared.by <= at <= first for at in silent)

    def told(self, uid: str) -> str:
        """An incident in one line."""
        row, codes = self.largest[uid], "/".join(sorted(self.codes[uid]))
        where = ",".join(sorted(self.where[uid]))
        return f"{codes} {row.name} ({where}) at {self.first[uid]:.0f} s: {row.message[:80]}"


def _size(row: IncidentRow) -> tuple[int, int]:
    return len(row.clusters), extent(row)


def play(
    name: str, seconds: float, seed: int = SEED, step: float = 1.0, *, alive: bool = False
) -> tuple[Seen, WatchedWorld]:
    """What the inbox shows while a scenario is played, with or without everyday life."""
    world = World(MEMBERS, seed)
    world.build({})
    scenarios.apply(world, replace(scenarios.named(name), alive=alive))
    watched, seen = WatchedWorld(world), Seen()
    seen.note(watched.incidents, 0.0)
    for _now in watched.advance(0.0 if world.frozen else seconds, step):
        seen.note(watched.incidents, world.clock.elapsed)
        for member in watched.silent:
            seen.silent.setdefault(member, []).append(world.clock.elapsed)
    return seen, watched


def grade(name: str, seconds: float, seed: int = SEED, step: float = 1.0) -> Grade:
    """Play a scenario and compare."""
    seen, watched = play(name, seconds, seed, step)
    until = watched.world.clock.elapsed
    declared = [each for each in scenarios.incidents(scenarios.named(name), seed) if each.by <= until]
    return compared(name, declared, seen, scenarios.incidents(scenarios.named(name), seed), step)


def compared(
    name: str, declared: list[Incident], seen: Seen, early: Iterable[Incident] = (), step: float = 1.0
) -> Grade:
    """Declared and shown incidents in pairs; `early` may be there already, and need not."""
    result, left = Grade(name), dict(seen.largest)
    for each in declared:
        uid = next((uid for uid, row in left.items() if _is(each, row, seen.codes[uid])), None)
        if uid is None:
            result.missed.append(each)
            continue
        result.found.append(each)
        if seen.is_late(uid, each, step):
            result.late.append(each)
        del left[uid]
    allowed = [each for each in early if each not in declared]
    for uid, row in left.items():
        if not any(_is(each, row, seen.codes[uid]) for each in allowed):
            result.false.append(seen.told(uid))
    return result


def _is(declared: Incident, row: IncidentRow, codes: set[str]) -> bool:
    return declared.code in codes and declared.of == _of(row) and declared.clusters == row.clusters


def _of(row: IncidentRow) -> str:
    return row.name.partition(": ")[2]


def grade_lived_in(name: str, seconds: float, seed: int = SEED, step: float = 1.0) -> Grade:
    """Play a scenario with everyday life, and compare."""
    seen, watched = play(name, seconds, seed, step, alive=True)
    said = scenarios.incidents(scenarios.named(name), seed)
    result = lived_in(said, watched.world.lived, seen, watched.world.clock.elapsed, step)
    return replace(result, scenario=f"{name}, lived in")


def lived_in(
    said: Iterable[Incident], lived: Iterable[Incident], seen: Seen, until: float, step: float = 1.0
) -> Grade:
    """What a scenario's file says, and what everyday life brought, against what was shown.

    One workload may have several of these, one after another: what is declared is found by the one row there, of
    what it is about, that ever led with its code. A row is false when one of its clusters was not declared of
    that, or one of the codes that it led with. What a scenario is about may lead with others on its way.
    """
    result, codes, where = Grade(""), dict[str, set[str]](), dict[str, set[str]]()
    of_file = {each.of for each in said}
    for each in (*said, *lived):
        codes.setdefault(each.of, set()).add(each.code)
        where.setdefault(each.of, set()).update(each.clusters)
        if each.by > until:
            continue
        about = [uid for uid, row in seen.largest.items() if _of(row) == each.of and each.code in seen.codes[uid]]
        there = [uid for uid in about if not seen.where[uid].isdisjoint(each.clusters)]
        if len(there) != 1 or not seen.where[there[0]].issuperset(each.clusters):
            result.missed.append(each)
            continue
        result.found.append(each)
        if seen.is_late(there[0], each, step):
            result.late.append(each)
    for uid, row in seen.largest.items():
        of, led = _of(row), seen.codes[uid]
        right = led & codes.get(of, set()) if of in of_file else led <= codes.get(of, set())
        if not right or not seen.where[uid] <= where[of]:
            result.false.append(seen.told(uid))
    return result


def run(quick: bool = False) -> list[Figure]:
    """Print a table, and figures of all scenarios together."""
    grades = list[Grade]()
    say(f"{'scenario':22}{'recall':>10}{'precision':>12}{'late':>7}")
    for name in scenarios.SCENARIOS:
        grades.append(grade(name, _lasts(name, quick=quick)))
        _tell(grades[-1])
    for name in LIVED_IN:
        grades.append(grade_lived_in(name, _lasts(name, quick=quick)))
        _tell(grades[-1])
    found = sum(len(each.found) for each in grades)
    declared = found + sum(len(each.missed) for each in grades)
    shown = found + sum(len(each.false) for each in grades)
    calm, lived = (next(each for each in grades if each.scenario == name) for name in ("calm", "calm, lived in"))
    return [
        _share("causes that triage finds", found, declared),
        _share("incidents that are causes", found, shown),
        Figure("false incidents in an hour of calm", len(calm.false), "", 0),
        Figure("false incidents in an hour of everyday life", len(lived.false), "", 0),
    ]


def _lasts(name: str, *, quick: bool) -> float:
    seconds = LASTS.get(name, USUALLY)
    return min(seconds, USUALLY) if quick else seconds


def _tell(graded: Grade) -> None:
    say(graded.line)
    for each in graded.missed:
        say(f"    missed  {each.told}")
    for each in graded.late:
        say(f"    late    {each.told}, by {each.by:.0f} s")
    for text in graded.false:
        say(f"    false   {text}")


def _share(name: str, part: int, whole: int) -> Figure:
    note = f"{part} of {whole}"
    return Figure(name, 100.0 * part / whole if whole else 100.0, "%", 100.0, note=note, lower_is_better=False)
