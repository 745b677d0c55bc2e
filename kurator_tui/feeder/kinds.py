"""What a console asks about kinds: which are served and not registered, what a word means, which are watched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from kurator_tui.fleet.aggregate import AggregatedMember
from kurator_tui.fleet.definitions import definitions, served
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.registry import KINDS
from kurator_tui.store.freshness import State

OPEN = (State.LIVE, State.SYNCING)
NOWHERE = (State.ABSENT, State.UNREAD)
"""States of a kind that is not there to be watched."""


async def kinds(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """A JSON list of `kinds.registry.ServedKind`: what members serve that nobody wrote a file for."""
    return msgspec.json.encode(served(hub)).decode()


async def define(hub: Hub, arguments: Mapping[str, str]) -> str:
    """A JSON list of `kinds.generic.Definition`: what `word` may mean of these kinds."""
    return msgspec.json.encode(await definitions(hub, arguments.get("word", ""))).decode()


async def watched(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """What is watched now, as JSON: kind -> [streams, rows]; members read through one Karmada share its streams.

    A kind that is wanted and comes by no stream now (forbidden, stale) is told with those that it has.
    """
    links, told = hub.links, list(hub.store.freshness_items())
    streams: dict[str, set[int | str]] = {}
    rows: dict[str, int] = {}
    for cluster, kind, freshness in told:
        if kind not in KINDS or KINDS[kind].derived or freshness.state in NOWHERE:
            continue
        rows[kind] = rows.get(kind, 0) + hub.store.count(kind, cluster)
        open_streams = streams.setdefault(kind, set())
        if freshness.state in OPEN:
            link = links.get(cluster)
            open_streams.add(id(link.aggregate) if isinstance(link, AggregatedMember) else cluster)
    return msgspec.json.encode({kind: (len(streams[kind]), rows[kind]) for kind in rows}).decode()


CALLS: dict[str, Callable[[Hub, Mapping[str, str]], Awaitable[str]]] = {
    "kinds": kinds,
    "define": define,
    "watched": watched,
}
