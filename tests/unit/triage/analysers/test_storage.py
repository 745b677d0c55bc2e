"""What is found about claims, volumes and snapshots."""

from __future__ import annotations

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.storage import (
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    VOLUME_ATTACHMENT,
    VOLUME_SNAPSHOT,
)
from kurator_tui.triage.analysers.storage import (
    ATTACHING,
    ATTACHMENTS,
    CLAIMS,
    GROWING,
    PROVISIONING,
    SNAPSHOTS,
    VOLUMES,
)
from tests.unit.triage.objects import made, row
from tests.unit.triage.stage import Stage


def claim(phase: str, *, of: str = "fast", age: float = 3600, has: str = "1Gi", wants: str = "1Gi") -> Row:
    spec = {"storageClassName": of, "resources": {"requests": {"storage": wants}}}
    status = {"phase": phase, **({"capacity": {"storage": has}} if phase == "Bound" else {})}
    return row(PERSISTENT_VOLUME_CLAIM, made("data", age=age, spec=spec, status=status))


def storage_class(name: str = "fast", binding: str = "Immediate") -> Row:
    return row(STORAGE_CLASS, made(name, "", volumeBindingMode=binding))


def stage_of(found: Row, *classes: Row) -> Stage:
    stage = Stage(CLAIMS)
    stage.live(STORAGE_CLASS)
    stage.put(STORAGE_CLASS, *classes)
    stage.put(PERSISTENT_VOLUME_CLAIM, found)
    return stage


def test_a_bound_claim_is_no_finding() -> None:
    assert stage_of(claim("Bound"), storage_class()).codes == []


def test_a_claim_that_gets_no_volume_is_found_after_five_minutes() -> None:
    stage = stage_of(claim("Pending", age=0), storage_class())
    assert stage.codes == []
    stage.wait(PROVISIONING)
    assert (stage.codes, stage.one().message) == (["KT1401"], "no volume from class fast")
    assert stage.one().mark("storageclass") == "fast"


def test_a_claim_that_waits_for_its_first_pod_is_no_finding() -> None:
    assert stage_of(claim("Pending"), storage_class(binding="WaitForFirstConsumer")).codes == []


def test_a_claim_without_a_class_that_no_volume_fits_is_found() -> None:
    assert stage_of(claim("Pending", of="")).codes == ["KT1401"]


def test_a_class_that_does_not_exist_is_the_finding_until_somebody_makes_it() -> None:
    stage = stage_of(claim("Pending", age=0), storage_class("slow"))
    assert stage.codes == ["KT1402"]
    stage.put(STORAGE_CLASS, storage_class("fast", "WaitForFirstConsumer"))
    assert stage.codes == []


def test_nothing_is_said_of_classes_before_they_are_known() -> None:
    stage = Stage(CLAIMS)
    stage.put(PERSISTENT_VOLUME_CLAIM, claim("Pending"))
    assert stage.codes == []


def test_a_lost_volume_is_critical() -> None:
    found = stage_of(claim("Lost"), storage_class()).one()
    assert (found.code, found.severity) == ("KT1403", "critical")


def test_a_volume_that_does_not_grow_is_found_after_a_while() -> None:
    stage = stage_of(claim("Bound", wants="2Gi"), storage_class())
    assert stage.codes == []
    stage.wait(GROWING)
    assert (stage.codes, stage.one().message) == (["KT1406"], "1 of 2 GiB")
    stage.put(PERSISTENT_VOLUME_CLAIM, claim("Bound", has="2Gi", wants="2Gi"))
    assert stage.codes == []


def volume(phase: str) -> Row:
    spec = {"claimRef": {"namespace": "shop", "name": "data"}}
    return row(PERSISTENT_VOLUME, made("pv-1", "", spec=spec, status={"phase": phase, "message": "disk in use"}))


def test_a_volume_that_cannot_be_reclaimed_is_found_and_a_released_one_is_not() -> None:
    stage = Stage(VOLUMES)
    stage.put(PERSISTENT_VOLUME, volume("Released"))
    assert stage.codes == []
    stage.put(PERSISTENT_VOLUME, volume("Failed"))
    assert (stage.codes, stage.one().message) == (["KT1404"], "disk in use; was of shop/data")


def attachment(error: str = "") -> Row:
    spec = {"nodeName": "n1", "attacher": "csi", "source": {"persistentVolumeName": "pv-1"}}
    status = {"attached": False, **({"attachError": {"message": error}} if error else {})}
    return row(VOLUME_ATTACHMENT, made("a", "", spec=spec, status=status))


def test_a_volume_that_cannot_be_attached_is_found_on_its_node() -> None:
    stage = Stage(ATTACHMENTS)
    stage.put(VOLUME_ATTACHMENT, attachment())
    stage.wait(ATTACHING)
    assert stage.codes == []
    stage.put(VOLUME_ATTACHMENT, attachment("Multi-Attach error"))
    stage.wait(ATTACHING)
    assert (stage.codes, stage.one().message) == (["KT1405"], "Multi-Attach error")
    assert dict(stage.one().marks) == {"node": "n1", "volume": "pv-1"}


def test_a_snapshot_that_failed_is_found_and_one_that_is_being_made_is_not() -> None:
    stage = Stage(SNAPSHOTS)
    stage.put(VOLUME_SNAPSHOT, row(VOLUME_SNAPSHOT, made("s", status={"readyToUse": False})))
    assert stage.codes == []
    stage.put(VOLUME_SNAPSHOT, row(VOLUME_SNAPSHOT, made("s", status={"error": {"message": "no quota"}})))
    assert (stage.codes, stage.one().message) == (["KT1407"], "no quota")
