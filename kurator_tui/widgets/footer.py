"""The footer (signatures; the body follows)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Hint:
    """One key and what it does here; `reason` says why it is off."""

    key: str
    label: str
    enabled: bool = True
    reason: str = ""


class Footer(Widget):
    def show(self, hints: Sequence[Hint]) -> None:
        raise NotImplementedError
