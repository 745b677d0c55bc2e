"""A member behind a black hole: packets get lost between two networks, and nobody is told.

In real time, since the kernel's own clocks take part. Needs leave to make network namespaces (root has it).
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.store.freshness import State
from tests.faults.model import NODES, PODS
from tests.faults.server import Server
from tests.faults.stage import stage

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of sched.h."""
HERE, THERE = "10.97.0.1", "10.97.0.2"


class Unable(Exception):
    """Why there can be no black hole on this machine."""


class Cable:
    """This thread in a network of its own, and another network at the far end of a cable."""

    def __init__(self) -> None:
        self._enter("unshare")
        self._far = self._open()
        _ip("link", "add", "far", "type", "veth", "peer", "name", "near")
        _ip("addr", "add", f"{THERE}/24", "dev", "far")
        self._enter("unshare")
        self._near = self._open()
        done = threading.Event()
        holder = threading.Thread(target=done.wait)
        holder.start()
        try:
            with self.there():
                _ip("link", "set", "near", "netns", str(holder.native_id))
                _ip("link", "set", "far", "up")
        finally:
            done.set()
            holder.join()
        _ip("addr", "add", f"{HERE}/24", "dev", "near")
        for device in ("lo", "near"):
            _ip("link", "set", device, "up")

    @contextmanager
    def there(self) -> Iterator[None]:
        """What is opened in the block is opened in the far network."""
        self._enter("setns", self._far)
        try:
            yield
        finally:
            self._enter("setns", self._near)

    def cut(self) -> None:
        """From now on every packet gets lost on the way; neither end hears of it."""
        with self.there():
            _ip("link", "set", "far", "down")

    def mend(self) -> None:
        with self.there():
            _ip("link", "set", "far", "up")

    def close(self) -> None:
        """Both networks go with the thread."""
        os.close(self._far)
        os.close(self._near)

    @staticmethod
    def _open() -> int:
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @staticmethod
    def _enter(call: str, *descriptor: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if getattr(libc, call)(*descriptor, NEW_NETWORK):
            raise Unable(f"{call}: {os.strerror(ctypes.get_errno())}")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unable(f"ip {' '.join(words)}: {done.stderr.strip()}")


Test = Callable[[Path, Cable], Coroutine[Any, Any, None]]


def black_hole(test: Test) -> Callable[[Path], None]:
    """Run `test` in a thread whose network ends in a cable; skipped where that cannot be had."""

    @wraps(test)
    def run(tmp_path: Path) -> None:
        if sys.platform != "linux" or shutil.which("ip") is None:
            pytest.skip("needs Linux and its `ip`")

        def thread() -> None:
            cable = Cable()
            try:
                asyncio.run(test(tmp_path, cable))
            finally:
                cable.close()

        with ThreadPoolExecutor(1) as pool:
            try:
                pool.submit(thread).result()
            except Unable as reason:
                pytest.skip(f"no network namespaces for us: {reason}")

    del run.__wrapped__  # pytest would ask for its parameters
    return run


class FarServer(Server):
    """Listens at the far end of the cable."""

    def __init__(self, name: str, cable: Cable) -> None:
        super().__init__(name)
        self.address, self._cable = THERE, cable

    async def start(self) -> None:
        with self._cable.there():
            await super().start()


@black_hole
async def test_a_black_hole_is_noticed_by_the_probe_and_nothing_is_lost_in_it(
    tmp_path: Path, cable: Cable
) -> None:
    """Its streams outlive it: what was said meanwhile arrives by them, nothing is asked for again."""
    far = FarServer("m1", cable)
    async with stage(tmp_path, far, "m2") as on:
        streams, seen, mark = far.streams(), len(on.seen), len(far.log)
        cable.cut()
        took = await on.until(lambda: on.state("m1", PODS) is State.STALE)
        assert took < 15  # real seconds of a busy machine; the streams themselves say nothing for two minutes
        assert on.facts("m1", PODS)
        for revision in range(100):
            far.model.put(PODS, f"p{revision % 5}", revision)
        far.model.delete(NODES, "n0")
        assert on.state("m2", PODS) is State.LIVE
        cable.mend()
        took = await on.equal()
        assert took < 20
        assert far.streams() == streams
        assert {asked.verb for asked in far.log[mark:]} <= {"probe"}
        assert on.states("m2", PODS, seen) == []
        await on.steady(1)


@black_hole
async def test_a_member_that_is_met_behind_a_black_hole_is_there_once_it_ends(
    tmp_path: Path, cable: Cable
) -> None:
    far = FarServer("m1", cable)
    await far.start()
    cable.cut()
    async with stage(tmp_path, far, "m2", sync=False) as on:
        await on.until(lambda: on.state("m2", PODS) is State.LIVE, 60)
        assert on.state("m1") in (State.CONNECTING, State.UNREACHABLE)
        assert not far.log
        cable.mend()
        await on.equal(60)
        assert len(far.lists()) <= 2
        await on.steady(1)
