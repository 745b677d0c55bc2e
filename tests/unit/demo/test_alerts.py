"""Alerting rules: pending until their time has passed, and active since it began."""

from typing import Any

from kurator_tui.demo import alerts
from kurator_tui.demo.alerts import Rule
from tests.unit.demo.promql.storage import Written

RULE = Rule("TargetDown", "up == 0", 120, "warning", "{{ $labels.instance }} down")
#: Down from 60 s on, but for a moment at 90 s.
TARGETS = Written('up{cluster="a",instance="one",prometheus="p"} 1 1 0 1 0 0 0 0 0 0')


def at(seconds: float) -> list[dict[str, Any]]:
    return [alert.told for alert in alerts.evaluate(RULE, TARGETS, seconds)]


def test_an_alert_is_pending_before_it_fires() -> None:
    assert at(30) == []
    assert [alert["state"] for alert in at(65)] == ["pending"]
    assert at(95) == []
    assert [alert["state"] for alert in at(210)] == ["pending"]
    assert [alert["state"] for alert in at(240)] == ["firing"]


def test_an_alert_is_active_since_it_last_began() -> None:
    (alert,) = at(240)
    assert alert["activeAt"] == "1970-01-01T00:02:00.000000Z"
    assert alert["labels"] == {"alertname": "TargetDown", "instance": "one", "severity": "warning"}
    assert alert["annotations"] == {"summary": "one down"}
    assert float(alert["value"]) == 0.0


def test_every_rule_is_evaluated_for_every_cluster() -> None:
    groups = alerts.groups(TARGETS, ["a", "b"], 240)
    rules = [rule for group in groups for rule in group["rules"]]
    assert {rule["health"] for rule in rules} == {"ok"}
    raised = {(rule["name"], rule["labels"]["cluster"]): rule["state"] for rule in rules if rule["alerts"]}
    assert raised == {("TargetDown", "a"): "firing"}
    assert {rule["state"] for rule in rules if not rule["alerts"]} == {"inactive"}
