"""Volumes and what makes them: PersistentVolumeClaim, PersistentVolume, StorageClass, VolumeAttachment, CSI."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import judge, phase
from kurator_tui.kinds.table import cell, table

_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def _modes(modes: Any) -> str:
    return ",".join(_MODES.get(mode, str(mode)) for mode in modes or ())


def _claim(namespace: Any, name: Any) -> str:
    return f"{namespace or ''}/{name}" if name else ""


PERSISTENT_VOLUME_CLAIM = table(
    "persistentvolumeclaims",
    "PersistentVolumeClaim",
    ("v1",),
    cell("status", "status.phase"),
    cell("volume", "spec.volumeName", priority=5, width=44),
    cell("capacity", "status.capacity.storage", format=Format.BYTES),
    cell("requested", "spec.resources.requests.storage", format=Format.BYTES, wide=True),
    cell("modes", "status.accessModes", "spec.accessModes", read=lambda has, wants: _modes(has or wants)),
    cell("class", "spec.storageClassName", title="STORAGECLASS"),
    cell("mode", "spec.volumeMode", wide=True),
    health=phase("status.phase", healthy=("Bound",), progressing=("Pending",), failed=("Lost",)),
    short_names=("pvc",),
)

PERSISTENT_VOLUME = table(
    "persistentvolumes",
    "PersistentVolume",
    ("v1",),
    cell("status", "status.phase"),
    cell("capacity", "spec.capacity.storage", format=Format.BYTES),
    cell("modes", "spec.accessModes", read=_modes),
    cell("reclaim", "spec.persistentVolumeReclaimPolicy", title="RECLAIM"),
    cell("claim", "spec.claimRef.namespace", "spec.claimRef.name", read=_claim, width=50),
    cell("class", "spec.storageClassName", title="STORAGECLASS"),
    cell("driver", "spec.csi.driver", wide=True),
    cell("mode", "spec.volumeMode", wide=True),
    health=phase(
        "status.phase",
        healthy=("Bound", "Available"),
        progressing=("Pending",),
        degraded=("Released",),
        failed=("Failed",),
        reason=("status.reason", "status.message"),
    ),
    short_names=("pv",),
    namespaced=False,
)

STORAGE_CLASS = table(
    "storageclasses.storage.k8s.io",
    "StorageClass",
    ("v1",),
    cell("provisioner", "provisioner", width=40),
    cell("default", "metadata.annotations['storageclass.kubernetes.io/is-default-class']"),
    cell("reclaim", "reclaimPolicy"),
    cell("binding", "volumeBindingMode", title="BINDING MODE"),
    cell("expansion", "allowVolumeExpansion"),
    short_names=("sc",),
    namespaced=False,
)


@judge("status.attached", "status.attachError.message", "status.detachError.message", says="`status.attached`")
def _attachment(attached: Any, attach: Any, detach: Any) -> Health:
    if attach or detach:
        return Health(Level.FAILED, str(attach or detach))
    return HEALTHY if attached else Health(Level.PROGRESSING, "not attached")


VOLUME_ATTACHMENT = table(
    "volumeattachments.storage.k8s.io",
    "VolumeAttachment",
    ("v1",),
    cell("attacher", "spec.attacher", width=40),
    cell("volume", "spec.source.persistentVolumeName", width=44),
    cell("node", "spec.nodeName"),
    cell("attached", "status.attached"),
    health=_attachment,
    namespaced=False,
)

CSI_DRIVER = table(
    "csidrivers.storage.k8s.io",
    "CSIDriver",
    ("v1",),
    cell("attach", "spec.attachRequired", title="ATTACHREQUIRED"),
    cell("pod_info", "spec.podInfoOnMount", title="PODINFOONMOUNT"),
    cell("modes", "spec.volumeLifecycleModes"),
    namespaced=False,
)

VOLUME_SNAPSHOT = table(
    "volumesnapshots.snapshot.storage.k8s.io",
    "VolumeSnapshot",
    ("v1",),
    cell("ready", "status.readyToUse"),
    cell("claim", "spec.source.persistentVolumeClaimName", title="SOURCE PVC"),
    cell("size", "status.restoreSize", format=Format.BYTES),
    cell("class", "spec.volumeSnapshotClassName"),
    health=judge("status.readyToUse", "status.error.message", says="`status.readyToUse`")(
        lambda ready, error: (
            Health(Level.FAILED, str(error))
            if error
            else HEALTHY
            if ready
            else Health(Level.PROGRESSING, "not ready")
        )
    ),
    short_names=("vs",),
)

KINDS = (
    PERSISTENT_VOLUME_CLAIM,
    PERSISTENT_VOLUME,
    STORAGE_CLASS,
    VOLUME_ATTACHMENT,
    CSI_DRIVER,
    VOLUME_SNAPSHOT,
)
