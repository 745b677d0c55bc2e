"""What whoever looks around asks: `object` (one, as JSON), `used_by`, the stream `selected`. Nothing writes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import fetch
from kurator_tui.fleet.selected import Selecting, users
from kurator_tui.kinds.masking import MASK, masked
from kurator_tui.kinds.reading import Which
from kurator_tui.link import selections

SHOWN = 8
"""Hexadecimal digits of a masked value's digest."""


async def one_object(hub: Hub, arguments: Mapping[str, str]) -> str:
    """One object (cluster, kind, namespace, name) as JSON, secrets masked. Raises ConsoleError.

    `managed` "1": with managedFields. With `salt`, what stands for a secret value tells equal ones from different
    ones, to whoever has the same salt.
    """
    which = Which(*(arguments.get(key, "") for key in ("cluster", "kind", "namespace", "name")))
    found = await fetch(hub, which)
    return json.dumps(told_apart(found, arguments.get("salt", ""), managed=bool(arguments.get("managed"))))


def told_apart(obj: dict[str, Any], salt: str, *, managed: bool = False) -> dict[str, Any]:
    """`obj` masked; the marker of each value of a Secret holds its keyed digest where there is a salt."""
    shown = masked(obj, managed=managed)
    if not salt or obj.get("kind") != "Secret":
        return shown
    for part in ("data", "stringData"):
        if isinstance(values := obj.get(part), dict):
            shown[part] = {key: f"{MASK} {_digest(value, salt)}" for key, value in values.items()}
    return shown


def _digest(value: object, salt: str) -> str:
    return hmac.new(salt.encode(), json.dumps(value).encode(), hashlib.sha256).hexdigest()[:SHOWN]


async def used_by(hub: Hub, arguments: Mapping[str, str]) -> str:
    """Names of the pods that name an object (cluster, namespace, kind, name), as JSON. Raises ConsoleError."""
    which = (arguments.get(key, "") for key in ("cluster", "namespace", "kind", "name"))
    return json.dumps(await users(hub, *which))


async def selected(hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
    """Which pods a label selector means: see `link.selections`."""
    clusters = msgspec.json.decode(arguments.get("clusters", "[]"), type=list[str])
    reading = Selecting(hub, arguments.get("namespace", ""), arguments.get("selector", ""), channel.send)
    await reading.run(clusters)
    return ""


CALLS: dict[str, Callable[[Hub, Mapping[str, str]], Awaitable[str]]] = {"object": one_object, "used_by": used_by}
STREAMS: dict[str, Callable[[Hub, Mapping[str, str], Channel], Awaitable[str]]] = {selections.METHOD: selected}
