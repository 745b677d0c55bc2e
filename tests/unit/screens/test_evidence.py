"""The pure parts of the evidence of an incident: steps, timeline, lines, where an object comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from kurator_tui.config.actions import ACTIONS
from kurator_tui.errors import FeederLost
from kurator_tui.kinds.base import HOST, Subject
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.screens.evidence_about import Meant
from kurator_tui.screens.evidence_lines import evidence_lines
from kurator_tui.screens.evidence_origin import origin
from kurator_tui.screens.evidence_parts import (
    Answer,
    Evidence,
    Origin,
    Workload,
    findings_of,
    follows_of,
    workload_of,
)
from kurator_tui.screens.evidence_steps import LOGS, READ, VERB, VIEW, Step, steps
from kurator_tui.screens.evidence_timeline import BEFORE, MOST, timeline
from kurator_tui.screens.rollout_timeline import Entry
from tests.ui.estate import NOW
from tests.ui.source import FakeSource
from tests.ui.triage_source import DEPLOYMENT, KUSTOMIZATION, POD, PULL, REPOSITORY

POD_OF_IT = Subject("pods", "edge-east", "shop", "web-1")
WEB = Workload("deployments.apps", "edge-east", "shop", "web")


def finding(number: int = 0, **fields: Any) -> FindingRow:
    values: dict[str, Any] = {"code": "KT1002", "title": "image cannot be pulled", "kind": "pods", **fields}
    values.setdefault("marks", (("owner", "Deployment/web"), ("node", "n1")))
    return FindingRow("edge-east", "shop", f"web-{number}", f"u{number}", NOW - 100 + number, **values)


def known(**parts: Any) -> Evidence:
    """Evidence of which only these parts are known."""
    found = Evidence(PULL)
    for name, value in parts.items():
        setattr(found, name, Answer(value))
    return found


# -- steps ----------------------------------------------------------------------------------------------------


def labels(found: list[Step]) -> list[str]:
    return [step.label for step in found]


def test_suggestions_become_steps_in_their_order_each_once() -> None:
    found = steps(("logs.previous", "read.events", "logs", "read.describe"), POD_OF_IT, WEB, read_only=False)
    assert [(step.opens, step.value) for step in found][:4] == [
        (LOGS, "1"),
        (READ, "events"),
        (LOGS, ""),
        (READ, "describe"),
    ]


def test_a_verb_is_done_to_the_object_or_else_to_its_workload() -> None:
    found = steps(("delete", "rollback"), POD_OF_IT, WEB, read_only=False)
    assert [(step.opens, step.target.kind) for step in found][:2] == [(VERB, "pods"), (VERB, "deployments.apps")]


def test_an_image_is_set_in_the_workload_and_not_in_its_pod_or_in_a_pod_of_nobodys() -> None:
    (step, *_rest) = steps(("set-image",), POD_OF_IT, WEB, read_only=False)
    assert (step.target.kind, step.target.name) == ("deployments.apps", "web")
    (step, *_rest) = steps(("set-image",), POD_OF_IT, None, read_only=False)
    assert step.target == POD_OF_IT


def test_what_is_done_to_the_workload_is_offered_for_all_clusters_of_the_incident_too() -> None:
    everywhere = Workload("deployments.apps", "edge-east", "shop", "web", ("edge-west", "prod"))
    here, there, *_rest = steps(("set-image",), POD_OF_IT, everywhere, read_only=False)
    assert here.clusters == ()
    assert "deployments/web in edge-east (" in here.label
    assert there.clusters == ("edge-west", "prod")
    assert "deployments/web in 3 clusters (" in there.label
    of_the_pod = steps(("delete",), POD_OF_IT, everywhere, read_only=False)
    assert not any(step.clusters for step in of_the_pod), "another pod of that name is another pod"


def test_workloads_of_one_name_in_an_incident_are_known_by_their_clusters() -> None:
    def found(cluster: str, owner: str, namespace: str = "shop") -> FindingRow:
        return FindingRow(cluster, namespace, f"{cluster}-1", cluster + owner, 0.0, marks=(("owner", owner),))

    findings = [
        found("a", "Deployment/web"),
        found("b", "Deployment/web"),
        found("b", "Deployment/api"),
        found("c", "Deployment/web", "other"),
        found("d", "Deployment/web"),
        found("a", "Deployment/web"),
    ]
    known = workload_of(findings)
    assert known == Workload("deployments.apps", "a", "shop", "web", ("b", "d"))
    assert workload_of([found("a", "team-a")]) is None


def test_a_verb_of_something_else_opens_where_that_is() -> None:
    (step, *_rest) = steps(("queue.weight",), POD_OF_IT, WEB, read_only=False)
    assert (step.opens, step.value) == (VIEW, VERBS["queue.weight"].kinds[0])


def test_on_a_read_only_console_verbs_are_off() -> None:
    (step, *_rest) = steps(("rollback",), POD_OF_IT, WEB, read_only=True)
    assert step.why_not == "this console is read-only"


def test_what_nobody_knows_is_told() -> None:
    (step, *_rest) = steps(("teleport",), POD_OF_IT, WEB, read_only=False)
    assert step.why_not == "this console has no action of that name"


def test_without_an_object_there_are_no_steps() -> None:
    assert steps(("logs",), None, None, read_only=False) == []


@pytest.mark.parametrize("word", sorted(VERBS.keys() | {"logs", "node", "owner", "beneath", "screen.batch"}))
def test_every_suggestion_that_can_be_made_becomes_a_step(word: str) -> None:
    assert word in VERBS or word in ACTIONS
    (step, *_rest) = steps((word,), Subject("nodes", "edge-east", "", "n1"), WEB, read_only=False)
    assert step.label


# -- what it is about -----------------------------------------------------------------------------------------


def test_findings_are_read_whatever_they_hold() -> None:
    told = findings_of('[{"cluster": "a", "marks": {"owner": "Deployment/web"}, "since": 5}, 7, {"since": "x"}]')
    assert [(each.cluster, each.created) for each in told] == [("a", 5.0), ("", 0.0)]
    with pytest.raises(ValueError, match="Expecting"):
        findings_of("no list")


def test_the_workload_is_the_owner_of_the_first_finding_that_has_one() -> None:
    assert workload_of([finding(marks=()), finding()]) == WEB
    assert workload_of([finding(marks=(("owner", "Unheard/web"),))]) is None
    assert workload_of([finding(marks=(("owner", "web"),))]) is None


def test_changes_are_its_when_they_are_of_its_objects_or_their_workload() -> None:
    from kurator_tui.kinds.audit import AuditRow

    about = Meant([finding()], known())

    def change(name: str, cluster: str = "edge-east") -> AuditRow:
        where = Target(cluster, "deployments.apps", "shop", name)
        return AuditRow(cluster, "shop", name, "p", NOW, target=where)

    assert about.audited(change("web"))
    assert about.audited(change("web-0"))
    assert not about.audited(change("web", "on-prem"))
    assert not about.audited(change("cart"))
    assert not about.audited(AuditRow("edge-east", "shop", "note", "p", NOW))


# -- what happened --------------------------------------------------------------------------------------------


def test_everything_is_one_list_newest_first() -> None:
    event = EventRow(
        "edge-east", "shop", "e", "e1", NOW - 50, "Warning", "Failed", "no", "Pod", "web-0", last_seen=NOW - 40
    )
    found = timeline(
        known(
            findings=[finding()],
            events=[event, event],
            releases=[Entry(NOW - 120, "edge-east", "phase Progressing")],
            object=POD,
        )
    )
    assert [each.sort for each in found] == ["event", "finding", "release", "change"]
    assert found[0].text == "pod/web-0: Failed no (2 times)"


def test_deploys_are_what_the_workload_did_and_what_its_delivery_brought() -> None:
    scaled = EventRow("eu", "s", "e", "e1", NOW, "Normal", "ScalingReplicaSet", "up to 3", "Deployment", "web")
    brought = Origin((), ((NOW - 9, "host", "kustomization/shop: ReconciliationSucceeded of main@1"),))
    found = timeline(known(deploys=[replace(scaled, last_seen=NOW - 5)], origin=brought))
    assert [(each.sort, each.where, each.text) for each in found] == [
        ("deploy", "eu", "deployment/web: ScalingReplicaSet up to 3"),
        ("deploy", "host", "kustomization/shop: ReconciliationSucceeded of main@1"),
    ]


def test_many_findings_of_one_sort_are_counted() -> None:
    found = timeline(known(findings=[finding(number) for number in range(50)]))
    assert len(found) == 4
    assert "47 more objects up to here" in found[0].text


def test_it_is_bounded_to_what_is_nearest_to_the_beginning() -> None:
    releases = [Entry(NOW - number, "edge-east", f"r{number}") for number in range(500)]
    found = timeline(known(findings=[replace(finding(), created=PULL.created)], releases=releases))
    assert len(found) == MOST
    assert {each.sort for each in found} == {"finding", "release"}


def test_it_began_with_what_leads_however_old_what_follows_from_it_is() -> None:
    alert = replace(finding(1), code="KT4101", created=PULL.created - 1200)
    assert known(findings=[finding(), alert]).began == PULL.created


def test_of_what_is_long_ago_only_changes_and_releases_are_told() -> None:
    old = EventRow("e", "s", "e", "e1", 1.0, "Normal", "Old", "x", "Pod", "web-0", last_seen=NOW - BEFORE * 3)
    found = timeline(known(findings=[finding()], events=[old], releases=[Entry(NOW - BEFORE * 3, "e", "v6")]))
    assert [each.sort for each in found] == ["finding", "release"]


def test_moments_that_are_not_told_are_left_out() -> None:
    assert timeline(known(findings=[replace(finding(), created=0.0)])) == []


# -- lines ----------------------------------------------------------------------------------------------------


def text(found: Evidence, *, ascii_only: bool = False) -> str:
    return "\n".join(line.text for line in evidence_lines(found, [], NOW, ascii_only=ascii_only))


def test_nothing_is_blank_while_it_is_asked_for() -> None:
    shown = text(Evidence(PULL))
    assert shown.count("being asked for") == 12


def test_each_part_says_why_it_is_not_known() -> None:
    found = Evidence(PULL)
    for number, part in enumerate(
        ("findings", "means", "object", "events", "deploys", "audit", "alerts", "releases", "logs", "origin")
    ):
        setattr(found, part, Answer(why=f"reason {number}"))
    found.charts_why = "reason 10"
    shown = text(found)
    assert all(f"reason {number}" in shown for number in range(11))
    assert "being asked for" not in shown
    assert found.settled


def test_it_says_why_findings_follow_from_others() -> None:
    told = [{"because": "about the same workload", "follows": True}, {"because": "one image", "follows": False}]
    found = known(findings=[finding()])
    found.follows = follows_of(json.dumps([*told, told[0]]))
    assert "2 findings: about the same workload" in text(found)


def test_how_far_it_reaches_does_not_call_everything_a_workload_or_a_consequence() -> None:
    alone = known(findings=[finding(code="KT1403", title="volume of a claim is lost", marks=())])
    alone.row = replace(PULL, objects=1, workloads=1, symptoms=0)
    shown = text(alone)
    assert "1 object, " not in shown
    assert "workload" not in shown.partition("How far it reaches")[2]
    assert "findings         1 x KT1403 volume of a claim is lost" in shown
    alone.row = replace(PULL, symptoms=1)
    assert "of these         1 follow from the others" in text(alone)


def test_what_was_there_at_first_sight_is_not_said_to_have_begun_then() -> None:
    assert "seen first 3m ago, may be older" in text(Evidence(replace(PULL, created=NOW - 180, before=True)))
    assert "began 3m ago" in text(Evidence(replace(PULL, created=NOW - 180)))


def test_ascii_terminals_are_sent_ascii() -> None:
    found = known(findings=[finding()], object=POD, origin=None)
    assert text(found, ascii_only=True).isascii()


# -- where it comes from --------------------------------------------------------------------------------------


def answers(**told: Any) -> FakeSource:
    """A source that knows these objects of the host."""
    source = FakeSource()
    for name, obj in told.items():
        source.answers[("object", HOST, name.replace("_", "-"))] = (
            obj if isinstance(obj, Exception) else json.dumps(obj)
        )
    return source


async def test_labels_of_flux_lead_to_application_revision_and_repository() -> None:
    found = await origin(answers(shop_edge_east=KUSTOMIZATION, shop=REPOSITORY), "edge-east", DEPLOYMENT)
    assert found.value is not None
    assert dict(found.value.lines) == {
        "applied by": "Kustomization shop/shop-edge-east",
        "application": "shop/shop",
        "revision": "main@sha1:7f3c2ab",
        "source": "GitRepository shop/shop https://git.example/shop.git",
    }


async def test_a_delivery_that_is_behind_says_so() -> None:
    failed = {
        "type": "Ready",
        "status": "False",
        "reason": "BuildFailed",
        "message": "no such file",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    behind = {
        **KUSTOMIZATION,
        "kind": "Kustomization",
        "status": {
            "lastAppliedRevision": "main@1",
            "lastAttemptedRevision": "main@2",
            "conditions": [failed],
        },
    }
    found = await origin(answers(shop_edge_east=behind, shop=REPOSITORY), "edge-east", DEPLOYMENT)
    assert found.value is not None
    lines = dict(found.value.lines)
    assert (lines["revision"], lines["tried"]) == ("main@1", "main@2")
    assert lines["delivery"] == "BuildFailed: no such file"
    assert lines["source is at"] == "main@sha1:7f3c2ab"
    at, where, said = found.value.deploys[0]
    assert (at, where) == (1767225600.0, "host")
    assert said.startswith("kustomization/")
    assert said.endswith(": BuildFailed of main@2")


async def test_what_cannot_be_read_on_the_way_is_said() -> None:
    found = await origin(answers(shop_edge_east=FeederLost("gone")), "edge-east", DEPLOYMENT)
    assert found.value is not None
    assert dict(found.value.lines)["revision"] == "not known: host: gone"
    found = await origin(answers(shop_edge_east=KUSTOMIZATION), "edge-east", DEPLOYMENT)
    assert found.value is not None
    assert "which cannot be read" in dict(found.value.lines)["source"]


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({}, "no label says that Git delivers it"),
        ({"annotations": {"meta.helm.sh/release-name": "redis"}}, "Helm, release redis"),
        ({"labels": {"apps.kurator.dev/app-name": "shop"}}, "shop"),
        (
            {"labels": {"app.kubernetes.io/managed-by": "terraform"}},
            "managed by terraform, which tells no revision",
        ),
        ({"labels": "x"}, "no label says that Git delivers it"),
    ],
)
async def test_without_flux_it_says_what_is_known(meta: dict[str, Any], said: str) -> None:
    found = await origin(answers(), "edge-east", {"metadata": meta})
    assert found.value is not None
    assert found.value.lines[0][1] == said


async def test_without_an_object_it_says_why() -> None:
    assert (await origin(answers(), "edge-east", None, "forbidden")).why == "forbidden"
