"""Derived kinds on demand: raw kinds are watched while they are read, and only what changed is joined again."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kurator_tui.fleet import pieces
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Reach
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator import FLEET, FleetRow
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.derived_world import ALL, LIVE, World, failed


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def reading(world: World) -> World:
    """Everything is listed and joined once."""
    world.require()
    world.listed()
    world.refresh()
    return world


def test_raw_kinds_are_watched_while_a_derived_kind_is_read(world: World) -> None:
    world.require("m1")
    assert set(world.interest.kinds("m1")) == {DEPLOYMENT.id, EVENT.id}
    assert world.interest.kinds("m2") == []
    assert world.interest.kinds(HOST) == [FLEET.id]
    world.derived.release("rollouts")
    for act in world.due:
        act()
    assert world.interest.kinds("m1") == world.interest.kinds(HOST) == []


def test_members_are_asked_for_no_rows_that_do_not_matter(world: World) -> None:
    world.require("m1")
    assert world.interest.narrow(EVENT.id, "m1").fields == "involvedObject.kind=Canary"
    assert world.interest.narrow(DEPLOYMENT.id, "m1").fields == ""


def test_readers_of_a_raw_kind_keep_it_when_the_derived_one_is_released(world: World) -> None:
    world.interest.require(DEPLOYMENT.id, Reach(frozenset({"m2"})))
    world.require()
    world.derived.release("rollouts")
    for act in world.due:
        act()
    assert world.interest.kinds("m2") == [DEPLOYMENT.id]
    assert world.interest.kinds("m1") == []


def test_nothing_is_said_before_what_matters_was_listed(world: World) -> None:
    world.require()
    world.deploy("m1", "web")
    world.refresh()
    assert world.names("m1") == []
    assert world.store.freshness("m1", "rollouts").state is State.SYNCING
    world.listed()
    assert world.refresh() == sorted(ALL)
    assert world.names("m1") == ["web"]
    assert world.store.freshness("m1", "rollouts") == LIVE


def test_only_the_cluster_that_changed_is_joined_again(reading: World) -> None:
    reading.deploy("m2", "web")
    assert reading.derived.pending
    assert reading.refresh() == ["m2"]
    assert not reading.derived.pending
    assert reading.refresh() == []


def test_a_change_on_the_host_joins_all_and_shared_parts_are_made_once(reading: World) -> None:
    for name in ("m1", "m2"):
        reading.deploy(name, "web")
    reading.refresh()
    reading.fleets.clear()
    reading.store.put(FLEET.id, HOST, {"f": FleetRow(HOST, "ns", "f", "f", 0.0)})
    assert reading.refresh() == sorted(ALL)
    assert reading.fleets == [1]


def test_a_row_is_made_again_only_when_what_it_was_made_of_changed(reading: World) -> None:
    reading.deploy("m1", "web")
    reading.deploy("m1", "api")
    reading.refresh()
    reading.made.clear()
    reading.deploy("m1", "api", ready=1)
    assert reading.refresh() == ["m1"]
    assert reading.made == ["api"]
    assert reading.names("m1") == ["api", "web"]


def test_rows_that_do_not_matter_cause_no_join(reading: World) -> None:
    pod = EventRow("m1", "ns", "e1", "e1", 0.0, object_kind="Pod", object_name="web-1")
    reading.store.put(EVENT.id, "m1", {"e1": pod})
    assert reading.refresh() == []
    canary = EventRow("m1", "ns", "e2", "e2", 0.0, object_kind="Canary", object_name="web")
    reading.store.put(EVENT.id, "m1", {"e2": canary})
    assert reading.refresh() == ["m1"]
    reading.store.put(EVENT.id, "m1", {"e1": None})
    assert reading.refresh() == []
    reading.store.put(EVENT.id, "m1", {"e2": None})
    assert reading.refresh() == ["m1"]


def test_one_clusters_failure_is_one_failed_row(reading: World, caplog: pytest.LogCaptureFixture) -> None:
    reading.deploy("m1", "web")
    reading.deploy("m2", "web")
    reading.refresh()
    reading.fails = True
    reading.deploy("m1", "api")
    reading.refresh()
    (row,) = reading.store.rows("rollouts", "m1")
    assert isinstance(row, RolloutRow)
    assert (row.level, row.reason) == (Level.FAILED, "error in kurator-tui: ValueError")
    assert reading.names("m2") == ["web"]
    assert caplog.text.count("rollouts of m1") == 1
    reading.fails = False
    reading.deploy("m1", "api", ready=2)
    reading.refresh()
    assert reading.names("m1") == ["api", "web"]


def test_rows_go_when_nobody_reads_them(reading: World) -> None:
    reading.deploy("m1", "web")
    reading.refresh()
    reading.derived.release("rollouts")
    assert reading.names("m1") == []
    reading.deploy("m1", "api")
    assert reading.refresh() == []


def test_a_smaller_reach_drops_the_other_clusters(reading: World) -> None:
    reading.deploy("m1", "web")
    reading.deploy("m2", "web")
    reading.refresh()
    reading.require("m1")
    reading.refresh()
    assert (reading.names("m1"), reading.names("m2")) == (["web"], [])


def test_a_member_that_is_down_is_joined_and_stale(reading: World) -> None:
    reading.deploy("m1", "web")
    reading.refresh()
    down = Freshness(State.STALE, 5.0, "no answer")
    reading.store.set_freshness("m1", "", down)
    assert reading.refresh() == ["m1"]
    assert reading.names("m1") == ["web"]
    assert reading.store.freshness("m1", "rollouts") == down


def test_a_member_that_fell_silent_before_it_listed_what_matters_is_not_taken_for_one_without_rows(
    reading: World,
) -> None:
    reading.store.set_freshness("m1", "", Freshness(State.STALE, 5.0, "no answer"))
    never = Freshness(State.UNREACHABLE, 5.0, "no answer")
    reading.store.set_freshness("m1", DEPLOYMENT.id, never)
    reading.refresh()
    assert reading.store.freshness("m1", "rollouts") == never


def test_what_cannot_be_read_makes_the_derived_kind_unreadable(reading: World) -> None:
    forbidden = Freshness(State.FORBIDDEN, 5.0, "cannot list deployments")
    reading.store.set_freshness("m1", DEPLOYMENT.id, forbidden)
    reading.refresh()
    assert reading.store.freshness("m1", "rollouts") == forbidden


def test_a_kind_that_is_not_served_is_no_fault(reading: World) -> None:
    reading.store.set_freshness("m1", DEPLOYMENT.id, Freshness(State.ABSENT, 5.0))
    reading.refresh()
    assert reading.store.freshness("m1", "rollouts") == LIVE


def test_others_get_their_turn_between_clusters(reading: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "TURN", 0.0)
    for name in ("m1", "m2"):
        reading.deploy(name, "web")
    reading.joined = []
    turns = reading.derived.turns(reading.members)
    next(turns)
    assert len(reading.joined) == 1
    assert reading.derived.pending
    (left,) = {"m1", "m2"} - set(reading.joined)
    reading.derived.forget(left)
    assert list(turns) == []
    assert len(reading.joined) == 1


def test_a_kind_that_is_released_between_two_turns_gets_no_rows(
    reading: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "TURN", 0.0)
    for name in ("m1", "m2"):
        reading.deploy(name, "web")
    turns = reading.derived.turns(reading.members)
    next(turns)
    reading.derived.release("rollouts")
    assert list(turns) == []
    assert reading.names("m1") == reading.names("m2") == []


def test_a_new_member_is_joined_and_one_that_left_is_forgotten(reading: World) -> None:
    reading.members["m3"] = Member("m3", "AttachedCluster")
    reading.store.set_freshness("m3", "", LIVE)
    reading.store.set_freshness("m3", DEPLOYMENT.id, LIVE)
    assert "m3" in reading.refresh()
    del reading.members["m3"]
    reading.derived.forget("m3")
    reading.store.forget_cluster("m3")
    assert "m3" not in reading.refresh()


def planned(seen: Seen) -> dict[str, list[str]]:
    """Each fleet's members, by cluster."""
    found: dict[str, list[str]] = {}
    for fleet in seen.rows(FLEET, HOST):
        for _kind, name in fleet.members:
            found.setdefault(name, []).append(fleet.name)
    return found


@pytest.fixture
def planning(world: World) -> World:
    """A kind that tells what it takes of the host."""
    join = Join(ROLLOUTS, (FLEET,), (DEPLOYMENT,), world.rows, planned=planned, failed=failed)
    world.derived = Derived(world.store, (join,), world.interest, lambda: 100.0, world.woken)
    world.store.listen(world.derived.take)
    world.require()
    world.listed()
    world.refresh()
    return world


def fleet(world: World, name: str, *members: str, phase: str = "") -> None:
    row = FleetRow(HOST, "ns", name, name, 0.0, phase=phase, members=tuple(("Cluster", each) for each in members))
    world.store.put(FLEET.id, HOST, {name: row})


def test_a_change_on_the_host_joins_the_clusters_that_it_is_about(planning: World) -> None:
    fleet(planning, "prod", "m1")
    assert planning.derived.pending
    assert planning.refresh() == ["m1"]
    assert not planning.derived.pending
    fleet(planning, "prod", "m1", phase="Ready")
    assert planning.refresh() == [], "nothing of this is in any plan"
    fleet(planning, "prod", "m1", "m2")
    assert planning.refresh() == ["m2"]
    fleet(planning, "prod", "m2")
    assert planning.refresh() == ["m1"], "it is no longer planned there"


def test_what_the_host_says_is_found_out_again_after_all_were_joined(planning: World) -> None:
    fleet(planning, "prod", "m1")
    planning.refresh()
    fleet(planning, "prod", "m2")
    planning.store.set_freshness(HOST, FLEET.id, Freshness(State.STALE, 5.0))
    assert planning.refresh() == sorted(ALL)
    fleet(planning, "prod", "m1")
    assert planning.refresh() == ["m1", "m2"]


def test_plans_that_cannot_be_made_fail_every_cluster_until_they_can(
    planning: World,
) -> None:
    planning.deploy("m1", "web")
    planning.store.put(FLEET.id, HOST, {"bad": FleetRow(HOST, "ns", "bad", "bad", 0.0, members=(("m1",),))})  # type: ignore[arg-type]
    assert planning.refresh() == sorted(ALL)
    fleet(planning, "bad", "m1")
    assert "m1" in planning.refresh()


def test_what_was_made_of_a_clusters_rows_stays_until_one_of_them_changes(planning: World) -> None:
    made: list[str] = []

    def count(seen: Seen, cluster: str) -> int:
        made.append(cluster)
        return len(list(seen.rows(DEPLOYMENT, cluster)))

    rows = planning.rows

    def counting(seen: Seen, cluster: str) -> Iterable[Row]:
        seen.local(count, cluster)
        return rows(seen, cluster)

    join = Join(ROLLOUTS, (FLEET,), (DEPLOYMENT,), counting, planned=planned, failed=failed)
    planning.derived = Derived(planning.store, (join,), planning.interest, lambda: 100.0, planning.woken)
    planning.store.listen(planning.derived.take)
    planning.require("m1")
    planning.refresh()
    assert made == ["m1"]
    fleet(planning, "prod", "m1")
    assert planning.refresh() == ["m1"]
    assert made == ["m1"], "the host changed, the cluster did not"
    planning.made.clear()
    planning.deploy("m1", "web")
    planning.refresh()
    assert made == ["m1", "m1"]
    planning.derived.touch("rollouts", "m1")
    planning.refresh()
    assert made == ["m1"] * 3, "gates or freshness are others"
    planning.deploy("m1", "api")
    planning.refresh()
    assert planning.made == ["web", "api"], "nor is a row made again because of it"


def test_sums_of_the_host_are_made_again_when_any_member_changes() -> None:
    world = World(sums=True)
    world.require()
    world.listed()
    world.refresh()
    world.deploy("m1", "web")
    assert world.refresh() == [HOST, "m1"]
    world.store.set_freshness("m2", "", Freshness(State.STALE, 5.0))
    assert world.refresh() == [HOST, "m2"]


def test_a_crossed_kind_is_joined_again_everywhere_when_one_cluster_changes(world: World) -> None:
    world.derived = Derived(
        world.store,
        (Join(ROLLOUTS, (FLEET,), (DEPLOYMENT,), world.rows, crossed=True, failed=failed),),
        world.interest,
        lambda: 100.0,
        world.woken,
    )
    world.store.listen(world.derived.take)
    world.require()
    world.listed()
    world.refresh()
    world.deploy("m2", "web")
    assert world.refresh() == sorted(ALL)
