"""Base of the screens over the frame that show lines under a title: keys by the registry, help, menu, footer."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from kurator_tui.config.actions import ACTIONS, Action, Context, in_view
from kurator_tui.config.keymap import display
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.widgets.footer import Footer, Hint
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


class ApartScreen(Screen[None], inherit_bindings=False):
    """Heading, lines, a line that tells, footer; a subclass says what, and what its keys do."""

    DEFAULT_CSS = """
    ApartScreen { layout: vertical; background: $background; }
    ApartScreen > ToastRack { margin-bottom: 2; }
    """
    AUTO_FOCUS: ClassVar[str | None] = ""
    view: ClassVar[str]
    """Its view, as the action registry knows it."""
    title_of_help: ClassVar[str]

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
        asked = self.keys.press(event.key, self.context)
        if asked is not None or self.keys.count:
            event.stop()
            event.prevent_default()
        if asked is not None:
            await self.perform(*asked)
        self.refresh_footer()

    async def perform(self, action: Action, request: Request) -> None:
        """Do `action`, or say why it cannot be done."""
        reason = action.off(self.context)
        if reason is None:
            done = getattr(self, action.method)(request)
            if isawaitable(done):
                await done
        elif not action.quiet:
            self.frame.say(f"{action.label}: {reason}", level="warning")

    def key_texts(self, action: Action) -> list[str]:
        """The keys of `action` as people write them."""
        return [display(key, ascii_only=self.look.ascii_only) for key in self.keys.keymap.keys(action.id)]

    def refresh_footer(self) -> None:
        """The footer says what works here."""
        if not self.is_attached:
            return
        context = self.context
        actions = sorted((a for a in in_view(self.view) if a.footer and not a.off(context)), key=_place)
        hints = [Hint(next(iter(self.key_texts(action)), ""), action.label.casefold()) for action in actions]
        self.query_one(Footer).show([hint for hint in hints if hint.key])

    def do_move_down(self, request: Request) -> None:
        self.lines.move(request.count)

    def do_move_up(self, request: Request) -> None:
        self.lines.move(-request.count)

    def do_move_left(self, request: Request) -> None:
        self.lines.column_shift(-request.count)

    def do_move_right(self, request: Request) -> None:
        self.lines.column_shift(request.count)

    def do_move_top(self, request: Request) -> None:
        self.lines.go(request.count - 1)

    def do_move_bottom(self, request: Request) -> None:
        self.lines.end()

    def do_page_down(self, request: Request) -> None:
        self.lines.page(request.count)

    def do_page_up(self, request: Request) -> None:
        self.lines.page(-request.count)

    def do_half_down(self, request: Request) -> None:
        self.lines.page(request.count, half=True)

    def do_half_up(self, request: Request) -> None:
        self.lines.page(-request.count, half=True)

    def do_back(self, request: Request) -> None:
        self.dismiss(None)

    def do_leave(self, request: Request) -> None:
        from kurator_tui.screens.overlays import ask_to_quit

        ask_to_quit(self.app, self.frame.farewell())

    def do_help(self, request: Request) -> None:
        from kurator_tui.screens.overlays import help_panel

        self.app.push_screen(help_panel(self.title_of_help, self.context, self.key_texts))

    def do_menu(self, request: Request) -> None:
        from kurator_tui.screens.overlays import menu

        self.app.push_screen(menu(self.title_of_help, self.context, self.key_texts), self._chosen)

    async def _chosen(self, id: str | None) -> None:
        if id is not None:
            await self.perform(ACTIONS[id], Request(argument=ACTIONS[id].value))


def _place(action: Action) -> int:
    return action.footer
