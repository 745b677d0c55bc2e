"""What analysers of several areas ask of the host's objects: names of members, marks of releases. Pure.

Whatever is looked at here is noted by `Look`: a finding is judged again when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kurator_tui.fleet.application_plan import flux_name, policy_name, text
from kurator_tui.fleet.karmada_overrides import WIDE
from kurator_tui.kinds.base import HOST, AnyKind, Kind
from kurator_tui.kinds.flux import (
    GIT_REPOSITORY,
    HELM_RELEASE,
    HELM_REPOSITORY,
    KUSTOMIZATION,
    OCI_REPOSITORY,
    HelmReleaseRow,
)
from kurator_tui.kinds.karmada_propagation import WORK
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET, FleetRow, ManagedClusterRow
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import UNKNOWN
from kurator_tui.triage.rules import Look

FluxRow = ObjectRow | HelmReleaseRow
NO_REVISION = "-"
"""Stands for the revision of an Application whose source says none."""
SOURCES = (GIT_REPOSITORY, HELM_REPOSITORY, OCI_REPOSITORY)
RELEASE_KINDS: tuple[AnyKind, ...] = (APPLICATION, *SOURCES)
"""Kinds of the host that `release_marks` looks at."""
_MANAGED: dict[str, Kind[Any, ManagedClusterRow]] = {"Cluster": CLUSTER, "AttachedCluster": ATTACHED_CLUSTER}
_INFIXES = ("-attachedcluster-", "-customcluster-", "-cluster-")


def value(kind: AnyKind, row: ObjectRow, key: str) -> Any:
    """The value of a row's column; None for a column that it does not have."""
    column = kind.column(key)
    return column.value(row) if column is not None else None


def fresh(look: Look, cluster: str, kind: AnyKind) -> bool:
    """Whether rows of `kind` there show how things are now: time that goes by over old rows means nothing."""
    return look.freshness(cluster, kind).trustworthy


# -- members ----------------------------------------------------------------------------------------------------


def member_name(look: Look, namespace: str, object_name: str) -> str:
    """The member behind a cluster's object: its name, with the namespace where two objects share that."""
    longer = f"{object_name}.{namespace}"
    return longer if look.freshness(longer) != UNKNOWN else object_name


def member_of_flux(look: Look, row: FluxRow) -> str:
    """The member that a Kustomization or HelmRelease of an Application goes to; "" for the host itself."""
    for infix in _INFIXES:
        _policy, found, cluster = row.name.rpartition(infix)
        if found and cluster:
            return member_name(look, row.namespace, cluster)
    return ""


def member_of_karmada(look: Look, name: str) -> str:
    """The member that Karmada knows as `name`: Kurator adds the kind of the cluster's object to it."""
    if look.freshness(name) != UNKNOWN:
        return name
    for infix in _INFIXES:
        if name.endswith(infix.removesuffix("-")):
            return name.removesuffix(infix.removesuffix("-"))
    return name


def managed(look: Look, namespace: str, kind: str, name: str) -> ManagedClusterRow | None:
    """The object of a cluster that a Fleet of that namespace lists."""
    known = _MANAGED.get(kind)
    return look.find(known, HOST, namespace, name) if known is not None else None


def members_of(look: Look, fleet: FleetRow) -> list[tuple[ManagedClusterRow, str]]:
    """The objects of a fleet's members that exist, each with the member's name."""
    found = []
    for kind, name in fleet.members:
        if (row := managed(look, fleet.namespace, kind, name)) is not None:
            found.append((row, member_name(look, fleet.namespace, name)))
    return found


# -- Karmada ----------------------------------------------------------------------------------------------------

_BY_KARMADA = ("karmada.io/managed", "true")
_WORKS = "karmada-es-"


def _brought(work: ObjectRow) -> tuple[str, str] | None:
    """The namespace of a Work, and what it brings out."""
    kind, space, name = part(WORK, work, "manifest") or ("", "", "")
    return (work.namespace, f"{kind}/{space}/{name}") if name else None


def overridden(look: Look, cluster: str, what: str, labels: Mapping[str, str]) -> dict[str, str]:
    """The override policy that changed `Kind/namespace/name` last on its way to a member; {} for none."""
    if _BY_KARMADA not in labels.items():
        return {}
    for suffix in ("", *(infix.removesuffix("-") for infix in _INFIXES)):
        for work in look.having(WORK, HOST, _brought, (f"{_WORKS}{cluster}{suffix}", what)):
            for sort, policy, _overriders in reversed(part(WORK, work, "overrides") or ()):
                return {"override": policy if sort == WIDE else f"{what.split('/')[1]}/{policy}"}
    return {}


# -- Applications -----------------------------------------------------------------------------------------------


class Policy(NamedTuple):
    """A sync policy of an Application with the fleet and the labels that it goes to."""

    name: str
    way: str
    """`helm` or `kustomization`."""
    fleet: str
    labels: Mapping[str, Any]
    block: Mapping[str, Any] | None
    """Its rollout block."""


def policies(application: ObjectRow) -> list[Policy]:
    """The sync policies of an Application; a policy's own destination replaces the Application's."""
    found = []
    for index, each in enumerate(part(APPLICATION, application, "policies") or ()):
        target = each.get("destination") or part(APPLICATION, application, "destination") or {}
        block = each.get("rollout")
        found.append(
            Policy(
                policy_name(application, index, each),
                text(each.get("way")),
                text(target.get("fleet")),
                _mapping(target.get("labels")),
                block if isinstance(block, Mapping) else None,
            )
        )
    return found


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def selected(look: Look, fleet: FleetRow, policy: Policy) -> list[tuple[ManagedClusterRow, str]]:
    """The members of its fleet that a policy goes to."""
    wanted = policy.labels.items()
    return [(row, name) for row, name in members_of(look, fleet) if wanted <= dict(row.labels).items()]


def flux_of(look: Look, namespace: str, policy: Policy, kind: str, cluster: str) -> FluxRow | None:
    """The Kustomization or HelmRelease that Kurator makes of a policy for a cluster's object."""
    name = flux_name(policy.name, kind, cluster)
    if policy.way == "helm":
        return look.find(HELM_RELEASE, HOST, namespace, name)
    return look.find(KUSTOMIZATION, HOST, namespace, name)


def release_marks(look: Look, namespace: str, application: str) -> dict[str, str]:
    """What all that goes out with one revision of an Application has in common."""
    if not application:
        return {}
    return {"application": f"{namespace}/{application}", "revision": _revision(look, namespace, application)}


_FLUX_LABELS: tuple[tuple[str, Kind[Any, Any]], ...] = (
    ("kustomize.toolkit.fluxcd.io", KUSTOMIZATION),
    ("helm.toolkit.fluxcd.io", HELM_RELEASE),
)


def brought_by(look: Look, labels: Mapping[str, str]) -> dict[str, str]:
    """The marks of the release that an object came with, as Flux labels it; {} for one that came otherwise."""
    for prefix, kind in _FLUX_LABELS:
        namespace, name = labels.get(f"{prefix}/namespace", ""), labels.get(f"{prefix}/name", "")
        row: FluxRow | None = look.find(kind, HOST, namespace, name) if name else None
        if row is not None:
            return release_marks(look, namespace, application_of(row))
    return {}


def released_at(look: Look, namespace: str, application: str) -> float:
    """When the newest revision of an Application was fetched, Unix seconds; 0.0 where nobody says."""
    found = [
        value(kind, source, "fetched")
        for kind in SOURCES
        if (source := look.find(kind, HOST, namespace, application)) is not None
    ]
    return max((float(at) for at in found if isinstance(at, int | float)), default=0.0)


def _revision(look: Look, namespace: str, application: str) -> str:
    for kind in SOURCES:
        source = look.find(kind, HOST, namespace, application)
        if source is not None and (found := text(value(kind, source, "revision"))):
            return found
    row = look.find(APPLICATION, HOST, namespace, application)
    return (text(part(APPLICATION, row, "revision")) if row is not None else "") or NO_REVISION


class Origin(NamedTuple):
    """What on the host stands behind a Canary on a member."""

    namespace: str
    application: str
    policy: Policy | None
    """None where the Application has no such sync policy any more."""


def origin(look: Look, cluster: str, policy: str) -> Origin | None:
    """The Application that a sync policy belongs to, found by the Flux object it has for this member."""
    for fleet in look.all(FLEET, HOST):
        for kind, name in fleet.members:
            if cluster not in (name, f"{name}.{fleet.namespace}"):
                continue
            flux = flux_name(policy, kind, name)
            if (found := _by_flux(look, fleet.namespace, flux, policy)) is not None:
                return found
    return None


def _by_flux(look: Look, namespace: str, flux: str, policy: str) -> Origin | None:
    row: FluxRow | None = look.find(KUSTOMIZATION, HOST, namespace, flux)
    row = row if row is not None else look.find(HELM_RELEASE, HOST, namespace, flux)
    if row is None:
        return None
    name = application_of(row)
    application = look.find(APPLICATION, HOST, namespace, name) if name else None
    its = policies(application) if application is not None else []
    return Origin(namespace, name, next((each for each in its if each.name == policy), None))


def application_of(row: FluxRow) -> str:
    """The Application that a Kustomization or HelmRelease was made for."""
    if isinstance(row, HelmReleaseRow):
        return row.application
    return text(value(KUSTOMIZATION, row, "application"))
