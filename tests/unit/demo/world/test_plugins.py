"""What the fleets' plugins left in the estate, as the console's joins tell it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.demo.world.world import World
from kurator_tui.fleet import certificates, plugin_releases, plumbing
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

LIVE = Freshness(State.LIVE, 1.0)
BROKEN = "edge-cold-chain"


@pytest.fixture(scope="module")
def world() -> World:
    made = World(6)
    made.build({})
    return made


def joined(world: World, join: Join, cluster: str) -> dict[str, Any]:
    """Name -> row of `cluster`, from the objects of the estate."""
    store = Store()
    seen = Seen(store, world.clock.wall, lambda *_place: ())
    seen.members = {HOST: Member(HOST, "Host")}
    for name in world.members:
        plan = world.plans[name]
        kind = "AttachedCluster" if world.host.find(_ATTACHED, plan.namespace, name) else "Cluster"
        seen.members[name] = Member(name, kind, plan.namespace, name)
        store.set_freshness(name, "", LIVE)
    store.set_freshness(HOST, "", LIVE)
    for place, kinds in ((HOST, join.host), (cluster, join.members)):
        for each in kinds:
            if each.project is not None:  # else the console makes its rows itself
                _put(world, store, place, each)
    seen.begin(cluster)
    return {row.name: row for row in join.rows(seen, cluster)}


_ATTACHED = "attachedclusters.cluster.kurator.dev"


def _put(world: World, store: Store, cluster: str, kind: AnyKind) -> None:
    store.set_freshness(cluster, kind.id, LIVE)
    decoder = RowDecoder(kind, cluster)
    rows = [decoder.row(json.dumps(obj).encode()) for obj in world.clusters[cluster].all_of(kind.id)]
    store.replace(kind.id, cluster, rows)


def test_every_sidecar_is_exposed_at_an_address_that_thanos_of_its_fleet_is_given(world: World) -> None:
    for name in world.members:
        row = joined(world, plumbing.JOIN, name)[name]
        assert row.exposed == f"{world.plans[name].subnet}.200"
        assert row.level is Level.HEALTHY or row.reason.startswith("Prometheus:") or "Ceph" in row.reason, row
        assert row.fleet == world.plans[name].fleet


def test_the_endpoints_of_thanos_belong_to_its_release(world: World) -> None:
    for namespace in ("default", "edge"):
        for resource in ("services", "endpoints"):
            found = world.host.find(resource, namespace, "thanos-sidecar-remote")
            assert found is not None
            (owner,) = found["metadata"]["ownerReferences"]
            assert (owner["kind"], owner["name"]) == ("HelmRelease", "thanos")


def test_a_plugin_whose_image_left_the_catalogue_says_so_beside_its_release(world: World) -> None:
    row = joined(world, plugin_releases.JOIN, BROKEN)[f"prometheus-{BROKEN}"]
    assert (row.level, row.pod) == (Level.FAILED, "prometheus-prometheus-prometheus-0")
    assert "docker.io/bitnami/prometheus:2.44.0" in row.told
    assert "prometheus-prometheus-prometheus-0" in row.reason


def test_one_authority_of_webhooks_ends_in_twenty_days_and_the_others_in_years(world: World) -> None:
    found = {name: joined(world, certificates.JOIN, name) for name in world.clusters}
    ending = {(name, row.name, row.reason) for name, rows in found.items() for row in rows.values() if row.reason}
    assert ending == {
        ("on-prem", "istio-sidecar-injector", "ends in 20 days"),
        ("on-prem", "istio-validator-istio-system", "ends in 20 days"),
    }
    assert {"kurator-fleet-manager-validating-webhook", "cert-manager-webhook"} <= found["host"].keys()
    assert all("kyverno-resource-validating-webhook-cfg" in found[name] for name in world.members)
