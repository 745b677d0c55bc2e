"""What the details say of rollouts: verdict, steps, traffic, gates, pods, timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kurator_tui.kinds.base import Format, Level
from kurator_tui.kinds.board import BoardRow, board_health, wave_column
from kurator_tui.kinds.board_cells import cell, gate_unit, level_of
from kurator_tui.kinds.board_waves import worst_first
from kurator_tui.kinds.cells import cell_text, duration
from kurator_tui.kinds.rollouts import Gate, RolloutRow, Source, Verdict, progress, rollout_health
from kurator_tui.kinds.units import amount
from kurator_tui.screens.facts import ago, verdict
from kurator_tui.screens.rollout_timeline import Entry
from kurator_tui.widgets.detail_pane import Line, Section
from kurator_tui.widgets.sparkline import spark

_VERDICTS = {
    Verdict.OK: Level.HEALTHY,
    Verdict.BAD: Level.FAILED,
    Verdict.NO_VALUES: Level.DEGRADED,
    Verdict.ERROR: Level.DEGRADED,
    Verdict.UNKNOWN: Level.UNKNOWN,
}
BAR = 30
SPARK = 16


def board_sections(row: BoardRow, column: str = "") -> list[Section]:
    """One application: its clusters, each in a line; by wave where waves are shown, that of `column` first."""
    told = sorted(row.waves, key=lambda wave: (wave_column(wave.number) != column, wave.number))
    sections = [
        Section(f"Wave {wave.number}", tuple(map(_member, sorted(wave.members, key=worst_first)))) for wave in told
    ]
    return [verdict(board_health(row)), *(sections or [Section("Clusters", tuple(map(_member, row.members)))])]


def _member(row: RolloutRow) -> Line:
    said = " · ".join(part for part in (cell(row), row.reason or row.stale) if part)
    return Line(row.cluster, said, level_of(row))


def rollout_sections(
    row: RolloutRow, now: float, *, story: Sequence[Entry] = (), ascii_only: bool = False
) -> list[Section]:
    """One rollout on one cluster; `story` is what happened on all clusters it goes to."""
    sections = [
        verdict(rollout_health(row), row.stale, *row.notes),
        Section("Rollout", tuple(_rollout(row, now, ascii_only=ascii_only))),
    ]
    sections += [_gate(gate, row, now, ascii_only=ascii_only) for gate in row.gates]
    if not row.gates and row.strategy in ("canary", "a/b", "blue/green"):
        sections.append(Section("Gates", (Line("", "the analysis has no metric: only readiness is checked"),)))
    if story:
        several = any(each.cluster != row.cluster for each in story)
        lines = tuple(
            Line(cell_text(each.at, Format.AGE, now), f"{each.cluster}: {each.text}" if several else each.text)
            for each in story
        )
        sections.append(Section("Timeline of all clusters" if several else "Timeline", lines))
    return sections


def _rollout(row: RolloutRow, now: float, *, ascii_only: bool) -> Iterable[Line]:
    phase = row.phase or "Initializing"
    yield Line("phase", phase + (" (paused)" if row.suspended else "") + since(row, now))
    yield Line("strategy", strategy_text(row))
    if (done := progress(row)) is not None and row.phase not in ("Initialized", "Succeeded", "Failed"):
        yield Line("progress", f"{bar(done, BAR, ascii_only=ascii_only)} {_far(row)}")
    if row.split is not None:
        yield Line("traffic", f"primary {row.split[0]}% · canary {row.split[1]}%  (what is routed)")
    if row.threshold:
        left = max(0, row.threshold - row.failed_checks)
        level = Level.DEGRADED if row.failed_checks else None
        yield Line("failed checks", f"{row.failed_checks} of {row.threshold}: {left} more may fail", level)
    if row.next_check > now and not row.suspended:
        yield Line("next check", f"in {duration(row.next_check - now)}, each {duration(row.interval)}")
    elif row.interval:
        yield Line("checks", f"each {duration(row.interval)}")
    if row.ends > now:
        yield Line("ends", f"in about {duration(row.ends - now)} if every check is passed")
    for label, pods in (("primary pods", row.primary_pods), ("canary pods", row.canary_pods)):
        if pods is not None:
            yield Line(label, f"{pods[0]} of {pods[1]} ready", None if pods[0] >= pods[1] else Level.PROGRESSING)
    yield from _changes(row)
    if row.told:
        yield Line("said last", row.told + (f"  ({ago(row.told_at, now)})" if row.told_at else ""))


def _changes(row: RolloutRow) -> Iterable[Line]:
    for label, before, after in (
        ("image", row.image_before, row.image_after),
        ("revision", row.revision_before, row.revision_after),
    ):
        if before or after:
            yield Line(label, f"{before} → {after}" if before and after and before != after else after or before)
    if row.application:
        yield Line("application", f"{row.application_namespace}/{row.application}, policy {row.policy}")
    elif row.source:
        yield Line(
            "made by", {Source.CANARY: "a Canary without an Application"}.get(Source(row.source), row.source)
        )
    if row.target:
        yield Line("replaces", f"{row.target} in {row.namespace}")


def strategy_text(row: RolloutRow) -> str:
    """`canary 10 → 20 → 30 % by istio`."""
    steps = ""
    if row.steps:
        shown = [str(step) for step in row.steps]
        steps = " " + " → ".join(shown if len(shown) <= 8 else [*shown[:3], "…", shown[-1]]) + " %"
    elif row.iterations:
        steps = f", {row.iterations} checks"
    skipped = ", checks skipped" if row.skips_analysis else ""
    return f"{row.strategy}{steps}" + (f" by {row.provider}" if row.provider else "") + skipped


def since(row: RolloutRow, now: float) -> str:
    """` for 4m`; nothing where that is not known."""
    return f" for {duration(now - row.since)}" if row.since else ""


def _far(row: RolloutRow) -> str:
    if row.iterations:
        return f"check {row.iteration} of {row.iterations}"
    return f"{row.weight or 0}% of {row.weight_target}%"


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """A bar of `width` cells."""
    full = round(min(1.0, max(0.0, share)) * width)
    return ("#" * full + "." * (width - full)) if ascii_only else "█" * full + "░" * (width - full)


# -- gates --------------------------------------------------------------------------------------------------------


def _gate(gate: Gate, row: RolloutRow, now: float, *, ascii_only: bool) -> Section:
    unit = gate_unit(gate.name)
    value = amount(gate.values[-1], unit) if gate.values else "-"
    level = _VERDICTS.get(Verdict(gate.verdict), Level.UNKNOWN)
    drawn = gate_spark(gate, SPARK, ascii_only=ascii_only)
    lines = [Line("now", f"{value}  {drawn}  {limits(gate)}  {gate.verdict}", level)]
    if gate.note:
        lines.append(Line("", gate.note))
    where = {"member": f"the Prometheus of {row.cluster}, where the engine looks", "thanos": "Thanos"}
    seen = where.get(gate.seen_in, "")
    if seen:
        lines.append(Line("seen in", seen + (f", {ago(gate.at, now)}" if gate.at else "")))
    if gate.query:
        lines.append(Line("query", " ".join(gate.query.split())))
    return Section(f"Gate {gate.name}", tuple(lines))


def gate_spark(gate: Gate | None, width: int, *, ascii_only: bool = False) -> str:
    """The last values of a gate on at most `width` cells."""
    if gate is None or not gate.values:
        return ""
    return spark(gate.values, width, low=_bottom(gate), ascii_only=ascii_only)


def _bottom(gate: Gate) -> float | None:
    """Success rates move near their limit: zero would make a flat line of them."""
    low = min((value for value in gate.values if value == value), default=0.0)
    return min(low, gate.low) if gate.low is not None and low > 0.5 * gate.low > 0 else None


def limits(gate: Gate) -> str:
    """`wants ≥ 99%`, `wants ≤ 500ms`, or both."""
    unit = gate_unit(gate.name)
    sides = []
    if gate.low is not None:
        sides.append(f"≥ {amount(gate.low, unit)}")
    if gate.high is not None:
        sides.append(f"≤ {amount(gate.high, unit)}")
    return "wants " + " and ".join(sides) if sides else "no limit"
