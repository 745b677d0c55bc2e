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
    if action is None or unbuilt(action):
        from kurator_tui.kinds.registry import find, offered  # the first frame waits for no kinds

        if action is None and not find(word) and not offered(word):
            raise UnknownCommand(unknown(word))
        if find(word) or offered(word):
            action = None
    if action is None:
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
        action.commands[0] for action in ACTIONS.values() if action.commands and not (built and unbuilt(action))
    ]


def unbuilt(action: Action) -> bool:
    """Whether it opens a screen that is still to come: a kind of its name is meant until then."""
    return action.does == "screen" and action.off(Context(view="")) is not None


def kind_words() -> list[str]:
    """The word of each kind that no screen of its own shows, sorted."""
    from kurator_tui.kinds.registry import KINDS, SERVED, label

    known = {label(kind) for kind in KINDS.values() if not kind.derived}
    return sorted(known | {kind.id if kind.plural in known else kind.plural for kind in SERVED.values()})


def _named(word: str) -> list[str]:
    """The words of the kinds that `word` is a name of, such as its short name in kubectl."""
    from kurator_tui.kinds.registry import find, label, offered

    return [label(kind) for kind in find(word)] + [kind.id for kind in offered(word)]


Arguments = Callable[[Action], Iterable[str]]
Values = Callable[[str], Iterable[str]]
"""`cluster`, `namespace` or `column` -> what there is of it."""


def no_values(what: str) -> Iterable[str]:
    """Where nothing is known of the estate."""
    return ()


def complete(text: str, arguments: Arguments, values: Values = no_values) -> list[str]:
    """Whole commands that `text` may become; `arguments` gives an action's, `values` what a kind's filter may say.

    First what the word is another name of, then what begins with it: what is built, kinds, the rest.
    """
    word, space, typed = text.lstrip().partition(" ")
    action = command(word)
    if not space:
        known = [*words(), *kind_words(), *words(built=False)]
        begun = [found for found in known if found.startswith(word.casefold())]
        named = [] if action else _named(word)
        return list(dict.fromkeys([*named, *begun] if len(named) == 1 else [*begun, *named]))
    if action is not None and action.id == KIND and " " in typed.lstrip():
        kind, _, terms = typed.lstrip().partition(" ")
        return complete_terms(f"{word} {kind} ", terms, values)
    if (action is None or unbuilt(action)) and _named(word):
        return complete_terms(f"{word} ", typed, values)
    if action is None or not action.argument:
        return []
    return [f"{word} {value}" for value in arguments(action) if value.startswith(typed.strip())]


_AFTER = {"@": "cluster", "cluster:": "cluster", "namespace:": "namespace", "ns:": "namespace"}
"""How a term of a filter begins -> whose names follow."""


def complete_terms(before: str, terms: str, values: Values) -> list[str]:
    """Filters that `terms` may become, `before` in front: names after `@`, `-n` and `cluster:`, else columns."""
    done, _, last = terms.rpartition(" ")
    kept = f"{before}{done} " if done else before
    if done.split(" ")[-1:] == ["-n"]:
        return _begun(kept, "", last, values("namespace"))
    for sign, what in _AFTER.items():
        if last.startswith(sign):
            return _begun(kept, sign, last[len(sign) :], values(what))
    if not last:
        return []
    return [f"{kept}{column}:" for column in values("column") if column.startswith(last)]


def _begun(kept: str, sign: str, typed: str, names: Iterable[str]) -> list[str]:
    """Of several names, apart by commas, the last one is completed."""
    others, comma, last = typed.rpartition(",")
    return [f"{kept}{sign}{others}{comma}{name}" for name in names if name.startswith(last)]
