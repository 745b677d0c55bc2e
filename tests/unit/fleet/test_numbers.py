"""Members whose nodes and pods are not read get their numbers from Thanos; what it lacks is not zero."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.fleet import merging
from kurator_tui.fleet import numbers as numbers_module
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.merging import most_members
from kurator_tui.fleet.numbers import Numbers, completed, told
from kurator_tui.fleet.overviews import Totals
from kurator_tui.metrics.numbers import CATALOGUE, Counts, Reading
from kurator_tui.store.freshness import State
from tests.unit.fleet.fake_cluster import FakeCluster
from tests.unit.fleet.hub_estate import attach, clusters, fleet, hub, kubeconfig, state, until
from tests.unit.fleet.test_aggregate import CACHED, estate
from tests.unit.metrics.server import Server, serving

IN_HOST = "/api/v1/namespaces/default/services/http:default-thanos-query:9090/proxy/api/v1/query"
BY_CLI = "/api/v1/namespaces/thanos/services/http:thanos-query:9090/proxy/api/v1/query"
POD_ONLY, NODE_ONLY = CACHED[:1], CACHED[1:]


def body(**values: float) -> dict[str, Any]:
    result = [{"metric": {"cluster": name}, "value": [1, str(value)]} for name, value in values.items()]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def member(name: str = "a", **fields: Any) -> Member:
    return Member(name, **{"kind": "AttachedCluster", "namespace": "default", "object_name": name, **fields})


@pytest.fixture
def thanos() -> Iterator[Server]:
    with serving() as running:
        running.body = json.dumps(body(a=3)).encode()
        yield running


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that holds one member."""
    monkeypatch.setattr(merging, "STREAMS_A_PROCESSOR", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


# -- through karmada-search --------------------------------------------------------------------------------------


async def test_what_karmada_search_does_not_cache_is_asked_of_thanos(tmp_path: Path, thanos: Server) -> None:
    async with estate(tmp_path, cached=POD_ONLY, thanos=thanos.url) as found:
        for name in ("a", "b"):
            found.ready(name)
            found.pod(name, f"{name}-1")
        await found.until(lambda: bool((row := found.overview("a")) and row.numbers and row.pods == 1))
        assert found.state("a", "nodes") is State.UNREAD
        assert found.state("a") is State.LIVE
        row = found.overview("a")
        assert row is not None
        assert (row.nodes, row.nodes_ready, row.cpu_allocatable) == (3, 3, 3000)
        assert row.via == "karmada-search of fleet prod · numbers from Thanos"
        other = found.overview("b")
        assert other is not None
        assert (other.nodes, other.pods, other.numbers) == (None, 1, None)
        assert "Thanos has no kube-state-metrics of cluster b" in other.note
        assert "karmada-search caches no nodes" in other.note
        assert other.via == "karmada-search of fleet prod"


async def test_one_query_a_number_is_asked_for_all_members(tmp_path: Path, thanos: Server) -> None:
    thanos.body = json.dumps(body(a=3, b=4)).encode()
    async with estate(tmp_path, cached=NODE_ONLY, thanos=thanos.url) as found:
        for name in ("a", "b"):
            found.ready(name)
        await found.until(lambda: bool((row := found.overview("b")) and row.pods == 4))
        row = found.overview("a")
        assert row is not None
        assert (row.pods, row.nodes) == (3, 0)
    assert sorted(asked["query"][0] for asked in thanos.asked) == sorted(n.query for n in CATALOGUE.values())


async def test_a_thanos_that_does_not_answer_leaves_no_numbers_and_the_reason(
    tmp_path: Path, thanos: Server
) -> None:
    thanos.status, thanos.body = 503, b"<html>"
    async with estate(tmp_path, cached=POD_ONLY, thanos=thanos.url) as found:
        found.ready("a")
        await found.until(lambda: bool((row := found.overview("a")) and "answered 503" in row.note))
        row = found.overview("a")
        assert row is not None
        assert (row.nodes, row.cpu_allocatable, row.numbers) == (None, None, None)
        assert "Thanos" not in row.via


async def test_who_caches_everything_asks_nothing_of_thanos(tmp_path: Path, thanos: Server) -> None:
    async with estate(tmp_path, thanos=thanos.url) as found:
        found.ready("a")
        found.ready("b")
        await found.until(lambda: found.state("a") is State.LIVE)
        await found.until(lambda: bool((row := found.overview("a")) and row.nodes == 0))
        assert not found.hub._numbers.pending
    assert thanos.asked == []


# -- beyond what the machine holds -------------------------------------------------------------------------------


async def test_members_beyond_what_the_machine_holds_are_probed_and_counted_by_thanos(
    tmp_path: Path, small: None, thanos: Server
) -> None:
    thanos.body = json.dumps(body(a=7, b=3)).encode()
    async with FakeCluster(kurator=True) as host, FakeCluster() as held, FakeCluster() as other:
        for cluster in (held, other):
            cluster.put("/api/v1/nodes", "n1", {"status": {}}, "Node")
        attach(host, "a", kubeconfig(held.url))
        attach(host, "b", kubeconfig(other.url))
        fleet(host, "a", "b")
        async with hub(tmp_path, host, thanos=thanos.url) as running:
            await until(running, lambda: state(running, "a") == state(running, "b") == "live")
            await until(running, lambda: clusters(running)["b"].numbers is not None)
            await until(running, lambda: clusters(running)["a"].nodes is not None)
            rows = clusters(running)
            assert (rows["a"].nodes, rows["a"].via) == (1, "secret a/value")
            assert (rows["b"].nodes, rows["b"].pods, rows["b"].version) == (3, 3, "v1.31.0")
            assert rows["b"].via == "secret b/value · numbers from Thanos"
            assert running.store.freshness("b", "pods").state is State.UNREAD
            assert "/version" in other.asked
            assert not {"/api/v1/pods", "/api/v1/nodes"} & other.asked


async def test_a_place_that_becomes_free_is_taken_and_its_numbers_are_counted_again(
    tmp_path: Path, small: None, thanos: Server
) -> None:
    thanos.body = json.dumps(body(a=7, b=9)).encode()
    async with FakeCluster(kurator=True) as host, FakeCluster() as server:
        server.put("/api/v1/nodes", "n1", {"status": {}}, "Node")
        for name in ("a", "b"):
            attach(host, name, kubeconfig(server.url))
        fleet(host, "a", "b")
        async with hub(tmp_path, host, thanos=thanos.url) as running:
            await until(running, lambda: "b" in clusters(running) and clusters(running)["b"].nodes == 9)
            fleet(host, "b")
            await until(running, lambda: "b" in clusters(running) and clusters(running)["b"].nodes == 1)
            assert clusters(running)["b"].numbers is None
            assert "Thanos" not in clusters(running)["b"].via


async def test_whoever_insists_reads_all_members_directly(tmp_path: Path, small: None, thanos: Server) -> None:
    async with FakeCluster(kurator=True) as host, FakeCluster() as server:
        for name in ("a", "b"):
            attach(host, name, kubeconfig(server.url))
        fleet(host, "a", "b")
        async with hub(tmp_path, host, thanos=thanos.url, through="direct") as running:
            await until(running, lambda: running.store.freshness("b", "pods").state is State.LIVE)
    assert thanos.asked == []


def test_a_machine_holds_as_many_members_as_its_processors_hold_streams() -> None:
    assert (most_members(2, cores=2), most_members(3, cores=2), most_members(2, cores=5)) == (2500, 1666, 10000)


# -- where Thanos is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [IN_HOST, BY_CLI])
async def test_without_a_url_thanos_is_asked_through_the_host(tmp_path: Path, path: str) -> None:
    async with estate(tmp_path, cached=POD_ONLY) as found:
        found.host.single[path] = body(a=5)
        found.ready("a")
        await found.until(lambda: bool((row := found.overview("a")) and row.nodes == 5))


async def test_a_host_without_thanos_is_told_with_where_it_was_looked_for(tmp_path: Path) -> None:
    async with estate(tmp_path, cached=POD_ONLY) as found:
        found.ready("a")
        await found.until(lambda: bool((row := found.overview("a")) and "The host has no Thanos" in row.note))
        row = found.overview("a")
        assert row is not None
        assert "default/default-thanos-query nor thanos/thanos-query" in row.note


async def test_a_host_that_forbids_asking_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, cached=POD_ONLY) as found:
        found.host.forbidden.add(IN_HOST)
        found.ready("a")
        await found.until(lambda: bool((row := found.overview("a")) and "no access" in row.note))


async def test_a_url_that_is_none_is_told_in_the_row(tmp_path: Path) -> None:
    async with estate(tmp_path, cached=POD_ONLY, thanos="thanos:9090") as found:
        found.ready("a")
        await found.until(lambda: bool((row := found.overview("a")) and "must begin with http" in row.note))


# -- rounds ------------------------------------------------------------------------------------------------------


async def test_numbers_are_asked_again_and_none_while_nobody_wants_them(
    thanos: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_module, "INTERVAL", 0.05)
    changed = asyncio.Event()
    numbers = Numbers(thanos.url, lambda: None, lambda: 100.0, lambda _name: changed.set())
    task = asyncio.create_task(numbers.run())
    try:
        assert numbers.of(member()).at is None
        assert numbers.pending
        for _ in range(2):
            await asyncio.wait_for(changed.wait(), 60)
            changed.clear()
        assert numbers.of(member()).counts.nodes == 3
        assert numbers.of(member()).at == 100.0
        numbers.forget("a")
        thanos.body = json.dumps(body(a=4)).encode()
        numbers.of(member())
        async with asyncio.timeout(60):
            while numbers.of(member()).counts.nodes != 4:
                await changed.wait()
                changed.clear()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_mistake_of_ours_costs_numbers_and_not_the_rounds(
    thanos: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_source: object) -> Reading:
        raise RuntimeError("secret words")

    monkeypatch.setattr(numbers_module, "ask", broken)
    changed = asyncio.Event()
    numbers = Numbers(thanos.url, lambda: None, lambda: 100.0, lambda _name: changed.set())
    task = asyncio.create_task(numbers.run())
    try:
        numbers.of(member())
        await asyncio.wait_for(changed.wait(), 60)
        assert numbers.of(member()).note == "no numbers: error in kurator-tui: RuntimeError"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_was_read_where_nobody_is_asked_for_any_more_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[str] = []

    class Named:
        def __init__(self, place: str) -> None:
            self.place = place

        async def close(self) -> None:
            closed.append(self.place)

    async def counted(_source: object) -> Reading:
        return Reading({"a": BOTH})

    monkeypatch.setattr("kurator_tui.fleet.thanos.in_host", lambda _host, place: Named(place))
    monkeypatch.setattr(numbers_module, "ask", counted)
    numbers = Numbers("", lambda: None, lambda: 100.0, lambda _name: None)
    for name in ("one", "two"):
        numbers.of(member(name, namespace=name, object_name="a"))
    await numbers._round()
    assert numbers.of(member("two", namespace="two", object_name="a")).counts == BOTH
    numbers.forget("two")
    await numbers._round()
    assert closed == ["two"]
    assert numbers.of(member("one", namespace="one", object_name="a")).counts == BOTH
    assert numbers.of(member("two", namespace="two", object_name="a")).counts == Counts()
    assert numbers.pending


# -- one member's part -------------------------------------------------------------------------------------------

BOTH = Counts(nodes=3, pods=9)


def test_a_member_is_found_by_its_objects_name_or_by_karmadas() -> None:
    by_plugin, by_cli = Reading({"a": BOTH}), Reading({"a-attachedcluster": BOTH})
    assert told(member(), 1.0, by_plugin, alone=True).counts == BOTH
    assert told(member(), 1.0, by_cli, alone=True).counts == BOTH
    context = Member("ctx", "Context", context="ctx")
    assert told(context, 1.0, Reading({"ctx": BOTH}), alone=False).counts == BOTH


@pytest.mark.parametrize(("name", "alone", "known"), [("a.default", True, True), ("a.default", False, False)])
def test_two_clusters_of_one_label_have_no_numbers(name: str, alone: bool, known: bool) -> None:
    found = told(member(name, object_name="a"), 1.0, Reading({"a": BOTH}), alone=alone)
    assert (found.at is not None) is known
    assert known or "several clusters as a" in found.note


def test_a_cluster_and_an_attached_cluster_of_one_name_are_never_told_apart_by_their_label() -> None:
    both = member("a.default.attachedcluster", object_name="a")
    assert "several" in told(both, 1.0, Reading({"a": BOTH}), alone=True).note
    assert told(both, 1.0, Reading({"a-attachedcluster": BOTH}), alone=True).counts == BOTH


def test_a_warning_that_names_the_cluster_is_told_without_what_acts_on_a_terminal() -> None:
    warning = 'fetch series for {cluster="a"} \x1b[2J: connection refused'
    found = told(member(), 1.0, Reading({"b": BOTH}, (warning,)), alone=True)
    assert "connection refused" in found.note
    assert "\x1b" not in found.note
    assert "connection" not in told(member("c"), 1.0, Reading({"b": BOTH}, (warning,)), alone=True).note


def test_numbers_that_came_are_shown_beside_why_others_did_not() -> None:
    found = told(member(), 1.0, Reading({"a": Counts(nodes=3)}, (), "thanos broke off"), alone=True)
    assert (found.counts.nodes, found.at) == (3, 1.0)
    assert found.note == "no number of pods: thanos broke off"


def test_what_is_counted_from_objects_stays() -> None:
    counted = Totals(pods=5, pods_ready=4, cpu_requested=10, memory_requested=20)
    assert completed(counted, Counts(nodes=3, nodes_ready=2, gpus=1, pods=99, cpu_requested=99)) == Totals(
        nodes=3, nodes_ready=2, gpus=1, pods=5, pods_ready=4, cpu_requested=10, memory_requested=20
    )
