"""How an analysis of Flagger goes: its strategy, the weights it goes through, and how many checks are left.

Pure, and the same rules as Flagger's scheduler: it acts once an interval of at least ten seconds, a threshold of 0
is 1, without a highest weight it is 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kurator_tui.kinds.rollout_events import milliseconds_of
from kurator_tui.kinds.rollouts import Strategy

SHORTEST, USUAL = 10.0, 60.0
"""Seconds between two checks: the least, and without an interval."""
WHOLE = 100
KUBERNETES = "kubernetes"
"""Provider that routes nothing: every analysis is blue/green, of ten iterations where it says none."""
KUBERNETES_ITERATIONS = 10
MOST = 2**31 - 1


class Analysis(NamedTuple):
    """What a Canary's analysis asks for. It is promoted from the weight `target` on; `steps` are the weights up to
    there; `promotion` is the step by which traffic goes back to the primary (0: at once)."""

    strategy: Strategy
    interval: float
    threshold: int
    target: int
    steps: tuple[int, ...]
    iterations: int
    promotion: int
    mirrors: bool


def whole(value: Any, default: int = 0) -> int:
    """A count; `default` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return int(value) if 0 <= value <= MOST else default


def seconds(value: Any, default: float) -> float:
    """A Go duration such as `1m30s`; `default` for what is none."""
    found = milliseconds_of(value) if isinstance(value, str) and len(value) < 40 else None
    return found / 1000 if found else default


def analysis_of(found: Any, provider: str = "") -> Analysis:
    """What `spec.analysis` asks for; for anything else than an object what Flagger takes without it."""
    its: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    iterations, matches = whole(its.get("iterations")), its.get("match")
    if provider == KUBERNETES:
        iterations, matches = iterations or KUBERNETES_ITERATIONS, None
    strategy = Strategy.CANARY
    if iterations:
        strategy = Strategy.AB if isinstance(matches, list) and matches else Strategy.BLUE_GREEN
    return Analysis(
        strategy,
        max(SHORTEST, seconds(its.get("interval"), USUAL)),
        whole(its.get("threshold")) or 1,
        _target(its),
        _steps(its) if strategy is Strategy.CANARY else (),
        iterations,
        whole(its.get("stepWeightPromotion")),
        its.get("mirror") is True,
    )


def _listed(its: Mapping[str, Any]) -> list[int]:
    listed = its.get("stepWeights")
    return [min(whole(each), WHOLE) for each in listed[:WHOLE]] if isinstance(listed, list) else []


def _target(its: Mapping[str, Any]) -> int:
    weights = _listed(its)
    return weights[-1] if weights else min(whole(its.get("maxWeight")) or WHOLE, WHOLE)


def _steps(its: Mapping[str, Any]) -> tuple[int, ...]:
    """The weights a canary goes through; empty where it never gets any traffic."""
    step, highest = whole(its.get("stepWeight")), _target(its)
    if step == 0:
        return tuple(_listed(its))
    found = [min(step, WHOLE)]
    while found[-1] < highest:
        found.append(min(found[-1] + step, WHOLE))
    return tuple(found)


def checks_left(analysis: Analysis, phase: str, weight: int, iteration: int, *, skips: bool = False) -> int:
    """Checks until it has Succeeded if each one is passed, the next one included; 0 where that cannot be told."""
    back = 1 if not analysis.promotion else -(-WHOLE // analysis.promotion)
    match phase:
        case "Finalising":
            return 1
        case "Promoting":
            return 1 + back
        case "Progressing":
            pass
        case _:
            return 0
    if skips:
        return 1
    ending = 2 + back  # to Promoting, back to the primary, and to Succeeded
    if analysis.strategy is Strategy.CANARY:
        if not analysis.steps:
            return 0
        mirroring = 1 if analysis.mirrors and weight == 0 else 0
        return sum(step > weight for step in analysis.steps) + mirroring + ending
    routing = 1 if analysis.strategy is Strategy.BLUE_GREEN else 0
    return max(0, analysis.iterations + routing - iteration) + ending
