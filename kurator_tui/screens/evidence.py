"""The evidence of one incident over the inbox: what is wrong, what to do, what happened, the log, the origin.

Everything is asked for when it opens, in parallel, and drawn as it comes; Esc goes back to the table. A step opens
the same view or plan as its key does elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from textual import events
from textual.app import ComposeResult

from kurator_tui.config.action import EVIDENCE
from kurator_tui.config.actions import Action, Context, in_view
from kurator_tui.config.rollout_actions import ROLLOUTS as BOARD
from kurator_tui.kinds.base import Row, Subject
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, incident_subject
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.reading import Which
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.screens.evidence_feed import EvidenceFeed
from kurator_tui.screens.evidence_lines import evidence_lines
from kurator_tui.screens.evidence_parts import Evidence
from kurator_tui.screens.evidence_steps import CHARTS, LOGS, NODE, READ, ROW, VERB, Step, steps
from kurator_tui.screens.inbox_acts import InboxActs
from kurator_tui.screens.keyed import CommandedScreen, TextScreen
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.screens.log_targets import logged
from kurator_tui.screens.title import Title, TitleLine
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.footer import Footer
from kurator_tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from kurator_tui.screens.frame_actions import Frame
    from kurator_tui.screens.rollouts import RolloutsScreen

PACE = 0.1
"""Seconds between two pictures while answers come."""
FOOTER = sorted((action for action in in_view(EVIDENCE) if action.footer), key=lambda action: action.footer)


def open_evidence(frame: Frame, row: IncidentRow) -> None:
    """Show what is known of an incident, until it is closed."""
    frame.app.push_screen(EvidenceScreen(frame, row), frame.commanded)


class Feed(Protocol):
    """Where the parts of the evidence come from; an `EvidenceFeed` says more."""

    known: Evidence

    def open(self) -> None: ...

    def close(self) -> None: ...

    def follow(self) -> None: ...

    def object_came(self) -> None: ...

    def gather_releases(self) -> None: ...


class EvidenceScreen(InboxActs, CommandedScreen, TextScreen[str | None]):
    """One incident. The methods are named by the action registry."""

    DEFAULT_CSS = """
    EvidenceScreen { layout: vertical; background: $background; }
    EvidenceScreen > ToastRack { margin-bottom: 2; }
    """

    def __init__(self, frame: Frame, row: IncidentRow, feed: Feed | None = None) -> None:
        """`feed` in the place of one that asks."""
        super().__init__()
        self.frame, self.row = frame, row
        self.source, self.look, self.inbox = frame.source, frame.look, frame.inbox
        self.keys = Keys(frame.keys.keymap)
        self.text = TextView(ascii_only=frame.look.ascii_only)
        self.text.wrap = True
        self.commands = CommandBar(frame.complete)
        self.commands.learner = frame.learn
        self.feed = feed or self._feed()
        self._due: asyncio.TimerHandle | None = None
        self._stops: list[Callable[[], None]] = []

    def _feed(self) -> Feed:
        board = self.frame.screens.get(BOARD)
        trail = _trail(board) if board is not None else None

        def run(asking: Coroutine[Any, Any, None]) -> object:
            return self.run_worker(asking, group="evidence", exit_on_error=True)

        return EvidenceFeed(self.source, self.row, self.look.clock, self._schedule, run, trail)

    def compose(self) -> ComposeResult:
        yield TitleLine()
        yield self.text
        yield self.commands
        yield Footer()

    # -- life -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.text.focus()
        store = self.source.store
        self._stops = [
            store.listen(lambda kind, _delta: self._schedule() if kind in (INCIDENTS.id, "rollouts") else None),
            self.inbox.listen(self._schedule),
        ]
        self.feed.open()
        self.set_interval(1.0, self._schedule)
        self._draw()

    def on_unmount(self) -> None:
        for stop in self._stops:
            stop()
        self.feed.close()
        if self._due is not None:
            self._due.cancel()

    @property
    def complete(self) -> bool:
        """Whether every part was answered, or says why not."""
        return self.feed.known.settled

    def _schedule(self) -> None:
        """Draw soon: many answers are one picture."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(PACE, self.call_later, self._draw)

    # -- drawing ----------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self.is_attached:
            return
        now_there = self.source.store.get(INCIDENTS.id, self.row.key)
        if isinstance(now_there, IncidentRow):
            self.row = now_there
        self.feed.known.row = self.inbox.row(self.row)
        self.feed.follow()
        self.feed.object_came()
        self.feed.gather_releases()
        lines = evidence_lines(self.feed.known, self.steps, self.look.clock(), ascii_only=self.look.ascii_only)
        self.text.show(lines, cursor=self._place(lines))
        self._refresh_title()
        self.refresh_footer()

    def _place(self, lines: list[Any]) -> int:
        """The cursor stays on its step, else on its line."""
        before = self._step()
        if before is not None:
            for at, line in enumerate(lines):
                if line.about == before:
                    return at
        return self.text.cursor

    def _refresh_title(self) -> None:
        asking = "" if self.complete else "asking"
        lost = "" if self.source.feeder_state == "live" else self.source.feeder_state
        note = " · ".join(text for text in (self.look.as_of(), lost or asking) if text)
        title = Title(name="Evidence", counted=False, note=note, ascii_only=self.look.ascii_only)
        self.query_one(TitleLine).show(title)

    # -- what is meant ----------------------------------------------------------------------------------------

    @property
    def subject(self) -> Subject | None:
        """The object of the finding that leads."""
        return incident_subject(self.row)

    @property
    def steps(self) -> list[Step]:
        """What can be done."""
        read_only = self.frame.settings.read_only
        return steps(self.row.suggests, self.subject, self.feed.known.workload, read_only)

    def chosen(self) -> list[IncidentRow]:
        return [self.row]

    def bundle(self, rows: list[IncidentRow], argument: str) -> None:
        known = self.feed.known
        self.frame.bundle(rows, argument, {self.row.uid: known} if known.settled else {})

    def _step(self) -> Step | None:
        """The step under the cursor."""
        lines = self.text.lines
        about = lines[self.text.cursor].about if self.text.cursor < len(lines) else None
        return about if isinstance(about, Step) else None

    @property
    def context(self) -> Context:
        subject = self.subject
        return Context(
            view=EVIDENCE,
            row=self.row,
            can_back=True,
            kind=INCIDENTS.id,
            object_kind=subject.kind if subject is not None else "",
            read_only=self.frame.settings.read_only,
            as_of=self.frame.context.as_of,
            plan=frozenset({"step"} if self._step() is not None else ()),
        )

    @property
    def called(self) -> str:
        return "Evidence"

    @property
    def body(self) -> TextView:
        return self.text

    def footer_actions(self, context: Context) -> Iterable[Action]:
        return (action for action in FOOTER if not action.off(context))

    async def on_key(self, event: events.Key) -> None:
        if not await self.take_command(event):
            await self.press(event)

    def on_paste(self, event: events.Paste) -> None:
        if self.commands.is_open:
            self.commands.paste(event.text)

    # -- steps ------------------------------------------------------------------------------------------------

    def do_evidence_next(self, request: Request) -> None:
        self._to_step(1)

    def do_evidence_before(self, request: Request) -> None:
        self._to_step(-1)

    def _to_step(self, way: int) -> None:
        """To the next line with a step, round the end."""
        places = [at for at, line in enumerate(self.text.lines) if isinstance(line.about, Step)]
        if not places:
            return
        ahead = [at for at in places if (at > self.text.cursor if way > 0 else at < self.text.cursor)]
        self.text.go((ahead or places)[0 if way > 0 else -1])

    async def do_evidence_do(self, request: Request) -> None:
        step = self._step()
        if step is None:
            return
        target = step.target
        if step.opens == READ:
            self._read(target, step.value)
        elif step.opens == LOGS:
            row = _row(target)
            self.frame.read_logs(logged(target.kind, [row]), row, previous=bool(step.value))
        elif step.opens == CHARTS:
            self._charts(target)
        elif step.opens == VERB:
            clusters = (target.cluster, *step.clusters)
            where = [Target(each, target.kind, target.namespace, target.name) for each in clusters]
            self.frame.changes.begin(VERBS[step.value], tuple(where))
        elif step.opens == NODE:
            self._go_to_node()
        elif step.opens == ROW:
            self._go_to(Subject(target.kind, target.cluster, target.namespace, target.name))
        else:
            self.dismiss(None)
            await self.frame.open_place(step.value)

    def _read(self, target: Subject, tab: str) -> None:
        from kurator_tui.screens.reading import ReadingScreen

        if target.kind not in KINDS or KINDS[target.kind].derived:
            self.say(f"{target.name} is joined of many objects: there is none to read", level="warning")
            return
        which = Which(target.cluster, target.kind, target.namespace, target.name)
        self.app.push_screen(ReadingScreen(self.frame, which, _row(target), tab), self.frame.commanded)

    def _charts(self, target: Subject) -> None:
        from kurator_tui.screens.metrics_target import target_of

        self.frame.open_charts(target_of(target.kind, _row(target)), _row(target))

    def _go_to_node(self) -> None:
        """The node is a field of the object that was read."""
        from kurator_tui.kinds.shapes import at, text

        subject = self.subject
        name = text(at(self.feed.known.object.value, "spec", "nodeName"))
        if subject is None or not name:
            self.say("it is on no node, as far as is known", level="warning")
            return
        self._go_to(Subject("nodes", subject.cluster, "", name))

    def _go_to(self, subject: Subject) -> None:
        """The table of an object, with only it; Esc there comes back to the inbox."""
        from kurator_tui.kinds.links import Target as Link

        if subject.kind not in KINDS:
            self.say(f"no view shows {subject.kind}", level="warning")
            return
        place = (subject.cluster, subject.namespace, subject.name)
        self.dismiss(None)
        link = Link(subject.kind, subject.cluster, objects=frozenset({place}))
        self.frame.call_later(self.frame.open_target, _row(subject), link)

    def do_read(self, request: Request) -> None:
        if (subject := self.subject) is not None:
            self._read(subject, request.argument)

    def do_open_logs(self, request: Request) -> None:
        self._open_logs()

    def do_open_previous(self, request: Request) -> None:
        self._open_logs(previous=True)

    def _open_logs(self, *, previous: bool = False) -> None:
        if (subject := self.subject) is not None:
            row = _row(subject)
            self.frame.read_logs(logged(subject.kind, [row]), row, previous=previous)

    def do_metrics_row(self, request: Request) -> None:
        if (subject := self.subject) is not None:
            self._charts(subject)

    # -- console ----------------------------------------------------------------------------------------------

    def do_evidence_wrap(self, request: Request) -> None:
        self.text.toggle_wrap()

    def do_resync(self, request: Request) -> None:
        """Ask for everything again."""
        self.feed.close()
        self.feed = self._feed()
        self.feed.open()
        self._draw()

    def do_back(self, request: Request) -> None:
        self.dismiss(None)

    def do_evidence_close(self, request: Request) -> None:
        self.dismiss(None)


def _trail(board: Any) -> Any:
    found: RolloutsScreen = board
    return found.trail


def _row(subject: Subject) -> Row:
    return Row(subject.cluster, subject.namespace, subject.name, "", 0.0)
