"""Istio's traffic metrics and Flagger's: what the world's `Traffic` says, and how its canaries went."""

from collections.abc import Callable, Iterator
from functools import partial

from kurator_tui.demo.series.families import Family, Member, Row, named, number_of, part, parts
from kurator_tui.demo.series.waves import constant, each, steps
from kurator_tui.demo.world.traffic import PRIMARY, Course, State

#: Buckets of answer times, milliseconds; Istio's own.
_BOUNDS = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)
#: Namespaces whose pods have no sidecar.
_OUTSIDE = frozenset({"kube-system", "monitoring", "kyverno", "velero", "istio-system", "cert-manager", "default"})
_SUCCEEDED, _FAILED = ("Succeeded", "Initialized"), ("Failed",)


def _all(_state: State) -> float:
    return 1.0


def workloads(member: Member) -> Iterator[tuple[str, str, Course]]:
    """(namespace, workload, its traffic) of each Deployment in the mesh that has pods."""
    if not member.sets & {"istio", "istio-1"}:
        return
    for deployment in member.all_of("deployments.apps"):
        namespace, name = str(deployment["metadata"]["namespace"]), named(deployment)
        if namespace not in _OUTSIDE and part(deployment, "spec").get("replicas") != 0:
            yield namespace, name, member.traffic.course(member.name, namespace, name)


def _labels(namespace: str, workload: str, **more: str) -> dict[str, str]:
    app = workload.removesuffix(PRIMARY)
    return {
        "reporter": "destination",
        "destination_workload": workload,
        "destination_workload_namespace": namespace,
        "destination_service": f"{app}.{namespace}.svc.cluster.local",
        "destination_service_namespace": namespace,
        "source_workload": "istio-ingressgateway",
        "source_workload_namespace": "istio-system",
        "request_protocol": "http",
        **more,
    }


def _requests(member: Member) -> Iterator[Row]:
    for namespace, name, course in workloads(member):
        for code, weigh in (
            ("200", lambda state: state.success * 0.985),
            ("404", lambda state: state.success * 0.015),
            ("503", lambda state: 1 - state.success),
        ):
            yield Row(_labels(namespace, name, response_code=code), course.counters(weigh))


def _buckets(member: Member) -> Iterator[Row]:
    for namespace, name, course in workloads(member):
        for bound in _BOUNDS:
            counter = course.counters(partial(State.within, milliseconds=float(bound)))
            yield Row(_labels(namespace, name, response_code="200", le=f"{bound:g}"), counter)
        yield Row(_labels(namespace, name, response_code="200", le="+Inf"), course.counters(_all))


def _duration(weigh: Callable[[State], float]) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for namespace, name, course in workloads(member):
            yield Row(_labels(namespace, name, response_code="200"), course.counters(weigh))

    return rows


def _canaries(of: Callable[[str, float], float]) -> Callable[[Member], Iterator[Row]]:
    """A gauge of each canary's (phase, weight), over its past."""

    def rows(member: Member) -> Iterator[Row]:
        for canary in member.all_of("canaries.flagger.app"):
            namespace, name = str(canary["metadata"]["namespace"]), named(canary)
            status = part(canary, "status")
            past = member.past.canaries.get((namespace, name))
            if past:
                values = steps([step.at for step in past], [of(step.phase, step.weight) for step in past])
            else:
                values = constant(of(str(status.get("phase", "")), number_of(status.get("canaryWeight"))))
            yield Row({"namespace": namespace, "name": name}, values)

    return rows


def _status(phase: str, _weight: float) -> float:
    return 2.0 if phase in _FAILED else 1.0 if phase in _SUCCEEDED else 0.0


def _weights(member: Member) -> Iterator[Row]:
    for suffix, of in ((PRIMARY, lambda _phase, weight: 100 - weight), ("", lambda _phase, weight: weight)):
        for row in _canaries(of)(member):
            labels = {"namespace": row.labels["namespace"], "workload": row.labels["name"] + suffix}
            yield row._replace(labels=labels)


def _analysis(member: Member) -> Iterator[Row]:
    """What Flagger measured of each canary's workload."""
    for canary in member.all_of("canaries.flagger.app"):
        namespace, name = str(canary["metadata"]["namespace"]), named(canary)
        course = member.traffic.course(member.name, namespace, name)
        for metric in parts(canary, "spec", "analysis", "metrics"):
            labels = {"namespace": namespace, "name": name, "metric": str(metric.get("name", ""))}
            if labels["metric"] == "request-success-rate":
                yield Row(labels, each(partial(_success, course)))
            elif labels["metric"] == "request-duration":
                yield Row(labels, each(partial(_latency, course)))


def _success(course: Course, t: float) -> float:
    return 100 * course.at(t).success


def _latency(course: Course, t: float) -> float:
    return course.at(t).p99 / 1000


def _count(member: Member) -> Iterator[Row]:
    found: dict[str, int] = {}
    for canary in member.all_of("canaries.flagger.app"):
        namespace = str(canary["metadata"]["namespace"])
        found[namespace] = found.get(namespace, 0) + 1
    for namespace, count in found.items():
        yield Row({"namespace": namespace}, constant(float(count)))


def _info(member: Member) -> Iterator[Row]:
    if "flagger" in member.sets:
        yield Row({"version": "1.34.0", "mesh_provider": "istio"}, constant(1.0))


ISTIO = (
    Family("istio_requests_total", "counter", "requests_total", "istio-proxies", _requests),
    Family(
        "istio_request_duration_milliseconds_bucket",
        "histogram",
        "request_duration_milliseconds",
        "istio-proxies",
        _buckets,
    ),
    Family(
        "istio_request_duration_milliseconds_count",
        "histogram",
        "request_duration_milliseconds",
        "istio-proxies",
        _duration(_all),
    ),
    Family(
        "istio_request_duration_milliseconds_sum",
        "histogram",
        "request_duration_milliseconds",
        "istio-proxies",
        _duration(lambda state: state.mean),
    ),
)
FLAGGER = (
    Family("flagger_info", "gauge", "Information about the Flagger instance", "flagger", _info),
    Family("flagger_canary_total", "gauge", "Total number of canaries", "flagger", _count),
    Family("flagger_canary_status", "gauge", "Last canary analysis result", "flagger", _canaries(_status)),
    Family("flagger_canary_weight", "gauge", "The virtual service destination weight", "flagger", _weights),
    Family(
        "flagger_canary_metric_analysis",
        "gauge",
        "Last canary analysis result per different metrics",
        "flagger",
        _analysis,
    ),
)
