"""Streams between a terminal and a process in a pod: `shell`, `attach`. Composition of `fleet.shells`.

Arguments: cluster, namespace, name (the pod), container ("" for the default), columns, rows. What is fed is
described in `link.shells`. Nothing here writes; `feeder.debugging` does, and goes on here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from kurator_tui.api.exec import Session, lacks_program, not_found
from kurator_tui.errors import ConsoleError, NotFound, UsageError
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet import shells
from kurator_tui.fleet.doors import Door, door
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.containers import Container
from kurator_tui.link.shells import ENDED, TYPED, size_of, sized

_EARLY = 4096
"""Bytes of output before anything was typed in which a runtime may say that there is no such program."""
_NOT_STARTED = (126, 127)


async def shell(hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
    """`bash`, or else `sh`. Raises `CommandNotFound` where the image has neither."""
    through, where = door(hub, arguments.get("cluster", "")), _where(arguments)
    async with shells.shell(through, *where, arguments.get("container", "")) as session:
        return await _carry(session, arguments, channel)


async def attach(hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
    """The process that a container was started with, on a terminal if it was given one."""
    through, where = door(hub, arguments.get("cluster", "")), _where(arguments)
    chosen = _chosen(await shells.list_containers(through, *where), arguments.get("container", ""))
    async with shells.attach(through, *where, chosen.name, stdin=True, tty=chosen.tty) as session:
        return await _carry(session, arguments if chosen.tty else {}, channel, sizes=chosen.tty)


async def debugged(through: Door, arguments: Mapping[str, str], channel: Channel, name: str, image: str) -> str:
    """The shell of a debug container that was just added, when it runs. Raises ConsoleError."""
    where = _where(arguments)
    await channel.send(f"Starting {name} ({inert(image)})… Press Enter if no prompt appears.\r\n".encode())
    await shells.debug_started(through, *where, name)
    async with shells.attach(through, *where, name) as session:
        return await _carry(session, arguments, channel)


def _where(arguments: Mapping[str, str]) -> tuple[str, str]:
    return arguments.get("namespace", ""), arguments.get("name", "")


def _chosen(offered: list[Container], name: str) -> Container:
    for each in offered:
        if each.name == name or (not name and each.default):
            return each
    raise NotFound(f"The pod has no container {inert(name)}.", code=404)


async def _carry(session: Session, arguments: Mapping[str, str], channel: Channel, *, sizes: bool = True) -> str:
    """Bytes both ways until the process ends; its exit code. Raises ConsoleError."""
    fed = asyncio.Event()
    if (size := _first_size(arguments)) is not None:
        with contextlib.suppress(ConsoleError):  # it has ended already: `output` tells how
            await session.resize(*size)
    feeding = asyncio.create_task(_feed(session, channel, fed, sizes=sizes))
    early = b""
    try:
        while (piece := await session.output()) is not None:
            if not fed.is_set() and len(early) < _EARLY:
                early += piece[1]
            await channel.send(piece[1])
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
    code = session.exit.code if session.exit is not None else 0
    if code in _NOT_STARTED and not fed.is_set() and lacks_program(text := early.decode("utf-8", "replace")):
        raise not_found(inert(text.strip()))
    return str(code)


async def _feed(session: Session, channel: Channel, fed: asyncio.Event, *, sizes: bool) -> None:
    """What the console feeds, until the connection breaks: `output` tells of that."""
    try:
        while True:
            message = await channel.receive()
            if message[:1] == bytes((TYPED,)):
                fed.set()
                await session.feed(message[1:])
            elif (size := size_of(message)) is not None:
                if sizes:
                    await session.resize(*size)
            elif message == bytes((ENDED,)):
                await session.end_input()
            else:
                raise UsageError("the console fed something unknown")
    except ConsoleError:
        return


def _first_size(arguments: Mapping[str, str]) -> tuple[int, int] | None:
    columns, rows = arguments.get("columns", ""), arguments.get("rows", "")
    if not (columns.isdecimal() and rows.isdecimal()):
        return None
    return size_of(sized(int(columns), int(rows)))


STREAMS = {"shell": shell, "attach": attach}
