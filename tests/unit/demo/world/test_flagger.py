"""Flagger's steps in simulated time: every phase of every strategy, its words, and who may interfere."""

from collections.abc import Callable
from typing import Any

import pytest

from kurator_tui.demo.world import flaggered
from kurator_tui.demo.world.cluster import Manner, SimCluster
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.controllers.flagger import CANARIES, governed
from kurator_tui.demo.world.controllers.flagger_made import ROUTES
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]
DEPLOYMENTS = "deployments.apps"
IMAGE = "registry.shop.example/webapp/next:v9.0.0"


@pytest.fixture
def world() -> World:
    return running("still", 3)


@pytest.fixture
def cluster(world: World) -> SimCluster:
    return world.clusters["prod-cloud"]


def get(cluster: SimCluster, resource: str, name: str, namespace: str = "webapp") -> Obj:
    found = cluster.find(resource, namespace, name)
    assert found is not None
    return found


def status(cluster: SimCluster, name: str = "backend", namespace: str = "webapp") -> Obj:
    found: Obj = get(cluster, CANARIES, name, namespace)["status"]
    return found


def push(cluster: SimCluster, name: str = "backend", image: str = IMAGE) -> None:
    """A new version arrives in the target."""

    def use(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = image

    cluster.modify(DEPLOYMENTS, "webapp", name, use)


def seen(world: World, cluster: SimCluster, seconds: int, name: str = "backend") -> list[tuple[str, int, int]]:
    """The different (phase, weight, iterations) of a Canary over some seconds."""
    found: list[tuple[str, int, int]] = []
    for _ in range(seconds):
        advance(world, 1)
        now = status(cluster, name)
        state = (now["phase"], now["canaryWeight"], now["iterations"])
        if found[-1:] != [state]:
            found.append(state)
    return found


def said(cluster: SimCluster, name: str = "backend") -> list[str]:
    """What Flagger said about a Canary, as `Type message`, oldest first."""
    events = [
        each
        for each in cluster.all_of("events")
        if each["reason"] == "Synced" and each["involvedObject"]["name"] == name
    ]
    events.sort(key=lambda each: (each["lastTimestamp"], int(each["metadata"]["resourceVersion"])))
    return [f"{each['type']} {each['message']}" for each in events]


def until(world: World, true: Callable[[], bool], limit: int = 300) -> None:
    for _ in range(limit):
        if true():
            return
        advance(world, 1)
    raise AssertionError("it never came")


def edit(cluster: SimCluster, name: str, **spec: Any) -> None:
    """Change a Canary by hand."""
    cluster.modify(CANARIES, "webapp", name, lambda o: o["spec"].update(spec))


def by_hand(cluster: SimCluster, name: str, **analysis: Any) -> None:
    """A Canary that no Application knows, for a Deployment that nobody gates yet."""
    metrics = [{"name": "request-success-rate", "interval": "30s", "thresholdRange": {"min": 99}}]
    spec = {
        "provider": "istio",
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "service": {"name": name, "port": 8080},
        "analysis": {"interval": "10s", "threshold": 2, "metrics": metrics, **analysis},
    }
    meta = {"name": name, "namespace": "webapp"}
    cluster.create(
        CANARIES, {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": meta, "spec": spec}
    )


def test_a_new_canary_gets_a_primary_and_its_target_is_scaled_to_zero(world: World, cluster: SimCluster) -> None:
    before = common.replicas_of(get(cluster, DEPLOYMENTS, "frontend"))
    by_hand(cluster, "frontend", maxWeight=50, stepWeight=10)
    phases = [phase for phase, _, _ in seen_from_nothing(world, cluster, "frontend", 40)]
    assert phases == ["Initializing", "Initialized"]
    primary = get(cluster, DEPLOYMENTS, "frontend-primary")
    assert common.replicas_of(primary) == before == primary["status"]["readyReplicas"]
    assert common.replicas_of(get(cluster, DEPLOYMENTS, "frontend")) == 0
    assert get(cluster, "services", "frontend")["spec"]["selector"] == {"app": "frontend-primary"}
    assert get(cluster, "services", "frontend-canary")["spec"]["selector"] == {"app": "frontend"}
    assert said(cluster, "frontend")[-1] == "Normal Initialization done! frontend.webapp"
    condition = status(cluster, "frontend")["conditions"][0]
    assert (condition["type"], condition["status"]) == ("Promoted", "True")


def seen_from_nothing(world: World, cluster: SimCluster, name: str, seconds: int) -> list[tuple[str, int, int]]:
    until(world, lambda: bool((get(cluster, CANARIES, name).get("status") or {}).get("phase")))
    first = status(cluster, name)
    found = [(first["phase"], first["canaryWeight"], first["iterations"])]
    for state in seen(world, cluster, seconds, name):
        if state != found[-1]:
            found.append(state)
    return found


def test_a_canary_climbs_by_its_steps_and_is_promoted(world: World, cluster: SimCluster) -> None:
    push(cluster)
    assert seen(world, cluster, 150) == [
        ("Succeeded", 0, 0),
        ("Progressing", 0, 0),
        *[("Progressing", weight, 0) for weight in (10, 20, 30, 40, 50)],
        ("Promoting", 0, 0),
        ("Finalising", 0, 0),
        ("Succeeded", 0, 0),
    ]
    place = "backend.webapp"
    assert said(cluster) == [
        f"Normal New revision detected! Scaling up {place}",
        f"Normal Starting canary analysis for {place}",
        *[f"Normal Advance {place} canary weight {weight}" for weight in (10, 20, 30, 40, 50)],
        f"Normal Copying {place} template spec to backend-primary.webapp",
        "Normal Routing all traffic to primary",
        f"Normal Promotion completed! Scaling down {place}",
    ]
    primary = get(cluster, DEPLOYMENTS, "backend-primary")["spec"]["template"]
    assert primary["spec"]["containers"][0]["image"] == IMAGE
    assert common.replicas_of(get(cluster, DEPLOYMENTS, "backend")) == 0
    now = status(cluster)
    assert now["lastPromotedSpec"] == now["lastAppliedSpec"]


def test_the_route_and_the_traffic_follow_the_weight(world: World, cluster: SimCluster) -> None:
    all_of_it = world.traffic.state("prod-cloud", "webapp", "backend-primary").rate
    push(cluster)
    until(world, lambda: status(cluster)["canaryWeight"] == 30)
    assert flaggered.canary_weight(get(cluster, ROUTES, "backend")) == 30
    canary, primary = (
        world.traffic.state("prod-cloud", "webapp", name) for name in ("backend", "backend-primary")
    )
    assert canary.rate > 0
    assert primary.rate == pytest.approx(0.7 * all_of_it)
    ready = get(cluster, DEPLOYMENTS, "backend")["status"]["readyReplicas"]
    assert ready == common.replicas_of(get(cluster, DEPLOYMENTS, "backend-primary"))
    until(world, lambda: status(cluster)["phase"] == "Succeeded")
    assert flaggered.canary_weight(get(cluster, ROUTES, "backend")) == 0
    assert world.traffic.state("prod-cloud", "webapp", "backend").rate == 0


def test_listed_weights_are_gone_through_and_the_way_back_has_steps(world: World, cluster: SimCluster) -> None:
    by_hand(cluster, "frontend", stepWeights=[5, 60], stepWeightPromotion=40)
    until(world, lambda: (get(cluster, CANARIES, "frontend").get("status") or {}).get("phase") == "Initialized")
    traffic = world.traffic.state("prod-cloud", "webapp", "frontend-primary")
    assert traffic.rate > 0
    push(cluster, "frontend")
    weights = [(phase, weight) for phase, weight, _ in seen(world, cluster, 150, "frontend")]
    assert weights[1:] == [
        ("Progressing", 0),
        ("Progressing", 5),
        ("Progressing", 60),
        ("Promoting", 0),
        ("Promoting", 20),
        ("Finalising", 0),
        ("Succeeded", 0),
    ]
    assert "Normal Advance frontend.webapp primary weight 80" in said(cluster, "frontend")


def test_ab_testing_counts_and_sends_only_matching_requests(world: World) -> None:
    cluster = world.clusters["on-prem"]
    push(cluster, "search")
    until(world, lambda: status(cluster, "search")["iterations"] == 3)
    chosen, others = get(cluster, ROUTES, "search")["spec"]["http"]
    assert chosen["match"] == get(cluster, CANARIES, "search")["spec"]["analysis"]["match"]
    assert [each["weight"] for each in chosen["route"]] == [0, 100]
    assert [each["weight"] for each in others["route"]] == [100]
    rest = seen(world, cluster, 90, "search")
    assert rest == [
        *[("Progressing", 0, number) for number in (3, 4, 5, 6)],
        ("Promoting", 0, 0),
        ("Finalising", 0, 0),
        ("Succeeded", 0, 0),
    ]
    assert "Normal Advance search.webapp canary iteration 6/6" in said(cluster, "search")


def test_blue_green_shows_the_new_version_to_nobody_until_the_end(world: World, cluster: SimCluster) -> None:
    push(cluster, "checkout")
    until(world, lambda: status(cluster, "checkout")["iterations"] == 5)
    assert flaggered.canary_weight(get(cluster, ROUTES, "checkout")) == 0
    until(world, lambda: status(cluster, "checkout")["iterations"] == 6)
    assert flaggered.canary_weight(get(cluster, ROUTES, "checkout")) == 100
    assert "Normal Routing all traffic to canary" in said(cluster, "checkout")
    assert [phase for phase, _, _ in seen(world, cluster, 60, "checkout")] == [
        "Progressing",
        "Promoting",
        "Finalising",
        "Succeeded",
    ]


def test_a_bad_version_is_rolled_back_on_its_own_member_only(world: World) -> None:
    for name in ("prod-cloud", "on-prem"):
        push(world.clusters[name])
    bad, good = world.clusters["on-prem"], world.clusters["prod-cloud"]
    bad.manners[IMAGE] = Manner(latency=1400, weight=30)
    checks = []
    for _ in range(150):
        advance(world, 1)
        checks.append(status(bad)["failedChecks"])
    assert max(checks) == 3
    assert (status(bad)["phase"], status(good)["phase"]) == ("Failed", "Succeeded")
    words = said(bad)
    assert words[-2:] == [
        "Warning Rolling back backend.webapp failed checks threshold reached 3",
        "Warning Canary failed! Scaling down backend.webapp",
    ]
    halted = [
        each for each in words if each.startswith("Warning Halt backend.webapp advancement request duration ")
    ]
    assert len(halted) == 3
    assert all(each.endswith(" > 500ms") for each in halted)
    assert flaggered.canary_weight(get(bad, ROUTES, "backend")) == 0
    assert common.replicas_of(get(bad, DEPLOYMENTS, "backend")) == 0
    assert get(bad, DEPLOYMENTS, "backend-primary")["spec"]["template"]["spec"]["containers"][0]["image"] != IMAGE
    condition = status(bad)["conditions"][0]
    assert (condition["status"], condition["reason"]) == ("False", "Failed")
    assert status(bad)["lastPromotedSpec"] != status(bad)["lastAppliedSpec"]


def test_blue_green_fails_by_its_success_rate(world: World, cluster: SimCluster) -> None:
    advance(world, 60)
    cluster.manners[IMAGE] = Manner(success=0.9)
    push(cluster, "checkout")
    until(world, lambda: status(cluster, "checkout")["failedChecks"] == 3)
    until(world, lambda: status(cluster, "checkout")["phase"] == "Failed")
    assert "Warning Halt checkout.webapp advancement success rate 90.00% < 99%" in said(cluster, "checkout")


def test_ab_testing_fails_by_its_success_rate(world: World) -> None:
    cluster = world.clusters["on-prem"]
    cluster.manners[IMAGE] = Manner(success=0.9)
    push(cluster, "search")
    until(world, lambda: status(cluster, "search")["phase"] == "Failed")
    assert status(cluster, "search")["iterations"] == 0
    assert "Warning Canary failed! Scaling down search.webapp" in said(cluster, "search")


def test_a_canary_without_requests_has_no_values(world: World, cluster: SimCluster) -> None:
    by_hand(cluster, "frontend", iterations=3)
    until(world, lambda: (get(cluster, CANARIES, "frontend").get("status") or {}).get("phase") == "Initialized")
    push(cluster, "frontend")
    until(world, lambda: status(cluster, "frontend")["phase"] == "Failed")
    assert any(
        each.startswith("Warning Halt advancement no values found for istio") for each in said(cluster, "frontend")
    )


def test_failed_checks_set_to_the_threshold_abort_at_the_next_look(world: World, cluster: SimCluster) -> None:
    push(cluster)
    until(world, lambda: status(cluster)["canaryWeight"] == 20)
    canary = get(cluster, CANARIES, "backend")
    cluster.set_status(CANARIES, canary, {**canary["status"], "failedChecks": 3})
    advance(world, 11)
    assert status(cluster)["phase"] == "Failed"
    assert "Warning Rolling back backend.webapp failed checks threshold reached 3" in said(cluster)


def test_a_suspended_canary_stays_where_it_is_and_says_so(world: World, cluster: SimCluster) -> None:
    before = status(cluster, "gateway", "payments")
    advance(world, 60)
    assert status(cluster, "gateway", "payments") == before
    assert said(cluster, "gateway")[-1] == "Normal skipping canary run as object is suspended"


def test_a_gate_keeps_promotion_waiting(world: World, cluster: SimCluster) -> None:
    advance(world, 40)
    assert status(cluster, "ledger", "payments")["phase"] == "WaitingPromotion"
    assert said(cluster, "ledger")[-1].startswith("Warning Halt ledger.payments advancement waiting for promotion")


def test_another_version_in_between_starts_over(world: World, cluster: SimCluster) -> None:
    push(cluster)
    until(world, lambda: status(cluster)["canaryWeight"] == 30)
    push(cluster, image=f"{IMAGE}1")
    until(world, lambda: status(cluster)["canaryWeight"] == 0)
    assert said(cluster)[-1] == "Normal New revision detected! Restarting analysis for backend.webapp"
    assert status(cluster)["phase"] == "Progressing"


def test_going_back_to_the_promoted_version_starts_nothing(world: World, cluster: SimCluster) -> None:
    before = get(cluster, DEPLOYMENTS, "backend")["spec"]["template"]["spec"]["containers"][0]["image"]
    push(cluster)
    until(world, lambda: status(cluster)["canaryWeight"] == 20)
    push(cluster, image=before)
    advance(world, 15)
    assert not [each for each in said(cluster) if "Restarting" in each]


def test_without_analysis_a_version_is_promoted_as_soon_as_it_is_ready(world: World, cluster: SimCluster) -> None:
    by_hand(cluster, "frontend", maxWeight=50, stepWeight=10)
    until(world, lambda: (get(cluster, CANARIES, "frontend").get("status") or {}).get("phase") == "Initialized")
    edit(cluster, "frontend", skipAnalysis=True)
    push(cluster, "frontend")
    assert [phase for phase, _, _ in seen(world, cluster, 60, "frontend")] == [
        "Initialized",
        "Progressing",
        "Succeeded",
    ]
    last = "Normal Promotion completed! Canary analysis was skipped for frontend.webapp"
    assert said(cluster, "frontend")[-1] == last


def test_a_version_that_never_starts_is_rolled_back_at_its_deadline(world: World, cluster: SimCluster) -> None:
    by_hand(cluster, "frontend", maxWeight=50, stepWeight=10)
    edit(cluster, "frontend", progressDeadlineSeconds=60)
    until(world, lambda: (get(cluster, CANARIES, "frontend").get("status") or {}).get("phase") == "Initialized")
    cluster.bad_images.add(IMAGE)
    push(cluster, "frontend")
    until(world, lambda: status(cluster, "frontend")["phase"] == "Failed")
    words = said(cluster, "frontend")
    assert any(each.startswith("Warning canary deployment frontend.webapp not ready: waiting") for each in words)
    assert any("Rolling back frontend.webapp progress deadline exceeded" in each for each in words)


def test_what_a_release_decides_about_is_left_alone_by_everybody_else(cluster: SimCluster) -> None:
    assert {("webapp", "backend"), ("webapp", "backend-primary")} <= governed(cluster)
    assert ("webapp", "frontend") not in governed(cluster)
