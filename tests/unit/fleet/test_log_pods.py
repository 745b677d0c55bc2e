"""Whose pods a workload's are."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.fleet.log_pods import LOGGED, selector_of
from kurator_tui.kinds.decode import RowDecoder


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"app": "web", "tier": "front"}}, "app=web,tier=front"),
        ({"app": "web"}, "app=web"),
        (
            {
                "matchLabels": {"app": "web"},
                "matchExpressions": [
                    {"key": "a", "operator": "In", "values": ["x", "y"]},
                    {"key": "b", "operator": "NotIn", "values": ["z"]},
                    {"key": "c", "operator": "Exists"},
                    {"key": "d", "operator": "DoesNotExist"},
                ],
            },
            "app=web,a in (x,y),b notin (z),c,!d",
        ),
    ],
)
def test_selectors(selector: dict[str, Any], expected: str) -> None:
    assert selector_of({"spec": {"selector": selector}}, "deployments.apps web") == expected


@pytest.mark.parametrize(
    "workload",
    [
        {},
        {"spec": None},
        {"spec": {"selector": {}}},
        {"spec": {"selector": "app"}},
        {"spec": {"selector": {"matchLabels": None}}},
        {"spec": {"selector": {"matchExpressions": [{"key": "a", "operator": "Sounds"}]}}},
        {"spec": {"selector": {"matchExpressions": ["a"]}}},
    ],
)
def test_a_workload_that_does_not_say_would_mean_all_pods_and_is_refused(workload: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="web does not say which pods"):
        selector_of(workload, "web")


def test_containers_of_a_pod() -> None:
    row = RowDecoder(LOGGED, "m1").row(
        b'{"metadata": {"name": "p", "namespace": "d", "uid": "u"}, "spec": {"containers": [{"name": "a"}],'
        b'"initContainers": [{"name": "i"}], "ephemeralContainers": [{"name": "e"}]}}'
    )
    assert (row.containers(""), row.containers("*"), row.containers("x")) == (("a",), ("a", "i", "e"), ("x",))
