"""What tells copies of an object apart, and what is folded away before they are compared."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.compare import copy_of, differences, no_copy, told_apart
from kurator_tui.kinds.folding import content, digest, folded


def deployment(image: str = "web:1", **pod: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": "250m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}
    containers = [{"name": "web", "image": image, "resources": resources}, {"name": "side", "image": "s"}]
    template = {"spec": {"containers": containers, **pod}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "generation": 3},
        "spec": {"replicas": 2, "template": template},
        "status": {"readyReplicas": 1},
    }


def test_a_copy_is_told_by_what_it_runs() -> None:
    row = copy_of("edge-1", deployment())
    assert (row.image, row.replicas, row.ready, row.generation) == ("web:1, s", 2, 1, 3)
    assert row.resources == "250m/1.0Gi ≤ -/2.0Gi"


@pytest.mark.parametrize(
    "filled",
    [
        {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "securityContext": {}},
        {"terminationGracePeriodSeconds": 30, "schedulerName": "default-scheduler"},
    ],
)
def test_defaults_change_no_hash_and_other_values_do(filled: dict[str, Any]) -> None:
    assert digest(deployment(**filled)) == digest(deployment())
    assert digest(deployment(**dict.fromkeys(filled, "other"))) != digest(deployment())


def test_a_default_is_one_only_with_its_type() -> None:
    assert "suspend" in folded({"spec": {"suspend": 0}})["spec"]
    assert folded({"spec": {"suspend": False, "a": 1}})["spec"] == {"a": 1}


def test_what_servers_write_is_folded_and_what_authors_say_is_not() -> None:
    meta = {
        "name": "web",
        "uid": "1",
        "resourceVersion": "7",
        "annotations": {"deployment.kubernetes.io/revision": "3"},
        "labels": {"app": "web", "pod-template-hash": "5c8f6"},
    }
    obj = {
        "metadata": meta,
        "spec": {"clusterIP": "10.0.0.1", "type": "ClusterIP", "ports": []},
        "status": {"a": 1},
    }
    assert folded(obj) == {"metadata": {"name": "web", "labels": {"app": "web"}}, "spec": {"ports": []}}


def test_an_empty_object_that_says_something_is_kept() -> None:
    volumes = [{"name": "tmp", "emptyDir": {}}]
    assert content({"spec": {"volumes": volumes, "resources": {}}}) == {"spec": {"volumes": volumes}}


def test_data_without_a_spec_has_a_hash_too() -> None:
    assert digest({"kind": "ConfigMap", "data": {"a": "1"}}) != digest({"kind": "ConfigMap", "data": {"a": "2"}})


def test_a_cell_differs_when_it_is_not_as_most_are() -> None:
    rows = [copy_of(name, deployment(image)) for name, image in (("a", "web:1"), ("b", "web:2"), ("c", "web:1"))]
    found = {row.cluster: row.differs for row in told_apart([*rows, no_copy("d", "shop", "web", "away")])}
    assert found == {"a": (), "b": ("image", "digest"), "c": (), "d": ()}


def test_the_first_of_two_is_the_measure() -> None:
    rows = [copy_of("a", deployment("web:1")), copy_of("b", deployment("web:2"))]
    assert [row.differs for row in told_apart(rows)] == [(), ("image", "digest")]


def test_fields_are_found_by_the_names_of_list_members_whatever_their_order() -> None:
    left, right = deployment(), deployment("web:2")
    right["spec"]["template"]["spec"]["containers"].reverse()
    (row,) = differences(left, right)
    assert (row.name, row.left, row.right) == ("spec.template.spec.containers[web].image", "web:1", "web:2")


def test_a_field_of_one_side_only_has_nothing_on_the_other() -> None:
    left: dict[str, Any] = {"spec": {"a": [1, 2], "b.c/d": None}}
    right: dict[str, Any] = {"spec": {"a": [1]}, "data": {}}
    found = {row.name: (row.left, row.right) for row in differences(left, right, all_fields=True)}
    assert found == {"spec.a[1]": ("2", None), "spec['b.c/d']": ("null", None), "data": (None, "{}")}


@pytest.mark.parametrize(
    "odd", [{}, {"metadata": 3, "spec": [1]}, {"spec": {"template": {"spec": {"containers": 7}}}}]
)
def test_objects_of_any_shape_are_compared(odd: dict[str, Any]) -> None:
    assert copy_of("c", odd).cluster == "c"
    assert differences(odd, odd, all_fields=True) == []
