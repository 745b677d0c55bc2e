"""Which machine is next, estimated. Pure.

Cluster API replaces the control plane's machines first, those that are not healthy before the others and then the
oldest one; workers follow, MachineDeployment by MachineDeployment. kubespray takes the hosts as they are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from kurator_tui.kinds.lifecycle import LifecycleRow

Turn = tuple[int, int, int, float, str]
"""What is sorted by: control plane or workers, number of the group, health, age, name."""


class Line(NamedTuple):
    """A row, and where in the order it comes; None for what does not wait for its turn."""

    row: LifecycleRow
    turn: Turn | None = None


def numbered(lines: Sequence[Line]) -> Iterable[Line]:
    """The lines with `order` counted from 1 in each tree."""
    waiting: dict[str, list[tuple[Turn, int]]] = {}
    for at, line in enumerate(lines):
        if line.turn is not None:
            waiting.setdefault(tree(line.row), []).append((line.turn, at))
    orders = {at: number + 1 for each in waiting.values() for number, (_turn, at) in enumerate(sorted(each))}
    for at, line in enumerate(lines):
        yield line._replace(row=replace(line.row, order=orders[at])) if at in orders else line


def tree(row: LifecycleRow) -> str:
    """What all lines of one tree have in common."""
    return row.path.partition("/")[0]
