"""A cluster of plain objects for the tests of the `traffic` joins: what servers would send, and the rows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kurator_tui.fleet import traffic
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.apps import REPLICA_SET
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.istio import (
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.networking import ENDPOINT_SLICE, SERVICE
from kurator_tui.kinds.traffic import TRAFFIC_NUMBERS, TrafficHostRow, TrafficNumberRow, TrafficRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Object = dict[str, Any]
NO_LABELS: Mapping[str, str] = {}
LIVE = Freshness(State.LIVE, 1.0)


def to(host: str, weight: int | None = None, subset: str = "") -> Object:
    """One destination of a route."""
    its: Object = {"host": host} | ({"subset": subset} if subset else {})
    return {"destination": its} | ({} if weight is None else {"weight": weight})


class Members:
    """Clusters that answer; each begins with istiod."""

    def __init__(self, *clusters: str) -> None:
        self.store = Store()
        self.seen = Seen(self.store, lambda: 0.0, lambda *_place: ())
        self._made = 0
        self.home = (*clusters, "m1")[0]
        """The cluster that is meant where none is named."""
        for name in clusters or ("m1",):
            self.store.set_freshness(name, "", LIVE)
            for kind in traffic.READ:
                self.store.set_freshness(name, kind.id, LIVE)
            self.service("istiod", "istio-system", cluster=name)

    def put(self, kind: AnyKind, name: str, namespace: str, cluster: str, **body: Any) -> str:
        """The uid of what was put; each object is a minute younger than the one before."""
        cluster = cluster or self.home
        self._made += 1
        created = f"2026-01-01T{10 + self._made // 60:02d}:{self._made % 60:02d}:00Z"
        uid = f"{kind.plural}/{namespace}/{name}"
        more = body.pop("metadata", {})
        meta = {"name": name, "namespace": namespace, "uid": uid, "creationTimestamp": created} | more
        row = RowDecoder(kind, cluster).row(json.dumps({"metadata": meta, **body}).encode())
        self.store.put(kind.id, cluster, {row.uid: row})
        self.seen.changed(cluster)
        return uid

    def delete(self, kind: AnyKind, name: str, namespace: str = "shop", cluster: str = "") -> None:
        self.store.put(kind.id, cluster or self.home, {f"{kind.plural}/{namespace}/{name}": None})
        self.seen.changed(cluster or self.home)

    def unread(self, kind: AnyKind, state: State = State.FORBIDDEN, cluster: str = "") -> None:
        self.store.set_freshness(cluster or self.home, kind.id, Freshness(state, 1.0, "no"))
        self.seen.changed(cluster or self.home)

    # -- Kubernetes -----------------------------------------------------------------------------------------------

    def service(self, name: str, namespace: str = "shop", cluster: str = "", **spec: Any) -> None:
        status = spec.pop("status", {})
        its = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}], "clusterIP": "10.96.0.7"}
        self.put(SERVICE, name, namespace, cluster, spec=its | spec, status=status)

    def pods(
        self,
        service: str,
        workload: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        *,
        ready: int = 2,
        known: int = 2,
        namespace: str = "shop",
        cluster: str = "",
    ) -> None:
        """Pods of a Deployment behind `service`; without a `workload` one called like it, made by nobody known."""
        owner = f"{workload or service}-6d4cf56db6"
        if workload:
            template = {"metadata": {"labels": {"app": service, **labels}}}
            references = [{"kind": "Deployment", "name": workload, "uid": workload, "controller": True}]
            meta = {"ownerReferences": references}
            self.put(
                REPLICA_SET,
                owner,
                namespace,
                cluster,
                spec={"replicas": known, "template": template},
                metadata=meta,
            )
        endpoints = [
            {
                "addresses": [f"10.0.0.{number}"],
                "conditions": {"ready": number < ready},
                "targetRef": {"kind": "Pod", "name": f"{owner}-abcd{number}"},
            }
            for number in range(known)
        ]
        labelled = {"labels": {"kubernetes.io/service-name": service}}
        name = f"{service}-{workload or 'x'}"
        self.put(
            ENDPOINT_SLICE, name, namespace, cluster, metadata=labelled, addressType="IPv4", endpoints=endpoints
        )

    def app(self, name: str, namespace: str = "shop", cluster: str = "", **labels: str) -> None:
        """A Service with two ready pods."""
        self.service(name, namespace, cluster)
        self.pods(name, name, labels, namespace=namespace, cluster=cluster)

    # -- Istio ----------------------------------------------------------------------------------------------------

    def routes(self, name: str, *http: Object, namespace: str = "shop", cluster: str = "", **spec: Any) -> None:
        """A VirtualService for the host called like it."""
        rules = list(http) or [{"route": [to(name)]}]
        self.put(VIRTUAL_SERVICE, name, namespace, cluster, spec={"hosts": [name], "http": rules} | spec)

    def rule(self, name: str, namespace: str = "shop", tls: str = "", **subsets: Object) -> None:
        """A DestinationRule for the host called like it; subsets by their labels."""
        spec: Object = {"host": name, "subsets": [{"name": key, "labels": its} for key, its in subsets.items()]}
        spec |= {"trafficPolicy": {"tls": {"mode": tls}}} if tls else {}
        self.put(DESTINATION_RULE, name, namespace, self.home, spec=spec)

    def gateway(self, name: str, *hosts: str, namespace: str = "istio-system") -> None:
        server = {"port": {"number": 443, "protocol": "HTTPS"}, "hosts": list(hosts)}
        self.put(GATEWAY, name, namespace, self.home, spec={"selector": {"app": "gateway"}, "servers": [server]})

    def entry(self, name: str, *hosts: str, namespace: str = "shop", **spec: Any) -> None:
        self.put(SERVICE_ENTRY, name, namespace, self.home, spec={"hosts": list(hosts)} | spec)

    def mtls(self, mode: str, namespace: str = "istio-system", name: str = "default", **spec: Any) -> None:
        self.put(PEER_AUTHENTICATION, name, namespace, self.home, spec={"mtls": {"mode": mode}} | spec)

    def counted(self, workload: str, rate: float, success: float, p99: float | None = None) -> None:
        row = TrafficNumberRow(self.home, "shop", workload, f"shop/{workload}", 0.0, rate, success, p99)
        self.store.put(TRAFFIC_NUMBERS.id, self.home, {row.uid: row})
        self.seen.changed(self.home)

    # -- rows -----------------------------------------------------------------------------------------------------

    def hosts(self, cluster: str = "") -> dict[str, TrafficHostRow]:
        """By name."""
        cluster = cluster or self.home
        self.seen.begin(cluster)
        return {row.name: row for row in traffic.host_rows(self.seen, cluster) if isinstance(row, TrafficHostRow)}

    def host(self, name: str = "web.shop") -> TrafficHostRow:
        return self.hosts()[name]

    def trees(self, cluster: str = "") -> list[TrafficRow]:
        """All lines, by their path."""
        cluster = cluster or self.home
        self.seen.begin(cluster)
        rows = [row for row in traffic.tree_rows(self.seen, cluster) if isinstance(row, TrafficRow)]
        assert len({row.uid for row in rows}) == len(rows)
        return sorted(rows, key=lambda row: row.path)

    def tree(self, name: str = "web.shop") -> list[TrafficRow]:
        """The lines of one host, by their path."""
        rows = self.trees()
        roots = {row.root for row in rows if row.name == name and not row.depth}
        return [row for row in rows if row.root in roots]

    def line(self, name: str, host: str = "web.shop") -> TrafficRow:
        """The line of a host's tree that is called `name`."""
        return next(row for row in self.tree(host) if row.name == name)
