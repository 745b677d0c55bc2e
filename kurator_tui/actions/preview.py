"""What servers say to a plan before it is made: each step as a dry run, the differences, who else owns a field.

Defaults and webhooks are in the answers, so what is shown is what would be stored. Nothing is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from kurator_tui.actions.difference import Change, changes, shown
from kurator_tui.actions.managed_fields import last_time
from kurator_tui.actions.plan import Apply, Create, Obj, Reader, Step
from kurator_tui.actions.sending import send, stored, writes_status
from kurator_tui.api.writing import Manner
from kurator_tui.errors import ApiError, Conflict, ConsoleError, NotFound
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


async def try_all(
    hub: Hub, reader: Reader, steps: Sequence[Step], manner: Manner, salt: str, take: frozenset[str] = frozenset()
) -> list[Tried]:
    """Every step as a dry run, in the same order. `salt` tells masked values apart within one plan.

    `take` are fields of other managers that an apply takes, as the servers name them.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, step: Step) -> Tried:
        async with gate:
            return await _try(hub, reader, number, step, manner, salt, take)

    return list(await asyncio.gather(*(one(number, step) for number, step in enumerate(steps))))


async def _try(
    hub: Hub, reader: Reader, number: int, step: Step, manner: Manner, salt: str, take: frozenset[str]
) -> Tried:
    tried = Tried(step)
    dry = Manner(dry_run=True, user=manner.user, groups=manner.groups)
    try:
        tried.before = await _present(reader, step)
        try:
            answer = await send(hub, step, dry)
        except Conflict as error:
            tried.clashes = _clashes(number, error, tried.before)
            if not tried.clashes or not isinstance(step.write, Apply):
                raise
            forced = Step(step.target, Apply(step.write.body, force=True), step.note)
            answer = await send(hub, forced, dry)
            if all(clash.field in take for clash in tried.clashes):
                tried.step, tried.clashes = forced, ()
    except ConsoleError as error:
        tried.faults = _faults(number, error)
        return tried
    tried.after = stored(step, tried.before, answer)
    status = writes_status(step)
    tried.lines = shown(tried.before, tried.after, salt, status=status)
    if tried.before is not None and tried.after is not None:
        tried.changed = changes(tried.before, tried.after, status=status)
    return tried


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
    """Steps with exactly the same differences together, the most frequent first."""
    alike: dict[tuple[Line, ...], list[int]] = {}
    for number, each in enumerate(tried):
        if not each.faults:
            alike.setdefault(each.lines, []).append(number)
    ordered = sorted(alike.items(), key=lambda entry: (-len(entry[1]), entry[1]))
    return tuple(Folded(lines, tuple(steps)) for lines, steps in ordered)
