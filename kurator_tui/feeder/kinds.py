"""What a console asks about kinds: which are served and not registered, what a word means, which are watched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from kurator_tui.fleet.definitions import definitions, served
from kurator_tui.fleet.hub import Hub
from kurator_tui.store.freshness import State

OPEN = (State.LIVE, State.SYNCING)


async def kinds(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """A JSON list of `kinds.registry.ServedKind`: what members serve that nobody wrote a file for."""
    return msgspec.json.encode(served(hub)).decode()


async def define(hub: Hub, arguments: Mapping[str, str]) -> str:
    """A JSON list of `kinds.generic.Definition`: what `word` may mean of these kinds."""
    return msgspec.json.encode(await definitions(hub, arguments.get("word", ""))).decode()


async def watched(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """What is watched now, as JSON: kind -> [streams, rows]."""
    found: dict[str, list[int]] = {}
    for cluster, kind, freshness in hub.store.freshness_items():
        if kind and freshness.state in OPEN:
            counted = found.setdefault(kind, [0, 0])
            counted[0] += 1
            counted[1] += hub.store.count(kind, cluster)
    return msgspec.json.encode(found).decode()


CALLS: dict[str, Callable[[Hub, Mapping[str, str]], Awaitable[str]]] = {
    "kinds": kinds,
    "define": define,
    "watched": watched,
}
