"""Starting a feeder process: before Textual is imported, and again whenever one dies.

The feeder reads requests on its stdin and writes facts to its stdout; its stderr is kept as the reason of a death.
It ends by itself when its stdin closes, so no feeder outlives its console.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections import deque
from dataclasses import dataclass

COMMAND = (sys.executable, "-P", "-m", "kurator_tui.feeder")
PIPE_LIMIT = 2**20


def spawn(command: tuple[str, ...] = COMMAND) -> subprocess.Popen[bytes]:
    """Start a feeder process. Raises OSError.

    It is a session of its own: nothing it runs can ask on the console's terminal, and where the kernel shares the
    processors by session (Linux autogroup) its start does not take the console's share.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )


@dataclass(slots=True)
class Attached:
    """A feeder process with its pipes on the running loop."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    errors: deque[str]
    _errors_task: asyncio.Task[None]

    async def detach(self, grace: float = 2.0) -> int | None:
        """Close the pipes and reap the process; killed when it is not gone within `grace` seconds."""
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.close()
        try:
            code: int | None = await asyncio.to_thread(self.process.wait, grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = await asyncio.to_thread(self.process.wait)
        with contextlib.suppress(asyncio.TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._errors_task, 0.5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    @property
    def last_words(self) -> str:
        """The last line the feeder wrote to stderr."""
        return self.errors[-1] if self.errors else ""


async def attach(process: subprocess.Popen[bytes]) -> Attached:
    """Put the pipes of `process` on the running loop."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=PIPE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), process.stdout)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop), process.stdin
    )
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    stderr = asyncio.StreamReader(limit=PIPE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stderr), process.stderr)
    errors: deque[str] = deque(maxlen=50)
    return Attached(process, reader, writer, errors, asyncio.create_task(_keep(stderr, errors)))


async def _keep(stderr: asyncio.StreamReader, errors: deque[str]) -> None:
    with contextlib.suppress(ValueError, ConnectionError):
        async for line in stderr:
            if text := line.decode(errors="replace").strip():
                errors.append(text)
