"""Thanos inside the host cluster, asked through its API server: the Service that Kurator's metric plugin installs.

Plain GETs of `api`, with the user's own credentials; they need the permission `get services/proxy`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kurator_tui.api.connection import Connection
from kurator_tui.errors import ConsoleError, Forbidden, NotFound, NotInstalled, TransportError
from kurator_tui.metrics.answers import PARAMETERS, Answer, Source, parse

PORT = 9090
CLI_NAMESPACE, CLI_SERVICE = "thanos", "thanos-query"
"""Where `kurator install thanos` puts it (kurator-api §6.1)."""
SILENCE = 15.0
"""Longest time (seconds) without an answer: Thanos ends a query after 10."""

Host = Callable[[], Connection | None]
"""The host's connection, None while there is none."""


class ProxiedThanos:
    """A `Source`: one Service, by name."""

    def __init__(self, host: Host, namespace: str, service: str) -> None:
        self.name = f"{namespace}/{service}"
        self._host = host
        self._path = f"/api/v1/namespaces/{namespace}/services/http:{service}:{PORT}/proxy/api/v1/query"

    async def query(self, promql: str) -> Answer:
        """The value now. Raises ConsoleError; NotFound where there is no such Service."""
        host = self._host()
        if host is None:
            raise TransportError("The host is not connected: its Thanos cannot be asked.")
        asked = (("query", promql), *PARAMETERS)
        response = await host.request("GET", self._path, query=asked, timeout=SILENCE)
        return parse(response.body, f"service {self.name}")

    async def close(self) -> None:
        """The connection is the host's."""


class FirstOf:
    """A `Source`: the first of several that exists. It is kept until it fails."""

    def __init__(self, sources: Sequence[ProxiedThanos]) -> None:
        self._sources = sources
        self._chosen: Source | None = None

    async def query(self, promql: str) -> Answer:
        """As the chosen one. Raises NotInstalled when none exists."""
        if self._chosen is not None:
            try:
                return await self._chosen.query(promql)
            except ConsoleError:
                self._chosen = None
                raise
        refused: Forbidden | None = None
        for source in self._sources:
            try:
                answer = await source.query(promql)
            except NotFound:
                continue
            except Forbidden as error:
                refused = refused or error
                continue
            self._chosen = source
            return answer
        names = " nor ".join(source.name for source in self._sources)
        raise refused or NotInstalled(
            f"The host has no Thanos: no service {names}.", "Say where it is: --thanos URL"
        )

    async def close(self) -> None:
        """Nothing of its own."""


def in_host(host: Host, namespace: str) -> FirstOf:
    """Thanos of the fleets in `namespace` as Kurator installs it: their metric plugin's, else the CLI's."""
    places = [(namespace, f"{namespace}-thanos-query")] if namespace else []
    return FirstOf([ProxiedThanos(host, *place) for place in (*places, (CLI_NAMESPACE, CLI_SERVICE))])
