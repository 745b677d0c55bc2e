"""What a user may name on the command line: the views and every kind, by any of its names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kurator_tui.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


EXAMPLES = ("pods", "deploy", "svc", "helmreleases")
"""Kinds that stand for all of them in a message."""


def place_of(word: str, views: tuple[str, ...] = ()) -> str:
    """One of `views`, or the id of the kind that `word` means. Raises UsageError with what comes near."""
    from kurator_tui.kinds.registry import find, near

    places = {"fleet": "fleets", "cluster": "clusters"} | {view: view for view in views}
    if (found := places.get(word.casefold())) is not None:
        return found
    kinds = find(word)
    if kinds:
        return kinds[0].id
    alike = near(word)
    some = [*words(views)[: len(places)], *EXAMPLES]
    offer = f"Did you mean {' or '.join(alike)}?" if alike else f"There are: {', '.join(some)} and all kinds."
    raise UsageError(f"there is no view and no kind {word!r}", offer)


def words(views: tuple[str, ...] = ()) -> list[str]:
    """One word for each view and kind: the overviews and `views` first, then the kinds by name."""
    from kurator_tui.kinds import overview
    from kurator_tui.kinds.registry import KINDS, label

    first = [kind.id for kind in overview.KINDS]
    return [*first, *views, *sorted(label(kind) for kind in KINDS.values() if kind.id not in first)]


def kind_argument() -> Callable[[Command], Command]:
    """The argument VIEW of a command that asks the members for what is not known here: an id, or the word."""
    from kurator_tui.kinds.registry import find

    def convert(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
        return place_of(word) if find(word) or word.casefold() in ("fleet", "cluster") else word

    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        return [word for word in words() if word.startswith(begun.casefold())]

    return click.argument("view", metavar="VIEW", callback=convert, shell_complete=complete)


def place_argument(*views: str) -> Callable[[Command], Command]:
    """The argument VIEW of a command: one of `views`, or a kind, which the command is given by its id."""

    def convert(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
        return place_of(word, views)

    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        return [word for word in words(views) if word.startswith(begun.casefold())]

    return click.argument("view", metavar="VIEW", callback=convert, shell_complete=complete)
