"""What the rollout engine itself sees: each gate's query asked of the member's own Prometheus, once an interval.

Asked only while somebody reads rollouts and the analysis goes on. At most `AT_ONCE` questions are under way over
the fleet, and one in a member, so that a Prometheus that hangs holds one place for `DEADLINE` seconds, then rests.
Where the member cannot be asked Thanos is, by the member's label, and the gate says so.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.api.backoff import lapse
from kurator_tui.errors import ConsoleError, TimedOut
from kurator_tui.kinds.flagger import CANARY, METRIC_TEMPLATE
from kurator_tui.kinds.rollout_events import milliseconds_of
from kurator_tui.kinds.rollouts import Gate, Verdict
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.metrics.answers import Answer
from kurator_tui.metrics.gates import Question, Server, Target, Template, questions
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

AT_ONCE = 8
DEADLINE = 10.0
SHORTEST, USUAL = 10.0, 60.0
"""Seconds between two checks of Flagger: the least, and without an interval."""
REST = 60.0
"""Seconds for which a member that did not answer in time is not asked."""
VALUES = 30
TICK = 1.0
"""Seconds between two looks at which gates are due."""
GOING = frozenset(("Progressing", "WaitingPromotion", "Waiting"))
"""Phases in which Flagger asks its gates."""
MEMBER, THANOS = "member", "thanos"

Place = tuple[str, str, str]
"""(cluster, namespace, canary)."""
AskMember = Callable[[str, Server, str], Awaitable[Answer]]
"""(cluster, where, PromQL). Raises ConsoleError."""
AskThanos = Callable[[str, str], Awaitable[Answer]]
"""(cluster, PromQL). Raises ConsoleError."""
Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class _Watched:
    """One Canary's gates. `made_of` are the rows they were made of."""

    made_of: tuple[object, ...] = ()
    questions: tuple[Question, ...] = ()
    gates: tuple[Gate, ...] = ()
    interval: float = USUAL
    due: float = 0.0
    going: bool = False
    asking: asyncio.Task[None] | None = field(default=None, repr=False)


class GateReadings:
    """The gates of every Canary in `store`. `changed` is called with the cluster whose gates are others now."""

    def __init__(
        self,
        store: Store,
        ask_member: AskMember,
        ask_thanos: AskThanos,
        *,
        wanted: Callable[[], bool],
        changed: Callable[[str], None],
        clock: Callable[[], float],
        now: Callable[[], float] = lapse,
    ) -> None:
        self._store = store
        self._ask_member = ask_member
        self._ask_thanos = ask_thanos
        self._wanted = wanted
        self._changed = changed
        self._clock = clock
        self._now = now
        self._watched: dict[Place, _Watched] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._turns: dict[str, asyncio.Lock] = {}
        self._resting: dict[str, float] = {}
        """Until when a member is not asked."""

    def of(self, cluster: str, namespace: str, canary: str) -> tuple[Gate, ...]:
        """The gates of a Canary as they are known now; the provider of `fleet.derived`."""
        watched = self._watched.get((cluster, namespace, canary))
        return watched.gates if watched is not None else ()

    async def run(self, sleep: Sleep = asyncio.sleep) -> None:
        """Ask what is due, until cancelled."""
        try:
            while True:
                self.look()
                await sleep(TICK)
        finally:
            tasks = self.asking()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def asking(self) -> list[asyncio.Task[None]]:
        """What is under way."""
        return [watched.asking for watched in self._watched.values() if watched.asking is not None]

    def look(self) -> None:
        """Take up Canaries that are new or changed, and begin to ask those that are due."""
        if not self._wanted():
            for watched in self._watched.values():
                if watched.asking is not None:
                    watched.asking.cancel()
            self._watched.clear()
            return
        seen: set[Place] = set()
        for cluster in self._store.clusters(CANARY.id):
            templates = {
                (row.namespace, row.name): row
                for row in self._store.rows(METRIC_TEMPLATE.id, cluster)
                if isinstance(row, ObjectRow)
            }
            for row in self._store.rows(CANARY.id, cluster):
                if isinstance(row, ObjectRow):
                    seen.add((cluster, row.namespace, row.name))
                    self._take(row, templates)
        for place in self._watched.keys() - seen:
            gone = self._watched.pop(place)
            if gone.asking is not None:
                gone.asking.cancel()

    def _take(self, row: ObjectRow, templates: Mapping[tuple[str, str], ObjectRow]) -> None:
        place = (row.cluster, row.namespace, row.name)
        watched = self._watched.setdefault(place, _Watched())
        analysis = part(CANARY, row, "analysis")
        made_of = (row, *_named(analysis, row.namespace, templates))
        if len(made_of) != len(watched.made_of) or any(
            a is not b for a, b in zip(made_of, watched.made_of, strict=True)
        ):
            watched.made_of = made_of
            self._make(watched, row, analysis, templates)
        due = watched.going and watched.asking is None and self._now() >= watched.due
        if due and any(not question.error for question in watched.questions):
            watched.due = self._now() + watched.interval
            watched.asking = asyncio.create_task(self._ask_all(place, watched), name=f"gates {row.name}")
            watched.asking.add_done_callback(lambda task: _done(watched, task))

    def _make(
        self,
        watched: _Watched,
        row: ObjectRow,
        analysis: Any,
        templates: Mapping[tuple[str, str], ObjectRow],
    ) -> None:
        """Questions of a Canary that is new or changed; gates keep what they saw as long as their query stays."""
        status = part(CANARY, row, "status") or {}
        asked = questions(analysis, _target(row), lambda *place: _template(templates.get(place)))
        before = {(gate.name, gate.query): gate for gate in watched.gates}
        going = status.get("phase") in GOING
        if going and not watched.going:
            before, watched.due = {}, 0.0  # another analysis: what the last one saw is not its own
        watched.going, watched.questions = going, asked
        watched.interval = _interval(analysis)
        gates = tuple(_unasked(each, before.get((each.name, each.query))) for each in asked)
        if gates != watched.gates:
            watched.gates = gates
            self._changed(row.cluster)

    # -- asking -------------------------------------------------------------------------------------------------

    async def _ask_all(self, place: Place, watched: _Watched) -> None:
        """Each question of one Canary, one after the other."""
        asked = watched.questions
        for number, question in enumerate(asked):
            if question.error:
                continue
            gate = await self._ask(place[0], question, watched.gates[number])
            if watched.questions is not asked:
                return  # they are others now
            watched.gates = (*watched.gates[:number], gate, *watched.gates[number + 1 :])
        self._changed(place[0])

    async def _ask(self, cluster: str, question: Question, before: Gate) -> Gate:
        note = ""
        async with self._turns.setdefault(cluster, asyncio.Lock()):
            if question.server is None:
                note = "its address is no service of the member"
            elif self._now() < self._resting.get(cluster, -math.inf):
                note = "the member's Prometheus did not answer in time"
            else:
                try:
                    async with self._places, asyncio.timeout(DEADLINE):
                        answer = await self._ask_member(cluster, question.server, question.query)
                    return read(before, question, answer, self._clock(), MEMBER, "")
                except TimeoutError:
                    self._resting[cluster] = self._now() + REST
                    note = "the member's Prometheus did not answer in time"
                except ConsoleError as error:
                    if isinstance(error, TimedOut):
                        self._resting[cluster] = self._now() + REST
                    note = f"the member's Prometheus: {error.brief}"
        try:
            answer = await self._ask_thanos(cluster, question.query)
        except ConsoleError as error:
            verdict = str(Verdict.ERROR)
            values = (question.name, question.query, question.low, question.high, before.values, before.at)
            return Gate(*values, verdict, before.seen_in, f"{note}; Thanos: {error.brief}")
        return read(before, question, answer, self._clock(), THANOS, f"seen by Thanos: {note}")


def _done(watched: _Watched, task: asyncio.Task[None]) -> None:
    watched.asking = None
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.error("gates: unexpected error", exc_info=error)


def read(before: Gate, question: Question, answer: Answer, at: float, seen_in: str, note: str) -> Gate:
    """The gate after one more answer. Flagger takes the first sample, and NaN for no value at all."""
    value = answer.samples[0].value if answer.samples else math.nan
    if math.isnan(value):
        verdict, values = Verdict.NO_VALUES, before.values
    else:
        values = (*before.values, value)[-VALUES:]
        low, high = question.low, question.high
        bad = (low is not None and value < low) or (high is not None and value > high)
        verdict = Verdict.BAD if bad else Verdict.OK
    return Gate(
        question.name, question.query, question.low, question.high, values, at, str(verdict), seen_in, note
    )


def _unasked(question: Question, before: Gate | None) -> Gate:
    """The gate of a question that was made anew."""
    if question.error:
        return Gate(
            question.name, "", question.low, question.high, verdict=str(Verdict.ERROR), note=question.error
        )
    if before is None:
        return Gate(question.name, question.query, question.low, question.high)
    head = (question.name, question.query, question.low, question.high)
    return Gate(*head, before.values, before.at, before.verdict, before.seen_in, before.note)


def _named(
    analysis: Any, namespace: str, templates: Mapping[tuple[str, str], ObjectRow]
) -> Iterable[ObjectRow | None]:
    """The rows of the templates that an analysis names."""
    metrics = analysis.get("metrics") if isinstance(analysis, Mapping) else None
    for metric in metrics if isinstance(metrics, list) else ():
        reference = metric.get("templateRef") if isinstance(metric, Mapping) else None
        if isinstance(reference, Mapping):
            yield templates.get((str(reference.get("namespace") or namespace), str(reference.get("name") or "")))


def _template(row: ObjectRow | None) -> Template | None:
    if row is None:
        return None
    query, kind, address = (part(METRIC_TEMPLATE, row, name) for name in ("query", "type", "address"))
    return Template(str(query or ""), str(kind or ""), str(address or ""))


def _target(row: ObjectRow) -> Target:
    target, service, spec = (part(CANARY, row, name) for name in ("target", "service", "spec"))
    spec = spec if isinstance(spec, Mapping) else {}
    return Target(
        row.name,
        row.namespace,
        _text(target, "name"),
        _text(service, "name"),
        str(part(CANARY, row, "ingress") or ""),
        str(spec.get("provider") or "istio"),
        str(spec.get("metricsServer") or ""),
    )


def _text(found: Any, key: str) -> str:
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


def _interval(analysis: Any) -> float:
    value = analysis.get("interval") if isinstance(analysis, Mapping) else None
    found = milliseconds_of(value) if isinstance(value, str) and len(value) < 40 else None
    return max(SHORTEST, found / 1000 if found else USUAL)
