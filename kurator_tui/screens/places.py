"""Where the user was and is: the history of places, and which screens are worth keeping. Pure.

A place is a view with a screen of its own (`fleets`), the id of a kind (`pods`, `deployments.apps`), which the
Workloads view or the kind's home shows, or one of these with a number (`pods#3`): a drill-down, which shows its
`Aim` only.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kurator_tui.config.actions import VIEWS, WORKLOADS
from kurator_tui.config.triage_actions import INCIDENTS, TRIAGE
from kurator_tui.kinds.homes import HOMES, home_of

KEPT = 6
"""Kinds whose rows stay although their screen was left: the most recently used ones."""
MOST = 100
"""Places remembered."""
FIRST_KIND = "pods"
"""What Workloads shows until another kind was opened."""


class Aim(NamedTuple):
    """What a drill-down shows: a target of its view, and the titles that led there."""

    target: Any
    path: tuple[str, ...] = ()


def kind_of(place: str) -> str:
    """The view or the kind's id, whatever it is aimed at."""
    return place.partition("#")[0]


def view_of(place: str) -> str:
    """The view, as the action registry knows it, that shows `place`."""
    shown = kind_of(place)
    return shown if shown in VIEWS else WORKLOADS


def tab_of(place: str) -> str:
    """The numbered screen that `place` belongs to."""
    return home_of(kind_of(place)) or view_of(place)


class Places:
    """A history like a browser's, and the order in which kinds were used."""

    def __init__(self, start: str) -> None:
        self.aims: dict[str, Aim] = {}
        """What drill-downs that can be come back to show."""
        self._drills = 0
        self._sections: dict[str, str] = {}
        """Home -> the section that was used last."""
        self._recent: list[str] = []
        self._history = [self.resolve(start)]
        self._at = 0
        self._use()

    @property
    def place(self) -> str:
        """Where the user is."""
        return self._history[self._at]

    @property
    def view(self) -> str:
        """The view that shows it."""
        return view_of(self.place)

    @property
    def tab(self) -> str:
        """The numbered screen that it belongs to."""
        return tab_of(self.place)

    @property
    def before(self) -> str:
        """The place before this one; the first one has itself before it."""
        return self._history[max(0, self._at - 1)]

    @property
    def can_back(self) -> bool:
        return self._at > 0

    @property
    def can_forward(self) -> bool:
        return self._at < len(self._history) - 1

    def resolve(self, place: str) -> str:
        """`workloads` is the kind used last, a home the section used last, anything else what it says.

        Incidents have a screen of their own.
        """
        if place == INCIDENTS:
            return TRIAGE
        if place in HOMES:
            return self._sections.get(place, HOMES[place][0].kind)
        if place != WORKLOADS:
            return place
        return next((one for one in reversed(self._recent) if tab_of(one) == WORKLOADS), FIRST_KIND)

    def open(self, place: str) -> bool:
        """Go to `place`, after which there is nothing to go forward to; False when the user is there."""
        place = self.resolve(place)
        if place == self.place:
            return False
        self._history = [*self._history[: self._at + 1], place][-MOST:]
        self._at = len(self._history) - 1
        self._recent = [one for one in self._recent if one not in self.aims or one in self._history]
        self.aims = {one: self.aims[one] for one in self.aims if one in self._history}
        self._use()
        return True

    def drill(self, kind: str, aim: Aim) -> None:
        """Go on to `aim`, shown as rows of `kind` (or by the view of that name)."""
        self._drills += 1
        place = f"{kind}#{self._drills}"
        self.aims[place] = aim
        self.open(place)

    def travel(self, step: int) -> bool:
        """Go `step` places back or forth, as far as there are any; False when that is nowhere."""
        at = max(0, min(self._at + step, len(self._history) - 1))
        if at == self._at:
            return False
        self._at = at
        self._use()
        return True

    def _use(self) -> None:
        if self.view == WORKLOADS:
            self._recent = [*(kind for kind in self._recent if kind != self.place), self.place]
        if home := home_of(self.place):
            self._sections[home] = self.place

    def retire(self) -> list[str]:
        """Kinds that were not used for so long that their rows may go; they are named once."""
        gone, self._recent = self._recent[:-KEPT], self._recent[-KEPT:]
        return gone
