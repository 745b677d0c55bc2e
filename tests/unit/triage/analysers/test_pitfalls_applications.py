"""Pitfalls of Applications and rollouts: K1, K3 to K6, K11, K18."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import KUSTOMIZATION
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.kurator_backups import BACKUP, MIGRATE, RESTORE
from kurator_tui.kinds.networking import INGRESS
from kurator_tui.triage.analysers.pitfalls_applications import (
    BACKUPS,
    COPIES,
    INGRESSES,
    KUMA,
    LAGGING,
    LEFT,
    MADE,
    MIGRATES,
    RESTORES,
    ROLLOUTS,
)
from kurator_tui.triage.rules import Analyser
from tests.unit.triage.analysers.estate import (
    Estate,
    application,
    condition,
    delivered,
    fleet,
    kustomization,
    named,
    rollout,
)


def test_a_status_that_repeats_the_last_target_is_told_of_where_all_flux_objects_are_ready() -> None:
    stage = Estate(COPIES)
    delivered(stage)
    bad = {"conditions": [condition("Ready", "False", "BuildFailed", "no such file")]}
    told = [{"name": f"web-0-attachedcluster-{name}", "kustomizationStatus": bad} for name in ("eu", "us")]
    stage.add(APPLICATION, {**application(), "status": {"syncStatus": told}})
    stage.wait(LAGGING)
    assert (stage.one().code, stage.one().mark("application")) == ("KT5001", "prod/web")
    stage.add(KUSTOMIZATION, kustomization("web-0-attachedcluster-us", "False", "BuildFailed", "no such file"))
    assert stage.codes == []


def test_a_rollout_whose_service_has_another_name_than_its_workload_loses_its_canary() -> None:
    stage = Estate(ROLLOUTS)
    stage.add(FLEET, fleet())
    stage.add(
        APPLICATION, application({"name": "p", "kustomization": {}, "rollout": rollout(serviceName="web-svc")})
    )
    assert (stage.one().code, stage.one().message) == ("KT5003", "policy p: serviceName web-svc, workload web")
    stage.add(APPLICATION, application({"name": "p", "kustomization": {}, "rollout": rollout()}))
    assert stage.codes == []


@pytest.mark.parametrize(
    ("policy", "lacks"),
    [
        ({}, "trafficRouting, trafficAnalysis"),
        ({"trafficRouting": {}, "trafficAnalysis": {"metrics": [{"name": "m"}]}}, "metrics[m].intervalSeconds"),
        (
            {"trafficRouting": {}, "trafficAnalysis": {"webhooks": {"command": ["hey"]}}},
            "webhooks.timeoutSeconds",
        ),
    ],
)
def test_a_rollout_that_lacks_what_the_controller_needs_is_never_made(policy: dict[str, Any], lacks: str) -> None:
    stage = Estate(ROLLOUTS)
    stage.add(FLEET, fleet())
    stage.add(
        APPLICATION, application({"name": "p", "kustomization": {}, "rollout": rollout(rolloutPolicy=policy)})
    )
    assert (stage.one().code, stage.one().message) == ("KT5011", f"policy p lacks {lacks}")


@pytest.mark.parametrize(("kind", "analyser"), [(BACKUP, BACKUPS), (RESTORE, RESTORES), (MIGRATE, MIGRATES)])
def test_a_backups_policy_without_a_filter_stumbles_and_one_with_an_empty_one_does_not(
    kind: AnyKind, analyser: Analyser[Any]
) -> None:
    stage = Estate(analyser)
    stage.add(
        kind,
        {"metadata": named("bad"), "spec": {"policy": {"ttl": "1h"}}},
        {"metadata": named("good"), "spec": {"policy": {"resourceFilter": {}}}},
        {"metadata": named("none"), "spec": {}},
    )
    assert [(row.code, row.name) for row in stage.findings] == [("KT5011", "bad")]


def test_a_fleet_in_another_namespace_is_not_the_applications() -> None:
    stage = Estate(ROLLOUTS)
    elsewhere = fleet()
    elsewhere["metadata"]["namespace"] = "other"
    stage.add(FLEET, elsewhere)
    stage.add(APPLICATION, application())
    assert (stage.one().code, stage.one().message) == ("KT5018", "fleet f is in other, the Application in prod")
    own = fleet()
    own["metadata"]["uid"] = "u-own"
    stage.add(FLEET, own)
    assert stage.codes == []


def ingress(times: int, name: str = "nginx") -> dict[str, Any]:
    path = {"path": "/", "backend": {"service": {"name": "web"}}}
    rule = {"host": "shop.example", "http": {"paths": [path]}}
    return {"metadata": named(name, "shop"), "spec": {"rules": [rule] * times}}


def test_an_ingress_that_has_one_rule_many_times_grows_without_end() -> None:
    stage = Estate(INGRESSES)
    stage.add(INGRESS, ingress(9), ingress(500, "other"), cluster="eu")
    assert stage.codes == []
    stage.add(INGRESS, ingress(40), cluster="eu")
    assert (stage.one().code, stage.one().message) == ("KT5004", "one rule is there 40 times")
    stage.add(INGRESS, ingress(5000), cluster="eu")
    assert stage.one().message == "too many rules to be counted"


def canary(provider: str = "istio", **annotations: str) -> dict[str, Any]:
    spec = {"provider": provider, "targetRef": {"kind": "Deployment", "name": "web"}}
    kept = {"kurator.dev/rollout": "web-0", **annotations}
    return {"metadata": named("web", "shop", annotations=kept), "spec": spec, "status": {"phase": "Succeeded"}}


def test_a_canary_of_kuma_has_lost_its_mesh() -> None:
    stage = Estate(KUMA)
    stage.add(CANARY, canary(), cluster="eu")
    assert stage.codes == []
    stage.add(CANARY, canary("kuma"), cluster="eu")
    assert stage.codes == ["KT5005"]
    stage.add(CANARY, canary("kuma", **{"kuma.io/mesh": "m"}), cluster="eu")
    assert stage.codes == []


def test_a_canary_whose_policy_has_a_rollout_is_not_left_behind() -> None:
    stage = Estate(MADE)
    delivered(stage)
    policy = {"name": "web-0", "kustomization": {}, "rollout": rollout()}
    stage.add(APPLICATION, application(policy))
    stage.add(CANARY, canary(), cluster="eu")
    stage.wait(LEFT)
    assert stage.codes == []


def test_a_canary_whose_policy_has_no_rollout_any_more_or_is_gone_was_left_behind() -> None:
    stage = Estate(MADE)
    delivered(stage)
    stage.add(CANARY, canary(), cluster="eu")
    stage.wait(LEFT)
    assert (stage.one().code, stage.one().message) == (
        "KT5006",
        "policy web-0 of prod/web has no rollout any more",
    )
    stage.drop(KUSTOMIZATION, *list(stage.store.rows(KUSTOMIZATION.id)))
    assert stage.one().message == "no sync policy web-0 goes here"
