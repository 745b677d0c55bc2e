"""How a request for one cluster travels: its own connection, or its Karmada's with a proxy's path before it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import NamedTuple

from kurator_tui.api.connection import Connection
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.fleet.aggregate import AggregatedMember, karmada_name
from kurator_tui.fleet.hub import Hub


class Door(NamedTuple):
    """`prefix` goes before every path of the cluster."""

    connection: Connection
    prefix: str = ""


def door(hub: Hub, cluster: str) -> Door:
    """The way to `cluster` now. Raises ConsoleError: why there is none."""
    link = hub.links.get(cluster)
    if link is None:
        raise UsageError(f"{cluster} is no member")
    prefix = ""
    if isinstance(link, AggregatedMember):
        connection = link.aggregate.connection
        prefix = f"/apis/cluster.karmada.io/v1alpha1/clusters/{karmada_name(link.member)}/proxy"
    else:
        connection = link.connection
    if connection is None:
        raise link.failure or UsageError(f"{cluster} is not connected")
    return Door(connection, prefix)


def servers(hub: Hub, clusters: Iterable[str]) -> dict[str, str]:
    """URL of the server of each cluster that can be asked now, with the path of a proxy."""
    found = {}
    for cluster in clusters:
        with contextlib.suppress(ConsoleError):
            connection, prefix = door(hub, cluster)
            found[cluster] = f"{connection.server}{prefix}"
    return found
