"""Label and field selectors."""

from typing import Any

import pytest

from kurator_tui.demo.apiserver import selectors
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError

CATALOGUE = default_catalogue(host=True)
PODS, FLEETS = CATALOGUE.by_plural("pods"), CATALOGUE.by_plural("fleets", "fleet.kurator.dev")
EVENTS, NODES = CATALOGUE.by_plural("events"), CATALOGUE.by_plural("nodes")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app=web", True),
        ("app==web", True),
        ("app = web , n=5", True),
        ("app!=web", False),
        ("other!=web", True),
        ("app in (web, api)", True),
        ("app notin (web)", False),
        ("other notin (web)", True),
        ("app", True),
        ("!app", False),
        ("!other", True),
        ("n>4", True),
        ("n<5", False),
        ("app>4", False),
        ("empty=", True),
        ("empty=,app=web", True),
        ("x.io/role=edge", True),
        ("", True),
    ],
)
def test_label_operators(text: str, expected: bool) -> None:
    labels = {"app": "web", "n": "5", "empty": "", "x.io/role": "edge"}
    assert selectors.parse(PODS, text, "").matches({"metadata": {"labels": labels}}) is expected


@pytest.mark.parametrize(
    "text", ["a b c", "a in b", "a in (b", "a>b", "=a", "a=b=c", ",", "a=b,", "a=" + "x" * 64]
)
def test_bad_label_selectors_are_refused(text: str) -> None:
    with pytest.raises(StatusError) as caught:
        selectors.parse(PODS, text, "")
    assert (caught.value.code, caught.value.reason) == (400, "BadRequest")


def test_an_object_without_labels_matches_only_negations() -> None:
    assert not selectors.parse(PODS, "app", "").matches({"metadata": {}})
    assert selectors.parse(PODS, "!app", "").matches({"metadata": {"labels": None}})


@pytest.mark.parametrize(
    ("rt", "text", "obj", "expected"),
    [
        (PODS, "spec.nodeName=n1", {"spec": {"nodeName": "n1"}}, True),
        (PODS, "status.phase!=Running", {"status": {"phase": "Pending"}}, True),
        (PODS, "spec.nodeName=", {"spec": {}}, True),
        (NODES, "spec.unschedulable=false", {}, True),
        (NODES, "spec.unschedulable=true", {"spec": {"unschedulable": True}}, True),
        (EVENTS, "involvedObject.name=web,type=Warning", {"involvedObject": {"name": "web"}}, False),
        (EVENTS, "source=kubelet", {"source": {"component": "kubelet"}}, True),
        (FLEETS, "metadata.name==a\\,b", {"metadata": {"name": "a,b"}}, True),
    ],
)
def test_field_selectors(rt: Any, text: str, obj: dict[str, Any], expected: bool) -> None:
    assert selectors.parse(rt, "", text).matches(obj) is expected


@pytest.mark.parametrize(("rt", "text"), [(PODS, "spec.x=1"), (FLEETS, "spec.x=1"), (PODS, "nothing")])
def test_unknown_fields_are_refused(rt: Any, text: str) -> None:
    with pytest.raises(StatusError):
        selectors.parse(rt, "", text)


def test_selector_objects() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    spec = {"matchLabels": {"app": "web"}, "matchExpressions": expressions}
    selector = selectors.Selector(selectors.from_object(spec))
    assert selector.matches({"metadata": {"labels": {"app": "web", "tier": "a"}}})
    assert not selector.matches({"metadata": {"labels": {"app": "web", "tier": "a", "old": ""}}})
    assert selectors.to_text(spec) == "app=web,tier in (a,b),!old"
    assert selectors.to_text(None) == "<none>"
