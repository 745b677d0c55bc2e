"""Rows of batch work: where Enter leads from them, and which objects they stand for."""

from __future__ import annotations

from kurator_tui.kinds.accelerators import AcceleratorRow
from kurator_tui.kinds.base import HOST, Subject
from kurator_tui.kinds.batch import PREEMPTIONS, QUEUES, JobRow, PreemptionRow, QueueRow, amount_text
from kurator_tui.kinds.children import row_children
from kurator_tui.kinds.links import Target
from kurator_tui.kinds.selectors import equal

GROUPS = "podgroups.scheduling.volcano.sh"


def test_a_queue_opens_its_jobs_or_groups_and_stands_for_the_queue() -> None:
    row = QueueRow("m1", "", "ml", "u", 0.0)
    mine = (("queue", "ml"),)
    assert row_children("batchqueues", row) == [
        Target("batchjobs", "m1", where=mine, title="ml"),
        Target(GROUPS, "m1", where=mine, title="ml"),
    ]
    assert QUEUES.subject is not None
    assert QUEUES.subject(row) == Subject("queues.scheduling.volcano.sh", "m1", "", "ml")


def test_a_sum_opens_those_of_all_clusters_and_stands_for_nothing() -> None:
    row = QueueRow(HOST, "", "ml", "u", 0.0, members=("m1", "m2"))
    assert [target.cluster for target in row_children("batchqueues", row)] == ["", ""]
    assert QUEUES.subject is not None
    assert QUEUES.subject(row) is None


def test_a_job_opens_its_pods() -> None:
    row = JobRow("m1", "ns", "train", "u", 0.0)
    assert row_children("batchjobs", row) == [
        Target("pods", "m1", "ns", labels=equal({"volcano.sh/job-name": "train"}))
    ]


def test_a_model_opens_the_nodes_that_have_it() -> None:
    labelled = AcceleratorRow("m1", "", "A100", "u", 0.0, model="A100", label="nvidia.com/gpu.product=A100")
    (target,) = row_children("accelerators", labelled)
    assert target == Target("nodes", "m1", labels=equal({"nvidia.com/gpu.product": "A100"}), title="A100")
    total = AcceleratorRow(HOST, "", "x", "u", 0.0, model="x", members=("m1", "m2"))
    assert row_children("accelerators", total) == [Target("nodes", title="x")]


def test_a_victim_opens_its_job_and_what_was_said_of_it() -> None:
    row = PreemptionRow("m1", "ns", "train-0", "u", 0.0, victim="train-0", job="train")
    kinds = [target.kind for target in row_children("preemptions", row)]
    assert kinds == ["batchjobs", "events"]
    assert PREEMPTIONS.subject is not None
    assert PREEMPTIONS.subject(row) == Subject("pods", "m1", "ns", "train-0")


def test_amounts_are_shown_in_the_unit_of_their_resource() -> None:
    assert [amount_text("cpu", 12.5), amount_text("memory", 2.0**36), amount_text("nvidia.com/gpu", 8.0)] == [
        *("12.5", "64Gi", "8"),
    ]
    assert amount_text("cpu", None) == ""
