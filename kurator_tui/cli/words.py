"""What a user may name on the command line: the views and every kind, by any of its names."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from kurator_tui.errors import UsageError


def place_of(word: str, views: tuple[str, ...] = ()) -> str:
    """One of `views`, or the id of the kind that `word` means. Raises UsageError with what comes near."""
    from kurator_tui.kinds.registry import find, near

    known = {"fleet": "fleets", "cluster": "clusters"} | {view: view for view in views}
    if (found := known.get(word.casefold())) is not None:
        return found
    kinds = find(word)
    if kinds:
        return kinds[0].id
    alike = near(word)
    offer = f"Did you mean {' or '.join(alike)}?" if alike else f"There are: {', '.join(words(views))}."
    raise UsageError(f"there is no view and no kind {word!r}", offer)


def words(views: tuple[str, ...] = ()) -> list[str]:
    """One word for each view and kind: derived ones and `views` first, then the kinds by name."""
    from kurator_tui.kinds.registry import KINDS, label

    derived = [kind.id for kind in KINDS.values() if kind.derived]
    return [*derived, *views, *sorted(label(kind) for kind in KINDS.values() if not kind.derived)]


class Place(click.ParamType):
    """A view or a kind; the value is a view's name or a kind's id."""

    name = "view"

    def __init__(self, *views: str) -> None:
        self._views = views

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return place_of(str(value), self._views)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(word) for word in words(self._views) if word.startswith(incomplete.casefold())]
