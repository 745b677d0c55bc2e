"""Rows of `sidecars`: which members Thanos has live metrics of, where it asks them, and how old those are."""

from __future__ import annotations

import asyncio
import math

from kurator_tui.errors import ConsoleError
from kurator_tui.fleet.thanos import Thanoses, labelled
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.observability import OLD, SidecarRow
from kurator_tui.metrics import coverage
from kurator_tui.metrics.answers import Answer
from kurator_tui.metrics.coverage import Coverage

NEWEST = "max by (cluster) (timestamp(up))"
"""One query for all members. A sample stays in an instant's answer for five minutes: what is older has none."""


async def sidecar_rows(thanoses: Thanoses, place: str) -> list[Row]:
    """One row a member of a place. Raises ConsoleError: nobody can be asked."""
    metrics = thanoses.at(place)
    answer = await metrics.query(NEWEST)
    try:
        covered: Coverage | None = await coverage.read(metrics)
    except ConsoleError:  # a plain Prometheus has no stores
        covered = None
    newest = _newest(answer)
    now = answer.at or thanoses.clock()
    await asyncio.sleep(0)
    rows: list[Row] = []
    for member in (await thanoses.routes()).get(place, ()):
        labels = labelled(member).labels
        label = next((label for label in labels if covered is not None and label in covered.addresses), labels[0])
        rows.append(_row(member.name, label, covered, newest.get(label), now))
    return rows


def _newest(answer: Answer) -> dict[str, float]:
    return {
        sample.labels["cluster"]: sample.value
        for sample in answer.samples
        if sample.labels.get("cluster") and math.isfinite(sample.value)
    }


def _row(name: str, label: str, covered: Coverage | None, newest: float | None, now: float) -> SidecarRow:
    gap = covered.gap(label) if covered is not None else ""
    level, reason = Level.HEALTHY, ""
    if gap:
        level, reason = Level.FAILED, gap
    elif newest is None:
        level, reason = Level.FAILED, "no sample in the last five minutes"
    elif now - newest > OLD:
        level, reason = Level.DEGRADED, f"its newest sample is {int(now - newest)} s old"
    address = covered.addresses.get(label, "") if covered is not None else ""
    return SidecarRow(name, "", name, name, 0.0, level, reason, address, newest, now)
