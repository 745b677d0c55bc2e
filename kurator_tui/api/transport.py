"""One HTTP session to one API server: the HTTP library the kubernetes client uses, without the client around it.

Importing that client costs half a second of a processor and each of its objects a TLS context; what it adds to a
request is the header and the query string below (docs/performance.md).

Knows nothing of errors, credentials' origins or kinds: `connection` does. Exceptions are the HTTP library's.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from kurator_tui import __version__
from kurator_tui.api.handover import Handler
from kurator_tui.api.secure import SUPPORTED, Secured

Query: TypeAlias = Sequence[tuple[str, str]]

READ_BUFFER = 2**21
"""Bytes of a body that the HTTP library holds before it stops reading."""


KEPT = 75.0
"""Seconds for which an unused connection is kept: a member among a thousand is probed each 50, and a TLS handshake
costs several times what a probe does."""


class Redirected(aiohttp.ClientError):
    """The server sends us elsewhere. API servers do not; what we carry is for this server only."""


async def _refuse_redirect(session: object, context: object, params: object) -> None:
    """The HTTP library's hook before it follows a redirect; it closes the answer when this raises."""
    raise Redirected


def _unredirected() -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    return trace


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `body` is JSON data or its bytes; `path` is absolute and quoted."""

    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: object
    timeout: aiohttp.ClientTimeout


class Client:
    """A session with our connector. `users` counts the requests and streams that hold it open."""

    def __init__(
        self,
        server: str,
        context: ssl.SSLContext | None,
        *,
        tls_server_name: str | None = None,
        proxy: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.users = 0
        self._connector = _Connector(
            limit=0,
            keepalive_timeout=KEPT,
            ssl=context if context is not None else True,
            resolver=aiohttp.ThreadedResolver(),
            socket_factory=_keepalive_socket,
        )
        self._server = server.rstrip("/")
        self._name = tls_server_name
        self._proxy = proxy
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=[("User-Agent", f"kurator-tui/{__version__}"), *headers],
            read_bufsize=READ_BUFFER,
            trace_configs=[_unredirected()],
            trust_env=False,
        )

    async def send(self, asked: Asked, authorization: str | None) -> aiohttp.ClientResponse:
        """One request up to the answer's headers. The caller reads and releases the answer."""
        query = "?" + urlencode(asked.query, safe=",!", quote_via=quote) if asked.query else ""
        headers = CIMultiDict(asked.headers)  # a user who is impersonated may have several groups
        if authorization:
            headers["Authorization"] = authorization
        body = asked.body
        if body is not None:
            body = body if isinstance(body, bytes) else msgspec.json.encode(body)
            headers.setdefault("Content-Type", "application/json")
        return await self._session.request(
            asked.method,
            URL(f"{self._server}{asked.path}{query}", encoded=True),
            headers=headers,
            data=body,
            timeout=asked.timeout,
            proxy=self._proxy,
            server_hostname=self._name,
        )

    async def close(self) -> None:
        await self._session.close()


class _Connector(aiohttp.TCPConnector):
    """The library's connector with our protocol and our TLS.

    There is no public way to choose either. Where a later library no longer asks here, both are just the library's
    own: slower and larger, not different.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = functools.partial(Handler, loop=asyncio.get_running_loop())  # type: ignore[assignment]

    async def _wrap_create_connection(self, *args: Any, req: Any, timeout: Any, **kwargs: Any) -> Any:
        context = kwargs.get("ssl")
        proxy = kwargs.get("client_error") is aiohttp.ClientProxyConnectionError
        if (
            not SUPPORTED or not isinstance(context, ssl.SSLContext) or proxy
        ):  # TLS in a proxy's TLS is the event loop's affair
            return await super()._wrap_create_connection(*args, req=req, timeout=timeout, **kwargs)
        factory, *rest = args
        name = kwargs.get("server_hostname")
        plain = {**kwargs, "ssl": None, "server_hostname": None}

        def secured() -> Secured:
            return Secured(factory(), context, name)

        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout.sock_connect if timeout.sock_connect else None
        made: Any = await super()._wrap_create_connection(secured, *rest, req=req, timeout=timeout, **plain)
        secure: Secured = made[1]
        try:
            async with asyncio.timeout_at(deadline):  # TCP and TLS together
                await secure.ready
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise aiohttp.ClientConnectorError(req.connection_key, error) from error
        finally:
            if not secure.established:
                secure.abort()
        return secure, secure.get_protocol()


def _keepalive_socket(info: Any) -> socket.socket:
    """A socket that notices a peer which is gone without a word within about 30 s."""
    family, kind, protocol, _, _ = info
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 15),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 30000),
    ):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return sock


def peer_certificate(response: aiohttp.ClientResponse) -> bytes | None:
    """The server's certificate (DER) while the answer's connection is still held; None without TLS."""
    connection = response.connection
    transport: asyncio.BaseTransport | None = connection.transport if connection is not None else None
    tls = transport.get_extra_info("ssl_object") if transport is not None else None
    return tls.getpeercert(binary_form=True) if tls is not None else None
