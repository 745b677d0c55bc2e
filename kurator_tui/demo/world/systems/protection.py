"""Backups: Kurator's unified kinds on the host, and the Velero objects on the members that they stand for.

Both sides are made of one table, so that a member's Velero Backup is what the host's Backup reports.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition
from kurator_tui.demo.world.topology import MAIN_FLEET, MAIN_NAMESPACE, ClusterPlan

Obj = dict[str, Any]

_KURATOR, _VELERO = "backup.kurator.dev/v1alpha1", "velero.io/v1"
_LOCATION = "default"


@dataclass(frozen=True, slots=True)
class Plan:
    """One Kurator Backup: a schedule or a single run `ago` seconds ago, in these namespaces.

    `cron` has places for the minute, hour and day of the week of its last run.
    """

    name: str
    namespaces: tuple[str, ...]
    ago: float
    cron: str = ""
    every: float = DAY
    kept: int = 1


PLANS = (
    Plan("webapp-nightly", ("webapp",), 7 * HOUR, "{m} {h} * * *", DAY, 5),
    Plan("payments-hourly", ("payments",), 20 * MINUTE, "{m} * * * *", HOUR, 4),
    Plan("erp-weekly", ("erp",), 3 * DAY, "{m} {h} * * {d}", 7 * DAY, 3),
    Plan("before-upgrade", ("webapp", "monitoring"), 9 * DAY),
)
_TROUBLE: dict[tuple[str, str], tuple[str, Obj]] = {
    ("webapp-nightly", "on-prem"): (
        "PartiallyFailed",
        {"errors": 2, "warnings": 1},
    ),
    ("before-upgrade", "pre-cloud"): (
        "Failed",
        {
            "failureReason": "error checking if backup already exists in object storage: rpc error: code "
            "= Unknown desc "
            "= RequestError: send request failed caused by: dial tcp: lookup minio.storage.example: i/o timeout"
        },
    ),
    ("payments-hourly", "prod-cloud"): ("InProgress", {}),
}
_UNREACHABLE = (
    'BackupStorageLocation "default" is unavailable: rpc error: code = Unknown desc = AccessDenied: Access Denied '
    "status code: 403, request id: 17A9F1C02B5E6D11"
)


def covered(plan: Plan, members: tuple[ClusterPlan, ...]) -> list[ClusterPlan]:
    """The members a Kurator Backup goes to: those of the main fleet that run what it saves."""
    flavour = {"webapp": "web", "payments": "payments", "erp": "erp"}[plan.namespaces[0]]
    return [each for each in members if each.fleet == MAIN_FLEET and flavour in each.flavours]


def _status(site: Site, plan: Plan, cluster: str, number: int) -> Obj:
    """The Velero status of run `number` (0 the newest); the same wherever it is asked for."""
    rng = random.Random(f"{plan.name}/{cluster}/{number}")
    phase, more = _TROUBLE.get((plan.name, cluster), ("Completed", {})) if not number else ("Completed", {})
    total = rng.randint(90, 900)
    start = plan.ago + number * plan.every
    running = phase == "InProgress"
    done = total * 2 // 3 if running else 0 if phase == "Failed" else total
    made: Obj = {
        "phase": phase,
        "formatVersion": "1.1.0",
        "version": 1,
        "startTimestamp": site.stamp(start),
        "expiration": site.stamp(start - 30 * DAY),
        "progress": {"totalItems": total, "itemsBackedUp": done},
        **more,
    }
    if not running:
        made["completionTimestamp"] = site.stamp(start - rng.randint(30, 400))
    return made


def host_objects(site: Site) -> Iterator[Obj]:
    """Backups, Restores and a Migrate on the host."""
    for plan in PLANS:
        targets = covered(plan, site.members)
        if targets:
            yield _kurator_backup(site, plan, targets)
    yield from _restores(site)
    yield from _migrates(site)


def _cron(site: Site, plan: Plan) -> str:
    """The schedule by which the last run was due when it began."""
    last = datetime.strptime(site.stamp(plan.ago), "%Y-%m-%dT%H:%M:%S%z")
    return plan.cron.format(m=last.minute, h=last.hour, d=last.isoweekday() % 7)


def in_cluster(cluster: str, what: str, name: str) -> str:
    """The name of a Velero object that Kurator makes on a member."""
    return f"{cluster}-{what}-{MAIN_NAMESPACE}-{name}"


def _kurator_backup(site: Site, plan: Plan, targets: list[ClusterPlan]) -> Obj:
    details = [
        {
            "clusterName": each.name,
            "clusterKind": kurator.reference(each)["kind"],
            "backupNameInCluster": in_cluster(each.name, "backup", plan.name),
            "backupStatusInCluster": _status(site, plan, each.name, 0),
        }
        for each in targets
    ]
    spec: Obj = {
        "destination": {"fleet": MAIN_FLEET, "clusters": [kurator.reference(each) for each in targets]},
        "policy": {"ttl": "720h0m0s", "resourceFilter": {"includedNamespaces": list(plan.namespaces)}},
    }
    if plan.cron:
        spec["schedule"] = _cron(site, plan)
    meta = {"finalizers": ["backup.kurator.dev"]}
    age = plan.ago + (40 * DAY if plan.cron else 0)
    status = {"backupDetails": details}
    return site.make(_KURATOR, "Backup", plan.name, MAIN_NAMESPACE, age=age, meta=meta, spec=spec, status=status)


_RESTORES = (("webapp-drill", "webapp-nightly", "Completed"), ("erp-reporting", "erp-weekly", "PartiallyFailed"))


def _restores(site: Site) -> Iterator[Obj]:
    plans = {plan.name: plan for plan in PLANS}
    for name, backup, phase in _RESTORES:
        targets = covered(plans[backup], site.members)[:1]
        if not targets:
            continue
        details = [
            {
                "clusterName": each.name,
                "clusterKind": kurator.reference(each)["kind"],
                "restoreNameInCluster": in_cluster(each.name, "restore", name),
                "restoreStatusInCluster": _restored(site, phase),
            }
            for each in targets
        ]
        spec = {
            "backupName": backup,
            "destination": {"fleet": MAIN_FLEET, "clusters": [kurator.reference(each) for each in targets]},
            "policy": {"resourceFilter": {}, "namespaceMapping": {"webapp": "webapp-drill"}},
        }
        meta = {"finalizers": ["restore.kurator.dev"]}
        status = {"restoreDetails": details}
        yield site.make(
            _KURATOR, "Restore", name, MAIN_NAMESPACE, age=2 * DAY, meta=meta, spec=spec, status=status
        )


def _restored(site: Site, phase: str) -> Obj:
    start = 2 * DAY - MINUTE
    wrong = {"errors": 1, "warnings": 3} if phase != "Completed" else {"warnings": 2}
    return {
        "phase": phase,
        "startTimestamp": site.stamp(start),
        "completionTimestamp": site.stamp(start - 95),
        "progress": {"totalItems": 214, "itemsRestored": 214},
        **wrong,
    }


#: (name, source, target, whether it is done).
_MIGRATES = (
    ("webapp-to-pre", "prod-cloud", "pre-cloud", True),
    ("procurement-to-cloud", "on-prem", "prod-cloud", False),
)


def _moved(site: Site, *, done: bool) -> tuple[Obj, Obj]:
    """Velero's statuses of a Migrate: of the Backup on its source, of the Restore on its target."""
    saved: Obj = {
        "phase": "Completed",
        "startTimestamp": site.stamp(30 * MINUTE),
        "completionTimestamp": site.stamp(25 * MINUTE),
        "progress": {"totalItems": 128, "itemsBackedUp": 128},
    }
    restored: Obj = {
        "phase": "Completed" if done else "InProgress",
        "startTimestamp": site.stamp(24 * MINUTE),
        "progress": {"totalItems": 128, "itemsRestored": 128 if done else 61},
    }
    return saved, restored


def _moves(site: Site) -> Iterator[Obj]:
    """What Velero has of the Migrates on this member."""
    names = {each.name for each in site.members}
    site = site.apart("migrates")
    for name, source, target, done in _MIGRATES:
        if not {source, target} <= names:
            continue
        saved, restored = _moved(site, done=done)
        if site.name == source:
            full, labels = in_cluster(source, "migrate", name), labels_of("migrate", name)
            labels["labels"]["velero.io/storage-location"] = _LOCATION
            spec: Obj = {"includedNamespaces": [name.partition("-")[0]], "storageLocation": _LOCATION}
            yield site.make(
                _VELERO, "Backup", full, "velero", age=30 * MINUTE, meta=labels, spec=spec, status=saved
            )
        if site.name == target:
            full, labels = in_cluster(target, "migrate", name), labels_of("migrate", name)
            spec = {"backupName": in_cluster(source, "migrate", name), "includedNamespaces": ["*"]}
            yield site.make(
                _VELERO, "Restore", full, "velero", age=24 * MINUTE, meta=labels, spec=spec, status=restored
            )


def _migrates(site: Site) -> Iterator[Obj]:
    """One move that is done and one that is restoring, which Kurator still calls BackupInProgress."""
    names = {each.name: each for each in site.members}
    for name, source, target, done in _MIGRATES:
        if source not in names or target not in names:
            continue
        now = site.stamp(25 * MINUTE)
        saved, restored = _moved(site, done=done)
        status: Obj = {
            "phase": "Completed" if done else "BackupInProgress",
            "conditions": [condition("sourceReady", True, now, "BackupCompleted", "source backup is ready")],
            "sourceClusterStatus": {
                "clusterName": source,
                "clusterKind": kurator.reference(names[source])["kind"],
                "backupNameInCluster": in_cluster(source, "migrate", name),
                "backupStatusInCluster": saved,
            },
            "targetClusterStatus": [
                {
                    "clusterName": target,
                    "clusterKind": kurator.reference(names[target])["kind"],
                    "restoreNameInCluster": in_cluster(target, "migrate", name),
                    "restoreStatusInCluster": restored,
                }
            ],
        }
        spec = {
            "sourceCluster": {"fleet": MAIN_FLEET, "clusters": [kurator.reference(names[source])]},
            "targetCluster": {"fleet": MAIN_FLEET, "clusters": [kurator.reference(names[target])]},
            "policy": {"resourceFilter": {"includedNamespaces": [name.partition("-")[0]]}},
        }
        meta = {"finalizers": ["migrate.kurator.dev"]}
        yield site.make(
            _KURATOR, "Migrate", name, MAIN_NAMESPACE, age=31 * MINUTE, meta=meta, spec=spec, status=status
        )


def labels_of(kind: str, name: str, **more: str) -> Obj:
    """The metadata by which Kurator finds its Velero objects."""
    found = {f"kurator.dev/{kind}-name": name, "fleet.kurator.dev/fleet-name": MAIN_FLEET}
    return {"labels": {**found, "fleet.kurator.dev/plugin": "backup", **more}}


def member_objects(site: Site) -> Iterator[Obj]:
    """Velero on a member: where backups go, what was saved and restored, and the volumes of the newest run."""
    yield _location(site)
    for plan in PLANS:
        if site.name in [each.name for each in covered(plan, site.members)]:
            yield from _velero(site, plan)
    plans = {plan.name: plan for plan in PLANS}
    for name, backup, phase in _RESTORES:
        if site.name in [each.name for each in covered(plans[backup], site.members)[:1]]:
            full = in_cluster(site.name, "restore", name)
            spec = {
                "backupName": in_cluster(site.name, "backup", backup),
                "excludedResources": ["nodes", "events", "events.events.k8s.io", "backups.velero.io"],
                "itemOperationTimeout": "1h0m0s",
            }
            labels = labels_of("restore", name)
            status = _restored(site, phase)
            yield site.make(_VELERO, "Restore", full, "velero", age=2 * DAY, meta=labels, spec=spec, status=status)
    yield from _moves(site)


def _location(site: Site) -> Obj:
    broken = site.name == "ai-cloud"
    spec = {
        "provider": "aws",
        "default": True,
        "objectStorage": {"bucket": "kurator-backup", "prefix": site.name},
        "config": {
            "region": "eu-central-1",
            "s3ForcePathStyle": "true",
            "s3Url": "http://minio.storage.example:9000",
        },
        "credential": {"name": "production-velero-s3", "key": "cloud"},
    }
    seen = site.stamp(9 * HOUR if broken else 40)
    status: Obj = {"phase": "Unavailable" if broken else "Available", "lastSyncedTime": seen}
    status["lastValidationTime"] = site.stamp(40)
    if broken:
        status["message"] = _UNREACHABLE
    return site.make(_VELERO, "BackupStorageLocation", _LOCATION, "velero", spec=spec, status=status)


def _velero(site: Site, plan: Plan) -> Iterator[Obj]:
    name = in_cluster(site.name, "backup", plan.name)
    template: Obj = {
        "includedNamespaces": list(plan.namespaces),
        "storageLocation": _LOCATION,
        "ttl": "720h0m0s",
        "hooks": {},
        "metadata": {},
    }
    if plan.cron:
        spec: Obj = {"schedule": _cron(site, plan), "template": template}
        status = {"phase": "Enabled", "lastBackup": site.stamp(plan.ago)}
        if plan.name == "erp-weekly":
            spec["paused"] = True
        labels = labels_of("backup", plan.name)
        yield site.make(_VELERO, "Schedule", name, "velero", meta=labels, spec=spec, status=status)
    for number in range(plan.kept):
        ago = plan.ago + number * plan.every
        stamp = site.stamp(ago).translate(str.maketrans("", "", "-:TZ"))
        run = f"{name}-{stamp}" if plan.cron else name
        more = {"velero.io/storage-location": _LOCATION}
        if plan.cron:
            more["velero.io/schedule-name"] = name
        meta = labels_of("backup", plan.name, **more)
        status = _status(site, plan, site.name, number)
        yield site.make(_VELERO, "Backup", run, "velero", age=ago, meta=meta, spec=template, status=status)
        if not number:
            yield from _volumes(site, plan, run, status)


def _volumes(site: Site, plan: Plan, run: str, backup: Obj) -> Iterator[Obj]:
    """File system backups of the volumes of stateful pods, and the repository they are in."""
    pods = [
        pod
        for pod in site.all_of("pods", plan.namespaces[0])
        if (pod["metadata"].get("ownerReferences") or [{}])[0].get("kind") == "StatefulSet"
    ]
    identifier = f"s3:http://minio.storage.example:9000/kurator-backup/{site.name}/restic/{plan.namespaces[0]}"
    if pods and plan.cron:
        about: Obj = {
            "backupStorageLocation": _LOCATION,
            "maintenanceFrequency": "168h0m0s",
            "repositoryType": "restic",
            "resticIdentifier": identifier,
            "volumeNamespace": plan.namespaces[0],
        }
        ready: Obj = {"phase": "Ready", "lastMaintenanceTime": site.stamp(2 * DAY)}
        name = f"{plan.namespaces[0]}-{_LOCATION}-restic-{site.suffix()}"
        yield site.make(_VELERO, "BackupRepository", name, "velero", spec=about, status=ready)
    for number, pod in enumerate(pods[:4]):
        size = site.rng.randint(20, 900) * 2**20
        failed = backup["phase"] == "PartiallyFailed" and number == 0
        spec: Obj = {
            "backupStorageLocation": _LOCATION,
            "node": pod["spec"].get("nodeName", ""),
            "pod": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"]},
            "repoIdentifier": identifier,
            "uploaderType": "restic",
            "volume": "data",
        }
        status: Obj = {
            "phase": "Failed" if failed else "Completed",
            "path": f"/host_pods/{pod['metadata']['uid']}/volumes/kubernetes.io~csi/pvc/mount",
            "progress": {"totalBytes": size, "bytesDone": 0 if failed else size},
            "startTimestamp": backup["startTimestamp"],
            **({"message": _RESTIC} if failed else {"snapshotID": site.digest(8)}),
        }
        labels = {"labels": {"velero.io/backup-name": run[:63]}, "generateName": f"{run}-"}
        name = f"{run}-{site.suffix()}"
        yield site.make(
            _VELERO, "PodVolumeBackup", name, "velero", age=plan.ago, meta=labels, spec=spec, status=status
        )


_RESTIC = (
    "running Restic backup, stderr=Fatal: unable to save snapshot: Put: The specified bucket quota has "
    "been exceeded: "
    "exit status 1"
)
