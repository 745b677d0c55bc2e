"""The command bar's language: a word of the action registry and, for some, one argument. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kurator_tui.config.actions import ACTIONS, Action, command
from kurator_tui.screens.keys import Request


class UnknownCommand(Exception):
    """No action has this word; the message says what comes near."""


def parse(text: str) -> tuple[Action, Request]:
    """The action and its argument. Raises UnknownCommand."""
    word, _, argument = text.strip().lstrip(":").strip().partition(" ")
    action = command(word)
    if action is None:
        from difflib import get_close_matches

        near = get_close_matches(word.casefold(), words(), n=1)
        raise UnknownCommand(f"there is no command {word!r}" + (f": did you mean :{near[0]}?" if near else ""))
    argument = argument.strip()
    if argument and not action.argument:
        raise UnknownCommand(f":{word} takes no argument")
    return action, Request(argument=argument or action.value)


def words() -> list[str]:
    """The word completed for each action that has one."""
    return [action.commands[0] for action in ACTIONS.values() if action.commands]


def complete(text: str, arguments: Callable[[Action], Iterable[str]]) -> list[str]:
    """Whole commands that `text` may become; `arguments` gives the arguments an action knows."""
    word, space, typed = text.lstrip().partition(" ")
    if not space:
        return [found for found in words() if found.startswith(word.casefold())]
    action = command(word)
    if action is None or not action.argument:
        return []
    return [f"{word} {value}" for value in arguments(action) if value.startswith(typed.strip())]
