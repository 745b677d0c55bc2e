"""The cells of a Table row for storage, quota, scaling, network and access kinds, as kube-apiserver writes them.

Pure, and as tolerant as `columns`: hostile or half-filled objects give '<none>' or '', never an error.
"""

from typing import Any

from kurator_tui.demo.apiserver.columns import NONE, Cell, Obj, Printer, age_of, joined, list_of, map_of

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _volume(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    claim = map_of(spec.get("claimRef"))
    modes = spec.get("accessModes")
    access = ",".join(_MODES.get(str(mode), str(mode)) for mode in (modes if isinstance(modes, list) else ()))
    deleted = map_of(obj.get("metadata")).get("deletionTimestamp")
    return [
        str(map_of(spec.get("capacity")).get("storage") or ""),
        access,
        str(spec.get("persistentVolumeReclaimPolicy") or ""),
        "Terminating" if deleted else str(status.get("phase") or ""),
        f"{claim.get('namespace')}/{claim.get('name')}" if claim else "",
        str(spec.get("storageClassName") or ""),
        "<unset>",
        str(status.get("reason") or ""),
        age_of(obj, now),
        str(spec.get("volumeMode") or ""),
    ]


def _storage_class(obj: Obj, now: float) -> list[Cell]:
    return [
        str(obj.get("provisioner") or ""),
        str(obj.get("reclaimPolicy") or "Delete"),
        str(obj.get("volumeBindingMode") or "Immediate"),
        bool(obj.get("allowVolumeExpansion")),
        age_of(obj, now),
    ]


def _quota(obj: Obj, now: float) -> list[Cell]:
    """Requests and limits as `name: used/hard`."""
    status = map_of(obj.get("status"))
    hard, used = map_of(status.get("hard")), map_of(status.get("used"))
    parts: dict[bool, list[str]] = {False: [], True: []}
    for name in sorted(hard):
        parts[name.startswith("limits.")].append(f"{name}: {used.get(name, 0)}/{hard[name]}")
    return [", ".join(parts[False]), ", ".join(parts[True]), age_of(obj, now)]


def _slice(obj: Obj, now: float) -> list[Cell]:
    ports = [str(port.get("port")) for port in list_of(obj.get("ports"))]
    found: list[str] = []
    for endpoint in list_of(obj.get("endpoints")):
        addresses = endpoint.get("addresses")
        found += map(str, addresses if isinstance(addresses, list) else ())
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    shown = joined(found[:3]) + more if found else "<unset>"
    return [str(obj.get("addressType") or ""), joined(ports) if ports else "<unset>", shown, age_of(obj, now)]


def _policy(obj: Obj, now: float) -> list[Cell]:
    labels = map_of(map_of(map_of(obj.get("spec")).get("podSelector")).get("matchLabels"))
    return [joined(f"{key}={value}" for key, value in sorted(labels.items())), age_of(obj, now)]


def _ingress_class(obj: Obj, now: float) -> list[Cell]:
    spec = map_of(obj.get("spec"))
    parameters = map_of(spec.get("parameters"))
    shown = f"{parameters.get('kind')}/{parameters.get('name')}" if parameters else NONE
    return [str(spec.get("controller") or ""), shown, age_of(obj, now)]


def _priority(obj: Obj, now: float) -> list[Cell]:
    value = obj.get("value")
    policy = str(obj.get("preemptionPolicy") or "")
    return [value if isinstance(value, int) else 0, bool(obj.get("globalDefault")), age_of(obj, now), policy]


def _binding(obj: Obj, now: float) -> list[Cell]:
    role = map_of(obj.get("roleRef"))
    names: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in list_of(obj.get("subjects")):
        name = str(subject.get("name"))
        kind = str(subject.get("kind"))
        names.setdefault(kind, []).append(
            f"{subject.get('namespace')}/{name}" if kind == "ServiceAccount" else name
        )
    users, groups, accounts = (", ".join(names[kind]) for kind in ("User", "Group", "ServiceAccount"))
    return [f"{role.get('kind')}/{role.get('name')}", age_of(obj, now), users, groups, accounts]


def _created(obj: Obj, _now: float) -> list[Cell]:
    return [str(map_of(obj.get("metadata")).get("creationTimestamp") or "<unknown>")]


def _account(obj: Obj, now: float) -> list[Cell]:
    return [len(list_of(obj.get("secrets"))), age_of(obj, now)]


def _autoscaler(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    target = map_of(spec.get("scaleTargetRef"))
    counts = [spec.get("minReplicas") or 1, spec.get("maxReplicas") or 0, status.get("currentReplicas") or 0]
    current = {_metric_name(each): each for each in list_of(status.get("currentMetrics"))}
    shown = [_metric(each, current.get(_metric_name(each), {})) for each in list_of(spec.get("metrics"))]
    reference = f"{target.get('kind')}/{target.get('name')}"
    return [reference, ", ".join(shown) or NONE, *(str(count) for count in counts), age_of(obj, now)]


def _metric_name(metric: Obj) -> str:
    return str(map_of(metric.get("resource")).get("name"))


def _metric(wanted: Obj, seen: Obj) -> str:
    """`cpu: 43%/70%`, with `<unknown>` for what was not measured."""
    target = map_of(map_of(wanted.get("resource")).get("target")).get("averageUtilization")
    found = map_of(map_of(seen.get("resource")).get("current")).get("averageUtilization")
    return f"{_metric_name(wanted)}: {'<unknown>' if found is None else f'{found}%'}/{target}%"


def _webhooks(obj: Obj, now: float) -> list[Cell]:
    return [len(list_of(obj.get("webhooks"))), age_of(obj, now)]


def _replication(obj: Obj, now: float) -> list[Cell]:
    spec, status = map_of(obj.get("spec")), map_of(obj.get("status"))
    counts: tuple[Any, ...] = (spec.get("replicas"), status.get("replicas"), status.get("readyReplicas"))
    return [*(count or 0 for count in counts), age_of(obj, now)]


def _revision(obj: Obj, now: float) -> list[Cell]:
    owner = next(iter(list_of(map_of(obj.get("metadata")).get("ownerReferences"))), {})
    number = obj.get("revision")
    shown = f"{str(owner.get('kind')).lower()}.apps/{owner.get('name')}" if owner else NONE
    return [shown, number if isinstance(number, int) else 0, age_of(obj, now)]


_RBAC = "rbac.authorization.k8s.io"
_BINDING = Printer(("Role", "Age"), ("Users", "Groups", "ServiceAccounts"), _binding)
_ADMISSION, _WEBHOOKS = "admissionregistration.k8s.io", Printer(("Webhooks", "Age"), (), _webhooks)
_VOLUME = (
    "Capacity",
    "Access Modes",
    "Reclaim Policy",
    "Status",
    "Claim",
    "StorageClass",
    "VolumeAttributesClass",
)
PLATFORM_PRINTERS: dict[tuple[str, str], Printer] = {
    (_ADMISSION, "mutatingwebhookconfigurations"): _WEBHOOKS,
    (_ADMISSION, "validatingwebhookconfigurations"): _WEBHOOKS,
    ("", "persistentvolumes"): Printer((*_VOLUME, "Reason", "Age"), ("VolumeMode",), _volume),
    ("", "resourcequotas"): Printer(("Request", "Limit", "Age"), (), _quota),
    ("", "limitranges"): Printer(("Created At",), (), _created),
    ("", "serviceaccounts"): Printer(("Secrets", "Age"), (), _account),
    ("", "replicationcontrollers"): Printer(("Desired", "Current", "Ready", "Age"), (), _replication),
    ("apps", "controllerrevisions"): Printer(("Controller", "Revision", "Age"), (), _revision),
    ("autoscaling", "horizontalpodautoscalers"): Printer(
        ("Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"), (), _autoscaler
    ),
    ("discovery.k8s.io", "endpointslices"): Printer(("AddressType", "Ports", "Endpoints", "Age"), (), _slice),
    ("networking.k8s.io", "networkpolicies"): Printer(("Pod-Selector", "Age"), (), _policy),
    ("networking.k8s.io", "ingressclasses"): Printer(("Controller", "Parameters", "Age"), (), _ingress_class),
    (_RBAC, "roles"): Printer(("Created At",), (), _created),
    (_RBAC, "clusterroles"): Printer(("Created At",), (), _created),
    (_RBAC, "rolebindings"): _BINDING,
    (_RBAC, "clusterrolebindings"): _BINDING,
    ("scheduling.k8s.io", "priorityclasses"): Printer(
        ("Value", "Global-Default", "Age", "PreemptionPolicy"), (), _priority
    ),
    ("storage.k8s.io", "storageclasses"): Printer(
        ("Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"), (), _storage_class
    ),
}
