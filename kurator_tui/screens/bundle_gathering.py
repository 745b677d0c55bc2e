"""Gathers what a bundle of one incident holds: evidence, objects, what was done. Nothing is written or drawn.

Everything is asked for in parallel and has its time; what did not answer until then is told as such.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.audit import AuditRow, audit_rows
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.blindspots import BLINDSPOTS, BlindspotRow
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.inbox import InboxRow
from kurator_tui.kinds.incidents import IncidentRow, incident_subject
from kurator_tui.kinds.reading import Collector, Which
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.shapes import at, text
from kurator_tui.screens.evidence_feed import EvidenceFeed
from kurator_tui.screens.evidence_parts import Answer, Evidence, workload_of
from kurator_tui.screens.recalled import Recalled, about, concerned
from kurator_tui.screens.source import Source
from kurator_tui.screens.timed import of_then, recall
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.trail import Trail

PATIENCE = 15.0
"""Seconds for which the parts of the evidence are waited for."""
OBJECTS = 24
"""Objects that are read."""
AT_ONCE = 6
WORKLOADS = 8
"""Workloads whose events are read."""
EVENTS_PATIENCE = 5.0
"""Seconds for which they are waited for."""
BEHIND = 0.1
"""Seconds within which events follow the word that they are known."""
ROWS_PATIENCE = 15.0
"""Seconds for which the rows of the objects are waited for."""
BEFORE = 3600.0
"""Seconds before the beginning from which changes that were made are told."""
READER = "bundle"
LATE = "it was not answered in time"


@dataclass(slots=True)
class Gathered:
    """What is known of one incident, as it may be handed on after `bundle_content.cleared`."""

    known: Evidence
    now: float
    host: str = ""
    """What was looked at: the context, or the server."""
    objects: list[tuple[Which, Answer[dict[str, Any]]]] = field(default_factory=list)
    """The one that leads first."""
    rows: list[Row] = field(default_factory=list)
    """Of the kind of the object that leads."""
    rows_at: dict[str, Freshness] = field(default_factory=dict)
    """How fresh these were, by cluster."""
    events: list[EventRow] = field(default_factory=list)
    """Of its workloads and of what they made, where they were told in time."""
    audit: Answer[list[AuditRow]] = field(default_factory=Answer)
    """What was changed in its clusters within its time."""
    blind: list[BlindspotRow] = field(default_factory=list)
    """What could not be read in its clusters."""
    stale: list[tuple[str, Freshness]] = field(default_factory=list)
    """Its clusters that do not answer."""
    then: Recalled | None = None
    """What was recorded of one that is over, or at the moment shown."""
    was: list[tuple[str, Row]] = field(default_factory=list)
    """(kind's id, row) of its objects as they were recorded, the one that leads first."""


class Gathering:
    """One question for everything; `gather` may be called once."""

    def __init__(
        self, source: Source, row: InboxRow | IncidentRow, clock: Callable[[], float], trail: Trail | None = None
    ) -> None:
        self._source, self._row, self._clock, self._trail = source, row, clock, trail
        self._tasks: set[asyncio.Task[None]] = set()

    async def gather(self, known: Evidence | None = None) -> Gathered:
        """Everything; `known` is evidence that somebody has already."""
        if known is None or not known.settled:
            known = await self._evidence()
        known = replace(known, row=self._row, charts=dict(known.charts))
        host = self._source.host
        found = Gathered(known, self._clock(), host.context or host.server if host is not None else "")
        objects, audit, found.events, (rows, fresh) = await asyncio.gather(
            self._objects(known), self._audit(known), self._events(known), self._rows(known)
        )
        found.objects, found.audit, found.rows, found.rows_at = objects, audit, rows, fresh
        await self._remember(found)
        clusters = frozenset(self._row.clusters)
        blind = (row for row in self._source.store.rows(BLINDSPOTS.id) if isinstance(row, BlindspotRow))
        found.blind = sorted((row for row in blind if row.cluster in clusters), key=lambda row: row.uid)
        for cluster in sorted(clusters):
            freshness = self._source.store.freshness(cluster)
            if not freshness.trustworthy:
                found.stale.append((cluster, freshness))
        return found

    async def _remember(self, found: Gathered) -> None:
        """What was recorded of an incident that is over, or at the moment shown: rows, and what events said."""
        findings = found.known.findings.value or ()
        then = await recall(self._source, self._row.uid)
        if then is None and of_then(self._source):
            then = Recalled(found.now, "", about(self._source.store, self._row, findings))
        found.then = then
        if then is None:
            return
        for kind, cluster, namespace, name in concerned(self._row, findings):
            rows = then.store.rows(kind, cluster)
            found.was += ((kind, row) for row in rows if (row.namespace, row.name) == (namespace, name))
        known = {each.uid for each in found.events}
        told = (each for each in then.store.rows(EVENT.id) if isinstance(each, EventRow))
        found.events += (each for each in told if each.uid not in known)

    # -- evidence ---------------------------------------------------------------------------------------------

    async def _evidence(self) -> Evidence:
        changed = asyncio.Event()
        feed = EvidenceFeed(self._source, self._row, self._clock, changed.set, self._run, self._trail)
        feed.open()
        try:
            async with asyncio.timeout(PATIENCE):
                while not feed.known.settled:
                    await changed.wait()
                    changed.clear()
                    feed.object_came()
                    feed.gather_releases()
                await asyncio.sleep(BEHIND)
        except TimeoutError:
            feed.known.give_up(LATE)
        finally:
            feed.close()
            for task in tuple(self._tasks):
                task.cancel()
        return feed.known

    def _run(self, asking: Coroutine[Any, Any, None]) -> object:
        task = asyncio.get_running_loop().create_task(asking)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- objects ----------------------------------------------------------------------------------------------

    async def _objects(self, known: Evidence) -> list[tuple[Which, Answer[dict[str, Any]]]]:
        """What is `wanted`; an owner is known by name only: one that is not there was another's."""
        turn, sure = asyncio.Semaphore(AT_ONCE), _named(known)

        async def read(which: Which) -> tuple[Which, Answer[dict[str, Any]] | None]:
            async with turn:
                return which, await self._object(which, sure=which in sure)

        told = await asyncio.gather(*map(read, wanted(known)))
        return [(which, answer) for which, answer in told if answer is not None]

    async def _object(self, which: Which, *, sure: bool) -> Answer[dict[str, Any]] | None:
        where = {"cluster": which.cluster, "kind": which.kind, "namespace": which.namespace, "name": which.name}
        try:
            async with asyncio.timeout(PATIENCE):
                found = json.loads(await self._source.call("object", managed="1", **where))
        except ConsoleError as error:
            return Answer(why=error.brief) if sure or error.title != NotFound.title else None
        except (TimeoutError, ValueError):
            return Answer(why="it was not answered")
        return Answer(found) if isinstance(found, dict) else Answer(why="the answer is no object")

    async def _events(self, known: Evidence) -> list[EventRow]:
        """Of each workload that findings name; of what they make, too."""
        found = {
            workload.which: None
            for each in known.findings.value or ()
            if (workload := workload_of([each])) is not None
        }
        told = await asyncio.gather(*map(self._events_of, list(found)[:WORKLOADS]))
        return [event for events in told for event in events]

    async def _events_of(self, which: Which) -> list[EventRow]:
        collector, told, came = Collector(), asyncio.Event(), asyncio.Event()

        def flowed(data: bytes) -> None:
            collector.take(data)
            came.set()
            if collector.events_standing is not None:
                told.set()

        where = {"cluster": which.cluster, "kind": which.kind, "namespace": which.namespace, "name": which.name}
        stream = self._source.open_stream("object", where, flowed, lambda _end: told.set())
        try:
            async with asyncio.timeout(EVENTS_PATIENCE):
                await told.wait()
                while came.is_set():
                    came.clear()
                    await asyncio.sleep(BEHIND)
        except TimeoutError:
            pass
        finally:
            stream.close()
        return list(collector.events.values())

    async def _rows(self, known: Evidence) -> tuple[list[Row], dict[str, Freshness]]:
        """The rows of the objects that are of the same kind as the one that leads, and how fresh they are."""
        subject = incident_subject(known.row)
        if subject is None or subject.kind not in KINDS:
            return [], {}
        meant = {
            (each.cluster, each.namespace, each.name)
            for each in known.findings.value or ()
            if each.kind == subject.kind
        } | {(subject.cluster, subject.namespace, subject.name)}
        clusters = tuple(sorted({cluster for cluster, _namespace, _name in meant}))
        store, told = self._source.store, asyncio.Event()
        stops = (store.listen(lambda *_: told.set()), store.listen_freshness(lambda *_: told.set()))
        self._source.subscribe(subject.kind, clusters, reader=READER)
        try:
            async with asyncio.timeout(ROWS_PATIENCE):
                while (
                    len(rows := self._meant(subject.kind, meant)) < len(meant)
                    and not self._read(subject.kind, clusters)
                    and not of_then(self._source)
                ):
                    told.clear()
                    await told.wait()
        except TimeoutError:
            rows = self._meant(subject.kind, meant)
        finally:
            for stop in stops:
                stop()
            fresh = {cluster: store.freshness(cluster, subject.kind) for cluster in clusters}
            self._source.unsubscribe(subject.kind, READER)
        return rows, fresh

    def _meant(self, kind: str, meant: Iterable[tuple[str, str, str]]) -> list[Row]:
        places = frozenset(meant)
        return [row for row in self._source.store.rows(kind) if (row.cluster, row.namespace, row.name) in places]

    def _read(self, kind: str, clusters: Iterable[str]) -> bool:
        """Whether all rows of the kind are known, or will not be."""
        store, waiting = self._source.store, (State.CONNECTING, State.SYNCING)
        for cluster in clusters:
            lives = store.freshness(cluster).state in (State.LIVE, *waiting)
            told = store.told(cluster, kind)
            if lives and (told is None or told.state in waiting):
                return False
        return True

    # -- what was done ----------------------------------------------------------------------------------------

    async def _audit(self, known: Evidence) -> Answer[list[AuditRow]]:
        try:
            rows = audit_rows(await self._source.call("audit"))
        except ConsoleError as error:
            return Answer(why=error.brief)
        except msgspec.DecodeError as error:
            return Answer(why=f"the audit cannot be read: {error}")
        return Answer(within(rows, known))


def within(rows: Iterable[AuditRow], known: Evidence) -> list[AuditRow]:
    """What was changed in an incident's clusters from an hour before it began until it was over, oldest first."""
    row = known.row
    until = row.resolved_at or float("inf")
    found = [
        each
        for each in rows
        if known.began - BEFORE <= each.created <= until and (each.cluster in row.clusters or not each.cluster)
    ]
    return sorted(found, key=lambda each: each.created)


def _named(known: Evidence) -> dict[Which, None]:
    """The objects that something is wrong with, the one that leads first."""
    subject = incident_subject(known.row)
    leads = [subject] if subject is not None else []
    return {
        Which(each.cluster, each.kind, each.namespace, each.name): None
        for each in (*leads, *(known.findings.value or ()))
    }


def wanted(known: Evidence) -> list[Which]:
    """Which objects are read: the one that leads, what it belongs to, one a cluster and kind, then others."""
    found: dict[Which, None] = {}
    subject = incident_subject(known.row)
    if subject is not None:
        found[Which(subject.cluster, subject.kind, subject.namespace, subject.name)] = None
    if known.workload is not None:
        found[known.workload.which] = None
    if subject is not None and (node := text(at(known.object.value, "spec", "nodeName"))):
        found[Which(subject.cluster, "nodes", "", node)] = None
    kinds = {kind.name: kind for kind in KINDS.values() if not kind.derived}
    for word, name in known.owners if subject is not None else ():
        if (kind := kinds.get(word)) is not None and subject is not None and "/" not in name and " " not in name:
            found[Which(subject.cluster, kind.id, subject.namespace if kind.namespaced else "", name)] = None
    told = _named(known)
    seen: set[tuple[str, str]] = set()
    for which in told:
        if (which.cluster, which.kind) not in seen:
            seen.add((which.cluster, which.kind))
            found[which] = None
    for each in known.findings.value or ():
        if (workload := workload_of([each])) is not None:
            found[workload.which] = None
    found.update(told)
    readable = [which for which in found if which.kind in KINDS and not KINDS[which.kind].derived]
    return readable[:OBJECTS]
