"""What systems add to the clusters of an estate."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from kurator_tui.demo.apiserver import schemas, structure
from kurator_tui.demo.world.controllers import rounds
from kurator_tui.demo.world.installed import installed
from kurator_tui.demo.world.topology import HOST_PLAN, members
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running, writes

Obj = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> World:
    made = World(6)
    made.build({})
    return made


def _everything(world: World) -> Iterator[tuple[str, str, Obj]]:
    for name, cluster in world.clusters.items():
        for resource in cluster.types:
            for obj in cluster.all_of(resource):
                yield name, resource, obj


def _names(world: World, cluster: str, resource: str) -> set[str]:
    return {obj["metadata"]["name"] for obj in world.clusters[cluster].all_of(resource)}


def test_a_fleet_mixes_versions_of_one_kind(world: World) -> None:
    served: dict[str, set[str]] = {}
    for cluster in world.clusters.values():
        for resource, rt in cluster.types.items():
            served.setdefault(resource, set()).add(rt.version)
    assert served["helmreleases.helm.toolkit.fluxcd.io"] == {"v2beta1", "v2"}
    assert served["devices.devices.kubeedge.io"] == {"v1beta1", "v1alpha2"}
    assert served["clusterpolicies.kyverno.io"] == {"v1", "v2beta1"}
    assert served["virtualservices.networking.istio.io"] == {"v1beta1", "v1"}


def test_every_custom_kind_has_a_definition_but_aggregated_ones(world: World) -> None:
    for name, cluster in world.clusters.items():
        custom = {resource for resource, rt in cluster.types.items() if rt.custom}
        defined = _names(world, name, "customresourcedefinitions.apiextensions.k8s.io")
        assert custom - defined <= {"clusters.cluster.karmada.io"}
        assert defined <= custom


def test_owners_are_there_and_every_object_has_a_uid_of_its_own(world: World) -> None:
    uids = Counter((name, obj["metadata"]["uid"]) for name, _, obj in _everything(world))
    assert uids.most_common(1)[0][1] == 1
    for name, resource, obj in _everything(world):
        for owner in obj["metadata"].get("ownerReferences") or ():
            assert (name, owner["uid"]) in uids, (name, resource, obj["metadata"]["name"])


def test_every_namespace_that_is_used_exists(world: World) -> None:
    for name, resource, obj in _everything(world):
        namespace = obj["metadata"].get("namespace", "")
        if world.clusters[name].types[resource].namespaced:
            assert world.clusters[name].find("namespaces", "", namespace), (name, resource, namespace)


def test_nothing_is_born_in_the_future(world: World) -> None:
    now = world.clock.stamp()
    late = [
        (name, resource)
        for name, resource, obj in _everything(world)
        if obj["metadata"]["creationTimestamp"] > now
    ]
    assert late == []


def test_the_host_reports_what_velero_did_on_the_members(world: World) -> None:
    for backup in world.host.all_of("backups.backup.kurator.dev"):
        for detail in backup["status"]["backupDetails"]:
            runs = world.clusters[detail["clusterName"]].all_of("backups.velero.io")
            newest = [run for run in runs if run["metadata"]["name"].startswith(detail["backupNameInCluster"])]
            assert detail["backupStatusInCluster"] in [run["status"] for run in newest]


def test_kustomizations_are_named_after_policy_kind_and_cluster(world: World) -> None:
    found = _names(world, "host", "kustomizations.kustomize.toolkit.fluxcd.io")
    assert {"webapp-cluster-prod-cloud", "webapp-attachedcluster-on-prem"} <= found


def test_what_kustomizations_list_is_on_their_members(world: World) -> None:
    listed = 0
    for each in world.host.all_of("kustomizations.kustomize.toolkit.fluxcd.io"):
        member = next(name for name in world.members if each["metadata"]["name"].endswith(f"cluster-{name}"))
        for entry in (each["status"].get("inventory") or {}).get("entries", ()):
            namespace, name, group, kind = entry["id"].split("_")
            resource = f"{kind.lower()}s.{group}".removesuffix(".")
            assert world.clusters[member].find(resource, namespace, name) is not None, (member, entry["id"])
            listed += 1
    assert listed > 60


def test_what_charts_made_says_which_release_it_is_of(world: World) -> None:
    label = "helm.toolkit.fluxcd.io/name"
    releases = {obj["metadata"]["name"] for obj in world.host.all_of("helmreleases.helm.toolkit.fluxcd.io")}
    labelled = {
        labels[label]
        for name in world.members
        for obj in world.clusters[name].all_of("deployments.apps")
        if label in (labels := obj["metadata"].get("labels") or {})
    }
    assert labelled == {"erp-attachedcluster-on-prem", "feature-store-attachedcluster-ai-cloud"}
    assert labelled <= releases


def test_submariner_agrees_on_both_ends_of_a_tunnel_but_the_one_that_is_down_at_one_end(world: World) -> None:
    states = {}
    for name, cluster in world.clusters.items():
        for gateway in cluster.all_of("gateways.submariner.io"):
            for each in gateway["status"]["connections"]:
                states[name, each["endpoint"]["cluster_id"]] = each["status"]
    assert states
    different = {frozenset(pair) for pair, state in states.items() if states[pair[1], pair[0]] != state}
    assert different == {frozenset({"on-prem", "pre-cloud"})}
    assert states["on-prem", "pre-cloud"] == "error"


def test_claims_and_volumes_name_each_other(world: World) -> None:
    for cluster in world.clusters.values():
        volumes = {obj["metadata"]["name"]: obj for obj in cluster.all_of("persistentvolumes")}
        for claim in cluster.all_of("persistentvolumeclaims"):
            if claim["status"]["phase"] == "Bound":
                bound = volumes[claim["spec"]["volumeName"]]
                assert bound["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]


def test_what_stateful_pods_mount_is_claimed(world: World) -> None:
    for cluster in world.clusters.values():
        for pod in cluster.all_of("pods"):
            for volume in pod["spec"].get("volumes") or ():
                if "persistentVolumeClaim" in volume:
                    name = volume["persistentVolumeClaim"]["claimName"]
                    assert cluster.find("persistentvolumeclaims", pod["metadata"]["namespace"], name)


def test_secrets_hold_no_key_of_anybody(world: World) -> None:
    for _name, resource, obj in _everything(world):
        if resource == "secrets" and obj["type"] == "kubernetes.io/tls":
            assert "PRIVATE" not in str(obj["data"])


def test_built_in_kinds_have_the_fields_their_schemas_know(world: World) -> None:
    wrong = []
    for name, resource, obj in _everything(world):
        if not world.clusters[name].types[resource].custom:
            schema = schemas.of_object(obj)
            unknown: list[str] = []
            structure.pruned(schema, obj, "", unknown)
            wrong += [(resource, path) for path in unknown]
            wrong += [(resource, path) for path, _, _ in structure.misfits(schema, obj)]
    assert wrong == []


MOVED = (
    *("applications.apps.kurator.dev", "rollouts.argoproj.io", "pipelineruns.tekton.dev", "taskruns.tekton.dev"),
    *rounds.LOOKED_AT,
)
"""Custom kinds that controllers of the demo write even when nothing happens: copies, steps with a
pause, runs that were under way, moments of the last look."""


def test_controllers_leave_furniture_alone() -> None:
    world = running("still", 6)
    advance(world, 20)  # the scheduler counts its queues once
    before = {
        (name, resource, obj["metadata"]["uid"]): obj["metadata"]["resourceVersion"]
        for name, resource, obj in _everything(world)
        if (world.clusters[name].types[resource].custom and resource not in MOVED)
        or resource in ("jobs.batch", "cronjobs.batch", "services")
    }
    written = writes(world)
    advance(world, 120)
    after = {
        (name, resource, obj["metadata"]["uid"]): obj["metadata"]["resourceVersion"]
        for name, resource, obj in _everything(world)
    }
    assert {key: after.get(key) for key in before} == before
    assert writes(world) > written


def test_made_up_members_have_what_their_flavours_say() -> None:
    plans = members(20)
    for plan in plans[6:]:
        found = installed(plan)
        assert ("kubeedge" in found) == ("edge" in plan.flavours)
        assert "kyverno" in found
    assert "karmada" in installed(HOST_PLAN)
