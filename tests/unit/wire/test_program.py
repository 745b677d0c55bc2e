"""Programs on the user's terminal: their ends are told, and keys that signal are theirs alone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from kurator_tui.wire.program import run


async def test_how_it_ended_is_told() -> None:
    assert await run(["sh", "-c", "exit 3"]) == 3
    assert await run(["sh", "-c", "kill -SEGV $$"]) == -signal.SIGSEGV
    with pytest.raises(FileNotFoundError):
        await run(["/there/is/no/such/editor"])


async def test_an_interrupt_is_the_programs_and_heard_by_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    script = "import os, signal\nos.kill(os.getppid(), signal.SIGINT)\nos.kill(os.getpid(), signal.SIGINT)"
    assert await run([sys.executable, "-c", script]) in (-signal.SIGINT, 130)
    assert signal.getsignal(signal.SIGINT) == before


async def test_a_console_that_ends_ends_the_program() -> None:
    reading, writing = os.pipe()
    running = asyncio.create_task(run(["sh", "-c", f"echo $$ > /proc/{os.getpid()}/fd/{writing}; exec sleep 60"]))
    pid = int(await asyncio.to_thread(os.read, reading, 100))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    async with asyncio.timeout(60):
        while os.path.exists(f"/proc/{pid}"):  # until it was reaped
            await asyncio.sleep(0)
    for fd in (reading, writing):
        os.close(fd)
