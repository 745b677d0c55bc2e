"""Rollouts: Canaries that fail, halt or hang, and gates that cannot be passed.

Why a check failed is in Flagger's events only; the evidence of an incident has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kurator_tui.fleet.application_plan import text
from kurator_tui.kinds.argo import ROLLOUT
from kurator_tui.kinds.base import HOST, AnyKind, Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flagger import CANARY, METRIC_TEMPLATE
from kurator_tui.kinds.flux import HELM_RELEASE, KUSTOMIZATION
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.rollout_events import milliseconds_of
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow, Verdict
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.host import RELEASE_KINDS, fresh, origin, release_marks, released_at, value
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

CHECKS = 3
"""Intervals without a check after which nobody checks."""
USUAL = 60.0
"""Seconds between two checks where a Canary does not say."""
DEADLINE = 600.0
"""Seconds that Flagger gives each step where a Canary does not say."""
GATE = 3600.0
"""Seconds for which a gate may be closed: somebody has to open it."""
TAKEN_UP = 300.0
"""Seconds in which a Canary begins with a new revision."""
CONTESTED = 120.0
"""Seconds in which Flagger scales a workload down again."""
_DONE = ("Initialized", "Succeeded")
_MOVING = ("", "Initializing", "Progressing", "Promoting", "Finalising")
_CHECKED = ("Progressing", "WaitingPromotion")
_GATES = ("Waiting", "WaitingPromotion")
_BUILT_IN = ("request-success-rate", "request-duration")
HOST_KINDS: tuple[AnyKind, ...] = (FLEET, KUSTOMIZATION, HELM_RELEASE, *RELEASE_KINDS)


def _status(row: ObjectRow) -> Mapping[str, Any]:
    return part(CANARY, row, "status") or {}


def _phase(row: ObjectRow) -> str:
    return text(_status(row).get("phase"))


def _analysis(row: ObjectRow) -> Mapping[str, Any]:
    found = part(CANARY, row, "analysis")
    return found if isinstance(found, Mapping) else {}


def _spec(row: ObjectRow) -> Mapping[str, Any]:
    return part(CANARY, row, "spec") or {}


def _suspended(row: ObjectRow) -> bool:
    return _spec(row).get("suspend") is True


def _target(row: ObjectRow) -> tuple[str, str]:
    """(kind, name) of the workload that it replaces."""
    its = part(CANARY, row, "target")
    return (text(its.get("kind")) or "Deployment", text(its.get("name"))) if isinstance(its, Mapping) else ("", "")


def _marks(row: ObjectRow, look: Look) -> Mapping[str, str]:
    kind, name = _target(row)
    marks = {"owner": f"{kind}/{name}"} if name else {}
    if row.cluster != HOST:
        marks["member"] = row.cluster
    policy = text(part(CANARY, row, "rollout"))
    found = origin(look, row.cluster, policy) if policy else None
    return {**marks, **release_marks(look, found.namespace, found.application)} if found else marks


def _newer(row: ObjectRow, look: Look) -> float:
    """When the newest revision of its Application came, 0.0 where nobody says."""
    policy = text(part(CANARY, row, "rollout"))
    found = origin(look, row.cluster, policy) if policy else None
    return released_at(look, found.namespace, found.application) if found else 0.0


def _moved(row: ObjectRow) -> float:
    """When Flagger wrote its status last: each check does."""
    return unix(text(_status(row).get("lastTransitionTime")))


CANARIES = Analyser(CANARY, concerns=lambda row: _phase(row) not in _DONE, host=HOST_KINDS)


@CANARIES.rule("KT2501", "rollout failed", Severity.HIGH, suggests=("rollout.retry", "rollout.back"))
def failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The analysis failed, and Flagger rolled back: all traffic goes to the version before.

    Users are served, but the new revision is not out here, and Flagger does not try again before the pod template
    changes: for five minutes after the next revision was fetched this is not told of. The same rollout on other
    clusters may still go on, or have succeeded.

    Read what the gates said in the minutes before the end, then the log of the canary's pods. Mend the source and
    release again; or retry, where the cause was elsewhere.
    """
    if _phase(row) == "Failed":
        promoted = _status(row).get("promoted")
        told = promoted if isinstance(promoted, Mapping) else {}
        since = unix(text(told.get("lastTransitionTime"))) or _moved(row)
        if since < (newer := _newer(row, look)) and look.now < newer + TAKEN_UP:
            yield Again(newer + TAKEN_UP)
            return
        yield Seen(text(told.get("message")) or row.reason or "Failed", since=since, marks=_marks(row, look))


@CANARIES.rule("KT2502", "rollout halts", Severity.MEDIUM, suggests=("rollout.abort", "rollout.pause"))
def halted(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Checks of an analysis that goes on fail: the canary gets no more traffic meanwhile.

    Flagger rolls it back when as many failed as the analysis allows. A part of the users already has the new
    version. The events of the Canary say which metric is out of its range, or has no values. Abort it on this
    cluster if that is bad for users; otherwise Flagger decides.
    """
    checks = _status(row).get("failedChecks")
    if _phase(row) in _CHECKED and isinstance(checks, int) and checks > 0 and not _suspended(row):
        threshold = _analysis(row).get("threshold") or 1
        weight = _status(row).get("canaryWeight") or 0
        said = f"{checks}/{threshold} failed checks at weight {weight}"
        close = isinstance(threshold, int) and checks * 2 >= threshold > 1
        yield Seen(said, marks=_marks(row, look), severity=Severity.HIGH if close else None)


@CANARIES.rule("KT2506", "rollout does not move", Severity.MEDIUM, suggests=("rollout.abort", "read.describe"))
def stuck(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Flagger wrote nothing to the Canary for several checks and longer than its deadline: nobody looks after it.

    The traffic stays as it is split now. Usually Flagger's pod does not run, or cannot read the metrics server and
    waits for it; a Canary without any phase was never seen by a Flagger. Look at Flagger's pod and log on the
    cluster, in the namespace of the mesh.
    """
    if _phase(row) not in _MOVING or _suspended(row) or not fresh(look, row.cluster, CANARY):
        return
    interval = (milliseconds_of(text(_analysis(row).get("interval"))) or USUAL * 1000) / 1000
    deadline = _spec(row).get("progressDeadlineSeconds")
    longest = max(CHECKS * interval, float(deadline) if isinstance(deadline, int) else DEADLINE)
    moved = _moved(row) or row.created
    if look.now - moved < longest:
        yield Again(moved + longest)
    else:
        yield Seen(f"{_phase(row) or 'no phase'}, no check since", since=moved, marks=_marks(row, look))


@CANARIES.rule("KT2507", "rollout waits at a gate", Severity.LOW, suggests=("rollout.promote", "rollout.abort"))
def gate_closed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A gate of the rollout has been closed for an hour: it goes on when somebody opens it.

    Gates are webhooks of the Canary; Kurator makes none, so somebody made this Canary by hand. Ask who is to
    confirm it.
    """
    if _phase(row) in _GATES and fresh(look, row.cluster, CANARY):
        yield Seen(_phase(row), after=GATE, marks=_marks(row, look))


# -- how they are set up ------------------------------------------------------------------------------------------

SET_UP = Analyser(CANARY, concerns=lambda row: not _suspended(row), beside=(METRIC_TEMPLATE,), host=HOST_KINDS)


@SET_UP.rule("KT2504", "gate has no query", Severity.MEDIUM, suggests=("edit", "read.yaml"))
def no_template(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A metric of the analysis names a MetricTemplate that does not exist: its check fails each time.

    So the next rollout is rolled back, whatever the new version is like. Metrics that are not Flagger's own
    (request-success-rate, request-duration) need a template; Kurator makes one of `customMetric`.
    """
    for metric in _analysis(row).get("metrics") or ():
        name = text(metric.get("name")) if isinstance(metric, Mapping) else ""
        if not name or name in _BUILT_IN or metric.get("query"):
            continue
        ref = metric.get("templateRef")
        its = ref if isinstance(ref, Mapping) else {}
        place = text(its.get("namespace")) or row.namespace, text(its.get("name"))
        if not place[1]:
            yield Seen(f"metric {name} has no template", detail=name, marks=_marks(row, look))
        elif look.find(METRIC_TEMPLATE, row.cluster, *place) is None:
            yield Seen(f"metric {name}: no MetricTemplate {'/'.join(place)}", detail=name, marks=_marks(row, look))


@SET_UP.rule("KT2505", "rollout never gets traffic", Severity.MEDIUM, suggests=("app.edit", "read.yaml"))
def no_steps(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Canary says neither by which steps it gets traffic nor how often it is checked: its analysis has no end.

    It has no analysis, or one without stepWeight, stepWeights and iterations. Give the rollout of the sync policy
    `canaryStrategy` or `analysisTimes`; in a hurry promote without analysis.
    """
    analysis = _analysis(row)
    if _spec(row).get("skipAnalysis") is True:
        return
    if not any(analysis.get(key) for key in ("stepWeight", "stepWeights", "iterations")):
        yield Seen("no steps and no iterations" if analysis else "no analysis", marks=_marks(row, look))


# -- what others do to them ---------------------------------------------------------------------------------------

IDLE = Analyser(
    CANARY,
    concerns=lambda row: _phase(row) in _DONE and not _suspended(row),
    beside=(DEPLOYMENT,),
    host=HOST_KINDS,
)


@IDLE.rule("KT2508", "rollout is contested", Severity.MEDIUM, suggests=("app.edit", "read.describe"))
def contested(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Something scales the workload of an idle Canary up while Flagger wants it at zero.

    The pods of the version before and of the new one both run, and the next rollout begins from a state that
    nobody meant. Usually it is Flux, which puts the replicas of the manifest back at each interval; or an
    autoscaler that was not moved to `<workload>-primary`.

    Set the Kustomization's interval to `0s`, or take `replicas` out of the manifest.
    """
    kind, name = _target(row)
    if kind != "Deployment" or not name or not fresh(look, row.cluster, DEPLOYMENT):
        return
    primary = look.find(DEPLOYMENT, row.cluster, row.namespace, f"{name}-primary")
    target = look.find(DEPLOYMENT, row.cluster, row.namespace, name)
    if primary is not None and target is not None and target.desired > 0:
        said = f"{row.namespace}/{name} wants {target.desired} replicas while {_phase(row)}"
        yield Seen(said, after=CONTESTED, marks=_marks(row, look))


# -- gates, where they are read -----------------------------------------------------------------------------------


def _no_values(row: RolloutRow) -> bool:
    return any(gate.verdict == Verdict.NO_VALUES for gate in row.gates)


GATES: Analyser[RolloutRow] = Analyser(ROLLOUTS, concerns=_no_values)


@GATES.rule("KT2503", "gate has no values", Severity.MEDIUM, suggests=("metrics.row", "rollout.pause"))
def no_values(row: RolloutRow, look: Look) -> Iterator[Seen | Again]:
    """A metric that decides the rollout has no values: each check without one fails.

    Nearly always nothing is sent to the canary: no load, no test-loader, or a route that does not get there.
    Otherwise the metrics server that Flagger asks is not the one that has them.

    It is seen while rollouts are on a screen: only then are gates read.
    """
    without = [gate.name for gate in row.gates if gate.verdict == Verdict.NO_VALUES]
    if not row.stale and not row.suspended:
        marks = {"owner": row.target, "member": row.cluster if row.cluster != HOST else ""}
        if row.application:
            marks |= release_marks(look, row.application_namespace, row.application)
        yield Seen(f"no values of {', '.join(without)}", marks=marks)


# -- Argo ---------------------------------------------------------------------------------------------------------

ARGO = Analyser(ROLLOUT, concerns=lambda row: row.level in (Level.FAILED, Level.DEGRADED))


@ARGO.rule("KT2509", "Argo Rollout is degraded", Severity.HIGH, suggests=("rollout.retry", "rollback"))
def argo_degraded(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Argo Rollouts gave up on a new version: it was aborted, or did not get ready in time.

    The version before serves. Read the AnalysisRuns of the Rollout, then the log of the new pods.
    """
    marks = {"owner": f"Rollout/{row.name}", "member": row.cluster if row.cluster != HOST else ""}
    yield Seen(row.reason or text(value(ROLLOUT, row, "phase")), marks=marks)
