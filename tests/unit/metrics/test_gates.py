"""Gates become the queries that Flagger asks; what cannot be rendered says why."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest

from kurator_tui.metrics.gates import BUILT_IN, USUAL, Question, Server, Target, Template, questions, server

ABOUT = Target("shop", "prod", "shop-app", service="shop-svc", ingress="shop-in", provider="istio")


def ask(metric: dict[str, Any], about: Target = ABOUT, template: Template | None = None) -> Question:
    (question,) = questions({"metrics": [metric]}, about, lambda _namespace, _name: template)
    return question


@pytest.mark.parametrize("provider", BUILT_IN)
@pytest.mark.parametrize("name", ["request-success-rate", "request-duration"])
def test_every_built_in_query_is_promql_about_the_canary_with_its_own_window(provider: str, name: str) -> None:
    about = Target("shop", "prod", "shop-app", ingress="shop-in", provider=provider)
    question = ask({"name": name, "interval": "30s", "thresholdRange": {"min": 99}}, about)
    promql_parser.parse(question.query)
    assert question.error == ""
    assert "[30s]" in question.query
    assert "prod" in question.query
    assert ("shop-in" if provider == "nginx" else "shop-app") in question.query


def test_the_success_rate_of_istio_is_the_one_flagger_asks_in_per_cent() -> None:
    question = ask({"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99, "max": 100}})
    assert question.query.startswith("100 * sum(rate(istio_requests_total{")
    assert 'response_code!~"5.*"' in question.query
    assert (question.low, question.high, question.server) == (99.0, 100.0, USUAL["istio"])


@pytest.mark.parametrize(
    ("provider", "where"),
    [
        ("istio", "istio-system/prometheus"),
        ("kuma", "kuma-system/prometheus"),
        ("nginx", "ingress-nginx/flagger-prometheus"),
    ],
)
def test_each_provider_has_its_own_usual_prometheus(provider: str, where: str) -> None:
    asked = ask({"name": "request-duration"}, Target("a", "b", "c", ingress="d", provider=provider)).server
    assert asked is not None
    assert (f"{asked.namespace}/{asked.service}", asked.port, asked.usual) == (where, "9090", True)


def test_a_metrics_server_without_a_namespace_is_in_flaggers() -> None:
    about = Target("a", "b", "c", provider="kuma", metrics_server="http://prom:9090")
    assert ask({"name": "request-duration"}, about).server == Server("kuma-system", "prom")


@pytest.mark.parametrize(("name", "low", "high"), [("request-success-rate", 95.0, None), ("errors", None, 95.0)])
def test_the_older_threshold_is_a_least_success_rate_and_a_most_of_anything_else(
    name: str, low: float | None, high: float | None
) -> None:
    question = ask({"name": name, "threshold": 95, "query": "up"})
    assert (question.low, question.high) == (low, high)


def test_a_template_is_rendered_with_flaggers_variables_and_its_own() -> None:
    template = Template(
        'sum(x{n="{{ namespace }}",t="{{target}}",s="{{- service -}}",c="{{ name }}",v="{{ variables.color }}"}'
        "[{{ interval }}])",
        address="http://prometheus.monitoring.svc.cluster.local:9090/prom",
    )
    metric = {"name": "own", "templateRef": {"name": "t"}, "templateVariables": {"color": "blue"}}
    question = ask(metric, template=template)
    assert question.query == 'sum(x{n="prod",t="shop-app",s="shop-svc",c="shop",v="blue"}[1m])'
    assert question.server == Server("monitoring", "prometheus", "9090", "http", "/prom")


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (None, "no MetricTemplate prod/t"),
        (Template("up", "datadog"), "asked of datadog"),
        (Template("up{a='{{ nonsense }}'}"), "names nonsense"),
        (Template("{{ if eq target `x` }}up{{ end }}"), "only Flagger can render"),
        (Template("up{{ target "), "without its other half"),
        (Template("  "), "empty"),
        (Template("{{ variables.size }}"), "variables.size"),
        (Template("x" * 5000), "more than 4000"),
    ],
)
def test_a_template_that_fails_to_render_says_why_and_asks_nothing(template: Template | None, why: str) -> None:
    question = ask({"name": "own", "templateRef": {"name": "t"}}, template=template)
    assert (question.query, question.server) == ("", None)
    assert why in question.error
    assert "\x1b" not in question.error


def test_a_name_that_is_nothing_known_says_so() -> None:
    assert "neither built in nor a template" in ask({"name": "own"}).error
    assert "linkerd" in ask({"name": "request-duration"}, Target("a", "b", "c", provider="linkerd")).error


@pytest.mark.parametrize("analysis", [None, [], {}, {"metrics": None}, {"metrics": [1, None]}, {"metrics": "x"}])
def test_what_is_no_analysis_has_no_gates(analysis: Any) -> None:
    assert questions(analysis, ABOUT, lambda _namespace, _name: None) == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://prometheus:9090", Server("istio-system", "prometheus")),
        ("http://prom.mon", Server("mon", "prom", "80")),
        ("https://prom.mon.svc", Server("mon", "prom", "443", "https")),
        ("prom.mon:9091", Server("mon", "prom", "9091")),
        ("https://prometheus.example.com", None),
        ("http://10.0.0.1:9090", None),
        ("ftp://prom.mon", None),
        ("http://prom.mon/../../secrets", None),
        ("http://prom.mon:x", None),
        ("http://..", None),
    ],
)
def test_only_a_service_of_the_member_is_a_server(address: str, expected: Server | None) -> None:
    assert server(address, "istio-system") == expected
