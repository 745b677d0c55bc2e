"""What is said of rows of any kind, from rows and freshness."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import HEALTHY, Kind, Level, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.registry import KINDS
from kurator_tui.screens.kind_facts import (
    Coverage,
    coverage,
    coverage_note,
    empty_text,
    kind_sections,
    title_of,
    with_health,
)
from kurator_tui.store.freshness import Freshness, State
from tests.ui.estate import NOW, pod


def named(name: str, plural: str) -> Kind[Row, Row]:
    return Kind(id=plural, name=name, row=Row, columns=(), health=lambda row: HEALTHY, plural=plural)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (KINDS["helmreleases.helm.toolkit.fluxcd.io"], "HelmReleases"),
        (POD, "Pods"),
        (named("ClusterPolicy", "clusterpolicies"), "ClusterPolicies"),
        (named("Ingress", "ingresses"), "Ingresses"),
        (named("Person", "people"), "People"),
    ],
)
def test_a_title_is_the_plural_as_people_write_it(kind: Kind[Row, Row], title: str) -> None:
    assert title_of(kind) == title


def test_a_shared_plural_is_told_with_its_group() -> None:
    assert title_of(KINDS["fleets.fleet.kurator.dev"], alone=False) == "Fleets fleet.kurator.dev"


def test_a_kind_without_a_health_column_gets_one_for_sorting() -> None:
    column = with_health(POD).column("health")
    assert column is not None
    assert column.wide
    assert column.value(pod("c", "n", "p", status="Error")) is Level.FAILED
    assert with_health(NODE) is NODE


def states(**by_cluster: tuple[State | None, State | None]) -> list[tuple[str, str, Freshness]]:
    """cluster=(its own state, that of its pods)"""
    return [
        (cluster, about, Freshness(state, NOW))
        for cluster, both in by_cluster.items()
        for about, state in zip(("", "pods"), both, strict=True)
        if state is not None
    ]


def test_clusters_are_listed_awaited_or_missing() -> None:
    found = coverage(
        "pods",
        [
            *states(
                live=(State.LIVE, State.LIVE),
                old=(State.STALE, State.STALE),
                begun=(State.LIVE, State.SYNCING),
                asked=(State.LIVE, None),
                new=(State.CONNECTING, None),
                gone=(State.STALE, None),
                never=(State.UNREACHABLE, None),
                refused=(State.LIVE, State.FORBIDDEN),
                without=(State.LIVE, State.ABSENT),
                unread=(State.LIVE, State.UNREAD),
            ),
            ("other", "nodes", Freshness(State.LIVE, NOW)),
        ],
        frozenset(),
    )
    assert (found.clusters, found.listed, found.waiting, found.absent) == (10, 3, 3, 1)
    missing = {"gone": "stale", "never": "unreachable", "refused": "forbidden", "unread": "not read"}
    assert dict(found.missing) == missing


def test_only_clusters_in_scope_count() -> None:
    found = coverage(
        "pods", states(a=(State.LIVE, State.LIVE), b=(State.UNREACHABLE, None)), frozenset({"a", "z"})
    )
    assert (found.clusters, found.listed, found.missing) == (1, 1, ())


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (Coverage(3, 3), ""),
        (Coverage(3, 1, waiting=2), "1 of 3 clusters listed"),
        (Coverage(3, 2, missing=(("a", "stale"),)), "without a (stale)"),
        (
            Coverage(9, 3, waiting=2, missing=tuple((name, "stale") for name in "abcd")),
            "3 of 9 clusters listed, without a (stale), b (stale) and 2 more",
        ),
    ],
)
def test_the_note_names_what_is_missing(found: Coverage, note: str) -> None:
    assert coverage_note(found) == note


def test_an_empty_table_says_why() -> None:
    assert empty_text(POD, Coverage(3, 1, waiting=2)) == "listing pods: 1 of 3 clusters have answered"
    assert empty_text(POD, Coverage(3, 3, absent=3)) == "no cluster here serves pods"
    assert empty_text(POD, Coverage(3, 3, absent=2)) == "no pods here"
    assert empty_text(POD, Coverage()) == "no pods here"
    assert empty_text(KINDS["forwards"], Coverage()).endswith("makes one")
    gone = (("a", "unreachable"), ("b", "forbidden"))
    assert (
        empty_text(POD, Coverage(2, 0, missing=gone, reason="no answer")) == "nothing is known of pods: no answer"
    )
    assert empty_text(POD, Coverage(2, 0, missing=gone)) == "nothing is known of pods: unreachable"
    assert empty_text(POD, Coverage(3, 1, missing=gone)) == "no pods here, as far as they are known"


def test_details_tell_each_thing_once() -> None:
    row = pod("prod", "shop", "web", ready=0, status="CrashLoopBackOff", message="back-off", restarts=12)
    sections = kind_sections(POD, row, Freshness(State.STALE, NOW - 60, "no answer"), NOW)
    lines = [(line.label, line.text) for section in sections for line in section.lines]
    assert ("", "failed: CrashLoopBackOff: back-off") in lines
    assert ("", "stale for 60s: this is how it was") in lines
    assert ("", "no answer") in lines
    assert ("restarts", "12") in lines
    assert len({label for label, _ in lines if label}) == len([label for label, _ in lines if label])
    assert "reason" not in dict(lines)


def test_what_triage_makes_is_known_where_the_cluster_is() -> None:
    told = states(eu=(State.LIVE, None), us=(State.LIVE, None), far=(State.UNREACHABLE, None))
    found = coverage("blindspots", told, frozenset())
    assert (found.listed, found.waiting, found.missing) == (2, 0, (("far", "unreachable"),))
    assert empty_text(KINDS["blindspots"], coverage("blindspots", told[:2], frozenset())) == "no blindspots here"
