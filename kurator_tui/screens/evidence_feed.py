"""Asks for all parts of one incident's evidence, in parallel, each once; `changed` is called after each answer.

What is live goes on: the object that leads, its events, releases. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.alerts import AlertRow
from kurator_tui.kinds.audit import AuditRow, audit_rows
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import IncidentRow, incident_subject
from kurator_tui.kinds.reading import LIVE, Collector, Which
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.metrics import PanelData, PanelHandle, PanelQuery, open_panel
from kurator_tui.screens.evidence_about import Meant
from kurator_tui.screens.evidence_logs import ExcerptReading, subject_of
from kurator_tui.screens.evidence_origin import origin
from kurator_tui.screens.evidence_parts import Answer, Evidence, findings_of, follows_of, meaning_of, workload_of
from kurator_tui.screens.recalled import Recalled
from kurator_tui.screens.rollout_timeline import Entry, Timeline
from kurator_tui.screens.source import Source, Stream
from kurator_tui.screens.then import nobody_read, read_then, row_told
from kurator_tui.screens.timed import of_then, recall
from kurator_tui.store.trail import Trail

READER = "evidence"
SPAN = 1800.0
"""Seconds that charts tell of, most of it before the beginning."""
AFTER = 300.0
"""Seconds after the beginning that they still tell of."""
POINTS = 60
AGAIN = 3.0
"""Seconds between two questions for the findings, while they change."""
_PANELS = {
    "workload": {"memory": "Memory used", "cpu": "CPU used", "restarts": "Restarts in 1 h"},
    "nodes": {"memory": "Memory used", "cpu": "CPU used", "disk": "Disk used"},
}
"""Page -> its panels that are looked at: id -> title."""

Run = Callable[[Coroutine[Any, Any, None]], object]


class EvidenceFeed:
    """Reads the parts of `row` into `known` from `open` to `close`."""

    def __init__(
        self,
        source: Source,
        row: IncidentRow,
        clock: Callable[[], float],
        changed: Callable[[], None],
        run: Run,
        trail: Trail | None = None,
    ) -> None:
        """`run` runs a coroutine beside the console; `trail` is what was seen of rollouts, if they were open."""
        self.known = Evidence(row)
        self._source, self._clock, self._changed, self._run = source, clock, changed, run
        self._trail = trail
        self._streams: list[Stream | PanelHandle] = []
        self._timeline = Timeline()
        self._logs: ExcerptReading | None = None
        self._findings_of = self._findings_at = 0.0
        """Which state of the incident its findings are of, and when they were asked for."""
        self._audited: list[AuditRow] | None = None
        self._firing: list[AlertRow] | None = None

    # -- life -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Ask for everything."""
        self._source.subscribe(ROLLOUTS.id, reader=READER)
        self._read_object()
        self._run(self._ask_findings())
        self._run(self._ask_meaning())
        self._run(self._ask_audit())
        self._run(self._ask_alerts())

    def close(self) -> None:
        """Nothing more is read."""
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        if self._logs is not None:
            self._logs.close()
        self._source.unsubscribe(ROLLOUTS.id, READER)

    # -- findings, and what follows from them -----------------------------------------------------------------

    async def _ask_findings(self) -> None:
        known = self.known
        known.findings = await self._findings()
        known.workload = workload_of(known.findings.value or ())
        self._match()
        self._read_logs()
        self._read_workload()
        self._read_charts()
        self._changed()

    async def _ask_meaning(self) -> None:
        try:
            self.known.means = meaning_of(await self._source.call("explain", code=self.known.row.code))
        except ConsoleError as error:
            self.known.means = Answer(why=error.brief)
        except ValueError as error:
            self.known.means = Answer(why=f"the answer is no page: {error}")
        self._changed()

    async def _findings(self) -> Answer[list[FindingRow]]:
        row = self.known.row
        self._findings_of, self._findings_at = row.changed, self._clock()
        try:
            answer = await self._source.call("incident", uid=row.uid)
            if (then := await recall(self._source, row.uid)) is not None:
                self._as_it_was(then)
            self.known.follows = follows_of(answer)
            return Answer(findings_of(answer))
        except ConsoleError as error:
            return Answer(why=error.brief)
        except ValueError as error:
            return Answer(why=f"the answer is no list: {error}")

    def _as_it_was(self, then: Recalled) -> None:
        """The incident is over: what was recorded of it."""
        self.known.as_of = then.at
        if (subject := incident_subject(self.known.row)) is not None:
            self.known.row_said = row_told(then.store, subject, then.at)

    def follow(self) -> None:
        """Other findings are asked for again, not too often; the rest is of the beginning."""
        due = self._clock() - self._findings_at >= AGAIN
        if self.known.findings.settled and self.known.row.changed != self._findings_of and due:
            self._run(self._ask_again())

    async def _ask_again(self) -> None:
        found = await self._findings()
        if found.value is not None:
            self.known.findings = found
            self._match()
            self._changed()

    def _read_logs(self) -> None:
        whose = subject_of(self.known)
        if isinstance(whose, str):
            self.known.logs = Answer(why=whose)
            return

        def told(answer: Answer[Any]) -> None:
            self.known.logs = answer
            self._changed()

        self._logs = ExcerptReading(self._source, self.known, whose, self._clock, told)
        self._logs.open()

    # -- objects ----------------------------------------------------------------------------------------------

    def _read_object(self) -> None:
        """The object of the finding that leads, with its events, as long as the card is there."""
        known = self.known
        subject = incident_subject(known.row)
        kind = KINDS.get(subject.kind) if subject is not None else None
        if subject is None or kind is None or kind.derived:
            why = (
                "it is about no single object" if subject is None else "what it is about is joined of many objects"
            )
            known.object, known.events = Answer(why=why), Answer(why=why)
            return
        which = Which(subject.cluster, subject.kind, subject.namespace, subject.name)
        collector = Collector()

        def told(data: bytes) -> None:
            collector.take(data)
            if collector.object is not None:
                known.object = Answer(collector.object)
            if collector.owners:
                known.owners = tuple(collector.owners)
            known.events = _events(collector, known.events)
            if collector.standing is not None and collector.standing.reason and collector.object is None:
                known.object = Answer(why=collector.standing.reason)
                known.row_said = known.row_said or row_told(self._source.store, subject, self._clock())
            self._changed()

        def ended(end: StreamEnded) -> None:
            why = f"{end.title}: {end.message}" if end.title else "it cannot be read"
            known.object = known.object if known.object.value is not None else Answer(why=why)
            known.events = known.events if known.events.value is not None else Answer(why=why)
            self._changed()

        self._stream(which, told, ended)

    def _stream(self, which: Which, told: Callable[[bytes], None], ended: Callable[[StreamEnded], None]) -> None:
        arguments = {
            "cluster": which.cluster,
            "kind": which.kind,
            "namespace": which.namespace,
            "name": which.name,
            "managed": "1",
        }
        self._streams.append(self._source.open_stream("object", arguments, told, ended))

    def _read_workload(self) -> None:
        """What the object belongs to, once; then where that comes from."""
        known = self.known
        workload, subject = known.workload, incident_subject(known.row)
        if workload is None or (
            subject is not None and (subject.kind, subject.name) == (workload.kind, workload.name)
        ):
            known.belongs = Answer(why="it is its own workload" if workload else "no owner is known")
            known.deploys = Answer([])
            self._run(self._ask_origin())
            return
        collector = Collector()

        def told(data: bytes) -> None:
            collector.take(data)
            if collector.object is not None:
                settle(Answer(collector.object))
            elif collector.standing is not None and collector.standing.reason:
                settle(Answer(why=collector.standing.reason))
            events = _events(collector, known.deploys)
            own = [each for each in events.value or () if each.object_name == workload.name]  # not of its pods
            known.deploys = Answer(own) if events.value is not None else events
            self._changed()

        def ended(end: StreamEnded) -> None:
            why = f"{end.title}: {end.message}" if end.title else "it cannot be read"
            settle(Answer(why=why))
            known.deploys = known.deploys if known.deploys.settled else Answer(why=why)
            self._changed()

        def settle(answer: Answer[dict[str, Any]]) -> None:
            if not known.belongs.settled:
                known.belongs = answer
                self._run(self._ask_origin())

        self._stream(workload.which, told, ended)

    async def _ask_origin(self) -> None:
        """Where the workload, or else the object, comes from."""
        known = self.known
        obj = known.belongs.value or known.object.value
        if obj is None and not known.object.settled:  # asked for at the same time: wait for its stream
            self._origin_waits = True
            return
        cluster = known.row.target.partition("/")[0] or HOST
        why = known.belongs.why if known.workload is not None else known.object.why
        known.origin = await origin(self._source, cluster, obj, why)
        self._changed()

    _origin_waits = False

    def object_came(self) -> None:
        """The object that leads was answered: what waited for it goes on."""
        if self._origin_waits and self.known.object.settled:
            self._origin_waits = False
            self._run(self._ask_origin())

    # -- what was done, what is told --------------------------------------------------------------------------

    async def _ask_audit(self) -> None:
        try:
            self._audited = audit_rows(await self._source.call("audit"))
        except ConsoleError as error:
            self.known.audit = Answer(why=error.brief)
        except msgspec.DecodeError as error:
            self.known.audit = Answer(why=f"the audit cannot be read: {error}")
        self._match()
        self._changed()

    async def _ask_alerts(self) -> None:
        try:
            answers = await self._source.call_all("alerts")
            self._firing = [each for answer in answers for each in _alerts(answer)]
        except ConsoleError as error:
            self.known.alerts = Answer(why=error.brief)
        except msgspec.DecodeError as error:
            self.known.alerts = Answer(why=f"the alerts cannot be read: {error}")
        self._match()
        self._changed()

    def _match(self) -> None:
        """What of the audit and the alerts is about the incident, once it is known what that is about."""
        known = self.known
        if not known.findings.settled:
            return
        about = Meant(known.findings.value or (), known)
        if self._audited is not None:
            now = self._clock()
            known.audit = Answer([row for row in self._audited if about.audited(row) and row.created <= now])
        if self._firing is not None:
            known.alerts = Answer([row for row in self._firing if about.alert(row)])

    def gather_releases(self) -> None:
        """What rollouts of the same application or workload did, as rows tell it now."""
        known = self.known
        if not known.findings.settled:
            return
        about = Meant(known.findings.value or (), known)
        store = self._source.store
        if of_then(self._source) and not read_then(store, ROLLOUTS.id):
            known.releases = Answer(why=nobody_read(ROLLOUTS.id))
            return
        rows = [row for row in store.rows(ROLLOUTS.id) if isinstance(row, RolloutRow)]
        meant = [row for row in rows if about.rollout(row)]
        told: list[Entry] = self._timeline.entries(
            [(row, self._trail.states(row.key) if self._trail is not None else ()) for row in meant], self._clock()
        )
        known.releases = Answer([each for each in told if each.at <= self._clock()])

    # -- metrics ----------------------------------------------------------------------------------------------

    def _read_charts(self) -> None:
        known = self.known
        cluster = known.row.target.partition("/")[0]
        subject = incident_subject(known.row)
        if subject is not None and subject.kind == "nodes":
            page, variables = "nodes", {"node": subject.name}
        elif known.workload is not None:
            page = "workload"
            variables = {"namespace": known.workload.namespace, "workload": known.workload.name}
        else:
            known.charts_why = "no panel is about what this is about"
            return
        now, end = self._clock(), known.began + AFTER
        for panel, title in _PANELS[page].items():
            known.charts[title] = Answer()
            self._panel(
                title,
                PanelQuery(
                    page,
                    panel,
                    clusters=(cluster,),
                    variables=variables,
                    seconds=SPAN,
                    end=end if end < now else 0.0,
                    points=POINTS,
                ),
            )

    def _panel(self, title: str, query: PanelQuery) -> None:
        """One answer: it is about the past."""
        charts = self.known.charts

        def told(data: PanelData) -> None:
            why = data.error.message or data.error.title if data.error is not None else ""
            empty = "" if data.series else "there are no series"
            charts[title] = Answer(why=why or empty) if why or empty else Answer(data)
            handle.close()
            self._changed()

        def ended(end: StreamEnded) -> None:
            if not charts[title].settled:
                charts[title] = Answer(why=end.message or end.title or "nothing was answered")
                self._changed()

        handle = open_panel(self._source, query, told, ended)
        self._streams.append(handle)


def _events(collector: Collector, before: Answer[list[EventRow]]) -> Answer[list[EventRow]]:
    """The events of an object, as far as they were told."""
    standing = collector.events_standing
    if collector.events or (standing is not None and standing.state == LIVE):
        return Answer(list(collector.events.values()))
    return Answer(why=standing.reason) if standing is not None and standing.reason else before


class _Alert(msgspec.Struct, frozen=True):
    """An alert as the call tells it."""

    cluster: str
    namespace: str
    name: str
    uid: str
    created: float
    state: str = ""
    severity: str = ""
    summary: str = ""
    target: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def _alerts(answer: str) -> list[AlertRow]:
    """Raises msgspec.DecodeError."""
    return [AlertRow(**msgspec.structs.asdict(each)) for each in msgspec.json.decode(answer, type=list[_Alert])]
