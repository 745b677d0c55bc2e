"""What findings may have in common, read from rows and from what servers say. Pure; analysers share it."""

from __future__ import annotations

import re
from typing import Any

from kurator_tui.fleet.edge_contact import GROUP_LABEL, site_of
from kurator_tui.kinds.apps import DAEMON_SET, STATEFUL_SET
from kurator_tui.kinds.base import Kind
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.triage.host import brought_by, overridden
from kurator_tui.triage.rules import Look

_HASH = re.compile(r"-[0-9a-z]{6,10}$")
_QUOTA = re.compile(r"exceeded quota: ([\w.-]+)")
_WEBHOOK = re.compile(r'failed calling webhook .*?"https://([\w-]+)\.([\w-]+)\.svc', re.DOTALL)
_KYVERNO = re.compile(r"following policies\s+([\w.-]+)\s*:")
_WAITED = re.compile(
    r"\b(Deployment|StatefulSet|DaemonSet|Job)(?:/| is not ready: )([\w.-]+)/([\w-]+(?:\.[\w-]+)*)"
)
_WAITED_POD = re.compile(r"\bpod ([\w.-]+)/([\w-]+(?:\.[\w-]+)*)")
_POD_SECURITY = re.compile(r'violates PodSecurity "([^"]+)"')


LONGEST = 4096
"""Characters of a server's words that are looked through: what people wrote may be as long as an object."""


def without_hash(name: str) -> str:
    """A ReplicaSet's name without its hash: its Deployment's. Unchanged where there is none."""
    return _HASH.sub("", name)


def workload(pod: PodRow) -> str:
    """`Deployment/web` of what a pod belongs to."""
    if pod.owner_kind == "ReplicaSet" and _HASH.search(pod.owner):
        return f"Deployment/{without_hash(pod.owner)}"
    return f"{pod.owner_kind}/{pod.owner}" if pod.owner else ""


def _site(node: NodeRow | None) -> tuple[str, str]:
    """(site, the label that names it); ("", "") of a node that is in none: zones of a cloud are no sites."""
    if node is None:
        return "", ""
    found, source = site_of(node, "", "")
    if source == "group":
        return found, GROUP_LABEL
    return (found, source) if node.edge and source != "cluster" else ("", "")


def site_label(node: NodeRow | None) -> str:
    """The label that names the site of an edge node: of its group, of its zone or region; "" without one."""
    return _site(node)[1]


def site(node: NodeRow | None) -> str:
    """The edge site of a node, "" for one that is in none."""
    return _site(node)[0]


_WORKLOADS: dict[str, Kind[Any, Any]] = {
    "Deployment": DEPLOYMENT,
    "StatefulSet": STATEFUL_SET,
    "DaemonSet": DAEMON_SET,
}


def of_pod(pod: PodRow, look: Look, **more: str) -> dict[str, str]:
    """What a pod has in common with others: its workload, its node, its site, its release, its override."""
    node = look.find(NODE, pod.cluster, "", pod.node) if pod.node else None
    owner = workload(pod)
    kind, _, name = owner.partition("/")
    its = look.find(_WORKLOADS[kind], pod.cluster, pod.namespace, name) if kind in _WORKLOADS else None
    labels = dict(its.labels) if its is not None else {}
    brought = brought_by(look, labels) if labels else {}
    changed = overridden(look, pod.cluster, f"{kind}/{pod.namespace}/{name}", labels) if labels else {}
    return {"owner": owner, "node": pod.node, "site": site(node), **brought, **changed, **more}


def waited_for(message: str, look: Look, cluster: str) -> dict[str, str]:
    """The workload in `cluster` that Flux or Helm waits for in vain, as they name it."""
    if (found := _WAITED.search(message)) is not None:
        return {"waits_in": found[2], "waits_for": f"{found[1]}/{found[3]}"}
    if (found := _WAITED_POD.search(message)) is not None:
        pod = look.find(POD, cluster, found[1], found[2])
        if pod is not None and (owner := workload(pod)):
            return {"waits_in": pod.namespace, "waits_for": owner}
    return {}


def refused_by(message: str) -> dict[str, str]:
    """Who did not let an object in, as the API server words it: a quota, a policy, a webhook (by its Service)."""
    marks, message = {}, message[:LONGEST]
    if (quota := _QUOTA.search(message)) is not None:
        marks["quota"] = quota[1]
    if (webhook := _WEBHOOK.search(message)) is not None:
        marks["webhook"] = f"{webhook[2]}/{webhook[1]}"
    if (policy := _KYVERNO.search(message)) is not None:
        marks["policy"] = policy[1]
    if (standard := _POD_SECURITY.search(message)) is not None:
        marks["policy"] = f"PodSecurity {standard[1]}"
    return marks
