"""The help panel (signatures; the body follows)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.screen import ModalScreen


@dataclass(frozen=True, slots=True)
class HelpEntry:
    keys: str
    description: str
    group: str = ""
    enabled: bool = True
    reason: str = ""


class HelpPanel(ModalScreen[None]):
    def __init__(self, title: str, entries: Sequence[HelpEntry]) -> None:
        super().__init__()
