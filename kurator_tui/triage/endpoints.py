"""Who answers behind a Service, from its EndpointSlices. Pure; analysers share it."""

from __future__ import annotations

from typing import Any, NamedTuple

from kurator_tui.kinds.apps import DAEMON_SET, STATEFUL_SET
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.networking import ENDPOINT_SLICE
from kurator_tui.kinds.table import part
from kurator_tui.triage.marking import without_hash
from kurator_tui.triage.rules import Look

SERVICE_LABEL = "kubernetes.io/service-name"

NEEDED: tuple[AnyKind, ...] = (ENDPOINT_SLICE, DEPLOYMENT, STATEFUL_SET, DAEMON_SET)
"""What has to be known before anybody is told who answers."""


class Behind(NamedTuple):
    """`ready` of `known` endpoints answer; `most` is the name that most of their pods begin with."""

    ready: int = 0
    known: int = 0
    most: str = ""


NOBODY = Behind()


def behind(look: Look, cluster: str, namespace: str, service: str) -> Behind:
    """Who is behind a Service."""
    ready, owners = 0, dict[str, int]()
    for row in look.labelled(ENDPOINT_SLICE, cluster, namespace, SERVICE_LABEL, service):
        told: Any = part(ENDPOINT_SLICE, row, "behind") or {}
        for owner, (answer, known) in told.items():
            ready += answer
            owners[owner] = owners.get(owner, 0) + known
    if not owners:
        return NOBODY
    return Behind(ready, sum(owners.values()), max(owners, key=lambda owner: (owners[owner], owner)))


def scaled_to_nothing(look: Look, cluster: str, namespace: str, owner: str) -> bool:
    """Whether `owner` is a Deployment that somebody wants no pods of."""
    kind, _, name = owner.partition("/")
    found = look.find(DEPLOYMENT, cluster, namespace, name) if kind == "Deployment" else None
    return found is not None and found.desired == 0


def owner_of(found: Behind, look: Look, cluster: str, namespace: str) -> str:
    """`Deployment/web` of most pods behind a Service, as their names say; "" where nobody knows."""
    return workload_named(look, cluster, namespace, found.most)


def workload_named(look: Look, cluster: str, namespace: str, name: str) -> str:
    """`Deployment/web` of what a pod's own name says: a Deployment's has a hash behind it."""
    if name:
        if look.find(DEPLOYMENT, cluster, namespace, without_hash(name)) is not None:
            return f"Deployment/{without_hash(name)}"
        for kind in (STATEFUL_SET, DAEMON_SET):
            if look.find(kind, cluster, namespace, name) is not None:
                return f"{kind.name}/{name}"
    return ""
