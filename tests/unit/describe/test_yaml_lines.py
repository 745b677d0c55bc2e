"""What is shown as YAML is the object again when it is read."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.describe.yaml_lines import yaml_lines, yaml_text

ODD = (
    *("yes", "1", "1e3", "0x10", "1_000", "12:30:45", "2025-11-21", "null", "", " a", "a ", "- a", "a: b", "a #b"),
    *("a\nb", "a\n", "a\n\n", "\na", " a\nb", "a\n  b\nc", "a\n\nb\n", "=", "<<", "10.0.0.1", "250m", "1Gi"),
    *(
        "{a}",
        "[a]",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        "'a'",
        '"a"',
        "a:",
        "a\tb",
        "a\x85b",
        "#a",
        "?",
        "-",
        ".5",
    ),
    *(
        "---",
        "...",
        "0o7",
        "0b1",
        ".inf",
        "1.2.3",
        "1e5m",
        "3s",
        "7d9f",
        "5e8",
        "a\n\n\n",
        "a\n ",
        "\t\na",
        "a \nb",
    ),
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(ODD),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_it_is_the_object_again(obj: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(yaml_lines(obj))) == obj


def test_common_objects_are_written_as_people_write_them() -> None:
    obj = {
        "apiVersion": "apps/v1",
        "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web"}, "creationTimestamp": None},
        "spec": {"containers": [{"name": "app", "image": "shop/web:v7", "args": ["-c", "a: b"]}], "replicas": 3},
        "data": {"a.conf": "one\ntwo\n", "empty": {}},
    }
    assert (
        yaml_text(yaml_lines(obj))
        == """\
apiVersion: apps/v1
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
  creationTimestamp: null
spec:
  containers:
  - name: app
    image: shop/web:v7
    args:
    - "-c"
    - "a: b"
  replicas: 3
data:
  a.conf: |
    one
    two
  empty: {}
"""
    )


def test_every_line_knows_its_place() -> None:
    lines = yaml_lines({"data": {"token": "x"}, "list": [{"a": 1, "b": 2}]})
    assert [line.path for line in lines] == [
        ("data",),
        ("data", "token"),
        ("list",),
        ("list", 0, "a"),
        ("list", 0, "b"),
    ]


def test_nothing_written_acts_on_a_terminal() -> None:
    text = yaml_text(yaml_lines({"a": "\x1b[31m", "b": "x\n\x9b2J\n", "c": "\u2028"}))
    assert text.isprintable() or all(char == "\n" or char.isprintable() for char in text)


def test_an_object_begins_with_what_it_is() -> None:
    lines = yaml_lines({"spec": {}, "metadata": {"name": "a"}, "kind": "Pod", "apiVersion": "v1"})
    assert [line.key for line in lines if not line.indent] == ["apiVersion:", "kind:", "metadata:", "spec:"]
