"""Templates fill their holes, and nothing else in a text is taken for one."""

import json

import pytest

from kurator_tui.demo.load.templates import Template, managed_fields


def test_holes_are_filled_where_they_stand() -> None:
    obj = {"kind": "X", "apiVersion": "v1", "a": "@{name}-@{rv}", "n": "@{#rv}", "again": "@{name}"}
    template = Template(obj, ("rv", "name"), frozenset({"rv"}))
    assert json.loads(template.item((7, b"web"))) == {"a": "web-7", "n": 7, "again": "web"}
    assert json.loads(template.body((7, b"web"))) == {
        "kind": "X",
        "apiVersion": "v1",
        "a": "web-7",
        "n": 7,
        "again": "web",
    }


def test_percent_signs_stay() -> None:
    template = Template(
        {"kind": "X", "apiVersion": "v1", "a": "100% %s @{name}", "b": "@{name}"}, ("name",), frozenset()
    )
    assert json.loads(template.item((b"x",))) == {"a": "100% %s x", "b": "x"}


def test_a_hole_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(ValueError, match="tuple"):
        Template({"kind": "X", "apiVersion": "v1", "a": "@{other}", "b": "@{name}"}, ("name",), frozenset())


def test_managed_fields_name_fields_and_keyed_items() -> None:
    entry = managed_fields(
        "kubelet", {"status": {"phase": "", "conditions": [{"type": "Ready"}]}}, subresource="status"
    )
    owned = entry["fieldsV1"]["f:status"]
    assert owned["f:phase"] == {}
    assert set(owned["f:conditions"]) == {".", 'k:{"type":"Ready"}'}
    assert entry["subresource"] == "status"
