"""What a Kustomization or HelmRelease says of itself: health, revisions, when it applied them, what it made.

Pure. Read from the Flux objects alone: their copies in an Application's status are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.fleet.application_plan import FluxRow, text
from kurator_tui.kinds.base import AnyKind, Health, Row
from kurator_tui.kinds.deployments import DeploymentRow
from kurator_tui.kinds.flux import KUSTOMIZATION, HelmReleaseRow, helm_release_health
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.table import ObjectRow, object_health, part

_FLUX_NAMES = ("kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io")
"""Groups of the labels `name` and `namespace` that Flux gives to what it applies."""


def flux_health(flux: FluxRow) -> Health:
    """How the Kustomization or HelmRelease is."""
    return helm_release_health(flux) if isinstance(flux, HelmReleaseRow) else object_health(flux)


def revisions(flux: FluxRow | None, source: str) -> tuple[str, str]:
    """(applied, to be applied) of a Flux object; `source` is the newest that is known of its source."""
    if isinstance(flux, HelmReleaseRow):
        return flux.revision, flux.attempted or flux.revision
    if flux is None:
        return "", ""
    applied, attempted = (_cell(flux, key) for key in ("revision", "attempted"))
    return applied, next((each for each in (source, attempted) if each and each != applied), applied)


def attempted(flux: FluxRow) -> str:
    """The revision that was tried last."""
    return flux.attempted if isinstance(flux, HelmReleaseRow) else _cell(flux, "attempted")


def ready_word(flux: FluxRow) -> str:
    """The reason of the condition Ready, "" without one."""
    if isinstance(flux, HelmReleaseRow):
        return flux.reason
    found = part(KUSTOMIZATION, flux, "ready")
    return text(found.get("reason")) if isinstance(found, Mapping) else ""


def is_suspended(kind: AnyKind, row: Row) -> bool:
    """Whether somebody suspended an object of one of Flux's kinds: its health may be of a fault from before."""
    if isinstance(row, HelmReleaseRow):
        return row.suspended
    return kind.value(row, "suspended") is True


def _cell(row: ObjectRow, key: str) -> str:
    return text(KUSTOMIZATION.value(row, key))


def applied_by(row: DeploymentRow | ObjectRow) -> set[tuple[str, str]]:
    """(namespace, name) on the host of the Flux objects that a workload says it comes from."""
    labels = dict(row.labels)
    return {
        (labels.get(f"{group}/namespace", ""), name)
        for group in _FLUX_NAMES
        if (name := labels.get(f"{group}/name"))
    }


def applied_at(flux: FluxRow) -> float:
    """When a Flux object was done, or failed, with what it applied last; Unix seconds."""
    return flux.changed if isinstance(flux, HelmReleaseRow) else transition(part(KUSTOMIZATION, flux, "ready"))


def transition(condition: Any) -> float:
    """When a condition became what it is, Unix seconds; 0.0 where it does not say."""
    found = condition.get("lastTransitionTime") if isinstance(condition, Mapping) else None
    return unix(found) if isinstance(found, str) else 0.0
