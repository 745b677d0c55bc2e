"""The release board: a row an application, a column a member. Pure; made from `rollouts` rows by who shows it.

How much a cell says depends on the room a member has: `◐ 30% ▁▃▅ 99.2% 1/3`, `◐ 30% 1/3`, `◐ 30%`; where even that
is too much for all members, one column has a glyph a member instead.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence

from kurator_tui.kinds.base import SEVERITY, AnyKind, Column, Format, Health, Interned, Kind, Level, Row
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS
from kurator_tui.kinds.rollouts import DONE, WAITING, Gate, RolloutRow, Verdict
from kurator_tui.kinds.units import amount


class Room(enum.IntEnum):
    """Cells a member's column takes."""

    FULL = 24
    MEDIUM = 12
    SHORT = 7
    STRIP = 1
    """All members in one column, a glyph each."""


class Attention(enum.StrEnum):
    """Which applications the board shows."""

    ALL = "all"
    NEEDED = "needs attention"
    RUNNING = "running"
    FAILED = "failed"


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
    """Of each of `members`: the last weights that were seen."""

    def on(self, cluster: str) -> RolloutRow | None:
        """Its rollout on `cluster`."""
        return next((row for row in self.members if row.cluster == cluster), None)


Trend = Callable[[RolloutRow], tuple[int, ...]]
"""The last weights that were seen of a rollout."""


def board_key(row: RolloutRow) -> str:
    """What tells applications apart: the uid of the board's row that `row` belongs to."""
    if row.application:
        return f"{row.application_namespace}/{row.application}"
    return f"{row.source}:{row.namespace}/{row.name}"


def board_row(rows: Iterable[RolloutRow], group: str = "", trend: Trend = lambda row: ()) -> BoardRow:
    """The row of one application from all of its rollouts; `group` is the field it is grouped by."""
    worst: dict[str, RolloutRow] = {}
    for row in rows:
        known = worst.get(row.cluster)
        if known is None or _urgency(row) > _urgency(known):
            worst[row.cluster] = row
    members = tuple([worst[cluster] for cluster in sorted(worst)])
    first = max(members, key=_urgency)
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
        trends=tuple([trend(row) for row in members]),
    )


def _label(row: RolloutRow, key: str) -> str:
    return next((value for name, value in row.labels if name == key), "")


def _urgency(row: RolloutRow) -> tuple[int, bool]:
    return SEVERITY[row.level], row.phase in WAITING


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


# -- cells --------------------------------------------------------------------------------------------------------

_WORDS = {
    "": "starting",
    "Initializing": "starting",
    "Initialized": "idle",
    "Waiting": "waits",
    "WaitingPromotion": "waits",
    "Promoting": "promoting",
    "Finalising": "finishing",
    "Succeeded": "done",
    "Failed": "failed",
    "Terminating": "ending",
    "Terminated": "ended",
}
_SHORT = {"starting": "starts", "promoting": "promo", "finishing": "finish"}


def cell(row: RolloutRow, trend: Sequence[int] = (), room: Room = Room.FULL, *, ascii_only: bool = False) -> str:
    """What one member's cell says of its rollout."""
    state = "paused" if row.suspended and row.phase not in DONE else _state(row)
    how = _how_far(row)
    if room <= Room.SHORT:
        return how if how and state == "" else _SHORT.get(state, state[: Room.SHORT - 1])
    budget = f"{row.failed_checks}/{row.threshold}" if row.threshold and row.phase == "Progressing" else ""
    said = [state, how if state in ("", "paused") else "", budget]
    if room >= Room.FULL and row.phase == "Progressing":
        said[2:2] = [_blocks(trend, ascii_only=ascii_only), _gate(row.gates)]
    return " ".join(part for part in said if part)


def _state(row: RolloutRow) -> str:
    if row.phase == "Progressing":
        return ""
    return _WORDS.get(row.phase, row.phase.casefold())


def _how_far(row: RolloutRow) -> str:
    if row.iterations:
        return f"{row.iteration}/{row.iterations}"
    return "" if row.weight is None else f"{row.weight}%"


def _blocks(trend: Sequence[int], *, ascii_only: bool) -> str:
    """Weights as blocks of a scale from 0 to 100 %."""
    blocks = "_.-~=+*#" if ascii_only else "▁▂▃▄▅▆▇█"
    return "".join(blocks[min(7, max(0, weight * 8 // 101))] for weight in trend[-4:])


def _gate(gates: Sequence[Gate]) -> str:
    """The value of the gate that decides."""
    chosen = deciding(gates)
    if chosen is None:
        return ""
    if chosen.verdict == Verdict.NO_VALUES:
        return "no values"
    return amount(chosen.values[-1], gate_unit(chosen.name)) if chosen.values else ""


def deciding(gates: Sequence[Gate]) -> Gate | None:
    """The gate that decides: one that fails, else the first."""
    return next((gate for gate in gates if gate.verdict == Verdict.BAD), gates[0] if gates else None)


def gate_unit(name: str) -> str:
    """The unit of a gate by the names of Flagger's own metrics (kurator-api §4.4); others are plain numbers."""
    return {"request-success-rate": "percent", "request-duration": "ms"}.get(name, "")


def level_of(row: RolloutRow | None) -> Level:
    """The colour of a member's cell."""
    if row is None:
        return Level.HEALTHY
    return Level.STALE if row.stale else row.level


# -- the kind -----------------------------------------------------------------------------------------------------

_FIXED = 44
"""Cells that the columns before the members take, about."""


def room_for(members: int, width: int) -> Room:
    """The most that each of `members` may take of `width` cells."""
    share = (width - _FIXED) // members - 1 if members else Room.FULL
    return next((room for room in Room if share >= room and room is not Room.STRIP), Room.STRIP)


def board_kind(clusters: Sequence[str], room: Room, *, grouped: bool = False, ascii_only: bool = False) -> AnyKind:
    """The board with a column for each of `clusters`, or with one for all of them."""
    group: tuple[Column[BoardRow], ...] = (
        (Column("group", "GROUP", lambda r: r.group, priority=0),) if grouped else ()
    )
    if room is Room.STRIP:
        members = _strip(clusters, ascii_only=ascii_only)
    else:
        members = tuple(_member(name, room, ascii_only=ascii_only) for name in clusters)
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
            *members,
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
    return Health(row.level, row.reason)


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


def _strip(clusters: Sequence[str], *, ascii_only: bool) -> tuple[Column[BoardRow], ...]:
    glyphs: Mapping[Level, str] = ASCII_GLYPHS if ascii_only else GLYPHS
    absent = " " if ascii_only else "·"

    def value(row: BoardRow) -> str:
        levels = {each.cluster: glyphs[level_of(each)] for each in row.members}
        return "".join(levels.get(cluster, absent) for cluster in clusters)

    def worst(row: BoardRow) -> str:
        urgent = max(zip(row.members, row.trends, strict=True), key=lambda pair: _urgency(pair[0]))
        said = cell(*urgent, Room.FULL, ascii_only=ascii_only)
        return f"{urgent[0].cluster} {said}" if urgent[0].phase not in DONE or urgent[0].stale else ""

    title = f"{len(clusters)} MEMBERS"
    return (
        Column("members", title, value, priority=1, width=max(len(clusters), len(title))),
        Column("worst", "WORST", worst, priority=0, width=40),
    )
