"""Volumes: bound, lost, attached, in kubectl's words."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, AnyKind, Health, Level
from kurator_tui.kinds.storage import (
    CSI_DRIVER,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    VOLUME_ATTACHMENT,
    VOLUME_SNAPSHOT,
)
from tests.unit.kinds.support import health, meta, values


@pytest.mark.parametrize(
    ("kind", "status", "verdict"),
    [
        (PERSISTENT_VOLUME_CLAIM, {}, Health(Level.UNKNOWN, "no status yet")),
        (PERSISTENT_VOLUME_CLAIM, {"phase": "Bound"}, HEALTHY),
        (PERSISTENT_VOLUME_CLAIM, {"phase": "Pending"}, Health(Level.PROGRESSING, "Pending")),
        (PERSISTENT_VOLUME_CLAIM, {"phase": "Lost"}, Health(Level.FAILED, "Lost")),
        (PERSISTENT_VOLUME, {"phase": "Available"}, HEALTHY),
        (PERSISTENT_VOLUME, {"phase": "Released"}, Health(Level.DEGRADED, "Released")),
        (PERSISTENT_VOLUME, {"phase": "Failed", "message": "gone"}, Health(Level.FAILED, "gone")),
        (VOLUME_ATTACHMENT, {"attached": True}, HEALTHY),
        (VOLUME_ATTACHMENT, {"attached": False}, Health(Level.PROGRESSING, "not attached")),
        (VOLUME_ATTACHMENT, {"attachError": {"message": "busy"}}, Health(Level.FAILED, "busy")),
        (VOLUME_ATTACHMENT, {"attached": True, "detachError": {"message": "busy"}}, Health(Level.FAILED, "busy")),
        (VOLUME_SNAPSHOT, {}, Health(Level.PROGRESSING, "not ready")),
        (VOLUME_SNAPSHOT, {"readyToUse": True}, HEALTHY),
        (
            VOLUME_SNAPSHOT,
            {"readyToUse": False, "error": {"message": "no driver"}},
            Health(Level.FAILED, "no driver"),
        ),
    ],
)
def test_health(kind: AnyKind, status: dict[str, Any], verdict: Health) -> None:
    assert health(kind, status=status) == verdict


def test_a_claim_shows_what_it_asked_for_and_what_it_has() -> None:
    spec = {"volumeName": "pv-1", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    keys = ("volume", "capacity", "requested", "modes")
    assert values(PERSISTENT_VOLUME_CLAIM, *keys, spec=spec) == ("pv-1", None, 10 * 2**30, "RWO")
    status = {"capacity": {"storage": "20Gi"}, "accessModes": ["ReadWriteMany", "ReadWriteOncePod"]}
    found = values(PERSISTENT_VOLUME_CLAIM, *keys, spec=spec, status=status)
    assert found == ("pv-1", 20 * 2**30, 10 * 2**30, "RWX,RWOP")


def test_a_volume_shows_its_claim() -> None:
    spec = {"capacity": {"storage": "1Gi"}, "claimRef": {"namespace": "shop", "name": "data"}}
    assert values(PERSISTENT_VOLUME, "capacity", "claim", spec=spec) == (2**30, "shop/data")
    assert values(PERSISTENT_VOLUME, "claim", spec={}) == ("",)


def test_classes_and_drivers() -> None:
    default = meta(annotations={"storageclass.kubernetes.io/is-default-class": "true"})
    parts = {"provisioner": "csi", "reclaimPolicy": "Delete", "allowVolumeExpansion": True}
    found = values(STORAGE_CLASS, "provisioner", "default", "reclaim", "expansion", metadata=default, **parts)
    assert found == ("csi", "true", "Delete", True)
    spec = {"attachRequired": True, "podInfoOnMount": False, "volumeLifecycleModes": ["Persistent", "Ephemeral"]}
    assert values(CSI_DRIVER, "attach", "pod_info", "modes", spec=spec) == (True, False, "Persistent,Ephemeral")
    source = {"attacher": "csi", "nodeName": "n1", "source": {"persistentVolumeName": "pv-1"}}
    assert values(VOLUME_ATTACHMENT, "attacher", "volume", "node", spec=source) == ("csi", "pv-1", "n1")
