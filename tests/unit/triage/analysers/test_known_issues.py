"""Known issues of the platform, as far as objects show them."""

from __future__ import annotations

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.kurator_backups import BACKUP, RESTORE
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import State
from kurator_tui.triage.analysers.known_issues import (
    BACKUPS,
    CLEANING,
    CREATING,
    DELETED,
    ENGINES,
    FLEETS,
    GOING,
    HOSTS,
    IMAGES,
    LEAVERS,
    LEAVING,
    RESTORES,
    STARTING,
)
from tests.unit.triage.analysers.estate import (
    Estate,
    Object,
    application,
    attached,
    condition,
    fleet,
    named,
    rollout,
    stamp,
)
from tests.unit.triage.stage import NOW


def test_an_application_that_is_deleted_without_its_fleet_hangs() -> None:
    stage = Estate(DELETED)
    stage.add(APPLICATION, application(deletionTimestamp=stamp(NOW - 30)), application(name="other"))
    assert (stage.one().code, stage.one().name, stage.one().created) == ("KT5102", "web", NOW - 30)
    stage.add(FLEET, fleet())
    assert stage.codes == []


def test_a_rollout_for_members_without_flagger_is_found_until_it_is_there() -> None:
    stage = Estate(ENGINES)
    stage.add(FLEET, fleet("f", "eu", "us"))
    stage.add(ATTACHED_CLUSTER, attached("eu"), attached("us"))
    stage.told("eu", CANARY, State.ABSENT)
    stage.told("us", CANARY, State.LIVE)
    stage.add(APPLICATION, application({"name": "p", "kustomization": {}, "rollout": rollout()}))
    stage.wait(STARTING)
    assert (stage.one().code, stage.one().message) == ("KT5111", "policy p (istio): no Flagger on eu")
    stage.told("eu", CANARY, State.LIVE)
    assert stage.codes == []


def test_a_custom_cluster_on_a_fleets_list_is_found_and_a_cluster_is_not() -> None:
    stage = Estate(FLEETS)
    stage.add(CUSTOM_CLUSTER, {"metadata": named("metal"), "spec": {}})
    stage.add(CLUSTER, {"metadata": named("aws"), "spec": {}})
    stage.add(FLEET, fleet("f", "metal", "aws", kind="Cluster"))
    assert (stage.one().code, stage.one().message) == ("KT5103", "metal is a CustomCluster")


def test_two_fleets_of_one_namespace_are_found_once() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet("a"))
    assert stage.codes == []
    stage.add(FLEET, fleet("b"))
    assert (stage.one().code, stage.one().message) == ("KT5109", "a, b in prod")


def test_a_host_without_flux_is_found() -> None:
    stage = Estate(HOSTS)
    stage.told(HOST, HELM_RELEASE, State.LIVE)
    stage.add(FLEET, fleet())
    assert stage.codes == []
    stage.told(HOST, HELM_RELEASE, State.ABSENT)
    assert stage.codes == ["KT5108"]


def test_a_deleted_cluster_that_finalizers_hold_is_found_after_half_an_hour() -> None:
    stage = Estate(GOING)
    meta = named("aws", deletionTimestamp=stamp(NOW), finalizers=["cluster.cluster.kurator.dev"])
    stage.add(CLUSTER, {"metadata": meta, "spec": {}}, {"metadata": named("other"), "spec": {}})
    stage.wait(CLEANING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().message) == ("KT5105", "finalizers: cluster.cluster.kurator.dev")


def test_a_backup_of_no_fleet_and_a_restore_of_no_backup_do_nothing() -> None:
    stage = Estate(BACKUPS, RESTORES)
    stage.add(FLEET, fleet())
    stage.add(BACKUP, backup("good", "f"), backup("bad", "gone"))
    stage.add(RESTORE, restore("r-good", "good"), restore("r-bad", "none"))
    stage.wait(CREATING)
    assert [(row.code, row.name, row.message) for row in stage.findings] == [
        ("KT5106", "bad", "there is no fleet gone in prod"),
        ("KT5106", "r-bad", "there is no Backup none in prod"),
    ]


def backup(name: str, of: str) -> Object:
    return {"metadata": named(name), "spec": {"destination": {"fleet": of}}}


def restore(name: str, of: str) -> Object:
    return {"metadata": named(name), "spec": {"backupName": of}}


def leaver(ready: str) -> Object:
    meta = named("eu-attachedcluster", "", deletionTimestamp=stamp(NOW))
    told = [condition("Ready", ready, "ClusterNotReachable")]
    return {"metadata": meta, "spec": {}, "status": {"conditions": told}}


def test_a_cluster_that_leaves_karmada_and_is_not_reached_hangs() -> None:
    stage = Estate(LEAVERS)
    stage.add(KARMADA_CLUSTER, leaver("False"))
    stage.wait(LEAVING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().mark("member")) == ("KT5112", "eu")
    stage.add(KARMADA_CLUSTER, leaver("True"))
    assert stage.codes == []


def pulling(image: str) -> Object:
    waiting = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}"'}
    status = {"name": "c", "ready": False, "restartCount": 0, "state": {"waiting": waiting}}
    return {
        "metadata": named("thanos-0", "monitoring"),
        "spec": {"containers": [{"name": "c"}], "nodeName": "n1"},
        "status": {"phase": "Pending", "containerStatuses": [status]},
    }


def test_an_image_of_bitnami_that_cannot_be_pulled_is_told_apart_from_others() -> None:
    stage = Estate(IMAGES)
    stage.add(POD, pulling("shop/web:7"), cluster="eu")
    assert stage.codes == []
    stage.add(POD, pulling("docker.io/bitnami/thanos:0.31.0"), cluster="eu")
    assert (stage.one().code, stage.one().mark("image")) == ("KT5114", "docker.io/bitnami/thanos:0.31.0")
