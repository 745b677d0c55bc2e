"""Storage: classes, claims of stateful pods with their volumes, and claims that wait, are lost or were left."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, Site, event

Obj = dict[str, Any]

CLAIM = "data"
_DRIVER = "csi.demo.example"
_NO_PROVISIONER = (
    'failed to provision volume with StorageClass "ceph-block-legacy": rpc error: code = Internal desc = pool '
    '"legacy" does not exist'
)


def objects(site: Site) -> Iterator[Obj]:
    """Classes, then a claim and a volume for each stateful pod, then what is wrong."""
    yield _class(site, "fast-ssd", "Retain")
    if "rook" in site.sets:
        yield _class(site, "ceph-block", "Delete", "rook-ceph.rbd.csi.ceph.com")
        yield _class(site, "ceph-block-legacy", "Delete", "rook-ceph.rbd.csi.ceph.com")
    kind = "ceph-block" if "rook" in site.sets else "standard"
    for pod in site.all_of("pods"):
        owners = pod["metadata"].get("ownerReferences") or [{}]
        if owners[0].get("kind") == "StatefulSet":
            meta = pod["metadata"]
            size = {"postgres": "100Gi", "prometheus": "40Gi"}.get(_what(pod), "8Gi")
            yield from _claim(site, f"{CLAIM}-{meta['name']}", meta["namespace"], kind, size)
    yield from _wrong(site)


def _what(pod: Obj) -> str:
    """The image's name."""
    return str(pod["spec"]["containers"][0]["image"]).rpartition("/")[2].partition(":")[0]


def _class(site: Site, name: str, policy: str, driver: str = _DRIVER) -> Obj:
    body: Obj = {"provisioner": driver, "reclaimPolicy": policy, "allowVolumeExpansion": True}
    body["volumeBindingMode"] = "WaitForFirstConsumer"
    return site.make("storage.k8s.io/v1", "StorageClass", name, age=120 * DAY, **body)


def _claim(site: Site, name: str, namespace: str, kind: str, size: str, phase: str = "Bound") -> Iterator[Obj]:
    """A claim and, when it has one, its volume."""
    spec: Obj = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
        "storageClassName": kind,
        "volumeMode": "Filesystem",
    }
    claim = site.make("v1", "PersistentVolumeClaim", name, namespace, age=80 * DAY, spec=spec)
    status: Obj = {"phase": phase}
    if phase != "Pending":
        spec["volumeName"] = f"pvc-{claim['metadata']['uid']}"
    if phase == "Bound":
        status |= {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}
    claim["metadata"]["finalizers"] = ["kubernetes.io/pvc-protection"]
    yield {**claim, "status": status}
    if phase == "Bound":
        yield _volume(site, claim, size, kind, "Bound")


def _volume(site: Site, claim: Obj, size: str, kind: str, phase: str) -> Obj:
    meta = claim["metadata"]
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": size},
        "claimRef": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "name": meta["name"],
            "namespace": meta["namespace"],
            "uid": meta["uid"],
        },
        "csi": {"driver": _DRIVER, "volumeHandle": f"vol-{site.digest(17)}", "fsType": "ext4"},
        "persistentVolumeReclaimPolicy": "Delete" if phase == "Bound" else "Retain",
        "storageClassName": kind,
        "volumeMode": "Filesystem",
    }
    name = f"pvc-{meta['uid']}"
    about = {"finalizers": ["kubernetes.io/pv-protection"]}
    return site.make("v1", "PersistentVolume", name, age=80 * DAY, meta=about, spec=spec, status={"phase": phase})


def _wrong(site: Site) -> Iterator[Obj]:
    """A claim nobody can provide, one whose volume vanished, a volume whose claim was deleted."""
    if site.name == "on-prem":
        made = list(_claim(site, "reporting-archive", "erp", "ceph-block-legacy", "500Gi", "Pending"))
        yield from made
        yield event(site, made[0], "ProvisioningFailed", _NO_PROVISIONER, "persistentvolume-controller")
    if site.has("features"):
        yield from _claim(site, "feature-cache", "features", "fast-ssd", "200Gi", "Lost")
    if site.has("webapp"):
        gone = site.make("v1", "PersistentVolumeClaim", "data-orders-db-3", "webapp", age=HOUR)
        yield _volume(site, gone, "100Gi", "fast-ssd", "Released")
