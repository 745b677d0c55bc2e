"""The one registry of actions is complete and consistent."""

from __future__ import annotations

from collections import Counter

from kurator_tui.config.actions import ACTIONS, SCREENS, VIEWS, Context, command
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.homes import HOMES
from kurator_tui.kinds.registry import find
from kurator_tui.screens.commands import unbuilt

ROW = Row(cluster="host", namespace="", name="a", uid="1", created=0.0)


def test_every_action_describes_itself() -> None:
    assert all(action.label and action.description and action.group for action in ACTIONS.values())


def test_no_command_word_means_two_things() -> None:
    words = Counter(word for action in ACTIONS.values() for word in action.commands)
    assert [word for word, count in words.items() if count > 1] == []


def test_hardly_any_command_word_hides_a_kind() -> None:
    """`:po` is pods; views stand before the stored kinds of their name, `:q`, `:cl`, `:ro`, `:tr` before short
    names, and `:policy` before one of several kinds that are called so."""
    words = {word for action in ACTIONS.values() if not unbuilt(action) for word in action.commands}
    hidden = {"fleets", "fleet", "clusters", "cl", "q", "rollouts", "ro", "tr", "policy"}
    assert {word for word in words if find(word)} == hidden


def test_an_action_without_a_key_has_a_command() -> None:
    assert all(action.keys or action.commands for action in ACTIONS.values())


def test_screens_that_are_not_built_say_so() -> None:
    for screen in SCREENS:
        reason = ACTIONS[f"screen.{screen.view}"].off(Context(view="fleets"))
        assert (reason is None) is (screen.view in (*VIEWS, *HOMES))


def test_an_action_on_a_row_is_off_without_one() -> None:
    assert ACTIONS["open"].off(Context(view="fleets")) == "no row is selected"
    assert ACTIONS["open"].off(Context(view="fleets", row=ROW)) is None


def test_commands_are_found_in_any_case() -> None:
    found = command("CLUSTERS")
    assert found is not None
    assert found.id == "screen.clusters"
    assert command("nonsense") is None
