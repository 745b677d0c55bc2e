"""Real processes in trouble: no files left, signals while they sync, a machine that sleeps. Nothing gets lost."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trustme

from kurator_tui.link.messages import Configured
from kurator_tui.link.session import Session
from kurator_tui.link.spawn import COMMAND, spawn
from kurator_tui.store.freshness import State
from tests.e2e.console import Console, children, command_of, console
from tests.faults.exchange import Exchange
from tests.faults.linked import Feeders
from tests.faults.model import NODES, PODS, line, page
from tests.faults.server import Plant, Server, saying
from tests.faults.stage import Stage, kubeconfig

PATIENCE = 60.0
MOST_FILES = 1000


def starved(files: int) -> subprocess.Popen[bytes]:
    """A feeder that may open so many files, and up to `MOST_FILES` when its limit is raised."""
    start = f"ulimit -Sn {files} && ulimit -Hn {MOST_FILES} && exec {shlex.join(COMMAND)}"
    process = spawn(("/bin/sh", "-c", start))
    while process.poll() is None and resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[0] != MOST_FILES:
        time.sleep(0.01)  # it raises its limit itself when it starts, which nothing tells
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (files, MOST_FILES))
    return process


@asynccontextmanager
async def serving(folder: Path, *servers: Server) -> AsyncIterator[str]:
    """Running servers with a few pods and nodes each; the path of a kubeconfig with a context for each."""
    for server in servers:
        for number in range(3):
            server.model.put(PODS, f"p{number}", number)
            server.model.put(NODES, f"n{number}", number)
        await server.start()
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig({server.name: server.url for server in servers})))
    try:
        yield str(path)
    finally:
        for server in servers:
            await server.stop()
        await asyncio.sleep(0.05)  # handshakes that were under way end


@asynccontextmanager
async def estate(folder: Path, *servers: Server, files: int = 0) -> AsyncIterator[tuple[Stage, Session]]:
    """A session whose feeder is a process of its own, with so many `files` at most."""
    async with serving(folder, *servers) as path:
        configured = Configured(kubeconfig=path, members_from="contexts")
        session = Session(configured, start=partial(starved, files) if files else spawn)
        for kind in ("clusters", "pods", "nodes"):
            session.subscribe(kind)
        task = asyncio.create_task(session.run())
        try:
            yield Stage({server.name: server for server in servers}, session.store, session, Feeders()), session
        finally:
            await session.close()
            await task


async def test_members_without_a_file_left_say_so_and_come_when_there_are_files(tmp_path: Path) -> None:
    """The feeder lives on, and who has its sockets keeps them."""
    servers = [Server("host"), *(Server(f"m{number:02}") for number in range(30))]
    async with estate(tmp_path, *servers, files=64) as (on, session):

        def hungry() -> list[str]:
            freshness = {server.name: on.store.freshness(server.name) for server in servers}
            return [name for name, found in freshness.items() if "too many open files: raise" in found.reason]

        def settled() -> bool:
            live = [server for server in servers if on.state(server.name) is State.LIVE]
            return len(live) + len(hungry()) == len(servers)

        await on.until(lambda: hungry() and settled(), PATIENCE)
        pid, seen = session.workers[0].pid, len(on.seen)
        await asyncio.sleep(2)
        assert len(hungry()) < len(servers)
        turns = {(seen.cluster, seen.state) for seen in on.seen[seen:] if not seen.kind}
        assert not {name for name, state in turns if (name, State.LIVE) in turns and (name, State.STALE) in turns}
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
        await on.equal(PATIENCE)
        assert session.workers[0].pid == pid
        assert sum(len(server.lists()) for server in servers) <= 3 * len(servers)
        await on.steady(1, PATIENCE)


async def half(exchange: Exchange) -> None:
    """A WatchList that stops in the middle of its initial events, or a list in the middle of its page."""
    asked, model = exchange.asked, exchange.server.model
    first = model.raw(asked.path)[0]
    exchange.open()
    exchange.chunk(line("ADDED", first) if asked.verb == "watchlist" else page(asked.path, [first], 1)[:-2])
    await exchange.writer.drain()
    await asyncio.sleep(3600)


def both(plant: Plant) -> bool:
    """Whether pods and nodes wait in the middle of their sync."""
    return {asked.path for asked in plant.met} == {PODS, NODES}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_feeder_that_is_killed_while_it_syncs(tmp_path: Path, number: signal.Signals) -> None:
    servers = [Server("host"), Server("m1"), Server("m2")]
    plants = [server.plant(half, "watchlist", "list", times=1e9) for server in servers[1:]]
    async with estate(tmp_path, *servers) as (on, session):
        await on.until(lambda: all(both(plant) for plant in plants), PATIENCE)
        pid = session.workers[0].pid
        for plant in plants:
            plant.lift()
        os.kill(pid, number)
        servers[1].model.delete(PODS, "p0")
        await on.equal(PATIENCE)
        assert session.workers[0].pid not in (0, pid)
        await on.steady(1, PATIENCE)


# -- consoles ----------------------------------------------------------------------------------------------------


def feeders(running: Console) -> list[int]:
    return [pid for pid in children(running.pid) if "kurator_tui.feeder" in command_of(pid)]


async def watched(true: Callable[[], bool], what: str) -> None:
    """Wait for what processes do: they tell nobody."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.02)


@pytest.mark.alone
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_console_that_is_ended_while_it_syncs(tmp_path: Path, number: signal.Signals) -> None:
    """It ends at once, with 128 + the signal, gives the terminal back and leaves no process behind."""
    servers = [Server("host"), Server("m1")]
    plants = [server.plant(half, "watchlist", "list", times=1e9) for server in servers]
    async with serving(tmp_path, *servers) as path:
        with console("--kubeconfig", path, "--members-from", "contexts") as running:
            await watched(lambda: all(both(plant) for plant in plants), "nobody was asked")
            await asyncio.to_thread(running.shows, "Fleets")
            left, pid = feeders(running), running.pid
            began = time.monotonic()
            os.kill(pid, number)
            assert await asyncio.to_thread(running.ends) == 128 + number
            assert time.monotonic() - began < 3
            assert running.restored
            assert b"Traceback" not in running.raw
            assert left
            await watched(lambda: not any(command_of(pid) for pid in left), "its feeder lives on")


async def test_a_machine_that_sleeps_a_few_seconds(tmp_path: Path) -> None:
    """Console and feeder are stopped for longer than a silence may last: neither calls anybody dead."""
    servers = [Server("host"), Server("m1")]
    async with serving(tmp_path, *servers) as path:
        with console("--kubeconfig", path, "--members-from", "contexts", size=(200, 50)) as running:
            await asyncio.to_thread(running.shows, "Fleets")
            running.press(":pods\r")
            await asyncio.to_thread(has_row, running, "Pods", "p2")
            before = feeders(running)
            stopped = [running.pid, *before]
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            servers[1].model.put(PODS, "new", 7)
            await asyncio.sleep(3)
            mark = len(running.raw)
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
            await asyncio.to_thread(has_row, running, "Pods", "new")
            await asyncio.to_thread(read_for, running, 1.0)
            assert feeders(running) == before
            said = running.raw[mark:].decode(errors="replace")
            assert not [word for word in ("stale", "does not answer", "lost", "Traceback") if word in said]
            running.press("q")
            await asyncio.to_thread(running.shows, "Quit kurator-tui?")
            running.press("y")
            assert await asyncio.to_thread(running.ends) == 0


async def test_a_console_that_may_hold_less_than_it_does(tmp_path: Path) -> None:
    """It says so, and all goes on: what is opened comes, and changes are seen."""
    servers = [Server("host"), Server("m1")]
    async with serving(tmp_path, *servers) as path:
        arguments = ("--kubeconfig", path, "--members-from", "contexts", "--max-memory", "16")
        with console(*arguments, size=(200, 50)) as running:
            await asyncio.to_thread(running.shows, "of 16Mi of memory used")
            running.press(":nodes\r")
            await asyncio.to_thread(has_row, running, "Nodes", "n2")
            running.press(":pods\r")
            await asyncio.to_thread(has_row, running, "Pods", "p2")
            servers[1].model.delete(NODES, "n2")
            servers[1].model.put(NODES, "later", 2)
            running.press("~")
            await asyncio.to_thread(running.shows, "given up", "16Mi")
            running.press(":nodes\r")
            await asyncio.to_thread(has_row, running, "Nodes", "later")
            os.kill(running.pid, signal.SIGTERM)
            assert await asyncio.to_thread(running.ends) == 128 + signal.SIGTERM
            assert b"Traceback" not in running.raw


def has_row(running: Console, title: str, name: str) -> None:
    """Read until the table called `title` has a row of that name: words like these stand elsewhere, too."""
    row = re.compile(rf"^\W*{name} ", re.MULTILINE)
    running.until(lambda screen: f"─ {title} " in screen and row.search(screen) is not None, f"{name} in {title}")


def read_for(running: Console, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        running.read(0.05)


# -- the log -----------------------------------------------------------------------------------------------------


def add_bad_credentials(path: Path) -> dict[str, str]:
    """Has a kubeconfig end in members whose token, plugin and certificate are no good; returns the certificate."""
    config = json.loads(path.read_text())
    config["clusters"][2]["cluster"].pop("certificate-authority-data")
    login = "import sys; sys.stderr.write('your session has ended'); print('pl-secret'); sys.exit(3)"
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-c", login],
    }
    issued = trustme.CA().issue_cert("ada@example.test")
    certified = {
        "client-certificate-data": base64.b64encode(issued.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(issued.private_key_pem.bytes()).decode(),
    }
    config["users"] += [
        {"name": "expired", "user": {"token": "ex-secret"}},
        {"name": "plugged", "user": {"exec": plugin}},
        {"name": "certified", "user": certified},
    ]
    for name, user in (("m3", "expired"), ("m4", "plugged"), ("m5", "certified")):
        config["contexts"].append({"name": name, "context": {"cluster": "host", "user": user}})
    path.write_text(json.dumps(config))
    return certified


async def test_the_log_names_every_fault_and_no_secret(tmp_path: Path) -> None:
    """Several members fail, each in its way, and the feeder is killed: no traceback, and the console stays."""
    log = tmp_path / "log"
    good, refusing, tls = Server("host"), Server("m1"), Server("m2", tls=True)
    async with serving(tmp_path, good, refusing, tls) as path:
        certified = add_bad_credentials(Path(path))
        good.plant(
            saying(401),
            times=1e9,
            when=lambda asked: asked.headers.get("authorization") == "Bearer ex-secret",
        )
        arguments = ("--kubeconfig", path, "--members-from", "contexts", "--log-file", str(log))

        def logged(*words: str) -> bool:
            text = log.read_text() if log.exists() else ""
            return all(word in text for word in words)

        with console(*arguments, size=(200, 50)) as running:
            await asyncio.to_thread(running.shows, "Fleets")
            running.press("2")
            await asyncio.to_thread(running.shows, "m4")
            await watched(lambda: logged("m1 is live"), "no member is live")
            await refusing.stop()
            reading = asyncio.create_task(asyncio.to_thread(read_for, running, 1.5))
            faults = (
                "m1 is stale: 127.0.0.1",
                "refuses connections",
                "is not trusted: its certificate is signed by an unknown authority",
                "planted 401",
                "failed with status 3: your session has ended",
            )
            await watched(lambda: logged(*faults), "a fault is not in the log")
            (feeder,) = feeders(running)
            os.kill(feeder, signal.SIGKILL)
            await watched(
                lambda: logged("feeder 0 lost: killed by signal 9"), "the feeder's end is not in the log"
            )
            await watched(lambda: feeders(running) not in ([], [feeder]), "there is no feeder")
            await reading
            os.kill(running.pid, signal.SIGTERM)
            assert await asyncio.to_thread(running.ends) == 128 + signal.SIGTERM
            shown, written = running.raw.decode(errors="replace"), log.read_text()
        tokens = ("t0ken", "ex-secret", "pl-secret", "Bearer", "BEGIN")
        for secret in (*tokens, *(part[40:80] for part in certified.values()), "Traceback"):
            assert secret not in written
            assert secret not in shown
        assert log.stat().st_mode & 0o077 == 0
