"""The status line (signatures; the body follows)."""

from __future__ import annotations

from dataclasses import dataclass

from textual.widget import Widget

from kurator_tui.kinds.base import Level


@dataclass(frozen=True, slots=True)
class Trouble:
    """A member that is not live: `text` is e.g. `stale 4m`."""

    cluster: str
    text: str
    level: Level = Level.STALE


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says."""

    context: str = ""
    fleet: str = ""
    members: int = 0
    live: int = 0
    troubles: tuple[Trouble, ...] = ()
    nodes: int | None = None
    pods: int | None = None
    findings: int = 0
    rollouts: int = 0
    read_only: bool = False
    feeder: str = ""
    """Empty while the feeder is well, else e.g. `feeder restarting`."""
    clock: str = ""


class StatusLine(Widget):
    def show(self, status: Status) -> None:
        raise NotImplementedError
