"""What is seen of one object that is read: its stream as lines of the open tab, live, with what changed marked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from textual.app import ComposeResult

from kurator_tui.config.action import READING
from kurator_tui.config.actions import Action, Context, in_view
from kurator_tui.describe.registry import describe
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.reading import LIVE as READ
from kurator_tui.kinds.reading import Collector, Which
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.messages import StreamEnded, ToConsole
from kurator_tui.screens.keyed import CommandedScreen, TextScreen
from kurator_tui.screens.keys import Keys
from kurator_tui.screens.reading_lines import Revealed, as_yaml, changes, described, happened
from kurator_tui.screens.reading_title import ReadingTitle, ReadingTitleLine, standing_text
from kurator_tui.screens.source import LIVE, Source, Stream
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.footer import Footer
from kurator_tui.widgets.palette import LEVEL_CLASSES, MUTED, Piece
from kurator_tui.widgets.text_view import TextLine, TextView

SECRETS = "secrets"
MARKED = 4.0
"""Seconds that a changed line stays marked."""
PACE = 0.1
"""Seconds between two pictures of a text that changes."""
FOOTER = sorted((action for action in in_view(READING) if action.footer), key=lambda action: action.footer)
"""Actions of the footer, in order."""
EVENTS = "events"
YAML = "yaml"
"""Tabs; the third one is `describe`."""


class _Known(NamedTuple):
    """What a text is made of."""

    object: dict[str, Any] | None = None
    owners: tuple[tuple[str, str], ...] = ()
    events: tuple[EventRow, ...] = ()


class ReadingBase(CommandedScreen, TextScreen[str | None]):
    """Title, text, footer; `reading.ReadingScreen` adds what its keys do."""

    DEFAULT_CSS = """
    ReadingBase { layout: vertical; background: $background; }
    ReadingBase > ToastRack { margin-bottom: 2; }
    """

    opened_from: str
    """Id of the kind of the table it was opened from."""

    def __init__(self, source: Source, look: Look, keys: Keys, which: Which, row: Row, tab: str) -> None:
        super().__init__()
        self.source, self.look, self.which, self.tab = source, look, which, tab
        self.kind: AnyKind = KINDS[which.kind]
        self.keys = Keys(keys.keymap)
        self.text = TextView(ascii_only=look.ascii_only)
        self.bar = FilterBar()
        self.searched = ""
        """What is searched for."""
        self._row = row
        self._collector = Collector()
        self._stream: Stream | None = None
        self._end: StreamEnded | None = None
        self._managed = False
        self._oldest = False
        self._wraps = {"describe": True, YAML: False, EVENTS: True}
        self._places: dict[str, int] = {}
        """Tab -> the line its cursor was on."""
        self._shown: str | None = None
        """Tab whose object is on the screen."""
        self._drawn = _Known()
        """What the text on the screen was made of."""
        self._marked_until = 0.0
        self._revealed: Revealed = None
        self._hidden: Revealed = None
        """What of it is on the screen."""
        self._revealed_until = 0.0
        self._asked_key = ""
        """Key whose value was asked for last."""
        self._due: asyncio.TimerHandle | None = None
        self._stop_listening: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        yield ReadingTitleLine()
        yield self.text
        yield self.bar
        yield self.commands
        yield Footer()

    @property
    def complete(self) -> bool:
        """Whether the object was read, or cannot be."""
        return self._collector.object is not None or self._end is not None

    # -- life -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.text.focus()
        self.text.wrap = self._wraps[self.tab]
        self._stop_listening = self.source.listen(self._hear)
        self._open()
        self.set_interval(1.0, self.tick)
        self._draw()

    def on_unmount(self) -> None:
        self._stop_listening()
        self._close_stream()
        self._revealed = None
        if self._due is not None:
            self._due.cancel()

    def _open(self) -> None:
        self._close_stream()
        self._end = None
        collector = Collector()
        arguments = {
            "cluster": self.which.cluster,
            "kind": self.which.kind,
            "namespace": self.which.namespace,
            "name": self.which.name,
            **({"managed": "1"} if self._managed else {}),
        }

        def told(data: bytes) -> None:
            collector.take(data)
            if collector is not self._collector and (collector.versions or self._collector.object is None):
                self._collector = collector  # until then the text of the stream before is shown
            self._schedule()

        self._stream = self.source.open_stream("object", arguments, told, self._ended)

    def _close_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _ended(self, end: StreamEnded) -> None:
        self._end, self._stream = end, None
        self._schedule()

    def _hear(self, fact: ToConsole | None) -> None:
        if fact is None:
            if self.source.feeder_state == LIVE and self._stream is None and self._end is not None:
                self._open()
            self._schedule()

    def _schedule(self) -> None:
        """Draw soon: many messages are one picture."""
        if self._due is None:
            loop = asyncio.get_running_loop()
            wait = PACE if self._shown is not None else 0.0
            self._due = loop.call_later(wait, self.call_later, self._draw)

    def tick(self) -> None:
        """A second went by: ages grow, marks fade, a value is hidden again."""
        now = self.look.clock()
        if self._revealed is not None and now >= self._revealed_until:
            self._revealed = None
        self._draw()

    # -- drawing ----------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Bring text, title and footer up to date."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self.is_attached:
            return
        now, collector = self.look.clock(), self._collector
        known = _Known(collector.object, tuple(collector.owners), tuple(collector.events.values()))
        same = self._shown == self.tab and known == self._drawn and self._revealed == self._hidden
        if same and self.tab == YAML:  # nothing in it grows older
            self.text.mark(self._marks(frozenset(), now))
        else:
            self._show(known, now)
        self._drawn, self._hidden = known, self._revealed
        self._shown = self.tab if known.object is not None else None
        self._refresh_title(now)
        self.refresh_footer()

    def _show(self, known: _Known, now: float) -> None:
        """Put the open tab on the screen; what differs from what is there is marked."""
        lines = self._lines(known, now)
        if self._shown != self.tab:
            cursor, marked = self._places.get(self.tab, 0), frozenset[int]()
        elif known == self._drawn:  # older by a second, or a value was revealed
            cursor, marked = self.text.cursor, self._marks(frozenset(), now)
        else:  # both with the ages of this moment: an age that grows is no change
            before = self.text.lines if self.tab == YAML else self._lines(self._drawn, now)
            found, cursor = changes(before, lines, self.text.cursor)
            marked = self._marks(found, now)
        self.text.show(lines, cursor=cursor, marked=marked)

    def _marks(self, found: frozenset[int], now: float) -> frozenset[int]:
        if found:
            self._marked_until = now + MARKED
            return found
        return self.text.marked if now < self._marked_until else frozenset()

    def _lines(self, known: _Known, now: float) -> list[TextLine]:
        """The text of the open tab."""
        ascii_only, obj = self.look.ascii_only, known.object
        if obj is None:
            return self._nothing()
        if self.tab == EVENTS:
            own = (self.kind.name, self.which.name)
            told = happened(known.events, now, own, oldest=self._oldest, ascii_only=ascii_only)
            return [*self._events_trouble(), *told]
        if self.tab == YAML:
            managers = 0 if self._managed else self._collector.managers
            size = self._collector.managers_size
            return as_yaml(obj, managers=managers, managed_size=size, revealed=self._revealed)
        pods, note = self._pods()
        where, owners = self.which.cluster, known.owners
        parts = describe(
            self.kind, obj, known.events, now, cluster=where, owners=owners, pods=pods, pods_note=note
        )
        secret = self.which.kind == SECRETS
        return described(parts, ascii_only=ascii_only, secret=secret, revealed=self._revealed)

    def _pods(self) -> tuple[list[PodRow], str]:
        """Those of a node, and what is to be known of them."""
        hosted = self._collector.hosted
        if hosted is None or not (hosted.asked or hosted.trouble):
            return hosted.pods if hosted is not None else [], ""
        when = time.strftime("%H:%M:%S", time.localtime(hosted.asked))
        if hosted.trouble:
            return hosted.pods, f"asked for at {when}: {hosted.trouble}"
        return hosted.pods, f"as of {when}: nobody watches them here"

    def _nothing(self) -> list[TextLine]:
        """What is shown while there is no object."""
        end, standing = self._end, self._collector.standing
        if end is not None and end.title:
            told = [
                Piece(f"  {end.title}", LEVEL_CLASSES[Level.FAILED]),
                Piece(f"  {end.message}"),
                Piece(f"  {end.hint}"),
            ]
            return [TextLine((piece,), 2) for piece in told if piece.text.strip()]
        if standing is not None and standing.reason:
            return [TextLine((Piece(f"  not read yet: {standing.reason}", MUTED),), 2)]
        return [TextLine((Piece("  reading it from the cluster", MUTED),))]

    def _events_trouble(self) -> list[TextLine]:
        standing = self._collector.events_standing
        if standing is None or standing.state == READ:
            return []
        text = f"  events are not live: {standing.reason}"
        return [TextLine((Piece(text, LEVEL_CLASSES[Level.DEGRADED]),), 2)]

    def _refresh_title(self, now: float) -> None:
        collector = self._collector
        feeder = "" if self.source.feeder_state == LIVE else self.source.feeder_state
        if self._end is not None and not feeder:
            feeder = self._end.message
        member = self.source.store.freshness(self.which.cluster)
        seen = collector.object is not None
        said, gone, level = standing_text(collector.standing, member, feeder, now, seen=seen)
        where = "/".join(filter(None, (self.which.namespace, self.which.name)))
        self.query_one(ReadingTitleLine).show(
            ReadingTitle(
                name=f"{self.kind.name} {where}",
                cluster=self.which.cluster,
                tab=self.tab,
                standing=said,
                gone=gone,
                level=level,
                note=f"find {self.searched}: {len(self.text.matches)}" if self.searched else "",
                ascii_only=self.look.ascii_only,
            )
        )

    # -- from keys to actions ---------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """What actions may look at now."""
        return Context(
            view=READING,
            row=self._row,
            filter=self.searched,
            can_back=True,
            kind=self.which.kind,
            behind=self.opened_from != self.which.kind,
        )

    @property
    def called(self) -> str:
        return self.which.name

    @property
    def body(self) -> TextView:
        return self.text

    def footer_actions(self, context: Context) -> Iterable[Action]:
        shown = (each for each in FOOTER if each.value != self.tab and each.concerns(context))
        return (action for action in shown if not action.off(context))
