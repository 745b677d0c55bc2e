"""What the keys of the frame do: screens, history, bars, help, menu, scope, theme, copying, quitting."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from kurator_tui.config.actions import ACTIONS, Action
from kurator_tui.config.reading import FileProblem
from kurator_tui.config.theme import theme_names
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.homes import HOMES, beside, home_of
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview, FleetOverview
from kurator_tui.link.messages import FirstSyncDone, ToConsole
from kurator_tui.screens.acting import Acting
from kurator_tui.screens.commands import UnknownCommand, complete, parse
from kurator_tui.screens.inbox_ways import InboxWays
from kurator_tui.screens.keys import Request
from kurator_tui.screens.log_ways import LogWays
from kurator_tui.screens.metrics_ways import MetricsWays
from kurator_tui.screens.places import kind_of
from kurator_tui.screens.theming import dress
from kurator_tui.screens.time_travel import TimeTravel
from kurator_tui.screens.user_silences import UserSilences
from kurator_tui.screens.user_views import UserViews
from kurator_tui.store.scope import Scope

if TYPE_CHECKING:  # the first frame waits for no home
    from kurator_tui.widgets.section_line import SectionLine


class Frame(TimeTravel, UserSilences, UserViews, LogWays, MetricsWays, InboxWays, Acting):
    """The frame with its actions. The methods are named by the action registry."""

    _asking = False
    """Whether it is being told what is served."""
    _not_understood: tuple[str, str] | None = None
    """What was typed meanwhile, and where."""

    def arguments(self, action: Action) -> list[str]:
        if action.id == "theme":
            return theme_names()
        if action.id == "scope.clusters":
            from kurator_tui.config import scopes

            return ["all", *sorted(scopes.load()), *self.values("cluster")]
        if action.id == "kind":
            from kurator_tui.screens.commands import kind_words

            return kind_words()
        if action.id == "do":
            return [verb.id for verb in self.verbs_here()]
        if action.does == "apply":
            from kurator_tui.config import manifests

            return manifests.offered()
        if action.id == "sort.column":
            return [column.key for column in self.current.kind.columns]
        return []

    def complete(self, text: str) -> list[str]:
        return self.queries.words(text) or complete(text, self.arguments, self.values)

    def values(self, what: str) -> list[str]:
        """Names of the `cluster`s or `namespace`s there are, or of what a filter may be about (`column`)."""
        if what == "cluster":
            return self.cluster_names()
        if what == "namespace":
            return sorted(self.namespaces())
        return ["cluster", "namespace", "name", "health", "reason", "age"]

    # -- views ------------------------------------------------------------------------------------------------

    async def do_screen(self, request: Request) -> None:
        """Open a numbered screen; a home that is open already goes on to its next section."""
        if request.argument in HOMES and home_of(self.places.place) == request.argument:
            await self.do_section(Request(argument="1"))
        else:
            await self.open_place(request.argument)

    async def do_section(self, request: Request) -> None:
        """So many sections on, or back."""
        step = request.count * int(request.argument)
        await self.open_place(beside(kind_of(self.places.place), step))

    async def on_section_line_opened(self, message: SectionLine.Opened) -> None:
        await self.open_place(message.kind)

    async def do_kind(self, request: Request) -> None:
        """Open a kind by any of its names; what follows the name is its filter."""
        from kurator_tui.link.served import learnable

        word, _, terms = request.argument.partition(" ")
        if learnable(word):
            self.run_worker(self._learn(word, terms), group="ways", exclusive=True)
        else:
            await self._choose_kind(word, terms)

    async def _choose_kind(self, word: str, terms: str) -> None:
        """Open the kind that `word` means, or let the user choose among several."""
        from kurator_tui.kinds.registry import find
        from kurator_tui.screens.commands import unknown
        from kurator_tui.screens.overlays import kind_picker

        found = find(word)
        if not found:
            self.say(unknown(word), level="error")
        elif len(found) == 1 or any(kind.id == word.casefold() for kind in found):
            await self._open_kind(next((k.id for k in found if k.id == word.casefold()), found[0].id), terms)
        else:

            async def chosen(picked: frozenset[str] | None) -> None:
                for id in picked or ():
                    await self._open_kind(id, terms)

            views = [view for view in dict.fromkeys(find(found[0].plural)) if view.derived and view not in found]
            self.app.push_screen(kind_picker(word, [*views, *found]), chosen)

    async def _learn(self, word: str, terms: str) -> None:
        """Open a kind that nobody wrote a file for, as its members say it is now."""
        from kurator_tui.kinds.registry import DEFINED, find, offered
        from kurator_tui.link.served import learn

        before = dict(DEFINED)
        try:
            for text in await learn(self.source, word):
                self.say("A column is left out", text, level="warning")
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="warning" if find(word) else "error")
        different = {id for id, known in before.items() if DEFINED.get(id) != known}
        if find(word):  # as a message: no screen goes while another one is being shown
            self.call_later(self._open_learned, word, terms, different)
        elif offered(word):
            self.say(f"{word} is not served any more", level="warning")

    async def _open_learned(self, word: str, terms: str, different: set[str]) -> None:
        """`different` kinds have other columns now: their screens are made again."""
        for place in [place for place in self.screens if kind_of(place) in different]:
            await self.forget(place)
        if self.places.place not in self.screens:
            await self.query_one("#body").mount(self._make(self.places.place))
        await self._choose_kind(word, terms)

    async def _open_kind(self, id: str, terms: str) -> None:
        await self.open_place(id)
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

        ask_to_quit(self.app, self.farewell())

    # -- bars and panels --------------------------------------------------------------------------------------

    async def do_command(self, request: Request) -> None:
        self._ask()
        (await self.bars.command()).open()

    def _ask(self) -> None:
        self._asking = True
        self.run_worker(self._ask_what_is_served(), group="served", exclusive=True)

    async def _ask_what_is_served(self) -> None:
        """Kinds that nobody wrote a file for are offered like any other."""
        from kurator_tui.link.served import refresh

        with suppress(ConsoleError):  # then nothing is offered, and the screen says why
            await refresh(self.source)
        self._asking = False
        if self._not_understood is not None:
            self.call_later(self._understand, *self._not_understood)
            self._not_understood = None

    def _hear(self, fact: ToConsole | None) -> None:
        super()._hear(fact)
        if isinstance(fact, FirstSyncDone):
            self.call_later(self._ask)

    def not_understood(self, text: str, error: Exception) -> None:
        """What was typed faster than it was told what is served may mean something once that is known."""
        if self._asking:
            self._not_understood = text, self.places.place
        else:
            super().not_understood(text, error)

    async def _understand(self, text: str, place: str) -> None:
        """Do what was typed at `place`, unless the user does something else by now."""
        try:
            action, request = parse(text)
        except UnknownCommand as error:
            self.say(str(error), level="error")
            return
        if self.is_current and self.bars.typing is None and self.places.place == place:
            await self.perform(action, request)
        else:
            self.say(f":{text} is known by now", "It was not opened: something else was begun.", level="warning")

    async def do_filter(self, request: Request) -> None:
        if not request.argument:
            self.current.prepare_filter()
            (await self.bars.filter()).open(self.current.filter_text)
        elif error := self.current.set_filter(request.argument):
            self.say(error, level="error")

    def do_help(self, request: Request) -> None:
        from kurator_tui.screens.overlays import help_panel

        self.app.push_screen(help_panel(self.current.title, self.context, self.key_texts))

    def do_menu(self, request: Request) -> None:
        from kurator_tui.screens.overlays import menu

        opened = menu(self.current.title, self.context, self.key_texts)
        self.app.push_screen(opened, self._chosen)
        self.judge_menu(opened)

    async def _chosen(self, id: str | None) -> None:
        if id is not None:
            await self.perform(ACTIONS[id], Request(argument=ACTIONS[id].value))

    # -- selection and console --------------------------------------------------------------------------------

    def do_scope_clusters(self, request: Request) -> None:
        """Pick clusters, or what `:scope` says: clusters and namespaces, a saved scope, `save`, `delete`."""
        from kurator_tui.screens.overlays import scope_picker

        if request.argument:
            try:
                self._scope_command(request.argument)
            except ConsoleError as error:
                self.say(error.message, error.hint, level="error")
            return
        rows = list(self.source.store.rows(CLUSTERS.id))
        self.app.push_screen(scope_picker(rows, self.scope.clusters, self.look.clock()), self._scoped)

    def _scope_command(self, words: str) -> None:
        """Raises ConsoleError."""
        from kurator_tui.config import scopes
        from kurator_tui.screens.scoping import UnknownCluster, divide, pick

        verb, _, name = words.partition(" ")
        if verb in ("save", "delete"):
            (scopes.save(name.strip(), self.scope) if verb == "save" else scopes.delete(name.strip()))
            self.say(f"scope {name.strip()} {verb}d")
            return
        saved = scopes.load()
        if words in saved:
            self.use_scope(saved[words])
            return
        named, namespaces = divide(words)
        try:
            clusters = pick(named, self.values("cluster")) if named else self.scope.clusters
        except UnknownCluster as error:
            known = f"; saved scopes: {', '.join(sorted(saved))}" if saved else ""
            raise UsageError(f"{error}{known}") from None
        everything = named == "all" and namespaces is None
        self.use_scope(
            Scope(
                clusters,
                frozenset() if everything else self.scope.namespaces if namespaces is None else namespaces,
            )
        )

    def _scoped(self, picked: frozenset[str] | None) -> None:
        if picked is not None:
            self.use_scope(Scope(picked, self.scope.namespaces))

    def do_scope_namespaces(self, request: Request) -> None:
        """Pick several of the namespaces that rows are in."""
        from kurator_tui.screens.overlays import namespace_picker

        def picked(namespaces: frozenset[str] | None) -> None:
            if namespaces is not None:
                self.use_scope(Scope(self.scope.clusters, namespaces))

        self.app.push_screen(namespace_picker(self.namespaces(), self.scope.namespaces), picked)

    def namespaces(self) -> Counter[str]:
        """Rows in each namespace, of the open view and of those known by heart; picked ones are always there."""
        from kurator_tui.kinds.core import NamespaceRow

        rows = (
            row for kind in {self.current.kind.id, "namespaces", "pods"} for row in self.source.store.rows(kind)
        )
        clusters = self.scope.clusters
        found = Counter(
            row.namespace or (row.name if isinstance(row, NamespaceRow) else "")
            for row in rows
            if not isinstance(row, ClusterOverview | FleetOverview) and (not clusters or row.cluster in clusters)
        )
        del found[""]
        return found + Counter(dict.fromkeys(self.scope.namespaces - set(found), 0))

    def do_copy(self, request: Request) -> None:
        row = self.context.row
        if row is not None:
            self.app.copy_to_clipboard(inert(row.name))
            self.say(f"copied {row.name}")

    def do_read(self, request: Request) -> None:
        """Read the object of the row: the argument is the tab that is shown first."""
        from kurator_tui.screens.reading import open_reading

        open_reading(self, request.argument)

    def do_resync(self, request: Request) -> None:
        if self.asks_users_again():
            return
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
