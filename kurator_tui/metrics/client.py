"""Thanos (or a Prometheus) at a URL of the user's, asked by `prometheus_api_client` in threads of its own.

The library blocks, retries for ten seconds and drops warnings: its retries are off, its session is ours, and it
runs in four threads that nobody else waits for. It is imported with the first query.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kurator_tui.api.failures import host_of
from kurator_tui.errors import Broken, TimedOut, UsageError
from kurator_tui.link.access import Access
from kurator_tui.metrics import access as accesses
from kurator_tui.metrics.answers import PARAMETERS, Answer, Parameters, Payload, vector

if TYPE_CHECKING:
    from prometheus_api_client.prometheus_connect import PrometheusConnect

THREADS = 4
SILENCE = 10.0
"""Longest time (seconds) to connect, and without a byte of the answer."""
TOTAL = 20.0
"""Longest time (seconds) a query may take."""
NOTHING = Access()


class Thanos:
    """An `Endpoint`. `headers` may hold a tenant or a token, `access` says where secrets are, `ca` is a file of
    certificates to trust instead of the usual ones. Raises UsageError for what is no http(s) URL."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        access: Access = NOTHING,
        ca: str = "",
        silence: float = SILENCE,
        total: float = TOTAL,
    ) -> None:
        self.url = url.rstrip("/")
        self._check()
        self._headers = dict(headers or {})
        self._access = access
        ca = ca or access.ca
        self._verify: bool | str = os.path.expanduser(ca) if ca else True
        self._silence = silence
        self._total = total
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="thanos")
        self._making = threading.Lock()
        self._made: PrometheusConnect | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"<Thanos at {host_of(self.url)}>"

    @property
    def name(self) -> str:
        """host:port."""
        return host_of(self.url)

    async def query(self, promql: str) -> Answer:
        """The value now. Raises ConsoleError."""
        return vector(await self.get("query", (("query", promql), *PARAMETERS)), self.name)

    async def get(self, path: str, parameters: Parameters) -> Payload:
        """`path` below /api/v1/. Raises ConsoleError."""
        if self._closed:
            raise Broken(f"The connection to {host_of(self.url)} is closed.")
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, path, dict(parameters))
        try:
            async with asyncio.timeout(self._total):
                return await asked
        except TimeoutError:
            # A thread cannot be stopped. It ends with its own timeouts; the others go on.
            raise TimedOut(f"{host_of(self.url)} did not answer in time.", "Is Thanos overloaded?") from None

    async def close(self) -> None:
        """Ask nothing more; a query under way is not waited for."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._made is not None:
            self._made.close()

    def _check(self) -> None:
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
            if parts.username is not None or parts.password is not None:
                raise UsageError("The URL of Thanos holds a user or password, which belong in no setting.")
        except ValueError:
            sound = False
        if not sound:
            raise UsageError(
                "The URL of Thanos must begin with http:// or https:// and name a host.", "--thanos URL"
            )

    def _ask(self, path: str, given: dict[str, Any]) -> Payload:
        from kurator_tui.metrics.session import unwrapped

        client = self._client()
        client.headers = {**self._headers, **accesses.headers(self._access, os.environ)}
        if path == "query":
            return unwrapped(client.custom_query(given.pop("query", ""), params=given))
        if path == "query_range":
            start, end = (datetime.fromtimestamp(float(given.pop(name)), UTC) for name in ("start", "end"))
            query, step = given.pop("query"), given.pop("step")
            return unwrapped(client.custom_query_range(query, start, end, step, params=given))
        if path.startswith("label/") and path.endswith("/values"):
            return unwrapped(client.get_label_values(path.split("/")[1], params=given))
        url = f"{self.url}/api/v1/{path}"
        response = client._session.request("GET", url, params=given, headers=client.headers, timeout=self._silence)
        return unwrapped(response.json()["data"])

    def _client(self) -> PrometheusConnect:
        with self._making:
            if self._made is None:
                from prometheus_api_client.prometheus_connect import PrometheusConnect
                from urllib3.util.retry import Retry

                from kurator_tui.metrics.session import Session

                own = tuple(os.path.expanduser(path) for path in (self._access.certificate, self._access.key))
                cert = (own[0], own[1] or own[0]) if own[0] else None
                session = Session(self.url, verify=self._verify, total=self._total, cert=cert)
                self._made = PrometheusConnect(
                    self.url,
                    headers=self._headers,
                    session=session,
                    retry=Retry(total=0),
                    timeout=self._silence,
                )
            return self._made
