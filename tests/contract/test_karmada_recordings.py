"""A live Karmada's recorded objects through raw kinds and joins: the tree of one propagation, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kurator_tui.fleet import propagation_steps, propagations
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.karmada import KARMADA_CLUSTER, karmada_cluster_health, served
from kurator_tui.kinds.karmada_propagation import (
    OVERRIDE_POLICY,
    PROPAGATION_POLICY,
    RESOURCE_BINDING,
    WORK,
)
from kurator_tui.kinds.propagations import PropagationRow, StepRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.fleet.karmada_objects import tree

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "recordings" / "karmada"
KINDS: tuple[AnyKind, ...] = (
    *(KARMADA_CLUSTER, PROPAGATION_POLICY, OVERRIDE_POLICY, RESOURCE_BINDING, WORK, DEPLOYMENT),
)

if not FOLDER.exists():
    pytest.skip(f"no recordings at {FOLDER}", allow_module_level=True)


@pytest.fixture
def seen() -> Seen:
    """The host with everything that was recorded, which lists of a server would bring."""
    store = Store()
    found = Seen(store, lambda: 0.0, lambda *_place: ())
    found.members = {HOST: Member(HOST, "Host")}
    store.set_freshness(HOST, "", Freshness(State.LIVE, 1.0))
    for kind in KINDS:
        page = RowDecoder(kind, HOST).page((FOLDER / f"{kind.id}.json").read_bytes())
        assert page.rows, kind.id
        store.put(kind.id, HOST, {row.uid: row for row in page.rows})
    return found


def _steps(seen: Seen) -> list[StepRow]:
    found = [row for row in propagation_steps.rows(seen, HOST) if isinstance(row, StepRow)]
    return sorted(found, key=lambda row: row.path)


def test_the_tree_of_the_recorded_deployment(seen: Seen) -> None:
    assert tree(_steps(seen)) == [
        "Deployment/nginx | degraded | unhealthy | unhealthy on member-1, member-2",
        "  pp/nginx | healthy | chosen | name match, the only policy",
        "  rb/nginx-deployment | healthy | scheduled | to 2 clusters, 4 replicas, divided weighted",
        "    member-1 | healthy | 2 replicas | named by the policy",
        "      op/nginx | healthy | applied | labels add env=testbed",
        "      wk/nginx-687f7fb96f | healthy | applied",
        "        seen by Karmada | degraded | Unhealthy | 0/2 ready",
        "    member-2 | healthy | 2 replicas | named by the policy",
        "      wk/nginx-687f7fb96f | healthy | applied",
        "        seen by Karmada | degraded | Unhealthy | 0/2 ready",
    ]


def test_each_hop_leads_to_the_object_it_is_about(seen: Seen) -> None:
    recorded = {
        (kind.id, item["metadata"].get("namespace", ""), item["metadata"]["name"])
        for kind in KINDS
        for item in json.loads((FOLDER / f"{kind.id}.json").read_text())["items"]
    }
    about = [(row.object_kind, row.object_namespace, row.object_name) for row in _steps(seen) if row.object_kind]
    assert len(about) == 8
    assert set(about) <= recorded


def test_the_recorded_binding_as_one_row(seen: Seen) -> None:
    (row,) = (row for row in propagations.rows(seen, HOST) if isinstance(row, PropagationRow))
    assert (row.namespace, row.kind, row.name, row.binding) == (
        "default",
        "Deployment",
        "nginx",
        "nginx-deployment",
    )
    assert (row.policy, row.match, row.note) == ("pp/nginx", "name match", "name match, the only policy")
    assert (row.clusters, row.replicas, row.applied) == ((("member-1", 2), ("member-2", 2)), 4, 2)
    assert (row.level, row.unhealthy, row.others, row.evicting) == (Level.DEGRADED, 2, 0, ())


def test_the_recorded_clusters_and_their_apis(seen: Seen) -> None:
    rows = {row.name: row for row in seen.rows(KARMADA_CLUSTER, HOST)}
    assert sorted(rows) == ["member-1", "member-2"]
    row = rows["member-1"]
    assert (row.provider, row.region, row.mode, row.complete) == ("loopback", "r-member-1", "Push", "True")
    assert (row.cpu, row.nodes, row.taints) == (None, None, ())
    assert "apps/v1 Deployment" in served(row)
    assert row.apis == len(served(row)) > 50
    assert karmada_cluster_health(row).level is Level.HEALTHY
