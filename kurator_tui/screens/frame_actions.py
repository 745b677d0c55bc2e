"""What the keys of the frame do: screens, history, bars, help, menu, scope, theme, copying, quitting."""

from __future__ import annotations

from textual.app import App

from kurator_tui.config.actions import ACTIONS, Action, in_view
from kurator_tui.config.reading import FileProblem
from kurator_tui.config.theme import theme_names
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.screens.frame import FrameBase
from kurator_tui.screens.keys import Request
from kurator_tui.screens.menu import Menu, MenuEntry
from kurator_tui.screens.summary import STATE_LEVELS, state_text
from kurator_tui.screens.theming import dress
from kurator_tui.store.scope import Scope
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.dialog import ConfirmDialog
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.help_panel import HelpEntry, HelpPanel
from kurator_tui.widgets.picker import Choice, Picker


def ask_to_quit(app: App[int]) -> None:
    """Ask, and end the console with 0 when the answer is yes; asked again while it is being asked, it ends."""
    if isinstance(app.screen, QuitDialog):
        app.exit(return_code=0)
    else:
        app.push_screen(QuitDialog(), lambda yes: app.exit(return_code=0) if yes else None)


class QuitDialog(ConfirmDialog):
    """The question before the console ends."""

    def __init__(self) -> None:
        super().__init__("Quit kurator-tui?", "Nothing in the clusters changes.")


class Frame(FrameBase):
    """The frame with its actions. The methods are named by the action registry."""

    def arguments(self, action: Action) -> list[str]:
        if action.id == "theme":
            return theme_names()
        if action.id == "sort.column":
            return [column.key for column in self.current.kind.columns]
        return []

    # -- views ------------------------------------------------------------------------------------------------

    def do_screen(self, request: Request) -> None:
        self.open_view(request.argument)

    def do_history_back(self, request: Request) -> None:
        self.travel(-request.count)

    def do_history_forward(self, request: Request) -> None:
        self.travel(request.count)

    def do_history_last(self, request: Request) -> None:
        """To the view before this one, which becomes the last: twice is nowhere."""
        self.open_view(self.history[self.at - 1])

    def do_back(self, request: Request) -> None:
        """The nearest thing that can be undone: details, filter, faults only, then the view before."""
        if self.current.close_details():
            return
        if self.current.filter_text:
            self.current.set_filter("")
        elif self.current.faults_only:
            self.current.do_faults(request)
        else:
            self.travel(-1)

    def do_quit(self, request: Request) -> None:
        if not self.current.close_details():
            ask_to_quit(self.app)

    def do_leave(self, request: Request) -> None:
        ask_to_quit(self.app)

    # -- bars and panels --------------------------------------------------------------------------------------

    def do_command(self, request: Request) -> None:
        self.query_one(CommandBar).open()

    def do_filter(self, request: Request) -> None:
        if not request.argument:
            self.query_one(FilterBar).open(self.current.filter_text)
        elif error := self.current.set_filter(request.argument):
            self.say(error, severity="error")

    def do_help(self, request: Request) -> None:
        context = self.context
        entries = [
            HelpEntry(
                self.key_text(action, every=True) or f":{action.commands[0]}",
                action.description,
                action.group,
                (reason := action.off(context)) is None,
                reason or "",
            )
            for action in in_view(self.view)
            if action.does != "count"
        ]
        self.app.push_screen(HelpPanel(f"Keys of {self.current.title}", entries))

    def do_menu(self, request: Request) -> None:
        context = self.context
        entries = [
            MenuEntry(action.id, self.key_text(action), action.description, action.off(context) or "")
            for action in in_view(self.view)
            if action.menu
        ]
        row = context.row
        title = f"{self.current.title}: {row.name}" if row is not None else self.current.title
        self.app.push_screen(Menu(title, entries), self._chosen)

    def _chosen(self, id: str | None) -> None:
        if id is not None:
            self.perform(ACTIONS[id], Request(argument=ACTIONS[id].value))

    # -- selection and console --------------------------------------------------------------------------------

    def do_scope_clusters(self, request: Request) -> None:
        now = self.look.clock()
        choices = [
            Choice(row.name, state_text(row, now), STATE_LEVELS.get(row.state))
            for row in sorted(self.source.store.rows(CLUSTERS.id), key=lambda row: row.name)
            if isinstance(row, ClusterOverview)
        ]
        picker = Picker("Clusters in scope", choices, self.scope.clusters, everything="all clusters")
        self.app.push_screen(picker, self._scoped)

    def _scoped(self, picked: frozenset[str] | None) -> None:
        if picked is None:
            return
        self.scope = Scope(picked, self.scope.namespaces)
        for screen in self.views.values():
            screen.set_scope(self.scope)
        self.refresh_tabs()

    def do_copy(self, request: Request) -> None:
        row = self.context.row
        if row is not None:
            self.app.copy_to_clipboard(inert(row.name))
            self.say(f"copied {row.name}")

    def do_resync(self, request: Request) -> None:
        self.source.resync()
        self.say("listing again from every cluster")

    def do_theme(self, request: Request) -> None:
        if not request.argument:
            self.say(f"{self.app.theme}; others: {', '.join(theme_names())}")
            return
        try:
            dress(self.app, request.argument)
        except FileProblem as problem:
            self.say(str(problem), severity="error")
