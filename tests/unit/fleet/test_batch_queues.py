"""Volcano's queues as rows: share and deserved, why nothing moves, how they hang together, sums over members."""

from __future__ import annotations

import pytest

from kurator_tui.fleet.batch_queues import JOIN
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.batch import QUEUES, QueueRow, is_sum
from kurator_tui.kinds.volcano import POD_GROUP, QUEUE
from kurator_tui.store.freshness import State
from tests.unit.fleet.batch_objects import GPU, Estate, unschedulable


@pytest.fixture
def estate() -> Estate:
    """Two members with four nodes of eight GPUs each."""
    made = Estate()
    for cluster in ("m1", "m2"):
        for number in range(4):
            made.node(f"gpu-{number}", cluster, has={GPU: "8"})
    return made


def queue(estate: Estate, name: str, cluster: str = "m1") -> QueueRow:
    found = estate.rows(JOIN, cluster)[name]
    assert isinstance(found, QueueRow)
    return found


def cell(row: QueueRow, key: str) -> object:
    column = QUEUES.column(key)
    assert column is not None
    return column.value(row)


def gpus(number: int) -> dict[str, str]:
    return {GPU: str(number)}


# -- share and deserved -----------------------------------------------------------------------------------------


def test_what_a_queue_says_it_deserves_counts(estate: Estate) -> None:
    estate.queue("ml", deserved=gpus(16), allocated=gpus(8))
    row = queue(estate, "ml")
    assert (row.share, row.deserved_by, row.overused) == (0.5, "spec", False)
    assert cell(row, "used") == "8/16 gpu"


def test_without_it_the_weights_decide_and_the_row_says_that_it_was_computed(estate: Estate) -> None:
    estate.queue("a", weight=3, allocated=gpus(8))
    estate.queue("b", weight=1)
    estate.group("wants-all", "a", asks=gpus(32))
    estate.group("wants-too", "b", asks=gpus(32))
    row = queue(estate, "a")
    assert (row.deserved_amount, row.deserved_by) == (24.0, "weight")
    assert cell(row, "used") == "8/24~ gpu"


def test_a_queue_with_more_than_it_deserves_is_overused(estate: Estate) -> None:
    estate.queue("ml", deserved=gpus(4), allocated=gpus(8))
    row = queue(estate, "ml")
    assert row.overused
    assert (row.level, row.reason) == (Level.HEALTHY, "has 8 gpu, deserves 4")


def test_before_status_said_it_the_running_groups_say_what_is_allocated(estate: Estate) -> None:
    estate.put(
        QUEUE, {"metadata": {"name": "old", "uid": "o"}, "spec": {"weight": 1}, "status": {"state": "Open"}}
    )
    estate.group("runs", "old", phase="Running", asks=gpus(6))
    assert queue(estate, "old").used == 6.0


def test_nodes_that_take_no_pods_are_not_dealt_out(estate: Estate) -> None:
    estate.node("gpu-0", has={GPU: "8"}, ready="False")
    estate.node("gpu-1", has={GPU: "8"}, cordoned=True)
    estate.queue("a")
    estate.group("wants", "a", asks=gpus(64))
    assert queue(estate, "a").deserved_amount == 16.0


# -- why nothing moves ------------------------------------------------------------------------------------------


def test_a_closed_queue_is_fine_until_something_waits_in_it(estate: Estate) -> None:
    estate.queue("legacy", state="Closed")
    assert queue(estate, "legacy").level is Level.HEALTHY
    estate.group("late", "legacy")
    row = queue(estate, "legacy")
    assert (row.level, row.reason) == (Level.DEGRADED, "closed: 1 group waits")


def test_a_closed_parent_closes_the_queues_below(estate: Estate) -> None:
    estate.queue("eng", state="Closed")
    estate.queue("nlp", parent="eng")
    estate.group("g1", "nlp")
    estate.group("g2", "nlp")
    row = queue(estate, "nlp")
    assert (row.level, row.reason) == (Level.DEGRADED, "parent eng is closed: 2 groups wait")


def test_a_parent_that_is_not_there_is_told(estate: Estate) -> None:
    estate.queue("nlp", parent="eng")
    row = queue(estate, "nlp")
    assert (row.level, row.reason) == (Level.DEGRADED, "parent eng does not exist")


def test_a_capability_that_is_reached_holds_the_queue(estate: Estate) -> None:
    estate.queue("ml", capability=gpus(8), allocated=gpus(6))
    estate.group("next", "ml", asks=gpus(4))
    row = queue(estate, "ml")
    assert (row.level, row.reason) == (Level.DEGRADED, "capability reached: has 6 of 8 gpu, a group asks 4")


def test_a_group_that_can_never_fit_its_queue_is_told_apart(estate: Estate) -> None:
    estate.queue("ml", capability=gpus(8))
    estate.group("giant", "ml", asks=gpus(16))
    assert queue(estate, "ml").reason == "capability is 8 gpu, a group asks 16"


def test_the_capability_of_a_parent_holds_the_queues_below(estate: Estate) -> None:
    estate.queue("eng", capability=gpus(8), allocated=gpus(8))
    estate.queue("nlp", parent="eng")
    estate.group("next", "nlp", asks=gpus(2))
    assert queue(estate, "nlp").reason == "capability of parent eng reached: has 8 of 8 gpu, a group asks 2"


def fill(estate: Estate) -> None:
    """Pods take all devices."""
    for number in range(4):
        estate.pod(f"pod-{number}", f"gpu-{number}", gpu=8)


def test_a_queue_starves_while_another_one_holds_what_it_deserves(estate: Estate) -> None:
    fill(estate)
    estate.queue("flood", weight=1, allocated=gpus(32), reclaimable=False)
    estate.queue("prod", weight=3)
    estate.group("more", "flood", asks=gpus(8))
    estate.group("waits", "prod", asks=gpus(24))
    row = queue(estate, "prod")
    assert row.level is Level.DEGRADED
    assert row.reason == "starved: 0 of 24 gpu deserved, held by flood (24 over, not reclaimable)"


def test_the_queue_that_holds_it_says_who_waits(estate: Estate) -> None:
    fill(estate)
    estate.queue("flood", weight=1, allocated=gpus(32), reclaimable=False)
    estate.queue("prod", weight=3)
    estate.group("waits", "prod", asks=gpus(24))
    row = queue(estate, "flood")
    assert (row.level, row.reason) == (
        Level.DEGRADED,
        "has 32 gpu, deserves 8 while prod waits; not reclaimable",
    )


def test_it_says_so_while_more_of_its_own_waits(estate: Estate) -> None:
    fill(estate)
    estate.queue("flood", weight=1, allocated=gpus(32))
    estate.queue("prod", weight=3)
    estate.group("more", "flood", asks=gpus(8))
    estate.group("waits", "prod", asks=gpus(24))
    assert queue(estate, "flood").reason == "has 32 gpu, deserves 8 while prod waits"


def test_a_full_cluster_is_no_fault_of_a_queue(estate: Estate) -> None:
    fill(estate)
    estate.queue("a", deserved=gpus(8))
    estate.group("next", "a", asks=gpus(4))
    row = queue(estate, "a")
    assert (row.level, row.reason) == (Level.PROGRESSING, "no room: 0 of 32 gpu free")


def test_a_queue_over_its_share_waits_until_others_need_less(estate: Estate) -> None:
    estate.queue("a", deserved=gpus(8), allocated=gpus(16))
    estate.group("next", "a", asks=gpus(4))
    assert queue(estate, "a").reason == "over its share of gpu, 1 group waits until others need less"


def test_otherwise_the_scheduler_has_the_word(estate: Estate) -> None:
    estate.queue("a")
    estate.group("next", "a", conditions=unschedulable("NotEnoughTasks"))
    row = queue(estate, "a")
    assert (row.level, row.reason) == (Level.PROGRESSING, "1 group waits: NotEnoughTasks")


# -- half installed, forbidden, contradicting -------------------------------------------------------------------


def test_queues_without_any_state_say_that_no_controller_runs(estate: Estate) -> None:
    estate.put(QUEUE, {"metadata": {"name": "default", "uid": "d"}, "spec": {}})
    row = queue(estate, "default")
    assert row.level is Level.UNKNOWN
    assert "controller does not run" in row.reason


def test_without_pod_groups_what_is_asked_for_is_not_known(estate: Estate) -> None:
    estate.queue("a", status={"pending": 3})
    estate.state(POD_GROUP, State.FORBIDDEN)
    row = queue(estate, "a")
    assert row.deserved_amount == 32.0, "it may ask for all"
    assert row.reason == "3 groups wait"


def test_parents_in_a_circle_hang_on_nothing(estate: Estate) -> None:
    estate.queue("a", parent="b")
    estate.queue("b", parent="a")
    estate.queue("self", parent="self")
    assert {row.depth for row in estate.rows(JOIN).values()} == {0}


def test_values_of_the_wrong_type_cost_nobody_else(estate: Estate) -> None:
    estate.queue("odd", weight="many", capability="all", deserved=[1], allocated="none", parent=7)
    estate.queue("fine")
    assert set(estate.rows(JOIN)) == {"odd", "fine"}


# -- order and sums ---------------------------------------------------------------------------------------------


def test_queues_stand_below_their_parents_and_root_is_no_level(estate: Estate) -> None:
    for name, parent in (("root", ""), ("eng", "root"), ("nlp", "eng"), ("art", "root")):
        estate.queue(name, parent=parent)
    rows = sorted(estate.rows(JOIN).values(), key=lambda row: row.path)
    assert [cell(row, "name") for row in rows] == ["art", "eng", "  nlp", "root"]


def test_a_queue_on_several_members_of_a_fleet_has_a_sum_before_them(estate: Estate) -> None:
    estate.queue("ml", "m1", deserved=gpus(8), allocated=gpus(8), weight=2, status={"pending": 1, "running": 2})
    estate.queue("ml", "m2", deserved=gpus(24), allocated=gpus(8), weight=2, status={"pending": 2, "running": 3})
    total = queue(estate, "ml", HOST)
    assert is_sum(total)
    assert (total.members, total.share, total.pending, total.running) == (("m1", "m2"), 0.5, 3, 5)
    assert cell(total, "used") == "16/32 gpu"
    assert cell(total, "cluster") == "2 clusters"
    each = [queue(estate, "ml", cluster) for cluster in ("m2", "m1")]
    assert [row.cluster for row in sorted([*each, total], key=lambda row: row.path)] == [HOST, "m1", "m2"]


def test_a_queue_of_one_member_has_no_sum(estate: Estate) -> None:
    estate.queue("ml")
    assert estate.rows(JOIN, HOST) == {}


def test_a_sum_is_as_its_worst_member_and_says_which(estate: Estate) -> None:
    estate.queue("ml", "m1")
    estate.queue("ml", "m2", state="Closed")
    estate.group("late", "ml", "m2")
    row = queue(estate, "ml", HOST)
    assert (row.level, row.reason, row.state) == (Level.DEGRADED, "m2: closed: 1 group waits", "mixed")


def test_a_sum_says_whose_part_is_not_as_now(estate: Estate) -> None:
    estate.queue("ml", "m1")
    estate.queue("ml", "m2")
    estate.state(None, State.STALE, "m2")
    assert queue(estate, "ml", HOST).reason == "incomplete: m2 (stale)"


def test_a_sum_says_that_members_are_read_by_another_feeder(estate: Estate) -> None:
    estate.queue("ml", "m1")
    estate.queue("ml", "m2")
    estate.fleet("m1", "m2", "m3", "m4")
    assert queue(estate, "ml", HOST).reason == "incomplete: 2 members that are read elsewhere"


def test_a_member_of_no_fleet_is_in_no_sum(estate: Estate) -> None:
    estate.fleet("m1")
    estate.queue("ml", "m1")
    estate.queue("ml", "m2")
    assert estate.rows(JOIN, HOST) == {}
