"""The command bar's language and its completion."""

from __future__ import annotations

import pytest

from kurator_tui.config.actions import Action
from kurator_tui.screens.commands import UnknownCommand, complete, parse, words


def themes(action: Action) -> list[str]:
    return ["dark", "light"] if action.id == "theme" else []


@pytest.mark.parametrize(
    ("text", "action", "argument"),
    [
        ("clusters", "screen.clusters", "clusters"),
        (" :Clusters ", "screen.clusters", "clusters"),
        ("q", "leave", ""),
        ("quit", "leave", ""),
        ("theme  dark", "theme", "dark"),
        ("filter a b", "filter", "a b"),
        ("help", "help", ""),
    ],
)
def test_commands(text: str, action: str, argument: str) -> None:
    found, request = parse(text)
    assert (found.id, request.argument) == (action, argument)


def test_an_unknown_command_is_named_with_its_neighbour() -> None:
    with pytest.raises(UnknownCommand, match=r"'flets': did you mean :fleets"):
        parse("flets")
    with pytest.raises(UnknownCommand, match=r"^there is no command 'zzzzzz'$"):
        parse("zzzzzz")


def test_an_argument_that_means_nothing_is_refused() -> None:
    with pytest.raises(UnknownCommand, match=":clusters takes no argument"):
        parse("clusters now")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cl", ["clusters"]),
        ("theme ", ["theme dark", "theme light"]),
        ("theme l", ["theme light"]),
        ("clusters x", []),
        ("nonsense x", []),
    ],
)
def test_completion(typed: str, found: list[str]) -> None:
    assert complete(typed, themes) == found


def test_nothing_typed_completes_to_everything() -> None:
    assert complete("", themes) == words()
