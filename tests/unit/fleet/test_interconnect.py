"""Links of Submariner from the Gateways and Endpoints of members, and the services that they share."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.fleet import exported, interconnect, link_matrix
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import AnyKind, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.interconnect import EXPORTED_SERVICES, LINKS, ExportedServiceRow, LinkMatrixRow, LinkRow
from kurator_tui.kinds.submariner import ENDPOINT, GATEWAY, SERVICE_EXPORT, SERVICE_IMPORT
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Obj = dict[str, Any]
LIVE = Freshness(State.LIVE, 1.0)
KINDS = (GATEWAY, ENDPOINT, SERVICE_EXPORT, SERVICE_IMPORT)


def to(cluster: str, status: str = "connected", message: str = "", rtt: float = 12.0) -> Obj:
    endpoint = {"cluster_id": cluster, "hostname": f"{cluster}-gw", "backend": "libreswan"}
    latency = {"average": f"{rtt}ms", "last": f"{rtt * 1.1:.3f}ms"}
    return {"status": status, "statusMessage": message, "endpoint": endpoint, "latencyRTT": latency}


class Fleet:
    """Members `a`, `b` and `c`, which answer and have nothing of Submariner."""

    def __init__(self, *names: str) -> None:
        self.store = Store()
        self.seen = Seen(self.store, lambda: 0.0, lambda *_place: ())
        names = names or ("a", "b", "c")
        self.seen.members = {name: Member(name, "AttachedCluster") for name in names}
        for name in names:
            self.store.set_freshness(name, "", LIVE)
            for kind in KINDS:
                self.store.set_freshness(name, kind.id, LIVE)

    def put(self, kind: AnyKind, cluster: str, name: str, namespace: str = "shop", **body: Any) -> None:
        labels = body.pop("labels", {})
        meta = {"name": name, "namespace": namespace, "uid": f"{namespace}/{name}", "labels": labels}
        row = RowDecoder(kind, cluster).row(json.dumps({"metadata": meta, **body}).encode())
        self.store.put(kind.id, cluster, {row.uid: row})

    def gateway(
        self, cluster: str, *connections: Obj, name: str = "gw", ha: str = "active", **status: Any
    ) -> None:
        """The Gateway of a member; with an Endpoint of itself and of all that it is connected to."""
        its: Obj = {"haStatus": "active", "connections": list(connections), "version": "v0.18.0"}
        its["localEndpoint"] = {"cluster_id": cluster, "hostname": name, "backend": "libreswan"}
        self.put(GATEWAY, cluster, name, "submariner-operator", status=its | status)
        self.endpoints(cluster, cluster, *(each["endpoint"]["cluster_id"] for each in connections))

    def endpoints(self, cluster: str, *of: str) -> None:
        for each in of:
            self.put(ENDPOINT, cluster, each, "submariner-operator", spec={"cluster_id": each})

    def mesh(self, *names: str) -> None:
        """Every one of these is connected to every other one."""
        for name in names:
            self.gateway(name, *(to(other) for other in names if other != name))

    def links(self, cluster: str = "a") -> dict[str, LinkRow]:
        found = [row for row in interconnect.rows(self.seen, cluster) if isinstance(row, LinkRow)]
        assert len({row.uid for row in found}) == len(found)
        return {row.name: row for row in found}

    def line(self, cluster: str) -> LinkMatrixRow | None:
        return next((row for row in link_matrix.rows(self.seen, cluster) if isinstance(row, LinkMatrixRow)), None)

    def exports(self, cluster: str = "a") -> dict[str, ExportedServiceRow]:
        return {row.name: row for row in exported.rows(self.seen, cluster) if isinstance(row, ExportedServiceRow)}


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


# -- connections ------------------------------------------------------------------------------------------------


def test_each_member_has_a_row_for_each_other_one_with_its_round_trip(fleet: Fleet) -> None:
    fleet.mesh("a", "b", "c")
    assert sorted((cluster, row.name) for cluster in "abc" for row in fleet.links(cluster).values()) == [
        *(("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b"))
    ]
    row = fleet.links()["b"]
    assert (row.status, row.back, row.average, row.last) == ("connected", "connected", 12.0, 13.2)
    assert (row.cable, row.node, row.remote_node, row.gateways) == ("libreswan", "gw", "b-gw", "1 active")
    assert (row.level, row.reason, row.version, row.remote_version) == (Level.HEALTHY, "", "v0.18.0", "v0.18.0")
    assert LINKS.subject is not None
    assert LINKS.subject(row) == (GATEWAY.id, "a", "submariner-operator", "gw")


def test_an_error_is_failed_in_the_gateways_words_and_one_that_connects_is_progressing(fleet: Fleet) -> None:
    fleet.gateway("a", to("b", "error", "no ping"), to("c", "connecting"))
    assert (fleet.links()["b"].level, fleet.links()["b"].reason) == (Level.FAILED, "no ping")
    assert (fleet.links()["c"].level, fleet.links()["c"].reason) == (Level.PROGRESSING, "connecting")


def test_a_side_that_sees_no_connection_back_is_told_on_both(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("b")
    fleet.endpoints("b", "a")
    assert (fleet.links("a")["b"].level, fleet.links("a")["b"].back) == (Level.DEGRADED, "none")
    assert fleet.links("a")["b"].reason == "one-sided: b sees no connection"
    assert (fleet.links("b")["a"].level, fleet.links("b")["a"].status) == (Level.FAILED, "missing")
    assert fleet.links("b")["a"].reason == "no connection to a, though its Endpoint is here"


def test_a_side_that_says_otherwise_is_quoted(fleet: Fleet) -> None:
    fleet.gateway("a", to("b"))
    fleet.gateway("b", to("a", "error", "no ping"))
    assert fleet.links("a")["b"].reason == "one-sided: b says error: no ping"
    assert fleet.links("b")["a"].reason == "no ping; a says connected"
    assert fleet.links("b")["a"].level == Level.FAILED


def test_of_a_side_that_does_not_answer_nothing_is_said(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("b")
    fleet.store.set_freshness("b", "", Freshness(State.STALE, 1.0, "timeout"))
    assert (fleet.links("a")["b"].level, fleet.links("a")["b"].back) == (Level.HEALTHY, "")


def test_a_cluster_that_is_no_member_keeps_the_name_submariner_gives_it(fleet: Fleet) -> None:
    fleet.gateway("a", to("elsewhere"))
    row = fleet.links()["elsewhere"]
    assert (row.level, row.back, row.remote_version) == (Level.HEALTHY, "", "")


def test_a_member_whose_cluster_id_is_another_is_found_by_it() -> None:
    fleet = Fleet("prod/a", "prod/b")
    fleet.put(ENDPOINT, "prod/a", "b", spec={"cluster_id": "b"})
    for name, other in (("prod/a", "b"), ("prod/b", "a")):
        local = {"cluster_id": name[-1]}
        fleet.gateway(name, to(other), localEndpoint=local)
    assert fleet.links("prod/a")["prod/b"].back == "connected"


def test_a_member_of_another_broker_is_unknown_not_failed(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("c")
    assert fleet.links()["c"].level == Level.UNKNOWN
    assert fleet.links()["c"].reason == "no Endpoint of c is here: another broker, or it never came"


def test_a_slow_link_is_degraded(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("a", to("b", rtt=240.0))
    assert (fleet.links()["b"].level, fleet.links()["b"].average) == (Level.DEGRADED, 240.0)
    assert fleet.links()["b"].reason == "slow: 240 ms on average"


@pytest.mark.parametrize(
    ("theirs", "level"), [("v0.17.2", Level.HEALTHY), ("v0.16.3", Level.DEGRADED), ("v1.0.0", Level.DEGRADED)]
)
def test_versions_that_differ_are_told_and_those_far_apart_degraded(
    fleet: Fleet, theirs: str, level: Level
) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("b", to("a"), version=theirs)
    row = fleet.links()["b"]
    assert (row.level, row.reason) == (level, f"versions differ: v0.18.0 here, {theirs} there")


def test_one_connection_that_stands_is_enough(fleet: Fleet) -> None:
    fleet.gateway("a", to("b", "error", "old gateway"), to("b"))
    assert fleet.links()["b"].status == "connected"


def test_latencies_of_older_releases_are_nanoseconds(fleet: Fleet) -> None:
    old = to("b") | {"latencyRTT": None, "latency": {"averageRTT": 2_500_000, "lastRTT": 3_000_000}}
    fleet.gateway("a", old)
    assert (fleet.links()["b"].average, fleet.links()["b"].last) == (2.5, 3.0)


# -- gateways ---------------------------------------------------------------------------------------------------


def test_a_passive_gateway_waits_beside_the_active_one(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("a", to("b"))
    fleet.gateway("a", name="gw2", haStatus="passive")
    assert (fleet.links()["b"].gateways, fleet.links()["b"].level) == ("1 active, 1 passive", Level.HEALTHY)


def test_two_active_gateways_contradict_each_other(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("a", to("b"))
    fleet.gateway("a", to("b"), name="gw2")
    assert (fleet.links()["b"].level, fleet.links()["b"].reason) == (
        Level.DEGRADED,
        "2 gateways are active: gw, gw2",
    )


def test_a_gateway_that_fails_says_so_at_its_links(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.gateway("a", to("b"), statusFailure="no cable driver")
    assert fleet.links()["b"].reason == "gateway: no cable driver"


def test_without_an_active_gateway_there_is_one_row_that_says_so(fleet: Fleet) -> None:
    fleet.gateway("a", haStatus="passive")
    (row,) = fleet.links().values()
    assert (row.status, row.level, row.reason) == ("no gateway", Level.FAILED, "no gateway is active: gw")


def test_endpoints_without_a_gateway_are_failed_and_crds_alone_unknown(fleet: Fleet) -> None:
    (row,) = fleet.links().values()
    assert (row.level, row.status) == (Level.UNKNOWN, "no gateway")
    assert row.reason == "Submariner's CRDs are here, but neither a Gateway nor an Endpoint"
    fleet.endpoints("a", "a", "b")
    (row,) = fleet.links().values()
    assert (row.level, row.reason) == (Level.FAILED, "it has Endpoints but no Gateway: is its pod there?")


@pytest.mark.parametrize("state", [State.ABSENT, State.FORBIDDEN])
def test_a_member_without_submariner_or_that_forbids_it_has_no_rows(fleet: Fleet, state: State) -> None:
    fleet.store.set_freshness("a", GATEWAY.id, Freshness(state, 1.0))
    assert fleet.links() == {}


@pytest.mark.parametrize(
    "status",
    [
        {"haStatus": "active", "connections": "x"},
        {"haStatus": "active", "connections": [{"endpoint": 4}]},
        {"haStatus": ["active"]},
        {"haStatus": "active", "connections": [{"status": 3, "endpoint": {"cluster_id": "\x1b[2J"}}]},
        {"haStatus": "active", "localEndpoint": 7},
    ],
)
def test_gateways_that_are_not_as_expected_stop_nothing(fleet: Fleet, status: Obj) -> None:
    fleet.put(GATEWAY, "a", "gw", status=status)
    fleet.gateway("b", to("c"))
    fleet.links("a")
    assert fleet.links("b")["c"].status == "connected"


# -- the matrix -------------------------------------------------------------------------------------------------


def test_the_matrix_has_a_cell_for_each_member_in_the_order_of_its_rows(fleet: Fleet) -> None:
    fleet.gateway("a", to("b"), to("c", rtt=240.0))
    fleet.gateway("b", to("a"), to("c", "error", "no ping"))
    fleet.gateway("c", to("a", rtt=240.0), to("b", "connecting"))
    lines = [fleet.line(name) for name in "abc"]
    assert [(row.number, row.line) for row in lines if row is not None] == [
        (1, "1:·       2:12ms    3:240ms!"),
        (2, "1:12ms    2:·       3:error"),
        (3, "1:240ms!  2:…       3:·"),
    ]
    assert [(row.level, row.healthy, row.links) for row in lines if row is not None] == [
        *((Level.DEGRADED, 1, 2), (Level.FAILED, 1, 2), (Level.DEGRADED, 0, 2)),
    ]


def test_a_member_without_submariner_has_no_row_in_the_matrix(fleet: Fleet) -> None:
    fleet.mesh("a", "b")
    fleet.store.set_freshness("c", GATEWAY.id, Freshness(State.ABSENT, 1.0))
    assert fleet.line("c") is None
    assert fleet.line("a") is not None


def test_two_hundred_members_are_all_in_the_matrix() -> None:
    names = [f"m{number:03d}" for number in range(200)]
    fleet = Fleet(*names)
    fleet.gateway("m007", *(to(name) for name in names if name != "m007"))
    row = fleet.line("m007")
    assert row is not None
    assert (row.number, row.links) == (8, 199)
    assert [cell.partition(":")[0] for cell in row.line.split()] == [str(number) for number in range(1, 201)]


# -- services ---------------------------------------------------------------------------------------------------


def export(fleet: Fleet, cluster: str, name: str, **conditions: tuple[str, str]) -> None:
    told = [
        {"type": kind, "status": status, "reason": reason, "message": ""}
        for kind, (status, reason) in ({"Valid": ("True", "")} | conditions).items()
    ]
    fleet.put(SERVICE_EXPORT, cluster, name, status={"conditions": told})


def imported(fleet: Fleet, cluster: str, name: str, *clusters: str, **more: Any) -> None:
    spec = {"type": "ClusterSetIP", "ips": ["243.0.0.7"], "ports": [{"port": 80, "protocol": "TCP"}]}
    status = {"clusters": [{"cluster": each} for each in clusters]}
    fleet.put(SERVICE_IMPORT, cluster, name, more.pop("namespace", "shop"), spec=spec, status=status, **more)


def test_an_exported_service_says_who_exports_and_how_many_import_it(fleet: Fleet) -> None:
    for cluster in ("a", "b"):
        export(fleet, cluster, "db")
    for cluster in ("a", "b", "c"):
        imported(fleet, cluster, "db", "a", "b")
    row = fleet.exports()["db"]
    assert (row.status, row.clusters, row.imported, row.level) == ("exported", "a, b", 3, Level.HEALTHY)
    assert (row.type, row.ip, row.ports, row.host) == (
        "ClusterSetIP",
        "243.0.0.7",
        "80/TCP",
        "db.shop.svc.clusterset.local",
    )
    assert fleet.exports("c") == {}


def test_a_conflict_between_exports_is_degraded_in_its_own_words(fleet: Fleet) -> None:
    export(fleet, "a", "db", Conflict=("True", "ConflictingPorts"))
    row = fleet.exports()["db"]
    assert (row.status, row.level, row.reason) == ("conflict", Level.DEGRADED, "ConflictingPorts")


def test_an_export_of_a_service_that_is_gone_is_failed(fleet: Fleet) -> None:
    export(fleet, "a", "db", Valid=("False", "ServiceUnavailable"))
    assert (fleet.exports()["db"].status, fleet.exports()["db"].level) == ("not valid", Level.FAILED)


def test_an_import_that_nobody_exports_any_more_is_stale(fleet: Fleet) -> None:
    imported(fleet, "a", "old", "b")
    row = fleet.exports()["old"]
    assert (row.status, row.level) == ("stale import", Level.DEGRADED)
    assert row.reason == "backed by b, where nobody exports it"
    assert EXPORTED_SERVICES.subject is not None
    assert EXPORTED_SERVICES.subject(row).kind == SERVICE_IMPORT.id  # type: ignore[union-attr]
    fleet.store.set_freshness("b", SERVICE_EXPORT.id, Freshness(State.FORBIDDEN, 1.0))
    assert fleet.exports() == {}


def test_imports_of_older_releases_are_known_by_their_labels(fleet: Fleet) -> None:
    export(fleet, "b", "db")
    labels = {"lighthouse.submariner.io/sourceName": "db", "lighthouse.submariner.io/sourceNamespace": "shop"}
    imported(fleet, "a", "db-shop-b", "b", namespace="submariner-operator", labels=labels)
    assert fleet.exports("b")["db"].imported == 1
    assert fleet.exports("a") == {}
