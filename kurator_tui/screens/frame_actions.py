"""What the keys of the frame do: screens, history, bars, help, menu, scope, theme, copying, quitting."""

from __future__ import annotations

from kurator_tui.config.actions import ACTIONS, Action
from kurator_tui.config.reading import FileProblem
from kurator_tui.config.theme import theme_names
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.screens.frame import FrameBase
from kurator_tui.screens.keys import Request
from kurator_tui.screens.theming import dress
from kurator_tui.store.scope import Scope


class Frame(FrameBase):
    """The frame with its actions. The methods are named by the action registry."""

    def arguments(self, action: Action) -> list[str]:
        if action.id == "theme":
            return theme_names()
        if action.id == "scope.clusters":
            return ["all", *sorted(row.name for row in self.source.store.rows(CLUSTERS.id))]
        if action.id == "kind":
            from kurator_tui.screens.commands import kind_words

            return kind_words()
        if action.id == "sort.column":
            return [column.key for column in self.current.kind.columns]
        return []

    # -- views ------------------------------------------------------------------------------------------------

    async def do_screen(self, request: Request) -> None:
        await self.open_place(request.argument)

    async def do_kind(self, request: Request) -> None:
        """Open a kind by any of its names; what follows the name is its filter."""
        from kurator_tui.kinds.registry import find
        from kurator_tui.screens.commands import unknown

        word, _, terms = request.argument.partition(" ")
        found = find(word)
        if not found:
            self.say(unknown(word), level="error")
            return
        await self.open_place(found[0].id)
        if terms and (error := self.current.set_filter(terms)):
            self.say(error, level="error")

    async def do_history_back(self, request: Request) -> None:
        await self.travel(-request.count)

    async def do_history_forward(self, request: Request) -> None:
        await self.travel(request.count)

    async def do_history_last(self, request: Request) -> None:
        """To the view before this one, which becomes the last: twice is nowhere."""
        await self.open_place(self.places.before)

    async def do_back(self, request: Request) -> None:
        """The nearest thing that can be undone: details, filter, faults only, then the view before."""
        if self.current.close_details():
            return
        if self.current.filter_text:
            self.current.set_filter("")
        elif self.current.faults_only:
            self.current.do_faults(request)
        else:
            await self.travel(-1)

    def do_quit(self, request: Request) -> None:
        if not self.current.close_details():
            self.do_leave(request)

    def do_leave(self, request: Request) -> None:
        from kurator_tui.screens.overlays import ask_to_quit

        ask_to_quit(self.app)

    # -- bars and panels --------------------------------------------------------------------------------------

    async def do_command(self, request: Request) -> None:
        (await self.command_bar()).open()

    async def do_filter(self, request: Request) -> None:
        if not request.argument:
            self.current.prepare_filter()
            (await self.filter_bar()).open(self.current.filter_text)
        elif error := self.current.set_filter(request.argument):
            self.say(error, level="error")

    def do_help(self, request: Request) -> None:
        from kurator_tui.screens.overlays import help_panel

        self.app.push_screen(help_panel(self.current.title, self.context, self.key_texts))

    def do_menu(self, request: Request) -> None:
        from kurator_tui.screens.overlays import menu

        self.app.push_screen(menu(self.current.title, self.context, self.key_texts), self._chosen)

    async def _chosen(self, id: str | None) -> None:
        if id is not None:
            await self.perform(ACTIONS[id], Request(argument=ACTIONS[id].value))

    # -- selection and console --------------------------------------------------------------------------------

    def do_scope_clusters(self, request: Request) -> None:
        from kurator_tui.screens.overlays import scope_picker
        from kurator_tui.screens.scoping import UnknownCluster, pick

        rows = list(self.source.store.rows(CLUSTERS.id))
        if request.argument:
            try:
                self._scoped(pick(request.argument, (row.name for row in rows)))
            except UnknownCluster as error:
                self.say(str(error), level="error")
            return
        self.app.push_screen(scope_picker(rows, self.scope.clusters, self.look.clock()), self._scoped)

    def _scoped(self, picked: frozenset[str] | None) -> None:
        if picked is None:
            return
        self.scope = Scope(picked, self.scope.namespaces)
        for screen in self.screens.values():
            screen.set_scope(self.scope)
        self.refresh_tabs()
        self.refresh_status()

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
            self.say(str(problem), level="error")
