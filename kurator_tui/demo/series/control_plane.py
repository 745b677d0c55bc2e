"""What every Prometheus scrapes by itself: targets that are up, and the API server."""

import math
from collections.abc import Iterator

from kurator_tui.demo.series.families import Family, Member, Row, address, named
from kurator_tui.demo.series.waves import Linear, constant, scaled, wave

#: Buckets (seconds) of the API server's answer times.
_BOUNDS = (0.005, 0.025, 0.1, 0.2, 0.4, 1.0, 5.0)
#: (verb, resource, code, requests a second at most, median answer time in seconds)
_CALLS = (
    ("GET", "pods", "200", 14.0, 0.006),
    ("LIST", "pods", "200", 2.5, 0.035),
    ("WATCH", "pods", "200", 0.6, 420.0),
    ("PATCH", "deployments", "200", 0.8, 0.02),
    ("PUT", "leases", "200", 9.0, 0.012),
    ("POST", "events", "201", 1.2, 0.015),
    ("PUT", "leases", "409", 0.05, 0.01),
    ("GET", "secrets", "403", 0.04, 0.004),
    ("GET", "pods", "500", 0.006, 0.9),
    ("LIST", "pods", "504", 0.003, 30.0),
)
_SPREAD = 0.9


def _instance(member: Member) -> str:
    return f"{member.plan.subnet}.10:6443"


def _up(member: Member) -> Iterator[Row]:
    yield Row({"job": "apiserver", "instance": _instance(member)}, constant(1.0))
    yield Row({"job": "kube-state-metrics", "instance": "10.244.0.20:8080"}, constant(1.0))
    for node in member.nodes:
        answers = constant(float(named(node) not in member.cluster.stopped_nodes))
        for job, port in (("kubelet", 10250), ("node-exporter", 9100)):
            labels = {"job": job, "instance": f"{address(node)}:{port}", "node": named(node)}
            yield Row(labels, answers)


def _requests(member: Member) -> Iterator[Row]:
    for verb, resource, code, most, _median in _CALLS:
        rate = wave(f"{member.name}/{verb}/{resource}/{code}", most * 0.3, most)
        labels = {"instance": _instance(member), "verb": verb, "resource": resource, "code": code}
        yield Row(labels, rate.counter(member.start))


def _buckets(member: Member) -> Iterator[Row]:
    """By verb and resource: all codes together, as the API server has them."""
    slow = wave(f"{member.name}/slowness", 0.7, 2.2).base
    medians: dict[tuple[str, str], float] = {}
    for verb, resource, _code, _most, median in _CALLS:
        medians.setdefault((verb, resource), median)
    for (verb, resource), median in medians.items():
        every = Linear.added(
            [
                wave(f"{member.name}/{verb}/{resource}/{code}", most * 0.3, most).counter(member.start)
                for of, what, code, most, _median in _CALLS
                if (of, what) == (verb, resource)
            ]
        )
        labels = {"instance": _instance(member), "verb": verb, "resource": resource}
        for bound in (*_BOUNDS, math.inf):
            le = "+Inf" if math.isinf(bound) else f"{bound:g}"
            yield Row({**labels, "le": le}, scaled(every, _below(bound, median * slow)))


def _below(bound: float, median: float) -> float:
    """The share of answers within `bound` seconds."""
    if math.isinf(bound):
        return 1.0
    return 0.5 * math.erfc(-math.log(bound / median) / _SPREAD / math.sqrt(2))


def _expiration(member: Member) -> Iterator[Row]:
    yield Row(
        {"instance": _instance(member)}, wave(f"{member.name}/certificates", 0.01, 0.1).counter(member.start)
    )


FAMILIES = (
    Family("up", "gauge", "", "", _up),
    Family(
        "apiserver_request_total",
        "counter",
        "Counter of apiserver requests broken out for each verb, resource and code.",
        "apiserver",
        _requests,
    ),
    Family(
        "apiserver_request_duration_seconds_bucket",
        "histogram",
        "Response latency distribution in seconds for each verb and resource.",
        "apiserver",
        _buckets,
    ),
    Family(
        "apiserver_client_certificate_expiration_seconds_count",
        "histogram",
        "Distribution of the remaining lifetime on the certificate used to authenticate a request.",
        "apiserver",
        _expiration,
    ),
)
