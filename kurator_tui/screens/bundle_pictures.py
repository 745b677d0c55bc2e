"""The screens of a bundle, drawn from rows of their own: nothing is asked, nothing that is live is touched.

They are drawn in a thread with a loop of its own, so that the console goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from kurator_tui.config.triage_actions import TRIAGE
from kurator_tui.errors import ConsoleError, FeederLost
from kurator_tui.kinds.blindspots import BLINDSPOTS
from kurator_tui.kinds.incidents import INCIDENTS, State, incident_subject
from kurator_tui.kinds.overview import CLUSTERS, FLEETS
from kurator_tui.kinds.redacting import Redactor
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.messages import HostDescribed
from kurator_tui.link.streams import OnData, OnEnd
from kurator_tui.screens.bundle_content import Picture, only, suggested
from kurator_tui.screens.bundle_gathering import Gathered
from kurator_tui.screens.bundle_pages import moment
from kurator_tui.screens.evidence_lines import evidence_lines
from kurator_tui.screens.evidence_parts import Evidence
from kurator_tui.screens.source import LIVE, FactListener, Feeder, Source, Stream
from kurator_tui.store.scope import Scope
from kurator_tui.store.store import Store
from kurator_tui.widgets.layout import cells

if TYPE_CHECKING:
    from kurator_tui.screens.frame_actions import Frame
    from kurator_tui.screens.triage import TriageScreen

COLUMNS = 140
LEAST, MOST = 20, 200
"""Lines of a picture."""
AROUND = 8
"""Lines of a picture that are no rows."""
FOLD = 12
"""Cells of a line that folding between words may leave empty."""
PATIENCE = 30.0
"""Seconds that a picture may take."""


class Still:
    """A source of rows that never change; it answers nothing."""

    feeder_state = LIVE
    synced = True
    workers: Sequence[Feeder] = ()

    def __init__(self, store: Store, host: HostDescribed | None) -> None:
        self.store, self.host = store, host

    def listen(self, listener: FactListener) -> Callable[[], None]:
        return lambda: None

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        """Its rows are all there are."""

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        """As `subscribe`."""

    def resync(self, cluster: str = "") -> None:
        """Nothing is listed again."""

    def pace(self, interval: float) -> None:
        """Nothing comes."""

    def define(self, definition: bytes) -> None:
        """Nobody is told."""

    def arrange(self, arrangements: bytes) -> None:
        """Nobody is told."""

    def silence(self, silences: bytes) -> None:
        """Nobody is told."""

    async def call(self, method: str, **arguments: str) -> str:
        raise FeederLost("a picture asks nothing")

    async def ask(self, worker: Any, method: str, arguments: dict[str, str]) -> str:
        return await self.call(method, **arguments)

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        return [await self.call(method, **arguments)]

    def owners(self, clusters: Iterable[str]) -> Mapping[Any, Sequence[str]]:
        return {}

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> Stream:
        raise FeederLost("a picture asks nothing")

    async def run(self) -> None:
        """There is nothing to read."""

    async def close(self) -> None:
        """Nothing was opened."""


class Known:
    """In the place of an `EvidenceFeed`: what was answered before."""

    def __init__(self, known: Evidence) -> None:
        self.known = known

    def open(self) -> None:
        """It is known."""

    def close(self) -> None:
        """Nothing is open."""

    def follow(self) -> None:
        """It stays as it is."""

    def object_came(self) -> None:
        """It came before."""

    def gather_releases(self) -> None:
        """They were gathered."""


async def pictures(
    source: Source, found: Gathered, redactor: Redactor, *, theme: str = "", ascii_only: bool = False
) -> list[Picture]:
    """The inbox, the evidence and the objects as they look now; `found` is `cleared`."""
    row = found.known.row
    subject = incident_subject(row)
    kept = {kind: list(source.store.rows(kind)) for kind in (FLEETS.id, CLUSTERS.id, INCIDENTS.id, BLINDSPOTS.id)}
    if subject is not None and found.rows:
        kept[subject.kind] = found.rows
    fresh = list(source.store.freshness_items())
    if subject is not None:
        fresh += [(cluster, subject.kind, each) for cluster, each in found.rows_at.items()]
    host = source.host

    then = found.then

    def drawn() -> list[Picture]:
        still = Still(only(redactor, kept, fresh), redactor.of(host))
        made = asyncio.run(_all(still, found, theme, ascii_only))
        if then is not None:
            was = {kind: list(then.store.rows(kind)) for kind in then.store.kinds()}
            before = Still(only(redactor, was, then.store.freshness_items()), redactor.of(host))
            made += asyncio.run(_then(before, found, then.at, theme, ascii_only))
        return made

    return await asyncio.to_thread(drawn)


async def _all(still: Still, found: Gathered, theme: str, ascii_only: bool) -> list[Picture]:
    row, known = found.known.row, found.known
    subject = incident_subject(row)
    from kurator_tui.screens.triage import Shown

    async def with_row(frame: Frame) -> None:
        screen = cast("TriageScreen", frame.current)
        screen.show(Shown.ALL if row.state == State.RESOLVED or frame.put_off(row) else Shown.OPEN)

    async def at_row(frame: Frame) -> None:
        frame.current.table.select_key(row.key)

    async def evidence(frame: Frame) -> None:
        from kurator_tui.screens.evidence import EvidenceScreen

        await frame.app.push_screen(EvidenceScreen(frame, row, Known(known)))

    async def of_its_clusters(frame: Frame) -> None:
        frame.use_scope(Scope(frozenset(each.cluster for each in found.rows)))

    lines = evidence_lines(known, suggested(found), found.now, ascii_only=ascii_only)
    height = sum(1 + cells(line.text) // (COLUMNS - line.hang - FOLD) for line in lines)
    draw = _Drawing(still, found.now, theme, ascii_only)
    made = [
        await draw.picture("inbox", "Inbox", TRIAGE, still.store.count(INCIDENTS.id), with_row, at_row),
        await draw.picture("evidence", "Evidence", TRIAGE, height, evidence),
    ]
    if subject is not None and found.rows and subject.kind in KINDS:
        rows = len(found.rows)
        made.append(await draw.picture("objects", "Objects concerned", subject.kind, rows, of_its_clusters))
    return made


async def _then(still: Still, found: Gathered, at: float, theme: str, ascii_only: bool) -> list[Picture]:
    """The inbox and the objects as they were recorded."""
    row = found.known.row
    subject = incident_subject(row)
    when = moment(at)

    async def at_row(frame: Frame) -> None:
        frame.current.table.select_key(row.key)

    draw = _Drawing(still, at, theme, ascii_only)
    made = [await draw.picture("inbox-then", f"Inbox {when}", TRIAGE, still.store.count(INCIDENTS.id), at_row)]
    if subject is not None and subject.kind in KINDS and (rows := still.store.count(subject.kind)):
        made.append(await draw.picture("objects-then", f"Objects concerned {when}", subject.kind, rows))
    return made


class _Drawing:
    def __init__(self, still: Still, now: float, theme: str, ascii_only: bool) -> None:
        self._still, self._now, self._theme, self._ascii = still, now, theme, ascii_only

    async def picture(
        self,
        name: str,
        title: str,
        view: str,
        rows: int,
        *arranged: Callable[[Frame], Awaitable[None]],
    ) -> Picture:
        """One screen with room for so many rows."""
        from kurator_tui.screens.export import render

        size = (COLUMNS, max(LEAST, min(MOST, rows + AROUND)))
        try:
            async with asyncio.timeout(PATIENCE):
                svg, text = await render(
                    self._still,
                    view,
                    size,
                    theme=self._theme,
                    ascii_only=self._ascii,
                    clock=lambda: self._now,
                    arranged=arranged,
                    still=True,
                )
        except TimeoutError:
            return Picture(name, title, why=f"it was not drawn within {PATIENCE:.0f} s")
        except ConsoleError as error:
            return Picture(name, title, why=error.brief)
        return Picture(name, title, svg, text)
