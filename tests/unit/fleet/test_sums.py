"""Running sums are what counting anew would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from kurator_tui.fleet.sums import Sums
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.store import Store

PHASES = ["Running", "Succeeded", "Pending"]


def pod(uid: str, phase: str = "Running", ready: int = 1, node: str = "n1", cpu: int = 100) -> PodRow:
    return PodRow(
        "a", "default", uid, uid, 1.0, phase=phase, ready=ready, containers=1, node=node, cpu_requested=cpu
    )


def node(uid: str, ready: str = "True") -> NodeRow:
    return NodeRow("a", "", uid, uid, 1.0, ready=ready, cpu_allocatable=4000, memory_allocatable=1, gpus=2)


PODS = st.builds(
    pod,
    st.sampled_from("abcd"),
    st.sampled_from(PHASES),
    st.integers(0, 1),
    st.sampled_from(["", "n1"]),
    st.integers(0, 3),
)


@given(st.lists(PODS | st.sampled_from("abcd"), max_size=20))
def test_after_any_changes_the_sums_equal_a_count(steps: list[PodRow | str]) -> None:
    store = Store()
    sums = Sums(store, lambda _cluster: None)
    for step in steps:
        store.put(POD.id, "a", {step: None} if isinstance(step, str) else {step.uid: step})
    rows = [row for row in store.rows(POD.id) if isinstance(row, PodRow)]
    holding = [row for row in rows if row.node and row.phase != "Succeeded"]
    totals = sums.totals("a", nodes_listed=True, pods_listed=True)
    assert totals.pods == len(rows)
    assert totals.pods_ready == sum(row.ready for row in rows)
    assert totals.cpu_requested == sum(row.cpu_requested for row in holding)


def test_nodes_are_summed_and_forgotten() -> None:
    store, touched = Store(), list[str]()
    sums = Sums(store, touched.append)
    store.put(NODE.id, "a", {"n1": node("n1"), "n2": node("n2", "False")})
    totals = sums.totals("a", nodes_listed=False, pods_listed=False)
    assert (totals.nodes, totals.nodes_ready, totals.cpu_allocatable, totals.gpus) == (2, 1, 8000, 4)
    assert set(touched) == {"a"}
    sums.forget("a")
    assert sums.totals("a", nodes_listed=False, pods_listed=False).nodes is None


def test_a_change_that_moves_no_sum_touches_nothing() -> None:
    store, touched = Store(), list[str]()
    Sums(store, touched.append)
    store.put(POD.id, "a", {"x": pod("x")})
    touched.clear()
    store.put(POD.id, "a", {"x": structs.replace(pod("x"), restarts=9)})
    assert touched == []


def test_what_was_never_listed_is_not_counted_and_not_zero() -> None:
    sums = Sums(Store(), lambda _cluster: None)
    assert sums.totals("a", nodes_listed=False, pods_listed=False).pods is None
    assert sums.totals("a", nodes_listed=True, pods_listed=True).pods == 0
