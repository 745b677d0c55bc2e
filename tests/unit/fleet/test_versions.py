"""What `versions` says of skew, of what is asked for, and of what may come next."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import versions
from kurator_tui.fleet.versions import next_minor, version_row
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from tests.unit.fleet.lifecycle_objects import NEW, OLD, Host, meta


def overview(name: str, version: str, **more: Any) -> ClusterOverview:
    return ClusterOverview(name, "", name, f"u-{name}", 0.0, version=version, kind="AttachedCluster", **more)


def member(version: str = OLD, name: str = "prod", kind: str = "Cluster") -> Host:
    host = Host(versions.JOIN)
    host.member(name, kind)
    host.store.replace(CLUSTERS.id, name, [overview(name, version)])
    return host


def node(name: str, kubelet: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {**meta(name), "labels": labels}, "status": {"nodeInfo": {"kubeletVersion": kubelet}}}


def test_what_kurator_is_asked_for_is_on_its_way_until_the_api_server_has_it() -> None:
    host = member()
    host.cluster(version=NEW)
    (row,) = host.rows("prod")
    assert (row.level, row.wanted, row.reason.split(";")[0]) == (Level.PROGRESSING, NEW, f"on its way to {NEW}")
    assert (row.next, row.route) == ("v1.28", "spec.version of the Kurator Cluster")
    host.store.replace(CLUSTERS.id, "prod", [overview("prod", NEW)])
    (row,) = host.rows("prod")
    assert (row.level, row.wanted) == (Level.HEALTHY, "")


def test_a_custom_cluster_behind_an_attached_one_is_asked_by_its_control_plane() -> None:
    host = member(name="dc1", kind="AttachedCluster")
    host.attached("dc1", "metal-kubeconfig-x7k2p")
    host.custom("metal")
    host.capi("metal", "CustomCluster")
    host.plane("metal", "v1.29.1")
    (row,) = host.rows("dc1")
    assert (row.kind, row.level) == ("CustomCluster", Level.DEGRADED)
    assert row.reason.startswith("v1.29.1 is 2 minors ahead, one at a time is possible: only the operator's log")


def test_kubelets_may_be_behind_so_far_and_never_ahead() -> None:
    def said(version: str, oldest: str, newest: str) -> tuple[Level, str]:
        row = version_row(overview("m", version), "AttachedCluster", "", (oldest, newest))
        return row.level, row.reason

    assert said("v1.28.1", "v1.25.0", "v1.28.1")[0] is Level.HEALTHY
    assert said("v1.27.1", "v1.24.0", "v1.27.1") == (
        Level.DEGRADED,
        "kubelet v1.24.0 is 3 minors behind, 2 are supported",
    )
    assert said("v1.27.1", "v1.27.1", "v1.28.0") == (
        Level.DEGRADED,
        "kubelet v1.28.0 is newer than its API server",
    )


def test_edge_nodes_count_in_kubeedges_own_versions_and_are_left_out() -> None:
    host = member("v1.30.1")
    host.put(NODE, node("n1", "v1.29.3"), "prod")
    host.put(NODE, node("e1", "v1.22.6-kubeedge-v1.12.1"), "prod")
    (row,) = host.rows("prod")
    assert (row.oldest, row.kubelets) == ("v1.29.3", 1)


@pytest.mark.parametrize(
    ("own", "kind", "after", "why_not"),
    [
        ((1, 25), "CustomCluster", "v1.26", ""),
        ((1, 26), "CustomCluster", "", "v1.27 is not possible: kubespray v2.22.1 installs v1.24 to v1.26"),
        ((1, 22), "CustomCluster", "", "v1.23 is not possible: kubespray v2.22.1 installs v1.24 to v1.26"),
        ((1, 27), "Cluster", "v1.28", ""),
        ((1, 30), "AttachedCluster", "v1.31", ""),
        (None, "Cluster", "", "its version is not known"),
    ],
)
def test_one_minor_at_a_time_and_what_does_not_go_is_named(
    own: tuple[int, int] | None, kind: str, after: str, why_not: str
) -> None:
    assert next_minor(own, kind) == (after, why_not)


def test_kurator_is_not_asked_to_go_back() -> None:
    host = member(NEW)
    host.cluster(version=OLD)
    (row,) = host.rows("prod")
    assert (row.level, "does not go back" in row.reason) == (Level.DEGRADED, True)


def test_a_cluster_that_never_answered_is_unknown() -> None:
    host = member("")
    (row,) = host.rows("prod")
    assert (row.level, row.next) == (Level.UNKNOWN, "")


def test_a_change_on_the_host_concerns_the_cluster_it_is_of() -> None:
    host = member()
    host.member("other", "AttachedCluster")
    host.cluster(version=NEW)
    assert versions.asked(host.seen) == {"prod": ("Cluster", NEW)}
    assert list(versions.rows(host.seen, HOST)) == []
