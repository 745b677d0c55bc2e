"""Hosts of a mesh from the objects of one member: what a tree holds, and each rule by which something is wrong."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import AnyKind, Level
from kurator_tui.kinds.istio import DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, VIRTUAL_SERVICE
from kurator_tui.kinds.networking import ENDPOINT_SLICE, SERVICE
from kurator_tui.kinds.traffic import TRAFFIC, TRAFFIC_HOSTS
from kurator_tui.store.freshness import State
from tests.unit.fleet.mesh_objects import Members, to


def split(mesh: Members, one: int, other: int) -> None:
    """`web` divided between two subsets, whose pods are there."""
    mesh.pods("web", "web-next", {"version": "v2"}, ready=1, known=1)
    mesh.rule("web", primary={"version": "v1"}, canary={"version": "v2"})
    mesh.routes("web", {"route": [to("web", one, "primary"), to("web", other, "canary")]})


# -- what is shown ----------------------------------------------------------------------------------------------


def test_a_host_leads_over_its_routes_to_subsets_with_weights_and_endpoints(mesh: Members) -> None:
    split(mesh, 90, 10)
    assert [(row.depth, row.name, row.weight, row.endpoints_ready, row.endpoints) for row in mesh.tree()] == [
        (0, "web.shop", None, 3, 3),
        (1, "route web", None, None, None),
        (2, "web.shop primary", 90, 2, 2),
        (2, "web.shop canary", 10, 1, 1),
    ]
    row = mesh.host()
    assert (row.weights, row.routes, row.level, row.reason) == ("primary 90 · canary 10", 1, Level.HEALTHY, "")


def test_weights_of_services_that_a_canary_made_are_called_after_their_part(mesh: Members) -> None:
    mesh.app("web-primary")
    mesh.app("web-canary")
    mesh.routes("web", {"route": [to("web-primary", 80), to("web-canary", 20)]})
    assert mesh.host().weights == "primary 80 · canary 20"
    mesh.routes("web", {"route": [to("web-primary", 100), to("web-canary", 0)]})
    assert mesh.host().weights == "primary 100"


def test_names_are_indented_by_depth_and_paths_put_the_same_host_of_clusters_together() -> None:
    members = Members("m1", "m2")
    for cluster in ("m1", "m2"):
        for name in ("web", "api"):
            members.app(name, cluster=cluster)
            members.routes(name, cluster=cluster)
    shown = TRAFFIC.column("name")
    assert shown is not None
    assert [shown.value(row) for row in members.tree()] == ["web.shop", "  route web", "    web.shop"]
    found = [row for cluster in ("m1", "m2") for row in members.hosts(cluster).values()]
    assert len({row.key for row in found}) == len(found) == 4
    assert TRAFFIC.sort == "path"
    assert TRAFFIC_HOSTS.sort == "name"
    assert [row.path for row in members.tree()] == [f"web.shop.svc.cluster.local m1 {n:04d}" for n in range(3)]


def test_a_route_says_in_words_what_it_takes(mesh: Members) -> None:
    beta = {"headers": {"x-beta": {"exact": "true"}}, "uri": {"prefix": "/api"}}
    mesh.routes(
        "web", {"match": [beta, {"uri": {"regex": "/v[12]"}}], "route": [to("web")]}, {"route": [to("web")]}
    )
    assert [row.takes for row in mesh.tree() if row.type == "route"] == [
        "/api* x-beta=true | ~/v[12]",
        "all",
    ]


def test_services_without_a_mesh_are_no_hosts(mesh: Members) -> None:
    assert mesh.hosts() == {}


def test_a_host_that_only_a_destination_rule_is_about_shows_its_subsets(mesh: Members) -> None:
    mesh.rule("web", v1={"version": "v1"})
    assert [(row.name, row.endpoints) for row in mesh.tree()] == [("web.shop", 2), ("subset v1", 2)]


def test_a_destination_rule_of_a_destination_is_no_host_of_its_own(mesh: Members) -> None:
    mesh.app("web-primary")
    mesh.rule("web-primary", tls="ISTIO_MUTUAL")
    mesh.routes("web", {"route": [to("web-primary")]})
    assert list(mesh.hosts()) == ["web.shop"]


def test_rows_stand_for_their_objects(mesh: Members) -> None:
    split(mesh, 90, 10)
    assert TRAFFIC.subject is not None
    assert [TRAFFIC.subject(row) for row in mesh.tree()][1:3] == [
        (VIRTUAL_SERVICE.id, "m1", "shop", "web"),
        (SERVICE.id, "m1", "shop", "web"),
    ]


def test_a_delegate_goes_on_below_the_route_that_names_it(mesh: Members) -> None:
    mesh.routes("web", {"match": [{"uri": {"prefix": "/a"}}], "delegate": {"name": "part", "namespace": "team"}})
    mesh.routes("part", {"route": [to("web.shop.svc.cluster.local")]}, namespace="team", hosts=[])
    assert [(row.depth, row.name) for row in mesh.tree()] == [
        (0, "web.shop"),
        (1, "route web"),
        (2, "route part"),
        (3, "web.shop"),
    ]
    mesh.delete(VIRTUAL_SERVICE, "part", "team")
    assert mesh.host().reason == "delegate team/part does not exist"


def test_delegates_that_delegate_to_each_other_are_not_followed(mesh: Members) -> None:
    mesh.routes("web", {"delegate": {"name": "part"}})
    mesh.routes("part", {"delegate": {"name": "part"}}, hosts=[])
    assert mesh.host().reason == "a delegate that delegates: Istio ignores it"


def test_what_thanos_counts_stands_beside_a_destination_and_its_host(mesh: Members) -> None:
    split(mesh, 90, 10)
    mesh.counted("web", 9.0, 100.0, 20.0)
    mesh.counted("web-next", 1.0, 90.0, 700.0)
    assert [(row.success, row.p99) for row in mesh.tree()] == [
        (99.0, 700.0),
        (None, None),
        (100.0, 20.0),
        (90.0, 700.0),
    ]
    assert (mesh.host().success, mesh.host().p99, mesh.host().rate) == (99.0, 700.0, 10.0)


def test_without_metrics_there_are_no_numbers(mesh: Members) -> None:
    split(mesh, 90, 10)
    assert (mesh.host().success, mesh.host().p99, mesh.host().rate) == (None, None, None)


# -- destinations -----------------------------------------------------------------------------------------------


def test_what_may_be_secret_of_a_redirect_is_not_shown(mesh: Members) -> None:
    place = {"authority": "bot:hunter2@sign.example/in?token=s3cr3t"}
    mesh.routes("web", {"redirect": place})
    names = [row.name for row in mesh.trees()]
    assert any("redirect 301 sign.example/in" in name for name in names)
    assert not any("s3cr3t" in name or "hunter2" in name for name in names)


def test_a_destination_that_nobody_knows_here_is_degraded(mesh: Members) -> None:
    mesh.routes("web", {"route": [to("reviews")]})
    row = mesh.line("reviews.shop")
    assert (row.level, row.reason) == (Level.DEGRADED, "no Service or ServiceEntry reviews.shop is here")
    assert (mesh.host().level, mesh.host().reason) == (Level.DEGRADED, row.reason)


def test_a_service_entry_is_a_destination_whose_endpoints_are_not_counted(mesh: Members) -> None:
    mesh.entry("bank", "api.bank.example")
    mesh.entry("wild", "*.cdn.example")
    mesh.routes("web", {"route": [to("api.bank.example")]}, {"route": [to("img.cdn.example")]})
    assert [row.endpoints for row in mesh.tree() if row.type == "destination"] == [None, None]
    assert mesh.line("img.cdn.example").level == Level.HEALTHY


def test_a_subset_without_a_destination_rule_is_failed(mesh: Members) -> None:
    mesh.routes("web", {"route": [to("web", subset="v3")]})
    assert mesh.host().reason == "subset v3 is undefined: no DestinationRule is for web.shop"
    mesh.rule("web", v1={"version": "v1"}, v2={"version": "v2"})
    assert mesh.host().reason == "subset v3 is undefined: DestinationRule shop/web has v1, v2"
    assert mesh.host().level == Level.FAILED


def test_a_subset_that_selects_no_pods_is_failed_unless_nothing_goes_there(mesh: Members) -> None:
    mesh.rule("web", v1={"version": "v1"}, v2={"version": "v2"})
    mesh.routes("web", {"route": [to("web", 90, "v1"), to("web", 10, "v2")]})
    assert mesh.host().reason == "subset v2 (version=v2) selects no pods"
    mesh.routes("web", {"route": [to("web", 100, "v1"), to("web", 0, "v2")]})
    assert mesh.host().level == Level.HEALTHY


@pytest.mark.parametrize(
    ("ready", "level", "reason"),
    [
        (0, Level.FAILED, "none of 3 endpoints is ready"),
        (2, Level.DEGRADED, "1 of 3 endpoints not ready"),
        (3, Level.HEALTHY, ""),
    ],
)
def test_endpoints_that_are_not_ready(ready: int, level: Level, reason: str) -> None:
    mesh = Members()
    mesh.service("web")
    mesh.pods("web", "web", ready=ready, known=3)
    mesh.routes("web")
    assert (mesh.host().level, mesh.host().reason) == (level, reason)


def test_pods_of_unknown_labels_leave_a_subset_unknown() -> None:
    mesh = Members()
    mesh.service("web")
    mesh.pods("web")
    mesh.rule("web", v1={"version": "v1"})
    mesh.routes("web", {"route": [to("web", subset="v1")]})
    assert (mesh.host().level, mesh.host().reason) == (Level.UNKNOWN, "labels of 2 endpoints are not known")


def test_a_deployment_of_a_long_name_is_found_behind_its_pods() -> None:
    mesh = Members()
    mesh.service("web")
    mesh.pods(
        "web", "w" * 47, {"version": "v1"}
    )  # with the hash of its ReplicaSet 58 characters: the dash is cut off
    mesh.rule("web", v1={"version": "v1"})
    mesh.routes("web", {"route": [to("web", subset="v1")]})
    assert mesh.host().endpoints == 2


def test_addresses_of_both_families_are_the_same_endpoints(mesh: Members) -> None:
    mesh.routes("web")
    body = {"addressType": "IPv6", "endpoints": [{"addresses": ["fd00::1"], "conditions": {}}]}
    labelled = {"labels": {"kubernetes.io/service-name": "web"}}
    mesh.put(ENDPOINT_SLICE, "web-6", "shop", "m1", metadata=labelled, **body)
    assert mesh.host().endpoints == 2


# -- routes -----------------------------------------------------------------------------------------------------


def test_weights_that_are_not_100_are_told(mesh: Members) -> None:
    split(mesh, 80, 10)
    assert (mesh.host().level, mesh.host().reason) == (Level.DEGRADED, "weights add up to 90, not 100")
    split(mesh, 0, 0)
    assert mesh.line("route web").level == Level.FAILED


@pytest.mark.parametrize("weight", [None, 1])
def test_a_single_destination_needs_no_weight(mesh: Members, weight: int | None) -> None:
    mesh.routes("web", {"route": [to("web", weight)]})
    assert mesh.host().level == Level.HEALTHY


def test_a_route_after_one_that_takes_all_is_never_reached(mesh: Members) -> None:
    rest = {"route": [to("web")]}
    mesh.routes("web", rest, {"match": [{"uri": {"prefix": "/api"}}], **rest})
    assert mesh.host().reason == "never reached: a route before it takes all"


# -- hosts ------------------------------------------------------------------------------------------------------


def test_of_two_virtual_services_with_one_host_in_the_mesh_the_older_counts(mesh: Members) -> None:
    mesh.routes("web")
    mesh.routes("mine", {"route": [to("web")]}, hosts=["web"])
    row = mesh.host()
    assert row.level == Level.DEGRADED
    assert row.reason == "2 VirtualServices: shop/web counts, shop/mine is ignored"


def test_at_a_gateway_their_routes_are_mixed(mesh: Members) -> None:
    mesh.service("gateway", "istio-system")
    mesh.pods("gateway", "gateway", namespace="istio-system")
    mesh.gateway("public", "*")
    for name in ("one", "two"):
        mesh.routes(name, {"route": [to("web")]}, hosts=["shop.example"], gateways=["istio-system/public"])
    assert mesh.host("shop.example").reason == (
        "2 VirtualServices at gateway istio-system/public: shop/one, shop/two are mixed in no defined order"
    )


def test_virtual_services_that_do_not_see_each_other_do_not_conflict(mesh: Members) -> None:
    host = "web.shop.svc.cluster.local"
    for namespace in ("team-a", "team-b"):
        mesh.routes("web", {"route": [to(host)]}, namespace=namespace, hosts=[host], exportTo=["."])
    assert mesh.host().level == Level.HEALTHY


def test_a_service_entry_with_the_host_of_a_service_is_shadowed(mesh: Members) -> None:
    mesh.entry("legacy", "web.shop.svc.cluster.local")
    row = mesh.host()
    assert row.level == Level.DEGRADED
    assert row.reason == "ServiceEntry shop/legacy has the host of Service shop/web, which shadows it"


def test_a_service_entry_shadows_a_younger_one_of_the_same_host(mesh: Members) -> None:
    mesh.entry("one", "api.bank.example")
    mesh.entry("two", "api.bank.example", namespace="pay")
    reason = mesh.host("api.bank.example").reason
    assert reason == "ServiceEntry shop/one shadows pay/two: both have this host"
    mesh.entry("two", "api.bank.example", namespace="pay", exportTo=["."])
    assert mesh.host("api.bank.example").level == Level.HEALTHY


# -- half a mesh, and other bad input ---------------------------------------------------------------------------


def test_a_cluster_without_istiod_does_not_know_who_applies_its_routes(mesh: Members) -> None:
    mesh.routes("web")
    mesh.delete(SERVICE, "istiod", "istio-system")
    assert mesh.host().level == Level.UNKNOWN
    assert mesh.host().reason.startswith("no istiod is in this cluster")


@pytest.mark.parametrize(
    "kind",
    [SERVICE, DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, ENDPOINT_SLICE],
    ids=lambda kind: kind.plural,
)
def test_what_cannot_be_read_makes_hosts_unknown_never_failed(mesh: Members, kind: AnyKind) -> None:
    mesh.routes("web", {"route": [to("web", subset="v1")]} if kind is DESTINATION_RULE else {"route": [to("web")]})
    if kind is GATEWAY:
        mesh.routes("web", gateways=["public"])
    if kind is SERVICE:
        mesh.delete(SERVICE, "web")
    mesh.unread(kind)
    row = mesh.host()
    assert row.level == Level.UNKNOWN
    assert "cannot be read" in row.reason


def test_absent_kinds_are_no_faults(mesh: Members) -> None:
    mesh.routes("web")
    mesh.unread(DESTINATION_RULE, State.ABSENT)
    assert mesh.host().level == Level.HEALTHY


@pytest.mark.parametrize(
    "spec",
    [
        {"hosts": "web"},
        {"hosts": [7, None, "web"], "http": "x"},
        {"hosts": ["web"], "http": [None, 3, {"route": "x"}, {"match": 5, "route": [None, {"destination": 4}]}]},
        {
            "hosts": ["web"],
            "http": [{"route": [{"destination": {"host": ["a"]}, "weight": "ten"}], "delegate": 1}],
        },
        {"hosts": ["\x1b[2Jweb\u202e"], "gateways": [None], "http": [{"match": [{"headers": {"a": "b"}}]}]},
        {},
    ],
)
def test_objects_that_are_not_as_expected_cost_nobody_a_row(mesh: Members, spec: dict[str, object]) -> None:
    mesh.app("api")
    mesh.routes("api")
    mesh.put(VIRTUAL_SERVICE, "bad", "shop", "m1", spec=spec)
    assert mesh.host("api.shop").level == Level.HEALTHY


def test_routes_that_are_too_large_are_said_to_be(mesh: Members) -> None:
    rules = [{"match": [{"uri": {"exact": "/" + "x" * 90}}], "route": [to("web")]} for _ in range(200)]
    mesh.routes("web", *rules)
    assert mesh.host().reason == "its routes are too large to be read here"


# -- cost -------------------------------------------------------------------------------------------------------


def test_only_the_host_that_changed_is_made_again(mesh: Members) -> None:
    for number in range(1000):
        name = f"app-{number}"
        mesh.app(name)
        mesh.routes(name)
    before = mesh.hosts()
    assert len(before) == 1000
    mesh.routes("app-7", {"route": [to("nobody")]})
    after = mesh.hosts()
    assert [name for name in after if after[name] is not before[name]] == ["app-7.shop"]
    mesh.pods("app-9", "app-9", ready=1)
    again = mesh.hosts()
    assert [name for name in again if again[name] is not after[name]] == ["app-9.shop"]
