"""The whole estate made for load, in one process on one loop: members, host, generator, kubeconfig, control."""

import asyncio
import gc
import os
import random
import resource
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kurator_tui.demo import kubeconfig
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.tls import LoopbackTls
from kurator_tui.demo.kubeconfig import Context
from kurator_tui.demo.load import digests, host
from kurator_tui.demo.load.generator import Generator, Source
from kurator_tui.demo.load.listeners import Listener
from kurator_tui.demo.load.members import Member, Schema
from kurator_tui.demo.load.options import LoadOptions
from kurator_tui.demo.load.population import Settler, names, share
from kurator_tui.demo.load.script import Player, read
from kurator_tui.demo.load.sessions import Traffic
from kurator_tui.demo.world.kurator import Access

PAGE = 500
"""Objects a page of the lists that are compressed beforehand."""
_HISTORY, _LEAST_HISTORY = 400_000, 500
"""Changes kept over all members, and by each at least."""
_ARRIVALS, _BUCKET = 30.0, 0.1
_HOUSEKEEPING = 1.0
_COLLECT_AFTER = 1000
"""Connections lost between two garbage collections: nothing else makes garbage in cycles."""


class Estate:
    """A running estate; `start` and `stop` may each be called once. Raises ValueError for options or a script
    that make no sense, OSError for a script that cannot be read."""

    def __init__(self, options: LoadOptions) -> None:
        self.options = options.checked()
        self._tls = LoopbackTls()
        self._context = self._tls.server_context()
        self._token = secrets.token_urlsafe(24)
        self.traffic = Traffic()
        self.listeners: dict[str, Listener] = {}
        sources = [self._member(name, number) for number, name in enumerate(names(options.members))]
        self.generator = Generator(sources, options.seed)
        members = {name: listener.member for name, listener in self.listeners.items()}
        steps = read(Path(options.script).read_text(encoding="utf-8").splitlines()) if options.script else []
        self.player = Player(steps, members)
        self.host = host.host_server(self._token, self._context, options.seed)
        self.kubeconfig: kubeconfig.PrivateFile | None = None
        self.control_url = ""
        self._since = 0.0
        self._housekeeper: asyncio.TimerHandle | None = None

    _schema = Schema(default_catalogue(host=False))

    def _member(self, name: str, number: int) -> Source:
        options = self.options
        rng = random.Random(f"{options.seed}/{name}")
        history = max(_LEAST_HISTORY, _HISTORY // options.members)
        member = Member(name, self._schema, first_version=rng.randint(100_000, 900_000), history=history)
        settler = Settler(member, number, rng, time.time())
        settler.settle(share(options.pods, options.members, number), share(options.nodes, options.members, number))
        self.listeners[name] = Listener(member, self.traffic, self._token, self._context)
        return Source(member, settler, rng)

    async def start(self) -> None:
        """Listen, register the members, compress the first lists, write the kubeconfig, let events flow."""
        raise_file_limit()
        gc.disable()
        for listener in self.listeners.values():
            await listener.open()
        await self.host.start()
        host.register(self.host.storage, {name: self._access(each) for name, each in self.listeners.items()})
        await self._warm()
        gc.freeze()
        self.kubeconfig = kubeconfig.write(self.contexts())
        self._housekeep()
        self.generator.set_rate(self.options.events)
        self.player.start()

    async def stop(self) -> None:
        """Remove the kubeconfig, end everything."""
        if self.kubeconfig:
            self.kubeconfig.remove()
        self.player.stop()
        self.generator.stop()
        if self._housekeeper:
            self._housekeeper.cancel()
        gc.unfreeze()
        gc.enable()
        for listener in self.listeners.values():
            listener.close()
        await self.host.stop()

    async def _warm(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            work = [
                loop.run_in_executor(pool, listener.lists.warm, table, PAGE)
                for listener in self.listeners.values()
                for table in (listener.member.pods, listener.member.nodes)
                if table.slots
            ]
            await asyncio.gather(*work)

    # -- what is said of it

    def contexts(self) -> list[Context]:
        """The host's context, then each member's, which is called as the member is."""
        access = Access(self.host.url, self._token, self._tls.ca_pem)
        members = (Context(name, name, self._access(each)) for name, each in self.listeners.items())
        return [Context(host.FLEET, "host", access), *members]

    def _access(self, listener: Listener) -> Access:
        return Access(listener.url, self._token, self._tls.ca_pem)

    def description(self) -> dict[str, Any]:
        """What `-o json` prints."""
        return {
            "kubeconfig": str(self.kubeconfig.path) if self.kubeconfig else "",
            "pid": os.getpid(),
            "clusters": {name: listener.url for name, listener in self.listeners.items()},
            "host": self.host.url,
            "control": self.control_url,
        }

    def text(self) -> str:
        """The same for people."""
        options = self.options
        return "\n".join(
            [
                f"kurator-tui demo: {options.members} members with {options.pods} pods and {options.nodes} nodes, "
                f"{options.events:g} events a second, seed {options.seed}",
                "",
                f"  export KUBECONFIG={self.kubeconfig.path if self.kubeconfig else ''}",
                "",
                f"  contexts  {' '.join(each.name for each in self.contexts()[:3])} …",
                f"  control   {self.control_url}",
                "",
                "Ctrl-C ends it.",
            ]
        )

    def digest(self) -> dict[str, Any]:
        """The digests of pods and nodes, and how many events were ever made."""
        found = digests.of_members(listener.member for listener in self.listeners.values())
        return {**found, "events": self.generator.sent + self.player.played}

    def traffic_now(self) -> dict[str, int]:
        """Streams and connections open now, and streams that wait for their client."""
        streams = self.traffic.streams
        return {"streams": len(streams), "connections": self.traffic.connections, "behind": self.behind()}

    # -- what is done to it

    def chosen(self, name: str) -> Iterable[Listener]:
        """The member of this name, every member for ''. Raises ValueError for one that is not there."""
        if not name:
            return tuple(self.listeners.values())
        if name not in self.listeners:
            raise ValueError(f"no cluster {name!r}")
        return (self.listeners[name],)

    def behind(self) -> int:
        """How many streams have not been sent, or have not taken, everything."""
        return sum(not stream.written for stream in self.traffic.streams)

    def truncate(self, name: str) -> int:
        """Cut the next write of each watch of a member ('': of all); how many that are."""
        members = {listener.member for listener in self.chosen(name)}
        streams = [stream for stream in self.traffic.streams if stream.member in members]
        for stream in streams:
            stream.cut = True
        return len(streams)

    def restart(self) -> None:
        """Cut every connection and count those that come from now on."""
        self._since = asyncio.get_running_loop().time()
        self.traffic.arrivals = []
        for listener in self.listeners.values():
            listener.cut()

    def arrivals(self) -> list[int]:
        """New connections in each 100 ms since the restart, at most 30 s of them; [] before one."""
        times = self.traffic.arrivals
        if times is None:
            return []
        past = min(asyncio.get_running_loop().time() - self._since, _ARRIVALS)
        counts = [0] * (int(past / _BUCKET) + 1)
        for moment in times:
            bucket = int((moment - self._since) / _BUCKET)
            if bucket < len(counts):
                counts[bucket] += 1
        return counts

    def _housekeep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for stream in tuple(self.traffic.streams):
            stream.housekeep(now)
        if self.traffic.lost >= _COLLECT_AFTER:
            self.traffic.lost = 0
            gc.collect()
        self._housekeeper = loop.call_later(_HOUSEKEEPING, self._housekeep)


def raise_file_limit() -> None:
    """Allow as many open files as the system does: each stream is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
