"""The gates of an analysis as questions to a Prometheus: the queries that Flagger itself asks. Pure.

Built-in metrics by provider (kurator-api §4.4), MetricTemplates and inline queries with Flagger's template
variables filled in. What cannot be rendered or asked is a question with an `error`, told as the gate's note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kurator_tui.kinds.cells import inert

SUCCESS, DURATION = "request-success-rate", "request-duration"
DEFAULT_INTERVAL = "1m"
MOST = 20
"""Gates of one analysis that are asked."""
LONGEST = 4000
"""Characters of a rendered query."""

_ISTIO = (
    'reporter="destination",destination_workload_namespace="{{ namespace }}",destination_workload=~"{{ target }}"'
)
_NGINX = 'namespace="{{ namespace }}",ingress="{{ ingress }}",canary!=""'
_KUMA = 'envoy_cluster_name=~"{{ target }}-canary_{{ namespace }}_svc_[0-9a-zA-Z-]+"'


def _ratio(series: str, matchers: str, good: str) -> str:
    window = "[{{ interval }}]"
    return f"100 * sum(rate({series}{{{matchers},{good}}}{window})) / sum(rate({series}{{{matchers}}}{window}))"


def _p99(series: str, matchers: str) -> str:
    return f"histogram_quantile(0.99, sum by (le) (rate({series}{{{matchers}}}[{{{{ interval }}}}])))"


_LATENCY = "nginx_ingress_controller_ingress_upstream_latency_seconds"

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "istio": {
        SUCCESS: _ratio("istio_requests_total", _ISTIO, 'response_code!~"5.*"'),
        DURATION: _p99("istio_request_duration_milliseconds_bucket", _ISTIO),
    },
    "nginx": {
        SUCCESS: _ratio("nginx_ingress_controller_requests", _NGINX, 'status!~"5.*"'),
        DURATION: (
            f"1000 * sum(rate({_LATENCY}_sum{{{_NGINX}}}[{{{{ interval }}}}]))"
            f" / sum(rate({_LATENCY}_count{{{_NGINX}}}[{{{{ interval }}}}]))"
        ),
    },
    "kuma": {
        SUCCESS: _ratio("envoy_cluster_upstream_rq", _KUMA, 'envoy_response_code!~"5.*"'),
        DURATION: _p99("envoy_cluster_upstream_rq_time_bucket", _KUMA),
    },
}
"""Provider -> metric -> query."""


@dataclass(frozen=True, slots=True)
class Server:
    """A Service of the member that is a Prometheus; `path` is before /api/v1."""

    namespace: str
    service: str
    port: str = "9090"
    scheme: str = "http"
    path: str = ""
    usual: bool = False
    """Whether it is only where Flagger usually asks: what its own Deployment says is better (`metrics.engine`)."""


USUAL: Mapping[str, Server] = {
    "istio": Server("istio-system", "prometheus", usual=True),
    "kuma": Server("kuma-system", "prometheus", usual=True),
    "nginx": Server("ingress-nginx", "flagger-prometheus", usual=True),
}
"""By provider: the mesh's own Prometheus in Flagger's namespace; for nginx the one that Flagger brings along."""


def usual(provider: str) -> Server:
    """Where the Flagger of a provider asks, as far as that is known without asking the member."""
    return USUAL.get(provider.partition(":")[0], USUAL["istio"])


@dataclass(frozen=True, slots=True)
class Template:
    """A MetricTemplate."""

    query: str
    type: str = "prometheus"
    address: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a Canary's queries are about."""

    name: str
    namespace: str
    target: str
    service: str = ""
    ingress: str = ""
    provider: str = "istio"
    metrics_server: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One gate: passed while `low` <= value <= `high`. With an `error` there is nothing to ask.

    `server` is None where the address is no Service of the member; then only Thanos can be asked.
    """

    name: str
    query: str = ""
    low: float | None = None
    high: float | None = None
    server: Server | None = USUAL["istio"]
    error: str = ""


Find = Callable[[str, str], Template | None]
"""(namespace, name) -> the MetricTemplate."""


class TemplateProblem(ValueError):
    """A template that cannot be rendered; its text says why."""


def questions(analysis: object, about: Target, find: Find) -> tuple[Question, ...]:
    """The gates of `spec.analysis`, plain data of a stranger. Never raises."""
    metrics = analysis.get("metrics") if isinstance(analysis, Mapping) else None
    listed = [each for each in metrics if isinstance(each, Mapping)] if isinstance(metrics, list) else []
    return tuple(_question(each, about, find) for each in listed[:MOST])


def _question(metric: Mapping[str, Any], about: Target, find: Find) -> Question:
    name = inert(str(metric.get("name") or "")[:100])
    low, high = _limits(metric, name)
    try:
        query, address = _source(metric, name, about, find)
        rendered = render(query, _variables(metric, about))
        where, other = address or about.metrics_server, usual(about.provider)
        return Question(name, rendered, low, high, server(where, other.namespace) if where else other)
    except TemplateProblem as problem:
        return Question(name, "", low, high, None, inert(str(problem)))


def _limits(metric: Mapping[str, Any], name: str) -> tuple[float | None, float | None]:
    """`thresholdRange`, or the older `threshold`: a least success rate, of anything else a most."""
    limits = metric.get("thresholdRange")
    if isinstance(limits, Mapping):
        return _number(limits.get("min")), _number(limits.get("max"))
    threshold = _number(metric.get("threshold"))
    return (threshold, None) if name == SUCCESS else (None, threshold)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _source(metric: Mapping[str, Any], name: str, about: Target, find: Find) -> tuple[str, str]:
    """(template of the query, address of who answers it, "" for the usual). Raises TemplateProblem."""
    reference = metric.get("templateRef")
    if isinstance(reference, Mapping):
        place = (str(reference.get("namespace") or about.namespace), str(reference.get("name") or ""))
        template = find(*place)
        if template is None:
            raise TemplateProblem(f"there is no MetricTemplate {place[0]}/{place[1]}")
        if template.type != "prometheus":
            raise TemplateProblem(f"it is asked of {template.type or 'an unknown provider'}, not of a Prometheus")
        return template.query, template.address
    if isinstance(query := metric.get("query"), str) and query:
        return query, ""
    provider = about.provider.partition(":")[0]
    built_in = BUILT_IN.get(provider or "istio", {}).get(name)
    if built_in is None:
        known = name in (SUCCESS, DURATION)
        why = f"the console does not know {provider}'s query of it" if known else "neither built in nor a template"
        raise TemplateProblem(why)
    return built_in, ""


def _variables(metric: Mapping[str, Any], about: Target) -> dict[str, str]:
    own = metric.get("templateVariables")
    values = {
        "name": about.name,
        "namespace": about.namespace,
        "target": about.target,
        "service": about.service or about.target,
        "ingress": about.ingress,
        "interval": str(metric.get("interval") or DEFAULT_INTERVAL),
    }
    for key, value in own.items() if isinstance(own, Mapping) else ():
        values[f"variables.{key}"] = str(value)
    return values


_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z")


def render(template: str, values: Mapping[str, str]) -> str:
    """`template` with Flagger's variables filled in. Raises TemplateProblem for one that needs more than that."""

    def filled(action: re.Match[str]) -> str:
        name = action[1]
        if not _NAME.match(name):
            raise TemplateProblem(f"its template holds {{{{ {name[:40]} }}}}, which only Flagger can render")
        if name not in values:
            raise TemplateProblem(f"its template names {name[:40]}, which is no variable of Flagger's")
        return values[name]

    text = _ACTION.sub(filled, template)
    if "{{" in text:
        raise TemplateProblem("its template has a bracket without its other half")
    if not text.strip():
        raise TemplateProblem("its template is empty")
    if len(text) > LONGEST:
        raise TemplateProblem(f"its query has more than {LONGEST} characters")
    return text.strip()


_DNS = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")


def server(address: str, namespace: str) -> Server | None:
    """The Service that an address such as http://prometheus.istio-system:9090 names; None for any other host.

    `namespace` is that of a name without one.
    """
    try:
        parts = urlsplit(address if "//" in address else f"http://{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    labels: Sequence[str] = host.split(".")
    if len(labels) > 2 and labels[2] != "svc":
        return None
    namespace = labels[1] if len(labels) > 1 else namespace
    if not (_DNS.match(labels[0]) and _DNS.match(namespace)) or ".." in parts.path or "%" in parts.path:
        return None
    unsaid = "443" if parts.scheme == "https" else "80"
    return Server(namespace, labels[0], str(port or unsaid), parts.scheme, parts.path.rstrip("/"))
