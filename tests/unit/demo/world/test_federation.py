"""What the demo's Karmada shows: each thing that may happen on the road from a template to its members."""

from __future__ import annotations

import json

import pytest

from kurator_tui.demo.world.world import World
from kurator_tui.fleet import propagation_steps, propagations
from kurator_tui.fleet.karmada_filters import told
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, SEVERITY, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.propagations import PropagationRow, StepRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store


@pytest.fixture(scope="module")
def seen() -> Seen:
    """The demo's objects as a console's lists would bring them."""
    world = World(6)
    world.build({})
    store = Store()
    found = Seen(store, lambda: 0.0, lambda *_place: ())
    found.members = {name: Member(name, "AttachedCluster", "default", name) for name in world.clusters}
    for name, cluster in world.clusters.items():
        store.set_freshness(name, "", Freshness(State.LIVE, 1.0))
        for kind in propagation_steps.JOIN.members:
            if kind.id in cluster.types:
                decoder = RowDecoder(kind, name)
                rows = [decoder.row(json.dumps(obj).encode()) for obj in cluster.all_of(kind.id)]
                store.put(kind.id, name, {row.uid: row for row in rows})
                store.set_freshness(name, kind.id, Freshness(State.LIVE, 1.0))
    return found


@pytest.fixture(scope="module")
def rows(seen: Seen) -> dict[str, PropagationRow]:
    return {row.name: row for row in propagations.rows(seen, HOST) if isinstance(row, PropagationRow)}


@pytest.fixture(scope="module")
def steps(seen: Seen) -> list[StepRow]:
    every = [row for name in seen.members for row in propagation_steps.rows(seen, name)]
    return [row for row in every if isinstance(row, StepRow)]


def _line(steps: list[StepRow], hop: str, name: str, member: str = "") -> StepRow:
    """The one line of a hop whose name begins so."""
    (found,) = (row for row in steps if (row.hop, row.member) == (hop, member) and row.name.startswith(name))
    return found


def test_something_fits_no_cluster_and_the_scheduler_says_what_the_filters_say(
    rows: dict[str, PropagationRow], steps: list[StepRow]
) -> None:
    row = rows["batch-scoring"]
    assert (row.level, row.state, row.reason) == (
        *(Level.FAILED, "NoClusterFit", "2 taint, 2 affinity, 2 API: no cluster fits"),
    )
    every, parts = told(_line(steps, "binding", "rb/batch-scoring").reason)
    assert (every, sum(part.number for part in parts)) == (6, 6)
    removed = {
        row.member: row.reason for row in steps if row.hop == "cluster" and row.root.endswith("batch-scoring")
    }
    assert len(removed) == 6
    assert removed["ai-cloud"] == "taint: dedicated=training:NoSchedule"
    assert removed["prod-cloud"] == "API: does not serve Job batch.volcano.sh/v1alpha1"


def test_policies_are_pre_empted_for_different_reasons(steps: list[StepRow]) -> None:
    lost = {row.name: row.reason for row in steps if row.state == "pre-empted" and "mqtt" not in row.root}
    assert lost == {
        "cpp/platform-defaults": "a cpp comes after pp/ingress-nginx-controller",
        "pp/edge-defaults": "kind match, pp/telemetry has a name match",
        "pp/telemetry-east-only": "priority 5 over 0, but preemption is Never: pp/telemetry keeps it",
    }


def test_overrides_are_applied_on_some_clusters(steps: list[StepRow]) -> None:
    found = {(row.name, row.member, row.state): row.reason for row in steps if row.hop == "override"}
    assert found == {
        ("op/ingress-mirror", "on-prem", "applied"): "image registry replace registry.dc1.example",
        ("cop/cost-labels", "prod-cloud", "applied"): "labels add cost-centre=4711",
    }


def test_an_eviction_is_in_progress(rows: dict[str, PropagationRow], steps: list[StepRow]) -> None:
    row = rows["telemetry"]
    assert (row.level, row.state, row.evicting) == (Level.PROGRESSING, "evicting", ("edge-cold-chain",))
    leaving = [row for row in steps if row.root.endswith("/telemetry") and row.member == "edge-cold-chain"]
    assert [row.hop for row in sorted(leaving, key=lambda row: row.path)] == [
        "cluster",
        "work",
        "object",
        "member",
    ]


def test_a_work_fails_to_apply_with_its_message(rows: dict[str, PropagationRow], steps: list[StepRow]) -> None:
    assert rows["feature-store"].level is Level.FAILED
    line = _line(steps, "work", "wk/feature-store", "on-prem")
    assert (line.level, line.state) == (Level.FAILED, "not applied")
    assert 'admission webhook "validate.kyverno.svc-fail" denied the request' in line.reason


def test_what_karmada_says_of_members_agrees_with_what_they_say(steps: list[StepRow]) -> None:
    """But for what a cluster that Karmada lost has come to since."""
    wrong = [row for row in steps if row.hop == "member" and "Karmada says" in row.reason]
    assert wrong == []
    worse = [row for row in steps if row.hop == "member" and SEVERITY[row.level] >= SEVERITY[Level.DEGRADED]]
    assert {row.cluster for row in worse} <= {"ai-cloud", "edge-cold-chain"}
