"""Alerts get their cluster from their rule, appear once, and hostile ones do no harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import Broken, NotFound
from kurator_tui.metrics.alerts import Alert, from_alerts, from_rules, read, together
from kurator_tui.metrics.answers import payload
from kurator_tui.metrics.service import Metrics
from tests.unit.metrics.endpoint import FakeEndpoint, data_of

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "thanos"


def raw(name: str = "Down", since: str = "2026-11-21T02:41:50Z", **labels: str) -> dict[str, Any]:
    return {
        "labels": {"alertname": name, "severity": "warning", **labels},
        "annotations": {"summary": f"{name} it is"},
        "state": "firing",
        "activeAt": since,
        "value": "0e+00",
    }


def ruled(cluster: str, *alerts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "Down",
        "query": "up == 0",
        "labels": {"cluster": cluster},
        "alerts": list(alerts),
        "type": "alerting",
    }


def rules(*found: dict[str, Any]) -> dict[str, Any]:
    return data_of({"groups": [{"name": "g", "rules": list(found)}]})


async def alerts(**replies: Any) -> list[Alert]:
    return await read(Metrics(FakeEndpoint(**replies)))


async def test_the_rule_says_whose_an_alert_is() -> None:
    (found,) = await alerts(rules=rules(ruled("a", raw(pod="p"))), alerts=data_of({"alerts": [raw(pod="p")]}))
    assert found.labels["cluster"] == "a"
    assert (found.name, found.state, found.value, found.query) == ("Down", "firing", 0.0, "up == 0")
    assert found.since == 1795228910.0


async def test_the_same_alert_of_two_clusters_is_two() -> None:
    found = await alerts(
        rules=rules(ruled("a", raw()), ruled("b", raw())), alerts=data_of({"alerts": [raw(), raw()]})
    )
    assert sorted(alert.labels["cluster"] for alert in found) == ["a", "b"]


async def test_an_alert_that_no_rule_explains_is_kept() -> None:
    found = await alerts(rules=rules(ruled("a", raw())), alerts=data_of({"alerts": [raw(), raw("Other")]}))
    assert sorted(alert.name for alert in found) == ["Down", "Other"]


async def test_where_rules_cannot_be_had_alerts_are_enough() -> None:
    found = await alerts(rules=NotFound("404", code=404), alerts=data_of({"alerts": [raw()]}))
    assert [alert.name for alert in found] == ["Down"]


async def test_where_neither_can_be_had_the_error_is_told() -> None:
    with pytest.raises(Broken):
        await alerts(rules=b"<html>", alerts=b"<html>")


@pytest.mark.parametrize("value", ["NaN", "+Inf", "", "many"])
def test_a_value_that_is_no_number_is_none(value: str) -> None:
    body = json.dumps(data_of({"alerts": [{**raw(), "value": value}]})).encode()
    (found,) = from_alerts(payload(body, "t"), "t")
    assert found.value is None


def test_texts_of_alerts_are_inert() -> None:
    body = json.dumps(data_of({"alerts": [raw("x\x1b[31m", pod="\x1b]0;y\x07")]})).encode()
    (found,) = from_alerts(payload(body, "t"), "t")
    assert "\x1b" not in found.name + "".join(found.labels.values()) + "".join(found.annotations.values())


@pytest.mark.parametrize(
    "data", [{"groups": None}, {"groups": []}, {"groups": [{"rules": [{"type": "recording"}]}]}]
)
def test_no_alerts_are_no_alerts(data: Any) -> None:
    assert from_rules(payload(json.dumps(data_of(data)).encode(), "t"), "t") == []


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of a real Thanos are not here")
def test_recorded_alerts_are_all_explained_by_recorded_rules() -> None:
    def answer(name: str) -> Any:
        body = json.loads((RECORDINGS / name).read_text())["response"]["body"]
        return payload(json.dumps(body).encode(), "thanos")

    found = from_rules(answer("029-rules-alert.json"), "thanos")
    plain = from_alerts(answer("028-alerts.json"), "thanos")
    assert {alert.labels["cluster"] for alert in found} == {"host", "member-1"}
    assert len(plain) == 2
    assert together(found, plain) == found
