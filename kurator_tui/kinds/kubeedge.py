"""KubeEdge: devices, groups of edge nodes, applications for them, jobs over them, message rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import Judge, judge, phase, worst
from kurator_tui.kinds.table import Cell, cell, table

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

# -- jobs over nodes --------------------------------------------------------------------------------------------

_NODES = ("status.nodeStatus[*]", "status.status[*].nodeStatus")
_FAILED = ("Failure", "Failed")
_DONE = ("Successful", "Completed")


def _phase(node: Mapping[str, Any]) -> str:
    return str(node.get("phase") or node.get("state") or "")


def _nodes(*found: Any) -> list[Any]:
    """The nodes of a job; older releases keep them one deeper when the job pulls images."""
    return next((each for each in found if each), [])


_JOB_PHASE = phase(
    "status.phase",
    healthy=_DONE,
    progressing=(
        *("Init", "Pending", "InProgress", "Checking", "BackingUp", "Upgrading", "RollingBack"),
        *("Pulling", "ConfigUpdating"),
    ),
    degraded=("Pause",),
    failed=_FAILED,
    reason="status.reason",
    none=Health(Level.PROGRESSING, "not started"),
)


@judge(
    "status.phase",
    "status.state",
    "status.reason",
    *_NODES,
    says=_JOB_PHASE.says + " (`status.state` before v1alpha2); nodes that failed are degraded",
)
def _node_job(now: Any, state: Any, reason: Any, *nodes: Any) -> Health:
    found = _JOB_PHASE.read(now or state, reason)
    known = _nodes(*nodes)
    failed = [node for node in known if _phase(node) in _FAILED]
    if found.level is Level.FAILED or not failed:
        return found
    first = failed[0]
    because = f": {first['reason']}" if first.get("reason") else ""
    named = f"{first.get('nodeName', '')}{because}"
    return Health(Level.DEGRADED, f"{len(failed)} of {len(known)} nodes failed, {named}")


def _node_job_cells(*own: Cell, within: str = "spec") -> tuple[Cell, ...]:
    return (
        cell("phase", "status.phase", "status.state", priority=2),
        *own,
        cell(
            "done",
            *_NODES,
            read=lambda *nodes: f"{sum(_phase(n) in _DONE for n in _nodes(*nodes))}/{len(_nodes(*nodes))}",
            priority=2,
        ),
        cell(
            "failed",
            *_NODES,
            read=lambda *nodes: sum(_phase(node) in _FAILED for node in _nodes(*nodes)),
            format=Format.COUNT,
        ),
        cell("nodes", f"{within}.nodeNames", f"{within}.labelSelector.matchLabels", width=50, priority=5),
        cell("concurrency", f"{within}.concurrency", format=Format.COUNT, wide=True),
        cell("tolerates", f"{within}.failureTolerate", wide=True),
        cell("timeout", f"{within}.timeoutSeconds", format=Format.COUNT, title="TIMEOUT SECONDS", wide=True),
    )


NODE_UPGRADE_JOB = table(
    "nodeupgradejobs.operations.kubeedge.io",
    "NodeUpgradeJob",
    ("v1alpha2", "v1alpha1"),
    *_node_job_cells(
        cell("version", "spec.version"),
        cell("from", "status.historicVersion", "status.nodeStatus[*].historicVersion", wide=True),
        cell("confirm", "spec.requireConfirmation", wide=True),
    ),
    health=_node_job,
    namespaced=False,
)

IMAGE_PRE_PULL_JOB = table(
    "imageprepulljobs.operations.kubeedge.io",
    "ImagePrePullJob",
    ("v1alpha2", "v1alpha1"),
    *_node_job_cells(
        cell("images", "spec.imagePrePullTemplate.images", width=60), within="spec.imagePrePullTemplate"
    ),
    health=_node_job,
    namespaced=False,
)

CONFIG_UPDATE_JOB = table(
    "configupdatejobs.operations.kubeedge.io",
    "ConfigUpdateJob",
    ("v1alpha2",),
    *_node_job_cells(cell("fields", "spec.updateFields", read=lambda fields: ",".join(sorted(fields)), width=60)),
    health=_node_job,
    namespaced=False,
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
    *(NODE_UPGRADE_JOB, IMAGE_PRE_PULL_JOB, CONFIG_UPDATE_JOB, RULE, RULE_ENDPOINT),
)
