"""Differences field by field, and the way back: everything we changed and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kurator_tui.actions.difference import Change, changes, label, reverted, shown
from tests.examples import examples

Obj = dict[str, Any]


def deployment(image: str = "web:1", replicas: int = 2, **annotations: str) -> Obj:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "resourceVersion": "1", "annotations": annotations},
        "spec": {
            "replicas": replicas,
            "template": {"spec": {"containers": [{"name": "web", "image": image}, {"name": "log", "image": "l"}]}},
        },
        "status": {"readyReplicas": replicas},
    }


def labels(found: list[Change]) -> list[str]:
    return [label(change.path) for change in found]


def test_a_field_is_named_by_the_item_it_is_in() -> None:
    found = changes(deployment(), deployment("web:2", 3))
    assert labels(found) == ["spec.replicas", "spec.template.spec.containers[name=web].image"]


def test_what_servers_write_by_themselves_is_no_change() -> None:
    after = deployment()
    after["metadata"] |= {"resourceVersion": "2", "generation": 5, "managedFields": [{}]}
    after["status"] = {}
    assert changes(deployment(), after) == []
    assert labels(changes(deployment(), after, status=True)) == ["status.readyReplicas"]


def test_each_annotation_is_a_field_even_when_it_is_the_first_one() -> None:
    bare = deployment()
    del bare["metadata"]["annotations"]
    assert labels(changes(bare, deployment(a="1"))) == ["metadata.annotations.a"]


def test_secret_values_are_told_apart_and_never_shown() -> None:
    def secret(value: str) -> Obj:
        return {"kind": "Secret", "metadata": {"name": "s"}, "data": {"password": value}}

    (line,) = shown(secret("aHVudGVyMg=="), secret("aHVudGVyMw=="), "salt")
    assert line.path == "data.password"
    assert line.before != line.after
    assert "aHVudGVy" not in line.before + line.after


def test_somebody_elses_new_container_does_not_move_ours() -> None:
    before, after = deployment(), deployment("web:2")
    now = copy.deepcopy(after)
    now["spec"]["template"]["spec"]["containers"].insert(0, {"name": "mesh", "image": "m"})
    operations, clashing = reverted(now, changes(before, after))
    assert clashing == []
    back = jsonpatch.apply_patch(now, list(operations))
    assert [each["image"] for each in back["spec"]["template"]["spec"]["containers"]] == ["m", "web:1", "l"]


def test_what_somebody_changed_since_is_told_and_left_alone() -> None:
    before, after = deployment(), deployment("web:2", 5)
    now = deployment("web:3", 5)
    operations, clashing = reverted(now, changes(before, after))
    assert [(each.path, each.ours, each.now) for each in clashing] == [
        ("spec.template.spec.containers[name=web].image", '"web:2"', '"web:3"')
    ]
    assert jsonpatch.apply_patch(now, list(operations))["spec"] == deployment("web:3", 2)["spec"]


def test_what_is_as_it_was_already_needs_nothing() -> None:
    assert reverted(deployment(), changes(deployment(), deployment("web:2"))) == ((), [])


# -- any object, any edit ---------------------------------------------------------------------------------------

_KEYS = st.sampled_from(["a", "b", "c/d", "e~f", "image", "replicas"])
_SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y"])
_NAMED = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("pqrs"), "v": _SCALARS}), unique_by=lambda item: item["name"]
)
_VALUES = st.recursive(
    _SCALARS | _NAMED, lambda inner: st.dictionaries(_KEYS, inner, max_size=3) | st.lists(inner, max_size=3)
)
_MAPS = st.dictionaries(_KEYS, st.sampled_from(["1", "2"]), max_size=3)
_OBJECTS = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"name": st.just("n")}, optional={"labels": _MAPS, "annotations": _MAPS}
        ),
        "spec": st.dictionaries(_KEYS, _VALUES, max_size=4),
    }
)


def settled(obj: Obj) -> Obj:
    """`obj` as a server has it: no empty maps of labels and annotations."""
    meta = {key: value for key, value in obj["metadata"].items() if value != {} or key == "name"}
    return {**obj, "metadata": meta}


@settings(max_examples=examples(75), deadline=None)
@given(_OBJECTS, _OBJECTS)
def test_undo_after_a_write_restores_every_field(before: Obj, after: Obj) -> None:
    changed = changes(before, after)
    kept = msgspec.json.decode(msgspec.json.encode(changed), type=list[Change])
    operations, clashing = reverted(after, kept)
    assert clashing == []
    assert settled(jsonpatch.apply_patch(after, list(operations))) == settled(before)


@settings(max_examples=examples(75), deadline=None)
@given(_OBJECTS, _OBJECTS, _MAPS)
def test_undo_changes_no_field_that_we_did_not_change(before: Obj, after: Obj, others: dict[str, str]) -> None:
    """Somebody else writes annotations and a field of their own after us."""
    ours = {label(change.path) for change in changes(before, after)}
    now = copy.deepcopy(after)
    now["spec"]["theirs"] = {"x": 1}
    theirs = {f"z{key}": value for key, value in others.items()}
    now["metadata"]["annotations"] = {**now["metadata"].get("annotations", {}), **theirs}
    operations, clashing = reverted(now, changes(before, after))
    assert clashing == []
    back = jsonpatch.apply_patch(now, list(operations))
    assert {label(change.path) for change in changes(now, back)} <= ours
    assert back["spec"]["theirs"] == {"x": 1}
    assert theirs.items() <= back["metadata"].get("annotations", {}).items()


def test_a_new_object_is_told_by_its_fields_but_not_by_what_is_its_own() -> None:
    made = {
        "kind": "Deployment",
        "metadata": {"name": "n", "namespace": "d", "uid": "u", "labels": {"a": "b"}},
        "spec": {"replicas": 2, "containers": [{"name": "web", "image": "web:1"}], "paused": False, "empty": {}},
        "status": {"ready": 1},
    }
    assert [(line.path, line.after) for line in shown(None, made, "s")] == [
        ("the object", '"the object"'),
        ("metadata.labels.a", '"b"'),
        ("spec.replicas", "2"),
        ("spec.containers[name=web].name", '"web"'),
        ("spec.containers[name=web].image", '"web:1"'),
        ("spec.paused", "false"),
    ]
    many = shown(None, {"kind": "ConfigMap", "data": {str(n): "x" for n in range(100)}}, "s")
    assert many[-1].path == "and 40 fields more"


def test_the_values_of_a_new_secret_are_masked() -> None:
    (whole, field) = shown(None, {"kind": "Secret", "data": {"p": "aHVudGVyMg=="}}, "s")
    assert (whole.path, field.path) == ("the object", "data.p")
    assert "7 bytes" in field.after
    assert "aHVudGVyMg" not in field.after
