"""Pitfalls of Kurator's Applications and rollouts, as its code is: what is asked for and does something else.

| Code   | Of  | Seen from                                                                 |
|--------|-----|---------------------------------------------------------------------------|
| KT5001 | K1  | Application beside its Flux objects                                       |
| KT5003 | K3  | rollout block of a sync policy                                            |
| KT5004 | K4  | Ingress `nginx` on a member                                               |
| KT5005 | K5  | Canary of provider kuma                                                   |
| KT5006 | K6  | Canary on a member beside the Applications of the host                    |
| KT5011 | K11 | rollout block of a sync policy; policy of a Backup, Restore or Migrate    |
| KT5018 | K18 | Application beside the fleets of all namespaces                           |

The others are with the fleets (`pitfalls_fleets`), where also stands which cannot be seen, and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from kurator_tui.fleet.application_plan import text
from kurator_tui.fleet.flux_state import flux_health
from kurator_tui.kinds.base import HOST, Kind, Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import HELM_RELEASE, KUSTOMIZATION
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.kurator_backups import BACKUP, MIGRATE, RESTORE
from kurator_tui.kinds.networking import INGRESS
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.host import (
    RELEASE_KINDS,
    FluxRow,
    flux_of,
    fresh,
    origin,
    policies,
    release_marks,
    selected,
    value,
)
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

LAGGING = 300.0
"""Seconds by which the status of an Application may be behind its Flux objects."""
LEFT = 300.0
"""Seconds in which what Kurator removes should be gone."""
MANY = 10
"""Equal rules of an Ingress that are no accident."""

COPIES = Analyser(
    APPLICATION,
    concerns=lambda row: row.level == Level.DEGRADED and not row.deleting,
    host=(FLEET, CLUSTER, ATTACHED_CLUSTER, KUSTOMIZATION, HELM_RELEASE, *RELEASE_KINDS),
)


@COPIES.rule("KT5001", "Application's status is another one's", Severity.LOW, suggests=("read.describe",))
def false_copies(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Application's status says that something is not ready, and all of its Flux objects are (K1).

    With more than one target every entry of `status.syncStatus` repeats the state of the last one: a fault of the
    controller's loop. It says nothing about any cluster.

    There is nothing to repair. Read the Kustomizations and HelmReleases themselves, as this console does.
    """
    found: list[FluxRow] = []
    for policy in policies(row):
        fleet = look.find(FLEET, HOST, row.namespace, policy.fleet) if policy.fleet else None
        for cluster, _name in selected(look, fleet, policy) if fleet is not None else ():
            flux = flux_of(look, row.namespace, policy, cluster.kind, cluster.name)
            if flux is not None:
                found.append(flux)
    well = all(flux_health(each).level is Level.HEALTHY for each in found)
    if len(found) > 1 and well and fresh(look, HOST, KUSTOMIZATION):
        said = f"its status says {row.reason}; its {len(found)} Flux objects are ready"
        yield Seen(said, after=LAGGING, marks=release_marks(look, row.namespace, row.name))


# -- how rollouts are asked for -----------------------------------------------------------------------------------

ROLLOUTS = Analyser(APPLICATION, concerns=lambda row: not row.deleting, host=(FLEET, *RELEASE_KINDS))


@ROLLOUTS.rule("KT5003", "rollout loses its Canary", Severity.MEDIUM, suggests=("app.edit",))
def other_name(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A sync policy's rollout has a `serviceName` that is not the name of its workload (K3).

    Kurator makes the Canary by the workload's name and looks for it by the Service's: its second pass fails with
    AlreadyExists, changes to the rollout never arrive, and deleting it leaves the Canary behind.

    Give both the same name.
    """
    for policy in policies(row):
        service = text((policy.block or {}).get("serviceName"))
        its = (policy.block or {}).get("workload")
        workload = text(its.get("name")) if isinstance(its, dict) else ""
        if service and workload and service != workload:
            said = f"policy {policy.name}: serviceName {service}, workload {workload}"
            yield Seen(said, detail=policy.name, marks=release_marks(look, row.namespace, row.name))


def _is_unfiltered(kind: Kind[Any, ObjectRow], row: ObjectRow) -> bool:
    return part(kind, row, "unfiltered") is True


BACKUPS, RESTORES, MIGRATES = (
    Analyser(kind, concerns=partial(_is_unfiltered, kind)) for kind in (BACKUP, RESTORE, MIGRATE)
)


@ROLLOUTS.rule("KT5011", "Kurator's controller stumbles over it", Severity.HIGH, suggests=("app.edit", "edit"))
def incomplete(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The object lacks fields that the API calls optional and Kurator's controller needs (K11).

    It panics, recovers, and tries again for ever, without a word in any status: nothing is ever made of it.

    A rollout needs `trafficRouting`, `trafficAnalysis`, each metric's `intervalSeconds`, and `timeoutSeconds`
    where its webhooks have commands. A policy of a Backup, Restore or Migrate needs `resourceFilter: {}`; editing
    one that runs once does nothing, so make it again.
    """
    for policy in policies(row):
        lacks = (policy.block or {}).get("lacks")
        if lacks:
            said = f"policy {policy.name} lacks {', '.join(lacks)}"
            yield Seen(said, detail=policy.name, marks=release_marks(look, row.namespace, row.name))


def unfiltered(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    yield Seen("spec.policy has no resourceFilter")


unfiltered.__doc__ = incomplete.__doc__
for _each in (BACKUPS, RESTORES, MIGRATES):
    _each.rule("KT5011", "Kurator's controller stumbles over it", Severity.HIGH, suggests=("edit",))(unfiltered)


@ROLLOUTS.rule("KT5018", "Application's fleet is in another namespace", Severity.HIGH, suggests=("app.edit",))
def other_namespace(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Application names a fleet that exists, but not in the Application's own namespace (K18).

    Kurator looks for it there only, and finds none: the Application goes nowhere, and cannot be deleted either.

    Make the Application in the fleet's namespace.
    """
    fleets = look.all(FLEET, HOST)
    for name in sorted({policy.fleet for policy in policies(row) if policy.fleet}):
        spaces = sorted(fleet.namespace for fleet in fleets if fleet.name == name)
        if spaces and row.namespace not in spaces:
            said = f"fleet {name} is in {', '.join(spaces)}, the Application in {row.namespace}"
            yield Seen(said, detail=name, marks=release_marks(look, row.namespace, row.name))


# -- what Kurator makes on members --------------------------------------------------------------------------------

INGRESSES = Analyser(INGRESS, concerns=lambda row: row.name == "nginx")


@INGRESSES.rule("KT5004", "Ingress grows without end", Severity.MEDIUM, suggests=("edit", "read.yaml"))
def growing_ingress(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Ingress that Kurator makes for rollouts by nginx has the same rule many times (K4).

    Each pass of the controller, every half minute, adds it again, until the object is too large to be written.

    Take the copies out by hand, leave one; they come back while the rollout exists.
    """
    routes = part(INGRESS, row, "routes")
    if routes is None:
        yield Seen("too many rules to be counted")
        return
    number = max(Counter(tuple(each) for each in routes).values(), default=0)
    if number >= MANY:
        yield Seen(f"one rule is there {number} times")


KUMA = Analyser(
    CANARY,
    concerns=lambda row: value(CANARY, row, "provider") == "kuma" and bool(part(CANARY, row, "rollout")),
)


@KUMA.rule("KT5005", "Canary without its mesh", Severity.LOW, suggests=("annotate",))
def no_mesh(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A Canary of Kurator is to be routed by kuma and does not say in which mesh it is (K5).

    Kurator writes the annotations of its Canaries anew at each pass, and `kuma.io/mesh` is not among them. Flagger
    takes the mesh `default`; a workload in another mesh gets no traffic as a canary.

    With a mesh of another name use istio, or a Canary that Kurator does not make.
    """
    if not part(CANARY, row, "mesh"):
        owner = part(CANARY, row, "target") or {}
        yield Seen("no annotation kuma.io/mesh", marks={"owner": f"{owner.get('kind')}/{owner.get('name')}"})


MADE = Analyser(
    CANARY,
    concerns=lambda row: row.cluster != HOST and bool(part(CANARY, row, "rollout")),
    host=(FLEET, KUSTOMIZATION, HELM_RELEASE, *RELEASE_KINDS),
)


@MADE.rule("KT5006", "Canary was left behind", Severity.LOW, suggests=("delete", "read.describe"))
def left_behind(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator made a Canary for a sync policy that has no rollout any more, or does not exist (K6).

    Flagger goes on to control the workload by it: a new revision is still rolled out step by step, the original
    Deployment stays at zero. Its test-loader and MetricTemplates stay, too.

    Delete the Canary, which gives the traffic back where `revertOnDeletion` is set; then what else has the
    annotation `kurator.dev/rollout` with this policy's name.
    """
    if not fresh(look, HOST, APPLICATION) or not fresh(look, HOST, FLEET):
        return
    name = text(part(CANARY, row, "rollout"))
    found = origin(look, row.cluster, name)
    if found is None:
        yield Seen(f"no sync policy {name} goes here", after=LEFT)
    elif found.policy is None or found.policy.block is None:
        said = f"policy {name} of {found.namespace}/{found.application} has no rollout any more"
        yield Seen(said, after=LEFT)
