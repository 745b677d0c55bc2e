"""A policy that begins to refuse, and backups that begin to fail: `policy-enforce` and `backup-failing`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.controllers.flagger import governed
from kurator_tui.demo.world.images import next_image
from kurator_tui.demo.world.incidents import Incident, incident
from kurator_tui.demo.world.installed import installed
from kurator_tui.demo.world.life import set_image
from kurator_tui.demo.world.site import Site
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.systems import policy, protection
from kurator_tui.demo.world.topology import MAIN_FLEET, MAIN_NAMESPACE
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Step = tuple[float, Callable[[], None]]

POLICY = "require-requests-limits"
_POLICIES, _REPORTS = "clusterpolicies.kyverno.io", "policyreports.wgpolicyk8s.io"
#: World seconds: when it enforces, when something is released, when pods go, when it audits again.
_ENFORCED, _RELEASED, _DELETED, _AUDITED = 5.0, 12.0, 25.0, 150.0
_SCAN = 15.0
ENFORCED_INCIDENTS = (incident("KT1203", "prod-cloud", POLICY, since=_ENFORCED, by=_DELETED + 5),)

BACKUP = "orders-log"
_EVERY, _TAKES = 60.0, 8.0
#: World seconds between which the storage cannot be reached.
_BROKEN, _MENDED = 45.0, 420.0
FAILING_INCIDENTS = (
    Incident("KT3611", ("ai-cloud", "prod-cloud"), "kurator-backup", since=_BROKEN, by=_BROKEN + 130),
    incident("KT3601", "prod-cloud", BACKUP, since=_BROKEN, by=_MENDED + 10),
    incident("KT3602", "prod-cloud", "payments-hourly", since=_BROKEN, by=_MENDED + 10),
)
"""The storage while it is away; and, once it is back, the runs that nothing better has come after."""
_DENIED = (
    "rpc error: code = Unknown desc = AccessDenied: Access Denied status code: 403, request id: 17B02D77C14E9A20"
)
_REFUSED = "backup can't be created because BackupStorageLocation default is in Unavailable status."


def _member(world: World, system: str) -> str | None:
    """The first member of the main fleet that has a system."""
    plans = [world.plans[name] for name in world.members]
    return next((plan.name for plan in plans if plan.fleet == MAIN_FLEET and system in installed(plan)), None)


# -- policy-enforce ---------------------------------------------------------------------------------------------


def enforcing(world: World) -> list[Step]:
    """A policy goes from Audit to Enforce: what runs stays, what has to start again is refused; then it audits."""
    member = _member(world, "kyverno")
    if member is None:
        return []
    cluster = world.clusters[member]
    spaces = sorted(space for space in policy.FAILING[POLICY] - {"kyverno"} if _deployments(cluster, space))
    scans = [
        (at, partial(_scan, world, member, spaces))
        for at in (_DELETED + 5 + _SCAN * number for number in range(12))
    ]
    return [
        (_ENFORCED, told(member, f"{POLICY} goes from Audit to Enforce", partial(_enforce, cluster, spaces))),
        (_RELEASED, told(member, "a release that the policy refuses", partial(_release, world, member, spaces))),
        (_DELETED, told(member, "pods go, and new ones are refused", partial(_lose, cluster, spaces))),
        *scans,
        (_AUDITED, told(member, f"{POLICY} audits again", partial(_audit, cluster))),
    ]


def _deployments(cluster: SimCluster, space: str) -> list[Obj]:
    """Deployments of a namespace that no canary releases."""
    released = governed(cluster)
    return [each for each in cluster.all_of("deployments.apps", space) if common.key_of(each) not in released]


def _enforce(cluster: SimCluster, spaces: list[str]) -> None:
    _say(cluster, "Enforce")
    cluster.admission[POLICY] = partial(_refuse, frozenset(spaces))


def _audit(cluster: SimCluster) -> None:
    _say(cluster, "Audit")
    cluster.admission.pop(POLICY, None)


def _say(cluster: SimCluster, action: str) -> None:
    cluster.modify(_POLICIES, "", POLICY, lambda obj: obj["spec"].update(validationFailureAction=action))


def _refuse(spaces: frozenset[str], pod: Obj) -> str:
    """As Kyverno's webhook says it."""
    meta = pod["metadata"]
    if meta["namespace"] not in spaces:
        return ""
    name = str(meta.get("generateName") or meta["name"]).rstrip("-")
    resource = f"Pod/{meta['namespace']}/{name}"
    return (
        f'admission webhook "validate.kyverno.svc-fail" denied the request: resource {resource} was blocked due '
        f"to the following policies {POLICY}: {POLICY}: 'validation error: {policy.said(POLICY)} rule {POLICY} "
        "failed at path /spec/containers/0/resources/limits/'"
    )


def _release(world: World, member: str, spaces: list[str]) -> None:
    machinery = world.machinery[member]
    for deployment in (each for space in spaces[:1] for each in _deployments(machinery.cluster, space)[:1]):
        image = str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
        set_image(machinery, deployment, next_image(image))


def _lose(cluster: SimCluster, spaces: list[str]) -> None:
    """A pod of each of some Deployments goes, as with a node that is drained."""
    for deployment in (each for space in spaces for each in _deployments(cluster, space)[:2]):
        sets = cluster.owned(deployment["metadata"]["uid"], "replicasets.apps")
        for pod in [pod for rs in sets for pod in common.live_pods(cluster, rs)][:1]:
            cluster.delete("pods", *common.key_of(pod))


def _scan(world: World, member: str, spaces: list[str]) -> None:
    """Kyverno looks at the pods again: results of those that are gone go, too."""
    cluster, plans = world.clusters[member], [world.plans[name] for name in world.members]
    site = Site(cluster, world.plans[member], plans, world.seed).apart(f"scan {world.clock.elapsed:.0f}")
    now = int(world.clock.wall())
    for space in spaces:
        for report in policy.reports(site, space):
            for result in report["results"]:
                result["timestamp"] = {"seconds": now, "nanos": 0}
            fresh = {"results": report["results"], "summary": report["summary"]}
            cluster.modify(_REPORTS, space, report["metadata"]["name"], partial(_update, fresh))


def _update(fresh: Obj, obj: Obj) -> None:
    obj.update(fresh)


# -- backup-failing ---------------------------------------------------------------------------------------------


def scheduled(world: World) -> None:
    """A Backup that runs each minute on one member, and ran well so far."""
    member = _member(world, "velero")
    if member is None:
        return
    plans = [world.plans[name] for name in world.members]
    reference = kurator.reference(world.plans[member])
    spec: Obj = {
        "schedule": f"@every {_EVERY / 60:.0f}m",
        "destination": {"fleet": MAIN_FLEET, "clusters": [reference]},
        "policy": {"ttl": "72h0m0s", "resourceFilter": {"includedNamespaces": _saved(world, member)}},
    }
    host = Site(world.host, world.plans["host"], plans, world.seed).apart(BACKUP)
    body = {"meta": {"finalizers": ["backup.kurator.dev"]}, "spec": spec, "status": {}}
    made = host.make("backup.kurator.dev/v1alpha1", "Backup", BACKUP, MAIN_NAMESPACE, age=3 * _EVERY, **body)
    world.host.create("backups.backup.kurator.dev", made)
    site = Site(world.clusters[member], world.plans[member], plans, world.seed).apart(BACKUP)
    template = {"includedNamespaces": _saved(world, member), "storageLocation": "default", "ttl": "72h0m0s"}
    schedule = site.make(
        "velero.io/v1",
        "Schedule",
        _name(member),
        "velero",
        age=3 * _EVERY,
        meta=protection.labels_of("backup", BACKUP),
        spec={"schedule": spec["schedule"], "template": template},
        status={"phase": "Enabled", "lastBackup": site.stamp(_EVERY)},
    )
    world.clusters[member].create("schedules.velero.io", schedule)
    for ago in (2 * _EVERY, _EVERY):
        _begin(world, member, site, template, ago)
    world.timeline.every(_EVERY, partial(_begin, world, member, site, template))


def _saved(world: World, member: str) -> list[str]:
    spaces = {each["metadata"]["name"] for each in world.clusters[member].all_of("namespaces")}
    return sorted(spaces & {"payments", "webapp"})[:1] or ["default"]


def _name(member: str) -> str:
    return protection.in_cluster(member, "backup", BACKUP)


def _begin(world: World, member: str, site: Site, template: Obj, ago: float = 0.0) -> None:
    """A run begins, or began `ago` seconds ago; without its storage Velero refuses it."""
    cluster = world.clusters[member]
    at = cluster.clock.elapsed - ago
    began = cluster.clock.stamp(ago)
    labels = {"velero.io/schedule-name": _name(member), "velero.io/storage-location": "default"}
    name = f"{_name(member)}-{began.translate(str.maketrans('', '', '-:TZ'))}"
    status: Obj = {
        "phase": "InProgress",
        "startTimestamp": began,
        "progress": {"totalItems": 60, "itemsBackedUp": 20},
    }
    if _location(cluster).get("phase") != "Available":
        status = {"phase": "FailedValidation", "startTimestamp": began, "validationErrors": [_REFUSED]}
    meta = protection.labels_of("backup", BACKUP, **labels)
    made = site.make("velero.io/v1", "Backup", name, "velero", meta=meta, spec=template, status=status)
    made["metadata"]["creationTimestamp"] = began
    cluster.create("backups.velero.io", made)
    cluster.modify(
        "schedules.velero.io", "velero", _name(member), lambda obj: obj["status"].update(lastBackup=began)
    )
    if status["phase"] == "InProgress":
        world.timeline.after(max(0.0, at + _TAKES - cluster.clock.elapsed), partial(_end, world, member, name))


def _location(cluster: SimCluster) -> Obj:
    found = cluster.find("backupstoragelocations.velero.io", "velero", "default") or {}
    status: Obj = found.get("status") or {}
    return status


def _end(world: World, member: str, name: str) -> None:
    """A run ends, well or not; Kurator copies the newest that completed."""
    cluster = world.clusters[member]
    well = _location(cluster).get("phase") == "Available"
    more: Obj = {"phase": "Completed", "progress": {"totalItems": 60, "itemsBackedUp": 60}}
    if not well:
        more = {"phase": "Failed", "failureReason": f"error uploading backup: {_DENIED}"}
    more["completionTimestamp"] = cluster.clock.stamp()
    made = cluster.modify("backups.velero.io", "velero", name, lambda obj: obj["status"].update(more))
    if made is None or not well:
        return
    detail = {
        "clusterName": member,
        "clusterKind": kurator.reference(world.plans[member])["kind"],
        "backupNameInCluster": name,
        "backupStatusInCluster": made["status"],
    }
    world.host.modify(
        "backups.backup.kurator.dev",
        MAIN_NAMESPACE,
        BACKUP,
        lambda obj: obj.update(status={"backupDetails": [detail]}),
    )


def failing(world: World) -> list[Step]:
    """The storage denies access: what runs fails, what is due is refused, until it answers again."""
    member = _member(world, "velero")
    if member is None:
        return []
    cluster = world.clusters[member]
    looks = [(at, partial(_look, cluster)) for at in (30.0 * number for number in range(1, 20))]
    return [
        (_BROKEN, told(member, "its backup storage denies access", partial(_break, cluster))),
        *looks,
        (_MENDED, told(member, "its backup storage answers again", partial(_mend, cluster))),
    ]


def _set(cluster: SimCluster, **status: str) -> None:
    place = ("backupstoragelocations.velero.io", "velero", "default")
    cluster.modify(*place, lambda obj: obj["status"].update(lastValidationTime=cluster.clock.stamp(), **status))


def _look(cluster: SimCluster) -> None:
    """Velero looks whether its storage is there."""
    _set(cluster)


def _break(cluster: SimCluster) -> None:
    """What runs now fails."""
    _set(cluster, phase="Unavailable", message=_DENIED)
    for backup in cluster.all_of("backups.velero.io", "velero"):
        if (backup.get("status") or {}).get("phase") == "InProgress":
            ended = {"phase": "PartiallyFailed", "errors": 3, "completionTimestamp": cluster.clock.stamp()}
            status = {**backup["status"], **ended}
            cluster.modify(
                "backups.velero.io", "velero", backup["metadata"]["name"], partial(_update, {"status": status})
            )


def _mend(cluster: SimCluster) -> None:
    place = ("backupstoragelocations.velero.io", "velero", "default")
    cluster.modify(*place, lambda obj: obj["status"].pop("message", None))
    _set(cluster, phase="Available")
