"""Runs the whole demo in one process on one loop: a server a cluster, the world behind them, Thanos, a kubeconfig.

The world is ticked by the wall clock here and nowhere else.  Whatever the demo puts on disk is removed when it
ends, by a signal too; what a SIGKILL leaves is removed by the next demo.
"""

import asyncio
import gc
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from kurator_tui.demo import kubeconfig, member_prometheus, thanos
from kurator_tui.demo.apiserver import auth
from kurator_tui.demo.apiserver.faults import Mode
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.tls import LoopbackTls
from kurator_tui.demo.control import Control
from kurator_tui.demo.kubeconfig import Context
from kurator_tui.demo.member_prometheus import MemberPrometheus
from kurator_tui.demo.thanos import Thanos
from kurator_tui.demo.world import scenarios
from kurator_tui.demo.world.clock import FIXED_EPOCH, WorldClock
from kurator_tui.demo.world.kurator import Access
from kurator_tui.demo.world.systems import federation
from kurator_tui.demo.world.topology import HOST
from kurator_tui.demo.world.world import World

_LOG = logging.getLogger(__name__)
#: The world is told the time at least and at most this often, wall seconds.
_SLOWEST, _FASTEST = 0.1, 0.01
MOST_MEMBERS = 500
"""Members of a demo whose world moves."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to simulate and how to say that it is ready.

    `members` is the number of clusters beside the host, `speed` the world seconds in a wall second.
    `watch_parent` ends the demo when stdin reaches its end; `control` adds the endpoint that faults servers.
    """

    members: int = 6
    scenario: str = "default"
    seed: int = 1
    speed: float = 1.0
    json: bool = False
    watch_parent: bool = False
    control: bool = False


class Demo:
    """A running demo; `start` and `stop` may each be called once.

    `wall` gives seconds since 1970.  Raises ValueError for options that make no sense.
    """

    def __init__(self, options: DemoOptions, wall: Callable[[], float] = time.time) -> None:
        if options.members > MOST_MEMBERS:
            raise ValueError(f"a moving demo has at most {MOST_MEMBERS} members; --pods serves one made for load")
        self.options = options
        self._wall = wall
        self._scenario = scenarios.named(options.scenario)
        epoch = FIXED_EPOCH if self._scenario.frozen else wall()
        self.world = World(options.members, options.seed, WorldClock(epoch, options.speed))
        self._tls = LoopbackTls()
        self._context = self._tls.server_context()
        self.tokens = {
            name: {role: secrets.token_urlsafe(24) for role in ("admin", "viewer", "nobody")}
            for name in self.world.plans
        }
        self.servers: dict[str, ClusterServer] = {name: self._server(name) for name in self.world.plans}
        self.thanos = Thanos(self.world, wall)
        self._behind_services(wall)
        self.control = Control(self.servers, self.world.story) if options.control else None
        self.kubeconfig: kubeconfig.PrivateFile | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def _server(self, name: str) -> ClusterServer:
        cluster = self.world.clusters[name]
        tokens = self.tokens[name]
        users = {tokens["admin"]: auth.ADMIN, tokens["viewer"]: auth.VIEWER, tokens["nobody"]: auth.NOBODY}
        storage = cluster.storage
        version = self.world.plans[name].version
        server = ClusterServer(name, storage.catalogue, storage, users, ssl_context=self._context, version=version)

        async def note(_old: Mode, new: Mode) -> None:
            self.world.faults[name] = str(new)

        server.faults.on_change(note)
        return server

    def _behind_services(self, wall: Callable[[], float]) -> None:
        """Thanos answers through the host's server, each member's own Prometheus through the member's; members
        answer through Karmada's proxy."""
        self.servers[HOST].proxy.add(thanos.NAMESPACE, thanos.SERVICE, thanos.PORT, self.thanos.behind_service)
        prometheus = MemberPrometheus(self.thanos.metrics, wall)
        for name in self.world.members:
            place = (member_prometheus.NAMESPACE, member_prometheus.SERVICE, member_prometheus.PORT)
            self.servers[name].proxy.add(*place, partial(prometheus.answer, name))
            for known_as in (name, federation.karmada_name(self.world.plans[name])):
                self.servers[HOST].members[known_as] = self.servers[name]

    async def start(self) -> None:
        """Listen, fill the clusters, write the kubeconfig, set the world going."""
        for server in self.servers.values():
            await server.start()
        gc.disable()
        self.world.build({name: self._access(name, "admin") for name in self.servers})
        self.world.on_fault(self._fault)
        self.world.on_version(lambda cluster, version: self.servers[cluster].run_version(version))
        scenarios.apply(self.world, self._scenario)
        gc.freeze()
        gc.enable()
        await self.thanos.start()
        if self.control:
            await self.control.start()
        self.kubeconfig = kubeconfig.write(self.contexts())
        self._keep(asyncio.create_task(self._run()))

    async def stop(self) -> None:
        """Remove the kubeconfig, stop the world and every server."""
        if self.kubeconfig:
            self.kubeconfig.remove()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self.servers.values():
            await server.stop()
        await self.thanos.stop()
        if self.control:
            await self.control.stop()

    def contexts(self) -> list[Context]:
        """Host contexts for each role, then one admin context a member."""
        roles = (("demo", "admin"), ("demo-viewer", "viewer"), ("demo-nobody", "nobody"))
        found = [Context(name, "demo-host", self._access(HOST, role)) for name, role in roles]
        names = [(member, f"demo-{member}") for member in self.world.members]
        return [*found, *(Context(name, name, self._access(member, "admin")) for member, name in names)]

    def _access(self, cluster: str, role: str) -> Access:
        return Access(self.servers[cluster].url, self.tokens[cluster][role], self._tls.ca_pem)

    def description(self) -> dict[str, Any]:
        """What `-o json` prints: kubeconfig path, Thanos and control URLs, pid, clusters with their servers.

        Of a game day `game`, too: of each incident scenario, code, of, clusters, and Unix seconds since when it
        is so and by when it is told.
        """
        made: dict[str, Any] = {
            "kubeconfig": str(self.kubeconfig.path) if self.kubeconfig else "",
            "thanos": self.thanos.url,
            "pid": os.getpid(),
            "clusters": [{"name": name, "server": server.url} for name, server in self.servers.items()],
        }
        if game := self._game():
            made["game"] = game
        return {**made, "control": self.control.url} if self.control else made

    def _game(self) -> list[dict[str, Any]]:
        """What a game brings and when, Unix seconds: for whoever marks the player."""
        clock = self.world.clock
        return [
            {
                "scenario": scenario,
                "code": each.code,
                "of": each.of,
                "clusters": each.clusters,
                "began": clock.epoch + each.since / clock.speed,
                "due": clock.epoch + each.since / clock.speed + each.by - each.since,
            }
            for scenario, each in scenarios.played(self._scenario, self.options.seed)
            if not scenarios.is_standing(each)
        ]

    def text(self) -> str:
        """The same for people."""
        options = self.options
        lines = [
            f"kurator-tui demo: {len(self.servers)} clusters, scenario {options.scenario} "
            f"({self._scenario.summary}), seed {options.seed}, speed {options.speed:g}",
            "",
            f"  export KUBECONFIG={self.kubeconfig.path if self.kubeconfig else ''}",
            "",
            f"  contexts  {' '.join(each.name for each in self.contexts())}",
            f"  thanos    {self.thanos.url}",
        ]
        if self.control:
            lines.append(f"  control   {self.control.url}")
        return "\n".join([*lines, "", "Ctrl-C ends it."])

    def told(self) -> list[str]:
        """Lines about what happened, for scenarios that keep it to themselves until the end."""
        options = self.options
        return self.world.story.lines(f"{options.scenario}, seed {options.seed}: what happened when", None)

    def _fault(self, cluster: str, mode: str) -> None:
        self._keep(asyncio.create_task(self.servers[cluster].faults.set(mode)))

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            _LOG.error("demo task failed", exc_info=task.exception())

    async def _run(self) -> None:
        """Tell the world the time, for ever."""
        while True:
            try:
                self.world.tick(self._wall())
            except Exception:  # noqa: BLE001 - a stumble is logged and must not end the servers
                _LOG.exception("the world stumbled; it goes on")
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        due = self.world.timeline.next_due()
        if due is None or self.world.frozen:
            return _SLOWEST
        return min(_SLOWEST, max(_FASTEST, (due - self.world.clock.elapsed) / self.world.clock.speed))


class Estate(Protocol):
    """What can be served: an ordinary demo, or one made for load."""

    async def start(self) -> None:
        """Come up; returns when clients can connect."""

    async def stop(self) -> None:
        """End everything."""

    def description(self) -> dict[str, Any]:
        """What `-o json` prints when it is up."""

    def text(self) -> str:
        """The same for people."""

    def told(self) -> list[str]:
        """Lines that are printed when it ends; as JSON in an object with the key `told`."""


async def serve(options: DemoOptions) -> None:
    """Run a demo as `until_ended` does. Raises ValueError for options that make no sense."""
    await until_ended(Demo(options), as_json=options.json, watch_parent=options.watch_parent)


async def until_ended(estate: Estate, *, as_json: bool, watch_parent: bool) -> None:
    """Run an estate until SIGTERM, SIGINT, SIGHUP or, with `watch_parent`, the end of stdin.

    Raises OSError when it cannot listen or write.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    if watch_parent:
        _watch_stdin(lambda: loop.call_soon_threadsafe(ended.set))
    try:
        await estate.start()
        _say(json.dumps(estate.description()) if as_json else estate.text())
        await ended.wait()
        if lines := estate.told():  # before it stops: whoever waits for that may lose patience
            _say(json.dumps({"told": lines}) if as_json else "\n".join(("", *lines)))
    finally:
        await estate.stop()


def _say(text: str) -> None:
    with suppress(BrokenPipeError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _watch_stdin(at_end: Callable[[], object]) -> None:
    """Call `at_end` when stdin reaches its end; a thread, because stdin may be anything."""

    def read() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        with suppress(RuntimeError):  # the loop has ended
            at_end()

    threading.Thread(target=read, name="watch-parent", daemon=True).start()


def run(options: DemoOptions) -> None:
    """`serve` on a loop of its own."""
    run_until_ended(serve(options))


def run_until_ended(serving: Coroutine[Any, Any, None]) -> None:
    """Run `serving` on a new loop: uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(serving)
    else:
        uvloop.run(serving)
