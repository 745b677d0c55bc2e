"""One run of Velero, a Backup or a Restore, as plain data that a row may hold. Pure.

Velero's own object and Kurator's copy of its status say the same in the same words, so both are read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.meta import one_line, unix
from kurator_tui.kinds.shapes import text

BUDGET = 14 * 2**10
"""Bytes, as JSON, of the copies that one row keeps."""
LONGEST_REASON = 200
COMPLETED = "Completed"
GOING = (
    *("New", "ReadyToStart", "Queued", "InProgress", "WaitingForPluginOperations", "Finalizing"),
    *("FinalizingPartiallyFailed", "WaitingForPluginOperationsPartiallyFailed"),
)
FAILED = ("Failed", "FailedValidation")
PARTLY = "PartiallyFailed"


class Run(NamedTuple):
    """`started`, `completed` and `expires` are Unix seconds, 0.0 where they are not known."""

    phase: str = ""
    done: int = 0
    total: int = 0
    errors: int = 0
    warnings: int = 0
    started: float = 0.0
    completed: float = 0.0
    expires: float = 0.0
    why: str = ""

    @property
    def level(self) -> Level:
        if self.phase == COMPLETED:
            return Level.HEALTHY
        if self.phase in FAILED:
            return Level.FAILED
        if self.phase == PARTLY:
            return Level.DEGRADED
        return Level.PROGRESSING if self.phase in (*GOING, "Deleting", "") else Level.UNKNOWN


class Copy(NamedTuple):
    """What Kurator last saw of one cluster's run; `name` is the run's there."""

    cluster: str
    name: str
    run: Run


def run(status: Any) -> Run:
    """What a status says."""
    told = status if isinstance(status, Mapping) else {}
    progress = told.get("progress")
    its = progress if isinstance(progress, Mapping) else {}
    problems = told.get("validationErrors")
    refused = "; ".join(text(each) for each in problems) if isinstance(problems, list) else ""
    return Run(
        text(told.get("phase"))[:60],
        _count(its.get("itemsBackedUp", its.get("itemsRestored"))),
        _count(its.get("totalItems")),
        _count(told.get("errors")),
        _count(told.get("warnings")),
        unix(text(told.get("startTimestamp"))),
        unix(text(told.get("completionTimestamp"))),
        unix(text(told.get("expiration"))),
        one_line(text(told.get("failureReason")) or refused)[:LONGEST_REASON],
    )


def copies(details: Any, name: str, status: str) -> list[Copy]:
    """Of a list of details with these keys the newest run of each cluster: a schedule's list has every run.

    Where they are more than a row may hold, those that completed are left out first.
    """
    newest: dict[str, Copy] = {}
    for each in details if isinstance(details, list) else [details]:
        if not isinstance(each, Mapping):
            continue
        found = Copy(text(each.get("clusterName"))[:253], text(each.get(name))[:253], run(each.get(status)))
        known = newest.get(found.cluster)
        if known is None or found.run.started >= known.run.started:
            newest[found.cluster] = found
    kept, left = [], BUDGET
    for found in sorted(newest.values(), key=lambda copy: copy.run.level is Level.HEALTHY):
        if (size := len(msgspec.json.encode(found))) > left:
            break
        kept.append(found)
        left -= size
    return kept


def read(found: Any) -> Run | None:
    """A run as a part holds it."""
    return Run(*found) if found else None


def read_copies(found: Iterable[Any] | None) -> dict[str, Copy]:
    """Copies as a part holds them, by cluster."""
    return {cluster: Copy(cluster, name, Run(*its)) for cluster, name, its in found or ()}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0
