"""The stream `object` and the call `reveal`: one object as a person reads it. Composition of `fleet.reading`.

Arguments: cluster, kind (an id), namespace, name; of `object` also managed ("1": with managedFields), alone ("1":
without events and owners) and salt (of what stands for secret values), of `reveal` key. No value of a Secret is
ever logged.
"""

from __future__ import annotations

from collections.abc import Mapping

from kurator_tui.errors import NotFound
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import ObjectReading, fetch
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.reading import Which

SECRET = "secrets"


def which(arguments: Mapping[str, str]) -> Which:
    """The object that arguments name."""
    return Which(*(arguments.get(name, "") for name in ("cluster", "kind", "namespace", "name")))


async def read_object(hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
    """One object, live: each message is one of `kinds.reading`. Raises ConsoleError where it cannot be read."""
    managed, alone = (bool(arguments.get(name)) for name in ("managed", "alone"))
    salt = arguments.get("salt", "")
    await ObjectReading(hub, which(arguments), channel.send, managed=managed, alone=alone, salt=salt).run()
    return ""


async def reveal(hub: Hub, arguments: Mapping[str, str]) -> str:
    """One value of a Secret, as the server has it: base64. Raises ConsoleError."""
    secret = await fetch(hub, which({**arguments, "kind": SECRET}))
    data, key = secret.get("data"), arguments.get("key", "")
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, str):
        raise NotFound(f"The Secret has no key {inert(key)}.", code=404)
    return value


STREAMS = {"object": read_object}
CALLS = {"reveal": reveal}
