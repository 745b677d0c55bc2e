"""From rows to the logs that are meant by them."""

from __future__ import annotations

from kurator_tui.kinds.log_lines import LogSelector, LogTarget
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.screens.log_targets import alike, logged, merged
from tests.ui.estate import pod


def workload(cluster: str, name: str = "web") -> ObjectRow:
    return ObjectRow(cluster, "shop", name, f"uid-{cluster}", 0.0)


def test_pods_are_targets_one_container_of_them_if_it_is_named() -> None:
    rows = [pod("c1", "shop", "a"), pod("c2", "shop", "b")]
    found = logged("pods", rows)
    assert found.targets == (LogTarget("c1", "shop", "a"), LogTarget("c2", "shop", "b"))
    assert (found.title, found.many) == ("2 pods", True)
    one = logged("pods", rows[:1], "proxy")
    assert one.targets == (LogTarget("c1", "shop", "a", "proxy"),)
    assert (one.title, one.many) == ("proxy of a@c1", False)


def test_a_title_obeys_no_name() -> None:
    assert "\x1b" not in logged("pods", [pod("c1", "shop", "a\x1b[2J")]).title


def test_workloads_nodes_and_namespaces_are_selectors_where_they_are() -> None:
    assert logged("deployments.apps", [workload("c1")]).selectors == (
        LogSelector(("c1",), ("shop",), kind="deployments.apps", name="web"),
    )
    assert logged("nodes", [workload("c1", "n1")]).selectors == (LogSelector(("c1",), node="n1"),)
    assert logged("namespaces", [workload("c1", "shop")]).selectors == (LogSelector(("c1",), ("shop",)),)


def test_the_same_workload_everywhere_is_one_selector() -> None:
    found = merged("deployments.apps", [workload("c1"), workload("c2")], ("c1", "c2", "c3"))
    assert found.selectors == (LogSelector(("c1", "c2", "c3"), ("shop",), kind="deployments.apps", name="web"),)
    assert found.title == "web everywhere"


def test_pods_alike_share_the_labels_that_are_not_one_replica_sets_alone() -> None:
    labels = {"app": "web", "tier": "front", "pod-template-hash": "5c8f6", "controller-revision-hash": "x"}
    found = alike({"metadata": {"labels": labels}}, pod("c1", "shop", "web-1"), ())
    assert found == LogSelector((), ("shop",), "app=web,tier=front")


def test_a_pod_without_labels_is_like_no_other() -> None:
    row = pod("c1", "shop", "web-1")
    assert alike({"metadata": {"labels": {"pod-template-hash": "x"}}}, row, ()) is None
    assert alike({"metadata": "hostile"}, row, ()) is None
