"""Base of the screens over the frame that show lines under a title: keys by the registry, help, menu, footer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from kurator_tui.config.actions import Action, Context, in_view
from kurator_tui.screens.keyed import TextScreen
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.widgets.footer import Footer
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, MUTED, PLAIN, Line, Piece, spread
from kurator_tui.widgets.text_view import TextLine, TextView

if TYPE_CHECKING:
    from kurator_tui.screens.acting import Acting


class Heading(OneLine):
    """A title at the left, a note at the right."""

    DEFAULT_CSS = "Heading { background: $panel; }"

    def __init__(self) -> None:
        super().__init__()
        self._texts = ("", "")

    def show(self, title: str, note: str) -> None:
        """Show both."""
        self._texts = (title, note)
        self.redraw()

    def compose_line(self, width: int) -> Line:
        title, note = self._texts
        return spread((Piece(f" {title}", ACCENT),), (Piece(f"{note} ", MUTED),), width)


class Told(OneLine):
    """One line in the colour of what it says."""

    DEFAULT_CSS = "Told { background: $surface; }"

    def __init__(self) -> None:
        super().__init__()
        self._piece = Piece("")

    def show(self, text: str, style: str = PLAIN) -> None:
        """Show `text`."""
        self._piece = Piece(f" {text}", style)
        self.redraw()

    @property
    def text(self) -> str:
        """What it says."""
        return self._piece.text

    def compose_line(self, width: int) -> Line:
        return spread((self._piece,), (), width)


class ApartScreen(TextScreen[None]):
    """Heading, lines, a line that tells, footer; a subclass says what, and what its keys do."""

    DEFAULT_CSS = """
    ApartScreen { layout: vertical; background: $background; }
    ApartScreen > ToastRack { margin-bottom: 2; }
    """
    view: ClassVar[str]
    """Its view, as the action registry knows it."""

    def __init__(self, frame: Acting) -> None:
        super().__init__()
        self.frame, self.source, self.look = frame, frame.source, frame.look
        self.keys = Keys(frame.keys.keymap)
        self.lines = TextView(ascii_only=self.look.ascii_only)
        self.lines.wrap = True
        self.told = Told()

    def compose(self) -> ComposeResult:
        yield Heading()
        yield self.lines
        yield self.told
        yield from self.compose_bar()
        yield Footer()

    def compose_bar(self) -> ComposeResult:
        """What stands above the footer."""
        yield from ()

    def on_mount(self) -> None:
        self.lines.focus()
        self.set_interval(1.0, self.draw)
        self.draw()

    def draw(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    def show(self, title: str, note: str, lines: list[TextLine], cursor: int | None = None) -> None:
        """Show these; the cursor stays where it is unless it is to go elsewhere."""
        if self.is_attached:
            self.query_one(Heading).show(title, note)
            self.lines.show(lines, cursor=self.lines.cursor if cursor is None else cursor)
            self.refresh_footer()

    def has(self) -> frozenset[str]:
        """What actions may look at, in words."""
        raise NotImplementedError

    @property
    def context(self) -> Context:
        """What actions may look at now."""
        return Context(view=self.view, plan=self.has(), can_back=True)

    @property
    def about(self) -> object:
        """What the line under the cursor is about."""
        lines = self.lines.lines
        return lines[self.lines.cursor].about if self.lines.cursor < len(lines) else None

    # -- keys -------------------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        await self.press(event)

    @property
    def body(self) -> TextView:
        return self.lines

    def footer_actions(self, context: Context) -> Iterable[Action]:
        return sorted((each for each in in_view(self.view) if each.footer and not each.off(context)), key=_place)

    def farewell(self) -> str:
        return self.frame.farewell()

    def do_back(self, request: Request) -> None:
        self.dismiss(None)


def _place(action: Action) -> int:
    return action.footer
