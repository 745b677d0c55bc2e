"""A command that is interrupted, or whose reader is gone, ends quietly and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.bad_input import MEMBER, Access, Server, kubeconfig, serving, token, write
from tests.e2e.console import PATIENCE, children


async def get(*arguments: str, stdout: int = asyncio.subprocess.PIPE) -> asyncio.subprocess.Process:
    """`kurator-tui get clusters` under way."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kurator_tui", "get", "clusters", "--members-from", "contexts", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
    )


async def gone(pids: list[int]) -> None:
    """Wait until none of the processes lives."""
    async with asyncio.timeout(PATIENCE):
        while any(os.path.exists(f"/proc/{pid}") for pid in pids):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
async def test_a_signal_ends_get_quietly_and_its_feeder_too(tmp_path: Path, number: int, code: int) -> None:
    server = Server("hangs", MEMBER)
    asked = asyncio.Event()
    async with serving(server):
        await server.http.faults.set("hang")
        before = server.http.faults.before_answer

        async def noted() -> None:
            asked.set()
            await before()

        server.http.faults.before_answer = noted  # type: ignore[method-assign]
        process = await get("--kubeconfig", write(tmp_path, kubeconfig({"host": Access(server.url, token())})))
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
            feeder = children(process.pid)
            process.send_signal(number)
            out, err = await process.communicate()
        assert feeder
        assert (process.returncode, out, err.strip()) == (code, b"", b"")
        await gone(feeder)


@pytest.mark.parametrize("form", ["table", "json"])
async def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, form: str) -> None:
    server = Server("host", MEMBER)
    async with serving(server):
        contexts = {f"context-{number:03}": Access(server.url, token()) for number in range(3)}
        reading, writing = os.pipe()
        process = await get("-o", form, "--kubeconfig", write(tmp_path, kubeconfig(contexts)), stdout=writing)
        os.close(writing)
        os.close(reading)
        _, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
