"""Exec and attach on the server's side: processes and channels, to the `Status` that ends them.

A channel's number is the first byte of each message: 0 stdin, 1 stdout, 2 stderr, 3 the end, 4 the terminal's
size, 255 a channel that ends. Knows no HTTP library: it talks to a `Wire`.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.remote.box import Box
from kurator_tui.demo.apiserver.remote.programs import Place
from kurator_tui.demo.apiserver.remote.shell import Shell
from kurator_tui.demo.apiserver.remote.terminal import Input, Terminal, Write

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PROTOCOLS = (V5, V4)
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
KILLED = 137
_PIECE = 32 * 1024


class Wire(Protocol):
    """A websocket: messages both ways. `receive` gives None once the client is gone."""

    async def receive(self) -> bytes | None: ...

    async def send(self, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Streams:
    """What a client asked to be connected to."""

    stdin: bool = False
    tty: bool = False


async def execute(
    wire: Wire,
    box: Box,
    command: Sequence[str],
    streams: Streams,
    clock: Callable[[], float],
    gone: Callable[[], Awaitable[None]],
) -> None:
    """Run `command` in the container; `gone` returns when the container is no more."""
    if not Shell(_place(wire, box, streams, clock)).has(command[0]):
        await wire.send(bytes((STDOUT,)))
        await wire.send(_end(_missing(box, command[0])))
        return
    await _process(wire, box, streams, clock, gone, lambda shell: shell.run(command), list(command))


async def attach(
    wire: Wire,
    box: Box,
    streams: Streams,
    clock: Callable[[], float],
    gone: Callable[[], Awaitable[None]],
    log: AsyncGenerator[bytes, None],
) -> None:
    """The process a container was started with: a shell in a debug container, else what it logs."""
    if box.ephemeral and box.shells:
        await _process(wire, box, streams, clock, gone, lambda shell: shell.run([box.shells[0]]), [])
        return

    async def logging(shell: Shell) -> int:
        async with contextlib.aclosing(log) as chunks:
            async for chunk in chunks:
                await shell.place.out(chunk)
        return 0

    await _process(wire, box, streams, clock, gone, logging, [])


async def _process(
    wire: Wire,
    box: Box,
    streams: Streams,
    clock: Callable[[], float],
    gone: Callable[[], Awaitable[None]],
    main: Callable[[Shell], Awaitable[int]],
    command: list[str],
) -> None:
    place = _place(wire, box, streams, clock)
    shell = Shell(place)
    if streams.tty:
        place.input = Terminal(place.out, shell.interrupt)
    if not streams.stdin:
        place.input.end()
    await wire.send(bytes((STDOUT,)))
    running = asyncio.ensure_future(main(shell))
    reading = asyncio.ensure_future(_read(wire, place, resizable=streams.tty))
    killed = asyncio.ensure_future(gone())
    tasks = {running, reading, killed}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await wire.send(_end(_exited(running.result(), command)))
        elif killed.done():
            await wire.send(_end(_exited(KILLED, command)))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _place(wire: Wire, box: Box, streams: Streams, clock: Callable[[], float]) -> Place:
    out = _writer(wire, STDOUT, tty=streams.tty)
    err = out if streams.tty else _writer(wire, STDERR, tty=False)
    environment = {**box.environment, **({"TERM": "xterm"} if streams.tty else {})}
    size = (80, 24) if streams.tty else None
    return Place(box, clock, out, err, Input(), size, environment=environment)


def _writer(wire: Wire, channel: int, *, tty: bool) -> Write:
    """Writes to a channel; a terminal begins each line at its left edge."""

    async def write(data: bytes) -> None:
        if tty:
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        for at in range(0, len(data), _PIECE):
            await wire.send(bytes((channel,)) + data[at : at + _PIECE])

    return write


async def _read(wire: Wire, place: Place, *, resizable: bool) -> None:
    """Take what the client sends until it is gone."""
    while (message := await wire.receive()) is not None:
        channel, data = message[:1], message[1:]
        if channel == bytes((STDIN,)):
            await place.input.feed(data)
        elif channel == bytes((RESIZE,)) and resizable:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                size: dict[str, Any] = json.loads(data)
                place.size = (int(size["Width"]), int(size["Height"]))
        elif message == bytes((CLOSE, STDIN)):
            place.input.end()


def _end(status: dict[str, Any]) -> bytes:
    return bytes((ERROR,)) + json.dumps(status).encode()


def _exited(code: int, command: Sequence[str]) -> dict[str, Any]:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    words = " ".join(command)
    message = "command terminated with non-zero exit code: error executing command "
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"{message}[{words}], exit code {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _missing(box: Box, program: str) -> dict[str, Any]:
    """What containerd's shim says when an image does not hold the program."""
    why = f'unable to start container process: exec: "{program}": executable file not found in $PATH'
    if "/" in program:
        why = f'unable to start container process: exec: "{program}": stat {program}: no such file or directory'
    started = (
        f'failed to start exec "{box.uid.replace("-", "")[:64]}": OCI runtime exec failed: exec failed: {why}'
    )
    return errors.internal(f"error executing command in container: failed to exec in container: {started}").body()
