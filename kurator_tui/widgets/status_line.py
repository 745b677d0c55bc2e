"""The line at the top: what this console looks at, how much of it is live, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import (
    ACCENT,
    LEVEL_CLASSES,
    MUTED,
    PLAIN,
    STRONG,
    Line,
    Piece,
    spread,
    width_of,
)

PRODUCT = "kurator-tui"
SHOWN_TROUBLES = 3
"""Members named one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A member that is not live: `text` is e.g. `stale 4m`."""

    cluster: str
    text: str
    level: Level = Level.STALE


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says. Empty texts, no incidents and None counts are left out."""

    context: str = ""
    fleet: str = ""
    members: int = 0
    live: int = 0
    troubles: tuple[Trouble, ...] = ()
    nodes: int | None = None
    pods: int | None = None
    counting: bool = False
    """Whether nodes and pods of some cluster are still to be listed: it says so."""
    incidents: tuple[tuple[str, Level, int], ...] = ()
    """(severity, how it is drawn, how many), the worst first; without those that nobody need look at now."""
    rollouts: int = 0
    read_only: bool = False
    feeder: str = ""
    """Empty while the feeder is well, else e.g. `feeder restarting`."""
    clock: str = ""
    """As it is to be shown, e.g. `14:02:11`."""
    ascii_only: bool = False
    scoped: bool = False
    """Whether only some clusters were counted."""
    as_of: tuple[str, ...] = ()
    """Of which moment the rows are, or which recording's; then in fewer words. Empty where they are live."""
    unrecorded: str = ""
    """Why nothing is kept to look back at, "" while it is."""
    plans: tuple[int, int] | None = None
    """(settled, all) targets of the plans that are being applied."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A group of pieces; the highest `priority` goes first when there is no room, 0 stays."""

    priority: int
    pieces: tuple[Piece, ...]
    tight: bool = False
    """Stands one space, not two, from the group before it."""
    shorter: tuple[tuple[Piece, ...], ...] = ()
    """What it may say instead when there is less room, longest first."""


def _compact(number: int) -> str:
    """5234 as `5.2k`: what a status line has room for."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 100_000 else f"{number // 1000}k"


def _members(status: Status) -> tuple[Piece, ...]:
    if status.members == 0:
        return (Piece("no members in scope" if status.scoped else "no members yet", MUTED),)
    level = Level.HEALTHY if status.live == status.members else Level.DEGRADED if status.live else Level.FAILED
    scope = " in scope" if status.scoped else ""
    return (Piece(f"{status.live}/{status.members} members live{scope}", LEVEL_CLASSES[level]),)


def _troubles(status: Status, named: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for trouble in status.troubles[:named]:
        pieces.append(Piece("· " if not pieces else " · ", MUTED))
        pieces.append(Piece(f"{trouble.cluster} {trouble.text}", LEVEL_CLASSES[trouble.level]))
    more = len(status.troubles) - named
    return (*pieces, Piece(f" · {more} more", MUTED)) if more > 0 else tuple(pieces)


def _counts(status: Status) -> tuple[Piece, ...]:
    counts = [
        f"{_compact(number)} {unit}"
        for number, unit in ((status.nodes, "nodes"), (status.pods, "pods"))
        if number is not None
    ]
    if counts and status.counting:
        return (Piece(" ".join(counts)), Piece(" so far", MUTED))
    return (Piece(" ".join(counts)),) if counts else ()


def _incidents(status: Status, glyphs: Mapping[Level, str]) -> _Part:
    """`✖1 critical ✖2 high ▲3 medium`; with less room by glyph, then how many there are."""
    full = [(f"{glyphs[level]}{count} {severity}", level) for severity, level, count in status.incidents]
    by_level: dict[Level, int] = {}
    for _severity, level, count in status.incidents:
        by_level[level] = by_level.get(level, 0) + count
    total = sum(by_level.values())
    word = "incident" if total == 1 else "incidents"
    short = [(f"{glyphs[level]}{count}", level) for level, count in by_level.items()]
    worst = next(iter(by_level))
    return _Part(
        1,
        _leveled(full),
        shorter=(
            (*_leveled(short), Piece(f" {word}", MUTED)),
            _leveled([(f"{glyphs[worst]}{total} {word}", worst)]),
        ),
    )


def _leveled(texts: Sequence[tuple[str, Level]]) -> tuple[Piece, ...]:
    return tuple(
        Piece(f"{' ' if at else ''}{text}", LEVEL_CLASSES[level]) for at, (text, level) in enumerate(texts)
    )


def _parts(status: Status) -> list[_Part]:
    """All groups, left to right."""
    glyphs = ASCII_GLYPHS if status.ascii_only else GLYPHS
    parts = [_Part(7, (Piece(PRODUCT, ACCENT),))]
    if status.as_of:
        parts.append(_as_of(status.as_of, glyphs))
    if status.context:
        parts.append(_Part(6, (Piece("host ", MUTED), Piece(status.context))))
    if status.fleet:
        parts.append(_Part(4, (Piece("fleet ", MUTED), Piece(status.fleet, STRONG))))
    if status.feeder:
        parts.append(_Part(0, (Piece(f"{glyphs[Level.FAILED]} {status.feeder}", LEVEL_CLASSES[Level.FAILED]),)))
    parts.append(_Part(0, _members(status)))
    if status.troubles:
        shown = min(SHOWN_TROUBLES, len(status.troubles))
        shorter = tuple(_troubles(status, named) for named in range(shown - 1, 0, -1))
        parts.append(_Part(3, _troubles(status, shown), tight=True, shorter=shorter))
    if counts := _counts(status):
        parts.append(_Part(5, counts))
    if status.incidents:
        parts.append(_incidents(status, glyphs))
    if status.rollouts:
        text = f"{glyphs[Level.PROGRESSING]}{status.rollouts} rollouts"
        parts.append(_Part(4, (Piece(text, LEVEL_CLASSES[Level.PROGRESSING]),)))
    if status.plans is not None:
        text = f"{glyphs[Level.PROGRESSING]} plan {status.plans[0]}/{status.plans[1]}"
        parts.append(_Part(1, (Piece(text, LEVEL_CLASSES[Level.PROGRESSING]),)))
    if status.unrecorded:
        parts.append(_Part(2, (Piece(f"no history: {status.unrecorded}", LEVEL_CLASSES[Level.DEGRADED]),)))
    if status.read_only:
        parts.append(_Part(1, (Piece("RO", STRONG),)))
    return parts


def _as_of(texts: tuple[str, ...], glyphs: Mapping[Level, str]) -> _Part:
    """The mark of another moment: in fewer words where there is no room, and never left out."""
    whole, *shorter = ((Piece(f"{glyphs[Level.STALE]} {text}", LEVEL_CLASSES[Level.DEGRADED]),) for text in texts)
    return _Part(0, whole, shorter=tuple(shorter))


def _join(parts: list[_Part]) -> Line:
    pieces: list[Piece] = [Piece(" ", PLAIN)]
    for part in parts:
        if len(pieces) > 1:
            pieces.append(Piece(" " if part.tight else "  ", PLAIN))
        pieces.extend(part.pieces)
    return tuple(pieces)


def _fit(parts: list[_Part], room: int) -> Line:
    """The line of what fits: groups are shortened, then left out by priority; then those that still fit return."""
    kept = dict(enumerate(parts))

    def line() -> Line:
        return _join([kept[at] for at in sorted(kept)])

    while width_of(line()) > room:
        loser = max(kept, key=lambda at: kept[at].priority)
        if kept[loser].priority == 0:
            loser = next((at for at, part in kept.items() if part.shorter), -1)
        if loser < 0:
            break
        part = kept[loser]
        if part.shorter:
            kept[loser] = replace(part, pieces=part.shorter[0], shorter=part.shorter[1:])
        else:
            del kept[loser]
    for at in sorted(set(range(len(parts))) - set(kept), key=lambda at: parts[at].priority):
        kept[at] = parts[at]
        if width_of(line()) > room:
            del kept[at]
    return line()


def status_text(status: Status, width: int) -> Line:
    """The status line on `width` cells: groups go by priority, members and time stay longest."""
    right: Line = (Piece(status.clock, MUTED), Piece(" ")) if status.clock else ()
    room = width - (width_of(right) + 1 if right else 0)
    line = _fit(_parts(status), room)
    if width_of(line) > room:  # 20 columns: the words go
        line = tuple(Piece(piece.text.replace(" members live", " live"), piece.style) for piece in line)
    return spread(line, right, width)


class StatusLine(OneLine):
    """Shows a `Status`."""

    DEFAULT_CSS = "StatusLine { background: $panel; }"

    def __init__(self, status: Status | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._status = status or Status()

    def show(self, status: Status) -> None:
        """Show `status`; repaints only when the line differs."""
        self._status = status
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return status_text(self._status, width)
