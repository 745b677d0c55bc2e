"""Which machine is next, estimated. Pure.

Cluster API replaces the control plane's machines first, those that are not healthy before the others and then the
oldest one; workers follow, MachineDeployment by MachineDeployment. kubespray takes the hosts as they are listed.
A MachineSet that scales down says by marks and by its order of deletion which machines go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cluster_api import MACHINE
from kurator_tui.kinds.lifecycle import LifecycleRow
from kurator_tui.kinds.table import ObjectRow, object_health, part

Turn = tuple[int, int, int, float, str]
"""What is sorted by: control plane or workers, number of the group, health, age, name."""


class Line(NamedTuple):
    """A row, and where in the order it comes; None for what does not wait for its turn."""

    row: LifecycleRow
    turn: Turn | None = None


def leaving(machines: Sequence[ObjectRow], wanted: int | None, order: str) -> dict[str, int]:
    """uid -> place among the machines that go when a MachineSet scales down, as far as its objects tell.

    Those marked for deletion go first, then those that are not healthy, then by the set's order of deletion; where
    that is Random, its default, nobody knows which of the others it will be.
    """
    live = [row for row in machines if not row.deleting]
    surplus = len(live) - wanted if wanted is not None else 0
    ranks: list[tuple[int, float, str, str]] = []
    for row in live:
        rank = 0 if part(MACHINE, row, "marked") else 1 if object_health(row).level is not Level.HEALTHY else 2
        if rank < 2 or order in ("Oldest", "Newest"):
            ranks.append((rank, -row.created if order == "Newest" else row.created, row.name, row.uid))
    return {uid: number for number, (*_rank, uid) in enumerate(sorted(ranks)[: max(0, surplus)])}


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
