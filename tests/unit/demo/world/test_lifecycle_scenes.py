"""`upgrade` rolls machines and hosts one after another; `thanos-hole` takes a member's numbers away, and back."""

from __future__ import annotations

from dataclasses import replace

from multidict import MultiDict

from kurator_tui.demo import query_api
from kurator_tui.demo.series.estate import Metrics
from kurator_tui.demo.world.scenarios import apply, games, named
from kurator_tui.demo.world.scenes import game_day
from kurator_tui.demo.world.scenes.lifecycle import BACK, CUSTOM, GONE, MACHINES, PLANES, next_version
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

CLOUD, METAL = "prod-cloud", "on-prem"


def machines(world: World) -> dict[str, str]:
    found = [one for one in world.host.all_of(MACHINES, "default") if one["spec"]["clusterName"] == CLOUD]
    return {one["metadata"]["name"]: one["spec"]["version"] for one in found}


def kubelets(world: World, member: str) -> list[str]:
    return [node["status"]["nodeInfo"]["kubeletVersion"] for node in world.clusters[member].all_of("nodes")]


def test_machines_roll_one_after_another_until_all_have_the_version() -> None:
    world = running("upgrade", 6)
    old, told = world.plans[CLOUD].version, []
    new = next_version(old)
    world.on_version(lambda cluster, version: told.append((cluster, version)))
    before = len(machines(world))
    advance(world, 8)
    assert sorted(set(machines(world).values())) == [old, new]
    assert len(machines(world)) == before + 1
    assert set(kubelets(world, CLOUD)) == {old}
    advance(world, 60)
    assert sorted(set(kubelets(world, CLOUD))) == [old, new]
    advance(world, 120)
    assert set(kubelets(world, CLOUD)) == {new}
    running_ones = [version for name, version in machines(world).items() if "-n" in name]
    assert (len(machines(world)), set(running_ones)) == (before, {new})
    plane = world.host.find(PLANES, "default", f"{CLOUD}-kcp")
    assert plane is not None
    assert (plane["status"]["version"], plane["status"]["updatedReplicas"]) == (new, 3)
    assert (CLOUD, new) in told


def kubespray(world: World) -> tuple[str, str]:
    """Phases of the CustomCluster and of its worker pod."""
    custom = world.host.find(CUSTOM, "default", f"{METAL}-metal")
    pod = world.host.find("pods", "default", f"{METAL}-metal-upgrade-k8s2p")
    assert custom is not None
    assert pod is not None
    return custom["status"]["phase"], pod["status"]["phase"]


def test_kubespray_runs_in_a_pod_while_its_hosts_are_upgraded() -> None:
    world = running("upgrade", 6)
    advance(world, 30)
    assert kubespray(world) == ("Upgrading", "Running")
    assert len(set(kubelets(world, METAL))) == 2
    advance(world, 120)
    assert kubespray(world) == ("Provisioned", "Succeeded")
    assert set(kubelets(world, METAL)) == {next_version(world.plans[METAL].version)}


def test_a_member_without_a_sidecar_is_missing_from_thanos_and_not_from_its_own_prometheus() -> None:
    world = running("thanos-hole", 2)
    metrics, member = Metrics(world), world.members[0]
    up = query_api.selectors(MultiDict(query="up"))

    def clusters() -> set[str]:
        return {series.labels["cluster"] for series in metrics.fleet(up).series}

    advance(world, GONE + 1)
    assert clusters() == {world.members[1]}
    assert list(metrics.member(member, up).series)
    advance(world, BACK - GONE)
    assert clusters() == set(world.members)


def test_a_game_day_may_bring_an_upgrade_and_tells_it() -> None:
    seed = next(seed for seed in range(99) if game_day.chosen(seed, games())[0][1].name == "upgrade")
    world = World(6, seed)
    world.build({})
    apply(world, replace(named("game-day"), alive=False))
    advance(world, game_day.chosen(seed, games())[0][0] + 16)
    new = next_version(world.plans[CLOUD].version)
    told = [each.text for each in world.story.happened if each.scenario == "upgrade"]
    assert f"{CLOUD}: Kurator is asked for {new}" in told
    assert any(text.startswith(f"{METAL}: kubespray upgrades") for text in told)
    assert new in machines(world).values()
