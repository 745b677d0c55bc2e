"""Each scenario does what its name says, and none of them stumbles or floods."""

import itertools
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from kurator_tui.demo.world import hostile, kurator, podstates, scenarios
from kurator_tui.demo.world.controllers import rounds
from kurator_tui.demo.world.controllers.fleets import FLEETS, RELEASES
from kurator_tui.demo.world.scenarios import SCENARIOS, apply, games, named
from kurator_tui.demo.world.scenes import game_day
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running, snapshot, writes

ATTACHED = "attachedclusters.cluster.kurator.dev"


def faults(world: World, seconds: float) -> list[tuple[float, str, str]]:
    """(world second, cluster, mode) of each fault change."""
    seen: list[tuple[float, str, str]] = []
    world.on_fault(lambda cluster, mode: seen.append((round(world.clock.elapsed, 1), cluster, mode)))
    advance(world, seconds)
    return seen


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_scenario_runs_for_minutes_with_few_members_too(name: str) -> None:
    for members, seconds in ((0, 30), (2, 130)):
        advance(running(name, members), seconds)


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no scenario 'nope'; there are: .*frozen"):
        named("nope")


def test_everyday_life_is_visible_but_does_not_flood() -> None:
    world = running("default", 6)
    before, pods = writes(world), set()
    for _ in range(60):
        advance(world, 5)
        pods.add(tuple(len(cluster.all_of("pods")) for cluster in world.clusters.values()))
    assert 10 <= (writes(world) - before) / 300 <= 28
    assert len(pods) > 30


def test_everyday_life_stays_near_its_first_size() -> None:
    world = running("default", 6)
    first = sum(len(cluster.all_of("pods")) for cluster in world.clusters.values())
    advance(world, 450)
    assert abs(sum(len(cluster.all_of("pods")) for cluster in world.clusters.values()) - first) < 150
    assert sum(len(cluster.all_of("events")) for cluster in world.clusters.values()) < 5000


def test_by_default_edge_members_drop_off_in_turn() -> None:
    seen = faults(running("default", 6), 260)
    assert [(cluster, mode) for _, cluster, mode in seen] == [
        ("edge-east", "refuse"),
        ("edge-east", "none"),
        ("edge-cold-chain", "refuse"),
        ("edge-cold-chain", "none"),
    ]
    assert seen[1][0] - seen[0][0] == pytest.approx(20.0)


def test_an_outage_comes_at_its_seconds() -> None:
    assert faults(running("outage", 6), 120) == [
        (10.0, "on-prem", "refuse"),
        (50.0, "on-prem", "none"),
        (60.0, "edge-east", "hang"),
        (90.0, "edge-east", "none"),
    ]


@pytest.mark.parametrize(
    ("name", "modes"), [("throttled", {"throttle429"}), ("broken", {"error500", "half_line", "latency"})]
)
def test_servers_misbehave_as_named(name: str, modes: set[str]) -> None:
    assert {mode for _, _, mode in faults(running(name, 6), 30)} == modes


def ready(world: World, member: str, node: str) -> str:
    found = world.clusters[member].find("nodes", "", node)
    assert found is not None
    return next(str(each["status"]) for each in found["status"]["conditions"] if each["type"] == "Ready")


def test_an_edge_site_loses_its_link_and_its_nodes_go_on_until_it_returns() -> None:
    world = running("edge-outage", 6)
    cluster = world.clusters["edge-east"]
    place = ("edge-east", "east-site-02")
    advance(world, 45)
    assert cluster.stopped_nodes == {"east-site-02", "east-site-05"}
    lease = cluster.find("leases.coordination.k8s.io", "kube-node-lease", "east-site-02")
    assert lease is not None
    renewed = lease["spec"]["renewTime"]
    assert ready(world, *place) == "True"  # nobody knows yet
    advance(world, 20)
    assert ready(world, *place) == "Unknown"
    group = cluster.find("nodegroups.apps.kubeedge.io", "", "depot-7")
    assert group is not None
    assert {each["readyStatus"] for each in group["status"]["nodeStatuses"]} == {"Unknown"}
    pods = {pod["metadata"]["uid"] for pod in cluster.pods_on("east-site-02")}
    advance(world, 30)
    stuck = [pod for pod in cluster.pods_on("east-site-02") if pod["metadata"].get("deletionTimestamp")]
    assert stuck  # evicted, and not confirmed by the node
    assert pods <= {pod["metadata"]["uid"] for pod in cluster.pods_on("east-site-02")}
    advance(world, 220)
    assert ready(world, *place) == "True"
    lease = cluster.find("leases.coordination.k8s.io", "kube-node-lease", "east-site-02")
    assert lease is not None
    assert lease["spec"]["renewTime"] > renewed
    assert not any(pod["metadata"].get("deletionTimestamp") for pod in cluster.pods_on("east-site-02"))


def test_a_link_that_returns_in_time_is_not_noticed() -> None:
    world = running("calm", 6)
    nodes = world.machinery["edge-east"].nodes
    nodes.cut("east-site-02")
    advance(world, 30)
    nodes.resume("east-site-02")
    nodes.cut("east-site-02")
    advance(world, 30)
    assert ready(world, "edge-east", "east-site-02") == "True"
    advance(world, 15)
    assert ready(world, "edge-east", "east-site-02") == "Unknown"


def plugin_releases(world: World) -> list[dict[str, Any]]:
    """The HelmReleases of the fleet's plugins; those of Applications are not the fleet manager's."""
    found = world.host.all_of(RELEASES)
    return [each for each in found if "fleet.kurator.dev/plugin" in (each["metadata"].get("labels") or {})]


def test_a_fleet_loses_and_gains_a_member() -> None:
    world = running("join-leave", 3)

    def state() -> tuple[int, Any, int]:
        (fleet,) = [f for f in world.host.all_of(FLEETS) if f["metadata"]["name"] == "production"]
        attached = world.host.find(ATTACHED, "default", "on-prem")
        assert attached is not None
        releases = sum(r["metadata"]["name"].endswith("-on-prem") for r in plugin_releases(world))
        return fleet["status"]["readyClusters"], attached["metadata"]["labels"].get(kurator.FLEET_LABEL), releases

    advance(world, 5)
    assert state() == (3, "production", 6)
    advance(world, 10)
    assert state() == (2, None, 0)
    advance(world, 20)
    assert state() == (3, "production", 6)


def test_an_image_that_cannot_be_pulled_goes_out_with_a_revision_and_is_taken_back() -> None:
    world = running("bad-image", 4)

    def waiting() -> set[str]:
        return {
            name
            for name, cluster in world.clusters.items()
            for pod in cluster.all_of("pods")
            if pod["spec"]["containers"][0]["image"].endswith("frontend:v4.19.0")
            and podstates.waiting_reason(pod) == "ImagePullBackOff"
        }

    def applied() -> set[str]:
        return {
            each["status"]["lastAppliedRevision"]
            for each in world.host.all_of("kustomizations.kustomize.toolkit.fluxcd.io")
            if each["spec"]["sourceRef"]["name"] == "webapp"
        }

    advance(world, 30)
    assert waiting() == {"prod-cloud", "on-prem", "pre-cloud"}
    first = world.story.failures[0]
    assert (first.reason, first.place.split("/")[1]) == ("ErrImagePull", "webapp")
    assert 5 < first.wall - world.clock.epoch < 12
    (bad,) = applied()
    advance(world, 120)
    assert waiting() == set()
    assert len(applied()) == 1
    assert applied() != {bad}


def test_a_frozen_world_does_not_change() -> None:
    world = running("frozen", 2)
    before = snapshot(world)
    advance(world, 1000)
    assert snapshot(world) == before
    assert world.clock.elapsed == 0.0


def test_a_frozen_world_shows_troubles_and_events() -> None:
    world = running("frozen", 6)
    assert any(podstates.waiting_reason(pod) for pod in world.clusters["on-prem"].all_of("pods"))
    assert all(len(cluster.all_of("events")) >= 10 for cluster in world.clusters.values())


def test_hostile_objects_carry_their_texts_and_shapes() -> None:
    world = running("hostile", 2)
    cluster = world.clusters["prod-cloud"]
    pods = {pod["metadata"]["name"]: pod for pod in cluster.all_of("pods", hostile.NAMESPACE)}
    for key, text in hostile.TEXTS.items():
        assert pods[f"pod-{key}"]["status"]["message"] == text
    assert "status" not in pods["no-status"]
    assert pods["null-status"]["status"] is None
    assert len(json.dumps(pods["huge-annotation"])) > 1_000_000
    fleets = [fleet["metadata"]["name"] for fleet in world.host.all_of(FLEETS, hostile.NAMESPACE)]
    assert fleets == ["hostile", "null-spec"]


def test_a_user_made_attached_cluster_becomes_ready_when_its_secret_is_there() -> None:
    world = running("calm", 1)
    world.host.create("secrets", kurator.secret("mine", "default", {"value": "{}"}))
    for name, secret in (("mine", "mine"), ("other", "absent")):
        meta, spec = {"name": name, "namespace": "default"}, {"kubeconfig": {"name": secret, "key": "value"}}
        attached = {
            "apiVersion": "cluster.kurator.dev/v1alpha1",
            "kind": "AttachedCluster",
            "metadata": meta,
            "spec": spec,
        }
        world.host.create(ATTACHED, attached)
    advance(world, 3)
    ready = {each["metadata"]["name"]: each["status"]["ready"] for each in world.host.all_of(ATTACHED)}
    assert ready == {"mine": True, "other": False}


def test_flux_answers_a_reconcile_request() -> None:
    world = running("calm", 1)
    place = (RELEASES, "default", "grafana")
    token = {"reconcile.fluxcd.io/requestedAt": "t-1"}
    world.host.modify(*place, lambda o: o["metadata"].setdefault("annotations", {}).update(token))
    advance(world, 3)
    release = world.host.find(*place)
    assert release is not None
    assert release["status"]["lastHandledReconcileAt"] == "t-1"


def test_a_deleted_fleet_lets_its_members_go() -> None:
    world = running("calm", 2)
    world.host.delete(FLEETS, "default", "production")
    advance(world, 10)
    assert world.host.find(FLEETS, "default", "production") is None
    assert plugin_releases(world) == []
    for attached in world.host.all_of(ATTACHED):
        assert kurator.FLEET_LABEL not in attached["metadata"]["labels"]


def test_faults_are_noted_without_servers() -> None:
    world = World(1)
    world.build({})
    apply(world, named("calm"))
    world.fault("prod-cloud", "hang")
    assert world.faults == {"prod-cloud": "hang"}


# -- game day ---------------------------------------------------------------------------------------------------

GAME = replace(named("game-day"), alive=False)
"""Without everyday life, which takes long to simulate and tells nothing."""


def game(seed: int, members: int) -> World:
    world = World(members, seed)
    world.build({})
    apply(world, GAME)
    return world


def begun(seed: int) -> list[tuple[float, str]]:
    return [(at, each.name) for at, each in game_day.chosen(seed, games())]


def test_a_game_day_is_the_same_for_a_seed_and_another_for_another() -> None:
    assert begun(1) == begun(1)
    assert len({tuple(begun(seed)) for seed in range(20)}) == 20
    assert {name for seed in range(60) for _at, name in begun(seed)} == {each.name for each in games()}
    for seed in range(20):
        times, names = zip(*begun(seed), strict=True)
        assert len(set(names)) == game_day.MOST
        assert 20 <= times[0] <= 60
        assert all(60 <= after - at <= 150.1 for at, after in itertools.pairwise(times))


def test_a_game_day_tells_where_what_happened_as_it_was_done() -> None:
    seed = next(seed for seed in range(99) if begun(seed)[0][1] == "outage")
    world = game(seed, 3)
    start = begun(seed)[0][0]
    seen = faults(world, start + 55)
    assert [(round(each.at - start), each.scenario, each.text) for each in world.story.happened] == [
        (0, "outage", f"begins: {SCENARIOS['outage'].summary}"),
        (10, "outage", "on-prem: its API server refuses connections"),
        (50, "outage", "on-prem: its API server answers again"),
    ]
    assert [(cluster, mode) for _at, cluster, mode in seen] == [("on-prem", "refuse"), ("on-prem", "none")]


def test_a_game_that_ends_early_says_how_much_was_to_come() -> None:
    world = game(1, 0)
    advance(world, begun(1)[0][0] + 1)
    lines = world.story.lines("game-day, seed 1: what happened when")
    assert lines[0] == "game-day, seed 1: what happened when"
    assert re.fullmatch(r"  09:0\d:\d\d  \+\dm\d\ds  \S+ +begins: .*", lines[1])
    assert lines[-1] == f"  {game_day.MOST - 1} more were to come"


def test_scenarios_that_are_no_game_tell_nothing() -> None:
    world = World(2)
    world.build({})
    apply(world, replace(named("outage"), alive=False))
    advance(world, 60)
    assert world.story.lines("t") == []


# -- calm -------------------------------------------------------------------------------------------------------


BUILT = ("pipelineruns.tekton.dev", "taskruns.tekton.dev")
"""Of the run that was under way."""


def test_in_a_calm_estate_nothing_happens_by_itself() -> None:
    world = running("calm", 2)
    advance(world, 60)  # what the controllers make of the estate as it was built
    before = written(world)
    advance(world, 300)
    changed = {resource for _cluster, resource, _name, _version in written(world) - before}
    assert changed <= {"events", "pods", *BUILT}
    assert not world.faults


def written(world: World) -> set[tuple[str, str, str, str]]:
    """What there is and in which version, but for what only says that its node is alive."""
    return {
        (name, resource, obj["metadata"]["name"], str(obj["metadata"]["resourceVersion"]))
        for name, cluster in world.clusters.items()
        for resource in cluster.types
        if resource not in ("leases.coordination.k8s.io", "nodes", *rounds.LOOKED_AT)
        for obj in cluster.all_of(resource)
    }


def test_a_game_says_which_incidents_it_brings_and_when_the_same_for_a_seed() -> None:
    brought = scenarios.played(GAME, seed=7)
    assert brought == scenarios.played(GAME, seed=7)
    assert {name for name, _each in brought} <= {name for _at, name in begun(7)}
    starts = {name: at for at, name in begun(7)}
    for name, each in brought:
        (own,) = [one for one in SCENARIOS[name].incidents if (one.code, one.of) == (each.code, each.of)]
        assert each.since == starts[name] + own.since
    assert scenarios.played(named("outage"), seed=7) == []
