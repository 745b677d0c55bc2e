"""What a reader says of incidents, asked for with small forms: shared by the inbox and the evidence of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from textual.app import App

from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.screens.inbox import Inbox
from kurator_tui.screens.keys import Request

SPANS: dict[str, float | None] = {"15m": 900.0, "1h": 3600.0, "4h": 14400.0, "until worse": None}
"""What an incident is put off for -> seconds; None: until it is worse. Any of them ends when it is worse."""
WAKE = "no longer"
LONGEST = 500
"""Characters of a note."""


class Reader(Protocol):
    """The screen on which a reader says it."""

    inbox: Inbox

    @property
    def app(self) -> App[Any]:
        """Where forms are asked and toasts shown."""

    def chosen(self) -> list[IncidentRow]:
        """The incidents that are meant."""

    def bundle(self, rows: list[IncidentRow], argument: str) -> None:
        """Write everything about `rows`; `argument` is what was typed behind `:bundle`."""


def _form(
    reader: Reader, title: str, key: str, told: Callable[[str], None], value: str, hint: str = "", **more: Any
) -> None:
    from kurator_tui.widgets.form import Field, FormDialog

    def filled(values: dict[str, str] | None) -> None:
        if values is not None:
            told(values[key])

    reader.app.push_screen(FormDialog(title, hint, [Field(key, key, value, **more)]), filled)


def _called(rows: list[IncidentRow]) -> str:
    return rows[0].name if len(rows) == 1 else f"{len(rows)} incidents"


def _toast(reader: Reader, title: str) -> None:
    from kurator_tui.screens.overlays import say

    say(reader.app, title)


class InboxActs:
    """Methods of a `Reader`, named by the action registry."""

    def do_triage_acknowledge(self: Reader, request: Request) -> None:
        rows = self.chosen()
        on = self.inbox.acknowledge(rows)
        _toast(self, f"{'acknowledged' if on else 'not acknowledged any more'}: {_called(rows)}")
        if on and (game := self.inbox.game) is not None:
            for said in filter(None, map(game.open, rows)):
                _toast(self, said)

    def do_triage_snooze(self: Reader, request: Request) -> None:
        rows = self.chosen()
        asleep = all(self.inbox.snoozed(row) for row in rows)
        choices = (WAKE, *SPANS) if asleep else tuple(SPANS)

        def told(word: str) -> None:
            if word == WAKE:
                self.inbox.wake(rows)
                _toast(self, f"back in the inbox: {_called(rows)}")
            elif word in SPANS:
                self.inbox.snooze(rows, SPANS[word])
                until = "until it is worse" if SPANS[word] is None else f"for {word}, or until it is worse"
                _toast(self, f"put off {until}: {_called(rows)}")

        hint = "It comes back earlier when it is worse: severer, or in more clusters or workloads."
        _form(self, f"Put off {_called(rows)}", "for", told, choices[0], hint, choices=choices)

    def do_triage_note(self: Reader, request: Request) -> None:
        rows = self.chosen()
        before = self.inbox.of(rows[0].uid).note if len(rows) == 1 else ""

        def told(text: str) -> None:
            self.inbox.note(rows, text[:LONGEST])

        _form(self, f"Note on {_called(rows)}", "note", told, before, placeholder="nothing removes it")

    def do_triage_assign(self: Reader, request: Request) -> None:
        rows = self.chosen()
        before = self.inbox.of(rows[0].uid).assigned or self.inbox.who
        people = tuple(self.inbox.people)

        def told(name: str) -> None:
            self.inbox.assign(rows, name[:LONGEST])
            _toast(self, f"assigned to {name or 'nobody'}: {_called(rows)}")

        _form(self, f"Assign {_called(rows)}", "to", told, before, placeholder="nobody", suggested=people)

    def do_triage_bundle(self: Reader, request: Request) -> None:
        self.bundle(self.chosen(), request.argument)
