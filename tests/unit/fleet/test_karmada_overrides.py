"""Which overrides are for a template on one cluster, in which order, and what they change."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet.karmada_filters import Place
from kurator_tui.fleet.karmada_matching import Template
from kurator_tui.fleet.karmada_overrides import OverridePolicy, applying, said

WEB = Template("apps/v1", "Deployment", "shop", "web", {})
BY_KIND: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment"}
M1 = Place("m1", labels=(("location", "edge"),))
ADD: dict[str, Any] = {"labelsOverrider": [{"operator": "add", "value": {"env": "test"}}]}


def policy(sort: str, name: str, *rules: Any, selectors: Any = (), namespace: str = "shop") -> OverridePolicy:
    return OverridePolicy(sort, namespace if sort == "op" else "", name, selectors, rules or ((None, ADD),))


def order(*policies: OverridePolicy) -> list[str]:
    return [f"{each.sort}/{each.name} {each.number}" for each in applying(WEB, policies, M1)]


def test_cluster_wide_ones_come_first_and_closer_matches_last() -> None:
    named, kind = (BY_KIND | {"name": "web"},), (BY_KIND,)
    found = order(
        policy("op", "a", selectors=named),
        policy("op", "c", selectors=kind),
        policy("op", "b"),
        policy("cop", "z", selectors=named),
    )
    assert found == ["cop/z 1", "op/b 1", "op/c 1", "op/a 1"]


def test_a_rule_is_for_the_clusters_that_it_targets() -> None:
    edge = {"labelSelector": {"matchLabels": {"location": "edge"}}}
    rules = (({"clusterNames": ["m2"]}, ADD), (edge, ADD), (None, ADD))
    assert order(policy("op", "web", *rules)) == ["op/web 2", "op/web 3"]


def test_overrides_of_another_namespace_or_another_template_are_not_for_it() -> None:
    assert order(policy("op", "web", namespace="other"), policy("op", "api", selectors=({"kind": "Job"},))) == []


@pytest.mark.parametrize(
    ("overriders", "words"),
    [
        (ADD, "labels add env=test"),
        ({"annotationsOverrider": [{"operator": "remove", "value": {"a": "b"}}]}, "annotations remove a=b"),
        (
            {"imageOverrider": [{"component": "Registry", "operator": "replace", "value": "r.example"}]},
            "image registry replace r.example",
        ),
        (
            {"plaintext": [{"path": "/spec/replicas", "operator": "replace", "value": 1}]},
            "/spec/replicas replace 1",
        ),
        (
            {"argsOverrider": [{"containerName": "web", "operator": "add", "value": ["-v", "2"]}]},
            "args of web add -v 2",
        ),
        (
            {"commandOverrider": [{"containerName": "web", "operator": "remove", "value": ["x"]}]},
            "command of web remove x",
        ),
        ({"fieldOverrider": [{"fieldPath": "/data/config", "yaml": []}]}, "fields in /data/config"),
        ({"plaintext": None, "imageOverrider": "nginx"}, ""),
    ],
    ids=str,
)
def test_what_is_changed_is_said_in_one_line(overriders: Any, words: str) -> None:
    assert said(overriders, "Deployment") == words


def test_several_changes_are_told_one_after_another_and_long_values_are_cut() -> None:
    both = {**ADD, "plaintext": [{"path": "/x", "operator": "add", "value": "v" * 99}]}
    assert said(both, "Deployment") == f"labels add env=test; /x add {'v' * 39}…"


def test_values_put_into_a_secret_are_not_told() -> None:
    hidden = {"plaintext": [{"path": "/data/password", "operator": "replace", "value": "aHVudGVyMg=="}]}
    assert said(hidden, "Secret") == "/data/password replace"
