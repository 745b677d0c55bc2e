"""What this console knows of what people said of incidents: read from the file, changed through it. No widget.

A file that cannot be used is told once; what is said goes on being kept in this console then. One that another
console writes at the moment is not waited for: what is said is written with the next `refresh`.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from functools import reduce

from msgspec.structs import replace

from kurator_tui.config.inbox_file import PATIENCE, Busy, InboxFile, Kept
from kurator_tui.config.reading import FileProblem
from kurator_tui.kinds.inbox import NOTHING, Extents, Handled, InboxRow, inbox_row, is_snoozed
from kurator_tui.kinds.incidents import IncidentRow, State, extent
from kurator_tui.kinds.sharing import Words, news
from kurator_tui.screens.game import Game

LATER = 0.001
"""Seconds by which a word is later than the one that it answers, be that of a clock that is ahead."""
Edit = Callable[[IncidentRow, Handled], Handled]


def user_name() -> str:
    """Whose console this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user id without an account
        return "somebody"


class Inbox:
    """What was said, by incident. `listen` is told after it changed."""

    def __init__(self, clock: Callable[[], float], told: Callable[[str], None], who: str = "") -> None:
        """`told` gets what is wrong with the file."""
        self._clock, self._told = clock, told
        self.who = who or user_name()
        self._file: InboxFile | None = None
        self._kept = Kept()
        self._unwritten: list[Callable[[Kept], Kept]] = []
        """What was said while another console wrote."""
        self._problem = ""
        self._listeners: list[Callable[[], None]] = []
        self.game: Game | None = None
        """Whose marks a player gets, None where nobody plays."""
        self.share: Callable[[Words], None] = lambda _said: None
        """Told what this user says, for others."""

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def use(self, file: InboxFile) -> None:
        """What was said is in `file`."""
        self._file = file
        self.refresh()

    @property
    def ready(self) -> bool:
        """Whether it is known where it is kept."""
        return self._file is not None

    def refresh(self) -> None:
        """Take what other consoles wrote, and write what waits for that."""
        if self._unwritten:
            if self._write():
                self._say()
            return
        if self._file is None or not self._file.changed():
            return
        try:
            self._kept = self._file.read()
        except FileProblem as problem:
            self._wrong(problem)
        else:
            self._problem = ""
        self._say()

    def close(self) -> None:
        """The console ends: what is not written yet is, though that may take a moment."""
        if self._unwritten:
            self._write(PATIENCE)

    def _wrong(self, problem: FileProblem) -> None:
        if self._problem != str(problem):
            self._problem = str(problem)
            self._told(f"{problem}; what is said of incidents stays in this console")

    def _say(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # -- what is known ----------------------------------------------------------------------------------------

    def of(self, uid: str) -> Handled:
        """What was said of one incident."""
        return self._kept.incidents.get(uid, NOTHING)

    @property
    def people(self) -> list[str]:
        """Everybody who is named anywhere, this user first."""
        named = {name for each in self._kept.incidents.values() for name in (each.assigned, each.acknowledged)}
        return [self.who, *sorted(named - {"", self.who})]

    def row(self, row: IncidentRow) -> InboxRow:
        """An incident with what was said of it."""
        return inbox_row(row, self.of(row.uid), self._kept.seen, self._clock())

    def snoozed(self, row: IncidentRow) -> bool:
        """Whether it is put off now."""
        return is_snoozed(row, self.of(row.uid), self._clock())

    @property
    def seen(self) -> Extents | None:
        """How far each incident reached when the user looked last; None before the first time."""
        return self._kept.seen

    # -- what is said -----------------------------------------------------------------------------------------

    def acknowledge(self, rows: Iterable[IncidentRow]) -> bool:
        """Somebody is at them; where that is known of all, nobody is any more. Whether somebody is."""
        chosen = list(rows)
        on = not all(self.of(row.uid).acknowledged for row in chosen)
        who, now = (self.who, self._clock()) if on else ("", 0.0)
        self._edit(chosen, lambda row, each: replace(each, acknowledged=who, acknowledged_at=now))
        return on

    def snooze(self, rows: Iterable[IncidentRow], seconds: float | None) -> None:
        """Put them off for so long, or (None) until they are worse."""
        until = 0.0 if seconds is None else self._clock() + seconds
        self._edit(rows, lambda row, each: replace(each, snoozed_at=extent(row), snoozed_until=until))

    def wake(self, rows: Iterable[IncidentRow]) -> None:
        """They are put off no longer."""
        self._edit(rows, lambda row, each: replace(each, snoozed_at=0, snoozed_until=0.0))

    def note(self, rows: Iterable[IncidentRow], text: str) -> None:
        """A text beside them, in the place of the one before; "" for none."""
        self._edit(rows, lambda row, each: replace(each, note=text))

    def assign(self, rows: Iterable[IncidentRow], name: str) -> None:
        """Whose they are; "" for nobody's."""
        self._edit(rows, lambda row, each: replace(each, assigned=name))

    def settle(self, rows: Iterable[IncidentRow]) -> None:
        """What is over was dealt with: if it comes again somebody has to look again."""
        over = [row for row in rows if row.state == State.RESOLVED and self.of(row.uid).acknowledged]
        if over:
            self._edit(over, lambda row, each: replace(each, acknowledged="", acknowledged_at=0.0))

    def looked(self, rows: Iterable[IncidentRow]) -> None:
        """The user looked at all of these."""
        seen = {row.uid: extent(row) for row in rows if row.state != State.RESOLVED}
        if seen != self._kept.seen:
            now = self._clock()
            self._change(lambda kept: replace(kept, seen=seen, looked=now))

    def take(self, words: Words) -> None:
        """Others say this: of each incident the newest word counts."""
        if news(self._kept.incidents, words):
            self._change(lambda kept: replace(kept, incidents={**kept.incidents, **news(kept.incidents, words)}))

    def _edit(self, rows: Iterable[IncidentRow], edit: Edit) -> None:
        chosen, now, who = list(rows), self._clock(), self.who
        said: Words = {}

        def change(kept: Kept) -> Kept:
            for row in chosen:
                before = kept.incidents.get(row.uid, NOTHING)
                later = max(now, before.changed + LATER)
                said[row.uid] = replace(edit(row, before), changed=later, by=who)
            return replace(kept, incidents={**kept.incidents, **said})

        self._change(change)
        self.share(said)

    def _change(self, change: Callable[[Kept], Kept]) -> None:
        self._unwritten.append(change)
        if not self._write():
            self._kept = change(self._kept)
        self._say()

    def _write(self, patience: float = 0.0) -> bool:
        """Change the file by all that waits; whether what is known is what it holds now."""
        if self._file is None:
            self._unwritten.clear()
            return False
        try:
            self._kept = self._file.change(lambda kept: reduce(_changed, self._unwritten, kept), patience)
        except Busy:
            return False
        except FileProblem as problem:
            self._unwritten.clear()
            self._wrong(problem)
            return False
        self._unwritten.clear()
        return True


def _changed(kept: Kept, change: Callable[[Kept], Kept]) -> Kept:
    return change(kept)
