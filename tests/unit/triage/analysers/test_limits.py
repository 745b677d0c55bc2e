"""What is found about autoscalers, disruption budgets and quotas."""

from __future__ import annotations

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.configuration import RESOURCE_QUOTA
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.scaling import HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET
from kurator_tui.triage.analysers.limits import AUTOSCALERS, BLOCKING, BUDGETS, QUOTAS, SCALING
from tests.unit.triage.objects import condition, made, row
from tests.unit.triage.stage import Stage

ABLE = condition("AbleToScale", "True")


def autoscaler(*conditions: dict[str, object]) -> Row:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5}
    status = {"currentReplicas": 5, "conditions": [ABLE, *conditions]}
    return row(HORIZONTAL_POD_AUTOSCALER, made("web", spec=spec, status=status))


def scaled(*conditions: dict[str, object]) -> Stage:
    stage = Stage(AUTOSCALERS)
    stage.put(HORIZONTAL_POD_AUTOSCALER, autoscaler(*conditions))
    assert stage.codes == []
    stage.wait(SCALING)
    return stage


def test_an_autoscaler_with_room_is_no_finding() -> None:
    assert scaled(condition("ScalingActive", "True")).codes == []


def test_an_autoscaler_that_wants_more_than_it_may_make_is_found_with_its_workload() -> None:
    found = scaled(condition("ScalingLimited", "True", "TooManyReplicas")).one()
    assert (found.code, found.mark("owner")) == ("KT1601", "Deployment/web")


def test_an_autoscaler_without_numbers_is_found_with_the_api_that_does_not_answer() -> None:
    message = (
        "unable to fetch metrics from resource metrics API: the server is currently unable to handle the "
        "request (get pods.metrics.k8s.io)"
    )
    found = scaled(condition("ScalingActive", "False", "FailedGetResourceMetric", message)).one()
    assert (found.code, found.mark("api")) == ("KT1602", "metrics.k8s.io")


def test_an_autoscaler_that_is_blind_for_a_reason_of_its_own_blames_no_api() -> None:
    found = scaled(condition("ScalingActive", "False", "FailedGetScale", "deployments web not found")).one()
    assert (found.code, found.mark("api")) == ("KT1602", "")


def budget(healthy: int, wanted: int, *, allowed: int = 0) -> Row:
    status = {
        "currentHealthy": healthy,
        "desiredHealthy": wanted,
        "expectedPods": 3,
        "disruptionsAllowed": allowed,
    }
    spec = {"selector": {"matchLabels": {"app": "web", "tier": "front"}}}
    return row(POD_DISRUPTION_BUDGET, made("web", spec=spec, status=status))


def bounded(found: Row) -> Stage:
    stage = Stage(BUDGETS)
    labels = {"app": "web", "tier": "front", "more": "x"}
    stage.put(DEPLOYMENT, row(DEPLOYMENT, made("other", meta={"labels": {"app": "web"}})))
    stage.put(DEPLOYMENT, row(DEPLOYMENT, made("front", meta={"labels": labels})))
    stage.put(POD_DISRUPTION_BUDGET, found)
    stage.wait(BLOCKING)
    return stage


def test_a_budget_that_allows_a_disruption_is_no_finding() -> None:
    assert bounded(budget(3, 2, allowed=1)).codes == []


def test_too_few_pods_for_a_budget_are_found_with_their_workload() -> None:
    found = bounded(budget(1, 2)).one()
    assert (found.code, found.mark("owner")) == ("KT1611", "Deployment/front")


def test_a_budget_that_asks_for_every_pod_is_found() -> None:
    found = bounded(budget(3, 3)).one()
    assert (found.code, found.severity) == ("KT1612", "low")


def test_a_budget_of_nothing_blocks_nothing() -> None:
    assert bounded(budget(0, 0)).codes == []


def quota(used: str) -> list[str]:
    stage = Stage(QUOTAS)
    status = {"hard": {"pods": "100", "services": "10"}, "used": {"pods": used, "services": "1"}}
    stage.put(RESOURCE_QUOTA, row(RESOURCE_QUOTA, made("team", status=status)))
    return [f"{each.code} {each.message} {each.mark('quota')}" for each in stage.findings]


def test_a_quota_is_found_when_little_or_nothing_is_left() -> None:
    assert quota("89") == []
    assert quota("90") == ["KT1622 90% of pods used team"]
    assert quota("100") == ["KT1621 pods is used up team"]
