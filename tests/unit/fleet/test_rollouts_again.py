"""Rollouts that are joined again in part, wherever something changed, are what joining them anew would make."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from kurator_tui.fleet import rollouts
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Interest, Reach
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import KUSTOMIZATION
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.rollouts import ROLLOUTS
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.rollout_objects import LIVE, NEXT, REVISION, Estate, policy

MEMBERS = ("m1", "m2")
SYNC = {"name": "sync", "kustomization": {"path": "./"}}


class Joined:
    """The estate with rows joined of it, again after each change."""

    def __init__(self) -> None:
        self.estate = Estate()
        for kind in rollouts.JOIN.host:
            self.estate.store.set_freshness(HOST, kind.id, LIVE)
        self.estate.store.set_freshness(HOST, CANARY.id, LIVE)
        interest = Interest(lambda: None, lambda _seconds, _act: None)
        self.derived = Derived(self.estate.store, (rollouts.JOIN,), interest, lambda: 0.0, lambda: None)
        self.estate.store.listen(self.derived.take)
        self.derived.require(ROLLOUTS.id, Reach())
        self.changes = self._changes()

    def joined(self) -> list[object]:
        self.derived.refresh(self.estate.seen.members)
        return [sorted(self.estate.store.rows(ROLLOUTS.id, name), key=_uid) for name in (HOST, *MEMBERS)]

    def anew(self) -> list[object]:
        seen = Seen(self.estate.store, lambda: 0.0, lambda *_place: ())
        for kind, wanted in rollouts.JOIN.only.items():
            seen.fill(kind, wanted)
        seen.members = self.estate.seen.members
        found: list[object] = []
        for name in (HOST, *MEMBERS):
            seen.begin(name)
            found.append(sorted(rollouts.rows(seen, name), key=_uid))
        return found

    def _changes(self) -> list[Callable[[random.Random], None]]:
        put = self.estate

        def some(chance: random.Random) -> str:
            return chance.choice(MEMBERS)

        return [
            lambda _: put.application(policy(), SYNC),
            lambda _: put.application(policy(), revision=NEXT),
            lambda _: put.application(policy(service="other"), labels={"team": "shop"}),
            lambda _: put.application(SYNC, spec={"destination": {}}),
            lambda _: put.delete(APPLICATION, "uid-web"),
            lambda c: put.fleet(*MEMBERS[: c.randrange(3)]),
            lambda _: put.delete(FLEET, "uid-prod"),
            lambda c: put.repository(c.choice((REVISION, NEXT))),
            lambda c: put.kustomization(f"canary-attachedcluster-{some(c)}", c.choice((REVISION, NEXT))),
            lambda c: put.kustomization(f"sync-attachedcluster-{some(c)}", ready=c.choice(("True", "False"))),
            lambda c: put.delete(KUSTOMIZATION, f"uid-canary-attachedcluster-{some(c)}"),
            lambda c: put.canary(some(c), weight=c.randrange(0, 60, 10), policy=c.choice(("canary", "", "gone"))),
            lambda c: put.canary(some(c), name="other", target=c.choice(("backend", "other"))),
            lambda c: put.delete(CANARY, "uid-backend", some(c)),
            lambda c: put.workload(c.choice(("backend", "backend-primary", "free")), "img:2", c.randrange(3)),
            lambda c: put.says(c.randrange(9), f"Advance backend.shop canary weight {c.randrange(50)}"),
            lambda c: put.store.set_freshness(
                some(c), "", c.choice((LIVE, LIVE, Freshness(State.STALE, 5.0, "gone")))
            ),
        ]


def _uid(row: object) -> str:
    return str(getattr(row, "uid", ""))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_rows_are_as_if_joined_anew(seed: int) -> None:
    world, chance, said = Joined(), random.Random(seed), set[int]()
    for _ in range(60):
        for _ in range(chance.randrange(1, 4)):
            chance.choice(world.changes)(chance)
        joined = world.joined()
        assert joined == world.anew()
        said.add(sum(map(len, joined)))  # type: ignore[arg-type]
    assert len(said) > 2, "there is something to be joined"
