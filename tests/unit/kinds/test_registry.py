"""One registry: words a user types, and how ambiguous they may be."""

from __future__ import annotations

import pytest

from kurator_tui.kinds import registry


def ids(word: str) -> list[str]:
    return [kind.id for kind in registry.find(word)]


@pytest.mark.parametrize(
    ("word", "id"),
    [
        ("pods", "pods"),
        ("po", "pods"),
        ("Pod", "pods"),
        ("POD", "pods"),
        ("no", "nodes"),
        ("ns", "namespaces"),
        ("ev", "events"),
        ("deploy", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("hr", "helmreleases.helm.toolkit.fluxcd.io"),
        ("cc", "customclusters.infrastructure.cluster.x-k8s.io"),
        ("attachedcluster", "attachedclusters.cluster.kurator.dev"),
    ],
)
def test_a_kind_is_found_by_plural_singular_short_name_and_id(word: str, id: str) -> None:
    assert ids(word) == [id]


def test_an_ambiguous_word_means_the_view_first_and_then_the_stored_kind() -> None:
    assert ids("clusters") == ["clusters", "clusters.cluster.kurator.dev"]
    assert ids("fleets") == ["fleets", "fleets.fleet.kurator.dev"]


def test_an_unknown_word_finds_nothing() -> None:
    assert ids("gadgets") == []
    assert ids("") == []


def test_an_id_names_plural_and_group() -> None:
    for id, kind in registry.KINDS.items():
        assert id == kind.id
        assert id == (f"{kind.plural}.{kind.group}" if kind.group else kind.plural)
        assert kind.derived or kind.versions


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.kind("gadgets")
