"""Whether what a step waits for has come. Pure, but for the GETs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kurator_tui.actions.plan import Obj, Wait
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, text

LOOK = 5.0
"""Seconds between two looks."""


async def unsettled(get: Callable[[Target], Awaitable[Obj]], wait: Wait) -> list[str]:
    """What is still waited for, with how it is now: `eu-1 Progressing`."""

    async def one(target: Target) -> str:
        try:
            found = text(at(await get(target), *wait.path))
        except NotFound:
            return ""
        except ConsoleError as error:
            return f"{target.cluster}: {error.message}"
        return "" if found in wait.values else f"{target.cluster} {found}".strip()

    return [each for each in await asyncio.gather(*map(one, wait.targets)) if each]
