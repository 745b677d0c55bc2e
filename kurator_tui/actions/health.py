"""Whether what was written to stays healthy: asked of the objects themselves while a wave soaks.

What says nothing of its health stops nothing, but it is told, never taken for healthy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from kurator_tui.actions.plan import Obj
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.base import HEALTHY, SEVERITY, Health, Level
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.registry import KINDS

LOOK = 2.0
"""Seconds between two looks."""
SETTLE = 600.0
"""Seconds that a target may still be progressing after the soak."""
AT_ONCE = 16

Get = Callable[[Target], Awaitable[Obj]]
Verdicts = Mapping[Target, Health]
Tell = Callable[[float, str], None]
"""Gets the seconds left, and what cannot be judged now, "" for nothing."""
_NO_RULE = Health(Level.UNKNOWN, "no rule tells its health")


def judged(target: Target, obj: Obj) -> Health:
    """An object's health by its kind's own rule; unknown where there is none, or where it cannot be decoded."""
    kind = KINDS.get(target.kind)
    if kind is None or kind.derived:
        return _NO_RULE
    try:
        return kind.health(RowDecoder(kind, target.cluster).row(msgspec.json.encode(obj)))
    except (ConsoleError, msgspec.DecodeError) as error:
        return Health(Level.UNKNOWN, f"it cannot be decoded: {inert(str(error))}")


async def verdicts(get: Get, targets: Sequence[Target]) -> dict[Target, Health]:
    """How each target is now; one that is gone is healthy, one that cannot be read is unknown."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> Health:
        async with gate:
            try:
                return judged(target, await get(target))
            except NotFound:
                return HEALTHY
            except ConsoleError as error:
                return Health(Level.UNKNOWN, error.message)

    return dict(zip(targets, await asyncio.gather(*map(one, targets)), strict=True))


async def soak(
    get: Get,
    targets: Sequence[Target],
    seconds: float,
    before: Verdicts,
    tell: Tell,
    sleep: Callable[[float], Awaitable[None]],
) -> str:
    """Why the targets are not healthy after so many seconds, or "".

    One that fails ends it at once, unless it had failed `before`. One that still progresses, or cannot be read or
    decoded any more, is waited for; one of a kind without a rule is not, `tell` names it.
    """
    left = seconds
    while True:
        found = await verdicts(get, targets)
        worse = {target: health for target, health in found.items() if _worse(health, before.get(target, HEALTHY))}
        for target, health in worse.items():
            if health.level is Level.FAILED:
                return _words(target, health)
        if left <= 0 and not worse:
            return ""
        if left <= -SETTLE:
            return _words(*next(iter(worse.items())))
        tell(max(left, 0.0), _unjudged(found))
        await sleep(min(LOOK, left) if left > 0 else LOOK)
        left -= LOOK


def _unjudged(found: Verdicts) -> str:
    unknown = [(target, health) for target, health in found.items() if health.level is Level.UNKNOWN]
    if not unknown:
        return ""
    more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    (target, health), *_ = unknown
    return f"not judged: {target.label}{more}: {health.reason}"


def _worse(now: Health, before: Health) -> bool:
    return now is not _NO_RULE and SEVERITY[now.level] > SEVERITY[before.level]


def _words(target: Target, health: Health) -> str:
    return f"{target.label} is {health.level.value}: {health.reason}".rstrip(": ")
