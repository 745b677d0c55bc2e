"""Flagger's gates: the values its queries give in the member's own Prometheus, and what it says of bad ones."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from kurator_tui.demo.world.controllers.flagger_view import View, parse_seconds
from kurator_tui.demo.world.traffic import Course, State, Traffic

Obj = dict[str, Any]
Weigh = Callable[[State], float]

BUCKETS = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)
"""Upper bounds of Istio's histogram of request durations, milliseconds."""
#: Requests a second below which a window has no values worth the name.
_SILENCE = 0.01


def complaint(view: View, cluster: str, traffic: Traffic, now: float) -> str:
    """What Flagger says when a gate halts the canary at `now` (seconds since 1970); '' when all let it pass."""
    course = traffic.course(cluster, view.namespace, view.target)
    return next(_complaints(view, course, now), "")


def _complaints(view: View, course: Course, now: float) -> Iterator[str]:
    for metric in view.analysis.get("metrics") or ():
        name = str(metric["name"])
        window = parse_seconds(str(metric.get("interval") or "60s"))
        value = _value(name, course, now, window)
        if value is None:
            place = f"{view.target}.{view.namespace}"
            provider = view.spec.get("provider", "istio")
            yield (
                f"Halt advancement no values found for {provider} metric {name} probably {place} is not receiving "
                "traffic: running query failed: no values found"
            )
            continue
        limits = metric.get("thresholdRange") or {}
        for bound, sign in (("min", "<"), ("max", ">")):
            limit = limits.get(bound)
            if limit is not None and (value < limit if bound == "min" else value > limit):
                yield f"Halt {view.place} advancement {_told(name, value, sign, float(limit))}"


def _value(name: str, course: Course, now: float, window: float) -> float | None:
    if name == "request-success-rate":
        return success_rate(course, now, window)
    if name == "request-duration":
        return duration(course, now, window)
    return None


def _told(name: str, value: float, sign: str, limit: float) -> str:
    if name == "request-success-rate":
        return f"success rate {value:.2f}% {sign} {limit:g}%"
    if name == "request-duration":
        return f"request duration {_go_duration(value)} {sign} {_go_duration(limit)}"
    return f"{name} {value:.2f} {sign} {limit:g}"


def _go_duration(milliseconds: float) -> str:
    """As Go prints a duration: `437.5ms`, `1.21s`."""
    if milliseconds < 1000:
        return f"{round(milliseconds, 6):.10g}ms"
    return f"{round(milliseconds / 1000, 9):.10g}s"


def success_rate(course: Course, now: float, window: float) -> float | None:
    """Percentage of requests of the last `window` seconds without a 5xx; None without requests."""
    total = _increase(course, now, window, lambda _state: 1.0)
    if total < _SILENCE * window:
        return None
    return 100 * _increase(course, now, window, lambda state: state.success) / total


def duration(course: Course, now: float, window: float) -> float | None:
    """99th percentile of answer times in milliseconds as `histogram_quantile` tells it; None without requests."""
    total = _increase(course, now, window, lambda _state: 1.0)
    if total < _SILENCE * window:
        return None
    below, low = 0.0, 0.0
    for bound in BUCKETS:
        upto = _increase(course, now, window, partial(_within, bound))
        if upto >= 0.99 * total:
            return low + (bound - low) * (0.99 * total - below) / (upto - below)
        below, low = upto, float(bound)
    return float(BUCKETS[-1])


def _within(bound: float, state: State) -> float:
    return state.within(bound)


def _increase(course: Course, now: float, window: float, weigh: Weigh) -> float:
    """Of what `weigh` gives for a request: how much there was in the last `window` seconds."""
    total, ends = 0.0, (*course.times[1:], math.inf)
    for since, until, state in zip(course.times, ends, course.states, strict=True):
        passed = min(until, now) - max(since, now - window)
        if passed > 0:
            total += passed * state.rate * weigh(state)
    return total
