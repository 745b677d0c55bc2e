"""Who changed an object: managedFields in words."""

from __future__ import annotations

from typing import Any

from kurator_tui.describe.writers import written


def entry(manager: str, time: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": fields, **more}


def obj(*entries: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "managedFields": list(entries)}}


IMAGE: dict[str, Any] = {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}}}}}


def test_the_latest_writer_comes_first_with_its_fields() -> None:
    found = written(
        obj(
            entry("kubectl-edit", "2025-11-21T04:00:00Z", {"f:spec": {"f:replicas": {}}}),
            entry("kustomize-controller", "2025-11-21T05:00:00Z", IMAGE),
        )
    )
    assert [(each.manager, each.words) for each in found] == [
        ("kustomize-controller", "spec.containers[web].image"),
        ("kubectl-edit", "spec.replicas"),
    ]


def test_many_fields_are_counted() -> None:
    fields: dict[str, Any] = {"f:data": {f"f:key{number}": {} for number in range(5)}}
    assert written(obj(entry("helm", "", fields)))[0].words == "data.key0, data.key1, data.key2 and 2 more"


def test_a_value_of_a_set_and_of_a_list_is_named() -> None:
    fields: dict[str, Any] = {"f:metadata": {"f:finalizers": {'v:"keep"': {}}}, "f:spec": {"f:args": {"i:0": {}}}}
    assert written(obj(entry("x", "", fields)))[0].fields == ("metadata.finalizers[keep]", "spec.args[0]")


def test_any_shape_is_taken() -> None:
    assert written({}) == []
    assert written({"metadata": {"managedFields": "x"}}) == []
    found = written(obj("x", {}, entry("y", "yesterday", {"f:a": "b", "k:{": {}}, subresource="status")))
    assert [(each.manager, each.at, each.part) for each in found] == [("somebody", 0.0, ""), ("y", 0.0, "status")]
