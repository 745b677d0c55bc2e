"""Waves of the release board: in which stage of its application a member gets the release. Pure.

Kurator applies each sync policy of an Application by itself, so its policies, in their order, are its stages. What
has no Application goes out in one stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kurator_tui.kinds.base import SEVERITY, Level
from kurator_tui.kinds.board_cells import (
    SHORT_WORDS,
    Room,
    Trend,
    blocks,
    budget,
    deciding,
    gate_value,
    how_far,
    level_of,
    state_word,
    urgency,
)
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS
from kurator_tui.kinds.rollouts import DONE, RolloutRow, Verdict, progress

MOST, SURE, LEAST = 40, 24, 11
"""Cells a wave's column takes; other columns go before one has less than `SURE` of what it wants."""
_SPARE = (3, 4, 5, 2)
"""Parts of a cell that go first where there is little room: trend, gate, failed checks, the weight of others."""


class Wave(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Rollouts of one application that go out together."""

    number: int
    """From 1."""
    members: tuple[RolloutRow, ...]
    trend: tuple[int, ...] = ()
    """The last weights that were seen of what is least far."""

    @property
    def worst(self) -> RolloutRow:
        """Its worst member; of equal ones what is least far."""
        return min(self.members, key=worst_first)

    @property
    def level(self) -> Level:
        """The worst of what its members' cells say."""
        return max({level_of(row) for row in self.members}, key=SEVERITY.__getitem__)


def wave_of(row: RolloutRow) -> int:
    """The wave that `row` goes out in, from 1."""
    return max(row.policy_index, 0) + 1 if row.application else 1


def waves(rows: Iterable[RolloutRow], trend: Trend) -> tuple[Wave, ...]:
    """The waves of one application's rollouts, in their order."""
    by_number: dict[int, list[RolloutRow]] = {}
    for row in rows:
        by_number.setdefault(wave_of(row), []).append(row)
    return tuple([_wave(number, by_number[number], trend) for number in sorted(by_number)])


def _wave(number: int, rows: list[RolloutRow], trend: Trend) -> Wave:
    last = least_far(rows)
    return Wave(number, tuple(rows), trend(last) if last is not None else ())


def worst_first(row: RolloutRow) -> tuple[int, bool, float, str]:
    """Orders rollouts of one application."""
    severity, waiting = urgency(row)
    return -severity, not waiting, progress(row) or 0.0, row.cluster


def least_far(rows: Iterable[RolloutRow]) -> RolloutRow | None:
    """Of those whose analysis goes on, the one with the lowest weight; None without one."""
    going = [row for row in rows if row.phase == "Progressing"]
    return min(going, key=lambda row: (progress(row) or 0.0, row.cluster), default=None)


def worst_of(found: Sequence[Wave]) -> Wave:
    """The wave of `found` with the worst rollout."""
    return min(found, key=lambda wave: worst_first(wave.worst))


# -- cells --------------------------------------------------------------------------------------------------------


def wave_cell(wave: Wave, width: int = MOST, *, ascii_only: bool = False) -> str:
    """What a wave's cell says on `width` cells, one of them for the glyph of its level.

    `30% 2/5 done ▁▃ 99.2% 1/3`, `failed 2/5 done 30% 99.2% 1/3`, `done 5/5`: the worst phase, members that are
    done of all, the lowest weight, the gate that decides, the most failed checks; less where there is no room.
    """
    old = (ASCII_GLYPHS if ascii_only else GLYPHS)[Level.STALE] if any(row.stale for row in wave.members) else ""
    room = width - 1 - len(old)
    worst, last = wave.worst, least_far(wave.members)
    state, how = state_word(worst), how_far(last) if last is not None else ""
    first, done = state or how, f"{sum(row.phase in DONE for row in wave.members)}/{len(wave.members)}"
    drawn = blocks(wave.trend, ascii_only=ascii_only)
    counted = done if worst.phase in DONE else f"{done} done"
    said = [first, counted, how if state else "", drawn, _gate(wave.members), _budget(wave.members)]
    for part in _SPARE:
        if len(_joined(said)) <= room:
            break
        said[part] = ""
    if len(_joined(said)) > room:
        said = [SHORT_WORDS.get(first, first[: Room.SHORT - 1]), done]
    return old + _joined(said)


def _joined(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)


def _gate(rows: Iterable[RolloutRow]) -> str:
    """The gate that decides of what goes on, first of one whose gate fails."""
    going = [row.gates for row in rows if row.phase == "Progressing" and row.gates]
    chosen = [deciding(gates) for gates in going]
    failing = (gates for gates, gate in zip(going, chosen, strict=True) if gate and gate.verdict == Verdict.BAD)
    return gate_value(next(failing, going[0] if going else ()))


def _budget(rows: Iterable[RolloutRow]) -> str:
    """The most failed checks of what goes on."""
    counted = [row for row in rows if budget(row)]
    most = max(counted, key=lambda row: row.failed_checks / row.threshold, default=None)
    return budget(most) if most is not None else ""
