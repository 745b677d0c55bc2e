"""What `get` and `screenshot` take for a view."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from kurator_tui.cli.main import cli
from kurator_tui.cli.words import place_of, screens, section_of, words
from kurator_tui.config.actions import SCREENS
from kurator_tui.errors import UsageError
from kurator_tui.kinds.homes import HOMES


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


@pytest.mark.parametrize("home", HOMES)
def test_a_screen_is_its_first_section_and_the_others_have_names(home: str) -> None:
    first = HOMES[home][0]
    assert place_of(home.capitalize()) == first.kind
    for section in HOMES[home]:
        assert section_of(first.kind, section.title.lower().replace(" ", "-")) == section.kind


def test_a_section_may_be_called_by_a_word_for_its_kind() -> None:
    assert section_of(place_of("delivery"), "executions") == "pipelineexecutions"
    assert section_of(place_of("policy"), "backupstoragelocations") == "backupstoragelocations.velero.io"


def test_workloads_are_pods_until_somebody_names_a_kind() -> None:
    assert place_of("workloads") == "pods"


def test_every_numbered_screen_that_is_built_has_its_name() -> None:
    for screen in SCREENS:
        if screen.built:
            assert place_of(screen.view, ("metrics",))


def test_a_section_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        section_of(place_of("batch"), "nodes")
    assert "batch has no section 'nodes'" in str(caught.value)
    assert caught.value.hint == f"There are: {', '.join(each.title for each in HOMES['batch'])}."
    assert section_of("clusters", "lifecycle") == "lifecycle"
    with pytest.raises(UsageError, match="pods has no sections"):
        section_of("pods", "nodes")


def test_a_word_near_a_kind_is_answered_with_it() -> None:
    with pytest.raises(UsageError) as caught:
        place_of("deploymnets")
    assert caught.value.hint == "Did you mean deployments?"


def test_a_word_like_nothing_is_answered_with_all_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        place_of("zzz", ("cost",))
    assert caught.value.hint.startswith("There are: fleets, clusters, cost, edge, delivery, policy, ")
    assert "cost" not in words()


def test_shells_complete_views_and_kinds() -> None:
    found = ShellComplete(cli, {}, "kurator-tui", "COMPLETE").get_completions(["get"], "depl")
    assert [item.value for item in found] == ["deployments"]


@pytest.mark.parametrize("command", ["get", "screenshot"])
def test_shells_complete_screens_and_the_sections_of_the_one_that_is_named(command: str) -> None:
    complete = ShellComplete(cli, {}, "kurator-tui", "COMPLETE").get_completions
    assert {"delivery", "deployments"} <= {item.value for item in complete([command], "de")}
    titles = [each.title for each in HOMES["batch"]]
    assert [item.value for item in complete([command, "batch", "--section"], "")] == titles
    assert [item.value for item in complete([command, "batch", "--section"], "que")] == ["Queues"]


def test_no_word_stands_twice() -> None:
    found = words(("metrics",))
    assert len(found) == len(set(found))
    assert {*screens(), "metrics"} <= set(found)


@pytest.mark.parametrize("before", [["explain"], ["bundle", "--code"]])
def test_codes_of_findings_are_completed_with_what_they_say(before: list[str]) -> None:
    found = ShellComplete(cli, {}, "kurator-tui", "COMPLETE").get_completions(before, "kt1001")
    assert [(each.value, each.help) for each in found] == [("KT1001", "container crashes again and again")]
