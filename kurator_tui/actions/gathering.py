"""Reads the targets of a plan before a verb looks at them: many at once, those that cannot be read are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kurator_tui.actions.plan import Draft, Obj, Reader, seen
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.plans import Target

AT_ONCE = 32
"""Objects that are read at the same time."""


async def objects(reader: Reader, targets: Sequence[Target], draft: Draft) -> list[tuple[Target, Obj]]:
    """The targets that exist, in order, with what they are; the others are refused in `draft` with the reason.

    A target whose uid is not the one that was looked at is another object of the same name: refused, too.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def read(target: Target) -> Obj | ConsoleError:
        async with gate:
            try:
                return await reader.get(target)
            except ConsoleError as error:
                return error

    found: list[tuple[Target, Obj]] = []
    for target, answer in zip(targets, await asyncio.gather(*map(read, targets)), strict=True):
        if isinstance(answer, ConsoleError):
            draft.refuse(target, "it is gone" if isinstance(answer, NotFound) else answer.message)
        elif target.uid and target.uid != (now := seen(target, answer)).uid:
            draft.refuse(now, "it was deleted, and another one of this name was made since")
        else:
            found.append((seen(target, answer), answer))
    return found
