"""Which policy gets a template: Karmada's order, and why the others do not."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet.karmada_matching import (
    Claim,
    Match,
    Policy,
    Template,
    claim_of,
    label_match,
    matched,
    ranked,
    standings,
)

WEB = Template("apps/v1", "Deployment", "shop", "web", {"app": "web", "tier": "front"})
BY_NAME: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
BY_LABEL: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "labelSelector": {"matchLabels": {"app": "web"}},
}
BY_KIND: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment"}


def pp(name: str, *selectors: Any, namespace: str = "shop", **more: Any) -> Policy:
    return Policy("pp", namespace, name, selectors=selectors or (BY_NAME,), **more)


def cpp(name: str, *selectors: Any, **more: Any) -> Policy:
    return Policy("cpp", "", name, selectors=selectors or (BY_NAME,), **more)


def order(*policies: Policy, template: Template = WEB) -> list[str]:
    return [each.policy.said for each in ranked(template, policies)]


def whys(held: Policy | None, *policies: Policy) -> dict[str, str]:
    return {each.candidate.policy.said: each.why for each in standings(ranked(WEB, policies), held)}


# -- selectors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "match"),
    [
        (BY_NAME, Match.NAME),
        (BY_LABEL, Match.LABELS),
        (BY_KIND, Match.KIND),
        (BY_NAME | {"name": "api"}, Match.NONE),
        (BY_NAME | {"apiVersion": "apps/v1beta1"}, Match.NONE),
        (BY_KIND | {"kind": "StatefulSet"}, Match.NONE),
        (BY_NAME | {"namespace": "shop"}, Match.NAME),
        (BY_NAME | {"namespace": "other"}, Match.NONE),
        (BY_NAME | {"labelSelector": {"matchLabels": {"app": "no"}}}, Match.NAME),
        (BY_KIND | {"labelSelector": {"matchLabels": {"app": "no"}}}, Match.NONE),
        (BY_KIND | {"labelSelector": {}}, Match.LABELS),
    ],
    ids=str,
)
def test_a_selector_matches_by_name_else_by_labels_else_the_kind(selector: Any, match: Match) -> None:
    assert matched(WEB, [selector]) == (match, True)


def test_the_closest_of_several_selectors_counts() -> None:
    assert matched(WEB, [BY_KIND, BY_NAME, BY_LABEL])[0] is Match.NAME


def test_labels_that_are_not_known_make_a_match_unsure() -> None:
    unknown = WEB._replace(labels=None)
    assert matched(unknown, [BY_LABEL]) == (Match.LABELS, False)
    assert matched(unknown, [BY_LABEL, BY_NAME]) == (Match.NAME, True)


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ({}, True),
        ({"matchLabels": {"app": "web", "tier": "back"}}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "edge"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["front"]}]}, False),
        ({"matchExpressions": [{"key": "gpu", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Near", "values": ["x"]}]}, False),
        ("app=web", False),
        (None, False),
    ],
    ids=str,
)
def test_label_selectors_hold_by_the_rules_of_the_api(selector: Any, fits: bool) -> None:
    assert label_match(selector, {"app": "web", "tier": "front"}) is fits


@pytest.mark.parametrize("selectors", [[None, 7], ["Deployment"], [{"apiVersion": 1, "kind": []}]], ids=str)
def test_selectors_of_any_shape_match_nothing(selectors: Any) -> None:
    assert matched(WEB, selectors) == (Match.NONE, True)


# -- order ------------------------------------------------------------------------------------------------------


def test_the_higher_priority_comes_first_whatever_matches_closer() -> None:
    assert order(pp("a", BY_NAME), pp("b", BY_KIND, priority=1)) == ["pp/b", "pp/a"]


def test_with_equal_priority_name_comes_before_labels_before_kind() -> None:
    assert order(pp("a", BY_KIND), pp("b", BY_LABEL), pp("c", BY_NAME)) == ["pp/c", "pp/b", "pp/a"]


def test_with_equal_matches_the_alphabet_decides() -> None:
    assert order(pp("web-2"), pp("web-1")) == ["pp/web-1", "pp/web-2"]


def test_any_namespaced_policy_comes_before_any_cluster_wide_one() -> None:
    assert order(cpp("a", priority=99), pp("b", BY_KIND, priority=-1)) == ["pp/b", "cpp/a"]


def test_a_policy_of_another_namespace_does_not_match() -> None:
    assert order(pp("web", namespace="other"), cpp("all")) == ["cpp/all"]
    assert order(pp("web", namespace="other")) == []


def test_what_has_no_namespace_is_for_cluster_wide_policies_only() -> None:
    space = Template("v1", "Namespace", "", "shop")
    selector = {"apiVersion": "v1", "kind": "Namespace"}
    assert order(pp("web", selector), cpp("all", selector), template=space) == ["cpp/all"]


# -- why --------------------------------------------------------------------------------------------------------


def test_the_only_policy_says_so() -> None:
    assert whys(None, pp("web", BY_LABEL)) == {"pp/web": "label match, the only policy"}


@pytest.mark.parametrize(
    ("winner", "loser", "won", "lost"),
    [
        (
            pp("a", priority=5),
            pp("b", priority=1),
            "name match; priority 5 over 1 of pp/b",
            "priority 1 under 5 of pp/a",
        ),
        (
            pp("a"),
            pp("b", BY_KIND),
            "name match; before the kind match of pp/b",
            "kind match, pp/a has a name match",
        ),
        (pp("a"), pp("b"), "name match; before pp/b in the alphabet", "after pp/a in the alphabet"),
        (
            pp("a", BY_KIND),
            cpp("b", priority=9),
            "kind match; a pp comes before cpp/b",
            "a cpp comes after pp/a",
        ),
    ],
    ids=["priority", "match", "alphabet", "sort"],
)
def test_winner_and_loser_say_what_decided(winner: Policy, loser: Policy, won: str, lost: str) -> None:
    assert whys(winner, loser, winner) == {winner.said: won, loser.said: lost}
    assert whys(None, loser, winner) == {winner.said: won, loser.said: lost}


def test_a_template_stays_with_who_claimed_it_while_preemption_is_never() -> None:
    old, new = pp("old", priority=1), pp("new", priority=7)
    assert whys(old, old, new) == {
        "pp/old": "name match; claimed it before pp/new",
        "pp/new": "priority 7 over 1, but preemption is Never: pp/old keeps it",
    }


def test_a_higher_priority_with_preemption_is_to_take_it_over() -> None:
    old, new = pp("old", priority=1), pp("new", priority=7, preempts=True)
    assert whys(old, old, new)["pp/new"] == "is to preempt pp/old, and has not yet"


def test_preemption_needs_a_higher_priority_among_equals() -> None:
    old, new = pp("old", BY_KIND), pp("new", BY_NAME, preempts=True)
    assert whys(old, old, new)["pp/new"] == "pp/old claimed it before and keeps it"
    assert whys(old, old, pp("new"))["pp/new"].endswith(": preemption is Never")


def test_a_namespaced_policy_takes_from_a_cluster_wide_one_whatever_the_priorities() -> None:
    wide, own = cpp("wide", priority=9), pp("own", preempts=True)
    assert whys(wide, wide, own)["pp/own"] == "is to preempt cpp/wide, and has not yet"
    assert whys(wide, wide, pp("own"))["pp/own"].startswith("cpp/wide claimed it before")


def test_a_holder_that_matches_no_longer_leaves_nobody_the_winner() -> None:
    gone = pp("gone", BY_NAME | {"name": "api"})
    found = standings(ranked(WEB, [pp("web"), gone]), gone)
    assert [(each.won, each.why) for each in found] == [(False, "pp/gone claimed it before")]
    assert standings([], gone) == []


# -- claims -----------------------------------------------------------------------------------------------------


def test_a_claim_is_read_from_annotations_and_from_labels_of_older_releases() -> None:
    mark, id = "propagationpolicy.karmada.io", {"propagationpolicy.karmada.io/permanent-id": "1-2"}
    about = {f"{mark}/name": "web", f"{mark}/namespace": "shop"}
    assert claim_of(about, id) == Claim("pp", "shop", "web", "1-2")
    assert claim_of({}, about) == Claim("pp", "shop", "web")
    assert claim_of({"clusterpropagationpolicy.karmada.io/name": "all"}, {}) == Claim("cpp", "", "all")
    assert claim_of({}, {}) == Claim()
