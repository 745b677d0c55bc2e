"""Kurator's passes over Applications, with their faults; Flux behind them; and the demo's releases."""

from typing import Any

import pytest

from kurator_tui.demo.world import rollouts
from kurator_tui.demo.world.controllers.applications import APPLICATIONS, PERIOD
from kurator_tui.demo.world.controllers.flagger import CANARIES
from kurator_tui.demo.world.controllers.flux import KUSTOMIZATIONS, REPOSITORIES
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running, snapshot

Obj = dict[str, Any]
MEMBERS = ("prod-cloud", "on-prem", "pre-cloud")


@pytest.fixture
def world() -> World:
    return running("still", 4)


def application(world: World, name: str = "webapp") -> Obj:
    found = world.host.find(APPLICATIONS, "default", name)
    assert found is not None
    return found


def canary(world: World, member: str, name: str = "backend") -> Obj:
    found = world.clusters[member].find(CANARIES, "webapp", name)
    assert found is not None
    return found


def copies(world: World, name: str = "webapp") -> dict[str, str]:
    """The phase of each member's Canary as the Application tells it."""
    items = [each["rolloutStatus"] for each in application(world, name)["status"]["syncStatus"]]
    return {each["clusterName"]: each["rolloutStatusInCluster"]["phase"] for each in items}


def image(world: World, member: str) -> str:
    found = world.clusters[member].find("deployments.apps", "webapp", "backend")
    assert found is not None
    return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


def test_an_edit_of_a_canary_on_a_member_is_lost_within_half_a_minute(world: World) -> None:
    advance(world, 5)
    before = canary(world, "on-prem")["spec"]

    def change(obj: Obj) -> None:
        obj["spec"]["suspend"] = True
        obj["metadata"]["annotations"]["mine"] = "yes"

    world.clusters["on-prem"].modify(CANARIES, "webapp", "backend", change)
    advance(world, PERIOD)
    assert canary(world, "on-prem")["spec"] == before
    assert canary(world, "on-prem")["metadata"]["annotations"] == {rollouts.ROLLOUT: "webapp"}


def test_a_change_of_the_application_reaches_every_member(world: World) -> None:
    def suspend(obj: Obj) -> None:
        obj["spec"]["syncPolicies"][0]["rollout"]["rolloutPolicy"]["suspend"] = True

    world.host.modify(APPLICATIONS, "default", "webapp", suspend)
    advance(world, 2)
    assert all(canary(world, member)["spec"]["suspend"] for member in MEMBERS)


def test_a_canary_that_was_deleted_is_made_again(world: World) -> None:
    world.clusters["pre-cloud"].remove(CANARIES, "webapp", "backend")
    advance(world, PERIOD + 5)
    made = canary(world, "pre-cloud")
    assert made["spec"] == canary(world, "prod-cloud")["spec"]
    assert made["status"]["phase"] in ("Initializing", "Initialized")


def test_every_item_shows_the_flux_status_of_the_last_one(world: World) -> None:
    broken = "webapp-attachedcluster-on-prem"
    found = world.host.find(KUSTOMIZATIONS, "default", broken)
    assert found is not None
    world.host.set_status(KUSTOMIZATIONS, found, {**found["status"], "lastAppliedRevision": "other"})
    advance(world, 5)
    items = application(world)["status"]["syncStatus"]
    last = world.host.find(KUSTOMIZATIONS, "default", items[-1]["name"])
    assert last is not None
    assert [each["kustomizationStatus"] for each in items] == [last["status"]] * 3
    assert last["status"]["lastAppliedRevision"] != "other"


def test_all_copies_freeze_while_one_member_is_down(world: World) -> None:
    advance(world, 5)
    world.fault("pre-cloud", "refuse")
    prod = world.clusters["prod-cloud"]
    found = canary(world, "prod-cloud")
    prod.set_status(CANARIES, found, {**found["status"], "phase": "Failed"})
    advance(world, 2 * PERIOD)
    assert copies(world)["prod-cloud"] == "Succeeded"
    world.fault("pre-cloud", "none")
    advance(world, PERIOD)
    assert copies(world)["prod-cloud"] == "Failed"


def test_a_policy_whose_service_has_another_name_never_gets_a_status(world: World) -> None:
    advance(world, 2 * PERIOD)
    (item,) = application(world, "notification")["status"]["syncStatus"]
    assert "rolloutStatus" not in item
    assert world.clusters["pre-cloud"].find(CANARIES, "webapp", "notify") is None
    assert canary(world, "pre-cloud", "notification")["status"]["phase"] == "Succeeded"


def test_one_canary_is_left_behind_by_a_policy_that_is_gone(world: World) -> None:
    left = canary(world, "on-prem", "cart")["metadata"]["annotations"][rollouts.ROLLOUT]
    names = {policy["name"] for each in world.host.all_of(APPLICATIONS) for policy in each["spec"]["syncPolicies"]}
    assert left not in names


def test_a_commit_is_on_every_member_seconds_after_its_revision(world: World) -> None:
    new = "registry.shop.example/webapp/backend:v3"
    world.flux.push("default", "webapp", "main@sha1:f00", {("webapp", "backend"): new})
    source = world.host.find(REPOSITORIES, "default", "webapp")
    assert source is not None
    assert source["status"]["artifact"]["revision"] == "main@sha1:f00"
    assert {image(world, member) for member in MEMBERS} != {new}
    advance(world, 8)
    assert {image(world, member) for member in MEMBERS} == {new}
    for each in world.host.all_of(KUSTOMIZATIONS, "default"):
        if each["metadata"]["name"].startswith("webapp-"):
            assert each["status"]["lastAppliedRevision"] == "main@sha1:f00"


def test_a_member_that_is_down_gets_the_commit_when_it_is_back(world: World) -> None:
    new = "registry.shop.example/webapp/backend:v3"
    world.fault("on-prem", "hang")
    world.flux.push("default", "webapp", "main@sha1:f00", {("webapp", "backend"): new})
    advance(world, 10)
    assert image(world, "on-prem") != new
    found = world.host.find(KUSTOMIZATIONS, "default", "webapp-attachedcluster-on-prem")
    assert found is not None
    assert found["status"]["conditions"][0]["reason"] == "ReconciliationFailed"
    world.fault("on-prem", "none")
    advance(world, 25)
    assert image(world, "on-prem") == new


def phases(world: World, seconds: int) -> dict[str, list[tuple[str, int]]]:
    """The different (phase, weight) of `backend` on each member over some seconds."""
    found: dict[str, list[tuple[str, int]]] = {member: [] for member in MEMBERS}
    for _ in range(seconds):
        advance(world, 1)
        for member, states in found.items():
            status = canary(world, member)["status"]
            if states[-1:] != [(status["phase"], status["canaryWeight"])]:
                states.append((status["phase"], status["canaryWeight"]))
    return found


def test_the_first_release_climbs_on_three_members_and_is_rolled_back_on_one() -> None:
    world = running("release", 4)
    advance(world, 20)
    assert {canary(world, member)["status"]["phase"] for member in MEMBERS} == {"Progressing"}
    seen = phases(world, 110)
    climbed = [("Progressing", weight) for weight in (10, 20, 30, 40, 50)]
    for member in ("prod-cloud", "pre-cloud"):
        assert [each for each in seen[member] if each in climbed] == climbed
        assert seen[member][-1] == ("Succeeded", 0)
    assert ("Progressing", 30) in seen["on-prem"]
    assert ("Progressing", 40) not in seen["on-prem"]
    assert seen["on-prem"][-1] == ("Failed", 0)


def test_a_good_release_follows_on_every_member() -> None:
    world = running("release", 4)
    advance(world, 290)
    assert [canary(world, member)["status"]["phase"] for member in MEMBERS] == ["Succeeded"] * 3
    assert len({image(world, member) for member in MEMBERS}) == 1


def test_releases_are_the_same_for_the_same_seed() -> None:
    one, two = running("release", 3, seed=5), running("release", 3, seed=5)
    advance(one, 120)
    advance(two, 120, step=0.7)
    assert snapshot(one) == snapshot(two)
