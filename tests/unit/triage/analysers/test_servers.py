"""What is found about API servers, webhooks and APIs that others serve."""

from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest
import trustme

from kurator_tui.kinds.apps import JOB
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.extensions import (
    API_SERVICE,
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION,
)
from kurator_tui.kinds.networking import ENDPOINT_SLICE, SERVICE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.triage.analysers.servers import APIS, ENDING, MUTATING, READING, SERVERS, SOON, STEADY, VALIDATING
from kurator_tui.triage.endpoints import NEEDED
from tests.unit.triage.objects import condition, made, row
from tests.unit.triage.stage import NOW, Stage

DAY = 86_400.0


def cluster(latency: float, level: Level = Level.HEALTHY) -> ClusterOverview:
    return ClusterOverview("eu", "", "eu", "c/eu", 0.0, level=level, latency=latency)


def test_an_api_server_that_stays_slow_is_found() -> None:
    stage = Stage(SERVERS)
    stage.put(CLUSTERS, cluster(1500))
    assert stage.codes == []
    stage.put(CLUSTERS, cluster(300))
    stage.wait(STEADY)
    assert stage.codes == []
    stage.put(CLUSTERS, cluster(1500))
    stage.wait(STEADY)
    assert (stage.codes, stage.one().message) == (["KT1701"], "1500 ms for a probe")


def test_the_last_probe_of_a_cluster_that_is_gone_says_nothing_of_now() -> None:
    stage = Stage(SERVERS)
    stage.put(CLUSTERS, cluster(1500, Level.STALE))
    stage.wait(STEADY)
    assert stage.codes == []


def reading(state: State, contact: float = NOW) -> ClusterOverview:
    return ClusterOverview("eu", "", "eu", "c/eu", 0.0, state=state.value, contact=contact)


def test_an_api_server_that_answers_probes_and_fails_to_list_is_found_with_what_it_fails_at() -> None:
    stage = Stage(READING)
    stage.put(CLUSTERS, reading(State.LIVE))
    stage.store.set_freshness(
        "eu", SERVICE.id, Freshness(State.STALE, NOW, "error 500: conversion webhook failed")
    )
    stage.store.set_freshness("eu", JOB.id, Freshness(State.UNREACHABLE, NOW, "error 503"))
    stage.engine.refresh()
    assert stage.codes == []
    stage.wait(STEADY)
    assert stage.codes == ["KT1702"]
    assert stage.one().message == "jobs, services: error 503"
    stage.live(SERVICE)
    stage.live(JOB)
    assert stage.codes == []


def test_what_is_forbidden_or_not_served_or_silent_is_no_error_of_the_api_server() -> None:
    stage = Stage(READING)
    stage.put(CLUSTERS, reading(State.LIVE))
    stage.store.set_freshness("eu", SERVICE.id, Freshness(State.FORBIDDEN, NOW, "services is forbidden"))
    stage.store.set_freshness("eu", JOB.id, Freshness(State.ABSENT, NOW))
    stage.wait(STEADY)
    assert stage.codes == []
    stage.store.set_freshness("eu", SERVICE.id, Freshness(State.STALE, NOW, "timed out"))
    stage.put(CLUSTERS, reading(State.STALE, NOW))
    stage.wait(STEADY + 1)
    assert stage.codes == []  # the whole cluster is silent: another finding says so


def bundle(left: float) -> str:
    end = datetime.datetime.fromtimestamp(NOW + left, datetime.UTC)
    issued = trustme.CA().issue_cert("hook", not_after=end)
    return base64.b64encode(issued.cert_chain_pems[0].bytes()).decode()


def hooks(kind: AnyKind, *policies: str, left: float | None = None) -> Row:
    client: dict[str, Any] = {"service": {"namespace": "kyverno", "name": "kyverno-svc"}}
    if left is not None:
        client["caBundle"] = bundle(left)
    webhooks = [
        {"name": f"h{number}", "clientConfig": client, "failurePolicy": policy}
        for number, policy in enumerate(policies)
    ]
    return row(kind, made("kyverno", "", webhooks=webhooks))


def endpoints(*ready: bool) -> Row:
    labels = {"kubernetes.io/service-name": "kyverno-svc"}
    pod = {"kind": "Pod", "namespace": "kyverno", "name": "kyverno-7d4b9c6f5-x2x4z"}
    found = [{"addresses": ["10.0.0.1"], "conditions": {"ready": each}, "targetRef": pod} for each in ready]
    return row(ENDPOINT_SLICE, made("kyverno-svc-x", "kyverno", meta={"labels": labels}, endpoints=found))


def stage_of(*rows: Row) -> Stage:
    stage = Stage(VALIDATING, MUTATING)
    for kind in (*NEEDED, SERVICE):
        stage.live(kind)
    stage.put(DEPLOYMENT, row(DEPLOYMENT, made("kyverno", "kyverno")))
    stage.put(ENDPOINT_SLICE, *rows)
    return stage


def serve(stage: Stage) -> None:
    stage.put(SERVICE, row(SERVICE, made("kyverno-svc", "kyverno", spec={"selector": {"app": "k"}})))


@pytest.mark.parametrize("kind", [VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION])
def test_a_webhook_whose_service_is_gone_or_empty_is_found_once_for_its_service(kind: AnyKind) -> None:
    stage = stage_of(endpoints(False))
    stage.put(kind, hooks(kind, "Ignore", "Fail"))
    stage.wait(STEADY)
    found = stage.one()
    assert (found.code, found.severity, found.mark("webhook")) == ("KT1711", "high", "kyverno/kyverno-svc")
    assert found.message == "Service kyverno/kyverno-svc does not exist; failure policy Fail"
    serve(stage)
    assert "has 1 endpoints, none of them ready" in stage.one().message
    assert (stage.one().mark("waits_in"), stage.one().mark("waits_for")) == ("kyverno", "Deployment/kyverno")
    stage.put(ENDPOINT_SLICE, endpoints(True))
    assert stage.codes == []


def test_a_webhook_that_may_fail_is_less_urgent() -> None:
    stage = stage_of()
    stage.put(VALIDATING_WEBHOOK_CONFIGURATION, hooks(VALIDATING_WEBHOOK_CONFIGURATION, "Ignore"))
    stage.wait(STEADY)
    assert stage.one().severity == "medium"


def test_the_certificate_of_a_webhook_is_worth_knowing_then_more_then_a_fault() -> None:
    stage = stage_of(endpoints(True))
    serve(stage)
    kind = VALIDATING_WEBHOOK_CONFIGURATION
    stage.put(kind, hooks(kind, "Fail", left=ENDING + DAY))
    assert stage.codes == []
    stage.wait(DAY + 1)
    assert (stage.codes, stage.one().severity) == (["KT1713"], "low")
    assert stage.one().message == "certificate for kyverno/kyverno-svc ends in 29 days"
    stage.wait(ENDING - SOON)
    assert (stage.codes, stage.one().severity) == (["KT1713"], "medium")
    stage.wait(SOON)
    assert (stage.codes, stage.one().severity) == (["KT1712"], "high")


def api(available: str) -> Row:
    told = [condition("Available", available, "MissingEndpoints", "no endpoints for metrics-server")]
    spec = {"group": "metrics.k8s.io", "service": {"namespace": "kube-system", "name": "metrics-server"}}
    return row(API_SERVICE, made("v1beta1.metrics.k8s.io", "", spec=spec, status={"conditions": told}))


def test_an_api_that_does_not_answer_is_found_with_who_should() -> None:
    stage = Stage(APIS)
    stage.put(API_SERVICE, api("True"))
    stage.wait(STEADY)
    assert stage.codes == []
    stage.put(API_SERVICE, api("False"))
    stage.wait(STEADY)
    assert (stage.codes, stage.one().mark("api")) == (["KT1721"], "metrics.k8s.io")
    assert stage.one().message.startswith("kube-system/metrics-server: MissingEndpoints")
