"""One member's life: connect, probe, watch what is wanted, report. Nothing here can hold up another member.

A `MemberLink` runs until cancelled. It writes rows and freshness into the store and calls `changed` whenever
something that its row in `clusters` shows is different.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from kurator_tui.api.backoff import lapse
from kurator_tui.api.connection import Connection, Response
from kurator_tui.api.discovery import Served, discover
from kurator_tui.api.probe import probe
from kurator_tui.errors import (
    ConsoleError,
    Forbidden,
    ForbiddenCredential,
    NotFound,
    OutOfFiles,
    Throttled,
    TimedOut,
    TlsFailure,
    Unauthorized,
    UsageError,
)
from kurator_tui.fleet.health import Contact, Facts, apart, member_state, mistake, stream_state
from kurator_tui.fleet.interest import ALL, NOT_NARROWED, Narrowed
from kurator_tui.fleet.membership import HOST_KIND, Member
from kurator_tui.fleet.pace import Gates, Heard, ProbePace
from kurator_tui.fleet.watching import listed_otherwise, watch_kind
from kurator_tui.kinds.arranging import same_rows
from kurator_tui.kinds.base import AnyKind
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

PROBE_TIMEOUT = 0.8
SLOWEST_PROBE = 5.0
"""A far server may take this long; the timeout follows four times its usual latency up to here."""
RENEW_AFTER = 30.0
"""Seconds of failing probes after which the credentials are read again. Shorter outages keep their watches."""
RENEW_AFTER_TLS = 2
"""The same for TLS, as a number of probes: a new certificate authority does not go away by waiting."""
REDISCOVER_INTERVAL = 60.0
"""Seconds between two discoveries while a wanted kind is not served."""
DISCOVERY_PAUSE = 5.0
"""Least time (seconds) between two discoveries because a collection was not found."""
LONGEST_WAIT = 60.0
"""Longest time (seconds) that a server's Retry-After keeps us from probing it."""
CONNECT_DELAYS = (0.3, 1.0, 2.0, 5.0, 10.0)


Connect = Callable[[Member], Awaitable[tuple[Connection, str]]]
"""Opens a connection and says where its credentials came from. Raises ConsoleError."""


class MemberLink:
    """Keeps one member connected and its wanted kinds watched."""

    def __init__(
        self,
        member: Member,
        connect: Connect,
        store: Store,
        changed: Callable[[str], None],
        clock: Callable[[], float],
        namespace_of: Callable[[AnyKind], str] = lambda _kind: "",
        probes: ProbePace | None = None,
        gates: Gates | None = None,
    ) -> None:
        self.member = member
        self.facts = Facts()
        self.connection: Connection | None = None
        self.served: Served | None = None
        self.contact = Contact(clock())
        self.failure: ConsoleError | None = None
        """Why the last try failed, with its hint; None when it did not."""
        self._connect = connect
        self._store = store
        self._changed = changed
        self._clock = clock
        self._namespace_of = namespace_of
        self._probes = probes or ProbePace(lambda: 1)
        self._gates = gates or Gates()
        self._heard = Heard()
        self._vanished = False
        """Whether a collection was not found since the last discovery."""
        self._closed = False
        self._failures = 0
        self._wanted: dict[str, AnyKind] = {}
        self._essential: frozenset[str] = frozenset()
        self._narrow = NOT_NARROWED
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._discovery: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()
        self._latency = 0.0
        self._streams: dict[str, Freshness] = {}

    # -- what is watched ----------------------------------------------------------------------------------------

    def want(
        self,
        kinds: dict[str, AnyKind],
        essential: frozenset[str],
        narrow: Narrowed = NOT_NARROWED,
    ) -> None:
        """Watch exactly `kinds`; `essential` are those that decide the member's state.

        A kind that is defined otherwise than before is listed anew: its rows have other cells.
        So is one of which `narrow` has other fields; its namespaces matter where all of them may not be listed.
        """
        for kind in [id for id, known in self._wanted.items() if kinds.get(id) is not known]:
            self._drop(kind)
            if same_rows(self._wanted[kind], kinds.get(kind)):
                continue
            self._streams.pop(kind, None)
            self._store.forget(kind, self.member.name)
        before, self._narrow = self._narrow, narrow
        for kind, known in [*self._streams.items()]:
            if listed_otherwise(known, before.get(kind, ALL), narrow.get(kind, ALL)):
                self._drop(kind)
                self._report(kind, State.SYNCING, "")
        self._wanted, self._essential = kinds, essential
        self._streams = {kind: stream for kind, stream in self._streams.items() if kind in kinds}
        self._reconcile()

    def _drop(self, kind: str) -> None:
        if (task := self._watchers.pop(kind, None)) is not None:
            task.cancel()

    def resync(self) -> None:
        """Find out again what is served, and list everything again."""
        self._asked.set()
        for kind in [*self._watchers]:
            self._drop(kind)
        self._reconcile()

    def _reconcile(self) -> None:
        if self._closed or self.connection is None or self.served is None:
            return
        for id, kind in self._wanted.items():
            if id not in self._watchers:
                self._watchers[id] = asyncio.create_task(self._watch(kind, self.connection, self.served))

    async def _watch(self, kind: AnyKind, connection: Connection, served: Served) -> None:
        while True:
            try:
                await watch_kind(
                    kind,
                    connection,
                    served,
                    self._store,
                    self._report,
                    cluster=self.member.name,
                    namespace=self._namespace_of(kind) if kind.namespaced else "",
                    narrow=self._narrow.get(kind.id, ALL),
                    herd=self._gates.herd,
                    admit=partial(self._gates.listing.enter, self._list_rank(kind)),
                )
            except Exception as error:  # noqa: BLE001 - as above: the kind says so and is tried again
                self._report(kind.id, State.UNREACHABLE, mistake(f"{self.member.name}/{kind.id}", error).brief)
                await asyncio.sleep(CONNECT_DELAYS[-1])
            else:
                return

    def _report(self, kind: str, state: State, reason: str, error: ConsoleError | None = None) -> None:
        if self._closed:
            return
        if isinstance(error, NotFound):
            self._vanished = True
            self._asked.set()  # the kind may not be served any more: find out
        known = self._streams.get(kind)
        if known is None or (known.state, known.reason) != (state, reason):
            since = known.since if known is not None and known.state is state else self._clock()
            self._streams[kind] = Freshness(state, since, reason)
            self._publish()

    async def _keep_discovering(self, connection: Connection) -> None:
        """Discover again when asked to, and now and then while a wanted kind is absent."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REDISCOVER_INTERVAL):
                    await self._asked.wait()
                    if self._vanished:  # many watchers may say so at once, and again and again
                        await asyncio.sleep(DISCOVERY_PAUSE)
            absent = self.served and any(self.served.resolve(kind) is None for kind in self._wanted.values())
            if not absent and not self._asked.is_set():
                continue
            self._asked.clear()
            self._vanished = False
            try:
                self._serve(await discover(connection))
            except ConsoleError as error:
                _LOG.info("%s: discovery failed: %s", self.member.name, error.brief)
            except Exception as error:  # noqa: BLE001 - as below
                mistake(self.member.name, error)

    def _serve(self, served: Served) -> None:
        """Take over a newer discovery: kinds that are served elsewhere than before are watched anew."""
        before, self.served = self.served, served
        broken = {group_version.partition("/")[0] for group_version in served.broken}
        for id, kind in self._wanted.items():
            path = served.resolve(kind)
            if path is None and kind.group in broken:
                continue  # Its watcher knows better than a discovery that failed.
            if before is not None and path != before.resolve(kind) and id in self._watchers:
                self._drop(id)
        self._reconcile()

    # -- life -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect and stay connected until cancelled."""
        self._publish()
        try:
            while True:
                try:
                    await self._session()
                except ConsoleError as error:
                    self._failed(error)
                except Exception as error:  # noqa: BLE001 - a mistake of ours in one member must be seen, not hide it
                    self._failed(mistake(self.member.name, error))
                finally:
                    await self._hang_up()
                self._failures += 1
                delay = CONNECT_DELAYS[min(self._failures, len(CONNECT_DELAYS) - 1)]
                await asyncio.sleep(delay * random.uniform(0.7, 1.3))
        finally:
            await self._hang_up()

    def stop(self) -> None:
        """From now on nothing more is watched, written or reported; the caller cancels the task of `run`."""
        self._closed = True
        for task in self._tasks():
            task.cancel()

    async def _session(self) -> None:
        """From connecting to the error by which the credentials or the connection must be made anew."""
        async with self._gates.connecting.turn(self._rank):
            connection, via = await self._connect(self.member)
            self.connection = connection
            self.facts = replace(self.facts, via=via, server=connection.server)
            await self._probe_once(connection)
            self._asked.clear()
            self.served = await discover(connection)
        self._failures = 0
        self._discovery = asyncio.create_task(self._keep_discovering(connection))
        self._reconcile()
        self._publish()
        await self._keep_probing(connection)

    async def _keep_probing(self, connection: Connection) -> None:
        """Probe until the credentials are refused, or fail for so long that they may have changed. Raises why."""
        failing_since: float | None = None
        tls_failures, wait, first = 0, 0.0, True
        while True:
            await self._probes.wait(wait, first=first)
            wait, first = 0.0, False
            if self._heard_of(connection):
                continue
            try:
                await self._probe_once(connection)
            except Unauthorized:
                raise
            except OutOfFiles as error:
                if not connection.stats.open_streams:  # else it is as live as its streams
                    self._failed(error)
            except ConsoleError as error:
                if (
                    isinstance(error, TimedOut)
                    and connection.stats.open_streams
                    and self._heard.came(connection.stats.bytes_in)
                ):
                    self.contact = replace(self.contact, last=self._clock())  # slow to answer, but not silent
                    continue
                self._failed(error)
                if isinstance(error, Throttled):
                    wait = min(error.retry_after or 0.0, LONGEST_WAIT)
                    continue
                now = lapse()
                failing_since = now if failing_since is None else failing_since
                tls_failures += isinstance(error, TlsFailure)
                if now - failing_since >= RENEW_AFTER or tls_failures >= RENEW_AFTER_TLS:
                    raise
            else:
                failing_since, tls_failures = None, 0

    def _heard_of(self, connection: Connection) -> bool:
        """Whether a stream of a member among very many brought something lately: it is there."""
        came = self._heard.came(connection.stats.bytes_in)
        if not self._probes.sparing or self.contact.error or not self._heard.lately(self._probes.interval):
            return False
        if came:
            self.contact = replace(self.contact, last=self._clock())
        return True

    async def _probe_once(self, connection: Connection) -> None:
        timeout = min(max(PROBE_TIMEOUT, 4 * self._latency / 1000), SLOWEST_PROBE)
        if not self.contact.last:
            timeout = SLOWEST_PROBE
        try:
            result = await probe(connection, timeout)
        except (Forbidden, NotFound):  # the server answers; it only does not say its version to us
            self.contact = replace(self.contact, last=self._clock(), error="", forbidden="")
            self.failure = None
            self._publish()
            return
        self._heard.probed(connection.stats.bytes_in)
        self.failure = None
        self._latency = result.latency_ms if not self._latency else 0.7 * self._latency + 0.3 * result.latency_ms
        self.contact = replace(self.contact, last=self._clock(), error="", forbidden="")
        ahead = apart(self.facts.ahead, result.date, self._clock())
        latency = round(result.latency_ms, 1)
        self.facts = replace(self.facts, version=result.version, latency=latency, ahead=ahead)
        self._publish()

    def _failed(self, error: ConsoleError) -> None:
        self.failure = error
        if isinstance(error, ForbiddenCredential) and not self.contact.last:
            self.contact = replace(self.contact, error="", forbidden=error.brief)
        else:
            self.contact = replace(self.contact, error=error.brief, forbidden="")
        self._publish()

    async def _hang_up(self) -> None:
        connection, self.connection, self.served = self.connection, None, None
        if not self.contact.error and self._streams:
            self.contact = replace(self.contact, error="disconnected")
        self._streams = {
            kind: Freshness(State.STALE, self.contact.last, self.contact.error) if f.state is State.LIVE else f
            for kind, f in self._streams.items()
            if f.state is not State.SYNCING
        }
        tasks = self._tasks()
        self._watchers, self._discovery = {}, None
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            if connection is not None:
                with contextlib.suppress(ConsoleError):
                    await connection.close()

    def _tasks(self) -> list[asyncio.Task[None]]:
        """All tasks of this session but its own."""
        return [*self._watchers.values(), *([self._discovery] if self._discovery else [])]

    @property
    def _rank(self) -> int:
        """The host first: it knows the members; those that failed before last."""
        return 0 if self.member.kind == HOST_KIND else 2 if self._failures else 1

    def _list_rank(self, kind: AnyKind) -> int:
        """The host's kinds first, then those that a screen asked for, then those every member is watched for."""
        return 0 if self.member.kind == HOST_KIND else 2 if kind.id in self._essential else 1

    async def fetch(self, path: str) -> Response:
        """GET one object. Raises ConsoleError."""
        if self.connection is None:
            raise UsageError(f"{self.member.name} is not connected")
        return await self.connection.request("GET", path)

    # -- state ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Freshness:
        """The member's state now."""
        return self._store.freshness(self.member.name)

    def note(self) -> str:
        """What is refused beside the state itself."""
        refused = (f for kind, f in self._streams.items() if f.state is State.FORBIDDEN and kind in self._wanted)
        return "; ".join(f.reason for f in refused)

    def _publish(self) -> None:
        """Write the member's state and that of each wanted kind into the store."""
        if self._closed:
            return
        name, connection = self.member.name, self.connection
        if connection is not None:
            expiries, streams = connection.expiries, connection.stats.open_streams
            self.facts = replace(self.facts, expiries=expiries, streams=streams)
        unknown = Freshness(State.CONNECTING, self.contact.began)
        essential = {kind: self._streams.get(kind, unknown) for kind in self._essential}
        state = member_state(self.contact, essential)
        self._store.set_freshness(name, "", state)
        for kind in self._wanted:
            stream = self._streams.get(kind, unknown)
            kept = self._store.count(kind, name) > 0
            self._store.set_freshness(name, kind, stream_state(self.contact, state, stream, kept=kept))
        self._changed(name)
