"""Paths read what kubectl's JSONPath would, from structs and plain data alike; no object is too odd."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.decode import fit
from kurator_tui.kinds.meta import ObjectMeta
from kurator_tui.kinds.paths import PathError, parse, partial, reader

OBJECT = {
    "metadata": {
        "name": "web",
        "resourceVersion": "7",
        "generation": 3,
        "annotations": {"kurator.dev/rollout": "r1", "a.b": "dots"},
        "finalizers": ["f1"],
    },
    "spec": {"clusters": [{"name": "a", "weight": 1}, None, {"name": "b"}, {"weight": 2}], "a.b": 5, "on": False},
    "status": {
        "phase": "Up",
        "versions": ["v1", "v2"],
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "False"}],
        "byName": {"x": {"n": 1}, "y": {"n": 2}},
    },
}

CASES = [
    ("status.phase", "Up"),
    (".status.phase", "Up"),
    ("{.status.phase}", "Up"),
    ("$.status.phase", "Up"),
    ("status['phase']", "Up"),
    ("metadata.name", "web"),
    ("metadata.generation", 3),
    ("metadata.finalizers[*]", ["f1"]),
    ("metadata.annotations['kurator.dev/rollout']", "r1"),
    (r"metadata.annotations.a\.b", "dots"),
    (r"spec.a\.b", 5),
    ("spec.on", False),
    ("spec.clusters[*].name", ["a", "b"]),
    ("spec.clusters[0].name", "a"),
    ("spec.clusters[-1].weight", 2),
    ("spec.clusters[9].name", None),
    ("status.versions", ["v1", "v2"]),
    ("status.versions[*]", ["v1", "v2"]),
    ('status.conditions[?(@.type=="Ready")].status', ["True"]),
    ("status.conditions[?(@.type == 'Synced')].status", ["False"]),
    ('status.conditions[?(@.type!="Ready")].type', ["Synced"]),
    ("spec.clusters[?(@.weight==2)].weight", [2]),
    ("status.byName[*].n", [1, 2]),
    ("status.byName.*.n", [1, 2]),
    ("status.nothing.there", None),
    ("status.nothing[*].there", []),
    ("status.phase.deeper", None),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_a_path_reads_plain_data(text: str, value: object) -> None:
    assert reader(parse(text))(OBJECT) == value


@pytest.mark.parametrize(("text", "value"), CASES)
def test_a_path_reads_its_own_partial_struct(text: str, value: object) -> None:
    path = parse(text)
    struct = partial("Thing", [path], ObjectMeta)
    assert reader(path)(fit(OBJECT, struct)) == value


def test_one_struct_serves_all_paths_and_keeps_nothing_else() -> None:
    paths = [parse(text) for text, _ in CASES]
    struct = partial("Thing", paths, ObjectMeta)
    found = msgspec.json.decode(msgspec.json.encode(OBJECT | {"data": "x" * 100}), type=struct)
    assert [reader(path)(found) for path in paths] == [value for _, value in CASES]
    assert "xxx" not in repr(found)
    assert found.metadata.resource_version == "7"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    ["", ".", "{}", "..name", "a..b", "a[", "a]", "a[?(@.x>1)]", "a b", "a[1:2]", "a[?(@.x==y)]", "x" * 600],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    if text == ".":
        assert parse(text) == ()
        return
    with pytest.raises(PathError):
        parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metadata", "status", "phase", "conditions", "type", "spec"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_object_is_too_odd_to_be_read(value: Any) -> None:
    for text, _ in CASES:
        reader(parse(text))(value)


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_a_path_error(text: str) -> None:
    with contextlib.suppress(PathError):
        reader(parse(text))(OBJECT)
