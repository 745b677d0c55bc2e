"""The command bar's language and its completion."""

from __future__ import annotations

import pytest

from kurator_tui.config.actions import Action
from kurator_tui.kinds.registry import KINDS, find
from kurator_tui.screens.commands import KIND, UnknownCommand, complete, kind_words, parse, words


def arguments(action: Action) -> list[str]:
    return {"theme": ["dark", "light"], "kind": kind_words()}.get(action.id, [])


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


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("pods", "pods"),
        (":po", "po"),
        ("Pod edge", "Pod edge"),
        ("deploy -l a=b", "deploy -l a=b"),
        ("deploy.apps", "deploy.apps"),
        ("helmreleases", "helmreleases"),
        ("fleets.fleet.kurator.dev", "fleets.fleet.kurator.dev"),
        ("kind  nodes", "nodes"),
    ],
)
def test_the_name_of_a_kind_opens_it(text: str, argument: str) -> None:
    action, request = parse(text)
    assert (action.id, request.argument) == ("kind", argument)


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS.values() if not kind.derived])
def test_plural_and_group_mean_their_kind_first(kind: str) -> None:
    action, request = parse(kind)
    assert (action.id, request.argument) == (KIND, kind)
    assert find(kind)[0].id == kind


def test_an_unknown_command_is_named_with_its_neighbours() -> None:
    with pytest.raises(UnknownCommand, match=r"no kind 'flets': did you mean :fleets"):
        parse("flets")
    with pytest.raises(UnknownCommand, match=r"'deploymnet': did you mean :deployments\?$"):
        parse("deploymnet")


def test_a_word_like_nothing_is_answered_with_the_kinds_there_are() -> None:
    with pytest.raises(UnknownCommand, match=r"no kind 'zzzzzz'; kinds: any plural, singular or short name"):
        parse("zzzzzz")


@pytest.mark.parametrize("word", ["svc", "secrets", "Roles", "pvc", "hpa", "crd"])
def test_words_of_kubectl_open_their_kinds(word: str) -> None:
    assert parse(word)[0].id == "kind"


def test_what_is_not_much_alike_is_not_offered() -> None:
    with pytest.raises(UnknownCommand, match="no kind 'greets'; kinds: "):
        parse("greets")


def test_an_argument_that_means_nothing_is_refused() -> None:
    with pytest.raises(UnknownCommand, match=":clusters takes no argument"):
        parse("clusters now")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cl", ["clusters"]),
        ("po", ["pods"]),
        ("PO", ["pods"]),
        ("dep", ["deployments"]),
        ("dp", ["deployments"]),
        ("NS", ["namespaces"]),
        ("cluster", ["clusters"]),
        ("kind node", ["kind nodegroups", "kind nodes"]),
        ("theme ", ["theme dark", "theme light"]),
        ("theme l", ["theme light"]),
        ("clusters x", []),
        ("nonsense x", []),
    ],
)
def test_completion(typed: str, found: list[str]) -> None:
    """What comes first; there are always more kinds."""
    offered = complete(typed, arguments)
    assert offered[: len(found)] == found
    assert bool(offered) == bool(found)


def test_nothing_typed_completes_to_everything() -> None:
    found = complete("", arguments)
    assert len(found) == len(set(found))
    assert set(found) == {*words(built=False), *kind_words()}
    assert found[: len(words())] == words()
