"""The detail pane (signatures; the body follows)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.scroll_view import ScrollView

from kurator_tui.kinds.base import Level


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    text: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...] = ()


class DetailPane(ScrollView):
    def show(self, sections: Sequence[Section], *, key: object = None) -> None:
        """Another `key` scrolls back to the top; the same keeps the scroll position."""
