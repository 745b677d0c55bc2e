"""What belongs together: one test for each rule of `triage.causes` at least."""

from __future__ import annotations

import pytest
from msgspec import structs

from kurator_tui.kinds.findings import FindingRow, Severity
from kurator_tui.kinds.incidents import State
from kurator_tui.triage.group import LEFT_OVER
from tests.unit.triage.inbox import Inbox, finding, marked
from tests.unit.triage.stage import NOW

WEBHOOK = "kyverno/kyverno-svc"


def test_workloads_that_a_failing_webhook_refuses_are_one_incident_with_it() -> None:
    inbox = Inbox()
    refused = [finding("KT1203", f"w{n}", owner=f"Deployment/w{n}", webhook=WEBHOOK) for n in range(3)]
    inbox.put(*refused)
    assert len(inbox.open) == 3
    inbox.put(finding("KT1711", "kyverno", kind="validatingwebhookconfigurations", webhook=WEBHOOK))
    inbox.put(finding("KT1203", "elsewhere", "us", owner="Deployment/w0", webhook=WEBHOOK))
    assert sorted(row.objects for row in inbox.open) == [1, 4]
    assert max(inbox.open, key=lambda row: row.objects).because == "one webhook that fails"


def test_a_webhook_that_nobody_answers_follows_from_what_is_wrong_with_its_pods() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1711", "hook", webhook=WEBHOOK, waits_in="shop", waits_for="Deployment/policies"))
    assert inbox.one().code == "KT1711"
    inbox.put(finding("KT1001", "policies-1", severity=Severity.HIGH, owner="Deployment/policies"))
    assert (inbox.one().code, inbox.one().symptoms) == ("KT1001", 1)


def test_autoscalers_that_are_blind_are_one_incident_with_the_api_that_does_not_answer() -> None:
    inbox = Inbox()
    blind = [finding("KT1602", f"h{n}", owner=f"Deployment/h{n}", api="metrics.k8s.io") for n in range(3)]
    inbox.put(*blind)
    assert len(inbox.open) == 3
    inbox.put(finding("KT1721", "v1beta1.metrics.k8s.io", api="metrics.k8s.io"))
    assert (inbox.one().objects, inbox.one().cause) == (4, "api metrics.k8s.io")


def test_what_a_quota_refuses_is_one_incident_with_it() -> None:
    inbox = Inbox()
    inbox.put(*(finding("KT1203", f"w{n}", owner=f"Deployment/w{n}", quota="team") for n in range(2)))
    inbox.put(finding("KT1621", "team", kind="resourcequotas", quota="team"))
    inbox.put(finding("KT1203", "x", "us", owner="Deployment/x", quota="team"))
    assert sorted((row.objects, row.cause) for row in inbox.open) == [(1, "quota team"), (3, "quota team")]


def test_what_a_policy_refuses_in_any_cluster_is_one_incident() -> None:
    inbox = Inbox()
    for cluster in ("eu", "us"):
        inbox.put(finding("KT1203", "web", cluster, owner="Deployment/web", policy="no-latest"))
    assert (inbox.one().clusters, inbox.one().cause) == (("eu", "us"), "policy no-latest")


def test_claims_that_one_storage_class_leaves_without_volumes_are_one_incident_a_cluster() -> None:
    inbox = Inbox()
    inbox.put(*(finding("KT1401", f"c{n}", storageclass="fast") for n in range(3)))
    inbox.put(finding("KT1401", "c0", "us", storageclass="fast"))
    assert sorted(row.objects for row in inbox.open) == [1, 3]


def test_runs_of_a_cron_job_that_fail_are_one_incident_with_their_pods() -> None:
    inbox = Inbox()
    for run in ("load-1", "load-2"):
        inbox.put(finding("KT1015", f"{run}-x", owner=f"Job/{run}"))
        inbox.put(finding("KT1501", run, kind="jobs.batch", owner=f"Job/{run}", cronjob="load"))
    assert (inbox.one().code, inbox.one().objects, inbox.one().symptoms) == ("KT1501", 4, 2)


def test_an_ingress_and_its_empty_service_are_one_incident() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1302", "web", kind="services", service="shop/web"))
    inbox.put(finding("KT1312", "front", kind="ingresses", service="shop/web"))
    assert (inbox.one().objects, inbox.one().cause) == (2, "service shop/web")


def test_all_that_users_see_of_pods_that_crash_follows_from_the_pods() -> None:
    inbox = Inbox()
    owner = "Deployment/web"
    for code, kind in (
        ("KT1201", "deployments.apps"),
        ("KT1202", "deployments.apps"),
        ("KT1301", "services"),
        ("KT1312", "ingresses"),
        ("KT1602", "horizontalpodautoscalers"),
        ("KT1611", "poddisruptionbudgets"),
    ):
        inbox.put(finding(code, "web", kind=kind, owner=owner))
    inbox.put(finding("KT1001", owner=owner, node="n1"))
    assert (inbox.one().code, inbox.one().symptoms) == ("KT1001", 6)


def test_a_refusal_or_a_pause_is_no_symptom_but_what_the_lack_of_pods_follows_from() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1203", "web", kind="deployments.apps", owner="Deployment/web", quota="team"))
    inbox.put(finding("KT1301", "web", kind="services", owner="Deployment/web"))
    assert (inbox.one().code, inbox.one().symptoms, inbox.one().cause) == ("KT1203", 1, "quota team")


def test_volumes_that_a_node_which_is_gone_holds_are_with_the_node() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1405", "a", kind="volumeattachments", node="n1"), finding("KT1008", node="n1"))
    assert len(inbox.open) == 2
    inbox.put(finding("KT2101", "n1", kind="nodes", node="n1"))
    assert (inbox.one().objects, inbox.one().cause) == (3, "node n1")


def test_a_job_that_does_not_begin_follows_from_what_refuses_its_pods() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1503", "load", kind="jobs.batch", owner="Job/load", cronjob="load"))
    assert inbox.one().symptoms == 0
    inbox.put(finding("KT1504", "load", kind="jobs.batch", owner="Job/load", quota="team"))
    assert (inbox.one().code, inbox.one().symptoms, inbox.one().cause) == ("KT1504", 1, "quota team")


def test_a_set_and_a_deployment_that_one_webhook_keeps_out_are_one_incident_with_the_calls_that_fail() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1714", "kyverno", kind="validatingwebhookconfigurations", webhook=WEBHOOK))
    inbox.put(finding("KT1203", "web", owner="Deployment/web", webhook=WEBHOOK))
    inbox.put(finding("KT1205", "db", owner="StatefulSet/db", webhook=WEBHOOK))
    assert (inbox.one().code, inbox.one().objects) == ("KT1714", 3)


# -- the same change --------------------------------------------------------------------------------------------


def test_what_a_release_broke_anywhere_is_one_incident_with_it() -> None:
    inbox = Inbox()
    came = {"application": "shop/web", "revision": "main@sha1:4f2"}
    for cluster in ("eu", "us"):
        inbox.put(
            *(marked(finding(name=f"p{n}", cluster=cluster, owner=f"Deployment/d{n}"), **came) for n in range(2))
        )
    assert len(inbox.open) == 2
    inbox.put(marked(finding("KT2401", "web-eu", "host", kind="kustomizations"), **came))
    assert (inbox.one().code, inbox.one().symptoms, inbox.one().because) == ("KT2401", 4, "one release")
    inbox.put(finding(name="p0", cluster="asia", owner="Deployment/d0", application="shop/web", revision="v1"))
    assert len(inbox.open) == 2


def test_what_an_override_of_karmada_changes_and_begins_together_is_one_incident() -> None:
    inbox = Inbox()
    told = [marked(each, override="shop/mirror") for each in began_at(0, 500)]
    inbox.put(told[0])
    assert inbox.one().cause == "owner Deployment/d0"
    inbox.put(told[1])
    assert (inbox.one().cause, inbox.one().objects) == ("override shop/mirror", 2)
    inbox.put(
        marked(finding(name="late", owner="Job/late", since=NOW + 1200), override="shop/mirror", moment="seen")
    )
    inbox.put(marked(finding(name="ever", owner="Job/ever", since=NOW + 100), override="shop/mirror"))
    assert sorted(row.objects for row in inbox.open) == [1, 1, 2]


# -- the dependency chain ---------------------------------------------------------------------------------------


def test_a_member_that_is_away_takes_all_that_was_wrong_there_with_it() -> None:
    inbox = Inbox()
    image = [
        finding("KT1002", cluster=cluster, image="shop:v7", owner="Deployment/web") for cluster in ("eu", "us")
    ]
    inbox.put(*image, finding("KT2101", "n1", kind="nodes", node="n1"), finding("KT4101", "Slow", alert="Slow"))
    away = finding("KT2002", "eu", kind="clusters", member="eu", severity=Severity.CRITICAL)
    inbox.put(away)
    assert [(row.code, row.objects, row.symptoms) for row in inbox.open] == [("KT2002", 4, 3), ("KT1002", 1, 0)]
    inbox.drop(away)
    assert sorted((row.code, row.clusters) for row in inbox.open) == [
        ("KT1002", ("eu", "us")),
        ("KT2101", ("eu",)),
        ("KT4101", ("eu",)),
    ]
    assert [row.code for row in inbox.rows.values() if row.state == State.RESOLVED] == ["KT2002"]


def test_what_is_left_of_an_incident_that_is_only_silenced_is_told_of_as_over() -> None:
    for silenced, told in (("by me", ["KT1001"]), ("", ["KT2101"])):
        inbox = Inbox()
        node, pod = (
            finding("KT2101", "n1", kind="nodes", node="n1"),
            finding("KT1001", node="n1", owner="Deployment/web"),
        )
        inbox.put(node, pod)
        assert inbox.one().code == "KT2101"
        if silenced:
            inbox.put(structs.replace(node, silenced=silenced))
        else:
            inbox.drop(node)
        assert inbox.one().code == "KT1001"
        inbox.drop(pod)
        assert [row.code for row in inbox.rows.values() if row.state == State.RESOLVED] == told


@pytest.mark.parametrize(("seconds", "more"), [(10.0, False), (LEFT_OVER, False), (10.0, True)])
def test_what_is_left_of_an_incident_for_long_or_has_something_of_its_own_is_told_of_as_over(
    seconds: float, more: bool
) -> None:
    inbox = Inbox()
    node, pod = (
        finding("KT2101", "n1", kind="nodes", node="n1"),
        finding("KT1001", node="n1", owner="Deployment/web"),
    )
    own = finding("KT1004", "web-2", owner="Deployment/web")
    inbox.put(node, pod)
    inbox.drop(node)
    inbox.now += seconds
    if more:
        inbox.put(own)
        inbox.drop(own)
    inbox.drop(pod)
    over = sorted(row.code for row in inbox.rows.values() if row.state == State.RESOLVED)
    assert over == (["KT1001", "KT2101"] if more or seconds == LEFT_OVER else ["KT2101"])


def test_a_member_that_karmada_alone_does_not_reach_keeps_its_own_incidents() -> None:
    inbox = Inbox()
    inbox.put(finding(owner="Deployment/web"), finding("KT2605", "eu", "host", kind="clusters", member="eu"))
    inbox.put(finding("KT2603", "w", "host", member="eu"))
    assert sorted((row.code, row.objects) for row in inbox.open) == [("KT1001", 1), ("KT2605", 2)]


# -- the same moment --------------------------------------------------------------------------------------------


def began_at(*seconds: float, cluster: str = "eu", known: bool = True) -> list[FindingRow]:
    """Pods of as many workloads that began to crash so many seconds after `NOW`."""
    marks = {"moment": "seen"} if known else {}
    return [
        marked(finding(name=f"p{n}", cluster=cluster, owner=f"Deployment/d{n}", since=NOW + at), **marks)
        for n, at in enumerate(seconds)
    ]


def test_five_workloads_of_a_cluster_that_begin_within_a_minute_of_each_other_are_one_incident() -> None:
    inbox = Inbox()
    inbox.put(*began_at(0, 50, 100, 150, 200, 261))
    assert sorted(row.objects for row in inbox.open) == [1, 5]
    worst = max(inbox.open, key=lambda row: row.objects)
    assert (worst.cause, worst.because) == ("cluster eu", "they began within a minute of each other")


@pytest.mark.parametrize(
    "apart",
    [
        began_at(0, 10, 20, 30),
        began_at(0, 10, 20, 30, 40, known=False),
        began_at(0, 10, 20) + began_at(30, 40, cluster="us"),
        [structs.replace(each, marks=(("moment", "seen"), ("owner", "Job/a"))) for each in began_at(*range(6))],
    ],
    ids=["four", "nobody-knows-when", "two-clusters", "one-workload"],
)
def test_fewer_workloads_or_beginnings_that_nobody_knows_are_no_moment(apart: list[FindingRow]) -> None:
    inbox = Inbox()
    inbox.put(*apart)
    assert "cluster eu" not in {row.cause for row in inbox.open}


def test_a_moment_keeps_its_incident_when_its_first_findings_end() -> None:
    inbox = Inbox()
    told = began_at(0, 1, 2, 3, 4, 5)
    inbox.put(*told)
    uid = inbox.one().uid
    inbox.drop(told[0])
    assert (inbox.one().uid, inbox.one().objects) == (uid, 5)
    inbox.drop(told[1])
    assert sorted(row.objects for row in inbox.open) == [1, 1, 1, 1]


# -- alerts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "marks", "because"),
    [
        (finding(owner="Deployment/web"), {"owner": "Deployment/web"}, "about the same workload"),
        (finding(), {"about": "web-1"}, "names the same object"),
        (finding("KT1601", "web", owner="Deployment/web"), {"about": "web"}, "names the same object"),
        (finding("KT2101", "n1", kind="nodes", node="n1"), {"node": "n1"}, "one node"),
        (finding("KT3602", backup="nightly"), {"backup": "nightly"}, "about the same backup"),
        (finding("KT3606", schedule="nightly"), {"schedule": "nightly"}, "about the same schedule"),
        (finding("KT2403", application="shop/web"), {"application": "shop/web"}, "about the same release"),
        (finding(owner="Deployment/web"), {"whole": "shop"}, "the only one of its namespace"),
        (finding("KT1701", "eu", kind="clusters"), {"whole_cluster": "eu"}, "the only one about its cluster"),
        (finding("KT2002", "eu", kind="clusters", member="eu"), {}, "the member does not answer"),
    ],
    ids=[
        *("workload", "pod", "symptom", "node", "backup", "schedule", "release", "namespace", "cluster", "member"),
    ],
)
def test_an_alert_folds_under_what_its_labels_name(cause: FindingRow, marks: dict[str, str], because: str) -> None:
    inbox = Inbox()
    alert = marked(finding("KT4101", "Slow", kind="alerts", alert="Slow"), **marks)
    inbox.put(alert)
    assert inbox.one().cause == "alert Slow"
    inbox.put(cause)
    assert (inbox.one().code, inbox.one().symptoms) == (cause.code, 1)
    told = {each.finding.code: each.because for each in inbox.correlation.members(inbox.one().uid)}
    assert told["KT4101"] == because
    inbox.drop(cause)
    assert inbox.one().cause == "alert Slow"


def test_an_alert_about_a_namespace_with_two_incidents_is_its_own() -> None:
    inbox = Inbox()
    inbox.put(finding("KT4101", "Slow", kind="alerts", alert="Slow", whole="shop"), finding(owner="Deployment/a"))
    assert inbox.one().symptoms == 1
    inbox.put(finding(name="b", owner="Deployment/b"))
    assert sorted(row.code for row in inbox.open) == ["KT1001", "KT1001", "KT4101"]


def test_an_alert_about_another_cluster_or_namespace_is_its_own() -> None:
    inbox = Inbox()
    inbox.put(finding(owner="Deployment/web"))
    inbox.put(finding("KT4101", "Slow", "us", kind="alerts", alert="Slow", owner="Deployment/web", about="web-1"))
    assert len(inbox.open) == 2


def test_an_ingress_whose_secret_cert_manager_cannot_make_follows_from_the_certificate() -> None:
    inbox = Inbox()
    inbox.put(finding("KT1314", "front", kind="ingresses", secret="shop/web-tls"))
    inbox.put(finding("KT1731", "web", kind="certificates", secret="shop/web-tls"))
    inbox.put(finding("KT1314", "other", kind="ingresses", secret="shop/other-tls"))
    assert sorted((row.code, row.objects, row.symptoms) for row in inbox.open) == [
        ("KT1314", 1, 0),
        ("KT1731", 2, 1),
    ]


def test_ingresses_of_one_class_that_is_not_there_are_one_incident_a_cluster() -> None:
    inbox = Inbox()
    for name, cluster in (("a", "eu"), ("b", "eu"), ("a", "us")):
        inbox.put(finding("KT1313", name, cluster, kind="ingresses", ingressclass="nginx"))
    assert sorted(row.objects for row in inbox.open) == [1, 2]


# -- systems around Kubernetes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "mark", "because"),
    [
        (("KT3811", "KT3812"), "exported", "one service of several clusters"),
        (("KT3303", "KT3304"), "host", "one host in the mesh"),
        (("KT3621", "KT3602"), "backup", "one backup of the fleet"),
        (("KT3602", "KT3607"), "run", "one backup"),
        (("KT3504", "KT3504"), "controller", "one controller does not act"),
        (("KT3211", "KT3211"), "queue", "they wait in one queue"),
        (("KT2401", "KT2404"), "dependency", "one delivery, and what waits for it"),
    ],
    ids=lambda each: each if isinstance(each, str) and " " not in each else "",
)
def test_what_shares_such_a_mark_is_one_incident_and_nothing_else_is(
    codes: tuple[str, str], mark: str, because: str
) -> None:
    inbox = Inbox()
    first, second = (marked(finding(code, f"o{number}"), **{mark: "x"}) for number, code in enumerate(codes))
    inbox.put(first, second)
    assert (inbox.one().because, inbox.one().objects) == (because, 2)
    inbox.put(marked(second, **{mark: "y"}))
    assert len(inbox.open) == 2
