"""A feeder's half of a plan that is killed on the way: `python -m tests.unit.actions.crashing`.

It reads lines of JSON and answers each with the exit code of a process that did so: forked, to be quick.
It plans a verb over the members it is told of and applies it one cluster a wave. Before and after each entry
of the audit and each write it counts a point; at the one it is told it ends by SIGKILL. Writes are noted.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from kurator_tui.actions import applying
from kurator_tui.actions.audit import Entry
from kurator_tui.actions.plan import Step
from kurator_tui.actions.registry import planners
from kurator_tui.api.discovery import discover
from kurator_tui.feeder.acting import Acting
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.plans import decode_targets
from kurator_tui.link import messages as m
from kurator_tui.store.store import Store
from tests.unit.actions.estate import Estate
from tests.unit.api.support import connected, kubeconfig


class Points:
    """Counts them; the world ends at `last`."""

    def __init__(self, last: int) -> None:
        self._left = last

    def reached(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def noting(folder: Path, send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`send` that notes in a file what is sent."""

    async def noted(self: Any, step: Step) -> Any:
        with (folder / "sent").open("a") as file:
            file.write(f"{step.target.cluster}\n")
        return await send(self, step)

    return noted


def dying(points: Points, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`call` with a point before and one after it."""

    async def called(self: Any, what: Entry | Step) -> Any:
        points.reached()
        result = await call(self, what)
        points.reached()
        return result

    return called


async def main(told: dict[str, Any]) -> None:
    folder = Path(told["folder"])
    points = Points(told["point"])
    ports = cast(Any, applying.LivePorts)
    ports.send = dying(points, noting(folder, ports.send))
    ports.record = dying(points, ports.record)
    async with AsyncExitStack() as stack:
        links: dict[str, Any] = {}
        for name, url in told["members"].items():
            place = folder / f"child-{name}"
            place.mkdir()
            config = kubeconfig(place, url, user={"token": "a"})
            connection = await stack.enter_async_context(connected(config))
            facts = SimpleNamespace(via="")
            links[name] = SimpleNamespace(
                connection=connection, served=await discover(connection), failure=None, facts=facts
            )
        hub = cast(Hub, SimpleNamespace(links=links, store=Store(), leads=True))
        state = folder / "state"
        names = cast(dict[str, Any], dict.fromkeys(links))
        world = Estate(hub, names, state, Acting(m.Configured(state_dir=str(state))))
        plan = await world.plan(told["verb"], decode_targets(json.dumps(told["targets"])), **told["arguments"])
        await world.commit(plan, waves=tuple((name,) for name in links))


def done(told: dict[str, Any]) -> int:
    """The exit code of a process that does what it is told."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(main(told))
            code = 0
        finally:
            os._exit(code)
    _child, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    planners()  # loaded once, for all of them
    for line in sys.stdin:
        sys.stdout.write(f"{done(json.loads(line))}\n")
        sys.stdout.flush()
