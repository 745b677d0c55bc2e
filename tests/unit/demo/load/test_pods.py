"""Rendered pods are what a kubelet would write, and say what the digest says of them."""

import json
import random
import statistics

import pytest

from kurator_tui.demo.load.pods import AFTER, TERMINATING, WORDS, WORKLOADS, Identity, PodState, first
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import POD
from kurator_tui.store.digest import line

IDENTITY = Identity(
    b"shop", b"web-6d4cf56db6-x7k2p0", b"6a2b", b"m0001-node-001", b"10.1.2.3", b"2026-11-01T00:00:00Z", 0
)
EVERY = [(workload, stage) for workload in range(len(WORKLOADS)) for stage in range(len(WORDS))]


def pod(workload: int, stage: int, restarts: int = 3) -> PodState:
    return PodState(IDENTITY._replace(workload=workload), stage, restarts, 4711, b"2026-11-20T10:00:00Z")


@pytest.mark.parametrize(("workload", "stage"), EVERY)
def test_the_console_reads_what_the_digest_says(workload: int, stage: int) -> None:
    state = pod(workload, stage)
    row = RowDecoder(POD, "m0001").row(state.body())
    assert line(row) == state.digest_line("m0001")
    assert (row.status, row.node, row.owner_kind) == (WORDS[stage], "m0001-node-001", WORKLOADS[workload].kind)
    assert row.deleting == (stage == TERMINATING)


@pytest.mark.parametrize(("workload", "stage"), EVERY)
def test_body_item_and_line_are_the_same_object(workload: int, stage: int) -> None:
    state = pod(workload, stage)
    body, item = json.loads(state.body()), json.loads(state.item())
    assert body == {"kind": "Pod", "apiVersion": "v1", **item}
    assert json.loads(state.line(b"MODIFIED")) == {"type": "MODIFIED", "object": body}
    assert state.line(b"DELETED").endswith(b"}\n")
    assert item["metadata"]["resourceVersion"] == "4711"


def test_no_hole_is_left_open() -> None:
    assert all(b"@{" not in pod(*each).line(b"ADDED") for each in EVERY)


def test_pods_weigh_what_real_ones_do() -> None:
    sizes = [len(pod(workload, 0).body()) for workload in range(len(WORKLOADS))]
    assert 5000 < statistics.mean(sizes) < 5800
    managed = json.loads(pod(0, 0).body())["metadata"]["managedFields"]
    assert 1200 < len(json.dumps(managed, separators=(",", ":"))) < 1700


def test_every_stage_leads_somewhere_but_termination() -> None:
    assert [stage for stage, after in enumerate(AFTER) if not after] == [TERMINATING]
    assert {stage for after in AFTER for stage in after} == set(range(len(WORDS))) - {WORDS.index("Pending")}


def test_the_first_pods_are_nearly_all_running() -> None:
    rng = random.Random(1)
    made = [first(IDENTITY, rng, 1) for _ in range(1000)]
    assert 900 < sum(WORDS[state.stage] == "Running" for state in made) < 1000
