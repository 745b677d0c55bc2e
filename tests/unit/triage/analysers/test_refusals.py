"""What is found of what only events say: pods that are not let in, webhooks whose calls fail."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.apps import DAEMON_SET, JOB, STATEFUL_SET
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.extensions import MUTATING_WEBHOOK_CONFIGURATION, VALIDATING_WEBHOOK_CONFIGURATION
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from kurator_tui.triage.analysers.pods import PODS
from kurator_tui.triage.analysers.refusals import DAEMON_SETS, JOBS, MUTATING, STATEFUL_SETS, VALIDATING
from kurator_tui.triage.analysers.storage import CLAIMS
from kurator_tui.triage.events import LATELY
from tests.unit.triage.objects import made, row, stamp
from tests.unit.triage.pod_objects import container, pod
from tests.unit.triage.stage import Stage

QUOTA = 'create Pod web-0 failed: pods "web-0" is forbidden: exceeded quota: team, requested: pods=1, used: pods=9'
CALL = (
    'create Pod web-0 failed error: Internal error occurred: failed calling webhook "mutate.kyverno.svc": failed '
    'to call webhook: Post "https://kyverno-svc.kyverno.svc:443/mutate?timeout=10s": context deadline exceeded'
)
SHORT: dict[str, tuple[Any, AnyKind, dict[str, Any]]] = {
    "StatefulSet": (STATEFUL_SETS, STATEFUL_SET, {"spec": {"replicas": 3}, "status": {"readyReplicas": 0}}),
    "DaemonSet": (DAEMON_SETS, DAEMON_SET, {"status": {"desiredNumberScheduled": 3, "numberReady": 0}}),
    "Job": (JOBS, JOB, {"spec": {"completions": 1}, "status": {"startTime": stamp(60)}}),
}
CODES = {"StatefulSet": "KT1205", "DaemonSet": "KT1206", "Job": "KT1504"}
each_kind = pytest.mark.parametrize("kind", SHORT)


def warning(what: str, reason: str, message: str, *, ago: float = 60.0, type: str = "Warning") -> Row:
    """An event about `Kind/name`."""
    kind, _, name = what.partition("/")
    seen = {"lastTimestamp": stamp(ago), "firstTimestamp": stamp(ago), "type": type, "reason": reason}
    about = {"kind": kind, "name": name, "namespace": "shop"}
    return row(EVENT, made(f"{name}.{reason}", age=ago, involvedObject=about, message=message, **seen))


@each_kind
def test_pods_that_a_quota_refuses_are_found_by_the_events_of_their_owner(kind: str) -> None:
    analyser, its, status = SHORT[kind]
    stage = Stage(analyser)
    stage.put(its, row(its, made("web", **status)))
    stage.live(EVENT)
    assert stage.codes == []
    stage.put(EVENT, warning(f"{kind}/web", "FailedCreate", QUOTA))
    assert (stage.codes, stage.one().message) == ([CODES[kind]], QUOTA)
    assert dict(stage.one().marks) == {"owner": f"{kind}/web", "quota": "team", "moment": "seen"}
    stage.wait(LATELY)
    assert stage.codes == []  # nobody was refused for twenty minutes


@each_kind
def test_other_events_and_those_of_others_say_nothing_of_refusals(kind: str) -> None:
    analyser, its, status = SHORT[kind]
    stage = Stage(analyser)
    stage.put(its, row(its, made("web", **status)))
    stage.put(
        EVENT,
        warning(f"{kind}/other", "FailedCreate", QUOTA),
        warning("ReplicaSet/web", "FailedCreate", QUOTA),
        warning(f"{kind}/web", "FailedDelete", QUOTA),
        warning(f"{kind}/web", "FailedCreate", QUOTA, type="Normal"),
    )
    assert stage.codes == []


def test_a_set_that_has_its_pods_is_refused_none() -> None:
    stage = Stage(STATEFUL_SETS)
    stage.put(EVENT, warning("StatefulSet/web", "FailedCreate", QUOTA))
    status = {"readyReplicas": 1, "updatedReplicas": 1, "replicas": 1}
    stage.put(STATEFUL_SET, row(STATEFUL_SET, made("web", spec={"replicas": 1}, status=status)))
    assert stage.codes == []


def hook(kind: AnyKind, policy: str = "Fail", name: str = "mutate.kyverno.svc") -> Row:
    client = {"service": {"namespace": "kyverno", "name": "kyverno-svc"}}
    return row(
        kind, made("kyverno", "", webhooks=[{"name": name, "clientConfig": client, "failurePolicy": policy}])
    )


@pytest.mark.parametrize("kind", [VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION])
def test_a_webhook_that_answers_too_late_is_found_by_the_events_of_those_who_called(kind: AnyKind) -> None:
    stage = Stage(VALIDATING, MUTATING)
    stage.put(kind, hook(kind))
    stage.put(EVENT, warning("StatefulSet/web", "FailedCreate", CALL))
    assert (stage.codes, stage.one().severity) == (["KT1714"], "high")
    assert dict(stage.one().marks) == {"webhook": "kyverno/kyverno-svc", "moment": "seen"}
    stage.put(kind, hook(kind, "Ignore"))
    assert stage.one().severity == "medium"
    stage.wait(LATELY)
    assert stage.codes == []


def test_a_webhook_that_says_no_or_another_one_that_fails_is_none_whose_calls_fail() -> None:
    stage = Stage(VALIDATING)
    stage.put(VALIDATING_WEBHOOK_CONFIGURATION, hook(VALIDATING_WEBHOOK_CONFIGURATION, name="v.kyverno.svc"))
    denied = 'admission webhook "v.kyverno.svc" denied the request: no'
    stage.put(EVENT, warning("StatefulSet/web", "FailedCreate", CALL), warning("Job/x", "FailedCreate", denied))
    assert stage.codes == []


def test_a_cluster_whose_events_may_not_be_read_is_none_without_refusals() -> None:
    stage = Stage(STATEFUL_SETS)
    stage.put(STATEFUL_SET, row(STATEFUL_SET, made("web", spec={"replicas": 3})))
    assert (stage.codes, stage.engine.fields[EVENT.id]) == ([], "type=Warning")


@pytest.mark.parametrize(
    ("state", "reason", "text", "code"),
    [
        ({"running": {}}, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "KT1006"),
        (
            {"waiting": {"reason": "ContainerCreating"}},
            "FailedMount",
            'MountVolume.SetUp failed for volume "conf": configmap "web" not found',
            "KT1014",
        ),
    ],
)
def test_what_the_kubelet_says_of_a_pod_is_evidence_where_events_are_known(
    state: dict[str, Any], reason: str, text: str, code: str
) -> None:
    stage = Stage(PODS)
    phase = "Running" if "running" in state else "Pending"
    stage.put(POD, pod(container(state), name="web-1", phase=phase))
    before = stage.one()
    assert (before.code, text in before.message) == (code, False)
    stage.put(EVENT, warning("Pod/web-2", reason, "another's"), warning("Pod/web-1", "BackOff", "something else"))
    assert stage.one() == before
    stage.put(EVENT, warning("Pod/web-1", reason, text))
    assert stage.one().message == f"{before.message}; {text}"


def test_what_the_provisioner_says_of_a_claim_is_evidence() -> None:
    stage = Stage(CLAIMS)
    stage.put(STORAGE_CLASS, row(STORAGE_CLASS, made("fast", "", volumeBindingMode="Immediate")))
    claim = made("data", spec={"storageClassName": "fast"}, status={"phase": "Pending"})
    stage.put(PERSISTENT_VOLUME_CLAIM, row(PERSISTENT_VOLUME_CLAIM, claim))
    stage.put(EVENT, warning("PersistentVolumeClaim/data", "ProvisioningFailed", "quota of disks exceeded"))
    assert stage.one().message == "no volume from class fast: quota of disks exceeded"
