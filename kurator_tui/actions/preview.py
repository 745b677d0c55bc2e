"""What servers say to a plan before it is made: each step as a dry run, the differences, who else owns a field.

Defaults and webhooks are in the answers, so what is shown is what would be stored. Nothing is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from kurator_tui.actions.difference import Change, changes, shown
from kurator_tui.actions.field_sets import without
from kurator_tui.actions.guessing import guessed
from kurator_tui.actions.managed_fields import last_time
from kurator_tui.actions.plan import Apply, Create, Evict, Obj, Reader, Step
from kurator_tui.actions.refused_fields import beside
from kurator_tui.actions.sending import send, stored, writes_status
from kurator_tui.api.writing import MANAGER, Answer, Manner
from kurator_tui.errors import ApiError, Conflict, ConsoleError, NotFound, Throttled, UsageError
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.plans import Clash, Fault, Folded, Line

AT_ONCE = 16
"""Dry runs at the same time."""
_CLASH = "FieldManagerConflict"


@dataclass(slots=True)
class Tried:
    """One step as the server would do it. `changed` holds the true values: it stays in this process."""

    step: Step
    before: Obj | None = None
    after: Obj | None = None
    changed: list[Change] = field(default_factory=list)
    lines: tuple[Line, ...] = ()
    clashes: tuple[Clash, ...] = ()
    faults: tuple[Fault, ...] = ()
    blind: bool = False
    """Whether no server could say what it would store: what it needs is made by an earlier step."""
    later: bool = False
    """Whether it could not be tried because it comes after an earlier step of the same object."""
    held: str = ""
    """Which budget refuses an eviction now, in the server's words: it is tried again while it is applied."""
    reached: tuple[str, ...] = ()
    """Clusters that it reaches beside its own, by way of a controller; of those that the rules may name."""

    @property
    def idle(self) -> bool:
        """Whether it would change nothing at all."""
        return isinstance(self.step.write, Apply) and self.before is not None and not (self.changed or self.faults)


class Decided(NamedTuple):
    """Clashing fields that were decided, as the servers name them: taken from their managers, or left to them."""

    take: frozenset[str] = frozenset()
    leave: frozenset[str] = frozenset()


async def try_all(
    hub: Hub, reader: Reader, steps: Sequence[Step], manner: Manner, salt: str, decided: Decided | None = None
) -> list[Tried]:
    """Every step as a dry run, in the same order. `salt` tells masked values apart within one plan.

    A field that is left to its manager is dropped from what is applied, and the rest is tried again.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, step: Step) -> Tried:
        async with gate:
            if step.after is not None:
                return await _follow(reader, steps[:number], step, salt)
            return await _try(hub, reader, number, step, manner, salt, decided or Decided())

    return list(await asyncio.gather(*(one(number, step) for number, step in enumerate(steps))))


async def _try(
    hub: Hub, reader: Reader, number: int, step: Step, manner: Manner, salt: str, decided: Decided
) -> Tried:
    tried = Tried(step)
    dry = Manner(dry_run=True, user=manner.user, groups=manner.groups)
    try:
        tried.before = await _present(reader, step)
        answer = await _answer(hub, number, tried, dry, decided)
    except ConsoleError as error:
        if isinstance(error, Throttled) and isinstance(step.write, Evict):
            tried.held = error.causes[0][2] if error.causes else error.message
            return tried
        if isinstance(error, NotFound) and step.needs and tried.before is None:
            tried.blind = True
            tried.lines = shown(None, getattr(step.write, "body", {}), salt)
            return tried
        tried.faults = _faults(number, error)
        _guess(tried, salt)
        return tried
    tried.after = stored(step, tried.before, answer)
    status = writes_status(step)
    tried.lines = shown(tried.before, tried.after, salt, status=status)
    if tried.before is not None and tried.after is not None:
        tried.changed = changes(tried.before, tried.after, status=status)
    return tried


async def _follow(reader: Reader, earlier: Sequence[Step], step: Step, salt: str) -> Tried:
    """A step that comes after others of its object: what it will change then, which no server can try now."""
    tried = Tried(step, later=True)
    try:
        before = await reader.get(step.target)
    except ConsoleError as error:
        tried.faults = _faults(len(earlier), error)
        return tried
    for each in earlier:
        if each.target == step.target:
            before = guessed(each.write, before)
    tried.before = before
    _guess(tried, salt)
    return tried


def _guess(tried: Tried, salt: str) -> None:
    """What a refused step would change, from its request alone: for its owner and the place of its faults."""
    if tried.before is None:
        return
    write, status = tried.step.write, writes_status(tried.step)
    wanted = guessed(write, tried.before)
    tried.changed = changes(tried.before, wanted, status=status)
    tried.lines = shown(tried.before, wanted, salt, status=status)
    tried.faults = tuple(beside(each, tried.changed, wanted) for each in tried.faults)


async def _answer(hub: Hub, number: int, tried: Tried, dry: Manner, decided: Decided) -> Obj | None:
    """What the server would store; `tried.step` is without fields that are left, and takes those that are taken.

    Raises ConsoleError.
    """
    try:
        return _object(await send(hub, tried.step, dry))
    except Conflict as error:
        clashes = _clashes(number, error, tried.before)
        if not clashes or not isinstance(tried.step.write, Apply):
            raise
    body: Any = tried.step.write.body
    for clash in clashes:
        if clash.field in decided.leave:
            body = without(body, clash.field)
    if body is UNSET or not _says_more(body):
        raise UsageError("every field of it was left to others")
    if body != tried.step.write.body:
        tried.step = msgspec.structs.replace(tried.step, write=Apply(body))
        return await _answer(hub, number, tried, dry, decided)
    forced = msgspec.structs.replace(tried.step, write=Apply(body, force=True))
    if all(clash.field in decided.take or clash.manager.partition(" ")[0] == MANAGER for clash in clashes):
        tried.step = forced
    else:
        tried.clashes = clashes
    return _object(await send(hub, forced, dry))


def _object(answer: Answer | None) -> Obj | None:
    return answer.obj if answer is not None else None


def _says_more(body: Obj) -> bool:
    """Whether it says anything beyond which object it is."""
    head = set(body.get("metadata") or {}) - {"name", "namespace"}
    return bool(head or set(body) - {"apiVersion", "kind", "metadata"})


async def _present(reader: Reader, step: Step) -> Obj | None:
    """The object before; None where it is to be made."""
    if isinstance(step.write, Create) and not step.write.subresource:
        return None
    try:
        return await reader.get(step.target)
    except NotFound:
        if isinstance(step.write, Apply):
            return None
        raise


def _clashes(number: int, error: Conflict, present: Obj | None) -> tuple[Clash, ...]:
    found: list[Clash] = []
    for reason, where, message in error.causes:
        if reason == _CLASH:
            manager = message.partition('"')[2].partition('"')[0] or message
            found.append(Clash(number, where, manager, last_time(present or {}, manager)))
    return tuple(found)


def _faults(number: int, error: ConsoleError) -> tuple[Fault, ...]:
    """One for each field the server names, else one for the message."""
    if isinstance(error, ApiError):
        named = [(reason, where, message) for reason, where, message in error.causes if where and message]
        if named:
            return tuple(Fault(number, message, where, reason) for reason, where, message in named)
        cause = next((message for _reason, _where, message in error.causes if message), "")
        text = f"{error.message.rstrip('.')}: {cause}" if cause else error.message
        return (Fault(number, text, "", error.reason or str(error.code)),)
    return (Fault(number, error.message, "", error.title),)


def fold(tried: Sequence[Tried]) -> tuple[Folded, ...]:
    """Steps with exactly the same differences together, the most frequent first; refused ones by faults."""
    alike: dict[tuple[tuple[Line, ...], tuple[tuple[str, str], ...]], list[int]] = {}
    for number, each in enumerate(tried):
        if each.lines or not each.faults:
            faults = tuple((fault.field, fault.message) for fault in each.faults)
            alike.setdefault((each.lines, faults), []).append(number)
    ordered = sorted(alike.items(), key=lambda entry: (-len(entry[1]), entry[1]))
    return tuple(Folded(lines, tuple(steps), bool(faults)) for (lines, faults), steps in ordered)
