"""What of an object its author did not say: defaults, what servers allocate and write, status. Pure.

Folding makes two objects comparable that two API servers hold: what is equal after it was meant to be equal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

WRITTEN = frozenset(
    {
        *("managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"),
        *("deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers"),
    }
)
"""Metadata that servers and controllers write."""
NOTES = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        "deprecated.daemonset.template.generation",
        "pod-template-hash",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "pv.kubernetes.io/bind-completed",
        "pv.kubernetes.io/bound-by-controller",
    }
)
"""Labels and annotations that tools and controllers write."""
ALLOCATED = frozenset(
    {"clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort", "nodeName", "volumeName", "podCIDR", "podCIDRs"}
)
"""Fields that each cluster fills in for itself."""
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "protocol": ("TCP",),
    "restartPolicy": ("Always",),
    "terminationGracePeriodSeconds": (30,),
    "dnsPolicy": ("ClusterFirst",),
    "schedulerName": ("default-scheduler",),
    "terminationMessagePath": ("/dev/termination-log",),
    "terminationMessagePolicy": ("File",),
    "imagePullPolicy": ("IfNotPresent",),
    "enableServiceLinks": (True,),
    "preemptionPolicy": ("PreemptLowerPriority",),
    "serviceAccountName": ("default",),
    "serviceAccount": ("default",),
    "priority": (0,),
    "successThreshold": (1,),
    "failureThreshold": (3,),
    "periodSeconds": (10,),
    "timeoutSeconds": (1,),
    "scheme": ("HTTP",),
    "defaultMode": (420,),
    "revisionHistoryLimit": (10,),
    "progressDeadlineSeconds": (600,),
    "maxSurge": ("25%",),
    "maxUnavailable": ("25%",),
    "podManagementPolicy": ("OrderedReady",),
    "sessionAffinity": ("None",),
    "internalTrafficPolicy": ("Cluster",),
    "externalTrafficPolicy": ("Cluster",),
    "ipFamilyPolicy": ("SingleStack",),
    "ipFamilies": (["IPv4"],),
    "allocateLoadBalancerNodePorts": (True,),
    "completionMode": ("NonIndexed",),
    "backoffLimit": (6,),
    "completions": (1,),
    "parallelism": (1,),
    "suspend": (False,),
    "concurrencyPolicy": ("Allow",),
    "successfulJobsHistoryLimit": (3,),
    "failedJobsHistoryLimit": (1,),
    "volumeMode": ("Filesystem",),
    "apiVersion": ("v1",),
    "hostNetwork": (False,),
    "hostPID": (False,),
    "hostIPC": (False,),
}
"""Key -> values an API server puts where nobody says any. `apiVersion` is that of a `fieldRef`."""
_DEFAULT_TYPES = {"strategy": "RollingUpdate", "updateStrategy": "RollingUpdate", "spec": "ClusterIP"}
"""Key above -> its `type` when nobody says one."""
HOLLOW = frozenset(
    {"securityContext", "resources", "strategy", "rollingUpdate", "labels", "annotations", "metadata"}
)
"""Objects that say nothing when they are empty."""
_APART = frozenset({"apiVersion", "kind", "metadata", "status"})
"""What is no part of what an object wants."""


def folded(obj: Mapping[str, Any]) -> dict[str, Any]:
    """`obj` with only what its author said."""
    shown = {key: value for key, value in obj.items() if key != "status"}
    if isinstance(meta := obj.get("metadata"), Mapping):
        shown["metadata"] = _metadata(meta)
    for key in shown.keys() - _APART:
        shown[key] = _without_defaults(shown[key], key)
    return shown


def content(obj: Mapping[str, Any]) -> dict[str, Any]:
    """What an object wants, folded: its spec, or the data of what has none."""
    return {key: value for key, value in folded(obj).items() if key not in _APART}


def digest(obj: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits that are equal where the content is."""
    canonical = json.dumps(content(obj), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _metadata(meta: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, value in meta.items():
        if key in WRITTEN:
            continue
        if key in ("labels", "annotations") and isinstance(value, Mapping):
            value = {name: text for name, text in value.items() if name not in NOTES}
        if value not in ({}, None):
            shown[key] = value
    return shown


def _without_defaults(value: Any, parent: str) -> Any:
    if isinstance(value, list):
        return [_without_defaults(each, parent) for each in value]
    if not isinstance(value, Mapping):
        return value
    shown: dict[str, Any] = {}
    for key, each in value.items():
        if _unsaid(key, each, parent):
            continue
        inner = (
            _metadata(each) if key == "metadata" and isinstance(each, Mapping) else _without_defaults(each, key)
        )
        if inner in ({}, None) and (key in HOLLOW or each not in ({}, None)):
            continue
        shown[key] = inner
    return shown


def _unsaid(key: str, value: Any, parent: str) -> bool:
    """Whether `value` of `key` is a default or was allocated; True is not 1, nor False 0."""
    if key in ALLOCATED or (key == "type" and value == _DEFAULT_TYPES.get(parent)):
        return True
    return any(type(value) is type(default) and value == default for default in DEFAULTS.get(key, ()))
