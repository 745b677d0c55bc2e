"""Findings become incidents by cause: one row a cause, whatever the order in which they came."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec import structs

from kurator_tui.kinds.base import Format
from kurator_tui.kinds.cells import cell_text
from kurator_tui.kinds.findings import FindingRow, Severity
from kurator_tui.kinds.incidents import INCIDENTS, State
from kurator_tui.triage.causes import CAUSES, OWN, Cause, sorter
from tests.unit.triage.inbox import Inbox, finding
from tests.unit.triage.stage import NOW


def test_one_image_that_fails_anywhere_is_one_incident() -> None:
    inbox = Inbox()
    for cluster in ("eu", "us", "edge"):
        for number in range(3):
            owner = f"Deployment/{cluster}"
            inbox.put(finding("KT1002", f"web-{number}", cluster, image="shop:v7", owner=owner, node="n1"))
    found = inbox.one()
    assert (found.name, found.clusters) == ("kt1002: shop:v7", ("edge", "eu", "us"))
    assert (found.objects, found.workloads, found.symptoms) == (9, 3, 0)
    assert (found.cause, found.because) == ("image shop:v7", "one image")


def test_pods_of_a_node_are_their_own_incident_until_the_node_is_the_cause() -> None:
    inbox = Inbox()
    pods = [finding(name=f"p{n}", node="n1", owner=f"Deployment/{n}") for n in range(3)]
    inbox.put(*pods)
    assert len(inbox.open) == 3
    node = finding("KT2101", "n1", kind="nodes", node="n1")
    inbox.put(node)
    assert (inbox.one().objects, inbox.one().cause) == (4, "node n1")
    inbox.drop(node)
    assert len(inbox.open) == 3


def test_a_node_of_the_same_name_in_another_cluster_is_another_one() -> None:
    inbox = Inbox()
    inbox.put(finding("KT2101", "n1", kind="nodes", node="n1"), finding(cluster="us", node="n1", owner="Job/a"))
    assert len(inbox.open) == 2


def test_a_symptom_follows_what_its_workload_suffers_from() -> None:
    inbox = Inbox()
    short = finding("KT1201", "web", kind="deployments.apps", owner="Deployment/web")
    inbox.put(short)
    assert (inbox.one().symptoms, inbox.one().code) == (0, "KT1201")
    inbox.put(finding("KT1002", image="shop:v7", owner="Deployment/web"))
    assert (inbox.one().symptoms, inbox.one().code, inbox.one().cause) == (1, "KT1002", "image shop:v7")
    inbox.put(finding("KT1002", cluster="us", image="shop:v7", owner="Deployment/web"))
    inbox.put(finding("KT1201", "web", "us", kind="deployments.apps", owner="Deployment/web"))
    assert (inbox.one().symptoms, inbox.one().clusters) == (2, ("eu", "us"))


def test_a_symptom_stands_alone_again_when_its_cause_is_gone() -> None:
    inbox = Inbox()
    pod = finding("KT1002", image="shop:v7", owner="Deployment/web")
    inbox.put(pod, finding("KT1201", "web", kind="deployments.apps", owner="Deployment/web"))
    inbox.drop(pod)
    assert (inbox.one().code, inbox.one().symptoms) == ("KT1201", 0)


def test_what_suffers_from_a_member_that_is_gone_is_one_incident_with_it() -> None:
    inbox = Inbox()
    inbox.put(finding("KT2602", "work-a", "host", kind="works.work.karmada.io", member="eu"))
    inbox.put(finding("KT2401", "shop", "host", kind="applications.apps.kurator.dev", member="eu"))
    assert len(inbox.open) == 2
    inbox.put(finding("KT2001", "eu", "eu", kind="clusters", member="eu", severity=Severity.CRITICAL))
    assert (inbox.one().code, inbox.one().objects) == ("KT2001", 3)


def test_the_same_findings_make_the_same_incidents_in_any_order() -> None:
    chance = random.Random(7)
    findings = [
        finding("KT2101", "n1", kind="nodes", node="n1"),
        *(finding(name=f"p{n}", node=f"n{n % 3}", owner=f"Deployment/{n % 4}") for n in range(12)),
        *(finding("KT1002", f"q{n}", image=f"i{n % 2}", owner=f"Deployment/{n % 4}") for n in range(8)),
        *(finding("KT1201", f"d{n}", kind="deployments.apps", owner=f"Deployment/{n}") for n in range(5)),
        finding("KT2001", "eu", kind="clusters", member="eu"),
        finding("KT2602", "w", "host", member="eu"),
        *(
            finding(name=f"m{n}", cluster="us", owner=f"Job/{n}", moment="seen", since=NOW + 40 * n)
            for n in range(7)
        ),
        finding("KT1601", "web", "us", owner="Job/3"),
        *(finding("KT4101", f"a{n}", "us", alert="Slow", owner=f"Job/{n}") for n in range(9)),
        finding("KT4101", "a", "us", alert="Short", about="web"),
        finding("KT4101", "b", "us", alert="Full", whole="shop"),
    ]
    seen = set()
    for _ in range(20):
        order = findings[:]
        chance.shuffle(order)
        inbox = Inbox()
        for each in order:
            inbox.put(each)
            if chance.random() < 0.3:
                inbox.drop(each)
                inbox.put(each)
        state = sorted((row.uid, row.objects, row.symptoms, row.code, row.clusters) for row in inbox.open)
        seen.add(tuple(state))
    assert len(seen) == 1


CODES = ["KT1001", "KT1002", "KT1201", "KT1301", "KT2101", "KT2001", "KT2602", "KT4101"]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_kept_from_changes_is_what_would_be_made_anew(seed: int) -> None:
    chance = random.Random(seed)
    inbox, known = Inbox(), dict[tuple[str, str], FindingRow]()
    for _round in range(60):
        delta: dict[tuple[str, str], FindingRow | None] = {}
        for _change in range(chance.randrange(1, 5)):
            name, owner = f"p{chance.randrange(8)}", f"Deployment/{chance.randrange(3)}"
            code = chance.choice(CODES)
            found = finding(
                *(code, name, chance.choice(["eu", "us"])),
                severity=chance.choice(list(Severity)),
                since=NOW - chance.randrange(900),
                node=chance.choice(["", "n1", "n2"]),
                image=chance.choice(["", "i1"]) if code == "KT1002" else "",
                member="eu" if code.startswith("KT2") and code != "KT2101" else "",
                owner=chance.choice(["", owner]),
                alert="Slow" if code == "KT4101" else "",
                whole=chance.choice(["", "shop"]) if code == "KT4101" else "",
                moment=chance.choice(["", "seen"]),
            )
            found = structs.replace(found, marks=tuple((mark, value) for mark, value in found.marks if value))
            delta[found.key] = None if chance.random() < 0.4 else found
        inbox.correlation.take({**delta})
        known = {key: row for key, row in {**known, **delta}.items() if row is not None}
        inbox.read()
    anew = Inbox()
    anew.put(*known.values())
    assert summary(inbox) == summary(anew)
    for row in inbox.open:
        assert inbox.correlation.members(row.uid) == anew.correlation.members(row.uid)


def summary(inbox: Inbox) -> list[tuple[object, ...]]:
    """What incidents say, but for when they began."""
    return [
        (row.uid, row.name, row.severity, row.clusters, row.objects, row.workloads, row.symptoms, row.target)
        for row in inbox.open
    ]


def test_what_others_follow_from_leads_however_bad_they_are_and_the_worst_is_its_severity() -> None:
    inbox = Inbox()
    inbox.put(finding("KT3101", "n1", kind="nodes", node="n1", severity=Severity.MEDIUM))
    inbox.put(finding(node="n1", owner="Deployment/web", since=NOW - 9))
    found = inbox.one()
    assert (found.code, found.severity, found.symptoms) == ("KT3101", "high", 1)


def test_the_worst_comes_first_by_severity_then_by_how_much_it_holds() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1007", "a", severity=Severity.LOW, owner="Job/a"))
    inbox.put(*(finding(name=f"p{n}", cluster=f"c{n}", owner="Deployment/many") for n in range(5)))
    inbox.put(finding(name="b", owner="Deployment/one"))
    inbox.put(finding("KT2001", "asia", "asia", kind="clusters", member="asia", severity=Severity.CRITICAL))
    assert [row.code for row in inbox.open] == ["KT2001", "KT1001", "KT1001", "KT1007"]
    assert inbox.open[1].clusters == ("c0", "c1", "c2", "c3", "c4")


def test_it_began_with_what_others_follow_from_be_its_symptoms_older() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1201", "web", kind="deployments.apps", owner="Deployment/web", since=NOW - 1000))
    assert inbox.one().created == NOW - 1000
    inbox.put(finding("KT1002", image="shop:v7", owner="Deployment/web", since=NOW - 5, moment="seen"))
    assert (inbox.one().created, inbox.one().state) == (NOW - 5, State.NEW)


def test_what_was_there_when_it_was_looked_for_first_is_not_new_and_its_age_is_a_least_one() -> None:
    inbox = Inbox()
    inbox.put(finding(owner="Deployment/web", since=NOW - 5))
    found = inbox.one()
    assert (found.before, found.state) == (True, State.STEADY)
    assert cell_text(INCIDENTS.value(found, "age"), Format.AGE, NOW) == ">5s"
    inbox.put(finding(name="web-2", owner="Deployment/web", since=NOW - 90, moment="seen"))
    found = inbox.one()
    assert (found.before, found.created) == (False, NOW - 90), "what is known to be older says when"
    assert cell_text(INCIDENTS.value(found, "age"), Format.AGE, NOW) == "90s"


def test_its_findings_are_told_causes_first() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1201", "web", kind="deployments.apps", owner="Deployment/web", since=NOW - 9))
    inbox.put(finding("KT1002", image="shop:v7", owner="Deployment/web"))
    told = inbox.correlation.members(inbox.one().uid)
    assert [(each.finding.code, each.because, each.follows) for each in told] == [
        ("KT1002", "one image", False),
        ("KT1201", "about the same workload", True),
    ]


def test_causes_whose_names_hold_slashes_are_known_apart() -> None:
    inbox = Inbox()
    names = (("a", "b/c"), ("a/b", "c"), ("a%2Fb", "c"), ("a%252Fb", "c"))
    for n, (application, revision) in enumerate(names):
        inbox.put(finding("KT2401", f"r{n}", application=application, revision=revision))
    assert len({row.uid for row in inbox.open}) == len(inbox.open) == len(names)
    for row in list(inbox.open):
        assert len(inbox.correlation.members(row.uid)) == 1
    inbox.put(finding("KT1002", image="quay.io/shop/web:v7"))
    assert "image/quay.io/shop/web:v7" in inbox.rows


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_cause_needs_all_of_its_marks(cause: Cause) -> None:
    code = (cause.of or cause.roots or ("KT1001",))[0].ljust(6, "1")
    marks = {mark: "x" for mark in cause.marks if mark not in OWN}
    full = structs.replace(finding(code), marks=tuple(marks.items()))
    sort = sorter([cause])
    assert [common[0] for common, _root in sort(full).possible] == [cause.id]
    for mark in marks:
        for value in ("", None):
            kept = tuple((each, value or "") if each == mark else (each, known) for each, known in marks.items())
            kept = tuple(each for each in kept if each[1] or value is not None)
            assert not sort(structs.replace(full, marks=kept)).possible


def test_a_member_that_is_down_has_its_deliveries_and_rollouts_as_symptoms_and_other_members_do_not() -> None:
    inbox = Inbox()
    release: dict[str, Any] = {"application": "prod/web", "revision": "main/2"}
    for code, kind in (
        ("KT2401", "kustomizations.kustomize.toolkit.fluxcd.io"),
        ("KT2402", "helmreleases.helm.toolkit.fluxcd.io"),
        ("KT2603", "works.work.karmada.io"),
    ):
        inbox.put(finding(code, f"{code}-eu", "host", kind=kind, member="eu", **release))
        inbox.put(finding(code, f"{code}-us", "host", kind=kind, member="us", **release))
    inbox.put(finding("KT2501", "web", "eu", kind="canaries.flagger.app", member="eu", **release))
    inbox.put(finding("KT2002", "eu", "eu", kind="clusters", member="eu", severity=Severity.CRITICAL))
    assert [(row.code, row.cause, row.objects) for row in inbox.open] == [
        ("KT2002", "member eu", 5),
        ("KT2401", "application prod/web", 3),
    ]


def test_a_certificate_of_a_member_that_ends_is_no_cause_of_what_fails_there() -> None:
    inbox = Inbox()
    inbox.put(finding("KT2007", "eu", "eu", kind="clusters", member="eu"))
    inbox.put(finding("KT2603", "work", "host", kind="works.work.karmada.io", member="eu", template="shop/a"))
    assert len(inbox.open) == 2


def test_one_revision_that_fails_on_several_clusters_is_one_release() -> None:
    inbox = Inbox()
    for cluster in ("eu", "us"):
        release: dict[str, Any] = {"application": "prod/web", "revision": "main/2", "member": cluster}
        inbox.put(finding("KT2401", f"web-0-{cluster}", "host", kind="kustomizations", **release))
        inbox.put(finding("KT2501", "web", cluster, kind="canaries", owner="Deployment/web", **release))
    assert (inbox.one().objects, inbox.one().cause) == (4, "application prod/web")
    inbox.put(finding("KT2401", "web-0-asia", "host", kind="k", application="prod/web", revision="main/3"))
    assert len(inbox.open) == 2


def test_a_rollout_that_halts_follows_from_what_its_pods_suffer_from() -> None:
    inbox = Inbox()
    inbox.put(finding("KT2502", "web", kind="canaries.flagger.app", owner="Deployment/web"))
    inbox.put(finding("KT1002", image="shop:v7", owner="Deployment/web"))
    assert (inbox.one().code, inbox.one().symptoms, inbox.one().cause) == ("KT1002", 1, "image shop:v7")


def test_a_delivery_that_waits_for_a_workload_follows_from_what_that_suffers_from_on_its_own_member() -> None:
    inbox = Inbox()
    for member in ("eu", "us"):
        waits: dict[str, Any] = {"member": member, "waits_in": "shop", "waits_for": "Deployment/web"}
        inbox.put(finding("KT2401", f"web-0-{member}", "host", kind="kustomizations", **waits))
        inbox.put(finding("KT2301", f"web-{member}", "host", kind="helmreleases", **waits))
    inbox.put(finding("KT1002", image="shop:v7", owner="Deployment/web"))
    assert {(row.code, row.clusters, row.objects, row.symptoms) for row in inbox.open} == {
        ("KT1002", ("eu",), 3, 2),
        ("KT2401", ("us",), 1, 0),
        ("KT2301", ("us",), 1, 0),
    }


def test_a_member_that_is_missing_is_why_a_fleet_has_no_plugins() -> None:
    inbox = Inbox()
    for plugin in ("metric", "kyverno"):
        inbox.put(finding("KT2303", "f", "host", kind=f"fleets {plugin}", fleet="prod/f", plugin=plugin))
    assert len(inbox.open) == 2
    inbox.put(finding("KT2203", "f", "host", kind="fleets", fleet="prod/f"))
    assert (inbox.one().code, inbox.one().because) == ("KT2203", "the fleet's controller stops there")


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2)])
def test_a_member_that_does_not_exist_is_why_it_cannot_be_reached(order: tuple[int, ...]) -> None:
    inbox = Inbox()
    found = [
        finding("KT2203", "f", "host", kind="fleets", fleet="prod/f", member="us"),
        finding("KT2001", "us", "us", kind="clusters", member="us", severity=Severity.CRITICAL),
        finding("KT2301", "velero-us", "host", kind="helmreleases", member="us", plugin="backup"),
        finding("KT2303", "f", "host", kind="fleets backup", fleet="prod/f", plugin="backup"),
    ]
    for each in order:
        inbox.put(found[each])
    row = inbox.one()
    assert (row.code, row.objects, row.symptoms) == ("KT2203", 4, 3)


def test_a_member_that_exists_and_cannot_be_reached_is_its_own_incident_beside_one_that_is_missing() -> None:
    inbox = Inbox()
    inbox.put(finding("KT2203", "f", "host", kind="fleets", fleet="prod/f", member="us"))
    inbox.put(finding("KT2001", "eu", "eu", kind="clusters", member="eu", severity=Severity.CRITICAL))
    assert {row.code for row in inbox.open} == {"KT2001", "KT2203"}


def test_one_plugin_that_fails_on_all_members_is_one_incident() -> None:
    inbox = Inbox()
    for member in ("eu", "us"):
        its: dict[str, Any] = {"fleet": "prod/f", "plugin": "backup", "member": member}
        inbox.put(finding("KT2301", f"velero-{member}", "host", kind="helmreleases", **its))
    assert (inbox.one().objects, inbox.one().cause) == (2, "plugin backup")


def test_a_binding_and_its_works_are_one_and_so_are_bindings_that_one_placement_leaves_without_a_cluster() -> None:
    inbox = Inbox()
    inbox.put(finding("KT2602", "web-deployment", "host", kind="b", template="shop/Deployment/web", member="eu"))
    inbox.put(finding("KT2603", "web-1", "host", kind="w", template="shop/Deployment/web", member="eu"))
    assert (inbox.one().objects, inbox.one().because) == (2, "one workload that Karmada brings out")
    for name in ("a", "b"):
        inbox.put(finding("KT2601", name, "host", kind="b", template=name, placement="shop/spread"))
    assert [row.cause for row in inbox.open if row.code == "KT2601"] == ["placement shop/spread"]


def test_what_kurator_believes_of_one_member_is_one_incident() -> None:
    inbox = Inbox()
    inbox.put(finding("KT5009", "eu", "eu", kind="clusters", member="eu", severity=Severity.LOW))
    inbox.put(finding("KT2204", "eu", "host", kind="attachedclusters", member="eu"))
    assert (inbox.one().code, inbox.one().objects) == ("KT2204", 2)


def test_gangs_that_wait_in_one_queue_are_one_incident() -> None:
    inbox = Inbox()
    for number in range(3):
        gang = finding("KT3211", f"g{number}", kind="podgroups", owner=f"Job/{number}", queue="research")
        inbox.put(gang)
    assert (inbox.one().objects, inbox.one().cause) == (3, "queue research")
    inbox.put(finding("KT3211", "g9", kind="podgroups", owner="Job/9", queue="other"))
    assert len(inbox.open) == 2


def test_a_delivery_is_one_incident_with_what_waits_for_it() -> None:
    inbox = Inbox()
    waits = finding("KT2404", "tenants", kind="kustomizations", dependency="Kustomization/flux/base")
    inbox.put(waits, finding("KT2404", "other", kind="kustomizations", dependency="Kustomization/flux/else"))
    assert len(inbox.open) == 2
    inbox.put(finding("KT2401", "base", kind="kustomizations", dependency="Kustomization/flux/base"))
    assert sorted((row.code, row.objects) for row in inbox.open) == [("KT2401", 2), ("KT2404", 1)]
