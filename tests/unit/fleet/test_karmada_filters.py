"""Which filter removes which cluster: the scheduler's rules again, and its sentences."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet.karmada_filters import Place, Said, Taint, Wanted, mismatch, removed, told, too_few

M1 = Place(
    "m1",
    labels=(("location", "eu"), ("tier", "gold")),
    provider="aws",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b"),
    apis=frozenset({"apps/v1 Deployment"}),
)


def wanted(**placement: Any) -> Wanted:
    return Wanted("apps/v1", "Deployment", placement)


def whys(place: Place, its: Wanted) -> list[tuple[str, str]]:
    return [(each.filter, each.why) for each in removed(its, place)]


def test_without_any_placement_every_cluster_fits() -> None:
    assert whys(M1, wanted()) == []


# -- affinity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("affinity", "why"),
    [
        ({}, ""),
        ({"clusterNames": ["m1", "m2"]}, ""),
        ({"clusterNames": ["m2"]}, "not named"),
        ({"clusterNames": ["m1"], "exclude": ["m1"]}, "excluded by name"),
        ({"labelSelector": {"matchLabels": {"location": "eu"}}}, ""),
        ({"labelSelector": {"matchLabels": {"location": "us"}}}, "its labels are not those selected"),
        (
            {"labelSelector": {"matchLabels": {"location": "us"}}, "clusterNames": ["m1"]},
            "its labels are not those selected",
        ),
    ],
    ids=str,
)
def test_names_exclusion_and_labels_all_have_to_fit(affinity: Any, why: str) -> None:
    assert mismatch(affinity, M1) == why


def field(key: str, operator: str, *values: str) -> Any:
    return {"fieldSelector": {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}}


@pytest.mark.parametrize(
    ("affinity", "why"),
    [
        (field("provider", "In", "aws", "gcp"), ""),
        (field("provider", "NotIn", "aws"), "provider is aws, NotIn aws is asked for"),
        (field("region", "In", "us-1"), "region is eu-west-1, In us-1 is asked for"),
        (field("zone", "In", "eu-west-1a", "eu-west-1b", "x"), ""),
        (field("zone", "In", "eu-west-1a"), "zone is eu-west-1a, eu-west-1b, In eu-west-1a is asked for"),
        (field("zone", "NotIn", "x"), ""),
        (field("zone", "Exists"), ""),
        (field("zone", "DoesNotExist"), "zone is eu-west-1a, eu-west-1b, DoesNotExist  is asked for"),
        (field("provider", "Gt", "1"), "provider is aws, Gt 1 is asked for"),
    ],
    ids=str,
)
def test_fields_of_a_cluster_are_selected_by(affinity: Any, why: str) -> None:
    assert mismatch(affinity, M1) == why


def test_a_field_that_is_not_set_is_in_nothing() -> None:
    assert mismatch(field("provider", "In", "aws"), Place("m9")) == "provider is not set, In aws is asked for"
    assert mismatch(field("provider", "NotIn", "aws"), Place("m9")) == ""


def test_of_several_affinity_groups_one_is_enough() -> None:
    both = [{"affinityName": "first", "clusterNames": ["m9"]}, {"affinityName": "backup", "clusterNames": ["m1"]}]
    assert whys(M1, wanted(clusterAffinities=both)) == []
    why = "in none of the affinity groups (first: not named)"
    assert whys(M1, wanted(clusterAffinities=both[:1])) == [("affinity", why)]


# -- taints -----------------------------------------------------------------------------------------------------

KEPT_OFF = M1._replace(taints=(Taint("site", "cold", "NoSchedule"),))


@pytest.mark.parametrize(
    ("toleration", "fits"),
    [
        ({"key": "site", "operator": "Equal", "value": "cold", "effect": "NoSchedule"}, True),
        ({"key": "site", "value": "cold"}, True),
        ({"key": "site", "value": "warm"}, False),
        ({"key": "site", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "site", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_taint_is_tolerated_by_key_value_and_effect(toleration: Any, fits: bool) -> None:
    found = whys(KEPT_OFF, wanted(clusterTolerations=[toleration]))
    assert found == ([] if fits else [("taint", "site=cold:NoSchedule")])


def test_only_taints_that_keep_workloads_off_remove_a_cluster() -> None:
    assert whys(M1._replace(taints=(Taint("x", "", "PreferNoSchedule"),)), wanted()) == []
    lost = M1._replace(taints=(Taint("cluster.karmada.io/not-ready", "", "NoExecute"),))
    assert whys(lost, wanted()) == [("taint", "cluster.karmada.io/not-ready:NoExecute")]


def test_a_taint_does_not_remove_what_is_there_already() -> None:
    assert whys(KEPT_OFF, wanted()._replace(targets=frozenset({"m1"}))) == []


# -- APIs, eviction, spread -------------------------------------------------------------------------------------


def test_a_member_without_the_api_is_removed() -> None:
    its = Wanted("batch.volcano.sh/v1alpha1", "Job", {})
    assert whys(M1, its) == [("API", "does not serve Job batch.volcano.sh/v1alpha1")]
    there = its._replace(targets=frozenset({"m1"}))
    assert whys(M1, there) != []
    assert whys(M1._replace(complete=False), there) == []
    assert whys(M1._replace(apis=frozenset()), its) == []


def test_a_cluster_that_it_is_evicted_from_is_removed() -> None:
    assert whys(M1, wanted()._replace(evicting=frozenset({"m1"}))) == [("eviction", "it is evicted from here")]


def test_a_cluster_without_the_field_to_spread_by_is_removed() -> None:
    by_region = wanted(spreadConstraints=[{"spreadByField": "region", "minGroups": 2}])
    assert whys(M1, by_region) == []
    assert whys(M1._replace(region=""), by_region) == [("spread", "has no region to spread by")]


def test_several_filters_are_all_told_in_their_order() -> None:
    found = whys(KEPT_OFF, wanted(clusterAffinity={"clusterNames": ["m2"]}))
    assert [filter for filter, _why in found] == ["affinity", "taint"]


def test_spreading_may_ask_for_more_groups_than_fit() -> None:
    other = M1._replace(name="m2")
    by_region = {"spreadConstraints": [{"spreadByField": "region", "minGroups": 2}]}
    assert too_few(by_region, [M1, other]) == "is to be spread over at least 2 regions, 1 fit"
    assert too_few(by_region, [M1, other._replace(region="us")]) == ""
    by_cluster = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 3}]}
    assert too_few(by_cluster, [M1, other]) == "is to be spread over at least 3 clusters, 2 fit"
    by_label = {"spreadConstraints": [{"spreadByLabel": "tier", "minGroups": 2}]}
    assert too_few(by_label, [M1, other]) == "is to be spread over at least 2 tiers, 1 fit"


# -- sentences --------------------------------------------------------------------------------------------------


def test_the_schedulers_sentence_is_read_filter_by_filter() -> None:
    sentence = (
        "0/9 clusters are available: 1 cluster(s) had untolerated taint {site=cold:NoSchedule}, "
        "3 cluster(s) did not match the placement cluster affinity constraint, "
        "2 cluster(s) did not have the API resource, 1 cluster(s) is in the process of eviction, "
        "1 cluster(s) did not have zone property, 1 something new."
    )
    every, parts = told(sentence)
    assert every == 9
    assert [(each.number, each.filter) for each in parts] == [
        *((1, "taint"), (3, "affinity"), (2, "API"), (1, "eviction"), (1, "spread"), (1, "other")),
    ]
    assert parts[0] == Said(1, "taint", "cluster(s) had untolerated taint {site=cold:NoSchedule}")
    assert told("0/2 clusters are available: 2 No Region Property in the Cluster.Spec.")[1][0].filter == "spread"


@pytest.mark.parametrize("sentence", ["", "no worker nodes", "0/x clusters are available: ", "1/2 clusters"])
def test_any_other_sentence_says_nothing_of_filters(sentence: str) -> None:
    assert told(sentence) == (0, ())
