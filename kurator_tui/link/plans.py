"""One plan over clusters of several feeders: asked of each, joined for people, applied wave by wave.

A feeder plans and writes its own clusters only; all parts have one id. With one feeder the plan is its plan and
the waves are its affair. With several, each wave is asked of the feeders that have clusters in it, and the next
one begins when all of them are done and well.

    joined = await ask(session, "restart", targets, {})
    end = await Committing(session, joined, commit, tell).run()
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import structs

from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import (
    DEFAULT_WAVES,
    Commit,
    Folded,
    Line,
    Plan,
    Progress,
    State,
    Target,
    Unfinished,
    decode_plan,
    decode_progress,
    decode_unfinished,
    encode,
    stage,
)
from kurator_tui.kinds.verbs import RISKS, VERBS, Risk
from kurator_tui.link import messages as m
from kurator_tui.link.answers import AnsweredError
from kurator_tui.link.session import Session
from kurator_tui.link.streams import Handle
from kurator_tui.link.worker import Worker


@dataclass(frozen=True, slots=True)
class Part:
    """One feeder's plan; its step n is step `first + n` of the joined one."""

    worker: Worker
    plan: Plan
    first: int


@dataclass(frozen=True, slots=True)
class Joined:
    """What is shown and confirmed, and whose it is."""

    plan: Plan
    parts: tuple[Part, ...]


async def ask(
    session: Session,
    verb: str,
    targets: Sequence[Target],
    arguments: Mapping[str, str],
    take: Sequence[str] = (),
    leave: Sequence[str] = (),
) -> Joined:
    """The plan of a verb over targets of any clusters; `take` and `leave`: clashing fields that were decided.

    Raises ConsoleError.
    """
    known = VERBS.get(verb)
    id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    if known is not None and known.targeted and not targets:
        raise UsageError(f"{verb} needs something to do it to")
    if known is not None and known.on_host:
        targets = [Target(HOST, "", "", "")]
    by_worker: dict[Worker, list[Target]] = {}
    for worker, clusters in session.owners(dict.fromkeys(target.cluster for target in targets)).items():
        by_worker[worker] = [target for target in targets if target.cluster in clusters]
    if not targets:
        by_worker = {worker: [] for worker in session.workers}
    told = {"id": id, "verb": verb, "arguments": msgspec.json.encode(dict(arguments)).decode()}
    decided = {"take": list(take), "leave": list(leave)}
    told |= {key: msgspec.json.encode(fields).decode() for key, fields in decided.items() if fields}
    answers = await asyncio.gather(
        *(
            session.ask(worker, "plan", {**told, "targets": encode(tuple(theirs))})
            for worker, theirs in by_worker.items()
        )
    )
    return join([(worker, decode_plan(answer)) for worker, answer in zip(by_worker, answers, strict=True)])


def join(answers: Sequence[tuple[Worker, Plan]]) -> Joined:
    """Plans of one verb and id as one; steps are numbered anew."""
    parts: list[Part] = []
    first = 0
    for worker, plan in answers:
        parts.append(Part(worker, plan, first))
        first += len(plan.steps)
    if len(parts) == 1:
        return Joined(parts[0].plan, tuple(parts))
    plans = [part.plan for part in parts]
    risk = max((plan.risk for plan in plans), key=RISKS.index)
    words = {plan.word for plan in plans if plan.word}
    whole = structs.replace(
        plans[0],
        risk=risk,
        steps=tuple(
            structs.replace(step, number=part.first + step.number) for part in parts for step in part.plan.steps
        ),
        differences=_folded(parts),
        consequences=tuple(each for plan in plans for each in plan.consequences),
        refusals=tuple(each for plan in plans for each in plan.refusals),
        clashes=tuple(
            structs.replace(each, step=part.first + each.step) for part in parts for each in part.plan.clashes
        ),
        faults=tuple(
            structs.replace(each, step=part.first + each.step) for part in parts for each in part.plan.faults
        ),
        protected=tuple(sorted({cluster for plan in plans for cluster in plan.protected})),
        word="" if risk is not Risk.DESTRUCTIVE else words.pop() if len(words) == 1 else plans[0].id,
    )
    waves = DEFAULT_WAVES if len(whole.clusters) > 1 else ()
    return Joined(structs.replace(whole, waves=waves), tuple(parts))


def _folded(parts: Sequence[Part]) -> tuple[Folded, ...]:
    alike: dict[tuple[tuple[Line, ...], bool], list[int]] = {}
    for part in parts:
        for each in part.plan.differences:
            alike.setdefault((each.lines, each.guessed), []).extend(part.first + number for number in each.steps)
    folded = [Folded(lines, tuple(numbers), guessed) for (lines, guessed), numbers in alike.items()]
    return tuple(sorted(folded, key=lambda each: (-len(each.steps), each.steps)))


async def unfinished(session: Session) -> list[tuple[Joined, list[Unfinished]]]:
    """Plans that were begun and did not end, the oldest first. Raises ConsoleError."""
    kept: dict[str, list[tuple[Worker, Unfinished]]] = {}
    for worker, answer in zip(session.workers, await session.call_all("plans"), strict=True):
        for each in decode_unfinished(answer):
            kept.setdefault(each.plan.id, []).append((worker, each))
    return [
        (join([(worker, each.plan) for worker, each in parts]), [each for _worker, each in parts])
        for _id, parts in sorted(kept.items())
    ]


class Committing:
    """One joined plan being applied. `tell` gets every `Progress`, with the numbers of the joined plan's steps."""

    def __init__(self, session: Session, joined: Joined, commit: Commit, tell: Callable[[Progress], None]) -> None:
        self._session = session
        self._joined = joined
        self._commit = commit
        self._tell = tell
        self._open: list[Handle] = []
        self._why = ""
        self._paused = False
        self._began = time.time()
        self._refused: m.Answered | None = None
        """What a feeder said that did not apply its part."""
        self._states: list[State] = ["waiting"] * len(joined.plan.steps)

    def pause(self) -> None:
        """Begin nothing more until `resume`."""
        self._paused = True
        self._feed(b"pause")

    def resume(self) -> None:
        self._paused = False
        self._feed(b"resume")

    def abort(self) -> None:
        """Begin nothing more at all."""
        self._why = self._why or "aborted"
        self._feed(b"abort")

    def _feed(self, word: bytes) -> None:
        for handle in self._open:
            handle.feed(word)

    async def run(self) -> Progress:
        """Apply it; the last word, which `tell` is not given. Raises ConsoleError where nothing can be begun."""
        parts = [part for part in self._joined.parts if part.plan.steps]
        if len(parts) == 1:
            await self._streams([(parts[0], self._commit)])
        else:
            await self._waves(parts)
        counts = {state: self._states.count(state) for state in ("done", "failed", "unknown")}
        skipped = len(self._states) - sum(counts.values())
        done, failed, unknown = counts.values()
        return Progress("end", message=self._why, done=done, failed=failed, unknown=unknown, skipped=skipped)

    async def _waves(self, parts: Sequence[Part]) -> None:
        waves = self._commit.waves or stage(self._joined.plan.clusters, DEFAULT_WAVES)
        for number, wave in enumerate(waves):
            if self._why:
                break
            self._tell(Progress("wave", wave=number))
            asked = []
            for part in parts:
                theirs = tuple(cluster for cluster in wave if cluster in part.plan.clusters)
                if theirs:
                    more = number < len(waves) - 1
                    asked.append((part, structs.replace(self._commit, waves=(theirs,), more=more)))
            await self._streams(asked)
        for part in parts:
            with contextlib.suppress(ConsoleError):  # one that is gone: its part can go on later
                await self._session.ask(part.worker, "close_plan", {"id": part.plan.id})
        for number, state in enumerate(self._states):
            if state in ("waiting", "writing"):
                self._became(Progress("step", step=number, state="skipped", message=self._why))

    async def _streams(self, asked: Sequence[tuple[Part, Commit]]) -> None:
        await asyncio.gather(*(self._stream(part, commit, len(asked) == 1) for part, commit in asked))
        self._open.clear()
        if self._refused is not None and self._states == ["waiting"] * len(self._states):
            raise AnsweredError(self._refused)

    async def _stream(self, part: Part, commit: Commit, alone: bool) -> None:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[m.StreamEnded] = loop.create_future()
        confirmed = self._own_word(part.plan)
        going = max(0.0, time.time() - self._began)
        arguments = {"commit": encode(structs.replace(commit, confirmed=confirmed, going=going))}

        def hear(data: bytes) -> None:
            self._heard(part, decode_progress(data), alone)

        handle = self._session.open_stream("commit", arguments, hear, ended.set_result, part.worker)
        self._open.append(handle)
        if self._paused:
            handle.feed(b"pause")
        if self._why:
            handle.feed(b"abort")
        try:
            end = await ended
        finally:
            handle.close()
        if end.title:
            self._refused = m.Answered(0, "", end.title, end.message, end.hint, end.exit_code)
            self._why = self._why or end.message
            self._feed(b"abort")
            for number in range(part.first, part.first + len(part.plan.steps)):
                if self._states[number] == "writing":
                    self._became(Progress("step", step=number, state="unknown", message=end.message))

    def _own_word(self, plan: Plan) -> str:
        """What a part is confirmed with, when the whole was confirmed as it demands."""
        whole = self._joined.plan
        wanted = whole.word if whole.risk is Risk.DESTRUCTIVE else "y"
        if whole.risk is Risk.SAFE or self._commit.confirmed == wanted:
            return plan.word or "y"
        return self._commit.confirmed

    def _heard(self, part: Part, progress: Progress, alone: bool) -> None:
        if progress.kind == "step":
            self._became(structs.replace(progress, step=part.first + progress.step))
        elif progress.kind == "end":
            self._why = self._why or progress.message
        elif alone:
            self._tell(progress)

    def _became(self, progress: Progress) -> None:
        self._states[progress.step] = progress.state
        self._tell(progress)
        if progress.state in ("failed", "unknown") and not self._why:
            self._why = progress.message
            self._feed(b"abort")
