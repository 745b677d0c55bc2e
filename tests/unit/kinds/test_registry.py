"""One registry: words a user types, and how ambiguous they may be."""

from __future__ import annotations

from dataclasses import replace

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
        ("deploy.apps", "deployments.apps"),
        ("Fleet.fleet.kurator.dev", "fleets.fleet.kurator.dev"),
        ("attachedcluster", "attachedclusters.cluster.kurator.dev"),
    ],
)
def test_a_kind_is_found_by_plural_singular_short_name_and_id(word: str, id: str) -> None:
    assert ids(word) == [id]


def test_an_ambiguous_word_means_the_view_first_and_then_the_stored_kind() -> None:
    assert ids("clusters")[:2] == ["clusters", "clusters.cluster.kurator.dev"]
    assert ids("fleets") == ["fleets", "fleets.fleet.kurator.dev"]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("cluster", ["clusters.cluster.kurator.dev", "clusters.cluster.x-k8s.io", "clusters.cluster.karmada.io"]),
        ("application", ["applications.apps.kurator.dev", "applications.argoproj.io"]),
        ("backup", ["backups.backup.kurator.dev", "backups.velero.io"]),
        ("restore", ["restores.backup.kurator.dev", "restores.velero.io"]),
        ("pipeline", ["pipelines.pipeline.kurator.dev", "pipelines.tekton.dev"]),
        ("job", ["jobs.batch", "jobs.batch.volcano.sh"]),
        ("gateway", ["gateways.networking.istio.io", "gateways.submariner.io"]),
    ],
)
def test_a_word_of_several_systems_means_kurators_kind_first(word: str, first: list[str]) -> None:
    found = [id for id in ids(word) if not registry.kind(id).derived]
    assert found[: len(first)] == first


def test_an_unknown_word_finds_nothing() -> None:
    assert ids("gadgets") == []
    assert ids("") == []


def test_a_word_means_the_kinds_as_they_are_now_whoever_changes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pods = registry.kind("pods")
    other = replace(pods, short_names=("cabbage",))
    assert (ids("cabbage"), ids("po")) == ([], ["pods"])
    monkeypatch.setitem(registry.KINDS, "pods", other)
    assert registry.find("cabbage") == [other]
    assert registry.find("pods")[0] is other
    assert ids("po") == []
    monkeypatch.undo()
    assert (ids("cabbage"), registry.find("po")) == ([], [pods])


def test_a_kind_is_called_by_its_plural_unless_that_means_another_one() -> None:
    assert registry.label(registry.kind("deployments.apps")) == "deployments"
    assert registry.label(registry.kind("fleets")) == "fleets"
    assert registry.label(registry.kind("fleets.fleet.kurator.dev")) == "fleets.fleet.kurator.dev"


def test_what_comes_near_a_word_is_named_once_the_most_alike_first() -> None:
    assert registry.near("deplyoments") == ["deployments"]
    assert registry.near("namspace") == ["namespaces"]
    assert registry.near("qqqqq") == []
    assert registry.near("nodse", ["nodsex", "quit"]) == ["nodsex", "nodes"]


def test_an_id_names_plural_and_group() -> None:
    for id, kind in registry.KINDS.items():
        assert id == kind.id
        assert id == (f"{kind.plural}.{kind.group}" if kind.group else kind.plural)
        assert kind.derived or kind.versions


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.kind("gadgets")
