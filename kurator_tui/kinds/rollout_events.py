"""What Flagger's events say: its messages, which are words for people, as kind, weight, metric and bound.

Flagger writes Events on the Canary whose reason is always `Synced`: only the message tells one from another. A
message that is not known, of another version for example, is `OTHER` and keeps its text.
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple


class Said(enum.StrEnum):
    """What happened."""

    INITIALIZED = "initialized"
    DETECTED = "detected"
    """A new revision: the canary is scaled up."""
    RESTARTED = "restarted"
    """A newer revision came while one was analysed: the analysis begins again."""
    STARTED = "started"
    ADVANCED = "advanced"
    """More weight, or another iteration."""
    RETURNING = "returning"
    """Traffic goes back to the primary step by step."""
    HALTED = "halted"
    """A metric is out of its range: a failed check."""
    NO_VALUES = "no values"
    """A metric has no values: a failed check, too."""
    CHECK_FAILED = "check failed"
    """A hook said no, or a query failed."""
    COPIED = "copied"
    """The primary gets the new template."""
    ROUTED = "routed"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    SUSPENDED = "suspended"
    OTHER = "other"


class RolloutEvent(NamedTuple):
    """One message. Values that it does not have are None or ""; durations are in milliseconds."""

    said: Said
    text: str
    weight: int | None = None
    """Of the canary; of the primary for RETURNING."""
    iteration: int | None = None
    iterations: int | None = None
    metric: str = ""
    value: float | None = None
    bound: float | None = None
    failed_checks: int | None = None

    @property
    def bad(self) -> bool:
        """Whether it says that something went wrong."""
        return self.said in (Said.HALTED, Said.NO_VALUES, Said.CHECK_FAILED, Said.ROLLED_BACK)


_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "µs": 1e-3, "μs": 1e-3, "us": 1e-3, "ns": 1e-6}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|µs|μs|us|ns)")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|ms|m|s|µs|μs|us|ns))+")
LONGEST = 1000
"""Characters of a message that are read."""

_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf|NaN)"
_HALT = re.compile(
    rf"Halt \S+ advancement (?P<metric>.+?) (?P<value>{_NUMBER}|\S+?)%? (?P<sign>[<>]) (?P<bound>\S+?)%?$"
)
_NO_VALUES = re.compile(
    r"Halt advancement no values found for (?:custom metric: |metric: |\S+ metric )(?P<metric>[^\s:]+)"
)
_PATTERNS: tuple[tuple[re.Pattern[str], Said], ...] = (
    (re.compile(r"Advance \S+ canary weight (?P<weight>\d+)"), Said.ADVANCED),
    (re.compile(r"Advance \S+ canary iteration (?P<iteration>\d+)/(?P<iterations>\d+)"), Said.ADVANCED),
    (re.compile(r"Advance \S+ primary weight (?P<weight>\d+)"), Said.RETURNING),
    (re.compile(r"Rolling back \S+ failed checks threshold reached (?P<failed>\d+)"), Said.ROLLED_BACK),
    (_NO_VALUES, Said.NO_VALUES),
    (_HALT, Said.HALTED),
)
_BEGINNINGS: tuple[tuple[str, Said], ...] = (
    ("Initialization done", Said.INITIALIZED),
    ("New revision detected! Restarting", Said.RESTARTED),
    ("New revision detected!", Said.DETECTED),
    ("Starting canary analysis", Said.STARTED),
    ("Copying ", Said.COPIED),
    ("Routing all traffic", Said.ROUTED),
    ("Stop traffic mirroring", Said.ROUTED),
    ("Promotion completed!", Said.PROMOTED),
    ("Rolling back ", Said.ROLLED_BACK),
    ("Canary failed!", Said.ROLLED_BACK),
    ("skipping canary run", Said.SUSPENDED),
    ("Halt ", Said.CHECK_FAILED),
    ("Prometheus query failed", Said.CHECK_FAILED),
    ("Metric query failed", Said.CHECK_FAILED),
    ("Metric template ", Said.CHECK_FAILED),
)
_METRICS = {"success rate": "request-success-rate", "request duration": "request-duration"}
"""Flagger's words for its built-in metrics -> their names."""


def parse(message: str) -> RolloutEvent:
    """What `message` says. Never raises: a text that is not known is `Said.OTHER`."""
    text = " ".join(message[:LONGEST].split())
    for pattern, said in _PATTERNS:
        if (found := pattern.match(text)) is not None:
            return _read(said, text, found.groupdict())
    said = next((said for beginning, said in _BEGINNINGS if text.startswith(beginning)), Said.OTHER)
    return RolloutEvent(said, text)


def _read(said: Said, text: str, groups: dict[str, str | None]) -> RolloutEvent:
    metric = groups.get("metric") or ""
    return RolloutEvent(
        said,
        text,
        weight=_whole(groups.get("weight")),
        iteration=_whole(groups.get("iteration")),
        iterations=_whole(groups.get("iterations")),
        metric=_METRICS.get(metric, metric),
        value=_number(groups.get("value")),
        bound=_number(groups.get("bound")),
        failed_checks=_whole(groups.get("failed")),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and len(text) < 10 else None


def _number(text: str | None) -> float | None:
    """A number, or a Go duration in milliseconds."""
    if not text:
        return None
    if (milliseconds := milliseconds_of(text)) is not None:
        return milliseconds
    try:
        return float(text)
    except ValueError:
        return None


def milliseconds_of(text: str) -> float | None:
    """A Go duration such as `1m30s` or `1.5ms` in milliseconds; None for what is none."""
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in _AMOUNT.findall(text))
