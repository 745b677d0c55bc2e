"""One Canary and what is around it on its cluster, as the fields of a `RolloutRow`. Pure.

The member's own Canary is read, never the copy in the Application while there is a choice: that one stands still
as soon as any cluster of the Application is down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kurator_tui.fleet.application_plan import text
from kurator_tui.fleet.rollout_pace import Analysis, analysis_of, checks_left, whole
from kurator_tui.kinds.apps import DAEMON_SET
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.deployments import DeploymentRow
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.istio import VIRTUAL_SERVICE
from kurator_tui.kinds.meta import one_line, unix
from kurator_tui.kinds.rollout_events import RolloutEvent, Said, parse
from kurator_tui.kinds.rollouts import DONE, WAITING, Gate, Strategy
from kurator_tui.kinds.table import ObjectRow, part

WorkloadRow = DeploymentRow | ObjectRow
PRIMARY, SHADOW = "-primary", "-canary"
"""What Flagger adds to the names of a workload and of a Service."""
MESSAGES = 20
"""Newest messages that a row keeps."""
LONGEST = 200
"""Characters of a text that a row keeps."""


class Around(NamedTuple):
    """What belongs to a Canary on its cluster; None where it is not there or cannot be read."""

    canary: ObjectRow
    primary: WorkloadRow | None = None
    target: WorkloadRow | None = None
    routes: ObjectRow | None = None
    events: tuple[EventRow, ...] = ()
    gates: tuple[Gate, ...] = ()


class Told(NamedTuple):
    """The events of a Canary, the newest last."""

    said: tuple[tuple[float, RolloutEvent], ...]

    def newest(self, *kinds: Said, after: float = 0.0) -> tuple[float, RolloutEvent] | None:
        """The newest event of `kinds`, of any without them."""
        found = (each for each in reversed(self.said) if each[0] >= after and (not kinds or each[1].said in kinds))
        return next(found, None)


def target_of(canary: ObjectRow) -> tuple[str, str]:
    """(kind, name) of the workload that a Canary replaces."""
    found = part(CANARY, canary, "target")
    its = found if isinstance(found, Mapping) else {}
    return text(its.get("kind")) or "Deployment", text(its.get("name"))


def service_of(canary: ObjectRow) -> str:
    """The Service that a Canary routes: the target's name unless another one is given."""
    found = part(CANARY, canary, "service")
    return text(found.get("name") if isinstance(found, Mapping) else "") or target_of(canary)[1]


def pods_of(row: WorkloadRow | None) -> tuple[int, int] | None:
    """(ready, wanted) of a Deployment or DaemonSet."""
    if isinstance(row, DeploymentRow):
        return row.ready, row.desired
    if row is None:
        return None
    return whole(part(DAEMON_SET, row, "ready")), whole(part(DAEMON_SET, row, "wanted"))


def images_of(row: WorkloadRow | None) -> tuple[str, ...]:
    """Images of a workload's containers."""
    if isinstance(row, DeploymentRow):
        return row.images
    found = part(DAEMON_SET, row, "images") if row is not None else None
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def image_change(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, str]:
    """The first image that differs, before and after; the first one where none does."""
    for one, other in zip(before, after, strict=False):
        if one != other:
            return one, other
    return (before or ("",))[0], (after or before or ("",))[0]


def split_of(routes: ObjectRow | None, service: str, strategy: Strategy) -> tuple[int, int] | None:
    """Weights of (primary, canary); of an A/B test those of the requests that match."""
    found = part(VIRTUAL_SERVICE, routes, "routes") if routes is not None else None
    weighed: list[tuple[bool, tuple[int, int]]] = []
    for route in found or ():
        to = {text(host).split(".")[0]: weight for host, weight in route["to"]}
        if service + PRIMARY in to or service + SHADOW in to:
            alone = len(to) == 1  # a route's only destination needs no weight
            weights = [
                whole(to.get(service + end), 100 if alone and service + end in to else 0)
                for end in (PRIMARY, SHADOW)
            ]
            weighed.append((route["match"], (weights[0], weights[1])))
    wanted = strategy is Strategy.AB
    return next((weights for match, weights in weighed if match is wanted), weighed[0][1] if weighed else None)


def told_of(events: tuple[EventRow, ...]) -> Told:
    """Events as what they say, in order."""
    ordered = sorted(events, key=lambda event: (event.last_seen, event.created, event.uid))
    return Told(tuple((event.last_seen, parse(event.message)) for event in ordered))


def fields(around: Around) -> dict[str, Any]:
    """The fields that a Canary and what is around it decide."""
    canary = around.canary
    spec, status = _dict(part(CANARY, canary, "spec")), _dict(part(CANARY, canary, "status"))
    given, provider = part(CANARY, canary, "analysis"), text(spec.get("provider"))
    analysis = analysis_of(given, provider)
    phase, told = text(status.get("phase")), told_of(around.events)
    kind, target = target_of(canary)
    skips, suspended = spec.get("skipAnalysis") is True, spec.get("suspend") is True
    since = _since(phase, status, told)
    failed = _failed_checks(phase, status, told)
    before, after = image_change(images_of(around.primary), images_of(around.target))
    weight, iteration = whole(status.get("canaryWeight")), whole(status.get("iterations"))
    next_check, ends = _due(analysis, phase, status, told, (weight, iteration), skips=skips, suspended=suspended)
    level, reason = verdict(phase, failed, analysis.threshold, suspended=suspended, why=_why(phase, since, told))
    if phase in DONE and before != after and before and not suspended:
        level, reason = Level.PROGRESSING, "a new revision waits for the next check"
    last = told.newest()
    return {
        "level": level,
        "reason": reason or _explained(status, level),
        "strategy": str(analysis.strategy),
        "canary": canary.name,
        "target": f"{kind}/{target}",
        "provider": provider,
        "phase": phase,
        "weight": weight,
        "weight_target": analysis.target,
        "split": split_of(around.routes, service_of(canary), analysis.strategy),
        "steps": analysis.steps,
        "iteration": min(iteration, analysis.iterations),
        "iterations": analysis.iterations,
        "failed_checks": failed,
        "threshold": analysis.threshold,
        "interval": analysis.interval,
        "next_check": next_check,
        "since": since,
        "ends": ends,
        "image_before": before,
        "image_after": after,
        "suspended": suspended,
        "skips_analysis": skips,
        "gates": around.gates,
        "primary_pods": pods_of(around.primary),
        "canary_pods": pods_of(around.target),
        "told": last[1].text[:LONGEST] if last else "",
        "told_at": last[0] if last else 0.0,
        "messages": tuple((when, event.text[:LONGEST]) for when, event in told.said[-MESSAGES:]),
        "labels": canary.labels,
        "notes": _notes(given, analysis, provider, text(part(CANARY, canary, "mesh")), skips=skips),
    }


def copied_fields(status: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the Application's copy of a Canary's status decides."""
    phase = text(status.get("phase"))
    level, reason = verdict(phase, whole(status.get("failedChecks")), 0, suspended=False, why="")
    return {
        "level": level,
        "reason": reason,
        "phase": phase,
        "weight": whole(status.get("canaryWeight")),
        "iteration": whole(status.get("iterations")),
        "failed_checks": whole(status.get("failedChecks")),
        "since": _moment(status.get("lastTransitionTime")),
    }


def verdict(phase: str, failed: int, threshold: int, *, suspended: bool, why: str) -> tuple[Level, str]:
    """How well a rollout in `phase` is, and why; `why` is what its engine said of what went wrong."""
    if phase == "Failed":
        return Level.FAILED, why
    if suspended:
        return Level.HEALTHY, "suspended"
    if phase in DONE:
        return Level.HEALTHY, ""
    if phase == "":
        return Level.PROGRESSING, "not initialized"
    if phase == "Terminated":
        return Level.PROGRESSING, phase
    if phase not in WAITING:
        return Level.UNKNOWN, f"phase {one_line(phase)[:LONGEST]}"
    if failed and phase in ("Progressing", "WaitingPromotion"):
        budget = f"{failed}/{threshold} failed checks" if threshold else f"{failed} failed checks"
        return Level.DEGRADED, f"{budget}: {why}" if why else budget
    return Level.PROGRESSING, phase


def _dict(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _moment(value: Any) -> float:
    return unix(value) if isinstance(value, str) else 0.0


def _since(phase: str, status: Mapping[str, Any], told: Told) -> float:
    """When the phase began.

    `lastTransitionTime` moves with every check; the condition Promoted does with the phase, but not when a newer
    revision restarts the analysis. Flagger 0.x has no condition.
    """
    promoted = _dict(status.get("promoted"))
    began = 0.0
    if text(promoted.get("reason")) == phase:
        began = _moment(promoted.get("lastUpdateTime")) or _moment(promoted.get("lastTransitionTime"))
    if phase == "Progressing":
        restarted = told.newest(Said.RESTARTED, Said.DETECTED)
        began = max(began, restarted[0] if restarted else 0.0)
    return began or _moment(status.get("lastTransitionTime"))


def _failed_checks(phase: str, status: Mapping[str, Any], told: Told) -> int:
    """Flagger forgets the number when it rolls back: its event has it."""
    counted = whole(status.get("failedChecks"))
    if phase == "Failed" and not counted:
        for _at, event in reversed(told.said):
            if event.failed_checks is not None:
                return event.failed_checks
    return counted


def _due(
    analysis: Analysis,
    phase: str,
    status: Mapping[str, Any],
    told: Told,
    done: tuple[int, int],
    *,
    skips: bool,
    suspended: bool,
) -> tuple[float, float]:
    """(next check, estimated end), 0.0 for what cannot be told. Every check is a transition or an event."""
    if suspended or phase not in WAITING:
        return 0.0, 0.0
    last = told.newest()
    checked = max(_moment(status.get("lastTransitionTime")), last[0] if last else 0.0)
    if not checked:
        return 0.0, 0.0
    due = checked + analysis.interval
    left = checks_left(analysis, phase, *done, skips=skips)
    return due, due + (left - 1) * analysis.interval if left else 0.0


def _why(phase: str, since: float, told: Told) -> str:
    """What went wrong, in Flagger's words without the Canary's name."""
    checks = (Said.HALTED, Said.NO_VALUES, Said.CHECK_FAILED)
    after = since if phase != "Failed" else 0.0
    halted = told.newest(*checks, after=after)
    back = told.newest(Said.ROLLED_BACK) if phase == "Failed" else None
    if back is not None and "progress deadline" in back[1].text:
        halted = back
    found = halted or back
    return _plain(found[1].text)[:LONGEST] if found else ""


def _plain(words: str) -> str:
    """`Halt web.shop advancement success rate 91% < 99%` without its first words."""
    head, found, rest = words.partition(" advancement ")
    if found and head.startswith("Halt"):
        return rest
    return " ".join(words.split()[3:]) if words.startswith("Rolling back ") else words


def _explained(status: Mapping[str, Any], level: Level) -> str:
    """Flagger's condition, where no event says why."""
    if level is not Level.FAILED:
        return ""
    return one_line(text(_dict(status.get("promoted")).get("message")))[:LONGEST] or "Failed"


def _notes(given: Any, analysis: Analysis, provider: str, mesh: str, *, skips: bool) -> tuple[str, ...]:
    """What is wrong with how the Canary is set up."""
    notes = []
    if not isinstance(given, Mapping) and not skips:
        notes.append("it has no analysis")
    elif analysis.strategy is Strategy.CANARY and not analysis.steps and not skips:
        notes.append("neither stepWeight nor stepWeights: it never gets any traffic")
    if provider == "kuma" and not mesh:
        notes.append("the annotation kuma.io/mesh is missing: Kurator overwrites annotations of its Canaries")
    return tuple(notes)
