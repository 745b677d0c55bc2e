"""A Canary as Flagger reads it: names, strategy, limits and progress, with Flagger's own defaults."""

import re
from typing import Any

from kurator_tui.demo.world import flaggered

Obj = dict[str, Any]

_LEAST = 10.0
"""Seconds between two looks at a canary, whatever its analysis asks for."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_seconds(text: str) -> float:
    """Seconds of a Go duration such as `1m30s`; 0.0 for what is none."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|s|m|h)", text))


class View:
    """One Canary at one moment; read-only."""

    def __init__(self, canary: Obj) -> None:
        self.obj = canary
        self.name = str(canary["metadata"]["name"])
        self.namespace = str(canary["metadata"]["namespace"])
        self.spec: Obj = canary["spec"]
        self.target = str(self.spec["targetRef"]["name"])
        self.primary = self.target + flaggered.PRIMARY
        self.service = str((self.spec.get("service") or {}).get("name") or self.target)
        self.analysis: Obj = self.spec.get("analysis") or {}
        self.status: Obj = canary.get("status") or {}

    @property
    def place(self) -> str:
        """As messages name it."""
        return f"{self.name}.{self.namespace}"

    @property
    def phase(self) -> str:
        """Flagger's word; '' before it was seen."""
        return str(self.status.get("phase") or "")

    @property
    def interval(self) -> float:
        """Seconds between two looks."""
        return max(_LEAST, parse_seconds(str(self.analysis.get("interval") or "60s")))

    @property
    def threshold(self) -> int:
        """Failed checks that end the analysis."""
        return int(self.analysis.get("threshold") or 0) or 1

    @property
    def failed(self) -> int:
        """Failed checks so far."""
        return int(self.status.get("failedChecks") or 0)

    @property
    def iterations(self) -> int:
        """Iterations asked for; 0 for a canary by weight."""
        return int(self.analysis.get("iterations") or 0)

    @property
    def iteration(self) -> int:
        """Iterations done."""
        return int(self.status.get("iterations") or 0)

    @property
    def matched(self) -> bool:
        """Whether chosen requests go to the canary: A/B testing."""
        return bool(self.analysis.get("match")) and self.iterations > 0

    @property
    def steps(self) -> list[int]:
        """Weights to go through, when they are listed."""
        return [int(each) for each in self.analysis.get("stepWeights") or ()]

    @property
    def max_weight(self) -> int:
        """The weight at which a canary is promoted."""
        if self.steps:
            return min(self.steps[-1], 100)
        return int(self.analysis.get("maxWeight") or 0) or 100

    def next_step(self, weight: int) -> int:
        """What the canary's weight grows by; 0 without a strategy."""
        single = int(self.analysis.get("stepWeight") or 0)
        if single > 0 or not self.steps:
            return single
        left = 100 - weight
        if left == 0:
            return 1
        if weight == 0:
            return min(self.steps[0], left)
        for now, then in zip(self.steps, self.steps[1:], strict=False):
            if now == weight:
                return min(then - now, left)
        return left

    @property
    def deadline(self) -> float:
        """Seconds a Deployment may be short of available pods."""
        return float(self.spec.get("progressDeadlineSeconds") or 600)

    @property
    def skips(self) -> bool:
        """Whether the analysis is left out."""
        return bool(self.spec.get("skipAnalysis"))

    @property
    def loaded(self) -> bool:
        """Whether the analysis brings load of its own to the canary."""
        return any("cmd" in (each.get("metadata") or {}) for each in self.analysis.get("webhooks") or ())

    @property
    def held(self) -> str:
        """The name of the gate that promotion waits for; '' when there is none."""
        hooks = self.analysis.get("webhooks") or ()
        return next((str(each["name"]) for each in hooks if each.get("type") == "confirm-promotion"), "")
