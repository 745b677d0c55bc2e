"""Pictures of Policy & Backup: each section that is joined, 80×24 and 200×50, of rows as their joins make them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.fleet import backup_schedules, backups, compliance, exemptions, policies, uncovered, violations
from kurator_tui.fleet.join import Join
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.core import NAMESPACE
from kurator_tui.kinds.kyverno import POLICY_EXCEPTION
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.storage import PERSISTENT_VOLUME_CLAIM
from tests.ui.source import FakeSource, live_host
from tests.unit.fleet.backup_objects import DAILY, Backups
from tests.unit.fleet.joined import LIVE, NOW, Joined, meta
from tests.unit.fleet.policy_objects import Policies, result, rule

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
Compare = Callable[..., bool]
NOT_READY = {"conditions": [{"type": "Ready", "status": "False", "reason": "Failed", "message": "no webhook"}]}
MATCH = {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["monitoring"], "names": ["node-exporter*"]}}]}


def kind_of(join: Join) -> str:
    return join.kind.id


def console(estate: Joined) -> KuratorApp:
    """The console with the rows of a join, opened at them."""
    source, kind = FakeSource(), estate.join.kind
    live_host(source)
    for cluster in (HOST, "m1", "m2"):
        rows: list[Row] = estate.rows(cluster)
        source.store.set_freshness(cluster, "", LIVE)
        source.store.put(kind.id, cluster, {row.uid: row for row in rows})
        source.store.set_freshness(cluster, kind.id, LIVE)
    return KuratorApp(source, Settings(), clock=lambda: unix(NOW), view=kind.id)


def guarded(estate: Policies) -> Policies:
    """Two members: policies of every mode, failures of every severity, an exception that is used and one that is
    not."""
    for cluster in ("m1", "m2"):
        estate.policy("disallow-privileged-containers", "Enforce", rule("privileged"), cluster=cluster)
        overrides = [{"action": "Enforce", "namespaces": ["payments"]}]
        estate.policy("disallow-latest-tag", cluster=cluster, validationFailureActionOverrides=overrides)
        estate.policy("require-requests-limits", "Audit", rule("limits"), rule("requests"), cluster=cluster)
        estate.policy("default-deny", "Audit", rule("network-policy", "generate"), cluster=cluster)
    estate.policy("restrict-registries", "Enforce", status=NOT_READY, cluster="m2")
    found = [
        result(
            pod=f"web-{number}", policy="require-requests-limits", severity="low", message="limits are required"
        )
        for number in range(7)
    ]
    worse = result(policy="disallow-latest-tag", rule="tag", severity="high", message="An image tag is required.")
    worst = result(policy="disallow-privileged-containers", rule="privileged", severity="critical")
    passed = [result("pass", f"ok-{number}", "require-requests-limits") for number in range(20)]
    for each in (*found, worse, worst):
        each["timestamp"] = {"seconds": int(unix(NOW)) - 7200, "nanos": 0}
    estate.report(*found, *passed, cluster="m1")
    estate.report(worse, *passed[:3], namespace="payments", name="tags", cluster="m1")
    estate.report(worst, worse, *passed[:9], namespace="data", name="all", cluster="m2")
    error = result("error", policy="default-deny", rule="network-policy", message="timed out")
    estate.report(error, namespace="kube-system", name="deny", cluster="m2")
    skipped = result("skip", policy="disallow-latest-tag", message="rule is skipped due to policy exception a/b")
    estate.report(skipped, namespace="monitoring", name="exempt", cluster="m1")
    for name, policy in (("node-exporter", "disallow-latest-tag"), ("legacy", "no-longer-there")):
        spec = {"exceptions": [{"policyName": policy, "ruleNames": ["limits"]}], "match": MATCH}
        estate.put(POLICY_EXCEPTION, {"metadata": meta(name, "shop"), "spec": spec}, "m1")
    return estate


def saved(estate: Backups) -> Backups:
    """Two members: runs in several phases, a schedule that is late, one that is paused, namespaces none saves."""
    estate.backup(schedule=DAILY)
    for cluster, phase, more in (("m1", "Failed", {"failureReason": "no space left"}), ("m2", "Completed", {})):
        name = f"{cluster}-backup-apps-shop"
        estate.schedule(name, cluster=cluster, labels={"kurator.dev/backup-name": "shop"})
        progress = {"totalItems": 320, "itemsBackedUp": 320}
        began = {"startTimestamp": "2026-01-08T02:00:00Z", "completionTimestamp": "2026-01-08T02:05:00Z"}
        estate.run(f"{name}-1", cluster=cluster, schedule=name, **began)
        estate.run(f"{name}-2", phase, cluster, schedule=name, progress=progress, **more)
    estate.restore()
    estate.restored("m1-restore-apps-drill", "PartiallyFailed", errors=2, warnings=1)
    estate.migrate(sourceClusterStatus=None)
    estate.run("m1-migrate-apps-move", "InProgress", progress={"totalItems": 90, "itemsBackedUp": 30})
    estate.schedule("weekly", "30 3 * * 0", paused=True, template={"includedNamespaces": ["data"]})
    estate.location("Unavailable", "AccessDenied", cluster="m1")
    for space in ("shop", "data", "reports", "kube-system", "velero"):
        estate.put(NAMESPACE, {"metadata": meta(space), "status": {"phase": "Active"}})
    for space, number in (("data", 3), ("reports", 1)):
        for each in range(number):
            spec = {"resources": {"requests": {"storage": "20Gi"}}}
            estate.put(PERSISTENT_VOLUME_CLAIM, {"metadata": meta(f"data-{each}", space), "spec": spec})
    return estate


@SIZES
@pytest.mark.parametrize("join", [policies.JOIN, violations.JOIN, compliance.JOIN, exemptions.JOIN], ids=kind_of)
def test_policies(snap_compare: Compare, size: tuple[int, int], join: Join) -> None:
    assert snap_compare(console(guarded(Policies(join, "m1", "m2"))), terminal_size=size)


@SIZES
@pytest.mark.parametrize("join", [backups.JOIN, backup_schedules.JOIN, uncovered.JOIN], ids=kind_of)
def test_backups(snap_compare: Compare, size: tuple[int, int], join: Join) -> None:
    assert snap_compare(console(saved(Backups(join))), terminal_size=size)
