"""Fleets that do not get done, members that are missing, plugins that nobody installed."""

from __future__ import annotations

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, FLEET
from kurator_tui.store.freshness import State
from kurator_tui.triage.analysers.fleets import ATTACHED, FLEETS, LONG, PLUGINS, REACHED
from tests.unit.triage.analysers.estate import Estate, attached, fleet, plugins, release


def test_a_fleet_that_failed_says_why() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet(phase="TerminateFailed", reason="pod f-delete failed"))
    assert (stage.one().code, stage.one().message) == ("KT2201", "pod f-delete failed")
    assert stage.one().mark("fleet") == "prod/f"


def test_a_fleet_that_runs_for_a_quarter_of_an_hour_is_stuck_and_a_ready_one_is_not() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet("a", phase="Running"), fleet("b"))
    assert stage.codes == []
    stage.wait(LONG)
    assert [(row.code, row.name) for row in stage.findings] == [("KT2202", "a")]


def test_time_over_rows_that_are_old_makes_no_fleet_stuck() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet("a", phase="Running"))
    stage.told(HOST, FLEET, State.STALE)
    stage.wait(LONG)
    assert stage.codes == []


def test_a_member_that_does_not_exist_is_found_until_it_is_made() -> None:
    stage = Estate(FLEETS)
    stage.add(ATTACHED_CLUSTER, attached("eu"))
    stage.add(FLEET, fleet("f", "eu", "us"))
    assert (stage.one().code, stage.one().message) == ("KT2203", "there is no AttachedCluster us in prod")
    assert (stage.one().mark("fleet"), stage.one().mark("member")) == ("prod/f", "us")
    stage.add(ATTACHED_CLUSTER, attached("us"))
    assert stage.codes == []


def test_a_member_that_kurator_could_not_reach_is_found() -> None:
    stage = Estate(ATTACHED)
    stage.add(ATTACHED_CLUSTER, attached("eu", ready=False), attached("us"), attached("new", ready=None))
    stage.wait(60)
    assert (stage.one().code, stage.one().mark("member")) == ("KT2204", "eu")


def test_submariner_needs_two_ready_members() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet("f", "eu", "us", plugin={"submariner": {}}))
    stage.add(ATTACHED_CLUSTER, attached("eu"), attached("us", ready=False))
    stage.wait(REACHED)
    assert (stage.one().code, stage.one().message) == ("KT2205", "1 of 2 members ready")
    stage.add(ATTACHED_CLUSTER, attached("us"))
    assert stage.codes == []


def test_a_plugin_that_a_ready_member_lacks_was_never_installed() -> None:
    stage = Estate(PLUGINS)
    plugins(stage, "velero-eu", "velero-us")
    assert stage.codes == []
    stage.wait(REACHED)
    assert (stage.one().code, stage.one().message) == ("KT2303", "backup: none on eu, us")
    stage.add(HELM_RELEASE, release("velero-eu", plugin="backup", component="velero"))
    assert (stage.one().message, stage.one().mark("member")) == ("backup: none on us", "us")


def test_plugins_that_are_all_there_and_members_that_are_not_ready_are_no_finding() -> None:
    stage = Estate(PLUGINS)
    plugins(stage, "velero-us")
    stage.add(ATTACHED_CLUSTER, attached("us", ready=False))
    stage.wait(REACHED)
    assert stage.codes == []
