"""Alerts: those that fire and mean something, with what they are about."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.alerts import ALERTS, AlertRow
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.velero import SCHEDULE
from kurator_tui.triage.analysers import alerts
from tests.unit.triage.objects import made, row
from tests.unit.triage.stage import NOW, Stage


def alert(name: str = "Slow", severity: str = "warning", state: str = "firing", **labels: str) -> AlertRow:
    return AlertRow(
        *("eu", "shop", name, f"u-{name}", NOW - 60),
        state=state,
        severity=severity,
        summary="half of all requests take a second",
        target=labels.get("pod", ""),
        labels=tuple(sorted(labels.items())),
    )


@pytest.mark.parametrize(
    ("word", "severity"), [("critical", "high"), ("warning", "medium"), ("", "medium"), ("P3", "low")]
)
def test_an_alert_that_fires_is_as_bad_as_its_rule_says(word: str, severity: str) -> None:
    stage = Stage(alerts.FIRES)
    stage.put(ALERTS, alert(severity=word))
    found = stage.one()
    assert (found.code, found.severity, found.created) == ("KT4101", severity, NOW - 60)
    assert found.message == "Slow: half of all requests take a second"


@pytest.mark.parametrize(
    "quiet",
    [alert(state="pending"), alert(severity="info"), alert(severity="none"), alert("Watchdog", "critical")],
    ids=["pending", "info", "none", "watchdog"],
)
def test_what_only_waits_or_informs_is_not_told_of(quiet: AlertRow) -> None:
    stage = Stage(alerts.FIRES)
    stage.put(ALERTS, quiet)
    assert stage.codes == []


def test_an_alert_about_a_pod_is_about_its_workload_and_node() -> None:
    pod = PodRow(
        "eu", "shop", "web-5d9c-x", "u-web", NOW, node="n1", owner_kind="ReplicaSet", owner="web-5d9c7f8b6"
    )
    stage = Stage(alerts.FIRES)
    stage.put(POD, pod)
    stage.put(ALERTS, alert(pod="web-5d9c-x"))
    found = stage.one()
    assert (found.mark("owner"), found.mark("node"), found.mark("alert")) == ("Deployment/web", "n1", "Slow")
    assert found.message.startswith("Slow (web-5d9c-x): ")


def test_an_alert_about_a_workload_or_a_node_says_so_itself() -> None:
    stage = Stage(alerts.FIRES)
    stage.put(ALERTS, alert("Short", deployment="web"), alert("Hot", node="n2"))
    found = {each.name: (each.mark("owner"), each.mark("node")) for each in stage.findings}
    assert found == {"Short": ("Deployment/web", ""), "Hot": ("", "n2")}


def test_an_alert_about_any_other_object_names_it_and_one_about_none_its_namespace_or_cluster() -> None:
    stage = Stage(alerts.FIRES)
    everywhere = AlertRow("eu", "", "Down", "u-Down", NOW, labels=(("severity", "critical"), ("job", "apiserver")))
    stage.put(
        ALERTS,
        alert("Full", persistentvolumeclaim="data", service="kube-state-metrics"),
        alert("Errors", namespace="shop"),
        everywhere,
    )
    found = {
        each.name: (each.mark("about"), each.mark("whole"), each.mark("whole_cluster")) for each in stage.findings
    }
    assert found == {"Full": ("data", "", ""), "Errors": ("", "shop", ""), "Down": ("", "", "eu")}


def test_an_alert_of_the_mesh_is_about_the_workload_that_was_called() -> None:
    stage = Stage(alerts.FIRES)
    labels = (("destination_workload", "cart"), ("destination_workload_namespace", "shop"))
    stage.put(ALERTS, AlertRow("eu", "", "HighErrorRate", "u", NOW, labels=labels))
    assert (stage.one().mark("owner"), stage.one().mark("namespace")) == ("Deployment/cart", "shop")


def test_an_alert_about_a_schedule_is_about_the_backup_that_it_was_made_for() -> None:
    stage = Stage(alerts.FIRES)
    meta = {"labels": {"kurator.dev/backup-name": "nightly"}}
    stage.put(SCHEDULE, row(SCHEDULE, made("eu-nightly", "velero", meta=meta, spec={"schedule": "0 1 * * *"})))
    stage.put(ALERTS, alert("VeleroBackupFailed", schedule="eu-nightly"))
    assert (stage.one().mark("schedule"), stage.one().mark("backup")) == ("eu-nightly", "nightly")
