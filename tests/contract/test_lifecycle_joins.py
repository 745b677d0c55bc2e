"""The joins of clusters' lives and of plugins take whatever the published CRDs allow, all versions together."""

from __future__ import annotations

from random import Random

import pytest

from kurator_tui.fleet import certificates, lifecycle, plugin_releases, plumbing, versions
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.cluster_api import MACHINE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from tests.contract import crds
from tests.unit.fleet.joined import Joined, meta

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

from tests.contract.filled import schemas
from tests.contract.schema_objects import full
from tests.contract.test_mesh_joins import check

JOINS = (lifecycle.JOIN, versions.JOIN, certificates.JOIN, plumbing.JOIN, plugin_releases.JOIN)
UNPUBLISHED = {
    "awsclusterstaticidentities.infrastructure.cluster.x-k8s.io",
    "cephclusters.ceph.rook.io",
}
"""Read, but of CRDs that are not among the published ones here."""
_OWNED = ("KubeadmControlPlane", "MachineSet", "CustomCluster")


def filled(join: Join, random: Random) -> Joined:
    """The host, and members that are a Cluster, a CustomCluster and attached, with three objects a release of each
    kind that a CRD describes. Names are few, so that objects refer to one another."""
    estate = Joined(join, "a", "b", "c")
    for name, registered in (("a", "Cluster"), ("b", "CustomCluster"), ("c", "AttachedCluster")):
        estate.seen.members = {**estate.seen.members, name: Member(name, registered, "ns-0", name)}
    places: list[tuple[str, tuple[AnyKind, ...]]] = [(HOST, join.host), *((name, join.members) for name in "abc")]
    for cluster, kinds in places:
        for kind in kinds:
            for number, schema in enumerate(schemas(kind) * 3):
                head = meta("abc"[number % 3], f"ns-{number // 3}") | {"uid": f"{kind.id}/{number}"}
                head |= {"labels": {"cluster.x-k8s.io/cluster-name": "abc"[number // 3 % 3]}}
                if random.random() < 0.5:
                    owner = {"kind": random.choice(_OWNED), "name": random.choice("abc"), "uid": "u"}
                    head |= {"ownerReferences": [{**owner, "controller": True}]}
                obj = {**full(random, schema, kind.projection), "metadata": head}
                if kind is MACHINE:
                    obj["spec"] = {**obj.get("spec", {}), "clusterName": "a"}
                estate.put(kind, obj, cluster)
    for name in "abc":
        probed = ClusterOverview(name, "", name, name, 0.0, server_expiry=estate.now + 1e6)
        estate.store.put(CLUSTERS.id, name, {name: probed})
    return estate


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("join", JOINS, ids=lambda join: str(join.kind.id))
def test_rows_are_made_of_whatever_the_crds_allow(join: Join, seed: int) -> None:
    """Rows are told apart, judged, and nothing in them acts on a terminal."""
    estate = filled(join, Random(f"{join.kind.id}/{seed}"))
    found: list[Row] = []
    for cluster in (HOST, "a", "b", "c"):
        rows = estate.rows(cluster)
        check(join.kind.id, rows)
        assert all(isinstance(join.kind.health(row).level, Level) for row in rows)
        found += rows
    assert found


def test_every_kind_that_is_read_of_kurator_and_cluster_api_has_a_schema() -> None:
    ours = ("kurator.dev", "cluster.x-k8s.io", "toolkit.fluxcd.io", "monitoring.coreos.com", "ceph.rook.io")
    read = {kind for join in JOINS for kind in (*join.host, *join.members) if kind.group.endswith(ours)}
    assert len(read) >= 10
    assert {kind.id for kind in read if not schemas(kind)} == UNPUBLISHED
