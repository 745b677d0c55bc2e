"""The numbers behind the evidence's charts as CSV and as JSON. Pure.

A text that a spreadsheet would take for a formula is given a quote in front.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kurator_tui.kinds.cells import inert
from kurator_tui.link.metrics import PanelData

_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query, its answer or why there is none, and (label, path) of the files with its numbers."""

    title: str
    data: PanelData | None = None
    why: str = ""
    files: tuple[tuple[str, str], ...] = field(default=())


def numbers_csv(data: PanelData) -> str:
    """A line a value: its time (UTC), the labels of its series, the value."""
    names = sorted({key for series in data.series for key, _value in series.labels})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", *map(_cell, names), "value"])
    for series in data.series:
        labels = [_cell(series.label(name)) for name in names]
        for at, value in data.points(series):
            writer.writerow([_moment(at), *labels, repr(value)])
    return out.getvalue()


def numbers_json(title: str, data: PanelData) -> str:
    """The query, and its series as `{labels, values: [[Unix seconds, "value"]]}`, as Prometheus tells them."""
    series = [
        {"labels": dict(each.labels), "values": [[at, repr(value)] for at, value in data.points(each)]}
        for each in data.series
    ]
    told = {
        "title": title,
        "query": data.query,
        "source": data.source,
        "start": data.start,
        "step": data.step,
        "warnings": list(data.warnings),
        "missing": [{"cluster": each.cluster, "reason": each.reason} for each in data.missing],
        "series": series,
    }
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def _cell(text: str) -> str:
    shown = inert(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
