"""Kubernetes objects as a server would return them: pods, nodes, templates and events with every usual default.

Pure functions from values to dicts; nothing here knows a storage or the time.
"""

import hashlib
import json
from functools import lru_cache
from typing import Any

import msgspec

Obj = dict[str, Any]

_HASH_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_MEMORY_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "m": 1e-3}


def quantity(text: object) -> float:
    """A resource quantity in base units (cores, bytes, pieces); 0.0 for what is not one."""
    return _quantity(str(text))


@lru_cache(maxsize=1024)
def _quantity(raw: str) -> float:
    for unit, factor in _MEMORY_UNITS.items():
        if raw.endswith(unit):
            raw, scale = raw[: -len(unit)], factor
            break
    else:
        scale = 1.0
    try:
        return float(raw) * scale
    except ValueError:
        return 0.0


def template_hash(template: Obj) -> str:
    """A stable hash of a pod template, in the alphabet Kubernetes uses (10 characters)."""
    return _hashed(msgspec.json.encode(template))


@lru_cache(maxsize=4096)
def _hashed(template: bytes) -> str:
    """Controllers ask for the same few templates again and again, and sorting them is what takes long."""
    digest = hashlib.sha256(json.dumps(msgspec.json.decode(template), sort_keys=True).encode()).digest()
    return "".join(_HASH_ALPHABET[byte % len(_HASH_ALPHABET)] for byte in digest[:10])


def container(
    name: str,
    image: str,
    *,
    cpu: str = "100m",
    memory: str = "128Mi",
    port: int | None = None,
    gpus: int = 0,
    args: tuple[str, ...] = (),
) -> Obj:
    """A container with requests and limits, a readiness probe when it has a port."""
    requests: Obj = {"cpu": cpu, "memory": memory}
    limits: Obj = {"memory": memory}
    if gpus:
        requests["nvidia.com/gpu"] = limits["nvidia.com/gpu"] = str(gpus)
    made: Obj = {"name": name, "image": image}
    if args:
        made["args"] = list(args)
    if port:
        made["ports"] = [{"name": "http", "containerPort": port, "protocol": "TCP"}]
        made["readinessProbe"] = {
            "httpGet": {"path": "/healthz", "port": port, "scheme": "HTTP"},
            "timeoutSeconds": 1,
            "periodSeconds": 10,
            "successThreshold": 1,
            "failureThreshold": 3,
        }
    made["env"] = [
        {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}
    ]
    made["resources"] = {"limits": limits, "requests": requests}
    made["terminationMessagePath"] = "/dev/termination-log"
    made["terminationMessagePolicy"] = "File"
    made["imagePullPolicy"] = "IfNotPresent"
    return made


def pod_template(labels: dict[str, str], containers: list[Obj], **spec: Any) -> Obj:
    """A pod template; `spec` adds or overrides pod spec fields."""
    return {
        "metadata": {"labels": dict(labels)},
        "spec": {
            "containers": containers,
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "securityContext": {},
            "schedulerName": "default-scheduler",
            **spec,
        },
    }


_DEFAULT_TOLERATIONS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]


def pod_from_template(template: Obj, *, namespace: str, name: str, token_suffix: str) -> Obj:
    """A new, unbound, Pending pod made from a controller's template, with the defaults admission would add."""
    meta = template.get("metadata") or {}
    spec = msgspec.json.decode(msgspec.json.encode(template.get("spec") or {}))
    account = spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = account
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec["tolerations"] = [*(spec.get("tolerations") or ()), *_DEFAULT_TOLERATIONS]
    volume = f"kube-api-access-{token_suffix}"
    spec["volumes"] = [*(spec.get("volumes") or ()), _token_volume(volume)]
    mount = {"name": volume, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    for each in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        each["volumeMounts"] = [*(each.get("volumeMounts") or ()), mount]
        each.setdefault("resources", {})
        each.setdefault("imagePullPolicy", "IfNotPresent")
    made: Obj = {"name": name, "namespace": namespace, "labels": dict(meta.get("labels") or {})}
    if meta.get("annotations"):
        made["annotations"] = dict(meta["annotations"])
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": made,
        "spec": spec,
        "status": {"phase": "Pending", "qosClass": qos_class(spec)},
    }


def _token_volume(name: str) -> Obj:
    field = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [field]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


def qos_class(spec: Obj) -> str:
    """Guaranteed, Burstable or BestEffort."""
    resources = [each.get("resources") or {} for each in spec.get("containers") or ()]
    if not any(r.get("requests") or r.get("limits") for r in resources):
        return "BestEffort"
    if all(
        r.get("limits") and {"cpu", "memory"} <= set(r["limits"]) and r.get("requests") in (None, r["limits"])
        for r in resources
    ):
        return "Guaranteed"
    return "Burstable"


def pod_requests(pod: Obj) -> dict[str, float]:
    """What a pod asks for: cpu (cores), memory (bytes), `nvidia.com/gpu` (pieces)."""
    total = {"cpu": 0.0, "memory": 0.0, "nvidia.com/gpu": 0.0}
    for each in (pod.get("spec") or {}).get("containers") or ():
        resources = each.get("resources") or {}
        for key, value in {**(resources.get("limits") or {}), **(resources.get("requests") or {})}.items():
            if key in total and (key in (resources.get("requests") or {}) or key == "nvidia.com/gpu"):
                total[key] += quantity(value)
    return total


def condition(kind: str, status: str, since: str, **more: str) -> Obj:
    """A pod-style condition; `more` adds reason and message."""
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since, **more}


def replaced_condition(conditions: list[Obj] | None, new: Obj) -> list[Obj]:
    """`conditions` with the one of the same type replaced, its transition time kept when the status stays."""
    kept = []
    placed = False
    for old in conditions or ():
        if old.get("type") != new["type"]:
            kept.append(old)
            continue
        placed = True
        same = old.get("status") == new["status"]
        kept.append({**new, "lastTransitionTime": old["lastTransitionTime"]} if same else new)
    return kept if placed else [*kept, new]


def matches(selector: Obj | None, labels: dict[str, str] | None) -> bool:
    """True when a LabelSelector (matchLabels and matchExpressions) selects these labels; an absent one never."""
    if not selector:
        return False
    labels = labels or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(each, labels) for each in selector.get("matchExpressions") or ())


def _expression(each: Obj, labels: dict[str, str]) -> bool:
    key, operator, values = each.get("key"), each.get("operator"), each.get("values") or ()
    value = labels.get(str(key))
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    return (value is not None) if operator == "Exists" else value is None
