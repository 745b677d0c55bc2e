"""What a server fills into objects: defaults that belong to managed fields, and what admission adds on create.

Pure functions; schema defaults come from `schemas`, this module adds those that depend on other fields.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from kurator_tui.demo.apiserver import schemas, structure
from kurator_tui.demo.apiserver.resources import ResourceType

Object = dict[str, Any]

_NAMESPACE_LABEL = "kubernetes.io/metadata.name"
_TOLERATED_SECONDS = 300


def apply_defaults(rt: ResourceType, obj: Object) -> Object:
    """The object as the server stores it, with schema defaults and the zero fields built-in kinds always show."""
    result: Object = structure.with_defaults(schemas.of(rt.api_version, rt.kind), obj)
    fill = _DEFAULTS.get(rt.gvr)
    return result if fill is None else fill(result)


def apply_admission(rt: ResourceType, obj: Object) -> Object:
    """What admission and create strategies add on create.

    Call it after the managed fields were recorded: nobody owns these fields on a real server either.
    """
    admit = _ADMISSION.get(rt.gvr)
    return obj if admit is None else admit(obj)


def _put(obj: Object, *path: str, value: Any) -> Object:
    """A copy with `value` at `path` unless there is one already; missing parents are made."""
    name = path[0]
    current = obj.get(name)
    if len(path) > 1:
        return {**obj, name: _put(current if isinstance(current, dict) else {}, *path[1:], value=value)}
    return obj if current is not None else {**obj, name: value}


def _at(obj: Object, *path: str) -> Any:
    value: Any = obj
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _set(obj: Object, *path: str, value: Any) -> Object:
    """A copy with `value` at `path`."""
    if len(path) == 1:
        return {**obj, path[0]: value}
    current = obj.get(path[0])
    return {**obj, path[0]: _set(current if isinstance(current, dict) else {}, *path[1:], value=value)}


def _objects(value: Any) -> Iterator[Object]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _pod_spec(spec: Any) -> Any:
    """Pod defaults that depend on other fields: pull policies and requests equal to limits."""
    if not isinstance(spec, dict):
        return spec
    result = dict(spec)
    for name in ("initContainers", "containers", "ephemeralContainers"):
        if isinstance(spec.get(name), list):
            result[name] = [_container(item) if isinstance(item, dict) else item for item in spec[name]]
    return result


def _container(container: Object) -> Object:
    image = str(container.get("image") or "")
    tag = image.rpartition("/")[2].partition(":")[2]
    pull = "Always" if tag in ("", "latest") and "@" not in image else "IfNotPresent"
    result = _put(container, "imagePullPolicy", value=pull)
    limits = _at(result, "resources", "limits")
    if isinstance(limits, dict):
        requests = _at(result, "resources", "requests") or {}
        result = _set(result, "resources", "requests", value={**limits, **requests})
    return result


def _template(obj: Object) -> Object:
    """Pod defaults in a workload's template."""
    spec = _at(obj, "spec", "template", "spec")
    return obj if spec is None else _set(obj, "spec", "template", "spec", value=_pod_spec(spec))


def _deployment(obj: Object) -> Object:
    if _at(obj, "spec", "strategy", "type") == "RollingUpdate":
        for name in ("maxUnavailable", "maxSurge"):
            obj = _put(obj, "spec", "strategy", "rollingUpdate", name, value="25%")
    return _template(obj)


def _daemon_set(obj: Object) -> Object:
    if _at(obj, "spec", "updateStrategy", "type") == "RollingUpdate":
        obj = _put(obj, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable", value=1)
        obj = _put(obj, "spec", "updateStrategy", "rollingUpdate", "maxSurge", value=0)
    return _template(obj)


def _stateful_set(obj: Object) -> Object:
    if _at(obj, "spec", "updateStrategy", "type") == "RollingUpdate":
        obj = _put(obj, "spec", "updateStrategy", "rollingUpdate", "partition", value=0)
    for name in ("whenDeleted", "whenScaled"):
        obj = _put(obj, "spec", "persistentVolumeClaimRetentionPolicy", name, value="Retain")
    return _template(obj)


def _job(obj: Object) -> Object:
    if _at(obj, "spec", "completions") is None and _at(obj, "spec", "parallelism") is None:
        obj = _put(obj, "spec", "completions", value=1)
    return _template(_put(obj, "spec", "parallelism", value=1))


def _cron_job(obj: Object) -> Object:
    path = ("spec", "jobTemplate", "spec", "template", "spec")
    spec = _at(obj, *path)
    return obj if spec is None else _set(obj, *path, value=_pod_spec(spec))


def _pod(obj: Object) -> Object:
    obj = _put(obj, "spec", "enableServiceLinks", value=True)
    return {**obj, "spec": _pod_spec(obj["spec"])}


def _namespace(obj: Object) -> Object:
    name = _at(obj, "metadata", "name")
    return _set(obj, "metadata", "labels", _NAMESPACE_LABEL, value=name) if name else obj


def _secret(obj: Object) -> Object:
    """Plain values become base64 data."""
    plain = obj.get("stringData")
    if not isinstance(plain, dict):
        return obj
    coded = {key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()}
    rest = {key: value for key, value in obj.items() if key != "stringData"}
    return {**rest, "data": {**(obj.get("data") or {}), **coded}}


def _service(obj: Object) -> Object:
    ports = _at(obj, "spec", "ports")
    if not isinstance(ports, list):
        return obj
    filled = [_put(port, "targetPort", value=port.get("port")) for port in _objects(ports)]
    return _set(obj, "spec", "ports", value=filled)


def _admit_pod(obj: Object) -> Object:
    """Service account, default tolerations and priority of a new pod, and its first status."""
    obj = _put(obj, "spec", "serviceAccountName", value="default")
    obj = _put(obj, "spec", "serviceAccount", value=_at(obj, "spec", "serviceAccountName"))
    tolerations = list(_objects(_at(obj, "spec", "tolerations")))
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(item.get("key") in (key, None, "") for item in tolerations):
            tolerations.append(
                {
                    "key": key,
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": _TOLERATED_SECONDS,
                }
            )
    obj = _set(obj, "spec", "tolerations", value=tolerations)
    obj = _put(obj, "spec", "priority", value=0)
    obj = _put(obj, "spec", "preemptionPolicy", value="PreemptLowerPriority")
    return {**obj, "status": {"phase": "Pending", "qosClass": _qos_class(obj["spec"])}}


def _qos_class(spec: Object) -> str:
    """Guaranteed when every container's limits equal its requests, BestEffort when nothing is asked for."""
    amounts = []
    for container in (*_objects(spec.get("initContainers")), *_objects(spec.get("containers"))):
        resources = container.get("resources") or {}
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        amounts.append((limits, requests))
    if not any(limits or requests for limits, requests in amounts):
        return "BestEffort"
    wanted = {"cpu", "memory"}
    full = all(
        wanted <= limits.keys() and all(requests.get(name, limits[name]) == limits[name] for name in wanted)
        for limits, requests in amounts
    )
    return "Guaranteed" if full else "Burstable"


def _admit_namespace(obj: Object) -> Object:
    obj = _put(obj, "spec", "finalizers", value=["kubernetes"])
    return {**obj, "status": {"phase": "Active"}}


def _admit_node(obj: Object) -> Object:
    """A new node is not ready until its kubelet says so."""
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    taints = list(_objects(_at(obj, "spec", "taints")))
    if any(item.get("key") == taint["key"] and item.get("effect") == taint["effect"] for item in taints):
        return obj
    return _set(obj, "spec", "taints", value=[*taints, taint])


def _admit_service(obj: Object) -> Object:
    """Cluster addresses; made from namespace and name, so that a seeded world repeats itself."""
    if _at(obj, "spec", "type") == "ExternalName":
        return obj
    identity = f"{_at(obj, 'metadata', 'namespace')}/{_at(obj, 'metadata', 'name')}"
    digest = hashlib.sha256(identity.encode()).digest()
    address = _at(obj, "spec", "clusterIP") or f"10.{96 + digest[0] % 16}.{digest[1]}.{1 + digest[2] % 254}"
    obj = _set(obj, "spec", "clusterIP", value=address)
    obj = _put(obj, "spec", "clusterIPs", value=[address])
    obj = _put(obj, "spec", "ipFamilies", value=["IPv4"])
    obj = _put(obj, "spec", "ipFamilyPolicy", value="SingleStack")
    if _at(obj, "spec", "type") == "LoadBalancer":
        obj = _put(obj, "spec", "allocateLoadBalancerNodePorts", value=True)
    if _at(obj, "spec", "type") in ("NodePort", "LoadBalancer"):
        obj = _put(obj, "spec", "externalTrafficPolicy", value="Cluster")
    return obj


def _admit_claim(obj: Object) -> Object:
    return {**obj, "status": {"phase": "Pending"}}


_Fill = Callable[[Object], Object]
_DEFAULTS: dict[tuple[str, str, str], _Fill] = {
    ("", "v1", "pods"): _pod,
    ("", "v1", "namespaces"): _namespace,
    ("", "v1", "secrets"): _secret,
    ("", "v1", "services"): _service,
    ("apps", "v1", "deployments"): _deployment,
    ("apps", "v1", "replicasets"): _template,
    ("apps", "v1", "daemonsets"): _daemon_set,
    ("apps", "v1", "statefulsets"): _stateful_set,
    ("batch", "v1", "jobs"): _job,
    ("batch", "v1", "cronjobs"): _cron_job,
}
_ADMISSION: dict[tuple[str, str, str], _Fill] = {
    ("", "v1", "pods"): _admit_pod,
    ("", "v1", "namespaces"): _admit_namespace,
    ("", "v1", "nodes"): _admit_node,
    ("", "v1", "services"): _admit_service,
    ("", "v1", "persistentvolumeclaims"): _admit_claim,
}
