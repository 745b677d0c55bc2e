"""The picker (signatures; the body follows)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.screen import ModalScreen

from kurator_tui.kinds.base import Level


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    note: str = ""
    level: Level | None = None


class Picker(ModalScreen[frozenset[str] | None]):
    """Dismisses with the picked values (empty = all), or None when cancelled."""

    def __init__(self, title: str, choices: Sequence[Choice], picked: Iterable[str] = ()) -> None:
        super().__init__()
