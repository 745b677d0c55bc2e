"""The derived kind `rollouts`: how one release goes out on one cluster, whoever moves it.

One row is a sync policy of an Application on one member, or a Canary, an Argo Rollout or a Deployment that no
Application stands behind. `kurator_tui.fleet.rollouts` joins the rows; here is only what they hold and say.
"""

from __future__ import annotations

import enum

import msgspec

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row, told_health


class Verdict(enum.StrEnum):
    """What a gate's last value means for the rollout."""

    OK = "ok"
    BAD = "bad"
    """Out of its range: the rollout engine halts, and counts a failed check."""
    NO_VALUES = "no values"
    """The query found nothing, usually because nothing is sent to the canary: that halts the rollout, too."""
    UNKNOWN = "unknown"
    """Not asked yet."""
    ERROR = "error"
    """The query cannot be made or asked; the gate's note says why."""


class Gate(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One metric of an analysis. `values` are one an interval, the newest last, `at` its Unix second.

    The gate is passed while `low` <= value <= `high`; None is no limit on that side.
    """

    name: str
    query: str = ""
    """PromQL with everything filled in; "" where it cannot be made."""
    low: float | None = None
    high: float | None = None
    values: tuple[float, ...] = ()
    at: float = 0.0
    verdict: Interned = str(Verdict.UNKNOWN)
    seen_in: Interned = ""
    """`member`: asked where the rollout engine asks; `thanos`: the member could not be asked; "": nowhere yet."""
    note: str = ""


class Source(enum.StrEnum):
    """What a rollout is on the cluster."""

    KURATOR = "Kurator"
    """A sync policy of an Application, with a Canary if the policy has a rollout block."""
    CANARY = "Canary"
    """Flagger's, without an Application."""
    ARGO = "Argo"
    DEPLOYMENT = "Deployment"
    """Neither: the Deployment controller replaces its pods."""


class Strategy(enum.StrEnum):
    CANARY = "canary"
    AB = "a/b"
    BLUE_GREEN = "blue/green"
    ROLLING = "rolling"
    SYNC = "sync"
    """A policy without a rollout block: Flux applies the revision, and that is all."""


class RolloutRow(Row, frozen=True, gc=False, array_like=True):
    """`namespace` is the workload's on the member. Moments are Unix seconds, 0.0 where they are not known.

    `name` is the Application's, or that of the Canary, Argo Rollout or Deployment without one; `phase` is one of
    Flagger's words ("" before the first), whoever moves the rollout.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    source: Interned = str(Source.KURATOR)
    application: Interned = ""
    application_namespace: Interned = ""
    """Of the Application on the host."""
    policy: Interned = ""
    policy_index: int = -1
    """Place of the policy in the Application's `spec.syncPolicies`; -1 without one."""
    fleet: Interned = ""
    strategy: Interned = ""
    canary: str = ""
    """Name of the Canary on the member; "" where there is none."""
    target: Interned = ""
    """`Kind/name` of the workload that is replaced."""
    provider: Interned = ""
    """Who routes the traffic: `istio`, `nginx`, `kuma`…"""
    phase: Interned = ""
    weight: int | None = None
    """Per cent of the traffic that the engine gave to the canary."""
    weight_target: int = 100
    """The weight after which it is promoted."""
    split: tuple[int, int] | None = None
    """Weights of primary and canary in the VirtualService: what is really routed. None where that is not known."""
    steps: tuple[int, ...] = ()
    """Weights it goes through, up to `weight_target`."""
    iteration: int = 0
    iterations: int = 0
    """Checks of an A/B or blue/green analysis: done and wanted. Steps of an Argo Rollout."""
    failed_checks: int = 0
    threshold: int = 0
    """Failed checks that roll it back; 0 where nothing counts them."""
    interval: float = 0.0
    """Seconds between two checks."""
    next_check: float = 0.0
    since: float = 0.0
    """When the phase began; of a plain Deployment when it made progress last."""
    ends: float = 0.0
    """Estimate, if every check from now on is passed."""
    revision_before: str = ""
    revision_after: str = ""
    """Of the source, as Flux applied it and as it is to be applied."""
    image_before: str = ""
    image_after: str = ""
    suspended: bool = False
    skips_analysis: bool = False
    gates: tuple[Gate, ...] = ()
    primary_pods: tuple[int, int] | None = None
    """(ready, wanted)."""
    canary_pods: tuple[int, int] | None = None
    told: str = ""
    """What the engine said last of this rollout."""
    told_at: float = 0.0
    stale: str = ""
    """Why this may not be how things are now; "" when it is."""
    notes: tuple[str, ...] = ()
    """What is wrong with how it is set up, and what is not known of it."""
    labels: tuple[tuple[str, str], ...] = ()
    """Of the Application, or of the object itself without one."""
    messages: tuple[tuple[float, str], ...] = ()
    """The last things the engine said of this rollout with their Unix seconds, the newest last; twenty at most."""
    applied: float = 0.0
    """When Flux applied `revision_before`: until the next check its engine may not have seen what came with it."""


WAITING = ("Initializing", "Waiting", "Progressing", "WaitingPromotion", "Promoting", "Finalising", "Terminating")
"""Phases that end by themselves or by a decision."""
DONE = ("Initialized", "Succeeded")


class Outcome(enum.StrEnum):
    """How a rollout stands for whoever waits for it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    GOING = "going"


def outcome(row: RolloutRow) -> Outcome:
    """Failed where it was rolled back or cannot get there, succeeded where it is done; neither while something
    newer is on its way. Everything else goes on, or is not known to have ended."""
    if row.level is Level.FAILED or (row.phase == "Failed" and row.level is not Level.PROGRESSING):
        return Outcome.FAILED
    done = row.phase in DONE and row.level is not Level.PROGRESSING and not row.stale
    return Outcome.SUCCEEDED if done else Outcome.GOING


def progress(row: RolloutRow) -> float | None:
    """Share of the analysis that is done, from 0.0 to 1.0; None where that cannot be told."""
    if row.phase in DONE or row.phase in ("Promoting", "Finalising"):
        return 1.0
    if row.iterations:
        return min(1.0, max(0.0, row.iteration / row.iterations))
    if row.weight is None or row.weight_target <= 0:
        return None
    return min(1.0, max(0.0, row.weight / row.weight_target))


def rollout_health(row: RolloutRow) -> Health:
    """Failed when it was rolled back; degraded with failed checks, or when it is set up so that it cannot work;
    progressing while it goes on; healthy when it is done or suspended on purpose; unknown where the cluster's part
    of it cannot be read or is missing."""
    return told_health(row.level, row.reason)


def _budget(row: RolloutRow) -> str:
    return f"{row.failed_checks}/{row.threshold}" if row.threshold else ""


def _budget_level(row: RolloutRow) -> Level:
    if not row.failed_checks or not row.threshold:
        return Level.HEALTHY
    return Level.FAILED if row.failed_checks >= row.threshold else Level.DEGRADED


def _split(row: RolloutRow) -> str:
    return f"{row.split[0]}/{row.split[1]}" if row.split is not None else ""


def _step(row: RolloutRow) -> str:
    return f"{row.iteration}/{row.iterations}" if row.iterations else ""


def _pods(pods: tuple[int, int] | None) -> str:
    return f"{pods[0]}/{pods[1]}" if pods is not None else ""


def _change(before: str, after: str) -> str:
    if before and after and before != after:
        return f"{before} → {after}"
    return after or before


def _passed(row: RolloutRow) -> str:
    passed = sum(gate.verdict == Verdict.OK for gate in row.gates)
    return f"{passed}/{len(row.gates)}" if row.gates else ""


def _gates_level(row: RolloutRow) -> Level:
    verdicts = {gate.verdict for gate in row.gates}
    if Verdict.BAD in verdicts:
        return Level.FAILED
    if verdicts & {Verdict.NO_VALUES, Verdict.ERROR}:
        return Level.DEGRADED
    return Level.HEALTHY if verdicts == {Verdict.OK} else Level.UNKNOWN


ROLLOUTS: AnyKind = Kind(
    id="rollouts",
    name="RolloutOverview",
    plural="rollouts",
    row=RolloutRow,
    joined=True,
    health=rollout_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("policy", "POLICY", lambda r: r.policy, priority=3),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=4),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("phase", "PHASE", lambda r: r.phase, priority=0, level=lambda r: r.level),
        Column("strategy", "STRATEGY", lambda r: r.strategy, priority=3),
        Column("weight", "WEIGHT", lambda r: r.weight, Format.COUNT, priority=1),
        Column("weight_target", "MAX", lambda r: r.weight_target, Format.COUNT, priority=8, wide=True),
        Column("progress", "PROGRESS", progress, Format.RATIO, priority=2),
        Column("split", "SPLIT", _split, priority=4),
        Column("iteration", "ITERATION", _step, priority=4),
        Column("failed_checks", "FAILED", lambda r: r.failed_checks, Format.COUNT, priority=6, wide=True),
        Column("threshold", "THRESHOLD", lambda r: r.threshold, Format.COUNT, priority=8, wide=True),
        Column("budget", "CHECKS", _budget, priority=1, level=_budget_level),
        Column("gates", "GATES", _passed, priority=2, level=_gates_level),
        Column("next_check", "NEXT", lambda r: r.next_check, Format.UNTIL, priority=5),
        Column("since", "IN PHASE", lambda r: r.since, Format.AGE, priority=2),
        Column("ends", "ENDS", lambda r: r.ends, Format.UNTIL, priority=4),
        Column("primary", "PRIMARY", lambda r: _pods(r.primary_pods), priority=4),
        Column("canary_pods", "CANARY", lambda r: _pods(r.canary_pods), priority=4),
        Column("application", "APPLICATION", lambda r: r.application, priority=8, wide=True),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=5),
        Column("source", "SOURCE", lambda r: str(r.source), priority=6),
        Column("target", "TARGET", lambda r: r.target, priority=6, wide=True, width=40),
        Column("suspended", "SUSPENDED", lambda r: r.suspended, priority=7, wide=True),
        Column("image", "IMAGE", lambda r: _change(r.image_before, r.image_after), priority=5, width=60),
        Column(
            "revision", "REVISION", lambda r: _change(r.revision_before, r.revision_after), priority=6, width=60
        ),
        Column("stale", "STALE", lambda r: r.stale, priority=7, wide=True, width=60),
        Column("notes", "NOTES", lambda r: "; ".join(r.notes), priority=7, wide=True, width=80),
        Column("told", "TOLD", lambda r: r.told, priority=7, wide=True, width=80),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)

KINDS = (ROLLOUTS,)
