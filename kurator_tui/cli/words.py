"""What a user may name on the command line: the screens, the views and every kind, by any of its names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kurator_tui.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


EXAMPLES = ("pods", "deploy", "svc", "helmreleases")
"""Kinds that stand for all of them in a message."""
FIRST = {"workloads": "pods", "triage": "incidents"}
"""Screens that are no home -> the kind that they open with."""


def screens() -> dict[str, str]:
    """The word for each screen that shows kinds -> the kind that it opens with."""
    from kurator_tui.kinds.homes import HOMES

    return {**{home: sections[0].kind for home, sections in HOMES.items()}, **FIRST}


def place_of(word: str, views: tuple[str, ...] = ()) -> str:
    """One of `views`, or the id of the kind that `word` means: a screen's first one before a kind of that name.

    Raises UsageError with what comes near.
    """
    from kurator_tui.kinds.registry import find, near

    places = {"fleet": "fleets", "cluster": "clusters"} | {view: view for view in views} | screens()
    if (found := places.get(word.casefold())) is not None:
        return found
    kinds = find(word)
    if kinds:
        return kinds[0].id
    alike = near(word, screens())
    some = [*words(views)[: 2 + len(views)], *screens(), *EXAMPLES]
    offer = f"Did you mean {' or '.join(alike)}?" if alike else f"There are: {', '.join(some)} and all kinds."
    raise UsageError(f"there is no view and no kind {word!r}", offer)


def section_of(kind: str, name: str) -> str:
    """The kind of the section `name` (its title, or a word for its kind) of the screen that shows `kind`.

    Raises UsageError with the sections there are.
    """
    from kurator_tui.kinds.homes import BESIDE, HOMES, home_of, sections_of
    from kurator_tui.kinds.registry import find

    sections = sections_of(kind)
    if not sections:
        raise UsageError(f"{kind} has no sections", f"Those that have: {', '.join((*BESIDE, *HOMES))}.")
    called = [section.kind for section in sections if _plain(section.title) == _plain(name)]
    meant = [each.id for each in find(name) if each.id in {section.kind for section in sections}]
    if found := (called or meant)[:1]:
        return found[0]
    titles = ", ".join(section.title for section in sections)
    raise UsageError(f"{home_of(kind)} has no section {name!r}", f"There are: {titles}.")


def _plain(title: str) -> str:
    """`Pod groups`, `pod-groups` and `podgroups` are one."""
    return re.sub(r"[\W_]+", "", title).casefold()


def words(views: tuple[str, ...] = ()) -> list[str]:
    """One word for each screen, view and kind: overviews, `views` and screens first, then the kinds by name."""
    from kurator_tui.kinds import overview
    from kurator_tui.kinds.registry import KINDS, label

    first = [*(kind.id for kind in overview.KINDS), *views, *screens()]
    return [*first, *sorted({label(kind) for kind in KINDS.values()} - {*first})]


def kind_argument(*views: str) -> Callable[[Command], Command]:
    """The argument VIEW of a command that asks the members for what is not known here: one of `views`, an id, or
    the word."""
    from kurator_tui.kinds.registry import find

    def convert(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
        known = {"fleet", "cluster", *views, *screens()}
        return place_of(word, views) if find(word) or word.casefold() in known else word

    return click.argument("view", metavar="VIEW", callback=convert, shell_complete=_completing(views))


def place_argument(*views: str) -> Callable[[Command], Command]:
    """The argument VIEW of a command: one of `views`, or a kind, which the command is given by its id."""

    def convert(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
        return place_of(word, views)

    return click.argument("view", metavar="VIEW", callback=convert, shell_complete=_completing(views))


def section_option() -> Callable[[Command], Command]:
    """The option --section of a command with the argument VIEW."""
    return click.option(
        "--section",
        default="",
        metavar="NAME",
        shell_complete=_sections,
        help="Of clusters, edge, delivery, policy and batch: another section than the first.",
    )


def _completing(views: tuple[str, ...]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        return [word for word in words(views) if word.startswith(begun.casefold())]

    return complete


def _sections(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Sections of the screen that VIEW names, of all where it is not said yet."""
    from kurator_tui.kinds.homes import BESIDE, HOMES, sections_of

    said = [str(context.params.get("view") or ""), *context.args]  # an option without its value ends the parsing
    named = next((found for word in said if (found := sections_of(screens().get(word.casefold(), word)))), ())
    every = named or tuple(section for sections in (BESIDE | HOMES).values() for section in sections)
    return [section.title for section in every if _plain(section.title).startswith(_plain(begun))]
