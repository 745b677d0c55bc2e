"""Where a member's Flagger asks for its metrics: its own Deployment says so, by the flag `-metrics-server`.

Kurator's plugin leaves it to the chart: the mesh's Prometheus in Flagger's namespace, or for nginx one that comes
with Flagger and has the release's name. Pure but for `Engines`.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kurator_tui.api.backoff import lapse
from kurator_tui.api.connection import Connection
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.metrics.gates import Server, server

DEPLOYMENTS = "/apis/apps/v1/deployments"
LABELLED = "app.kubernetes.io/name=flagger"
FLAG, UNTOLD = "metrics-server", "http://prometheus:9090"
"""The flag, and what Flagger takes without it."""
KNOWN_FOR = 600.0
"""Seconds for which it is not looked for again."""
MOST = 5
DEADLINE = 10.0


class _Container(msgspec.Struct):
    command: list[str] | None = None
    args: list[str] | None = None


class _Pod(msgspec.Struct):
    containers: list[_Container] = []


class _Template(msgspec.Struct):
    spec: _Pod = msgspec.field(default_factory=_Pod)


class _Spec(msgspec.Struct):
    template: _Template = msgspec.field(default_factory=_Template)


class _Meta(msgspec.Struct):
    namespace: str = ""


class _Deployment(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    spec: _Spec = msgspec.field(default_factory=_Spec)


class _Deployments(msgspec.Struct):
    items: list[_Deployment] = []


def told(body: bytes) -> list[Server | None]:
    """The servers that the Flaggers in a list of Deployments ask, None for what is no Service of the member."""
    try:
        return [_asked(each) for each in msgspec.json.decode(body, type=_Deployments).items]
    except msgspec.DecodeError:
        return []


def _asked(flagger: _Deployment) -> Server | None:
    words = [
        word
        for each in flagger.spec.template.spec.containers
        for word in (*(each.command or ()), *(each.args or ()))
    ]
    flags = (word.lstrip("-").partition("=") for word in words if word.startswith("-"))
    return server(next((value for name, _, value in flags if name == FLAG), UNTOLD), flagger.metadata.namespace)


class Engines:
    """What each member's Flagger was told; it is asked for when a gate wants to know, and kept for a while."""

    def __init__(self, now: Callable[[], float] = lapse) -> None:
        self._now = now
        self._known: dict[str, tuple[float, Server | None]] = {}

    async def server(self, cluster: str, connection: Connection, prefix: str, usual: Server) -> Server:
        """Where it asks; `usual` where that may not be read. `prefix` is the way to the member, if not direct.

        Raises UsageError for a place outside of the member.
        """
        known = self._known.get(cluster)
        if known is None or self._now() >= known[0] + KNOWN_FOR:
            query = (("labelSelector", LABELLED), ("limit", str(MOST)))
            try:
                response = await connection.request("GET", prefix + DEPLOYMENTS, query=query, timeout=DEADLINE)
                found = told(response.body) or [usual]
            except ConsoleError:
                found = [usual]
            known = self._known[cluster] = (self._now(), found[0])
        if known[1] is None:
            raise UsageError("Flagger asks at an address that is no service of the member")
        return known[1]
