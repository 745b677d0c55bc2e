"""How a member's metrics come to Thanos, and what `plumbing` says of each hop."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import plumbing
from kurator_tui.fleet.sidecars import _row
from kurator_tui.kinds.base import HOST, AnyKind, Level
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.networking import ENDPOINTS, SERVICE
from kurator_tui.kinds.observability import SIDECARS, PlumbingRow, SidecarRow
from kurator_tui.kinds.prometheus import PROMETHEUS
from kurator_tui.kinds.rook import CEPH_CLUSTER
from kurator_tui.metrics.coverage import Store, covered
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.lifecycle_objects import LIVE, NOW, Host, condition, meta


def member(plugins: dict[str, Any] | None = None) -> Host:
    host = Host(plumbing.JOIN)
    host.member("m", "AttachedCluster")
    for kind in plumbing.JOIN.members:
        host.store.set_freshness("m", kind.id, LIVE)
    plugin = {"metric": {}, "grafana": {}} if plugins is None else plugins
    spec = {"clusters": [{"kind": "AttachedCluster", "name": "m"}], "plugin": plugin}
    host.put(FLEET, {"metadata": meta("prod"), "spec": spec})
    return host


def server(host: Host, *told: dict[str, Any], available: int = 2) -> None:
    status = {"availableReplicas": available, "conditions": list(told) or [condition("Available")]}
    found = {**meta("prometheus-prometheus"), "namespace": "monitoring"}
    host.put(PROMETHEUS, {"metadata": found, "spec": {"replicas": 2, "version": "2.44.0"}, "status": status}, "m")


def service(host: Host, name: str, cluster: str, address: str, key: str = "ip") -> None:
    ingress = [{key: address}] if address else []
    obj = {"metadata": meta(name, f"{cluster}-{name}"), "spec": {"type": "LoadBalancer"}}
    host.put(SERVICE, {**obj, "status": {"loadBalancer": {"ingress": ingress}}}, cluster)


def endpoints(host: Host, *addresses: str) -> None:
    subsets = [{"addresses": [{"ip": ip} for ip in addresses], "ports": [{"port": 10901}]}]
    host.put(ENDPOINTS, {"metadata": meta("thanos-sidecar-remote"), "subsets": subsets})


def sidecar(host: Host, level: Level = Level.HEALTHY, reason: str = "", newest: float | None = NOW - 5) -> None:
    row = SidecarRow("m", "", "m", "m", 0.0, level, reason, "10.0.0.9:10901", newest, NOW)
    host.store.replace(SIDECARS.id, "m", [row])


def one(host: Host) -> PlumbingRow:
    (row,) = host.rows("m")
    assert isinstance(row, PlumbingRow)
    return row


def test_a_member_whose_metrics_arrive_is_healthy_with_lag_and_addresses() -> None:
    host = member()
    server(host)
    sidecar(host)
    service(host, "grafana", HOST, "203.0.113.7")
    row = one(host)
    assert (row.level, row.reason, row.store, row.lag) == (Level.HEALTHY, "", "live", 5.0)
    assert (row.prometheus, row.sidecar, row.grafana) == ("2/2 2.44.0", "10.0.0.9:10901", "203.0.113.7")


def test_a_sidecar_that_thanos_does_not_know_means_missing_numbers() -> None:
    host = member()
    server(host)
    sidecar(host, Level.FAILED, "Thanos knows no sidecar of it", None)
    row = one(host)
    assert (row.level, row.store, row.lag) == (Level.FAILED, "missing", None)
    assert row.reason.startswith("Thanos: Thanos knows no sidecar of it: its numbers are missing")


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("its sidecar fails: EOF", "failing"),
        ("no sidecar: only the bucket knows it", "bucket only"),
        ("no sample in the last five minutes", "no samples"),
    ],
)
def test_each_way_to_be_missing_has_a_word(reason: str, word: str) -> None:
    host = member()
    server(host)
    sidecar(host, Level.FAILED, reason, None)
    assert one(host).store == word


def test_an_address_that_is_a_name_is_what_kurator_skips() -> None:
    host = member()
    server(host)
    sidecar(host, Level.FAILED, "Thanos knows no sidecar of it", None)
    service(host, "prometheus-prometheus-thanos", "m", "lb.example", "hostname")
    endpoints(host, "10.0.0.1")
    said = "lb.example is a name, which Kurator skips: it is not among the Endpoints of thanos-sidecar-remote"
    assert said in one(host).reason


def test_an_address_that_is_not_given_to_thanos_is_told_only_where_nothing_arrives() -> None:
    host = member()
    server(host)
    service(host, "prometheus-prometheus-thanos", "m", "10.0.0.9")
    endpoints(host, "10.0.0.1")
    sidecar(host)
    assert (one(host).level, one(host).exposed) == (Level.HEALTHY, "10.0.0.9")
    sidecar(host, Level.FAILED, "Thanos knows no sidecar of it", None)
    assert "10.0.0.9 is not among the Endpoints" in one(host).reason
    endpoints(host, "10.0.0.9")
    assert "Endpoints" not in one(host).reason


def test_a_load_balancer_that_gives_no_address_is_named() -> None:
    host = member()
    server(host)
    endpoints(host)
    service(host, "prometheus-prometheus-thanos", "m", "")
    assert one(host).level is Level.HEALTHY  # nobody asked Thanos yet
    sidecar(host, Level.FAILED, "Thanos knows no sidecar of it", None)
    assert "has no address from a load balancer" in one(host).reason


def test_a_prometheus_that_is_not_available_degrades_its_member() -> None:
    host = member()
    server(host, condition("Available", "False", "NoPodReady"), available=0)
    sidecar(host)
    row = one(host)
    assert (row.level, row.prometheus, row.reason) == (Level.DEGRADED, "0/2 2.44.0", "Prometheus: NoPodReady")


@pytest.mark.parametrize(
    ("state", "level", "reason"),
    [
        (State.ABSENT, Level.FAILED, "no Prometheus operator: the metrics plugin is not installed here"),
        (State.FORBIDDEN, Level.HEALTHY, "prometheuses cannot be read"),
        (State.LIVE, Level.FAILED, "there is no Prometheus: the metrics plugin did not make one"),
    ],
)
def test_no_prometheus_is_told_by_why_there_is_none(state: State, level: Level, reason: str) -> None:
    host = member()
    host.state(PROMETHEUS, state, "m")
    sidecar(host)
    assert (one(host).level, one(host).reason) == (level, reason)


def test_a_fleet_without_the_plugin_misses_nothing() -> None:
    host = member({})
    sidecar(host, Level.FAILED, "Thanos knows no sidecar of it", None)
    assert (one(host).level, one(host).reason) == (Level.HEALTHY, "its fleet has no metrics plugin")


def test_where_thanos_cannot_be_asked_nothing_is_called_missing() -> None:
    host = member()
    server(host)
    service(host, "prometheus-prometheus-thanos", "m", "10.0.0.9")
    host.store.set_freshness("m", SIDECARS.id, Freshness(State.UNREACHABLE, 1.0, "no answer"))
    assert (one(host).level, one(host).reason, one(host).store) == (Level.UNKNOWN, "Thanos: no answer", "")


def test_ceph_is_beside() -> None:
    host = member()
    server(host)
    sidecar(host)
    ceph = {"health": "HEALTH_ERR", "capacity": {"bytesUsed": 9, "bytesTotal": 10}}
    host.put(CEPH_CLUSTER, {"metadata": meta("rook"), "status": {"phase": "Ready", "ceph": ceph}}, "m")
    row = one(host)
    assert (row.level, row.ceph, row.used, row.reason) == (Level.FAILED, "HEALTH_ERR", 0.9, "Ceph: HEALTH_ERR")


@pytest.mark.parametrize("kind", [PROMETHEUS, CEPH_CLUSTER])
@pytest.mark.parametrize("odd", [None, 3, [], {"conditions": 3, "ceph": []}])
def test_shapes_that_nobody_expects_are_rows_all_the_same(kind: AnyKind, odd: object) -> None:
    host = member()
    host.put(kind, {"metadata": meta("odd"), "spec": odd, "status": odd}, "m")
    assert one(host).name == "m"


# -- what Thanos tells ------------------------------------------------------------------------------------------


def told(newest: float | None, *stores: Store) -> SidecarRow:
    return _row("m", "m", covered({"sidecar": stores}), newest, NOW)


def test_a_sidecar_is_known_by_its_label_and_has_an_address() -> None:
    row = told(NOW - 10, Store(name="10.0.0.9:10901", label_sets=[{"cluster": "m"}]))
    assert (row.level, row.address, row.newest) == (Level.HEALTHY, "10.0.0.9:10901", NOW - 10)


def test_a_sidecar_lags_after_three_minutes_and_is_silent_after_five() -> None:
    store = Store(name="a", label_sets=[{"cluster": "m"}])
    assert told(NOW - 200, store).reason == "its newest sample is 200 s old"
    assert told(None, store).level is Level.FAILED


def test_a_sidecar_that_is_gone_from_the_stores_is_failed_whatever_was_sampled() -> None:
    row = told(NOW - 10)
    assert (row.level, row.reason) == (Level.FAILED, "Thanos knows no sidecar of it")
