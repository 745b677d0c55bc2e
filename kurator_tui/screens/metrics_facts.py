"""What the details of a cluster's metrics and of one chart say, as sections of lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.units import amount
from kurator_tui.link.metrics import PanelMeta
from kurator_tui.screens.facts import verdict
from kurator_tui.screens.metrics_lines import Reading
from kurator_tui.screens.metrics_rows import MetricsRow, metrics_health
from kurator_tui.widgets.detail_pane import Line, Section

_TOLD = (Level.DEGRADED, Level.FAILED)


def row_sections(
    row: MetricsRow, panels: Sequence[PanelMeta], page: Iterable[PanelMeta], missing: str
) -> tuple[Section, ...]:
    """All values of a cluster; of what is not measured here, what would turn it on."""
    values = tuple(
        Line(panel.title, f"{amount(value, panel.unit)}  {trend}".rstrip(), level if level in _TOLD else None)
        for panel, value, trend, level in zip(panels, row.values, row.trends, row.levels, strict=False)
    )
    off = tuple(Line(panel.title, panel.hint) for panel in page if not panel.available)
    sections = [verdict(metrics_health(row), missing), Section("Now, and the last hour", values)]
    if row.full_of:
        level = row.full_level if row.full_level in _TOLD else None
        sections.append(Section("Full soon", (Line("first", row.full_of, level),)))
    if off:
        sections.append(Section("Not measured here", off))
    return tuple(sections)


def panel_sections(meta: PanelMeta, reading: Reading, now: float) -> tuple[Section, ...]:
    """One chart: who answered what when, the query, what the server and we remarked, who is missing."""
    data, failure = reading.data, reading.failure
    sections: list[Section] = []
    if failure is not None:
        lines = [Line("", ": ".join(text for text in (failure.title, failure.message) if text), Level.FAILED)]
        lines += [Line("", failure.hint)] if failure.hint else []
        sections.append(Section("It fails", tuple(lines)))
    if data is not None:
        head = (
            Line("source", data.source),
            Line("answered", f"{duration(max(0.0, now - data.at))} ago"),
            Line("measured by", data.variant),
            Line("step", duration(data.step)),
            Line("lines", f"{len(data.series)}" + (f" of {data.total}" if data.total > len(data.series) else "")),
        )
        sections.append(Section("Answer", tuple(line for line in head if line.text)))
        sections.append(Section("Query", (Line("", data.query),)))
        remarks = [Line("warning", text, Level.DEGRADED) for text in data.warnings]
        remarks += [Line("note", text) for text in data.notes]
        remarks += [Line("no member's", label) for label in data.strangers]
        if remarks:
            sections.append(Section("Remarks", tuple(remarks)))
        if data.missing:
            missing = tuple(Line(each.cluster, each.reason, Level.DEGRADED) for each in data.missing)
            sections.append(Section("Missing members", missing))
    if not meta.available:
        sections.append(Section("Not measured here", (Line("", meta.hint),)))
    if meta.warning is not None or meta.critical is not None:
        limits = tuple(
            Line(name, f"{'below' if meta.below else 'from'} {amount(value, meta.unit)}", level)
            for name, value, level in (
                ("degraded", meta.warning, Level.DEGRADED),
                ("failed", meta.critical, Level.FAILED),
            )
            if value is not None
        )
        sections.append(Section("Thresholds", limits))
    return tuple(sections) or (Section(meta.title, (Line("", "nothing is known yet"),)),)
