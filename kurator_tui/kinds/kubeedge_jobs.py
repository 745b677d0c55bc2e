"""KubeEdge: jobs over edge nodes. Releases before v1alpha2 keep what they say of a node in other fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import Format, Health, Level
from kurator_tui.kinds.judge import judge, phase
from kurator_tui.kinds.table import Cell, Part, cell, table

_NODES = ("status.nodeStatus[*]", "status.status[*].nodeStatus")
FAILED = ("Failure", "Failed")
DONE = ("Successful", "Completed")
LARGEST_PROGRESS = 2 * 2**20
"""Bytes of what a job says of its nodes: as much as an object can hold."""


def _phase(node: Mapping[str, Any]) -> str:
    return str(node.get("phase") or node.get("state") or "")


def _nodes(*found: Any) -> list[Any]:
    """The nodes of a job; older releases keep them one deeper when the job pulls images."""
    return next((each for each in found if each), [])


def _because(status: Mapping[str, Any], images: Any) -> str:
    """Why a node failed, as it says itself, as its last step does, or as the first image does."""
    told = [status.get("reason"), *(each.get("reason") for each in reversed(status.get("actionFlow") or ()))]
    told += [each.get("reason") for each in images or ()]
    return str(next((each for each in told if each), ""))


def _progress(names: Any, *found: Any) -> list[list[str]]:
    """`[node, phase, step, from, to, reason]` of each node of a job, in either shape; those that are named
    and have no status yet have no phase."""
    nodes: dict[str, list[str]] = {}
    for each in _nodes(*found):
        status = each.get("nodeStatus") or each
        flow = status.get("actionFlow") or ()
        step = flow[-1].get("action") if flow else status.get("event")
        versions = (status.get("historicVersion"), status.get("currentVersion"))
        name, reason = str(status.get("nodeName", "")), _because(status, each.get("imageStatus"))
        nodes[name] = [name, _phase(status), *(str(text or "") for text in (step, *versions)), reason]
    for name in names or ():
        nodes.setdefault(str(name), [str(name), "", "", "", "", ""])
    return list(nodes.values())


def _progress_part(within: str = "spec") -> dict[str, Part]:
    paths = (f"{within}.nodeNames[*]", "status.nodeStatus[*]", "status.status[*]")
    return {"nodes": Part(paths, _progress, LARGEST_PROGRESS)}


_JOB_PHASE = phase(
    "status.phase",
    healthy=DONE,
    progressing=(
        *("Init", "Pending", "InProgress", "Checking", "BackingUp", "Upgrading", "RollingBack"),
        *("Pulling", "ConfigUpdating"),
    ),
    degraded=("Pause",),
    failed=FAILED,
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
    failed = [node for node in known if _phase(node) in FAILED]
    own = found.level is Level.FAILED and found.reason != str(now or state)
    if own or not failed:
        return found
    first = failed[0]
    because = f": {first['reason']}" if first.get("reason") else ""
    named = f"{first.get('nodeName', '')}{because}"
    level = found.level if found.level is Level.FAILED else Level.DEGRADED
    return Health(level, f"{len(failed)} of {len(known)} nodes failed, {named}")


def _node_job_cells(*own: Cell, within: str = "spec") -> tuple[Cell, ...]:
    return (
        cell("phase", "status.phase", "status.state", priority=2),
        *own,
        cell(
            "done",
            *_NODES,
            read=lambda *nodes: f"{sum(_phase(n) in DONE for n in _nodes(*nodes))}/{len(_nodes(*nodes))}",
            priority=2,
        ),
        cell(
            "failed",
            *_NODES,
            read=lambda *nodes: sum(_phase(node) in FAILED for node in _nodes(*nodes)),
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
    parts=_progress_part(),
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
    parts=_progress_part("spec.imagePrePullTemplate"),
)

CONFIG_UPDATE_JOB = table(
    "configupdatejobs.operations.kubeedge.io",
    "ConfigUpdateJob",
    ("v1alpha2",),
    *_node_job_cells(cell("fields", "spec.updateFields", read=lambda fields: ",".join(sorted(fields)), width=60)),
    health=_node_job,
    namespaced=False,
    parts=_progress_part(),
)

KINDS = (NODE_UPGRADE_JOB, IMAGE_PRE_PULL_JOB, CONFIG_UPDATE_JOB)
