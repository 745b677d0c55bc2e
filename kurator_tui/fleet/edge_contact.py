"""What a Node, its Lease and its pods say of an edge node's contact with the cloud. Pure.

Ready Unknown means that nothing was heard, and nothing else: pods go on without the cloud. Only a node that is in
contact can say that it failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kurator_tui.fleet.flaps import FLAPPING
from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.core import NodeRow
from kurator_tui.kinds.edge import Contact
from kurator_tui.kinds.pods import PodRow

LEASE_NAMESPACE = "kube-node-lease"
LEASE_SECONDS = 40.0
"""For which a Lease holds that does not say."""
STATUS_SECONDS = 340.0
"""Within which a kubelet without a Lease reports: every five minutes, and the grace the node controller gives."""
GROUP_LABEL = "apps.kubeedge.io/belonging-to"
REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
SITE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone", *REGION_LABELS)
"""What names the site of a node in no group, the first that it has."""
_UNREACHABLE = "node.kubernetes.io/unreachable"
_ENDED = ("Succeeded", "Failed")
_VERSION = re.compile(r"(?P<kubelet>v[^-]+(?:-(?!kubeedge).+?)?)-kubeedge-(?P<edgecore>.+)")


class Load(NamedTuple):
    """What pods ask of a node: those that have not ended, how many run, how many wait for their end to be
    confirmed, millicores and bytes."""

    pods: int = 0
    running: int = 0
    terminating: int = 0
    cpu: int = 0
    memory: int = 0


NO_LOAD = Load()


def load_of(pod: PodRow) -> Load:
    """What one pod adds."""
    if pod.phase in _ENDED:
        return NO_LOAD
    return Load(1, pod.phase == "Running", pod.deleting, pod.cpu_requested, pod.memory_requested)


def site_of(node: NodeRow, cluster: str, label: str) -> tuple[str, str]:
    """(site, what named it) of a node: group, a label of the user's choice, zone or region, the cluster."""
    labels = dict(node.labels)
    if group := labels.get(GROUP_LABEL):
        return group, "group"
    for each in (label, *SITE_LABELS):
        if each and (found := labels.get(each)):
            return found, each
    return cluster, "cluster"


def region_of(node: NodeRow) -> str:
    """The region that a node's labels name."""
    labels = dict(node.labels)
    return next((found for each in REGION_LABELS if (found := labels.get(each))), "")


def versions(told: str) -> tuple[str, str]:
    """(kubelet, edgecore) of `v1.29.5-kubeedge-v1.17.0`; of anything else no edgecore is known."""
    found = _VERSION.fullmatch(told)
    return (found["kubelet"], found["edgecore"]) if found else (told, "")


def contact_of(node: NodeRow, load: Load | None, *, silent: bool) -> Contact:
    """How a node stands. Without a `load` nobody can read its pods."""
    if node.ready == "True":
        return Contact.SILENT if silent else Contact.ONLINE
    if node.ready == "False":
        return Contact.FAILED
    if not (node.reason or node.heartbeat):
        return Contact.NEW
    return Contact.AUTONOMOUS if load is None or load.running or load.terminating else Contact.OFFLINE


def contact_health(node: NodeRow, contact: Contact, load: Load | None, flaps: int) -> Health:
    """How well that is."""
    if contact is Contact.FAILED:
        return Health(Level.FAILED, ": ".join(part for part in (node.reason, node.message) if part) or "not ready")
    if contact is Contact.NEW:
        return Health(Level.UNKNOWN, "joined, but never reported its status")
    if contact is Contact.AUTONOMOUS:
        return Health(Level.UNKNOWN, f"no contact; may work on its own: {_pods(load)}")
    if contact is Contact.OFFLINE:
        return Health(Level.UNKNOWN, "no contact; nothing ran on it")
    if contact is Contact.SILENT:
        return Health(Level.UNKNOWN, "its heartbeats stopped, the cluster still calls it Ready")
    found = "; ".join(_troubles(node, flaps))
    return Health(Level.DEGRADED, found) if found else HEALTHY


def _pods(load: Load | None) -> str:
    if load is None:
        return "its pods cannot be read"
    stuck = f", {load.terminating} stuck Terminating" if load.terminating else ""
    return f"{load.running} of {load.pods} pods ran{stuck}"


def _troubles(node: NodeRow, flaps: int) -> Iterable[str]:
    """Of a node in contact."""
    if flaps >= FLAPPING:
        yield f"flapping: {flaps} changes of contact in an hour"
    if node.pressures:
        yield " and ".join(node.pressures) + " pressure"
    if any(taint.startswith(_UNREACHABLE) for taint in node.taints):
        yield "Ready, but still tainted unreachable"
    if node.unschedulable:
        yield "cordoned"
