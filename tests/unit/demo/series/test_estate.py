"""The estate's series: counters that only grow and agree with what the world says, and members that differ."""

from collections.abc import Iterator

import pytest
from multidict import MultiDict

from kurator_tui.demo import promql, query_api
from kurator_tui.demo.promql.series import Scraped
from kurator_tui.demo.promql.values import Grid
from kurator_tui.demo.series.estate import FAMILIES, Metrics
from kurator_tui.demo.world.scenarios import apply, named
from kurator_tui.demo.world.world import World


@pytest.fixture(scope="module")
def world() -> World:
    made = World(6)
    made.build({})
    apply(made, named("calm"))
    return made


@pytest.fixture(scope="module")
def metrics(world: World) -> Metrics:
    return Metrics(world)


def rows(metrics: Metrics, world: World, query: str) -> dict[str, float]:
    """Values now by cluster and the labels that a query leaves."""
    storage = metrics.fleet(query_api.selectors(MultiDict(query=query)))
    found = promql.instant(storage, query, round(world.clock.wall() * 1000)).rows
    return {"/".join(value for _, value in sorted(labels.items())): points[0][1] for labels, points in found}


def every(metrics: Metrics, kind: str) -> Iterator[Scraped]:
    names = {family.name for family in FAMILIES if family.kind == kind}
    for series in metrics.fleet([]).series:
        assert isinstance(series, Scraped)
        if series.labels["__name__"] in names:
            yield series


@pytest.mark.parametrize("kind", ["counter", "histogram"])
def test_counters_never_decrease(metrics: Metrics, world: World, kind: str) -> None:
    end = round(world.clock.wall() * 1000)
    count = 0
    for series in every(metrics, kind):
        values = list(series.samples(end - 3 * 3600_000, end)[1])
        assert all(map(float.__le__, values[:-1], values[1:])), series.labels
        count += 1
    assert count > 100


def test_series_have_labels_of_their_own(metrics: Metrics) -> None:
    found = [tuple(sorted(each.labels.items())) for each in metrics.fleet([]).series]
    assert len(found) == len(set(found))


def test_reading_edges_alone_changes_no_rate(metrics: Metrics, world: World) -> None:
    query = "rate(container_cpu_usage_seconds_total[5m])"
    storage = metrics.fleet(query_api.selectors(MultiDict(query=query)))
    end = round(world.clock.wall() * 1000)
    grid = Grid(end - 3600_000, 600_000, 7)
    fast = promql.over_range(storage, query, grid).rows
    each_alone = [
        promql.over_range(
            storage, f"rate(container_cpu_usage_seconds_total[5m] @ {at / 1000})", Grid(end, 1, 1)
        ).rows
        for at in grid.instants
    ]
    for number, (labels, points) in enumerate(fast):
        assert [value for _, value in points] == pytest.approx([one[number][1][0][1] for one in each_alone])
        assert labels == each_alone[0][number][0]


def test_a_bad_workload_is_bad_in_its_members_prometheus_and_in_thanos(world: World) -> None:
    metrics = Metrics(world)
    place = ("prod-cloud", "webapp", "cart")
    query = (
        '100 * sum(rate(istio_requests_total{cluster=~"prod-cloud|",destination_workload="cart",'
        'response_code!~"5.."}[1m])) '
        '/ sum(rate(istio_requests_total{cluster=~"prod-cloud|",destination_workload="cart"}[1m]))'
    )
    late = (
        "histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{"
        'cluster=~"prod-cloud|",destination_workload="cart"}[1m])))'
    )
    since = world.clock.elapsed
    world.traffic.set(*place, rate=50.0, success_rate=0.9, latency=2000.0)
    try:
        world.clock.elapsed = since + 180
        now = round(world.clock.wall() * 1000)
        asked = query_api.selectors(MultiDict([("query", query), ("query", late)]))
        for storage in (metrics.member("prod-cloud", asked), metrics.fleet(asked)):
            assert promql.instant(storage, query, now).rows[0][1][0][1] == pytest.approx(90.0)
            assert 1000 < promql.instant(storage, late, now).rows[0][1][0][1] <= 2500
    finally:
        world.clock.elapsed = since
        world.traffic.heal(*place)


def test_members_lack_different_exporters(metrics: Metrics, world: World) -> None:
    def clusters(name: str) -> set[str]:
        return set(rows(metrics, world, f"count by (cluster) ({name})"))

    everybody = set(world.members)
    assert clusters("container_cpu_usage_seconds_total") == everybody
    assert clusters("node_cpu_seconds_total") == everybody - {"edge-east", "edge-cold-chain"}
    assert clusters("kube_pod_info") == everybody - {"edge-cold-chain"}
    assert clusters("DCGM_FI_DEV_GPU_UTIL") == {"ai-cloud"}
    assert clusters("KubeEdge_CloudHub_connected_nodes") == {"edge-east", "edge-cold-chain"}
    assert "prod-cloud" in clusters("flagger_canary_status") & clusters("istio_requests_total")


def test_cpu_time_of_a_node_is_its_cores(metrics: Metrics, world: World) -> None:
    query = "sum by (cluster, instance) (rate(node_cpu_seconds_total[5m]))"
    cores = rows(metrics, world, "machine_cpu_cores")
    assert sorted(rows(metrics, world, query).values()) == pytest.approx(
        sorted(v for k, v in cores.items() if "edge-" not in k)
    )


def test_a_pod_that_is_gone_was_there() -> None:
    world = World(2)
    metrics = Metrics(world)
    world.build({})
    apply(world, named("calm"))
    cluster = world.clusters["prod-cloud"]
    world.tick(world.clock.epoch + 60)
    pod = next(p for p in cluster.all_of("pods") if p["metadata"]["namespace"] == "webapp")
    cluster.remove("pods", "webapp", pod["metadata"]["name"])
    world.tick(world.clock.epoch + 61)
    query = f'kube_pod_status_phase{{uid="{pod["metadata"]["uid"]}"}}'
    storage = metrics.fleet(query_api.selectors(MultiDict(query=query)))
    at = world.clock.epoch
    assert len(promql.instant(storage, query, round((at + 30) * 1000)).rows) == 1
    assert promql.instant(storage, query, round((at + 61) * 1000)).rows == []


def test_malformed_objects_cost_nobody_their_metrics() -> None:
    world = World(6)
    metrics = Metrics(world)
    world.build({})
    apply(world, named("hostile"))
    found = rows(metrics, world, 'count by (__name__) ({__name__=~".+"})')
    assert found["kube_pod_status_ready"] > 100
    assert all(isinstance(value, str) for each in metrics.fleet([]).series for value in each.labels.values())
