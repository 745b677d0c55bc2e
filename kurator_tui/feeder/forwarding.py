"""Calls about port-forwards and what shells are opened in: `forward_start`, `forward_stop`, `forwards`,
`containers`, `ready_pod`.

A forward is a listener in this process, so it lasts as long as the console. Nothing here writes to a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kurator_tui.errors import UsageError
from kurator_tui.feeder.calls import Method
from kurator_tui.fleet import forward_targets
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.forward_targets import Target
from kurator_tui.fleet.forwards import Forwards
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.shells import list_containers
from kurator_tui.kinds.forwards import ForwardRow


def shown(row: ForwardRow) -> dict[str, object]:
    """A forward as JSON data."""
    return {name: getattr(row, name) for name in row.__struct_fields__}


def calls(forwards: Forwards) -> dict[str, Method]:
    """The calls that are answered with `forwards`."""

    async def forward_start(_hub: Hub, arguments: Mapping[str, str]) -> str:
        """The new forward as a JSON object. Raises ConsoleError."""
        row = await forwards.start(_target(arguments), _port(arguments.get("local_port", "")))
        return msgspec.json.encode(shown(row)).decode()

    async def forward_stop(_hub: Hub, arguments: Mapping[str, str]) -> str:
        await forwards.stop(arguments.get("uid", ""))
        return ""

    async def forward_list(_hub: Hub, _arguments: Mapping[str, str]) -> str:
        """A JSON list."""
        return msgspec.json.encode([shown(row) for row in forwards.rows()]).decode()

    return {
        "forward_start": forward_start,
        "forward_stop": forward_stop,
        "forwards": forward_list,
        "containers": containers,
        "ready_pod": ready_pod,
    }


def _target(arguments: Mapping[str, str]) -> Target:
    place = (arguments.get("cluster", ""), arguments.get("namespace", ""), arguments.get("kind") or "pods")
    return Target(*place, arguments.get("name", ""), arguments.get("port", ""))


async def ready_pod(hub: Hub, arguments: Mapping[str, str]) -> str:
    """The name of a ready pod of a workload or service (cluster, namespace, kind, name). Raises ConsoleError."""
    return await forward_targets.ready_pod(hub, _target(arguments))


async def containers(hub: Hub, arguments: Mapping[str, str]) -> str:
    """The containers of a pod (cluster, namespace, name) as a JSON list of `kinds.containers.Container`."""
    through = door(hub, arguments.get("cluster", ""))
    found = await list_containers(through, arguments.get("namespace", ""), arguments.get("name", ""))
    return msgspec.json.encode(found).decode()


def _port(text: str) -> int:
    if text and not (text.isdecimal() and int(text) < 2**16):
        raise UsageError(f"{text} is no port number")
    return int(text or 0)
