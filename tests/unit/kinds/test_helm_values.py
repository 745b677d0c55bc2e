"""Helm values as lines, and what a fleet sets beside the defaults."""

from __future__ import annotations

from kurator_tui.kinds.helm_values import MOST, SECRET, corrupted, difference, flat, set_by_fleet


def test_values_are_flat_lines_in_their_order() -> None:
    values = {"b": {"on": True, "n": 1, "f": 1.5}, "a": ["x", {"y": None}], "empty": {}, "none": ""}
    assert flat(values) == [
        ["b.on", "true"],
        ["b.n", "1"],
        ["b.f", "1.5"],
        ["a[0]", "x"],
        ["a[1].y", "null"],
        ["empty", "{}"],
        ["none", '""'],
    ]


def test_secrets_are_not_shown_whatever_they_are_in() -> None:
    values = {"auth": {"adminPassword": "hunter2"}, "users": [{"token": "abc"}], "passwordFile": ""}
    assert [line[1] for line in flat(values)] == [SECRET, SECRET, '""']


def test_hostile_values_are_bounded_and_inert() -> None:
    deep: object = "leaf"
    for _ in range(2000):
        deep = {"k": deep}
    assert len(flat(deep)) == 1
    assert len(flat({f"k{at}": at for at in range(1000)})) == MOST + 1
    assert "\x1b" not in "".join(flat({"a": "\x1b[2J", "\x1b": "b"})[0])
    assert flat(None) == flat("text") == flat(3) == []


def test_what_is_asked_is_compared_with_what_was_rendered() -> None:
    asked = {"replicas": "2", "admin": "false", "lost": "1"}
    found = difference(asked, {"replicas": "2", "admin": "true", "other": "default"})
    assert found == ("replicas=2", "admin=false, rendered as true", "lost=1, not rendered")
    assert (corrupted(found), corrupted(found[:1])) == (True, False)


def test_extra_arguments_are_found_where_each_plugin_has_them() -> None:
    plugin = {
        "metric": {"thanos": {"extraArgs": {"a": 1}}, "prometheus": {}},
        "grafana": {"extraArgs": {"b": 2}},
        "policy": {"kyverno": 3},
        "backup": {"extraArgs": "no object"},
    }
    assert set_by_fleet(plugin) == {"thanos": [["a", "1"]], "grafana": [["b", "2"]], "velero": []}
    assert set_by_fleet(None) == set_by_fleet([]) == {}
