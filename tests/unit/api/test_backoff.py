"""How long is waited, and that many do not come back at once."""

from __future__ import annotations

import asyncio
import random

from kurator_tui.api.backoff import Backoff, Herd


def test_backoff_is_fast_at_first_capped_and_reset() -> None:
    backoff = Backoff()
    delays = [backoff.next() for _ in range(40)]
    assert 0.1 <= delays[0] <= 0.2
    assert max(delays) <= 15.0
    assert max(delays[20:]) > 5.0
    backoff.reset()
    assert backoff.next() <= 0.2
    assert 300.0 <= backoff.next(retry_after=99_999.0) < 301.0


def test_one_watch_alone_does_not_wait_for_a_herd() -> None:
    herd, rng = Herd(), random.Random(1)
    with herd:
        assert herd.spread(0.0, rng) == 0.0
        assert herd.spread(0.3, rng) <= 0.3


def test_the_more_wait_the_wider_they_return() -> None:
    """No more of them in any moment than one process can connect over TLS."""
    herd, rng = Herd(), random.Random(1)
    returns = []
    for _ in range(2000):
        herd.__enter__()
        returns.append(herd.spread(0.3, rng))
    busiest = max(sum(start <= moment < start + 0.5 for moment in returns) for start in range(6))
    assert max(returns) > 5.0
    assert busiest < 1000
    assert sum(moment < 0.5 for moment in [herd.spread(0.3, rng) for _ in range(2000)]) < 250


async def test_who_has_returned_counts_no_more() -> None:
    herd = Herd()

    async def wait() -> None:
        with herd:
            await asyncio.sleep(0)

    await asyncio.gather(*[wait() for _ in range(50)])
    assert herd.waiting == 0
