"""The figures of the screen of costs as lines: a row a feeder, then console, terminal and where rows come from.

Pure. Each figure keeps its place and its width, so that a second's change is a few cells.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import inert, size
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.link.messages import Costed
from kurator_tui.screens.source import LIVE
from kurator_tui.widgets.layout import pad
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, Line, Piece

WINDOW = 5.0
"""Seconds over which rates are averaged."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Per second; None while that is not known."""

    requests: float | None = None
    bytes_in: float | None = None
    events: float | None = None


class Sampler:
    """Rates of one feeder from its totals, which restart with it."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, Costed]] = deque()

    def rates(self, now: float, cost: Costed) -> Rates:
        """The rates at `now` (seconds of any clock), `cost` being the totals then."""
        samples = self._samples
        if samples and (cost.requests < samples[-1][1].requests or not 0 <= now - samples[-1][0] <= WINDOW):
            samples.clear()  # another process, nobody looked for long, or the clock was set
        samples.append((now, cost))
        while now - samples[0][0] > WINDOW:
            samples.popleft()
        began, first = samples[0]
        if now - began <= 0:
            return Rates()
        span = now - began
        return Rates(
            (cost.requests - first.requests) / span,
            (cost.bytes_in - first.bytes_in) / span,
            (cost.events - first.events) / span,
        )


@dataclass(frozen=True, slots=True)
class FeederFigures:
    """One feeder; totals since it started."""

    name: str
    pid: int
    state: str
    cost: Costed
    rates: Rates = Rates()


@dataclass(frozen=True, slots=True)
class TerminalFigures:
    """What the terminal was sent, in bytes; the longest wait is in seconds."""

    total: int
    last_second: int
    last_minute: int
    frames: int
    shed: int
    worst_wait: float
    slow: bool
    stock: bool


class Watched(NamedTuple):
    """What one kind costs: open streams, and rows that the feeders hold."""

    name: str
    streams: int
    rows: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All the screen says above its table. Latencies in seconds, memory in bytes; None is not measured."""

    feeders: tuple[FeederFigures, ...] = ()
    pid: int = 0
    memory: int = 0
    limit: int = 0
    given_up: int = 0
    rows: int = 0
    kinds: int = 0
    last_key: float | None = None
    key_p95: float | None = None
    stall: float = 0.0
    worst_stall: float = 0.0
    terminal: TerminalFigures | None = None
    source: str = ""
    watched: tuple[Watched, ...] = ()


def source_text(rows: Iterable[ClusterOverview]) -> str:
    """Where the rows come from: `via` of the clusters, counted by its first word."""
    ways = Counter(row.via.partition(" ")[0] for row in rows if row.via)
    return ", ".join(
        f"{number} by {way}" for way, number in sorted(ways.items(), key=lambda item: (-item[1], item))
    )


class _Cell(NamedTuple):
    title: str
    width: int
    text: str


def _count(number: int) -> str:
    return f"{number:,}" if number < 10_000_000 else f"{number / 1e6:,.0f}M"


def _rate(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:.1f}" if number < 100 else f"{number:,.0f}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f}ms" if seconds < 10 else f"{seconds:.0f}s"


def _feeder(feeder: FeederFigures, *, pid: bool) -> list[_Cell]:
    cost, rates = feeder.cost, feeder.rates
    cells = [_Cell("PID", 8, str(feeder.pid or ""))] if pid else []
    return [
        *cells,
        _Cell("STREAMS", 8, _count(cost.streams)),
        _Cell("REQUESTS", 10, _count(cost.requests)),
        _Cell("/S", 7, _rate(rates.requests)),
        _Cell("IN", 7, size(cost.bytes_in)),
        _Cell("/S", 7, "" if rates.bytes_in is None else size(rates.bytes_in)),
        _Cell("EVENTS", 12, _count(cost.events)),
        _Cell("/S", 7, _rate(rates.events)),
        _Cell("MEMORY", 8, size(cost.memory) if cost.memory else ""),
    ]


NARROW = 96
"""Columns below which the less telling figures are left out."""
LABEL = 11


def cost_lines(figures: Figures, width: int) -> list[Line]:
    """The lines on `width` cells."""
    wide = width >= NARROW
    lines: list[Line] = []
    for feeder in figures.feeders:
        cells = _feeder(feeder, pid=wide)
        if not lines:
            titles = "".join(f"{cell.title:>{cell.width}}" for cell in cells)
            lines.append((Piece(" " * LABEL), Piece(titles, MUTED)))
        if feeder.state == LIVE:
            figured = Piece("".join(f"{cell.text:>{cell.width}}" for cell in cells), PLAIN)
        else:
            figured = Piece(f"  {feeder.state}", LEVEL_CLASSES[Level.FAILED])
        lines.append((_label(feeder.name), figured))
    lines.append(_console(figures, wide=wide))
    if figures.terminal is not None:
        lines.append(_terminal(figures.terminal, wide=wide))
    if figures.source:
        lines.append((_label("rows from"), Piece(f"  watches: {figures.source}")))
    return [*lines, *_watched(figures.watched, width)]


KIND, STREAMS, ROWS = 16, 8, 8
"""Cells of the columns of what is watched."""
MOST = 3
"""Lines of kinds; what there is no place for is summed up."""


def _watched(kinds: Sequence[Watched], width: int) -> list[Line]:
    """The kinds that are watched, those with most rows first, several beside each other."""
    if not kinds:
        return []
    beside = max(1, (width - LABEL) // (KIND + STREAMS + ROWS + 2))
    ordered = sorted(kinds, key=lambda kind: (-kind.rows, -kind.streams, kind.name))
    if len(ordered) > beside * MOST:
        rest = ordered[beside * MOST - 1 :]
        more = Watched(f"{len(rest)} more", sum(kind.streams for kind in rest), sum(kind.rows for kind in rest))
        ordered = [*ordered[: -len(rest)], more]
    title = f"  {'KIND':<{KIND}}{'STREAMS':>{STREAMS}}{'ROWS':>{ROWS}}"
    lines: list[Line] = [(_label("watched"), Piece(title * min(beside, len(ordered)), MUTED))]
    for start in range(0, len(ordered), beside):
        shown = ordered[start : start + beside]
        lines.append((Piece(" " * LABEL), Piece("".join(_kind_cell(kind) for kind in shown))))
    return lines


def _kind_cell(kind: Watched) -> str:
    return f"  {pad(inert(kind.name), KIND)}{_count(kind.streams):>{STREAMS}}{_count(kind.rows):>{ROWS}}"


def _label(text: str) -> Piece:
    return Piece(f" {text:<{LABEL - 1}}", ACCENT)


def _pairs(pairs: Sequence[tuple[str, str, int]]) -> Line:
    """(label, figure, its width) one after the other; labels of figures that are not known stay."""
    pieces: list[Piece] = []
    for label, text, width in pairs:
        pieces += [Piece(f"  {label} ", MUTED), Piece(f"{text:>{width}}")]
    return tuple(pieces)


def _console(figures: Figures, *, wide: bool) -> Line:
    pairs = [
        ("rows", _count(figures.rows), 7),
        ("memory", size(figures.memory), 5),
        *([("of", size(figures.limit), 5)] if figures.limit else []),
        *([("given up", f"{figures.given_up}x", 3)] if figures.given_up else []),
        ("keys", _seconds(figures.last_key), 5),
        ("p95", _seconds(figures.key_p95), 5),
        ("stall", _seconds(figures.stall), 5),
    ]
    if wide:
        pairs = [("pid", str(figures.pid), 7), *pairs, ("ever", _seconds(figures.worst_stall), 6)]
    return (_label("console"), *_pairs(pairs))


def _terminal(terminal: TerminalFigures, *, wide: bool) -> Line:
    pairs = [
        ("sent", size(terminal.total), 5),
        ("/s", size(terminal.last_second), 5),
        ("/min", size(terminal.last_minute), 5),
        *([("frames", _count(terminal.frames), 9)] if wide else []),
        ("shed", _count(terminal.shed), 5),
        ("wait", _seconds(terminal.worst_wait), 6),
    ]
    slow = (Piece("  slow", LEVEL_CLASSES[Level.DEGRADED]),) if terminal.slow else ()
    stock = (Piece("  stock output", LEVEL_CLASSES[Level.DEGRADED]),) if terminal.stock else ()
    return (_label("terminal"), *_pairs(pairs), *slow, *stock)
