"""The release board: a row an application, a column a member or a wave. Pure.

Who shows it makes it of `rollouts` rows. How much a cell says depends on the room it has (`board_cells`,
`board_waves`); where even the least is too much for all members, or all waves, one column has a glyph for each.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping, Sequence

from kurator_tui.kinds.base import (
    SEVERITY,
    AnyKind,
    Column,
    Format,
    Health,
    Interned,
    Kind,
    Level,
    Row,
    told_health,
)
from kurator_tui.kinds.board_cells import Room, Trend, cell, level_of, urgency
from kurator_tui.kinds.board_waves import LEAST, MOST, SURE, Wave, wave_cell, waves, worst_of
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS
from kurator_tui.kinds.rollouts import DONE, WAITING, RolloutRow


class Attention(enum.StrEnum):
    """Which applications the board shows."""

    ALL = "all"
    NEEDED = "needs attention"
    RUNNING = "running"
    FAILED = "failed"


class Across(enum.StrEnum):
    """What the columns of the board are."""

    MEMBERS = "member"
    WAVES = "wave"


class BoardRow(Row, frozen=True, gc=False, array_like=True):
    """One application, or one rollout without an application; `cluster` is "" since it is on many."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    fleet: Interned = ""
    strategy: Interned = ""
    group: Interned = ""
    """What it is grouped by."""
    image: str = ""
    members: tuple[RolloutRow, ...] = ()
    """Its rollouts by cluster, the worst one of a cluster with several."""
    trends: tuple[tuple[int, ...], ...] = ()
    """Of each of `members`, where these are shown: the last weights that were seen."""
    waves: tuple[Wave, ...] = ()
    """All of its rollouts by wave, where waves are shown."""

    def on(self, cluster: str) -> RolloutRow | None:
        """Its rollout on `cluster`."""
        return next((row for row in self.members if row.cluster == cluster), None)

    def wave(self, number: int) -> Wave | None:
        """Its wave of that number."""
        return next((wave for wave in self.waves if wave.number == number), None)

    def worst_in(self, column: str) -> RolloutRow | None:
        """Where to begin in the wave with that column, or in all of them; None where no waves are shown."""
        chosen = [wave for wave in self.waves if wave_column(wave.number) == column]
        return worst_of(chosen or self.waves).worst if self.waves else None


def board_key(row: RolloutRow) -> str:
    """What tells applications apart: the uid of the board's row that `row` belongs to."""
    if row.application:
        return f"{row.application_namespace}/{row.application}"
    return f"{row.source}:{row.namespace}/{row.name}"


def board_row(
    rows: Collection[RolloutRow],
    group: str = "",
    trend: Trend = lambda row: (),
    across: Across = Across.MEMBERS,
) -> BoardRow:
    """The row of one application from all of its rollouts; `group` is the field it is grouped by."""
    worst: dict[str, RolloutRow] = {}
    for row in rows:
        known = worst.get(row.cluster)
        if known is None or urgency(row) > urgency(known):
            worst[row.cluster] = row
    members = tuple([worst[cluster] for cluster in sorted(worst)])
    first = max(members, key=urgency)
    named = f"{first.cluster}: {first.reason or first.phase}" if first.level is not Level.HEALTHY else ""
    return BoardRow(
        cluster="",
        namespace=first.application_namespace or first.namespace,
        name=first.name,
        uid=board_key(first),
        created=0.0,
        level=first.level,
        reason=named,
        fleet=first.fleet,
        strategy=first.strategy,
        group=first.fleet if group == "fleet" else _label(first, group) if group else "",
        image=next((row.image_after for row in members if row.image_after), ""),
        members=members,
        trends=tuple([trend(row) for row in members]) if across is Across.MEMBERS else (),
        waves=waves(rows, trend) if across is Across.WAVES else (),
    )


def _label(row: RolloutRow, key: str) -> str:
    return next((value for name, value in row.labels if name == key), "")


def attended(row: BoardRow, attention: Attention) -> bool:
    """Whether `row` is among what is looked for."""
    match attention:
        case Attention.NEEDED:
            return SEVERITY[row.level] >= SEVERITY[Level.STALE] or any(each.stale for each in row.members)
        case Attention.RUNNING:
            return any(each.phase in WAITING and not each.suspended for each in row.members)
        case Attention.FAILED:
            return any(each.phase == "Failed" for each in row.members)
    return True


# -- the kind -----------------------------------------------------------------------------------------------------

_FIXED = 44
"""Cells that the columns before the members take, about."""
_ALL = 82
"""Cells that all other columns take at least, about."""


def _share(columns: int, width: int, others: int = _FIXED) -> int:
    """Cells that each of `columns` may take of `width`."""
    return (width - others) // columns - 1 if columns else width


def room_for(members: int, width: int) -> Room:
    """The most that each of `members` may take of `width` cells."""
    share = _share(members, width)
    return next((room for room in Room if share >= room and room is not Room.STRIP), Room.STRIP)


def room_for_waves(waves: int, width: int) -> int:
    """The most cells that each of `waves` may take of `width`; `Room.STRIP` where that is too little.

    A cell is made for a width that its column really gets: up to `SURE` the others make room for it.
    """
    sure = min(SURE, _share(waves, width))
    return max(sure, min(MOST, _share(waves, width, _ALL))) if sure >= LEAST else Room.STRIP


def board_kind(clusters: Sequence[str], room: Room, *, grouped: bool = False, ascii_only: bool = False) -> AnyKind:
    """The board with a column for each of `clusters`, or with one for all of them."""
    if room is Room.STRIP:
        return _kind(_strip_of_members(clusters, ascii_only=ascii_only), grouped=grouped)
    return _kind([_member(name, room, ascii_only=ascii_only) for name in clusters], grouped=grouped)


def wave_kind(numbers: Sequence[int], width: int, *, grouped: bool = False, ascii_only: bool = False) -> AnyKind:
    """The board with a column of `width` cells for each wave of `numbers`, or with one for all of them."""
    if width == Room.STRIP:
        return _kind(_strip_of_waves(numbers, ascii_only=ascii_only), grouped=grouped)
    return _kind([_wave(number, width, ascii_only=ascii_only) for number in numbers], grouped=grouped)


def wave_column(number: int) -> str:
    """Key of a wave's column."""
    return f"wave{number}"


def _kind(columns: Sequence[Column[BoardRow]], *, grouped: bool) -> AnyKind:
    group: tuple[Column[BoardRow], ...] = (
        (Column("group", "GROUP", lambda r: r.group, priority=0),) if grouped else ()
    )
    return Kind(
        id="board",
        name="Rollouts",
        plural="rollouts",
        row=BoardRow,
        health=board_health,
        columns=(
            *group,
            Column("name", "APPLICATION", lambda r: r.name, priority=0),
            Column("done", "DONE", _done, priority=0, level=lambda r: r.level),
            *columns,
            Column("strategy", "STRATEGY", lambda r: r.strategy, priority=5),
            Column("fleet", "FLEET", lambda r: r.fleet, priority=6),
            Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=7),
            Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=7, wide=True),
            Column("image", "IMAGE", lambda r: r.image, priority=8, wide=True, width=60),
            Column("reason", "REASON", lambda r: r.reason, priority=4, width=80),
        ),
    )


def board_health(row: BoardRow) -> Health:
    """The worst of its members."""
    return told_health(row.level, row.reason)


def _done(row: BoardRow) -> str:
    return f"{sum(each.phase in DONE for each in row.members)}/{len(row.members)}"


def _member(cluster: str, room: Room, *, ascii_only: bool) -> Column[BoardRow]:
    old = (ASCII_GLYPHS if ascii_only else GLYPHS)[Level.STALE]

    def value(row: BoardRow) -> str:
        for each, trend in zip(row.members, row.trends, strict=True):
            if each.cluster == cluster:
                return (old if each.stale else "") + cell(each, trend, room, ascii_only=ascii_only)
        return ""

    def level(row: BoardRow) -> Level:
        return level_of(row.on(cluster))

    title = cluster.upper() if len(cluster) <= room else cluster.upper()[: room - 1] + "…"
    return Column(cluster, title, value, priority=1, width=room, level=level)


def _wave(number: int, width: int, *, ascii_only: bool) -> Column[BoardRow]:
    def value(row: BoardRow) -> str:
        wave = row.wave(number)
        return wave_cell(wave, width, ascii_only=ascii_only) if wave is not None else ""

    def level(row: BoardRow) -> Level:
        wave = row.wave(number)
        return wave.level if wave is not None else Level.HEALTHY

    return Column(wave_column(number), f"WAVE {number}", value, priority=0, width=width, level=level)


def _strip_of_members(clusters: Sequence[str], *, ascii_only: bool) -> list[Column[BoardRow]]:
    def levels(row: BoardRow) -> dict[str, Level]:
        return {each.cluster: level_of(each) for each in row.members}

    def worst(row: BoardRow) -> str:
        urgent = max(zip(row.members, row.trends, strict=True), key=lambda pair: urgency(pair[0]))
        said = cell(*urgent, Room.FULL, ascii_only=ascii_only)
        return f"{urgent[0].cluster} {said}" if urgent[0].phase not in DONE or urgent[0].stale else ""

    return _strip("members", clusters, levels, worst, ascii_only=ascii_only)


def _strip_of_waves(numbers: Sequence[int], *, ascii_only: bool) -> list[Column[BoardRow]]:
    def levels(row: BoardRow) -> dict[str, Level]:
        return {wave_column(wave.number): wave.level for wave in row.waves}

    def worst(row: BoardRow) -> str:
        if not row.waves:
            return ""
        wave = worst_of(row.waves)
        if wave.worst.phase in DONE and not wave.worst.stale:
            return ""
        return f"wave {wave.number} {wave_cell(wave, ascii_only=ascii_only)}"

    return _strip("waves", [wave_column(number) for number in numbers], levels, worst, ascii_only=ascii_only)


def _strip(
    what: str,
    names: Sequence[str],
    levels_of: Callable[[BoardRow], Mapping[str, Level]],
    worst: Callable[[BoardRow], str],
    *,
    ascii_only: bool,
) -> list[Column[BoardRow]]:
    """A glyph for each of `names`, and what is to be said of the worst."""
    glyphs: Mapping[Level, str] = ASCII_GLYPHS if ascii_only else GLYPHS
    absent = " " if ascii_only else "·"

    def value(row: BoardRow) -> str:
        levels = levels_of(row)
        return "".join(glyphs[levels[name]] if name in levels else absent for name in names)

    title = f"{len(names)} {what.upper()}"
    return [
        Column(what, title, value, priority=1, width=max(len(names), len(title))),
        Column("worst", "WORST", worst, priority=0, width=40),
    ]
