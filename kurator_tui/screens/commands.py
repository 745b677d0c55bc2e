"""The command bar's language: a word of the action registry or a kind's name, for some with an argument. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kurator_tui.config.actions import ACTIONS, Action, Context, command
from kurator_tui.screens.keys import Request

KIND = "kind"
"""The action that opens any kind; a kind's name alone stands for it."""


class UnknownCommand(Exception):
    """No action and no kind has this word; the message says what comes near."""


def parse(text: str) -> tuple[Action, Request]:
    """The action and its argument. Raises UnknownCommand."""
    word, _, argument = text.strip().lstrip(":").strip().partition(" ")
    argument = argument.strip()
    action = command(word)
    if action is None:
        from kurator_tui.kinds.registry import find  # the first frame waits for no kinds

        if not find(word):
            raise UnknownCommand(unknown(word))
        return ACTIONS[KIND], Request(argument=f"{word} {argument}".strip())
    if argument and not action.argument:
        raise UnknownCommand(f":{word} takes no argument")
    return action, Request(argument=argument or action.value)


def unknown(word: str) -> str:
    """Why `word` means nothing, with what comes near, else with the kinds there are."""
    from kurator_tui.kinds.registry import near

    alike = near(word, words())
    known = " or ".join(f":{one}" for one in alike)
    offer = f": did you mean {known}?" if alike else "; kinds: any plural, singular or short name"
    return f"there is no command and no kind {word!r}{offer}"


def words(*, built: bool = True) -> list[str]:
    """The word completed for each action that has one: of those that can be done some day, or of those `built`."""
    return [
        action.commands[0] for action in ACTIONS.values() if action.commands and not (built and _unbuilt(action))
    ]


def _unbuilt(action: Action) -> bool:
    return action.does == "screen" and action.off(Context(view="")) is not None


def kind_words() -> list[str]:
    """The word of each kind that no screen of its own shows, sorted."""
    from kurator_tui.kinds.registry import KINDS, label

    return sorted(label(kind) for kind in KINDS.values() if not kind.derived)


def _named(word: str) -> list[str]:
    """The words of the kinds that `word` is a name of, such as its short name in kubectl."""
    from kurator_tui.kinds.registry import find, label

    return [label(kind) for kind in find(word)]


def complete(text: str, arguments: Callable[[Action], Iterable[str]]) -> list[str]:
    """Whole commands that `text` may become; `arguments` gives an action's.

    First what the word is another name of, then what begins with it: what is built, kinds, the rest.
    """
    word, space, typed = text.lstrip().partition(" ")
    action = command(word)
    if not space:
        known = [*words(), *kind_words(), *words(built=False)]
        begun = [found for found in known if found.startswith(word.casefold())]
        return list(dict.fromkeys([*([] if action else _named(word)), *begun]))
    if action is None or not action.argument:
        return []
    return [f"{word} {value}" for value in arguments(action) if value.startswith(typed.strip())]
