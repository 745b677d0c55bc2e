"""Fleets as verbs see them: who is a member, where backups go. Reads only.

A Fleet, its members and what is made for it share one namespace: Kurator looks nowhere else, whatever a reference
says.
"""

from __future__ import annotations

from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, name_of, text

FLEET = "fleets.fleet.kurator.dev"
MEMBERS = {"Cluster": "clusters.cluster.kurator.dev", "AttachedCluster": "attachedclusters.cluster.kurator.dev"}
CLUSTERS = tuple(MEMBERS.values())
CUSTOM_CLUSTER = "customclusters.infrastructure.cluster.x-k8s.io"
APPLICATION = "applications.apps.kurator.dev"
CONTROL_PLANE = "fleet.kurator.dev/controlplane"
"""Annotation that asks for a Karmada control plane; later edits of it are not supported."""
LABEL = "fleet.kurator.dev/fleet-name"
UNBUILT = ("gcp", "azure")
"""Object stores that Kurator names and does not implement: its controller fails on them."""
BUILT = ("aws", "huaweicloud")


def kind_of(target: Target) -> str:
    """`AttachedCluster` of a target of that kind."""
    return next((kind for kind, id in MEMBERS.items() if id == target.kind), "")


def listed(fleet: Obj) -> list[tuple[str, str]]:
    """(kind, name) of each member, in order."""
    return [
        (text(each.get("kind")) or "Cluster", text(each.get("name")))
        for each in mappings(at(fleet, "spec", "clusters"))
    ]


def fleet_of(cluster: Obj) -> str:
    """The name of the Fleet that a cluster says it is in, "" for none."""
    return text(mapping(meta(cluster).get("labels")).get(LABEL))


def fleet_at(namespace: str, name: str) -> Target:
    """A Fleet as a target."""
    return Target(HOST, FLEET, namespace, name)


async def found(reader: Reader, where: Target) -> Obj | str:
    """An object, or why it cannot be had."""
    try:
        return await reader.get(where)
    except NotFound:
        return f"there is no {where.kind.partition('.')[0]} {where.name} in {where.namespace}"
    except ConsoleError as error:
        return error.message


async def ready(reader: Reader, fleet: Obj, namespace: str) -> tuple[list[str], list[str]]:
    """Names of the members that Kurator calls ready, and of the others."""
    good: list[str] = []
    bad: list[str] = []
    for kind, name in listed(fleet):
        obj = await found(reader, Target(HOST, MEMBERS[kind], namespace, name)) if kind in MEMBERS else ""
        (good if is_ready(obj) else bad).append(name)
    return good, bad


def is_ready(cluster: Obj | str) -> bool:
    """As Kurator decides it."""
    return at(cluster, "status", "ready") is True or at(cluster, "status", "phase") == "Ready"


def unstored(fleet: Obj) -> str:
    """Why nothing of this Fleet can be backed up, "" where it can."""
    storage = at(fleet, "spec", "plugin", "backup", "storage")
    if not isinstance(storage, dict):
        return "its backup plugin is off: Velero runs on none of its members"
    provider = text(at(storage, "location", "provider"))
    if provider in UNBUILT:
        return f"its backups go to {provider}, which Kurator does not implement: its controller fails"
    return "" if provider in BUILT else f"its backups go to {provider or 'nowhere'}, which Kurator does not know"


async def policies(reader: Reader, namespace: str, fleet: str) -> list[tuple[str, str, Object]]:
    """(Application, sync policy, labels that it selects) of what goes to a fleet; none where we may not look."""
    try:
        applications = await reader.list(HOST, APPLICATION, namespace)
    except ConsoleError:
        return []
    said = []
    for app in applications:
        default = mapping(at(app, "spec", "destination"))
        for number, policy in enumerate(mappings(at(app, "spec", "syncPolicies"))):
            aim = mapping(policy.get("destination")) or default
            if text(aim.get("fleet")) == fleet:
                name = text(policy.get("name")) or f"{name_of(app)}-{number}"
                said.append((name_of(app), name, mapping(at(aim, "clusterSelector", "matchLabels"))))
    return said


def selected(wanted: Object, cluster: Obj) -> bool:
    """Whether a cluster has all labels that a policy selects."""
    labels = mapping(meta(cluster).get("labels"))
    return all(labels.get(key) == value for key, value in wanted.items())
