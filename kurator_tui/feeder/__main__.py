"""`python -m kurator_tui.feeder`: requests on stdin, facts on stdout, last words on stderr.

The link's pipes are moved away from fds 0 and 1 first, so that nothing any library prints can break a frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from kurator_tui import memory
from kurator_tui.feeder import guard
from kurator_tui.feeder.feeder import Feeder

PIPE_SIZE = 2**20
"""Bytes."""


async def _serve(incoming: int, outgoing: int) -> Feeder:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop), os.fdopen(outgoing, "wb", 0)
    )
    feeder = Feeder(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
    with contextlib.suppress(ConnectionError):
        await feeder.run()
    return feeder


def _raise_file_limit() -> None:
    """Many members mean many sockets: use all the files the system allows us."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _widen(pipe: int) -> None:
    """A pipe holds 64 KiB, less than one message with rows; Linux gives more when asked."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)


def main() -> None:
    """Serve one console, then give its terminal back if it was killed."""
    incoming, outgoing = os.dup(0), os.dup(1)
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(2, 1)
    # Ctrl-C and a hangup reach the whole group: the console decides what they mean. This process ends when the
    # link does, and may then have a terminal to give back.
    for number in (signal.SIGINT, *((signal.SIGHUP,) if sys.platform != "win32" else ())):
        signal.signal(number, signal.SIG_IGN)
    _raise_file_limit()
    _widen(outgoing)
    memory.tune()
    loop_factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        feeder = runner.run(_serve(incoming, outgoing))
    if not feeder.said_goodbye:
        guard.restore(feeder.configured.tty, feeder.configured.termios)


if __name__ == "__main__":
    main()
