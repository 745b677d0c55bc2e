"""Members from the host's Fleets and cluster objects."""

from __future__ import annotations

from kurator_tui.fleet.membership import Member, context_members, members
from kurator_tui.kinds.kurator import FleetRow, ManagedClusterRow


def fleet(name: str, *listed: tuple[str, str], namespace: str = "default") -> FleetRow:
    return FleetRow("host", namespace, name, f"fleet-{name}", 1.0, members=listed)


def managed(kind: str, name: str, namespace: str = "default", secret: str = "") -> ManagedClusterRow:
    return ManagedClusterRow(
        "host", namespace, name, f"{kind}-{namespace}-{name}", 1.0, kind=kind, secret=secret, secret_key="value"
    )


def names(found: list[Member]) -> list[str]:
    return [member.name for member in found]


def test_members_are_the_clusters_that_fleets_list() -> None:
    rows = [managed("AttachedCluster", "a", secret="a"), managed("AttachedCluster", "b", secret="b")]
    assert names(members([fleet("prod", ("AttachedCluster", "a"))], rows)) == ["a"]


def test_without_any_fleet_every_cluster_object_is_a_member() -> None:
    rows = [managed("AttachedCluster", "a"), managed("Cluster", "b")]
    assert names(members([], rows)) == ["a", "b"]


def test_a_listed_cluster_that_does_not_exist_is_a_missing_member() -> None:
    (member,) = members([fleet("prod", ("Cluster", "gone"))], [])
    assert member.missing
    assert member.kind == "Cluster"


def test_only_the_chosen_fleet_counts() -> None:
    rows = [managed("AttachedCluster", "a"), managed("AttachedCluster", "b")]
    fleets = [fleet("one", ("AttachedCluster", "a")), fleet("two", ("AttachedCluster", "b"))]
    assert names(members(fleets, rows, only_fleet="two")) == ["b"]


def test_a_fleet_lists_clusters_of_its_own_namespace_only() -> None:
    rows = [managed("AttachedCluster", "a", "elsewhere")]
    (member,) = members([fleet("prod", ("AttachedCluster", "a"))], rows)
    assert member.missing


def test_the_same_name_twice_is_told_apart_by_namespace_then_kind() -> None:
    rows = [
        managed("AttachedCluster", "a", "one"),
        managed("AttachedCluster", "a", "two"),
        managed("Cluster", "a", "two"),
    ]
    fleets = [
        fleet("one", ("AttachedCluster", "a"), namespace="one"),
        fleet("two", ("AttachedCluster", "a"), ("Cluster", "a"), namespace="two"),
    ]
    assert names(members(fleets, rows)) == ["a.one", "a.two.attachedcluster", "a.two.cluster"]


def test_a_member_called_host_does_not_take_the_hosts_name() -> None:
    assert names(members([fleet("f", ("Cluster", "host"))], [managed("Cluster", "host")])) == ["host.default"]


def test_a_custom_cluster_is_shown_unless_an_attached_cluster_wraps_its_secret() -> None:
    custom = ManagedClusterRow(
        "host", "default", "metal", "c1", 1.0, kind="CustomCluster", secret_prefix="metal-kubeconfig-"
    )
    fleets = [fleet("prod", ("AttachedCluster", "a"))]
    plain = managed("AttachedCluster", "a", secret="a")
    assert names(members(fleets, [custom, plain])) == ["a", "metal"]
    wrapper = managed("AttachedCluster", "a", secret="metal-kubeconfig-x7k2p")
    assert names(members(fleets, [custom, wrapper])) == ["a"]


def test_a_longer_name_is_never_the_plain_name_of_another() -> None:
    fleets = [
        fleet("one", ("Cluster", "a"), namespace="b"),
        fleet("two", ("Cluster", "a"), namespace="c"),
        fleet("three", ("Cluster", "a.b"), namespace="d"),
    ]
    assert names(members(fleets, [])) == ["a.b.cluster", "a.b.d", "a.c"]


def test_a_context_called_host_is_a_member_under_another_name() -> None:
    found = context_members(["me", "host", "host.context"], "me")
    assert [(member.name, member.context) for member in found] == [
        ("host.context.context", "host"),
        ("host.context", "host.context"),
    ]
