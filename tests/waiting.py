"""Waiting for what a store is told: nothing is asked again and again, nothing sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kurator_tui.store.store import Store

Listen = Callable[[Callable[..., None]], Callable[[], None]]
"""Calls back with whatever is told; returns how to stop it."""


async def until(store: Store, true: Callable[[], bool], *also: Listen, seconds: float = 60) -> None:
    """Until `true`, looked at whenever rows or freshness of `store` change, or `also` tells something.

    Raises TimeoutError.
    """
    changed = asyncio.Event()
    sources: tuple[Listen, ...] = (store.listen, store.listen_freshness, *also)
    stops = [listen(lambda *_told: changed.set()) for listen in sources]
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await changed.wait()
                changed.clear()
    finally:
        for stop in stops:
            stop()
