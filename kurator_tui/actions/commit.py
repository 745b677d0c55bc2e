"""Applies a plan: wave by wave over its clusters, each write between an intent and an outcome in the audit.

Promises:

- no audit, no write: an intent that cannot be put on the disk ends the plan before its write;
- each write tests that the object still is what was reviewed; where only other fields moved meanwhile, against the
  present version;
- nothing is written twice: a step with an intent and no outcome is read back first, in this run and after a crash;
- it stops with the first failure, with `abort`, and where targets are not healthy between two waves; what was not
  begun is `skipped`, and every step has exactly one last state.

Steps of one cluster are written in order, clusters of a wave at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from kurator_tui.actions.audit import Entry
from kurator_tui.actions.difference import label, value_at
from kurator_tui.actions.guessing import astray
from kurator_tui.actions.health import Tell
from kurator_tui.actions.journal import Kept, Record
from kurator_tui.actions.journal import State as Position
from kurator_tui.actions.plan import Create, Delete, Evict, JsonPatch, Obj, Step, Wait, seen
from kurator_tui.actions.reading_back import read_back
from kurator_tui.actions.sending import writes_status
from kurator_tui.actions.waiting import LOOK, unsettled
from kurator_tui.api.writing import Answer
from kurator_tui.errors import AuditFailed, Conflict, ConsoleError, NotFound, Throttled, Unanswered
from kurator_tui.kinds.plans import Progress, State, Target

AT_ONCE = 8
"""Clusters of a wave that are written to at the same time."""
TRIES = 4
"""Of a write that was refused because something else moved, or because the server asks to wait."""
READ_BACKS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each look at what became of a write that nobody answered for."""
LONGEST_WAIT = 60.0
"""Of a Retry-After, in seconds."""
_FINAL: tuple[State, ...] = ("done", "failed", "unknown", "skipped")
_STATES: dict[str, State] = {"found done": "done", **{state: state for state in _FINAL}}
"""What an outcome in the audit means for the step."""


class Ports(Protocol):
    """What applying needs of the world."""

    async def get(self, target: Target) -> Obj:
        """The object as it is now. Raises ConsoleError."""

    async def send(self, step: Step) -> Answer | None:
        """One write, sent once. Raises ConsoleError as `api.writing` says."""

    async def record(self, entry: Entry) -> None:
        """Have it in the audit, on the disk. Raises AuditFailed."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def soak(self, targets: Sequence[Target], seconds: float, tell: Tell) -> str:
        """Watch the targets for so long; why they are not healthy, or ""."""

    def entry(self, record: Record, target: Target) -> Entry:
        """An entry with who and when."""


class Applying:
    """One plan being applied. `emit` gets every `Progress`; `before` is what the audit knows of an earlier run."""

    def __init__(
        self,
        record: Record,
        ports: Ports,
        emit: Callable[[Progress], None],
        before: Sequence[Position] = (),
    ) -> None:
        self._record = record
        self._ports = ports
        self._emit = emit
        self._before = list(before) or ["waiting"] * len(record.steps)
        self.states: list[State] = ["done" if each == "done" else "waiting" for each in self._before]
        self._why = ""
        """Why nothing more is begun."""
        self._going = asyncio.Event()
        self._going.set()

    def abort(self, why: str = "aborted") -> None:
        """Begin nothing more; writes that were sent are waited for."""
        self._why = self._why or why
        self._going.set()

    def pause(self) -> None:
        """Begin nothing more until `resume`."""
        self._going.clear()
        self._emit(Progress("paused"))

    def resume(self) -> None:
        self._going.set()
        self._emit(Progress("resumed"))

    async def run(self) -> bool:
        """Apply it; whether every step is done. Never raises for what a cluster or the audit does."""
        commit = self._record.commit
        waves = commit.waves or (tuple(dict.fromkeys(kept.step.target.cluster for kept in self._record.steps)),)
        for number, wave in enumerate(_once(waves)):
            if self._why:
                break
            self._emit(Progress("wave", wave=number))
            await self._wave(wave)
            last = number == len(waves) - 1
            if not self._why and commit.soak > 0 and (not last or commit.more):
                await self._soak(number, wave)
        if self._why or not commit.more:
            self._skip_rest()
        counts = tuple(map(self.states.count, _FINAL))
        done, failed, unknown, skipped = counts
        self._emit(Progress("end", message=self._why, done=done, failed=failed, unknown=unknown, skipped=skipped))
        return not self._why and done == len(self.states)

    async def _wave(self, clusters: Sequence[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(cluster: str) -> None:
            async with gate:
                for number, kept in enumerate(self._record.steps):
                    if kept.step.target.cluster == cluster:
                        await self._one(number, kept)

        await asyncio.gather(*map(one, clusters))

    async def _soak(self, wave: int, clusters: Sequence[str]) -> None:
        written = [kept.step.target for kept in self._record.steps if kept.step.target.cluster in clusters]

        def tell(left: float, unjudged: str) -> None:
            self._emit(Progress("soak", message=unjudged, wave=wave, seconds=left))

        why = await self._ports.soak(written, self._record.commit.soak, tell)
        if why:
            self.abort(why)

    def _skip_rest(self) -> None:
        for number, state in enumerate(self.states):
            if state not in _FINAL:
                self._became(number, "skipped", self._why)

    async def _one(self, number: int, kept: Kept) -> None:
        """One step to its last state; a failure stops the plan."""
        earlier = self._before[number]
        if earlier == "done":
            self._became(number, "done", "in an earlier run")
            return
        await self._going.wait()
        if self._why:
            return
        self._became(number, "writing")
        try:
            if earlier in ("begun", "unknown") and await self._resolved(number, kept):
                return
            if kept.step.after is None or await self._waited(number, kept, kept.step.after):
                await self._write(number, kept)
        except AuditFailed as error:
            self._failed(number, "failed", f"not written: {error.message}")

    async def _waited(self, number: int, kept: Kept, wait: Wait) -> bool:
        """Whether what a step waits for has come; where it did not in time, the step failed."""
        left, told = wait.seconds, ""
        while True:
            await self._going.wait()
            if self._why:
                return False
            missing = await unsettled(self._ports.get, wait)
            if not missing:
                self._became(number, "writing")
                return True
            if left <= 0:
                await self._outcome(
                    number, kept, "failed", f"not written, waited in vain for {', '.join(missing)}"
                )
                return False
            if told != (told := f"waits for {', '.join(missing)}"):
                self._became(number, "waiting", told)
            await self._ports.sleep(LOOK)
            left -= LOOK

    async def _write(self, number: int, kept: Kept) -> None:
        """Look, say so, write, say what came of it. Raises AuditFailed where nothing was written for it."""
        try:
            step = await self._tested(kept)
        except ConsoleError as error:
            await self._outcome(number, kept, "failed", f"not written: {error.message}")
            return
        if step is None:
            await self._outcome(number, kept, "done", "it was gone already")
            return
        kept = msgspec.structs.replace(kept, step=step)
        if self._why:
            return
        await self._ports.record(self._entry(number, kept, "intent"))
        try:
            made = await self._sent(number, kept)
        except Unanswered as error:
            await self._unanswered(number, kept, error)
        except ConsoleError as error:
            await self._outcome(number, kept, "failed", error.message)
        else:
            await self._outcome(number, kept, "done", made=made)

    async def _tested(self, kept: Kept) -> Step | None:
        """The step against the present version of its object; None where what it removes is gone.

        Raises ConsoleError: Conflict where a field that it changes is not what was reviewed.
        """
        step = kept.step
        if kept.sealed:
            raise Conflict("its secret values were not kept: plan it again")
        if isinstance(step.write, Create):
            return step
        try:
            present = await self._ports.get(step.target)
        except NotFound:
            if isinstance(step.write, Delete | Evict):
                return None
            if kept.made:
                return step
            raise
        if kept.made:
            raise Conflict("somebody else made one of this name since it was reviewed: plan it again")
        target = seen(step.target, present)
        if step.target.uid and target.uid != step.target.uid:
            if isinstance(step.write, Delete | Evict):
                return None
            raise Conflict("another object has its name now")
        _need_unchanged(kept, target, present)
        if isinstance(step.write, Delete) and step.target.resource_version != target.resource_version:
            target = msgspec.structs.replace(target, resource_version="")  # the same object: its uid is tested
        return msgspec.structs.replace(step, target=target)

    async def _sent(self, number: int, kept: Kept) -> str:
        """Send it until the server takes it or refuses it; the uid of what it made. Raises ConsoleError."""
        tries, waited = 0, 0.0
        while True:
            tries += 1
            try:
                answer = await self._ports.send(kept.step)
            except Throttled as error:
                if self._why or (tries >= TRIES and waited >= getattr(kept.step.write, "patience", 0.0)):
                    raise
                pause = min(error.retry_after or 1.0, LONGEST_WAIT)
                self._became(number, "writing", f"waits {pause:g} s: {error.message}")
                await self._ports.sleep(pause)
                waited += pause
            except Conflict as error:
                again = await self._tested(kept) if tries < TRIES and not error.causes else None
                if again is None or again == kept.step:
                    raise
                kept = msgspec.structs.replace(kept, step=again)
            except NotFound:
                if isinstance(kept.step.write, Delete | Evict):
                    return ""
                raise
            else:
                return _made(kept.step, answer)

    async def _unanswered(self, number: int, kept: Kept, error: Unanswered) -> None:
        """What became of it. A webhook or a proxy may still store it: only the last look finds it unwritten."""
        self._became(number, "writing", "the answer was lost: looking what became of it")
        for seconds in READ_BACKS:
            await self._ports.sleep(seconds)
            found, why, made = await read_back(self._ports.get, kept)
            if found == "written":
                await self._outcome(number, kept, "done", "the answer was lost; read back", made)
                return
        if found == "not written":
            await self._outcome(number, kept, "failed", f"not written: {error.message}")
        else:
            await self._outcome(number, kept, "unknown", f"{error.message} Not read back: {why}")

    async def _resolved(self, number: int, kept: Kept) -> bool:
        """Whether a step that an earlier run began is settled now; where it was not written, it is written."""
        found, why, made = await read_back(self._ports.get, kept)
        if found == "not written":
            await self._ports.record(
                self._entry(number, kept, "outcome", "not written", "read back after a crash")
            )
            return False
        if found == "written":
            await self._outcome(number, kept, "found done", "begun in an earlier run; read back", made)
        else:
            await self._outcome(number, kept, "unknown", f"begun in an earlier run; {why}")
        return True

    async def _outcome(self, number: int, kept: Kept, outcome: str, message: str = "", made: str = "") -> None:
        """Put it on the disk, then tell it. What cannot be put there stops the plan, and is told all the same."""
        state = _STATES[outcome]
        try:
            entry = self._entry(number, kept, "outcome", outcome, message)
            await self._ports.record(msgspec.structs.replace(entry, made=made))
        except AuditFailed as error:
            self._failed(number, state, f"{outcome}, but the audit failed: {error.message}")
            return
        if state == "done":
            self._became(number, state, message)
        else:
            self._failed(number, state, message)

    def _failed(self, number: int, state: State, message: str) -> None:
        self._became(number, state, message)
        self.abort(f"stopped: {self._record.steps[number].step.target.label}: {message}")

    def _became(self, number: int, state: State, message: str = "") -> None:
        self.states[number] = state
        self._emit(Progress("step", step=number, state=state, message=message))

    def _entry(self, number: int, kept: Kept, event: str, outcome: str = "", message: str = "") -> Entry:
        begins = event == "intent"
        return msgspec.structs.replace(
            self._ports.entry(self._record, kept.step.target),
            event=event,
            step=number,
            request=kept.step.write.words,
            diff=kept.lines if begins else (),
            dry_run=kept.dry_run if begins else "",
            outcome=outcome,
            message=message,
        )


def _once(waves: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """`waves` with each cluster in the first one that names it only: what is written there is written once."""
    known: set[str] = set()
    once: list[tuple[str, ...]] = []
    for wave in waves:
        once.append(tuple(each for each in dict.fromkeys(wave) if each not in known))
        known.update(wave)
    return once


def _need_unchanged(kept: Kept, now: Target, present: Obj) -> None:
    """Raises Conflict where what would be written is not what was reviewed."""
    step = kept.step
    for each in kept.changed:
        if value_at(present, each.path) != each.before:
            raise Conflict(f"changed since it was reviewed: {label(each.path)}")
    if isinstance(step.write, JsonPatch) and step.target.resource_version != now.resource_version:
        other = astray(step.write, present, kept.changed, status=writes_status(step))
        if other:
            raise Conflict(f"changed since it was reviewed: it would write {label(other)} now")


def _made(step: Step, answer: Answer | None) -> str:
    """Uid of the object that a write made, "" where it was there before."""
    part = isinstance(step.write, Create) and step.write.subresource
    if answer is None or not answer.made or part:
        return ""
    return seen(step.target, answer.obj).uid
