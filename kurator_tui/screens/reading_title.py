"""The line above an object that is read: what it is, which tab is open, how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.reading import DELETED, LIVE, REFUSED, Standing
from kurator_tui.store.freshness import Freshness
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import (
    ACCENT,
    LEVEL_CLASSES,
    MUTED,
    OFF,
    PLAIN,
    STRONG,
    Line,
    Piece,
    cut,
    width_of,
)

TABS = {"describe": "Describe", "yaml": "YAML", "events": "Events"}
"""Tab -> what it is called."""
ALL_TABS = 100
"""Cells from which all tabs are named; on fewer the open one is."""


@dataclass(frozen=True, slots=True)
class ReadingTitle:
    """What the line says. `standing` is "" while all is well; `gone` dims the line."""

    name: str = ""
    cluster: str = ""
    tab: str = ""
    standing: str = ""
    gone: bool = False
    level: Level = Level.STALE
    note: str = ""
    ascii_only: bool = False


def title_line(title: ReadingTitle, width: int) -> Line:
    """The line on `width` cells; what is too long is cut from the right, the tabs stay."""
    rule = "-" if title.ascii_only else "─"
    tabs: list[Piece] = []
    for tab, word in TABS.items():
        chosen = tab == title.tab
        if not chosen and width < ALL_TABS:
            continue
        tabs.append(Piece(f"[{word}]" if chosen else f" {word} ", STRONG if chosen else MUTED))
    tabs.append(Piece(f" {rule}", MUTED))
    name, plain = (OFF, OFF) if title.gone else (ACCENT, PLAIN)
    left = [Piece(f"{rule} ", MUTED), Piece(title.name, name), Piece(f" @ {title.cluster} ", plain)]
    if title.standing:
        left.append(Piece(f"{rule} {title.standing} ", LEVEL_CLASSES[title.level]))
    if title.note:
        left.append(Piece(f"{rule} {title.note} ", PLAIN))
    room = max(0, width - width_of(tabs) - 1)
    left = list(cut(left, room))
    return (*left, Piece(rule * (room - width_of(left)) + " ", MUTED), *tabs)


def standing_text(
    standing: Standing | None, member: Freshness, feeder: str, now: float, *, seen: bool
) -> tuple[str, bool, Level]:
    """(what is said, whether the object is gone or old, how bad) of an object; all well says nothing.

    `member` is how fresh its cluster is, `feeder` why the feeder is lost or "", `seen` whether a version is there.
    """
    if standing is not None and standing.state == DELETED:
        return f"deleted {duration(now - standing.since)} ago: this is how it was", True, Level.FAILED
    if feeder:
        return _stale(feeder, 0.0, now), seen, Level.STALE
    if member.since and not member.trustworthy and seen:
        return _stale(member.reason, member.since, now), True, Level.STALE
    if standing is None:
        return ("" if seen else "reading"), False, Level.PROGRESSING
    if standing.state == LIVE:
        return "", False, Level.HEALTHY
    if standing.state == REFUSED:
        return f"not live: {standing.reason}", False, Level.DEGRADED
    return _stale(standing.reason, standing.since, now), seen, Level.STALE


def _stale(reason: str, since: float, now: float) -> str:
    age = f" for {duration(now - since)}" if since else ""
    return f"stale{age}: {reason}" if reason else f"stale{age}"


class ReadingTitleLine(OneLine):
    """Shows a `ReadingTitle`."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ReadingTitle()

    def show(self, title: ReadingTitle) -> None:
        """Show `title`; repaints only when the line differs."""
        self._title = title
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return title_line(self._title, width)
