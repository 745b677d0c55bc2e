"""The joins behind the Fleets and Clusters screens."""

from __future__ import annotations

import msgspec

from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.overviews import (
    MemberFacts,
    Totals,
    cluster_overview,
    fleet_overview,
    minor,
    newest_minor,
    plugin_cells,
)
from kurator_tui.fleet.troubles import Troubles
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.flux import HelmReleaseRow
from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.kinds.kurator import FleetRow
from kurator_tui.kinds.overview import MOST_FINDINGS, ClusterOverview
from kurator_tui.store.freshness import Freshness, State

LIVE = Freshness(State.LIVE, 100.0)
FLEET = FleetRow(
    "host",
    "default",
    "prod",
    "f1",
    1.0,
    phase="Ready",
    members=(("AttachedCluster", "a"), ("AttachedCluster", "b")),
    plugins=("kyverno", "grafana"),
    ready=2,
)
MEMBERS = {"a": "a", "b": "b"}


def release(name: str, plugin: str, component: str, *, ready: str = "True", remote: bool = True) -> HelmReleaseRow:
    return HelmReleaseRow(
        "host",
        "default",
        name,
        f"u-{name}",
        1.0,
        fleet="prod",
        plugin=plugin,
        component=component,
        ready=ready,
        reason="InstallFailed" if ready == "False" else "",
        message="image pull" if ready == "False" else "",
        remote=remote,
    )


def facts(name: str = "a", state: Freshness = LIVE, **more: object) -> MemberFacts:
    totals = Totals(nodes=3, nodes_ready=3, pods=10, pods_ready=10)
    base: dict[str, object] = {"version": "v1.29.3", "totals": totals, "fleets": ("prod",)}
    return MemberFacts(Member(name, "AttachedCluster", "default", name), state, **{**base, **more})  # type: ignore[arg-type]


def row(name: str, state: Freshness = LIVE, **more: object) -> ClusterOverview:
    return cluster_overview(facts(name, state, **more), (1, 31))


def test_minor_versions_and_the_newest_of_them() -> None:
    assert minor("v1.27.3+k3s1") == (1, 27)
    assert minor("unknown") is None
    assert newest_minor(["v1.9.1", "v1.31.0", ""]) == (1, 31)


def test_a_live_cluster_with_all_nodes_is_healthy_and_knows_its_skew() -> None:
    found = row("a")
    assert (found.level, found.reason, found.skew) == (Level.HEALTHY, "", 2)
    assert (found.nodes, found.pods) == (3, 10)


def test_nodes_that_are_not_ready_degrade_a_cluster_with_the_count() -> None:
    found = row("a", totals=Totals(nodes=3, nodes_ready=1))
    assert (found.level, found.reason) == (Level.DEGRADED, "2 of 3 nodes not ready")


def test_a_cluster_that_stopped_answering_keeps_its_numbers_and_says_why() -> None:
    found = row("a", Freshness(State.STALE, 90.0, "connection refused"))
    assert (found.level, found.reason, found.since) == (Level.STALE, "connection refused", 90.0)
    assert found.nodes == 3


def test_what_was_never_listed_is_nothing_not_zero() -> None:
    found = row("a", Freshness(State.UNREACHABLE, 1.0, "no route"), totals=Totals())
    assert found.nodes is None
    assert found.level is Level.FAILED


def test_membership_in_two_fleets_is_pointed_out() -> None:
    assert "2 fleets" in row("a", fleets=("one", "two")).reason


def test_plugin_cells_come_from_helm_releases_and_missing_ones_are_named() -> None:
    releases = [
        release("kyverno-a", "kyverno", "kyverno"),
        release("grafana", "grafana", "grafana", remote=False),
    ]
    cells = {(c.component, c.member): c for c in plugin_cells(FLEET, MEMBERS, releases)}
    assert cells[("kyverno", "a")].level is Level.HEALTHY
    assert cells[("grafana", "host")].level is Level.HEALTHY
    assert "no HelmRelease" in cells[("kyverno", "b")].reason


def test_releases_of_another_fleet_do_not_count() -> None:
    other = FleetRow("host", "default", "other", "f2", 1.0)
    assert plugin_cells(other, {}, [release("kyverno-a", "kyverno", "kyverno")]) == ()


def test_a_ready_fleet_with_a_failed_plugin_is_degraded_with_the_reason() -> None:
    releases = [
        release("kyverno-a", "kyverno", "kyverno"),
        release("kyverno-b", "kyverno", "kyverno", ready="False"),
        release("grafana", "grafana", "grafana", remote=False),
    ]
    found = fleet_overview(FLEET, [row("a"), row("b")], releases, LIVE)
    assert found.level is Level.DEGRADED
    assert found.reason == "kyverno on b: InstallFailed: image pull"
    assert (found.live, found.nodes, found.pods) == (2, 6, 20)


def test_a_fleet_counts_its_members_by_our_probe_not_by_kurators_belief() -> None:
    stale = Freshness(State.STALE, 90.0, "timed out")
    found = fleet_overview(FLEET, [row("a"), row("b", stale)], [], LIVE)
    assert (found.live, found.kurator_ready) == (1, 2)
    assert "b stale: timed out" in found.reason


def incident(
    uid: str, *clusters: str, severity: str = "high", target: str = "", state: str = "new"
) -> IncidentRow:
    row = IncidentRow(HOST, "", f"broken: {uid}", uid, 1.0, severity=severity, state=state, target=target)
    return msgspec.structs.replace(row, clusters=clusters)


def test_findings_are_open_incidents_about_members_and_the_fleets_own_objects_the_worst_first() -> None:
    incidents = [
        incident("c", "a", "b", severity="medium"),
        incident("b", "b", "elsewhere"),
        incident("low", "a", severity="low"),
        incident("over", "a", state="resolved"),
        incident("unseen", "a", severity="medium", state="unseen"),
        incident("away", "elsewhere"),
        incident("d", HOST, target=f"{HOST}/{FLEET.namespace}/shop"),
        incident("e", HOST, target=f"{HOST}/other/shop"),
    ]
    found = fleet_overview(FLEET, [row("a"), row("b")], [], LIVE, Troubles(incidents))
    assert [(each.level, each.where, each.reason) for each in found.findings] == [
        (Level.FAILED, "2 clusters", "broken: b"),
        (Level.FAILED, HOST, "broken: d"),
        (Level.DEGRADED, "2 clusters", "broken: c"),
        (Level.DEGRADED, "a", "broken: unseen"),
    ]
    assert found.found == 4
    counts = Troubles(incidents).counts()
    assert (counts["a"], counts["b"]) == ((2, Level.DEGRADED), (2, Level.FAILED))


def test_of_very_many_findings_all_are_counted_and_some_are_listed() -> None:
    troubles = Troubles([incident(f"{at}", "a") for at in range(300)])
    found = fleet_overview(FLEET, [row("a")], [], LIVE, troubles)
    assert (found.found, len(found.findings)) == (300, MOST_FINDINGS)


def test_a_fleet_is_stale_when_the_host_is() -> None:
    found = fleet_overview(FLEET, [row("a")], [], Freshness(State.STALE, 1.0, "refused"))
    assert (found.level, found.reason) == (Level.STALE, "host: refused")


def test_a_version_of_endless_digits_is_no_version() -> None:
    assert minor("v1." + "9" * 5000) is None
    assert minor("9" * 5000 + ".1") is None


def test_a_fleet_whose_members_were_never_listed_has_no_counts_rather_than_zeros() -> None:
    connecting = row("a", Freshness(State.CONNECTING, 1.0), totals=Totals())
    plain = msgspec.structs.replace(FLEET, plugins=())
    found = fleet_overview(plain, [connecting], [], LIVE)
    assert (found.nodes, found.pods, found.cpu_requested) == (None, None, None)
    assert found.level is Level.PROGRESSING
    empty = fleet_overview(plain, [], [], LIVE)
    assert (empty.nodes, empty.pods) == (0, 0)
