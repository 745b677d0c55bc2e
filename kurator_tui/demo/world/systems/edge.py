"""KubeEdge on edge members: devices in two API versions, groups, edge applications, jobs on nodes, message rules.

A cluster with the set `kubeedge-old` has v1alpha2 devices with their twins inside and v1alpha1 jobs; the others
have v1beta1 devices, a DeviceStatus beside each, and v1alpha2 jobs.
"""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site

Obj = dict[str, Any]

_APPS, _RULES = "apps.kubeedge.io/v1alpha1", "rules.kubeedge.io/v1"
_NAMESPACE = "edge-apps"
#: Model → (protocol, properties as (name, type, unit, low, high, writable)).
_MODELS: dict[str, tuple[str, tuple[tuple[str, str, str, int, int, bool], ...]]] = {
    "thermometer": (
        "modbus",
        (("temperature", "DOUBLE", "°C", -30, 30, False), ("interval", "INT", "s", 5, 60, True)),
    ),
    "cooling-unit": (
        "modbus",
        (("setpoint", "DOUBLE", "°C", -25, 8, True), ("compressor", "STRING", "", 0, 1, False)),
    ),
    "gate-camera": (
        "onvif",
        (("frame-rate", "INT", "fps", 5, 30, True), ("recording", "BOOLEAN", "", 0, 1, True)),
    ),
}
_IMAGES = ("registry.edge.example/video-analytics:v0.9.0", "registry.edge.example/telemetry:v3.1.0")
_BROKEN_PULL = (
    "rpc error: code = NotFound desc = failed to pull and unpack image "
    '"registry.edge.example/video-analytics:v0.9.0": '
    "no match for platform in manifest: not found"
)


def objects(site: Site) -> Iterator[Obj]:
    """Everything KubeEdge keeps in this cluster."""
    nodes = [
        node["metadata"]
        for node in site.all_of("nodes")
        if "node-role.kubernetes.io/edge" in (node["metadata"].get("labels") or {})
    ]
    if not nodes:
        return
    old = "kubeedge-old" in site.sets
    yield from (_model(site, name, old=old) for name in _MODELS)
    for number, node in enumerate(nodes):
        for model in list(_MODELS)[: 2 + number % 2]:
            yield from _device(site, model, node["name"], number, old=old)
    sites = sorted({node["labels"]["topology.kubernetes.io/zone"] for node in nodes})
    for zone in sites:
        members = [node["name"] for node in nodes if node["labels"]["topology.kubernetes.io/zone"] == zone]
        yield _group(site, zone, members)
    yield from _applications(site, sites)
    names = [node["name"] for node in nodes]
    yield from _jobs_old(site, names) if old else _jobs(site, names)
    yield from _messages(site)


def _offline(site: Site, node: str) -> bool:
    found = site.find("nodes", "", node) or {}
    conditions = (found.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] != "True" for each in conditions)


def _model(site: Site, name: str, *, old: bool) -> Obj:
    protocol, found = _MODELS[name]
    properties: list[Obj] = []
    for title, kind, unit, low, high, writable in found:
        mode = "ReadWrite" if writable else "ReadOnly"
        made: Obj = {"name": title, "description": f"{title} of the {name}"}
        if old:
            limits: Obj = {"accessMode": mode}
            if kind in ("INT", "DOUBLE"):
                limits |= {"minimum": low, "maximum": high, "unit": unit}
            properties.append({**made, "type": {kind.lower(): limits}})
        else:
            made |= {"type": kind, "accessMode": mode, "unit": unit}
            made |= {"minimum": str(low), "maximum": str(high)} if kind in ("INT", "DOUBLE") else {}
            properties.append(made)
    spec: Obj = {"properties": properties} if old else {"properties": properties, "protocol": protocol}
    api = f"devices.kubeedge.io/{'v1alpha2' if old else 'v1beta1'}"
    return site.make(api, "DeviceModel", name, _NAMESPACE, spec=spec)


def _value(site: Site, kind: str, low: int, high: int) -> str:
    if kind == "STRING":
        return site.rng.choice(("idle", "cooling", "defrosting"))
    if kind == "BOOLEAN":
        return site.rng.choice(("true", "false"))
    value = site.rng.uniform(low, high)
    return str(round(value)) if kind == "INT" else f"{value:.1f}"


def _device(site: Site, model: str, node: str, number: int, *, old: bool) -> Iterator[Obj]:
    """A device of a node, and in newer releases its DeviceStatus."""
    protocol, found = _MODELS[model]
    offline = _offline(site, node)
    unhealthy = model == "cooling-unit" and number == 1
    seen = site.stamp(41 * MINUTE if offline else site.rng.uniform(1, 30))
    stamp = {"timestamp": seen.replace("-", "").replace(":", ""), "type": "string"}
    values = {title: _value(site, kind, low, high) for title, kind, _unit, low, high, _writable in found}
    wanted = {title: values[title] for title, *_rest, writable in found if writable}
    if unhealthy:
        wanted["setpoint"], values["compressor"] = "-18.0", "fault E42: no pressure"
    twins = [
        {"propertyName": title, "reported": {"value": value, "metadata": stamp}} for title, value in values.items()
    ]
    name = f"{model}-{node}"
    address = f"192.168.{10 + number}.{20 + len(model)}"
    if old:
        for twin in twins:
            if twin["propertyName"] in wanted:
                twin["desired"] = {"value": wanted[str(twin["propertyName"])]}
        where = [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]
        spec: Obj = {
            "deviceModelRef": {"name": model},
            "nodeSelector": {"nodeSelectorTerms": where},
            "protocol": {"modbus": {"slaveID": number + 1}, "common": {"tcp": {"ip": address, "port": 502}}},
            "propertyVisitors": [
                {"propertyName": title, "modbus": {"register": "HoldingRegister", "offset": 2, "limit": 1}}
                for title in values
            ],
        }
        api = "devices.kubeedge.io/v1alpha2"
        yield site.make(api, "Device", name, _NAMESPACE, spec=spec, status={"twins": twins})
        return
    for twin in twins:
        if twin["propertyName"] in wanted:
            twin["observedDesired"] = {"value": wanted[str(twin["propertyName"])]}
    properties = [
        {
            "name": title,
            "reportCycle": 10_000,
            "collectCycle": 5_000,
            "reportToCloud": True,
            "visitors": {"protocolName": protocol, "configData": {"offset": 2, "register": "HoldingRegister"}},
            **({"desired": {"value": wanted[title]}} if title in wanted else {}),
        }
        for title in values
    ]
    spec = {
        "deviceModelRef": {"name": model},
        "nodeName": node,
        "properties": properties,
        "protocol": {"protocolName": protocol, "configData": {"ip": address, "port": 502}},
    }
    api = "devices.kubeedge.io/v1beta1"
    device = site.make(api, "Device", name, _NAMESPACE, spec=spec)
    yield device
    state = "offline" if offline else "unhealthy" if unhealthy else "online"
    status = {"state": state, "lastOnlineTime": seen, "twins": twins}
    yield site.make(api, "DeviceStatus", name, _NAMESPACE, owner=device, spec={}, status=status)


def _group(site: Site, zone: str, nodes: list[str]) -> Obj:
    statuses: list[Obj] = [
        {
            "nodeName": node,
            "readyStatus": "Unknown" if _offline(site, node) else "Ready",
            "selectionStatus": "Succeeded",
        }
        for node in nodes
    ]
    if len(nodes) > 1 and "7" in zone:
        statuses[-1] |= {
            "selectionStatus": "Failed",
            "selectionStatusReason": "node already belongs to node group spare",
        }
    spec = {"matchLabels": {"topology.kubernetes.io/zone": zone}, "nodes": nodes[:1]}
    return site.make(_APPS, "NodeGroup", zone, spec=spec, status={"nodeStatuses": statuses})


def _applications(site: Site, groups: list[str]) -> Iterator[Obj]:
    for name in ("sensor-gateway", "video-analytics"):
        template = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"containers": [{"name": name, "image": f"registry.edge.example/{name}:v1"}]},
                },
            },
        }
        targets = [{"name": group, "overriders": {"replicas": 1 + number}} for number, group in enumerate(groups)]
        spec = {"workloadTemplate": {"manifests": [template]}, "workloadScope": {"targetNodeGroups": targets}}
        identifier = {
            "ordinal": 0,
            "group": "apps",
            "version": "v1",
            "kind": "Deployment",
            "resource": "deployments",
            "namespace": _NAMESPACE,
        }
        condition = "Processing" if name == "video-analytics" else "Available"
        workloads = [
            {"identifier": {**identifier, "name": f"{name}-{group}"}, "conditions": condition} for group in groups
        ]
        yield site.make(
            _APPS, "EdgeApplication", name, _NAMESPACE, spec=spec, status={"workloadStatus": workloads}
        )


def _upgraded(site: Site, node: str, number: int) -> Obj:
    """How far one node is in an upgrade."""
    steps = ("Check", "WaitingConfirmation", "BackUp", "Upgrade")
    phase = ("Successful", "Successful", "InProgress", "Failure", "Pending")[number % 5]
    done = steps if phase == "Successful" else steps[:1] if phase == "Failure" else steps[:2]
    flow = [{"action": step, "status": "True", "time": site.stamp(20 * MINUTE)} for step in done]
    found: Obj = {"nodeName": node, "phase": phase, "actionFlow": flow if phase != "Pending" else []}
    if phase == "Failure":
        found["reason"] = "insufficient disk space: /var/lib/kubeedge has 312Mi, 1Gi is needed"
        flow[-1] |= {"status": "False", "reason": found["reason"]}
    if phase == "Successful":
        found |= {"historicVersion": "v1.17.0", "currentVersion": "v1.21.0"}
    return found


def _jobs(site: Site, nodes: list[str]) -> Iterator[Obj]:
    """Jobs of release 1.21 and newer."""
    api = "operations.kubeedge.io/v1alpha2"
    spec: Obj = {
        "version": "v1.21.0",
        "nodeNames": nodes,
        "concurrency": 2,
        "failureTolerate": "0.3",
        "timeoutSeconds": 300,
        "checkItems": ["cpu", "mem", "disk"],
        "image": "kubeedge/installation-package",
    }
    statuses = [_upgraded(site, node, number) for number, node in enumerate(nodes)]
    status: Obj = {"phase": "InProgress", "nodeStatus": statuses}
    yield site.make(api, "NodeUpgradeJob", "to-1-21", age=22 * MINUTE, spec=spec, status=status)
    pulled = [
        {
            "nodeName": node,
            "phase": "Failure" if not number else "Successful",
            "imageStatus": [
                {
                    "image": _IMAGES[0],
                    "status": "False" if not number else "True",
                    **({"reason": _BROKEN_PULL} if not number else {}),
                },
                {"image": _IMAGES[1], "status": "True"},
            ],
        }
        for number, node in enumerate(nodes[:4])
    ]
    template = {"images": list(_IMAGES), "nodeNames": nodes[:4], "concurrency": 1, "retryTimes": 1}
    yield site.make(
        api,
        "ImagePrePullJob",
        "video-0-9",
        age=2 * HOUR,
        spec={"imagePrePullTemplate": {**template, "timeoutSeconds": 600}},
        status={"phase": "Failure", "reason": "the number of failed executions is 1/4", "nodeStatus": pulled},
    )
    done = [{"nodeName": node, "phase": "Successful"} for node in nodes[:2]]
    yield site.make(
        api,
        "ConfigUpdateJob",
        "mqtt-retain",
        age=3 * DAY,
        spec={"nodeNames": nodes[:2], "updateFields": {"modules.eventBus.mqttRetain": "true"}, "concurrency": 1},
        status={"phase": "Completed", "nodeStatus": done},
    )


def _jobs_old(site: Site, nodes: list[str]) -> Iterator[Obj]:
    """Jobs of release 1.13 to 1.20."""
    api = "operations.kubeedge.io/v1alpha1"
    when = site.stamp(5 * DAY)
    states = [
        {
            "nodeName": node,
            "state": "Failed" if not number else "Successful",
            "event": "Upgrade",
            "action": "Failure" if not number else "Success",
            "time": when,
            "reason": "context deadline exceeded" if not number else "",
        }
        for number, node in enumerate(nodes)
    ]
    spec = {
        "version": "v1.17.0",
        "nodeNames": nodes,
        "concurrency": 1,
        "failureTolerate": "0.1",
        "timeoutSeconds": 300,
    }
    status = {"state": "Failed", "event": "Upgrade", "action": "Failure", "time": when, "nodeStatus": states}
    yield site.make(api, "NodeUpgradeJob", "to-1-17", age=5 * DAY, spec=spec, status=status)
    template = {"images": list(_IMAGES), "nodeNames": nodes, "concurrency": 1, "timeoutSeconds": 600}
    pulled = [
        {
            "nodeStatus": {
                "nodeName": node,
                "state": "Successful",
                "event": "Pull",
                "action": "Success",
                "time": when,
            },
            "imageStatus": [{"image": image, "state": "Successful"} for image in _IMAGES],
        }
        for node in nodes
    ]
    yield site.make(
        api,
        "ImagePrePullJob",
        "video-0-9",
        age=5 * DAY,
        spec={"imagePrePullTemplate": template},
        status={"state": "Successful", "event": "Pull", "action": "Success", "time": when, "status": pulled},
    )


def _messages(site: Site) -> Iterator[Obj]:
    """Ways of messages between edge and cloud; one of them loses messages."""
    ends: tuple[tuple[str, str, Obj], ...] = (
        ("cloud-rest", "rest", {}),
        ("edge-bus", "eventbus", {}),
        ("site-api", "servicebus", {"service_port": "8080"}),
    )
    for name, kind, properties in ends:
        spec = {"ruleEndpointType": kind, "properties": properties}
        yield site.make(_RULES, "RuleEndpoint", name, _NAMESPACE, spec=spec)
    rules = (
        (
            "alarms-to-cloud",
            "edge-bus",
            {"topic": "alarms/#"},
            "cloud-rest",
            {"resource": "http://alarms.shop.example/in"},
        ),
        ("config-to-edge", "cloud-rest", {"path": "/config"}, "site-api", {"path": "/v1/config"}),
    )
    for number, (name, source, origin, target, goal) in enumerate(rules):
        spec = {"source": source, "sourceResource": origin, "target": target, "targetResource": goal}
        status: Obj = {"successMessages": site.rng.randint(900, 40_000), "failMessages": 0, "errors": []}
        if not number:
            error = "dial tcp: lookup alarms.shop.example: no such host"
            status |= {"failMessages": 3, "errors": [f"{site.stamp(MINUTE * n)} {error}" for n in (4, 3, 2)]}
        yield site.make(_RULES, "Rule", name, _NAMESPACE, spec=spec, status=status)
