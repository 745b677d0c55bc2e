"""The picker: choose several of a list, filtered while typing. Used for the clusters and namespaces in scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import GLYPHS
from kurator_tui.widgets import palette
from kurator_tui.widgets.dialog import frame_css, plain
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, Piece
from kurator_tui.widgets.typed import TypedInput, taken

KEYS = "type to filter   Space picks   Ctrl-a all   Enter applies   Esc cancels"

ONE_KEYS = "type to filter   Enter takes the line   Esc cancels"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick; `note` stands beside it, a level adds its glyph and colour to the note."""

    value: str
    note: str = ""
    level: Level | None = None


ALL = Choice("")
"""The first line: everything, whatever comes later."""


class _Choices(LinesView):
    """The list with its cursor. `picked` empty means all."""

    def __init__(
        self, choices: Sequence[Choice], picked: Iterable[str], everything: str, *, several: bool = True
    ) -> None:
        super().__init__()
        self._all = tuple(choices)
        self._everything = everything
        self._several = several
        self.visible_choices: list[Choice] = [ALL, *choices] if several else list(choices)
        self.picked = set(picked)
        self.cursor = 0
        self._text = ""
        """What they hold."""

    @property
    def current(self) -> Choice | None:
        """The choice under the cursor, None when nothing matches."""
        return self.visible_choices[self.cursor] if self.cursor < len(self.visible_choices) else None

    def filter(self, text: str) -> None:
        """Show only choices that hold `text`, whatever the case."""
        if text == self._text:
            return
        self._text = text
        words = text.casefold().split()
        matching = [c for c in self._all if all(word in c.value.casefold() for word in words)]
        self.visible_choices = matching if words or not self._several else [ALL, *matching]
        self.cursor = 0
        self.home()
        self.redraw()

    def go(self, delta: int) -> None:
        """Move the cursor and keep it in sight."""
        self.cursor = max(0, min(self.cursor + delta, len(self.visible_choices) - 1))
        self.redraw()
        height = max(1, self.scrollable_content_region.height)
        top = int(self.scroll_offset.y)
        self.move(min(max(top, self.cursor - height + 1), self.cursor) - top)

    def toggle(self) -> None:
        """Pick or drop the choice under the cursor and move on; `all` drops every pick."""
        choice = self.current
        if choice is ALL:
            self.picked.clear()
        elif choice is not None:
            self.picked ^= {choice.value}
        self.go(1)

    def compose_lines(self, width: int) -> list[palette.Line]:
        return [self._line(choice, at == self.cursor) for at, choice in enumerate(self.visible_choices)] or [
            (Piece("nothing matches", MUTED),)
        ]

    def _line(self, choice: Choice, current: bool) -> palette.Line:
        picked = not self.picked if choice is ALL else choice.value in self.picked
        box = f"[{'x' if picked else ' '}] " if self._several else ""
        sign = f"{'▸' if current else ' '} {box}"
        pieces = [Piece(sign + (choice.value or self._everything), ACCENT if current else PLAIN)]
        if choice.level is not None:
            pieces.append(Piece(f"  {GLYPHS[choice.level]} {choice.note}", LEVEL_CLASSES[choice.level]))
        elif choice.note:
            pieces.append(Piece(f"  {choice.note}", MUTED))
        return tuple(pieces)


class _FilterInput(TypedInput):
    """Leaves the space bar to the picker."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key != "space" and super().check_consume_key(key, character)


class Picker(ModalScreen[frozenset[str] | None]):
    """Dismisses with the picked values (empty = all), or None when cancelled.

    Typing filters, so letters are no commands here. Enter with nothing picked takes the line under the cursor, as
    it always does where not `several` are wanted; then empty means that no line was there.
    """

    DEFAULT_CSS = (
        frame_css("Picker", 80)
        + """
    Picker > .frame { height: 80%; }
    Picker.wide > .frame { max-width: 160; }
    Picker Input { height: 1; border: none; padding: 0; }
    Picker Input:focus { border: none; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pick", show=False, priority=True),
        Binding("ctrl+a", "all", show=False, priority=True),
        Binding("enter", "apply", show=False, priority=True),
        Binding("escape", "cancel", show=False, priority=True),
        Binding("down,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        picked: Iterable[str] = (),
        *,
        everything: str = "all",
        several: bool = True,
    ) -> None:
        super().__init__()
        self._title = plain(title)
        self._several = several
        self._entry = _FilterInput(compact=True, placeholder="filter")
        self._entry.cursor_blink = False
        self.choices = _Choices(choices, picked, everything, several=several)
        self.choices.can_focus = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame"):
            yield Static(self._title, classes="title", markup=False)
            yield self._entry
            yield self.choices
            yield Static(KEYS if self._several else ONE_KEYS, classes="keys", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.choices.filter(self._entry.value)  # not the event's: that may be of before a key that came meanwhile

    async def _filtered(self) -> bool:
        """Wait until the choices are those of what was typed so far; whether they are."""
        if not await taken([self._entry]):
            return False
        self.choices.filter(self._entry.value)
        return True

    async def action_pick(self) -> None:
        """Pick or drop the choice under the cursor; where only one is wanted there is nothing to pick."""
        if self._several and await self._filtered():
            self.choices.toggle()

    def action_all(self) -> None:
        """Back to everything."""
        self.choices.picked.clear()
        self.choices.redraw()

    async def action_move(self, delta: int) -> None:
        """Move the cursor."""
        if await self._filtered():
            self.choices.go(delta)

    async def action_apply(self) -> None:
        """Go back with the picks."""
        if not await self._filtered():
            return
        picked, current = self.choices.picked, self.choices.current
        if not picked and current is not None and current is not ALL:
            picked = {current.value}
        self.dismiss(frozenset(picked))

    def action_cancel(self) -> None:
        """Go back without a change."""
        self.dismiss(None)
