"""The grid (signatures; the body follows)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.scroll_view import ScrollView

from kurator_tui.kinds.base import Level


@dataclass(frozen=True, slots=True)
class GridCell:
    level: Level | None = None
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    title: str
    cells: tuple[GridCell, ...]


class Grid(ScrollView):
    """members x plugins; below the matrix the reason of each bad cell."""

    def show(self, columns: Sequence[str], rows: Sequence[GridRow], *, key: object = None) -> None:
        raise NotImplementedError
