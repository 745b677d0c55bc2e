"""The cells of a Table row, kind by kind, as kube-apiserver's own printers write them.

One `Printer` a kind: its column names and a function from object to cells.  Pure; hostile or half-filled
objects give '<none>' or '<unknown>', never an error.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.apiserver.durations import age, seconds_of
from kurator_tui.demo.apiserver.selectors import to_text

Obj = dict[str, Any]
Cell = str | int | bool | None
NONE = "<none>"


@dataclass(frozen=True, slots=True)
class Printer:
    """Columns beside Name: the always-shown and the wide ones; `cells(obj, now)` gives all but the name."""

    columns: tuple[str, ...]
    wide: tuple[str, ...]
    cells: Callable[[Obj, float], list[Cell]]


def map_of(value: Any) -> Obj:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Obj]:
    """The objects of a list; [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def age_of(obj: Obj, now: float) -> str:
    """The age of an object as printers write it."""
    return age(map_of(obj.get("metadata")).get("creationTimestamp"), now)


def joined(values: Iterable[Any]) -> str:
    """Values with commas between them, `<none>` without any."""
    return ",".join(str(value) for value in values) or NONE


def _condition(obj: Obj, name: str) -> Obj:
    found = (item for item in list_of(map_of(obj.get("status")).get("conditions")) if item.get("type") == name)
    return next(found, {})


def _images(obj: Obj) -> list[Cell]:
    """Containers and images of a workload's template."""
    spec = map_of(map_of(map_of(obj.get("spec")).get("template")).get("spec"))
    containers = list_of(spec.get("containers"))
    return [joined(c.get("name") for c in containers), joined(c.get("image") for c in containers)]


def _pod(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    states = list_of(status.get("containerStatuses"))
    ready = sum(1 for state in states if state.get("ready"))
    ips = [item.get("ip") for item in list_of(status.get("podIPs"))]
    gates = list_of(spec.get("readinessGates"))
    passed = sum(1 for gate in gates if _condition(obj, str(gate.get("conditionType"))).get("status") == "True")
    return [
        f"{ready}/{len(list_of(spec.get('containers')))}",
        pod_status(obj),
        _restarts(states, now),
        age_of(obj, now),
        (ips[0] if ips else None) or status.get("podIP") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        f"{passed}/{len(gates)}" if gates else NONE,
    ]


def _restarts(states: list[Obj], now: float) -> str:
    count = sum(_count(state.get("restartCount")) for state in states)
    ends = [map_of(map_of(state.get("lastState")).get("terminated")).get("finishedAt") for state in states]
    last = max((end for end in ends if isinstance(end, str)), default=None)
    return f"{count} ({age(last, now)} ago)" if count and last else str(count)


def pod_status(obj: Obj) -> str:
    """The Status column of a pod: a waiting or terminated reason beats the phase."""
    status, meta = map_of(obj.get("status")), map_of(obj.get("metadata"))
    reason = str(status.get("reason") or status.get("phase") or "Unknown")
    initializing, ready = _init_reason(obj), False
    if initializing:
        reason = initializing
    else:
        for state in reversed(list_of(status.get("containerStatuses"))):
            reason = _container_reason(map_of(state.get("state"))) or reason
            ready = ready or bool(state.get("ready") and map_of(state.get("state")).get("running") is not None)
        if reason == "Completed" and ready:
            is_ready = _condition(obj, "Ready").get("status") == "True"
            reason = "Running" if is_ready else "NotReady"
    if meta.get("deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return reason


def _container_reason(state: Obj) -> str:
    waiting, ended = map_of(state.get("waiting")), map_of(state.get("terminated"))
    if waiting.get("reason"):
        return str(waiting["reason"])
    if not ended:
        return ""
    if ended.get("reason"):
        return str(ended["reason"])
    if ended.get("signal"):
        return f"Signal:{ended['signal']}"
    return f"ExitCode:{ended.get('exitCode', 0)}"


def _init_reason(obj: Obj) -> str:
    states = list_of(map_of(obj.get("status")).get("initContainerStatuses"))
    total = len(list_of(map_of(obj.get("spec")).get("initContainers")))
    for index, item in enumerate(states):
        state = map_of(item.get("state"))
        ended = state.get("terminated")
        if isinstance(ended, dict) and ended.get("exitCode") == 0:
            continue
        reason = _container_reason(state)
        if reason and reason != "PodInitializing":
            return f"Init:{reason}"
        return f"Init:{index}/{total}"
    return ""


def _node(obj: Obj, now: float) -> list[Cell]:
    meta, spec, status = map_of(obj.get("metadata")), map_of(obj.get("spec")), map_of(obj.get("status"))
    ready = _condition(obj, "Ready")
    state = "Ready" if ready.get("status") == "True" else "NotReady" if "status" in ready else "Unknown"
    if not list_of(status.get("conditions")):
        state = "NotReady"
    if spec.get("unschedulable"):
        state += ",SchedulingDisabled"
    prefix = "node-role.kubernetes.io/"
    labels = map_of(meta.get("labels"))
    roles = sorted(label[len(prefix) :] for label in labels if label.startswith(prefix))
    addresses = {item.get("type"): item.get("address") for item in list_of(status.get("addresses"))}
    info = map_of(status.get("nodeInfo"))
    return [
        state,
        joined(role for role in roles if role),
        age_of(obj, now),
        info.get("kubeletVersion") or "",
        addresses.get("InternalIP") or NONE,
        addresses.get("ExternalIP") or NONE,
        *(info.get(key) or "<unknown>" for key in ("osImage", "kernelVersion", "containerRuntimeVersion")),
    ]


def _deployment(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    ready = f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}"
    counts: list[Cell] = [status.get("updatedReplicas") or 0, status.get("availableReplicas") or 0]
    return [ready, *counts, age_of(obj, now), *_images(obj), to_text(spec.get("selector"))]


def _replicaset(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    counts: list[Cell] = [spec.get("replicas") or 0, status.get("replicas") or 0, status.get("readyReplicas") or 0]
    return [*counts, age_of(obj, now), *_images(obj), to_text(spec.get("selector"))]


def _statefulset(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    return [f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}", age_of(obj, now), *_images(obj)]


def _daemonset(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    fields = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
    counts: list[Cell] = [status.get(name) or 0 for name in (*fields, "numberAvailable")]
    node_selector = map_of(map_of(map_of(spec.get("template")).get("spec")).get("nodeSelector"))
    where = joined(f"{key}={value}" for key, value in sorted(node_selector.items()))
    return [*counts, where, age_of(obj, now), *_images(obj), to_text(spec.get("selector"))]


def _job(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    states = (
        name for name in ("Complete", "Failed", "Suspended") if _condition(obj, name).get("status") == "True"
    )
    completions = f"{status.get('succeeded') or 0}/{spec.get('completions') or 1}"
    took: Cell = None
    if status.get("startTime"):
        end = status.get("completionTime")
        took = age(status["startTime"], now) if not end else _between(status["startTime"], end)
    selector = to_text(spec.get("selector"))
    return [next(states, "Running"), completions, took, age_of(obj, now), *_images(obj), selector]


def _between(start: Any, end: Any) -> str:
    try:
        return age(start, seconds_of(str(end)))
    except ValueError:
        return "<unknown>"


def _cronjob(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    last = status.get("lastScheduleTime")
    inner = {"spec": map_of(map_of(spec.get("jobTemplate")).get("spec"))}
    return [
        spec.get("schedule") or "",
        spec.get("timeZone") or NONE,
        str(bool(spec.get("suspend"))),
        len(list_of(status.get("active"))),
        age(last, now) if last else NONE,
        age_of(obj, now),
        *_images(inner),
        NONE,
    ]


def _service(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    ingress = list_of(map_of(status.get("loadBalancer")).get("ingress"))
    external = [item.get("ip") or item.get("hostname") for item in ingress] + list(spec.get("externalIPs") or [])
    pending = "<pending>" if spec.get("type") == "LoadBalancer" else NONE
    ports = [
        f"{p.get('port')}{':' + str(p['nodePort']) if p.get('nodePort') else ''}/{p.get('protocol', 'TCP')}"
        for p in list_of(spec.get("ports"))
    ]
    selector = map_of(spec.get("selector"))
    return [
        spec.get("type") or "ClusterIP",
        spec.get("clusterIP") or NONE,
        joined(external) if external else pending,
        joined(ports),
        age_of(obj, now),
        joined(f"{key}={value}" for key, value in sorted(selector.items())),
    ]


def event_cells(obj: Obj, now: float) -> list[Cell]:
    """The cells of an event, name last."""
    about = map_of(obj.get("involvedObject")) or map_of(obj.get("regarding"))
    last = obj.get("lastTimestamp") or obj.get("eventTime")
    source = map_of(obj.get("source"))
    origin = source.get("component") or obj.get("reportingComponent") or obj.get("reportingController") or ""
    first = obj.get("firstTimestamp")
    return [
        age(last, now),
        str(obj.get("type") or ""),
        str(obj.get("reason") or ""),
        f"{str(about.get('kind') or '').lower()}/{about.get('name') or ''}",
        str(about.get("fieldPath") or ""),
        f"{origin}, {source['host']}" if source.get("host") else str(origin),
        str(obj.get("message") or obj.get("note") or "").strip(),
        age(first, now) if first else age(last, now),
        _count(obj.get("count")) or 1,
        str(map_of(obj.get("metadata")).get("name") or ""),
    ]


def _ingress(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    hosts = [rule.get("host") for rule in list_of(spec.get("rules")) if rule.get("host")]
    addresses = [
        i.get("ip") or i.get("hostname") for i in list_of(map_of(status.get("loadBalancer")).get("ingress"))
    ]
    ports = "80, 443" if spec.get("tls") else "80"
    address = ",".join(str(item) for item in addresses)
    return [
        spec.get("ingressClassName") or NONE,
        joined(hosts) if hosts else "*",
        address,
        ports,
        age_of(obj, now),
    ]


def _budget(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    shown = [spec[key] if spec.get(key) is not None else "N/A" for key in ("minAvailable", "maxUnavailable")]
    return [*(str(value) for value in shown), status.get("disruptionsAllowed") or 0, age_of(obj, now)]


def _claim(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    modes = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    bound = map_of(status.get("capacity")).get("storage") or ""
    access = ",".join(modes.get(mode, str(mode)) for mode in status.get("accessModes") or ())
    phase = "Terminating" if map_of(obj.get("metadata")).get("deletionTimestamp") else status.get("phase") or ""
    names: list[Cell] = [spec.get("storageClassName") or "", spec.get("volumeAttributesClassName") or "<unset>"]
    return [
        phase,
        spec.get("volumeName") or "",
        bound,
        access,
        *names,
        age_of(obj, now),
        spec.get("volumeMode") or "",
    ]


def _endpoints(obj: Obj, now: float) -> list[Cell]:
    found = [
        f"{address.get('ip')}:{port.get('port')}"
        for subset in list_of(obj.get("subsets"))
        for port in list_of(subset.get("ports")) or [{"port": ""}]
        for address in list_of(subset.get("addresses"))
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return [joined(found[:3]) + more, age_of(obj, now)]


def _crd(obj: Obj, now: float) -> list[Cell]:
    return [str(map_of(obj.get("metadata")).get("creationTimestamp") or "<unknown>")]


def _data(obj: Obj, now: float) -> list[Cell]:
    return [len(map_of(obj.get("data"))) + len(map_of(obj.get("binaryData"))), age_of(obj, now)]


def _secret(obj: Obj, now: float) -> list[Cell]:
    return [str(obj.get("type") or ""), len(map_of(obj.get("data"))), age_of(obj, now)]


def _namespace(obj: Obj, now: float) -> list[Cell]:
    return [map_of(obj.get("status")).get("phase") or "", age_of(obj, now)]


def _lease(obj: Obj, now: float) -> list[Cell]:
    return [map_of(obj.get("spec")).get("holderIdentity") or "", age_of(obj, now)]


def generic(obj: Obj, now: float) -> list[Cell]:
    """The only cell of a kind nobody wrote a printer for: its age."""
    return [age_of(obj, now)]


_TEMPLATE = ("Containers", "Images", "Selector")
GENERIC = Printer(("Age",), (), generic)
PRINTERS: dict[tuple[str, str], Printer] = {
    ("", "pods"): Printer(
        ("Ready", "Status", "Restarts", "Age"), ("IP", "Node", "Nominated Node", "Readiness Gates"), _pod
    ),
    ("", "nodes"): Printer(
        ("Status", "Roles", "Age", "Version"),
        ("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
        _node,
    ),
    ("", "namespaces"): Printer(("Status", "Age"), (), _namespace),
    ("", "configmaps"): Printer(("Data", "Age"), (), _data),
    ("", "secrets"): Printer(("Type", "Data", "Age"), (), _secret),
    ("", "services"): Printer(("Type", "Cluster-IP", "External-IP", "Port(s)", "Age"), ("Selector",), _service),
    ("", "endpoints"): Printer(("Endpoints", "Age"), (), _endpoints),
    ("", "persistentvolumeclaims"): Printer(
        ("Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age"),
        ("VolumeMode",),
        _claim,
    ),
    ("apps", "deployments"): Printer(("Ready", "Up-to-date", "Available", "Age"), _TEMPLATE, _deployment),
    ("apps", "replicasets"): Printer(("Desired", "Current", "Ready", "Age"), _TEMPLATE, _replicaset),
    ("apps", "statefulsets"): Printer(("Ready", "Age"), ("Containers", "Images"), _statefulset),
    ("apps", "daemonsets"): Printer(
        ("Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age"), _TEMPLATE, _daemonset
    ),
    ("batch", "jobs"): Printer(("Status", "Completions", "Duration", "Age"), _TEMPLATE, _job),
    ("batch", "cronjobs"): Printer(
        ("Schedule", "Timezone", "Suspend", "Active", "Last Schedule", "Age"), _TEMPLATE, _cronjob
    ),
    ("policy", "poddisruptionbudgets"): Printer(
        ("Min Available", "Max Unavailable", "Allowed Disruptions", "Age"), (), _budget
    ),
    ("networking.k8s.io", "ingresses"): Printer(("Class", "Hosts", "Address", "Ports", "Age"), (), _ingress),
    ("coordination.k8s.io", "leases"): Printer(("Holder", "Age"), (), _lease),
    ("apiextensions.k8s.io", "customresourcedefinitions"): Printer(("Created At",), (), _crd),
}
#: Events lead with their age and end with their name: (column, priority).
EVENT_COLUMNS = (
    *(("Last Seen", 0), ("Type", 0), ("Reason", 0), ("Object", 0), ("Subobject", 1), ("Source", 1)),
    *(("Message", 0), ("First Seen", 1), ("Count", 1), ("Name", 1)),
)
