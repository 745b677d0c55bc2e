"""Objects of Kurator's backups and of Velero for the tests of their joins."""

from __future__ import annotations

from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.kurator_backups import BACKUP as KURATOR_BACKUP
from kurator_tui.kinds.kurator_backups import MIGRATE
from kurator_tui.kinds.kurator_backups import RESTORE as KURATOR_RESTORE
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION, RESTORE, SCHEDULE
from tests.unit.fleet.joined import Joined, Object, meta

DAILY = "0 2 * * *"


class Backups(Joined):
    """Fleet `prod` of `m1` and `m2`, with Velero and its storage in order on both; nothing is saved yet."""

    def __init__(self, join: Join) -> None:
        super().__init__(join, "m1", "m2")
        self.fleet("m1", "m2")
        for name in ("m1", "m2"):
            self.velero(1, name)
            self.location(cluster=name)

    def fleet(self, *names: str) -> None:
        clusters = [{"kind": "AttachedCluster", "name": name} for name in names]
        self.put(FLEET, {"metadata": meta("prod", "apps"), "spec": {"clusters": clusters}}, HOST)

    def velero(self, ready: int, cluster: str = "m1") -> None:
        obj = {"metadata": meta(f"velero-velero-{cluster}", "velero"), "spec": {"replicas": 1}}
        self.put(DEPLOYMENT, {**obj, "status": {"readyReplicas": ready, "replicas": 1}}, cluster)

    def location(
        self, phase: str = "Available", message: str = "", name: str = "default", cluster: str = "m1"
    ) -> None:
        status = {"phase": phase, "message": message, "lastValidationTime": "2026-01-10T11:59:00Z"}
        self.put(
            BACKUP_STORAGE_LOCATION,
            {"metadata": meta(name, "velero"), "spec": {"default": True}, "status": status},
            cluster,
        )

    # -- Kurator ------------------------------------------------------------------------------------------------

    def backup(self, *details: Object, schedule: str = "", clusters: tuple[str, ...] = (), **more: Any) -> None:
        spec: Object = {"destination": destination(*clusters), **more}
        if schedule:
            spec["schedule"] = schedule
        body = {"metadata": meta("shop", "apps"), "spec": spec, "status": {"backupDetails": list(details)}}
        self.put(KURATOR_BACKUP, body, HOST)

    def restore(self, *details: Object, backup: str = "shop", clusters: tuple[str, ...] = ()) -> None:
        spec: Object = {"backupName": backup}
        if clusters:
            spec["destination"] = destination(*clusters)
        body = {"metadata": meta("drill", "apps"), "spec": spec, "status": {"restoreDetails": list(details)}}
        self.put(KURATOR_RESTORE, body, HOST)

    def migrate(self, source: tuple[str, ...] = ("m1",), **status: Any) -> None:
        spec = {"sourceCluster": destination(*source), "targetCluster": destination("m2")}
        self.put(MIGRATE, {"metadata": meta("move", "apps"), "spec": spec, "status": status}, HOST)

    # -- Velero -------------------------------------------------------------------------------------------------

    def run(self, name: str, phase: str = "Completed", cluster: str = "m1", **more: Any) -> None:
        """A Velero Backup; `schedule`, `labels` and fields of its status are `more`."""
        labels = more.pop("labels", {})
        if schedule := more.pop("schedule", ""):
            labels = {**labels, "velero.io/schedule-name": schedule}
        spec = {"storageLocation": "default"}
        obj = {"metadata": meta(name, "velero", labels=labels), "spec": spec, "status": status(phase, **more)}
        self.put(BACKUP, obj, cluster)

    def restored(self, name: str, phase: str = "Completed", cluster: str = "m1", **more: Any) -> None:
        self.put(RESTORE, {"metadata": meta(name, "velero"), "status": status(phase, **more)}, cluster)

    def schedule(
        self, name: str = "nightly", cron: str = DAILY, phase: str = "Enabled", cluster: str = "m1", **more: Any
    ) -> None:
        template = more.pop("template", {"includedNamespaces": ["shop"], "storageLocation": "default"})
        about = meta(name, "velero", labels=more.pop("labels", {}))
        about["creationTimestamp"] = more.pop("created", about["creationTimestamp"])
        told = {"phase": phase, "validationErrors": more.pop("refused", [])}
        self.put(
            SCHEDULE,
            {"metadata": about, "spec": {"schedule": cron, "template": template, **more}, "status": told},
            cluster,
        )


def destination(*clusters: str) -> Object:
    found: Object = {"fleet": "prod"}
    if clusters:
        found["clusters"] = [{"kind": "AttachedCluster", "name": name} for name in clusters]
    return found


def status(phase: str, **more: Any) -> Object:
    """Of a run at two in the tests' night that took five minutes."""
    found: Object = {"phase": phase, "startTimestamp": "2026-01-10T02:00:00Z"}
    if phase in ("Completed", "PartiallyFailed", "Failed"):
        found["completionTimestamp"] = "2026-01-10T02:05:00Z"
    return {**found, **more}


def detail(cluster: str, phase: str, name: str = "", step: str = "backup", **more: Any) -> Object:
    """What Kurator copies of a cluster's run."""
    return {
        "clusterName": cluster,
        "clusterKind": "AttachedCluster",
        f"{step}NameInCluster": name or f"{cluster}-{step}-apps-shop",
        f"{step}StatusInCluster": status(phase, **more) if phase else None,
    }
