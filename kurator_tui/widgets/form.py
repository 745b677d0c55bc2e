"""A small form: a few lines of text to fill in, with what they are for. It knows nothing of what is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Static

from kurator_tui.widgets.dialog import frame_css, plain
from kurator_tui.widgets.typed import TypedInput, taken

Check = Callable[[dict[str, str]], str]
"""What is wrong with the values, "" when nothing is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line; `value` is what stands there, `placeholder` what an empty one means."""

    key: str
    label: str
    value: str = ""
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    """All there is to choose from, when there is: Space and the arrows go round."""
    suggested: tuple[str, ...] = ()
    """What one or several of, with commas between, are probably meant: Right completes."""


class Names(Suggester):
    """Completes the last of several names with commas between."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = tuple(names)

    async def get_suggestion(self, value: str) -> str | None:
        before, comma, last = value.rpartition(",")
        gap = last[: len(last) - len(last.lstrip())]
        begun = last.strip()
        taken = {each.strip() for each in before.split(",")}
        found = (name for name in self._names if begun and name.startswith(begun) and name not in taken)
        name = next(found, None)
        return None if name is None else f"{before}{comma}{gap}{name}"


class ChoiceInput(TypedInput):
    """One of some values: Space and the arrows go round, a letter goes to the next one that begins with it."""

    def __init__(self, field: Field) -> None:
        value = field.value if field.value in field.choices else field.choices[0]
        super().__init__(plain(value), compact=True)
        self._choices = field.choices

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and (step := self._step(event)):
            event.stop()
            event.prevent_default()
            at = self._choices.index(self.value) if self.value in self._choices else 0
            self.value = self._choices[(at + step) % len(self._choices)]
            return
        if isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.key in _EDITS):
            event.stop()
            event.prevent_default()
            return
        await super().on_event(event)

    def _step(self, event: events.Key) -> int:
        if event.key in ("space", "right"):
            return 1
        if event.key == "left":
            return -1
        if not event.is_printable or event.character is None:
            return 0
        at = self._choices.index(self.value) if self.value in self._choices else 0
        ahead = [*range(at + 1, at + 1 + len(self._choices))]
        letter = event.character.casefold()
        return next(
            (each - at for each in ahead if self._choices[each % len(ahead)].casefold().startswith(letter)),
            len(ahead),
        )


_EDITS = frozenset({"backspace", "delete", "ctrl+u", "ctrl+k", "ctrl+w", "ctrl+d", "ctrl+x", "ctrl+v"})
"""Keys that would leave half of a choice."""


def no_check(values: dict[str, str]) -> str:
    """Anything is right."""
    return ""


class FormDialog(ModalScreen[dict[str, str] | None]):
    """Dismisses with the values by key, without blanks around them, or None when cancelled.

    `check` is asked at Enter: what it finds wrong is shown, and the form stays open.
    """

    DEFAULT_CSS = (
        frame_css("FormDialog", 80)
        + """
    FormDialog .frame { max-height: 100%; overflow-y: auto; scrollbar-size-vertical: 1; }
    FormDialog .line { height: 1; }
    FormDialog .label { width: 14; color: $text-muted; }
    FormDialog Input { height: 1; width: 1fr; border: none; padding: 0; }
    FormDialog Input:focus { border: none; }
    FormDialog .error { color: $text-error; height: auto; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", show=False, priority=True),
        Binding("escape", "cancel", show=False, priority=True),
        Binding("down,tab", "app.focus_next", show=False, priority=True),
        Binding("up,shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, title: str, message: str, fields: Sequence[Field], check: Check = no_check) -> None:
        super().__init__()
        self._texts = (plain(title), plain(message))
        self._fields = tuple(fields)
        self._check = check
        self._inputs: dict[str, TypedInput] = {}

    def compose(self) -> ComposeResult:
        title, message = self._texts
        with Vertical(classes="frame"):
            yield Static(title, classes="title", markup=False)
            if message:
                yield Static(message, markup=False)
            for field in self._fields:
                entry = (
                    ChoiceInput(field)
                    if field.choices
                    else TypedInput(
                        plain(field.value),
                        placeholder=plain(field.placeholder),
                        suggester=Names(field.suggested) if field.suggested else None,
                        compact=True,
                    )
                )
                entry.cursor_blink = False
                self._inputs[field.key] = entry
                with Horizontal(classes="line"):
                    yield Static(field.label, classes="label", markup=False)
                    yield entry
            yield Static("", classes="error", markup=False)
            choosing = "Space chooses   " if any(field.choices for field in self._fields) else ""
            if any(field.suggested for field in self._fields):
                choosing += "→ completes   "
            yield Static(f"Enter goes on   {choosing}Tab next field   Esc cancels", classes="keys", markup=False)

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields."""
        return {key: entry.value.strip() for key, entry in self._inputs.items()}

    async def action_apply(self) -> None:
        """Go back with the values, if they are right."""
        if not await taken(self._inputs.values()):
            return
        wrong = self._check(self.values)
        if wrong:
            self.query_one(".error", Static).update(plain(wrong))
        else:
            self.dismiss(self.values)

    def action_cancel(self) -> None:
        """Go back without them."""
        self.dismiss(None)
