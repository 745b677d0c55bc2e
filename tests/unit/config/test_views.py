"""`views.yaml`: what is right applies, what is wrong is told with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kurator_tui.config.reading import FileProblem
from kurator_tui.config.views import ViewsFile, load, parse
from kurator_tui.kinds.arranging import ColumnView

GUIDE = Path(__file__).parents[3] / "docs" / "guide.md"


def entry(text: str, kind: str = "pods") -> str:
    return f"{kind}:\n  columns:\n    - {text}\n    - {{key: good, path: spec.good}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (entry("{key: bad, path: 'status['}"), "line 3: pods: columns: entry 1: 'status[' is no path"),
        (
            entry("{key: bad, path: spec.x, format: nope}"),
            "line 3: pods: columns: entry 1: Invalid enum value 'nope'",
        ),
        (entry("{key: bad, path: spec.x, colour: red}"), "unknown field `colour`"),
        (entry("{key: Bad Key, path: spec.x}"), "'Bad Key' cannot be a key"),
        (entry("{key: name, path: spec.x}"), "name says which object it is"),
        (entry("{key: bad, path: spec.x, width: 0}"), ">= 1"),
        (entry("{path: spec.x}"), "missing required field `key`"),
        (entry("{key: bad, path: $}"), "an empty path"),
        (entry("{key: bad, path: metadata}"), "is the whole object"),
        (entry("{key: new}"), "a new one needs a path"),
        (entry("{key: bad, path: spec.x, after: nodes}"), "no column 'nodes': did you mean node?"),
        (entry("!odd {key: bad}"), "could not determine a constructor"),
        (entry("{key: good, path: spec.x}"), "line 4: pods: columns: entry 2: there is a second column good"),
        (entry("just words"), "line 3: pods: columns: entry 1"),
        (entry("{key: x, path: data.password}", "secrets"), "only the metadata of secrets is read"),
        (entry("{key: x, path: metadata.annotations}", "secrets"), "of the annotations of secrets name one"),
        (entry("{key: x, path: 'metadata.annotations[*]'}", "secrets"), "of the annotations of secrets name one"),
        (
            entry(
                "{key: x, path: \"metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']\"}",
                "secrets",
            ),
            "repeats the content of secrets",
        ),
        (entry("{key: x, path: spec.x}", "fleets"), "made of many objects"),
        ("pods:\n  hide: [nix]\n", "line 2: pods: hide: pods have no column 'nix'"),
        ("pods:\n  hide: [name]\n", "it is always shown"),
        ("pods:\n  order: node\n", "line 2: pods: order: expected a list"),
        ("pods:\n  sort: -nix\n", "line 2: pods: sort: pods have no column 'nix'"),
        ("pods:\n  colums: []\n", "line 2: pods: colums: expected columns, hide, order, sort"),
        ("pods: 3\n", "line 1: pods: expected columns"),
        ("podz:\n  hide: [qos]\n", "no kind is called podz; did you mean pods?"),
        ("pods:\n  hide: [qos]\npo:\n  hide: [qos]\n", "line 3: po: pods is there already"),
    ],
)
def test_a_broken_entry_is_told_with_its_line_and_costs_nobody_else(text: str, told: str) -> None:
    views = parse(text + "nodes:\n  hide: [version]\n", "views.yaml")
    assert any(told in problem for problem in views.problems), views.problems
    assert all(problem.startswith("views.yaml line ") for problem in views.problems)
    assert views.arrangements["nodes"].hide == ("version",)


def test_a_broken_column_leaves_its_neighbour() -> None:
    views = parse(entry("{key: bad, path: 'status['}"), "views.yaml")
    assert views.arrangements["pods"].columns == (ColumnView("good", "spec.good"),)
    assert len(views.problems) == 1


def test_a_column_behind_one_that_is_not_there_stands_where_new_ones_stand() -> None:
    views = parse("pods:\n  columns: [{key: x, path: spec.x, after: nix}]\n", "views.yaml")
    assert views.arrangements["pods"].columns == (ColumnView("x", "spec.x"),)


def test_a_kind_that_only_clusters_know_is_named_with_its_group() -> None:
    views = parse("widgets.example.com:\n  hide: [size]\n", "views.yaml")
    assert views.arrangements["widgets.example.com"].hide == ("size",)
    assert views.problems == ()


@pytest.mark.parametrize("text", ["[1, 2]", "pods: [", "a: *nothing"])
def test_a_file_that_is_no_list_of_kinds_is_told_as_a_whole(text: str) -> None:
    with pytest.raises(FileProblem, match=r"views.yaml line 1"):
        parse(text, "views.yaml")


def test_no_file_and_an_empty_one_want_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "views.yaml") == ({}, ())
    (tmp_path / "views.yaml").write_text("# nothing yet\n")
    assert load(tmp_path / "views.yaml") == ({}, ())


def test_a_file_is_another_one_when_it_comes_changes_or_goes(tmp_path: Path) -> None:
    path = tmp_path / "views.yaml"
    file = ViewsFile(path)
    assert not file.changed()
    path.write_text("pods: {hide: [qos]}\n")
    assert file.changed()
    file.read()
    assert not file.changed()
    path.write_text("pods: {hide: [ip]}\n")
    os.utime(path, ns=(1, 1))
    assert file.changed()
    file.read()
    path.unlink()
    assert file.changed()
    assert file.read() == ({}, ())


def test_the_example_of_the_guide_can_be_done_whole() -> None:
    example = GUIDE.read_text().split("<!-- views.yaml -->")[1].split("```")[1].removeprefix("yaml\n")
    views = parse(example, "views.yaml")
    assert views.problems == ()
    assert {"pods", "deployments.apps"} <= views.arrangements.keys()
