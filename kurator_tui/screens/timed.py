"""A source whose rows may be those of another moment: of what was recorded, while the live one goes on underneath.

Whoever asks a cluster for something then is refused: what it answered would be of now, between rows of then. What
Thanos measured it is asked for up to that moment, what was changed stands in the audit with its time, and what
recorded rows can answer they do (`then.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import structs

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import duration, inert
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.link.messages import Noticed, StreamEnded
from kurator_tui.link.streams import OnData, OnEnd
from kurator_tui.screens.passed_on import PassedOn
from kurator_tui.screens.source import Source, Stream
from kurator_tui.store.store import Store

if TYPE_CHECKING:  # what writes and reads recordings: the first frame does not wait for it
    from kurator_tui.link.history import History
    from kurator_tui.screens.recalled import Recalled

_LOG = logging.getLogger(__name__)

ALONG = ("nodes", "findings", "pods")
"""Kinds that are recorded though no screen shows them: feeders have them anyway."""
MOST_PODS = 20_000
"""In all members: with more of them pods are recorded while a screen shows them."""
READER = "history"
NONE = "[]"
"""No findings."""
OFF = "actions off"
TIMELESS = frozenset({"metrics_pages", "metrics_names", "explain"})
"""Calls whose answers are the same at any moment, or are not of clusters."""
KEPT = "audit"
"""The call that answers with times of its own: whoever asks leaves out what came later."""
FIRST = 2.0
"""Seconds before anything is recorded: the first frame waits for nothing."""


class NotNow(ConsoleError):
    """Another moment than now is shown."""

    title = "Not of this moment"


class _Refused:
    """A stream that was never opened: what was recorded is all there is."""

    waiting = 0

    def feed(self, data: bytes) -> None:
        pass

    def hold(self) -> None:
        pass

    def resume(self) -> None:
        pass

    def close(self) -> None:
        pass


class Timed(PassedOn):
    """Shows `source` as it is, or as it was at `at`. `now` is the clock of what `source` tells."""

    def __init__(self, source: Source, history: History, now: Callable[[], float]) -> None:
        super().__init__(source)
        self.history, self.now = history, now
        self._recalled: tuple[tuple[str, float], Recalled | None] | None = None
        """The last incident that was recalled, and when it was over."""
        self.at: float | None = None
        """The moment shown, None for what is live."""

    # -- which moment -------------------------------------------------------------------------------------------

    def show(self, store: Store, at: float) -> None:
        """Show `store`, the rows as they were `at` that moment."""
        self.store, self.at = store, at

    def show_live(self) -> None:
        """Show what is now."""
        self.store, self.at = self.below.store, None

    def clock(self) -> float:
        """The moment shown: ages are as old as they were then."""
        return self.at if self.at is not None else self.now()

    def mark(self) -> str:
        """What says beside the rows that they are not live: `as of 14:02:11`; "" where they are."""
        return "" if self.at is None else f"as of {stamp(self.at, self.now())}"

    def status(self) -> tuple[str, ...]:
        """The same for the status line, also of a recording: the whole text first, then shorter ones."""
        if self.at is None:
            file = inert(self.history.file)
            return (f"replay of {file} · {OFF}", f"replay of {file}") if file else ()
        ago = f"{self.mark()}, {duration(max(0.0, self.now() - self.at))} ago"
        return f"{ago} · {OFF}", f"{self.mark()} · {OFF}", self.mark()

    def unrecorded(self) -> str:
        """Why nothing is kept to look back at, "" while it is."""
        recorder = self.history.recorder
        return recorder.failure if recorder is not None else ""

    def why_not(self) -> str:
        """Why nothing can be asked or changed, "" where it can."""
        if self.at is not None:
            return f"shown as of {stamp(self.at, self.now())}: . is live again"
        return "this is a recording" if self.history.file else ""

    # -- the source ---------------------------------------------------------------------------------------------

    async def call(self, method: str, **arguments: str) -> str:
        if method == "incident":
            return await self._findings(arguments.get("uid", ""))
        if method not in (KEPT, *TIMELESS) or self.history.file:
            self._refuse()
        return await super().call(method, **arguments)

    async def _findings(self, uid: str) -> str:
        """Those of an incident; of one that is over those that it had, where they were recorded."""
        from kurator_tui.screens.then import findings_then

        why = self.why_not()
        told = findings_then(self.store, uid) if why else await super().call("incident", uid=uid)
        if told not in (None, NONE):
            return told
        if (found := await self.recall(uid)) is not None:
            return found.findings
        if told is None:
            raise NotNow(why)
        return told

    async def recall(self, uid: str) -> Recalled | None:
        """What was recorded of an incident that is over; None where that is nothing, or it goes on."""
        from kurator_tui.link.past import Past
        from kurator_tui.screens.recalled import recalled

        row = next((each for each in self.store.rows(INCIDENTS.id) if each.uid == uid), None)
        if not isinstance(row, IncidentRow) or row.state != State.RESOLVED:
            return None
        if self._recalled is None or self._recalled[0] != (uid, row.resolved_at):
            past = Past(self.history.past.shelf, self.history.past.session)  # the other one shows another moment
            found = await recalled(past, row, self.now())
            self._recalled = ((uid, row.resolved_at), found)
        return self._recalled[1]

    async def ask(self, worker: Any, method: str, arguments: dict[str, str]) -> str:
        self._refuse()
        return await super().ask(worker, method, arguments)

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        if method == "alerts" and self.why_not():
            from kurator_tui.screens.then import alerts_then, nobody_read

            if (told := alerts_then(self.store)) is None:
                raise NotNow(nobody_read("alerts"))
            return [told]
        self._refuse()
        return await super().call_all(method, **arguments)

    def _refuse(self) -> None:
        if why := self.why_not():
            raise NotNow(why)

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> Stream:
        from kurator_tui.link.logs import METHOD as LOGS
        from kurator_tui.link.metrics import METHOD

        why = self.why_not()
        if self.at is not None and not self.history.file and method == METHOD:
            why, arguments = "", until(self.at, arguments)
        if not why:
            return super().open_stream(method, arguments, on_data, on_end, worker)
        loop = asyncio.get_running_loop()
        if method == "object":
            from kurator_tui.screens.then import object_then

            for data in object_then(self.store, arguments):
                loop.call_soon(on_data, data)
            return _Refused()
        told = f"{method} are not recorded" if method == LOGS else why
        loop.call_soon(on_end, StreamEnded(0, title=NotNow.title, message=told))
        return _Refused()

    async def run(self) -> None:
        """Run the source, and record what it tells. Raises what broke the source."""
        recorder = self.history.recorder
        if recorder is None:
            self.below.subscribe("findings", reader=READER)  # evidence of a recording is made of them
            await self.below.run()
            return
        recording = asyncio.create_task(recorder.run(first=FIRST))
        recording.add_done_callback(self._recorded)
        along = asyncio.create_task(self._read_along())
        try:
            await self.below.run()
        finally:
            recording.cancel()
            along.cancel()

    async def _read_along(self) -> None:
        """Once all members are known, read what is recorded anyway; what screens want comes first."""
        told = asyncio.Event()
        stop = self.below.listen(lambda _fact: told.set())
        try:
            while not self.below.synced:
                told.clear()
                await told.wait()
        finally:
            stop()
        for kind in self.along():
            self.below.subscribe(kind, reader=READER)

    def along(self) -> tuple[str, ...]:
        """Kinds that are read to be recorded."""
        from kurator_tui.kinds.homes import screen_kinds

        rows = self.below.store.rows(CLUSTERS.id)
        many = sum(row.pods or 0 for row in rows if isinstance(row, ClusterOverview)) > MOST_PODS
        kinds = (*ALONG, *(screen_kinds() if self.history.every else ()))
        return tuple(kind for kind in dict.fromkeys(kinds) if not (many and kind == "pods"))

    def _recorded(self, task: asyncio.Task[None]) -> None:
        """An error of ours costs the recording, and nothing else."""
        recorder = self.history.recorder
        if recorder is None or task.cancelled() or (error := task.exception()) is None:
            return
        _LOG.error("nothing is recorded any more", exc_info=error)
        recorder.notice(Noticed("Nothing is recorded any more", f"{type(error).__name__}: {error}"))

    async def close(self) -> None:
        """End both: what was seen last is recorded, too."""
        if self.history.recorder is not None:
            await self.history.recorder.close()
        await self.below.close()


def of_then(source: Source) -> bool:
    """Whether rows are of another moment, or of a recording: nothing more comes, and nobody can be asked."""
    return isinstance(source, Timed) and bool(source.why_not())


async def recall(source: Source, uid: str) -> Recalled | None:
    """What `source` recorded of an incident that is over."""
    return await source.recall(uid) if isinstance(source, Timed) else None


def until(at: float, arguments: dict[str, str]) -> dict[str, str]:
    """The arguments of a panel that ends at a moment: what is measured is kept, so it can be asked of then."""
    from kurator_tui.link.metrics import decode_query, encode_query  # the first frame waits for no charts

    query = decode_query(arguments["query"])
    end = min(query.end or at, at)
    return {**arguments, "query": encode_query(structs.replace(query, end=end))}


def stamp(at: float, now: float) -> str:
    """A moment for people: the time of day, with the date where that is not today's."""
    local = time.localtime(at)
    today = time.localtime(now)[:3] == local[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S", local)
