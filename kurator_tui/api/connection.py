"""One connection to one cluster's API server: requests and streams that answer bytes or raise the error tree.

The only door to a cluster. It keeps the promises that everything above relies on:

- every failure is a `ConsoleError` with a message for people; nothing of the HTTP library comes through, and no
  message, repr or log line holds a credential;
- the status is checked before anything is read as an answer; nothing is retried, except once after a 401 with
  renewed credentials; no redirect is followed, and no answer is read without end;
- no secret is written to a disk: certificates are loaded from memory, so the kubernetes client's own kubeconfig
  loader, which writes temporary files, never sees them.

The generated API classes, typed models and `Watch` of the kubernetes client are not used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp

from kurator_tui.api import tls
from kurator_tui.api.backoff import lapse
from kurator_tui.api.clients import client_maker
from kurator_tui.api.credentials import Credentials, Gate, Presented, credentials_for, impersonation
from kurator_tui.api.failures import error_from_answer, error_from_exception, host_of, not_kubernetes
from kurator_tui.api.handover import handler_of
from kurator_tui.api.kubeconfig import Kubeconfig, runs_or_reads
from kurator_tui.api.provider import AuthProvider
from kurator_tui.api.stream import Splitter, Stream
from kurator_tui.api.transport import Asked, Client, Query, Redirected, peer_certificate
from kurator_tui.api.websocket import WebSocket, accepted, handshake, refused
from kurator_tui.errors import (
    Broken,
    ConsoleError,
    CredentialError,
    KubeconfigError,
    RefusedCredential,
    TooLarge,
    TransportError,
    Unauthorized,
)
from kurator_tui.kinds import x509

_LOG = logging.getLogger(__name__)
"""What was asked and what came of it, never headers or bodies: they hold secrets."""
PROBED = "/version"
"""Asked for every second; its successes would drown the log."""


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Limits of a connection, in seconds, or bytes once unpacked; `now` is for expiry, `lapse` for waiting."""

    connect: float = 5.0
    """TCP and TLS together."""
    answer: float = 30.0
    """Longest silence while waiting for an answer or its next bytes."""
    total: float = 60.0
    """Time to read the whole body of any answer but a list."""
    list_total: float = 300.0
    """Time to read one page of a list."""
    answer_bytes: int = 16 * 2**20
    list_bytes: int = 256 * 2**20
    """One page, or the whole list where a server does not know pages."""
    plugin: float = 60.0
    """An exec plugin's whole run."""
    now: Callable[[], float] = time.time
    lapse: Callable[[], float] = lapse
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)


@dataclass(slots=True)
class Stats:
    """Counters of one connection. `bytes_in` counts bodies after decompression, `events` lines of watches."""

    bytes_in: int = 0
    events: int = 0
    requests: int = 0
    open_streams: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx answer. Header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """See the module. Made by `Connection.open`; must be closed.

    name         the cluster's name in rows and messages
    server       URL of the API server
    user_owned   whether the credentials are the user's own (only then may they run plugins and read files)
    """

    def __init__(
        self,
        name: str,
        server: str,
        credentials: Credentials,
        make_client: Callable[[tls.ClientPair | None], Client],
        settings: ConnectionSettings,
        *,
        user_owned: bool,
    ) -> None:
        self.name = name
        self.server = server
        self.user_owned = user_owned
        self.stats = Stats()
        self._credentials = credentials
        self._make_client = make_client
        self._settings = settings
        self._client: Client | None = None
        self._pair: tls.ClientPair | None = None
        self._retired: list[Client] = []
        self._peer_expiry: float | None = None
        self._down = False
        self._recovery = asyncio.Event()
        self._closed = False

    def __repr__(self) -> str:
        return f"<Connection {self.name} to {host_of(self.server)}>"

    @classmethod
    async def open(
        cls,
        name: str,
        kubeconfig: Kubeconfig,
        context: str | None,
        *,
        user_owned: bool,
        exec_gate: Gate,
        settings: ConnectionSettings | None = None,
    ) -> Connection:
        """A connection for one context; nothing is sent yet and no plugin runs yet.

        `exec_gate` is shared by all connections so that one plugin runs at a time. Raises `KubeconfigError` or,
        when not `user_owned`, `CredentialError` for data that cannot be used.
        """
        settings = settings or ConnectionSettings()
        error: type[ConsoleError] = KubeconfigError if user_owned else CredentialError
        ref = kubeconfig.select(context)
        cluster, user = kubeconfig.cluster(ref), kubeconfig.user(ref)
        if not user_owned and runs_or_reads(cluster, user):
            raise RefusedCredential(f"The credentials of {name} would run or read something on this machine.")
        provider = user.get("auth-provider")
        credentials: Credentials
        if isinstance(provider, dict):
            credentials = AuthProvider(provider)
        else:
            times = (settings.plugin, settings.now, settings.lapse)
            credentials = credentials_for(user, cluster, exec_gate, *times, error=error)
        connection = cls(
            name,
            ref.server.rstrip("/"),
            credentials,
            client_maker(ref.server, cluster, impersonation(user), settings.env, error),
            settings,
            user_owned=user_owned,
        )
        lazy = "exec" in user or isinstance(provider, dict)
        connection._use(None if lazy else (await credentials.current()).pair)
        return connection

    @property
    def expiries(self) -> tuple[float | None, float | None]:
        """Unix seconds at which the client's and the server's certificate end.

        The server's is known after the first answer; None without TLS certificates.
        """
        own = x509.pem_expiry(self._pair.certificate) if self._pair is not None else None
        return own, self._peer_expiry

    @property
    def down(self) -> bool:
        """Whether the last attempt got no answer at all, or a probe failed."""
        return self._down

    def suspect(self) -> None:
        """Note that the server does not do its job: a probe failed, whatever it answered."""
        self._down = True

    async def authenticate(self) -> None:
        """Have credentials at hand, however long an exec plugin takes. Raises `PluginFailure`."""
        await self._credentials.current()

    async def recovered(self) -> None:
        """Returns when a server that was down works again: waiting watches return with anybody's first success."""
        await self._recovery.wait()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: object = None,
        timeout: float | None = None,
        listing: bool = False,
    ) -> Response:
        """One request with its whole answer. Raises the error tree for everything but 2xx.

        `path` is absolute and already quoted, `body` is JSON data (or its bytes); `timeout` is the longest
        silence in seconds. `listing` allows a body of `list_bytes` and any time.
        """
        wait = self._settings.answer if timeout is None else timeout
        limits = aiohttp.ClientTimeout(total=None, sock_connect=min(self._settings.connect, wait), sock_read=wait)
        async with self._answer(Asked(method, path, query, headers or {}, body, limits)) as response:
            good = 200 <= response.status < 300
            payload = await self._payload(response, listing=listing and good)
            if not good:
                raise self._explained(error_from_answer(response.status, response.headers, payload, self.server))
            return Response(response.status, response.headers, payload)

    @contextlib.asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        quiet: float | None = None,
        splitter: Splitter | None = None,
    ) -> AsyncIterator[Stream]:
        """A GET whose answer is read in lines while the block runs; `quiet`: longest silence in seconds.

        `splitter` makes the lines, unless they are a watch's.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect)
        headers = {"Accept-Encoding": "identity", **(headers or {})}
        async with self._answer(Asked("GET", path, query, headers, None, limits)) as response:
            if not 200 <= response.status < 300:
                payload = await self._payload(response)
                raise self._explained(error_from_answer(response.status, response.headers, payload, self.server))
            stream = Stream(response, self.server, quiet, self.stats, splitter)
            self.stats.open_streams += 1
            try:
                yield stream
            finally:
                self.stats.open_streams -= 1
                stream.close()

    @contextlib.asynccontextmanager
    async def websocket(
        self, path: str, *, query: Query = (), protocols: Sequence[str]
    ) -> AsyncIterator[WebSocket]:
        """A websocket while the block runs, speaking one of `protocols`, the best first.

        Raises the error tree; `UpgradeRefused` where the server or something on the way does not do websockets.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect)
        key, headers = handshake(protocols)
        async with self._answer(Asked("GET", path, query, headers, None, limits)) as response:
            if response.status != 101:
                payload = await self._payload(response)
                raise self._explained(refused(response.status, response.headers, payload, self.server))
            try:
                socket = accepted(response, key, protocols, self.server, self.stats)
                self.stats.open_streams += 1
                try:
                    yield socket
                finally:
                    self.stats.open_streams -= 1
                    socket.close()
            finally:
                response.close()

    async def close(self) -> None:
        """Close all sockets. Streams still open end with `Broken`."""
        self._closed = True
        await self._credentials.close()
        clients, self._retired = [*self._retired, *([self._client] if self._client else [])], []
        self._client = None
        for client in clients:
            await client.close()

    @contextlib.asynccontextmanager
    async def _answer(self, asked: Asked) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer up to its headers, asked for again once if it is a 401 and the credentials can be renewed."""
        if self._closed:
            raise Broken(f"The connection to {self.name} is closed.")
        presented = await self._credentials.current()
        async with self._once(asked, presented) as response:
            if response.status != 401 or not await self._credentials.renew(presented):
                yield response
                return
        async with self._once(asked, await self._credentials.current()) as response:
            yield response

    @contextlib.asynccontextmanager
    async def _once(self, asked: Asked, presented: Presented) -> AsyncIterator[aiohttp.ClientResponse]:
        client = self._use(presented.pair)
        await self._close_idle()
        self.stats.requests += 1
        client.users += 1
        try:
            response = await self._send(client, asked, presented.authorization)
            if response.status != 200 or asked.path != PROBED:
                _LOG.debug("%s: %s %s: %d", self.name, asked.method, asked.path, response.status)
            self._answered(response)
            try:
                yield response
            finally:
                response.release()
        finally:
            client.users -= 1

    async def _send(self, client: Client, asked: Asked, authorization: str | None) -> aiohttp.ClientResponse:
        deadline = self._settings.connect + (asked.timeout.sock_read or self._settings.answer)
        try:
            async with asyncio.timeout(deadline):
                return await client.send(asked, authorization)
        except Redirected:
            failure: ConsoleError = not_kubernetes(self.server, "a redirect, which is not followed")
        except (ConsoleError, aiohttp.ClientError, OSError, ValueError) as error:
            failure = self._failure(error)
        _LOG.info("%s: %s %s: %s: %s", self.name, asked.method, asked.path, failure.title, failure.message)
        raise failure

    def _failure(self, error: Exception) -> ConsoleError:
        """`error` as the error tree; remembers whether the server can be reached at all."""
        failure = error if isinstance(error, ConsoleError) else error_from_exception(error, self.server)
        if isinstance(failure, TransportError) and not isinstance(failure, Broken):
            self.suspect()
        return self._explained(failure)

    def _explained(self, failure: ConsoleError) -> ConsoleError:
        """`failure`, saying so where our client certificate has expired: servers answer 401, or just hang up."""
        expiry = x509.pem_expiry(self._pair.certificate) if self._pair is not None else None
        if isinstance(failure, Unauthorized | Broken) and expiry is not None and expiry < self._settings.now():
            day = datetime.fromtimestamp(expiry, UTC).date()
            failure.message = f"{failure.message.rstrip('.')}: the client certificate expired on {day}."
            failure.hint = "Renew this kubeconfig's client certificate."
        return failure

    def _answered(self, response: aiohttp.ClientResponse) -> None:
        der = peer_certificate(response)
        if der is not None:
            self._peer_expiry = x509.der_expiry(der)
        if self._down and response.status < 500 and response.status != 429:
            self._down = False
            recovery, self._recovery = self._recovery, asyncio.Event()
            recovery.set()

    async def _payload(self, response: aiohttp.ClientResponse, *, listing: bool = False) -> bytes:
        """The body, within the limits of a list or of any other answer."""
        most = self._settings.list_bytes if listing else self._settings.answer_bytes
        payload = bytearray()
        if (handler := handler_of(response)) is not None:
            handler.pass_on()
        try:
            async with asyncio.timeout(self._settings.list_total if listing else self._settings.total):
                async for chunk in response.content.iter_any():
                    self.stats.bytes_in += len(chunk)
                    payload += chunk
                    if len(payload) > most:
                        told = not_kubernetes(self.server, f"an answer of more than {most >> 20} MiB")
                        raise TooLarge(told.message, told.hint)
        except (ConsoleError, aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            failure = self._failure(error)
        else:
            return bytes(payload)
        response.close()
        raise failure

    def _use(self, pair: tls.ClientPair | None) -> Client:
        """The client for a client certificate: the one in use unless a plugin issued another certificate."""
        if self._client is None or pair != self._pair:
            made = self._make_client(pair)
            if self._client is not None:
                self._retired.append(self._client)
            self._client, self._pair = made, pair
        return self._client

    async def _close_idle(self) -> None:
        idle = [client for client in self._retired if client.users == 0]
        self._retired = [client for client in self._retired if client.users]
        for client in idle:
            await client.close()
