"""Rows of any kind as a table, JSON, YAML or CSV.

JSON and YAML are `{"items": [{…}]}` of flat objects: snake_case keys named as the columns, numbers as numbers,
ages in seconds, `health` one of healthy, progressing, degraded, failed, unknown, stale, with a `reason`. Nothing
printed here can act on a terminal.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kurator_tui.cli.columns import fit
from kurator_tui.kinds.base import HOST, AnyColumn, AnyKind, Format, Row, Value
from kurator_tui.kinds.cells import UNSAFE, cell_text, inert
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.kinds.width import pad

GAP = "   "


def render(
    kind: AnyKind, rows: Sequence[Row], form: str, *, now: float, width: int | None = None, wide: bool = False
) -> str:
    """`rows` as text in `form` (table, json, yaml or csv), ending in a newline.

    `now` is Unix seconds, for ages. A table wider than `width` drops columns by priority; None means no limit.
    """
    if form == "table":
        return table(kind, rows, now, width, wide)
    items = [item(kind, row, now) for row in rows]
    if form == "csv":
        return _csv(kind, items)
    if form == "yaml":
        import yaml

        return yaml.safe_dump({"items": items}, sort_keys=False, allow_unicode=False)
    return inert_json(json.dumps({"items": items}, indent=2, ensure_ascii=False)) + "\n"


def item(kind: AnyKind, row: Row, now: float) -> dict[str, Any]:
    """One row as a flat object."""
    health = kind.health(row)
    found: dict[str, Any] = {"cluster": row.cluster}
    if row.namespace:
        found["namespace"] = row.namespace
    found["name"] = row.name
    for column in kind.columns:
        found.setdefault(column.key, _plain(column.value(row), column.format, now))
    found["health"] = health.level.value
    found["reason"] = health.reason or found.get("reason", "")
    if row.created:
        found["created"] = _moment(row.created)
    found.update(_sums(row))
    return found


def _plain(value: Value, format: Format, now: float) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if format is Format.AGE:
            return int(now - value) if value else None
        if format is Format.UNTIL:
            return _moment(value) if value else None
        if format is Format.RATIO:
            return round(value, 4)
    return value


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sums(row: Row) -> dict[str, Any]:
    """What an overview row knows beyond its columns: raw sums, in millicores and bytes."""
    names = ("pods_ready", "cpu_requested", "cpu_allocatable", "memory_requested", "memory_allocatable", "gpus")
    if isinstance(row, ClusterOverview):
        found: dict[str, Any] = {name: getattr(row, name) for name in names}
        found["since"] = _moment(row.since) if row.since else None
        found["host"] = row.cluster == HOST
        return found
    if isinstance(row, FleetOverview):
        found = {name: getattr(row, name) for name in names if hasattr(row, name)}
        found["member_names"] = ",".join(row.members)
        found["kurator_ready"] = row.kurator_ready
        return found
    return {}


def inert_json(text: str) -> str:
    """JSON text with every character that could act on a terminal as an escape; its own line ends stay."""
    return UNSAFE.sub(lambda match: "\n" if match.group() == "\n" else f"\\u{ord(match.group()):04x}", text)


def _csv(kind: AnyKind, items: Sequence[dict[str, Any]]) -> str:
    """The header is the same for any rows, and for none."""
    keys = list(item(kind, kind.row("-", "-", "-", "-", 1.0), 1.0))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    for found in items:
        writer.writerow([_csv_cell(found.get(key)) for key in keys])
    return out.getvalue()


def _csv_cell(value: Any) -> Any:
    """Inert, and no formula: a spreadsheet would run a text that starts like one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return "" if value is None else value
    text = inert(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def table(kind: AnyKind, rows: Sequence[Row], now: float, width: int | None, wide: bool) -> str:
    """Aligned columns under their titles; text that is cut ends in an ellipsis."""
    columns = [column for column in kind.shown if wide or not column.wide]
    cells = {column.key: [cell_text(column.value(row), column.format, now) for row in rows] for column in columns}
    shown = fit(columns, cells, width, len(GAP))
    lines = [GAP.join(pad(column.title, size, right=_right(column)) for column, size in shown)]
    for index in range(len(rows)):
        lines.append(GAP.join(pad(cells[column.key][index], size, right=_right(column)) for column, size in shown))
    if not rows:
        lines.append(f"no {kind.plural}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _right(column: AnyColumn) -> bool:
    return column.format in (Format.COUNT, Format.MILLISECONDS, Format.RATIO, Format.BYTES, Format.MILLICORES)
