"""Thanos inside the host cluster, asked through its API server: the Service that Kurator's metric plugin installs.

Plain GETs of `api`, with the user's own credentials; they need the permission `get services/proxy`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from kurator_tui.api.connection import Connection
from kurator_tui.errors import (
    ConsoleError,
    Forbidden,
    NotFound,
    NotInstalled,
    ServerFault,
    TooLarge,
    TransportError,
    Unauthorized,
)
from kurator_tui.metrics.answers import LARGEST, PARAMETERS, TOO_MUCH, Answer, Parameters, Payload, payload, vector

PORT = "9090"
CLI_NAMESPACE, CLI_SERVICE = "thanos", "thanos-query"
"""Where `kurator install thanos` puts it (kurator-api §6.1)."""
SILENCE = 15.0
"""Longest time (seconds) without an answer: Thanos ends a query after 10."""

Host = Callable[[], Connection | None]
"""The host's connection, None while there is none."""


class ProxiedThanos:
    """An `Endpoint`: one Service, by name."""

    def __init__(self, host: Host, namespace: str, service: str, port: str = PORT, scheme: str = "http") -> None:
        self.name = f"{namespace}/{service}"
        self._host = host
        self._path = f"/api/v1/namespaces/{namespace}/services/{scheme}:{service}:{port}/proxy/api/v1/"

    async def query(self, promql: str) -> Answer:
        """The value now. Raises ConsoleError; NotFound where there is no such Service."""
        found = await self.get("query", (("query", promql), *PARAMETERS))
        return vector(found, f"service {self.name}")

    async def get(self, path: str, parameters: Parameters) -> Payload:
        """As `query`."""
        host = self._host()
        if host is None:
            raise TransportError("The host is not connected: its Thanos cannot be asked.")
        try:
            response = await host.request("GET", self._path + path, query=parameters, timeout=SILENCE)
        except TooLarge:
            raise TooLarge(f"service {self.name} sent an answer larger than is taken.", TOO_MUCH) from None
        if len(response.body) > LARGEST:
            raise TooLarge(f"service {self.name} sent an answer of more than {LARGEST >> 20} MiB.", TOO_MUCH)
        return payload(response.body, f"service {self.name}")

    async def close(self) -> None:
        """The connection is the host's."""


LABELLED = "app.kubernetes.io/name=thanos,app.kubernetes.io/component in (query,query-frontend)"
"""How charts label the Services of Thanos Query."""
MOST_LABELLED = 5


class FirstOf:
    """An `Endpoint`: the first of several that exists, else a labelled Service. It is kept until it fails."""

    def __init__(self, host: Host, sources: Sequence[ProxiedThanos]) -> None:
        self._host = host
        self._sources = sources
        self._chosen: ProxiedThanos | None = None
        self._last = ""

    @property
    def name(self) -> str:
        """Of the one that answered last; before, of the first that will be asked."""
        return self._last or self._sources[0].name

    async def query(self, promql: str) -> Answer:
        """As the chosen one. Raises NotInstalled when none exists."""
        found = await self.get("query", (("query", promql), *PARAMETERS))
        return vector(found, f"service {self.name}")

    async def get(self, path: str, parameters: Parameters) -> Payload:
        """As `query`."""
        if (chosen := self._chosen) is not None:
            try:
                return await chosen.get(path, parameters)
            except TransportError:
                raise
            except ConsoleError as error:
                if isinstance(error, NotFound | Forbidden | Unauthorized | ServerFault):
                    self._chosen = None
                raise
        refused: ConsoleError | None = None
        for labelled in (False, True):
            for source in await self._labelled() if labelled else self._sources:
                try:
                    answer = await source.get(path, parameters)
                except NotFound:
                    continue
                except (Forbidden, ServerFault) as error:  # such as one without a pod behind it
                    refused = refused or error
                    continue
                self._chosen, self._last = source, source.name
                return answer
        names = " nor ".join(source.name for source in self._sources)
        raise refused or NotInstalled(
            f"The host has no Thanos: no service {names}, and none labelled as one.",
            "Turn the fleet's plugin `metric` on, or say where Thanos is: --thanos URL",
        )

    async def _labelled(self) -> list[ProxiedThanos]:
        """Services of any namespace that a chart labelled as Thanos Query; none where they may not be listed."""
        host = self._host()
        if host is None:
            return []
        try:
            response = await host.request(
                "GET", "/api/v1/services", query=(("labelSelector", LABELLED),), listing=True
            )
            found = msgspec.json.decode(response.body, type=_Services).items
        except (ConsoleError, msgspec.DecodeError):
            return []
        places = {(each.metadata.namespace, each.metadata.name, _port(each)): None for each in found}
        known = {source.name for source in self._sources}
        return [
            ProxiedThanos(self._host, *place)
            for place in places
            if f"{place[0]}/{place[1]}" not in known and place[2]
        ][:MOST_LABELLED]

    async def close(self) -> None:
        """Nothing of its own."""


class _Port(msgspec.Struct):
    port: int
    name: str = ""


class _Meta(msgspec.Struct):
    name: str
    namespace: str


class _Spec(msgspec.Struct):
    ports: list[_Port] = []


class _Service(msgspec.Struct):
    metadata: _Meta
    spec: _Spec = msgspec.field(default_factory=_Spec)


class _Services(msgspec.Struct):
    items: list[_Service] = []


def _port(service: _Service) -> str:
    """The port that speaks HTTP; "" without one."""
    ports = {each.name: str(each.port) for each in service.spec.ports}
    by_number = next((str(each.port) for each in service.spec.ports if str(each.port) in (PORT, "10902")), "")
    return ports.get("http") or ports.get("http-query") or by_number


def in_host(host: Host, namespace: str) -> FirstOf:
    """Thanos of the fleets in `namespace` as Kurator installs it: their metric plugin's, else the CLI's."""
    places = [(namespace, f"{namespace}-thanos-query")] if namespace else []
    return FirstOf(host, [ProxiedThanos(host, *place) for place in (*places, (CLI_NAMESPACE, CLI_SERVICE))])
