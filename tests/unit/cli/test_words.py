"""What `get` and `screenshot` take for a view."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from kurator_tui.cli.main import cli
from kurator_tui.cli.words import place_of, words
from kurator_tui.errors import UsageError


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("fleets", "fleets"),
        ("fleet", "fleets"),
        ("cluster", "clusters"),
        ("pods", "pods"),
        ("Pod", "pods"),
        ("deploy", "deployments.apps"),
        ("no", "nodes"),
        ("fleets.fleet.kurator.dev", "fleets.fleet.kurator.dev"),
        ("cost", "cost"),
    ],
)
def test_views_and_kinds_are_found_by_their_names(word: str, place: str) -> None:
    assert place_of(word, ("cost",)) == place


def test_a_word_near_a_kind_is_answered_with_it() -> None:
    with pytest.raises(UsageError) as caught:
        place_of("deploymnets")
    assert caught.value.hint == "Did you mean deployments?"


def test_a_word_like_nothing_is_answered_with_all_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        place_of("zzz", ("cost",))
    assert caught.value.hint.startswith("There are: fleets, clusters, cost, pods, deploy, ")
    assert "cost" not in words()


def test_shells_complete_views_and_kinds() -> None:
    found = ShellComplete(cli, {}, "kurator-tui", "COMPLETE").get_completions(["get"], "depl")
    assert [item.value for item in found] == ["deployments"]
