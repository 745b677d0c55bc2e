"""KubeEdge: devices, groups of edge nodes, applications for them, message rules.

Jobs over edge nodes have a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import Judge, judge, phase, worst
from kurator_tui.kinds.table import Part, cell, table

# -- devices ----------------------------------------------------------------------------------------------------

_DEVICE_VERSIONS = ("v1beta1", "v1alpha2")
_TWINS = ("status.twins[*]", "twins[*]")


def _value(twin: Mapping[str, Any], *keys: str) -> str:
    """The first value that is not empty among the states of a property called `keys`."""
    return next((str(each["value"]) for key in keys if (each := twin.get(key)) and each.get("value")), "")


def _properties(*found: Any) -> str:
    """`temperature=21, mode=auto`: what a device reports."""
    twins = next((each for each in found if each), ())
    return ", ".join(f"{twin.get('propertyName', '')}={_value(twin, 'reported') or '?'}" for twin in twins)


@judge(*_TWINS, says="a property whose desired value is not the reported one is progressing")
def _twins(*found: Any) -> Health:
    for twin in next((each for each in found if each), ()):
        wanted, told = _value(twin, "desired", "observedDesired"), _value(twin, "reported")
        if wanted and wanted != told:
            name = twin.get("propertyName", "")
            return Health(Level.PROGRESSING, f"{name}: wants {wanted}, reports {told or 'nothing'}")
    return HEALTHY


def _state(none: Health | None) -> Judge:
    return phase(
        "status.state",
        healthy=("online", "ok"),
        degraded=("offline",),
        failed=("unhealthy",),
        none=none,
    )


def _protocol(name: Any, custom: Any, modbus: Any, opcua: Any, bluetooth: Any) -> str:
    known = (("modbus", modbus), ("opcua", opcua), ("bluetooth", bluetooth))
    return str(name or custom or next((word for word, found in known if found is not None), ""))


def _sides(properties: Any, *found: Any) -> list[list[str]]:
    """`[property, desired, reported, when]` of each twin: a wish stands in the spec, in the twin or both."""
    wished = {str(each.get("name", "")): _value(each, "desired") for each in properties or ()}
    sides: dict[str, list[str]] = {}
    for twin in next((each for each in found if each), ()):
        name, told = str(twin.get("propertyName", "")), twin.get("reported") or {}
        desired = wished.get(name) or _value(twin, "desired", "observedDesired")
        when = str((told.get("metadata") or {}).get("timestamp") or "")
        sides[name] = [name, desired, _value(twin, "reported"), when]
    for name, desired in wished.items():
        if desired and name not in sides:
            sides[name] = [name, desired, "", ""]
    return list(sides.values())


_STATE = cell("state", "status.state", priority=2)
_ONLINE = cell("last_online", "status.lastOnlineTime", format=Format.AGE, priority=4)
_REPORTED = cell("reported", *_TWINS, read=_properties, width=60)

DEVICE = table(
    "devices.devices.kubeedge.io",
    "Device",
    _DEVICE_VERSIONS,
    _STATE,
    cell("model", "spec.deviceModelRef.name"),
    cell(
        "node",
        "spec.nodeName",
        "spec.nodeSelector.nodeSelectorTerms[*].matchExpressions[*].values[*]",
        priority=2,
    ),
    cell(
        "protocol",
        "spec.protocol.protocolName",
        "spec.protocol.customizedProtocol.protocolName",
        "spec.protocol.modbus.slaveID",
        "spec.protocol.opcua.url",
        "spec.protocol.bluetooth.macAddress",
        read=_protocol,
    ),
    _REPORTED,
    cell("properties", "spec.properties[*].name", "spec.propertyVisitors[*].propertyName", format=Format.COUNT),
    _ONLINE,
    health=worst(_state(Health(Level.HEALTHY, "no state of its own")), _twins),
    parts={"twins": Part(("spec.properties[*]", *_TWINS), _sides)},
)

DEVICE_MODEL = table(
    "devicemodels.devices.kubeedge.io",
    "DeviceModel",
    _DEVICE_VERSIONS,
    cell("protocol", "spec.protocol"),
    cell("properties", "spec.properties[*].name", format=Format.COUNT),
    cell("names", "spec.properties[*].name", width=60, priority=5),
    cell(
        "writable",
        "spec.properties[?(@.accessMode=='ReadWrite')].name",
        format=Format.COUNT,
        wide=True,
    ),
)

DEVICE_STATUS = table(
    "devicestatuses.devices.kubeedge.io",
    "DeviceStatus",
    _DEVICE_VERSIONS,
    _STATE,
    _REPORTED,
    _ONLINE,
    health=worst(_state(None), _twins),
    parts={"twins": Part(("spec.properties[*]", *_TWINS), _sides)},
)

# -- groups and applications ------------------------------------------------------------------------------------


def _some(names: Iterable[Any], most: int = 3) -> str:
    """A few names of many."""
    known = [str(name) for name in names]
    return ", ".join(known[:most]) + (", …" if len(known) > most else "")


@judge(
    "status.nodeStatuses[*]",
    says="`status.nodeStatuses`: nodes that are not Ready or not selected are degraded, none Ready is failed",
)
def _group(nodes: Any) -> Health:
    if not nodes:
        return Health(Level.UNKNOWN, "no status yet")
    missed = [node for node in nodes if node.get("selectionStatus") == "Failed"]
    away = [node for node in nodes if node.get("readyStatus") != "Ready" and node not in missed]
    if away:
        every = len(away) == len(nodes) and any(node.get("readyStatus") == "NotReady" for node in away)
        named = _some(f"{node.get('nodeName', '')} {node.get('readyStatus') or 'Unknown'}" for node in away)
        return Health(Level.FAILED if every else Level.DEGRADED, f"{len(away)} of {len(nodes)} nodes: {named}")
    if missed:
        named = _some(
            f"{node.get('nodeName', '')}: {node.get('selectionStatusReason') or 'not selected'}" for node in missed
        )
        return Health(Level.DEGRADED, named)
    return HEALTHY


NODE_GROUP = table(
    "nodegroups.apps.kubeedge.io",
    "NodeGroup",
    ("v1alpha1",),
    cell(
        "ready",
        "status.nodeStatuses[?(@.readyStatus=='Ready')].nodeName",
        "status.nodeStatuses[*].nodeName",
        read=lambda ready, nodes: f"{len(ready)}/{len(nodes)}",
        priority=2,
    ),
    cell("nodes", "status.nodeStatuses[*].nodeName", "spec.nodes", width=60),
    cell("labels", "spec.matchLabels", title="MATCH LABELS", width=40, priority=5),
    health=_group,
    short_names=("ng",),
    namespaced=False,
)


def _identifier(status: Mapping[str, Any]) -> str:
    its = status.get("identifier") or {}
    return f"{its.get('kind') or its.get('resource') or ''}/{its.get('name', '')}"


@judge("status.workloadStatus[*]", says="`status.workloadStatus[].conditions`: all Available")
def _application(workloads: Any) -> Health:
    if not workloads:
        return Health(Level.UNKNOWN, "no status yet")
    rest = [each for each in workloads if each.get("conditions") != "Available"]
    if not rest:
        return HEALTHY
    named = _some(f"{_identifier(each)} {each.get('conditions') or 'Unknown'}" for each in rest)
    return Health(Level.PROGRESSING, f"{len(rest)} of {len(workloads)} objects: {named}")


EDGE_APPLICATION = table(
    "edgeapplications.apps.kubeedge.io",
    "EdgeApplication",
    ("v1alpha1",),
    cell(
        "available",
        "status.workloadStatus[?(@.conditions=='Available')].conditions",
        "status.workloadStatus[*].conditions",
        read=lambda ready, known: f"{len(ready)}/{len(known)}",
        priority=2,
    ),
    cell("groups", "spec.workloadScope.targetNodeGroups[*].name", title="NODE GROUPS", width=50),
    cell(
        "objects",
        "spec.workloadTemplate.manifests[*].kind",
        "spec.workloadTemplate.manifests[*].metadata.name",
        read=lambda kinds, names: ",".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True)),
        width=60,
        priority=5,
    ),
    health=_application,
    short_names=("eapp",),
)

# -- messages ---------------------------------------------------------------------------------------------------


def _end(endpoint: Any, resource: Any) -> str:
    where = ",".join(str(value) for value in (resource or {}).values())
    return f"{endpoint or ''} {where}".strip()


@judge(
    "status.successMessages",
    "status.failMessages",
    "status.errors",
    says="failed messages are degraded; when none was ever delivered it is failed",
)
def _rule(delivered: Any, failed: Any, errors: Any) -> Health:
    if not failed:
        return HEALTHY
    latest = f": {errors[-1]}" if errors else ""
    return Health(Level.DEGRADED if delivered else Level.FAILED, f"{failed} messages failed{latest}")


RULE = table(
    "rules.rules.kubeedge.io",
    "Rule",
    ("v1",),
    cell("source", "spec.source", "spec.sourceResource", read=_end, width=50),
    cell("target", "spec.target", "spec.targetResource", read=_end, width=50),
    cell("delivered", "status.successMessages", format=Format.COUNT),
    cell("failed", "status.failMessages", format=Format.COUNT),
    health=_rule,
)

RULE_ENDPOINT = table(
    "ruleendpoints.rules.kubeedge.io",
    "RuleEndpoint",
    ("v1",),
    cell("type", "spec.ruleEndpointType"),
    cell("properties", "spec.properties", width=50),
    short_names=("re",),
)

KINDS = (
    *(DEVICE, DEVICE_MODEL, DEVICE_STATUS, NODE_GROUP, EDGE_APPLICATION),
    *(RULE, RULE_ENDPOINT),
)
