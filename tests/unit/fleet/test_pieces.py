"""Joins that are kept up object by object: what changes is handed on, all is made anew only where it must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kurator_tui.fleet import pieces
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Interest, Reach
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.pieces import SOME, Objects, in_pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.edge import EDGE_NODES, EdgeNodeRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

LIVE = Freshness(State.LIVE, 1.0)


class Counted:
    """A row for each Deployment."""

    fails = False

    def __init__(self, _seen: Seen, cluster: str) -> None:
        self.cluster = cluster
        self.taken: list[list[str]] = []
        self.looks = 0
        self.pending: dict[str, Row | None] = {}

    @property
    def waiting(self) -> bool:
        return bool(self.pending)

    def take(self, kind: str, objects: Objects) -> None:
        if kind == DEPLOYMENT.id:
            self.taken.append(sorted(objects))
            self.pending.update(objects)

    def look(self) -> None:
        self.looks += 1
        self.pending["clock"] = DeploymentRow(self.cluster, "", "clock", "clock", 0.0)

    def made(self) -> Iterator[tuple[str, Row | None]]:
        while self.pending:
            uid, row = self.pending.popitem()
            if Counted.fails:
                raise ValueError("hostile")
            yield uid, None if row is None else EdgeNodeRow(self.cluster, "", row.name, uid, 0.0)


class World:
    """A member `m1`, and the pieces that were made for it."""

    def __init__(self) -> None:
        self.store = Store()
        self.built: list[Counted] = []
        self.later: list[Any] = []
        self.wakes = 0
        only = {DEPLOYMENT.id: lambda row: row.namespace != "other"}
        join = Join(
            EDGE_NODES, (), (DEPLOYMENT, EVENT), in_pieces, only, pieces=self.build, every=10.0, failed=failed
        )
        self.derived = Derived(
            self.store,
            (join,),
            Interest(lambda: None, lambda _seconds, _act: None),
            lambda: 100.0,
            self.woken,
            lambda seconds, act: self.later.append((seconds, act)),
        )
        self.store.listen(self.derived.take)
        self.members = {name: Member(name, "AttachedCluster") for name in (HOST, "m1")}
        self.store.set_freshness("m1", "", LIVE)

    def build(self, seen: Seen, cluster: str) -> Counted:
        self.built.append(Counted(seen, cluster))
        return self.built[-1]

    def woken(self) -> None:
        self.wakes += 1

    def deploy(self, *names: str, ready: int = 0, namespace: str = "ns") -> None:
        rows = {name: DeploymentRow("m1", namespace, name, name, 0.0, ready=ready) for name in names}
        self.store.put(DEPLOYMENT.id, "m1", dict(rows))

    def names(self) -> list[str]:
        self.derived.refresh(self.members)
        return sorted(row.name for row in self.store.rows(EDGE_NODES.id, "m1"))


def failed(cluster: str, reason: str) -> Row:
    return EdgeNodeRow(cluster, "", cluster, "failed", 0.0, level=Level.FAILED, reason=reason)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Two Deployments are there and were joined."""
    monkeypatch.setattr(Counted, "fails", False)
    found = World()
    found.deploy("a", "b")
    found.derived.require(EDGE_NODES.id, Reach(frozenset(("m1",))))
    found.store.set_freshness("m1", DEPLOYMENT.id, LIVE)
    assert found.names() == ["a", "b"]
    return found


def test_the_first_round_takes_all_there_is(world: World) -> None:
    assert [one.taken for one in world.built] == [[["a", "b"]]]


def test_then_only_what_changed_is_taken(world: World) -> None:
    world.deploy("b", ready=1)
    world.deploy("c")
    world.store.put(DEPLOYMENT.id, "m1", {"a": None})
    assert world.names() == ["b", "c"]
    assert len(world.built) == 1
    assert world.built[0].taken[1:] == [["b"], ["c"], ["a"]]


def test_nothing_to_make_wakes_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counted, "waiting", False)
    before = world.wakes
    world.deploy("b", ready=1)
    assert (world.wakes, world.derived.pending) == (before, False)


def test_objects_that_do_not_matter_are_gone(world: World) -> None:
    world.deploy("a", namespace="other")
    assert world.names() == ["b"]


def test_all_is_made_anew_when_a_kind_becomes_less_fresh(world: World) -> None:
    world.store.set_freshness("m1", EVENT.id, Freshness(State.FORBIDDEN, 2.0, "no"))
    assert world.names() == ["a", "b"]
    assert len(world.built) == 2
    assert world.built[1].taken == [["a", "b"]]


def test_as_fresh_as_before_only_later_makes_nothing_anew(world: World) -> None:
    world.store.set_freshness("m1", DEPLOYMENT.id, Freshness(State.LIVE, 9.0))
    assert world.names() == ["a", "b"]
    assert len(world.built) == 1
    assert world.store.freshness("m1", EDGE_NODES.id).since == 9.0


def test_time_is_looked_at_as_often_as_asked_for_while_somebody_reads(world: World) -> None:
    ((seconds, act),) = world.later
    act()
    assert seconds == 10.0
    assert world.names() == ["a", "b", "clock"]
    assert len(world.later) == 2
    world.derived.release(EDGE_NODES.id)
    world.later[1][1]()
    assert (world.built[0].looks, len(world.later)) == (1, 2)


def test_a_failure_is_one_row_and_ends_with_the_next_change(world: World) -> None:
    Counted.fails = True
    world.deploy("c")
    assert world.names() == ["m1"]
    Counted.fails = False
    world.deploy("d")
    assert world.names() == ["a", "b", "c", "d"]


def test_others_get_their_turn_while_many_rows_are_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "TURN", 0.0)
    names = [f"n{number}" for number in range(SOME * 3)]
    world.deploy(*names)
    turns = world.derived.turns(world.members)
    assert sum(1 for _turn in turns) >= 3
    assert len(world.names()) == SOME * 3 + 2


def test_released_between_two_turns_it_leaves_no_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "TURN", 0.0)
    world.deploy(*(f"n{number}" for number in range(SOME * 3)))
    turns = world.derived.turns(world.members)
    next(turns)
    world.derived.release(EDGE_NODES.id)
    for _turn in turns:
        pass
    assert world.names() == []


def test_what_changes_while_all_is_taken_is_taken_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "TURN", 0.0)
    world.deploy(*(f"n{number}" for number in range(SOME * 2)))
    world.store.set_freshness("m1", EVENT.id, Freshness(State.FORBIDDEN, 2.0, "no"))
    turns = world.derived.turns(world.members)
    next(turns)
    world.store.put(DEPLOYMENT.id, "m1", {"a": None, "n1": None})
    world.deploy("new")
    for _turn in turns:
        pass
    assert len(world.built) == 2
    assert world.built[1].taken[-2:] == [["a", "n1"], ["new"]]
    assert {"a", "n1", "new"} & set(world.names()) == {"new"}


def test_a_member_that_left_is_forgotten(world: World) -> None:
    world.derived.forget("m1")
    world.deploy("c")
    assert world.built[0].taken == [["a", "b"]]
