"""A real hub over real sockets against servers that fail, and the one question of every test: is the store right?

`Stage.equal` waits until every row equals the servers' and is vouched for (freshness), `Stage.steady` shows that
nothing lingers: changes arrive by the watches, and nothing is listed again.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kurator_tui.api.backoff import SystemClock
from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.interest import Reach
from kurator_tui.fleet.options import HubOptions
from kurator_tui.kinds.base import HOST
from kurator_tui.link import messages as m
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.faults.linked import Feeders
from tests.faults.model import (
    ATTACHED,
    CLUSTERS,
    CUSTOM,
    FLEETS,
    HOST_PATHS,
    NEWER_WIDGETS,
    NODES,
    PODS,
    RELEASES,
    WIDGETS,
    Fact,
    Model,
)
from tests.faults.server import Server, certificate
from tests.faults.virtual import now, unix

KIND_IDS = {
    PODS: "pods",
    NODES: "nodes",
    FLEETS: "fleets.fleet.kurator.dev",
    ATTACHED: "attachedclusters.cluster.kurator.dev",
    CLUSTERS: "clusters.cluster.kurator.dev",
    CUSTOM: "customclusters.infrastructure.cluster.x-k8s.io",
    RELEASES: "helmreleases.helm.toolkit.fluxcd.io",
    WIDGETS: "widgets.example.org",
    NEWER_WIDGETS: "widgets.example.org",
}
ON_DEMAND = (WIDGETS, NEWER_WIDGETS)
"""Collections that are watched only while a test looks at them."""
PATIENCE = 400.0
"""Virtual seconds; longer than a watch's longest term."""


def _pod(row: Any) -> Fact:
    return (row.uid, row.namespace, row.name, row.status, row.restarts, row.node)


def _node(row: Any) -> Fact:
    return (row.uid, row.name, row.ready, row.version)


def _named(row: Any) -> Fact:
    return (row.uid, row.namespace, row.name)


_FACTS: dict[str, Callable[[Any], Fact]] = {PODS: _pod, NODES: _node}


def _access(url: str) -> dict[str, str]:
    """A kubeconfig's cluster entry."""
    if url.startswith("http:"):
        return {"server": url}
    return {"server": url, "certificate-authority-data": base64.b64encode(certificate()[0]).decode()}


def kubeconfig(servers: Mapping[str, str], current: str = HOST) -> dict[str, Any]:
    """A kubeconfig with a context for each URL."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current,
        "contexts": [{"name": name, "context": {"cluster": name, "user": "u"}} for name in servers],
        "clusters": [{"name": name, "cluster": _access(url)} for name, url in servers.items()],
        "users": [{"name": "u", "user": {"token": "t0ken"}}],
    }


@dataclass(frozen=True, slots=True)
class Seen:
    """One change of freshness. `kind` is "" for the cluster itself."""

    at: float
    cluster: str
    kind: str
    state: State
    reason: str


@dataclass(slots=True)
class Stage:
    """`servers` by cluster name; two names may share one server. `seen` is every freshness there ever was."""

    servers: dict[str, Server]
    store: Store
    reader: Hub | Session
    """What the store is filled by."""
    feeders: Feeders
    looked: set[str] = field(default_factory=set)
    """Collections on demand that are looked at, in all members."""
    seen: list[Seen] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.store.listen(lambda _kind, _delta: self._changed.set())
        self.store.listen_freshness(self._note)
        for server in self.servers.values():
            server.changed = self._changed.set

    def _note(self, cluster: str, kind: str, freshness: Freshness) -> None:
        self.seen.append(Seen(now(), cluster, kind, freshness.state, freshness.reason))
        self._changed.set()

    def __getitem__(self, name: str) -> Server:
        return self.servers[name]

    # -- looking -------------------------------------------------------------------------------------------------

    def look(self, path: str, *clusters: str, namespaces: tuple[str, ...] = ()) -> None:
        """A collection is looked at, in all members or in `clusters`; `namespaces` where not all may be read."""
        if not clusters:
            self.looked.add(path)
        if isinstance(self.reader, Hub):
            self.reader.require(KIND_IDS[path], Reach(frozenset(clusters), frozenset(namespaces)))
        else:
            self.reader.subscribe(KIND_IDS[path], clusters, namespaces=namespaces)

    def leave(self, path: str) -> None:
        """Nobody looks at a collection any more."""
        self.looked.discard(path)
        if isinstance(self.reader, Hub):
            self.reader.release(KIND_IDS[path])
        else:
            self.reader.unsubscribe(KIND_IDS[path])

    # -- reading -------------------------------------------------------------------------------------------------

    def facts(self, cluster: str, path: str) -> set[Fact]:
        """What the store shows of a collection."""
        fact = _FACTS.get(path, _named)
        return {fact(row) for row in self.store.rows(KIND_IDS[path], cluster)}

    def state(self, cluster: str, path: str = "") -> State:
        """Freshness of a cluster, or of one of its collections."""
        return self.store.freshness(cluster, KIND_IDS[path] if path else "").state

    def states(self, cluster: str, path: str = "", since: int = 0) -> list[State]:
        """Every state that freshness has had, from index `since` of `seen` on."""
        kind = KIND_IDS[path] if path else ""
        return [seen.state for seen in self.seen[since:] if (seen.cluster, seen.kind) == (cluster, kind)]

    def differences(self) -> list[str]:
        """Where the store and the servers differ; empty when they are equal."""
        found: list[str] = []
        for cluster, server in self.servers.items():
            for path in dict.fromkeys((*server.model.tables, *self.looked)):
                if path in ON_DEMAND and path not in self.looked:
                    continue
                if path not in ON_DEMAND and (
                    path in server.hidden or (cluster != HOST and path not in (PODS, NODES))
                ):
                    continue
                if path in server.hidden or path not in server.model.tables:
                    if self.facts(cluster, path) or self.state(cluster, path) is not State.ABSENT:
                        found.append(f"{cluster} {path}: {self.state(cluster, path)}, and is not served")
                    continue
                there, here = server.model.facts(path), self.facts(cluster, path)
                if there != here:
                    found.append(f"{cluster} {path}: missing {_few(there - here)}, wrong {_few(here - there)}")
                elif self.state(cluster, path) is not State.LIVE:
                    freshness = self.store.freshness(cluster, KIND_IDS[path])
                    found.append(f"{cluster} {path}: {freshness.state} ({freshness.reason})")
        return found

    # -- waiting -------------------------------------------------------------------------------------------------

    async def until(
        self, true: Callable[[], object], seconds: float = PATIENCE, why: Callable[[], object] = str
    ) -> float:
        """Wait for a condition on rows, freshness or requests; returns the seconds it took."""
        began = now()
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self._changed.wait()
                    self._changed.clear()
        except TimeoutError:
            pass
        else:
            return now() - began
        tails = "\n".join(
            f"  {name}: {asked}"
            for name, server in self.servers.items()
            for asked in [asked for asked in server.log if asked.verb != "probe"][-15:]
        )
        raise AssertionError(f"not within {seconds:g} s: {why()}\n{tails}")

    async def equal(self, seconds: float = PATIENCE) -> float:
        """Wait until the store equals the servers and vouches for it; returns the seconds it took."""
        return await self.until(lambda: not self.differences(), seconds, lambda: "\n".join(self.differences()))

    async def steady(self, seconds: float = 20.0, patience: float = 5.0) -> None:
        """Assert that all goes on by watches: changes arrive, nothing is listed, one watch a kind is open.

        `patience` is the seconds a change may take; on a busy machine, where they are no virtual ones, more.
        """
        marks = {name: len(server.log) for name, server in self.servers.items()}
        for server in {id(server): server for server in self.servers.values()}.values():
            for path in (PODS, NODES):
                if path in server.model.tables and path not in server.hidden:
                    server.model.put(path, "steady", int(now()))
        await self.equal(patience)
        await asyncio.sleep(seconds)
        assert not self.differences()
        for name, server in self.servers.items():
            assert not server.lists(marks[name]), f"{name} is listed: {server.lists(marks[name])}"
            shares = sum(other is server for other in self.servers.values())
            for path in (PODS, NODES):
                asked = [str(a) for a in server.log[marks[name] :] if (a.verb, a.path) == ("watch", path)]
                assert len(asked) <= shares, f"{name}: a term may end, and no more: {asked}"
                assert len(server.streams(path)) <= shares, f"{name}: too many watches of {path}"


def _few(facts: set[Fact]) -> str:
    return f"{len(facts)} {sorted(facts)[:3]}"


@asynccontextmanager
async def stage(
    folder: Path,
    *members: str | Server,
    host: Server | None = None,
    alone: bool = False,
    linked: bool = False,
    sync: bool = True,
    populate: int = 3,
) -> AsyncIterator[Stage]:
    """A host and members (default: `m1`) as contexts of one kubeconfig, each with a few pods and nodes, in sync.

    With a `host` that serves Fleets, members are those of its Fleets (see `Fleet`), and `members` only says whose
    rows are compared. `alone`: a host without members. `linked`: the store is a console's, at the far end of a
    link to a feeder.
    """
    servers = {
        server.name: server
        for server in (
            host or Server(HOST, Model()),
            *(Server(m) if isinstance(m, str) else m for m in members or (() if alone else ("m1",))),
        )
    }
    for server in servers.values():
        for number in range(populate):
            server.model.put(PODS, f"p{number}", number)
            server.model.put(NODES, f"n{number}", number)
        if not server.port:
            await server.start()
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig({name: server.url for name, server in servers.items()})))
    members_from = "kurator" if host is not None and not alone else "contexts"
    with patch.object(SystemClock, "now", lambda _self: now()):
        async with _console(path, members_from) if linked else _hub(path, members_from) as (reader, feeders):
            playing = Stage(servers, reader.store, reader, feeders)
            try:
                if sync:
                    await playing.equal()
                yield playing
            finally:
                for server in servers.values():
                    await server.stop()


@asynccontextmanager
async def _hub(path: Path, members_from: str) -> AsyncIterator[tuple[Hub, Feeders]]:
    """A hub alone."""
    hub = Hub(load_kubeconfig(str(path), {}), HubOptions(members_from=members_from), Store(), clock=unix)
    task = asyncio.create_task(hub.run())
    try:
        yield hub, Feeders()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _console(path: Path, members_from: str) -> AsyncIterator[tuple[Session, Feeders]]:
    """A console that reads every kind from its feeder, but those on demand."""
    feeders = Feeders()
    configured = m.Configured(kubeconfig=str(path), members_from=members_from)
    session = Session(configured, start=feeders.start, clock=unix)
    for kind in ("clusters", *(id for path, id in KIND_IDS.items() if path not in ON_DEMAND)):
        session.subscribe(kind)
    task = asyncio.create_task(session.run())
    try:
        yield session, feeders
    finally:
        await session.close()
        await task
        await feeders.gone()


def kurator_host() -> Server:
    """A host that serves all of Kurator's kinds, still without any object of them."""
    return Server(HOST, Model(HOST_PATHS))


def attach(host: Server, name: str, server: Server) -> None:
    """An AttachedCluster with its Secret; a Fleet must list it before it is a member."""
    document = json.dumps(kubeconfig({name: server.url}, name)).encode()
    data = {"value": base64.b64encode(document).decode()}
    host.single[f"/api/v1/namespaces/default/secrets/{name}"] = json.dumps(
        {"kind": "Secret", "data": data}
    ).encode()
    host.model.put(ATTACHED, name, spec={"kubeconfig": {"name": name}})


def fleet(host: Server, *names: str) -> None:
    """The Fleet `prod` with these members."""
    clusters = [{"kind": "AttachedCluster", "name": name} for name in names]
    host.model.put(FLEETS, "prod", spec={"clusters": clusters}, status={"phase": "Ready"})
