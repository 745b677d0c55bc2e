"""The evidence of an incident as lines of text: pure functions. A line of a step knows which.

Nothing is blank: a part that is not known says why, and one that is being asked for says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, duration
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import IncidentRow, State, incident_level
from kurator_tui.kinds.units import amount
from kurator_tui.link.metrics import PanelData
from kurator_tui.screens.evidence_parts import Answer, Evidence, Excerpt
from kurator_tui.screens.evidence_steps import Step
from kurator_tui.screens.evidence_timeline import timeline
from kurator_tui.screens.facts import ago
from kurator_tui.screens.triage_facts import handled, state_of
from kurator_tui.widgets.layout import cells, pad
from kurator_tui.widgets.palette import ACCENT, KEY, LEVEL_CLASSES, MUTED, OFF, PLAIN, STRONG, Piece
from kurator_tui.widgets.sparkline import spark
from kurator_tui.widgets.text_view import TextLine

LABEL = 16
"""Cells of a label."""
SPARK = 40
"""Cells of a chart."""
NAMED = 8
"""Clusters, workloads or services that are named; the others are counted."""
UNITS = {"CPU used": "cores", "Memory used": "bytes", "Restarts in 1 h": "count", "Disk used": "ratio"}
NODE_UNITS = {"CPU used": "ratio", "Memory used": "ratio", "Disk used": "ratio"}
_ASKED = "being asked for"


def evidence_lines(
    known: Evidence, found: Sequence[Step], now: float, *, ascii_only: bool = False
) -> list[TextLine]:
    """Everything that is known, the most wanted first."""
    draw = _Draw(ascii_only)
    return [
        *draw.head(known, now),
        *draw.steps(found),
        *draw.means(known.means),
        *draw.happened(known, now),
        *draw.log(known.logs),
        *draw.charts(known),
        *draw.origin(known),
        *draw.reach(known),
        *draw.because(known),
    ]


class _Draw:
    def __init__(self, ascii_only: bool) -> None:
        self.ascii_only = ascii_only
        self._glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
        self._dot = ", " if ascii_only else " · "

    def _title(self, text: str) -> Iterator[TextLine]:
        yield TextLine(())
        yield TextLine((Piece(f" {text}", ACCENT),))

    def _item(self, label: str, text: str, style: str = PLAIN) -> TextLine:
        shown = f"  {pad(label, max(LABEL, cells(label)))} "
        return TextLine((Piece(shown, MUTED), Piece(text, style)), cells(shown))

    def _unknown(self, answer: Answer[Any], label: str = "") -> TextLine:
        """A part that is not there."""
        if not answer.why:
            return self._item(label, _ASKED, MUTED) if label else TextLine((Piece(f"  {_ASKED}", MUTED),), 2)
        text = f"not known: {answer.why}"
        style = LEVEL_CLASSES[Level.UNKNOWN]
        return self._item(label, text, style) if label else TextLine((Piece(f"  {text}", style),), 2)

    # -- what is wrong ----------------------------------------------------------------------------------------

    def head(self, known: Evidence, now: float) -> Iterator[TextLine]:
        row = known.row
        level = incident_level(row)
        yield TextLine((Piece(f" {self._glyphs[level]} {row.name}", LEVEL_CLASSES[level]),), 3)
        if row.message:
            yield TextLine((Piece(f"   {row.message}"),), 3)
        if known.row_said:
            when = f", {ago(known.as_of, now)}" if known.as_of else ""
            yield TextLine((Piece(f"   {row.target}{when}: ", MUTED), Piece(known.row_said)), 3)
        over = row.state == State.RESOLVED
        state = f"over since {ago(row.resolved_at, now)}" if over else state_of(row)
        clusters = row.clusters[0] if len(row.clusters) == 1 else f"{len(row.clusters)} clusters"
        counts = f"{clusters}, {_count(row.objects, 'object')}"
        if row.workloads != row.objects:  # what belongs to nothing counts as its own
            counts += f", {_count(row.workloads, 'workload')}"
        facts = (row.severity, row.code, state, _began(row, now), counts)
        yield TextLine((Piece("   " + self._dot.join(part for part in facts if part), MUTED),), 3)
        for line in handled(row, now):
            if line.text:
                yield TextLine((Piece(f"   {line.label}: ", MUTED), Piece(line.text, STRONG)), 3)

    def steps(self, found: Sequence[Step]) -> Iterator[TextLine]:
        yield from self._title("Next steps")
        if not found:
            yield TextLine((Piece("  nothing is suggested: it is about no single object", MUTED),), 2)
        for step in found:
            if step.why_not:
                yield TextLine((Piece(f"    {step.label}: {step.why_not}", OFF),), 4)
            else:
                sign = ">" if self.ascii_only else "▸"
                yield TextLine((Piece(f"  {sign} ", KEY), Piece(step.label)), 4, step)

    def means(self, answer: Answer[list[str]]) -> Iterator[TextLine]:
        yield from self._title("What it means")
        if answer.value is None:
            yield self._unknown(answer)
        for paragraph in answer.value or ():
            yield TextLine((Piece(f"  {paragraph}"),), 2)

    # -- what happened ----------------------------------------------------------------------------------------

    def happened(self, known: Evidence, now: float) -> Iterator[TextLine]:
        yield from self._title("What happened, newest first")
        entries = timeline(known)
        one = len(known.row.clusters) == 1
        for each in entries:
            level = LEVEL_CLASSES[each.level] if each.level is not None else PLAIN
            where = "" if one or not each.where else f"{each.where}: "
            head = f"  {duration(now - each.at):>7}  {each.sort:<8} "
            yield TextLine((Piece(head, MUTED), Piece(f"{where}{each.text}", level)), cells(head))
        if not entries:
            yield TextLine((Piece("  nothing is known of it", MUTED),), 2)
        missing: tuple[tuple[str, Answer[Any]], ...] = (
            ("findings", known.findings),
            ("events", known.events),
            ("changes", known.object),
            ("deploys", known.deploys),
            ("releases", known.releases),
            ("your changes", known.audit),
            ("alerts", known.alerts),
        )
        for label, answer in missing:
            if answer.value is None:
                yield self._unknown(answer, label)
        empty = [label for label, answer in missing if answer.value is not None and not answer.value]
        if known.object.value is not None and not any(each.sort == "change" for each in entries):
            yield self._item("changes", "the object does not tell who wrote it", MUTED)
        if empty:
            yield self._item("", f"none: {', '.join(empty)}", MUTED)

    # -- log and metrics --------------------------------------------------------------------------------------

    def log(self, answer: Answer[Excerpt]) -> Iterator[TextLine]:
        found = answer.value
        yield from self._title(f"Log of {found.source}" if found is not None else "Log")
        if found is None:
            yield self._unknown(answer)
            return
        for at, (moment, text) in enumerate(found.lines):
            error = at == found.error
            time = f"{datetime.fromtimestamp(moment):%H:%M:%S} " if moment else ""
            sign = f"  {self._glyphs[Level.FAILED]} " if error else "    "
            style = LEVEL_CLASSES[Level.FAILED] if error else PLAIN
            yield TextLine((Piece(sign, style), Piece(time, MUTED), Piece(text, style)), 4 + cells(time))
        if found.error is None:
            yield TextLine((Piece("  none of its lines looks like an error; these are the last", MUTED),), 2)

    def charts(self, known: Evidence) -> Iterator[TextLine]:
        yield from self._title("Metrics of the half hour around the beginning")
        if not known.charts:
            yield self._unknown(Answer(why=known.charts_why))
        units = NODE_UNITS if known.row.kind == "nodes" else UNITS
        for title, answer in known.charts.items():
            if answer.value is None:
                yield self._unknown(answer, title)
            else:
                yield from self._chart(title, answer.value, units.get(title, ""), known.began)

    def _chart(self, title: str, data: PanelData, unit: str, began: float) -> Iterator[TextLine]:
        """The greatest line of a panel, its ends and its peak, and where it began."""
        points = max((list(data.points(each)) for each in data.series), key=_peak, default=[])
        if not points:
            yield self._item(title, "no values in this time", MUTED)
            return
        values = [value for _at, value in points]
        drawn = spark(values, min(SPARK, len(values)), ascii_only=self.ascii_only).strip()
        said = f"{amount(values[0], unit)} to {amount(values[-1], unit)}, at most {amount(max(values), unit)}"
        yield self._item(title, f"{drawn}  {said}")
        first, last = points[0][0], points[-1][0]
        if first < began < last:
            at = int((began - first) / (last - first) * (cells(drawn) - 1))
            yield self._item("", " " * at + ("^" if self.ascii_only else "▲") + " began", MUTED)

    # -- where it comes from, how far it reaches --------------------------------------------------------------

    def origin(self, known: Evidence) -> Iterator[TextLine]:
        yield from self._title("Where it comes from")
        chain = " > ".join(f"{kind}/{name}" for kind, name in known.owners)
        if not chain and known.workload is not None:
            chain = f"{known.workload.kind.partition('.')[0]}/{known.workload.name}"
        if chain:
            yield self._item("belongs to", chain)
        elif known.object.settled:
            why = known.object.why
            yield self._item("belongs to", f"not known: {why}" if why else "nothing owns it", MUTED)
        if known.origin.value is None:
            yield self._unknown(known.origin, "revision")
            return
        for label, text in known.origin.value.lines:
            yield self._item(label, text)

    def reach(self, known: Evidence) -> Iterator[TextLine]:
        yield from self._title("How far it reaches")
        row, found = known.row, known.findings.value
        if found is None:
            yield self._item("clusters", _named(row.clusters))
            yield self._unknown(known.findings, "objects")
            return
        if known.as_of:
            yield self._item("as recorded", f"{datetime.fromtimestamp(known.as_of):%Y-%m-%d %H:%M:%S}")
        told = Counter(each.cluster for each in found)
        clusters = [f"{name} ({count})" for name, count in told.most_common()]
        yield self._item("clusters", _named(clusters or row.clusters))
        owned = any(each.mark("owner") for each in found)
        yield self._item("workloads" if owned else "objects", _named(_unique(found, _workload)))
        services = [each for each in found if each.code.startswith("KT13")]
        said = _named(_unique(services, _place)) if services else "no Service or Ingress is among its findings"
        yield self._item("traffic", said, PLAIN if services else MUTED)
        sorts = Counter(f"{each.code} {each.title}" for each in found)
        for number, (sort, count) in enumerate(sorts.most_common(NAMED)):
            yield self._item("" if number else "findings", f"{count} x {sort}", MUTED)
        if row.symptoms:
            yield self._item("of these", f"{row.symptoms} follow from the others")

    def because(self, known: Evidence) -> Iterator[TextLine]:
        row = known.row
        yield from self._title("Why it is one incident")
        yield self._item("grouped by", f"{row.because}: {row.cause}" if row.cause else row.because or "itself")
        for number, (why, count) in enumerate(known.follows):
            yield self._item("" if number else "follow from it", f"{_count(count, 'finding')}: {why}", MUTED)


def _began(row: IncidentRow, now: float) -> str:
    if not row.created:
        return ""
    said = ago(row.created, now)
    return f"seen first {said}, may be older" if row.before else f"began {said}"


def _peak(points: Sequence[tuple[float, float]]) -> float:
    return max((value for _at, value in points), default=float("-inf"))


def _workload(finding: FindingRow) -> str:
    owner = finding.mark("owner")
    return "/".join(part for part in (finding.namespace, owner.rpartition("/")[2] or finding.name) if part)


def _place(finding: FindingRow) -> str:
    return "/".join(part for part in (finding.cluster, finding.namespace, finding.name) if part)


def _unique(found: Iterable[FindingRow], text: Callable[[FindingRow], str]) -> list[str]:
    return list(dict.fromkeys(text(each) for each in found))


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
