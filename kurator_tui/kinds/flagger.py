"""Flagger: canaries, the metrics that judge them, and who is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge, phase, suspended
from kurator_tui.kinds.table import Part, cell, table

GROUP = "flagger.app"

_PHASE = phase(
    "status.phase",
    healthy=("Initialized", "Succeeded"),
    progressing=(
        *("Initializing", "Waiting", "Progressing", "WaitingPromotion", "Promoting", "Finalising"),
        *("Terminating", "Terminated"),
    ),
    failed=("Failed",),
    none=Health(Level.PROGRESSING, "not initialized"),
)


@judge(
    "status.phase",
    "status.conditions[*]",
    "status.failedChecks",
    "spec.analysis.threshold",
    says=_PHASE.says + "; failed checks of an analysis that goes on are degraded",
)
def _canary(now: Any, told: Any, failed: Any, threshold: Any) -> Health:
    found = _PHASE.read(now)
    if found.level is Level.FAILED:
        return Health(Level.FAILED, because(by_type(told).get("Promoted")) or found.reason)
    if found.level is Level.PROGRESSING and now in ("Progressing", "WaitingPromotion") and failed:
        return Health(Level.DEGRADED, f"{now}: {_checks(failed, threshold)} failed checks")
    return found


def _checks(failed: Any, threshold: Any) -> str:
    """Flagger takes a threshold of 0 as 1."""
    return f"{failed or 0}/{threshold or 1}"


def _progress(weight: Any, most: Any, steps: Any, done: Any, iterations: Any) -> float | None:
    """Share of the analysis that is done: by iterations where they are wanted, else by the canary's weight."""
    if iterations:
        return float((done or 0) / iterations)
    last = most or (steps[-1] if steps else 0) or 100
    return None if weight is None else float(weight / last)


def _analysis(found: Any, old: Any) -> dict[str, Any] | None:
    """`canaryAnalysis` is the field's name in older Flaggers. What its hooks and alerts send is not kept."""
    chosen = found if isinstance(found, Mapping) else old
    if not isinstance(chosen, Mapping):
        return None
    kept = {key: value for key, value in chosen.items() if key not in ("webhooks", "alerts")}
    hooks = chosen.get("webhooks")
    named = [each for each in hooks if isinstance(each, Mapping)] if isinstance(hooks, list) else []
    kept["webhooks"] = [{key: each.get(key) for key in ("name", "type")} for each in named]
    return kept


_STATUS = (
    *("phase", "canaryWeight", "iterations", "failedChecks", "lastAppliedSpec", "lastPromotedSpec"),
    "lastTransitionTime",
)


def _canary_status(*values: Any) -> dict[str, Any]:
    """The fields of `_STATUS`, and the condition Promoted as `promoted`."""
    return dict(zip(_STATUS, values, strict=False)) | {"promoted": by_type(values[-1]).get("Promoted")}


_SPEC = ("provider", "metricsServer", "skipAnalysis", "suspend", "progressDeadlineSeconds")

CANARY = table(
    f"canaries.{GROUP}",
    "Canary",
    ("v1beta1",),
    cell("phase", "status.phase", priority=2),
    cell("weight", "status.canaryWeight", format=Format.COUNT),
    cell(
        "progress",
        "status.canaryWeight",
        "spec.analysis.maxWeight",
        "spec.analysis.stepWeights",
        "status.iterations",
        "spec.analysis.iterations",
        read=_progress,
        format=Format.RATIO,
    ),
    cell("failed", "status.failedChecks", "spec.analysis.threshold", read=_checks, title="FAILED CHECKS"),
    cell(
        "target", "spec.targetRef.kind", "spec.targetRef.name", read=lambda kind, name: f"{kind}/{name}", width=40
    ),
    cell("changed", "status.lastTransitionTime", format=Format.AGE),
    cell("provider", "spec.provider", priority=5),
    cell("suspended", "spec.suspend", priority=5),
    cell("interval", "spec.analysis.interval", wide=True),
    cell("step", "spec.analysis.stepWeight", "spec.analysis.stepWeights", wide=True),
    cell("max", "spec.analysis.maxWeight", format=Format.COUNT, title="MAX WEIGHT", wide=True),
    cell("mirror", "spec.analysis.mirror", wide=True),
    health=suspended("spec.suspend", _canary),
    parts={
        "analysis": Part(("spec.analysis", "spec.canaryAnalysis"), _analysis),
        "target": "spec.targetRef",
        "service": Part(
            ("spec.service.name", "spec.service.port"), lambda name, port: {"name": name, "port": port}
        ),
        "ingress": "spec.ingressRef.name",
        "spec": Part(tuple(f"spec.{key}" for key in _SPEC), lambda *values: dict(zip(_SPEC, values, strict=True))),
        "status": Part((*(f"status.{key}" for key in _STATUS), "status.conditions[*]"), _canary_status),
        "rollout": "metadata.annotations['kurator.dev/rollout']",
        "mesh": "metadata.annotations['kuma.io/mesh']",
    },
)


def _address(address: Any) -> str:
    """An address without the password that may be in it."""
    return re.sub(r"//[^/@]*@", "//", str(address or ""))


METRIC_TEMPLATE = table(
    f"metrictemplates.{GROUP}",
    "MetricTemplate",
    ("v1beta1",),
    cell("provider", "spec.provider.type"),
    cell("address", "spec.provider.address", read=_address, width=60),
    cell("query", "spec.query", width=80, priority=5),
    cell("secret", "spec.provider.secretRef.name", wide=True),
    parts={
        "query": "spec.query",
        "type": "spec.provider.type",
        "address": Part(("spec.provider.address",), _address),
    },
)

# An address here is often a webhook whose path is the secret: it is not read.
ALERT_PROVIDER = table(
    f"alertproviders.{GROUP}",
    "AlertProvider",
    ("v1beta1",),
    cell("type", "spec.type"),
    cell("channel", "spec.channel"),
    cell("username", "spec.username"),
    cell("secret", "spec.secretRef.name"),
)

KINDS = (CANARY, METRIC_TEMPLATE, ALERT_PROVIDER)
