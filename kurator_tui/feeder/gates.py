"""How gates are asked: a member's Prometheus through its API server, Thanos by the member's label. Composition."""

from __future__ import annotations

import time

from kurator_tui.errors import UsageError
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.gates import DEADLINE, GateReadings
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.thanos import labelled
from kurator_tui.kinds.rollouts import ROLLOUTS
from kurator_tui.metrics.answers import Answer, parse
from kurator_tui.metrics.engine import Engines
from kurator_tui.metrics.gates import Server
from kurator_tui.metrics.scoping import scoped


def gate_readings(hub: Hub) -> GateReadings:
    """The readings of a hub's Canaries, which its rollouts show from now on; `run` asks them."""

    engines = Engines()

    async def ask_member(cluster: str, server: Server, promql: str) -> Answer:
        through = door(hub, cluster)
        if server.usual:
            server = await engines.server(cluster, through.connection, through.prefix, server)
        proxy = (
            f"/api/v1/namespaces/{server.namespace}/services/{server.scheme}:{server.service}:{server.port}/proxy"
        )
        path = f"{through.prefix}{proxy}{server.path}/api/v1/query"
        response = await through.connection.request("GET", path, query=(("query", promql),), timeout=DEADLINE)
        return parse(response.body, f"service {server.namespace}/{server.service} of {cluster}")

    async def ask_thanos(cluster: str, promql: str) -> Answer:
        found = next(iter((await hub.thanos.routes((cluster,))).items()), None)
        if found is None:
            raise UsageError(f"{cluster} is no member")
        place, members = found
        return await hub.thanos.at(place).query(scoped(promql, labelled(members[0]).labels))

    readings = GateReadings(
        hub.store,
        ask_member,
        ask_thanos,
        wanted=lambda: hub.derived.reads(ROLLOUTS.id),
        changed=lambda cluster: hub.derived.touch(ROLLOUTS.id, cluster),
        clock=time.time,
    )
    hub.derived.gates = readings.of
    return readings
