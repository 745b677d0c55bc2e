"""The tab line (signatures; the body follows)."""

from __future__ import annotations

from dataclasses import dataclass

from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen: the digit that opens it, its title and short title."""

    key: str
    title: str
    short: str
    enabled: bool = True


class TabLine(Widget):
    def show(self, tabs: tuple[Tab, ...], active: str, scope: str) -> None:
        raise NotImplementedError
