"""What is found about Deployments, StatefulSets and DaemonSets."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.apps import DAEMON_SET, STATEFUL_SET
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.triage.analysers.workloads import DAEMON_SETS, DEPLOYMENTS, PAUSED, ROLLING, SHORT, STATEFUL_SETS
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import NOW, Stage

WELL = condition("Progressing", "True", "NewReplicaSetAvailable", lastUpdateTime=stamp(600))


def deployment(available: int, *conditions: dict[str, object], wanted: int = 3, paused: bool = False) -> Row:
    counts = {"replicas": wanted, "updatedReplicas": wanted, "availableReplicas": available}
    status = {"observedGeneration": 1, **counts, "conditions": list(conditions)}
    spec = {"replicas": wanted, "paused": paused}
    return row(DEPLOYMENT, made("web", meta={"generation": 1}, spec=spec, status=status))


def test_a_deployment_that_lost_pods_is_found_when_it_does_not_get_them_back() -> None:
    stage = Stage(DEPLOYMENTS)
    stage.put(DEPLOYMENT, deployment(2, WELL))
    assert stage.codes == []
    stage.wait(SHORT)
    assert (stage.codes, stage.one().severity) == (["KT1201"], "medium")
    assert (stage.one().message, stage.one().mark("owner")) == ("2 of 3 pods available", "Deployment/web")
    stage.put(DEPLOYMENT, deployment(0, WELL))
    assert stage.one().severity == "high"
    stage.put(DEPLOYMENT, deployment(3, WELL))
    assert stage.codes == []


def test_a_rollout_that_goes_on_lacks_nothing_until_its_deadline_is_over() -> None:
    stage = Stage(DEPLOYMENTS)
    stage.put(DEPLOYMENT, deployment(1, condition("Progressing", "True", "ReplicaSetUpdated")))
    stage.wait(10_000)
    assert stage.codes == []
    missed = condition(
        "Progressing", "False", "ProgressDeadlineExceeded", "timed out progressing", lastUpdateTime=stamp(60)
    )
    stage.put(DEPLOYMENT, deployment(1, missed))
    assert (stage.codes, stage.one().created) == (["KT1202"], NOW - 60)
    assert stage.one().message == "timed out progressing; 1 of 3 updated replicas available"


QUOTA = 'pods "web-1" is forbidden: exceeded quota: team, requested: pods=1, used: pods=10, limited: pods=10'
WEBHOOK = (
    'Internal error occurred: failed calling webhook "validate.kyverno.svc-fail": failed to call webhook: '
    'Post "https://kyverno-svc.kyverno.svc:443/validate/fail?timeout=10s": no endpoints available'
)
KYVERNO = (
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/shop/web was blocked due '
    "to the following policies \n\ndisallow-latest-tag:\n  require-image-tag: no tag"
)
SECURITY = 'pods "web" is forbidden: violates PodSecurity "restricted:latest": privileged'


@pytest.mark.parametrize(
    ("message", "mark", "value"),
    [
        (QUOTA, "quota", "team"),
        (WEBHOOK, "webhook", "kyverno/kyverno-svc"),
        (KYVERNO, "policy", "disallow-latest-tag"),
        (SECURITY, "policy", "PodSecurity restricted:latest"),
    ],
)
def test_pods_that_are_not_let_in_are_marked_with_who_refused(message: str, mark: str, value: str) -> None:
    stage = Stage(DEPLOYMENTS)
    stage.put(DEPLOYMENT, deployment(0, WELL, condition("ReplicaFailure", "True", "FailedCreate", message)))
    stage.wait(SHORT)
    marks = {key: value for key, value in stage.one().marks if key != "owner"}
    assert (stage.codes, marks) == (["KT1203"], {mark: value})


def test_nobody_is_blamed_for_a_refusal_in_other_words() -> None:
    stage = Stage(DEPLOYMENTS)
    told = condition("ReplicaFailure", "True", "FailedCreate", "no such service account")
    stage.put(DEPLOYMENT, deployment(0, WELL, told))
    assert dict(stage.one().marks) == {"owner": "Deployment/web"}


def test_a_deployment_that_is_paused_is_found_after_an_hour() -> None:
    stage = Stage(DEPLOYMENTS)
    told = condition("Progressing", "Unknown", "DeploymentPaused", lastUpdateTime=stamp(PAUSED - 60))
    stage.put(DEPLOYMENT, deployment(3, told, paused=True))
    assert stage.codes == []
    stage.wait(60)
    assert (stage.codes, stage.one().created) == (["KT1204"], NOW - PAUSED + 60)
    stage.put(DEPLOYMENT, deployment(3, WELL))
    assert stage.codes == []


def test_one_that_does_not_say_since_when_it_is_paused_is_found_an_hour_after_it_was_seen() -> None:
    stage = Stage(DEPLOYMENTS)
    stage.put(DEPLOYMENT, deployment(3, WELL, paused=True))
    stage.wait(PAUSED - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT1204"]


def stateful(ready: int, *, update: str = "a", wanted: int = 3) -> Row:
    status = {"readyReplicas": ready, "currentRevision": "a", "updateRevision": update, "observedGeneration": 1}
    return row(STATEFUL_SET, made("db", meta={"generation": 1}, spec={"replicas": wanted}, status=status))


def test_a_stateful_set_without_all_of_its_pods_is_found() -> None:
    stage = Stage(STATEFUL_SETS)
    stage.put(STATEFUL_SET, stateful(3))
    stage.wait(SHORT)
    assert stage.codes == []
    stage.put(STATEFUL_SET, stateful(2))
    assert stage.codes == []
    stage.wait(SHORT)
    assert (stage.codes, stage.one().severity) == (["KT1211"], "medium")
    assert stage.one().mark("owner") == "StatefulSet/db"
    stage.put(STATEFUL_SET, stateful(0))
    assert stage.one().severity == "high"


def test_an_update_of_a_stateful_set_is_found_when_it_does_not_end() -> None:
    stage = Stage(STATEFUL_SETS)
    stage.put(STATEFUL_SET, stateful(2, update="b"))
    stage.wait(ROLLING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT1212"]
    stage.put(STATEFUL_SET, stateful(3))
    assert stage.codes == []


def daemon(ready: int, *, updated: int = 5) -> Row:
    status = {"desiredNumberScheduled": 5, "numberReady": ready, "updatedNumberScheduled": updated}
    return row(DAEMON_SET, made("proxy", status=status))


def cluster(ready: int) -> ClusterOverview:
    return ClusterOverview("eu", "", "eu", "c/eu", 0.0, level=Level.HEALTHY, nodes=5, nodes_ready=ready)


def test_nodes_without_their_daemon_are_found_unless_they_are_not_ready_themselves() -> None:
    stage = Stage(DAEMON_SETS)
    stage.put(DAEMON_SET, daemon(4))
    stage.wait(SHORT)
    assert stage.codes == []  # nobody knows yet how the nodes are
    stage.put(CLUSTERS, cluster(5))
    stage.wait(SHORT)
    assert (stage.codes, stage.one().mark("owner")) == (["KT1221"], "DaemonSet/proxy")
    stage.put(CLUSTERS, cluster(4))
    assert stage.codes == []
    stage.put(DAEMON_SET, daemon(2))
    stage.wait(SHORT)
    assert stage.codes == ["KT1221"]
    stage.put(DAEMON_SET, daemon(5))
    assert stage.codes == []


def test_an_update_of_a_daemon_that_does_not_end_is_low_while_nodes_are_away() -> None:
    stage = Stage(DAEMON_SETS)
    stage.put(CLUSTERS, cluster(5))
    stage.put(DAEMON_SET, daemon(4, updated=3))
    stage.wait(ROLLING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.codes, stage.one().severity) == (["KT1222"], "medium")
    stage.put(CLUSTERS, cluster(4))
    assert stage.one().severity == "low"
    assert stage.one().message.endswith("; nodes not ready: 1")
