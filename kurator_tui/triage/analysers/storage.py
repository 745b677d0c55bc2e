"""Claims that get no volume, volumes that are lost or cannot be attached. How full one is no object tells."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.storage import (
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    VOLUME_ATTACHMENT,
    VOLUME_SNAPSHOT,
)
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.triage.events import said_of
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import failed, number, word

PROVISIONING = 300.0
"""Seconds after which a claim should have its volume."""
GROWING = 900.0
"""Seconds after which a volume should have the size that was asked for."""
ATTACHING = 60.0
"""Seconds for which attaching may fail: it is tried again."""
REFUSED = frozenset({"ProvisioningFailed", "FailedBinding"})
_LATE = "WaitForFirstConsumer"

_STATUS, _CLASS = word(PERSISTENT_VOLUME_CLAIM, "status"), word(PERSISTENT_VOLUME_CLAIM, "class")
_HAS, _WANTS = number(PERSISTENT_VOLUME_CLAIM, "capacity"), number(PERSISTENT_VOLUME_CLAIM, "requested")
_BINDING = word(STORAGE_CLASS, "binding")
_NODE, _VOLUME = word(VOLUME_ATTACHMENT, "node"), word(VOLUME_ATTACHMENT, "volume")
_CLAIM = word(PERSISTENT_VOLUME, "claim")


def _claim_concerns(row: ObjectRow) -> bool:
    """One that is bound, and as large as asked for, is well."""
    return not row.deleting and (row.level != Level.HEALTHY or _HAS(row) < _WANTS(row))


CLAIMS = Analyser(PERSISTENT_VOLUME_CLAIM, concerns=_claim_concerns, beside=(STORAGE_CLASS,))
VOLUMES = Analyser(PERSISTENT_VOLUME, concerns=failed)
ATTACHMENTS = Analyser(VOLUME_ATTACHMENT, concerns=failed)
SNAPSHOTS = Analyser(VOLUME_SNAPSHOT, concerns=failed)


@CLAIMS.rule("KT1401", "claim gets no volume", Severity.HIGH, suggests=("read.events", "read.describe"))
def pending(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A claim waits for its volume for more than five minutes: nobody provides one.

    The events (`v`) say what the provisioner answered; without any it may not run at all. Claims of a class that
    waits for the first pod are no finding: the pod that waits says why.
    """
    if _STATUS(row) != "Pending":
        return
    name = _CLASS(row)
    found = look.find(STORAGE_CLASS, row.cluster, "", name) if name else None
    if name and (found is None or _BINDING(found) == _LATE):
        return
    if look.now - row.created < PROVISIONING:
        yield Again(row.created + PROVISIONING)
    else:
        why = f"no volume from class {name}" if name else "no class, and no volume that fits"
        event = said_of(look, row.cluster, row.namespace, f"PersistentVolumeClaim/{row.name}", REFUSED)
        why = f"{why}: {event.message}" if event is not None else why
        yield Seen(why, row.created, {"storageclass": name})


@CLAIMS.rule("KT1402", "storage class does not exist", Severity.HIGH, suggests=("read.describe", "delete"))
def no_class(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A claim asks for a class of storage that this cluster does not have: it waits for ever.

    Classes have other names in other clusters: a manifest that was written for one of them needs an override for
    this one. The class of a claim cannot be changed: delete the claim, and have it made again.
    """
    name = _CLASS(row)
    if _STATUS(row) == "Pending" and name and look.find(STORAGE_CLASS, row.cluster, "", name) is None:
        yield Seen(f"class {name} does not exist", row.created, {"storageclass": name})


@CLAIMS.rule(
    "KT1403", "volume of a claim is lost", Severity.CRITICAL, suggests=("read.describe", "backup.restore")
)
def lost(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The volume that a claim was bound to is not there any more: what was on it is gone, or out of reach.

    Somebody deleted the PersistentVolume. If its disk still exists, a new PersistentVolume that points to it
    helps; else restore the last backup. Delete nothing before that is clear.
    """
    if _STATUS(row) == "Lost":
        yield Seen(row.reason)


@VOLUMES.rule("KT1404", "volume cannot be reclaimed", Severity.MEDIUM, suggests=("read.describe", "read.events"))
def volume_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A volume whose claim is gone could not be deleted or cleaned up: its disk stays, and is paid for.

    The evidence is the provisioner's answer. Often the disk is still attached somewhere, or its credentials ended.
    """
    yield Seen("; ".join(part for part in (row.reason, f"was of {_CLAIM(row)}" if _CLAIM(row) else "") if part))


@ATTACHMENTS.rule("KT1405", "volume cannot be attached", Severity.HIGH, suggests=("read.describe", "read.events"))
def attachment(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A volume cannot be brought to a node, or taken from it: the pod that needs it does not start.

    A volume for one node only is often still held by a node that is gone. The storage system's answer is the
    evidence.
    """
    yield Seen(row.reason, marks={"node": _NODE(row), "volume": _VOLUME(row)}, after=ATTACHING)


@CLAIMS.rule("KT1406", "volume does not grow", Severity.MEDIUM, suggests=("read.events", "read.describe"))
def does_not_grow(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A claim asked for more room a quarter of an hour ago, and does not have it.

    Its class may not allow it, its disk may have been resized too often, or its file system grows only when the
    pod starts again: the events (`v`) and the claim's conditions say which.
    """
    if _STATUS(row) == "Bound" and 0 < _HAS(row) < _WANTS(row):
        yield Seen(
            f"{_gib(_HAS(row))} of {_gib(_WANTS(row))} GiB", marks={"storageclass": _CLASS(row)}, after=GROWING
        )


def _gib(size: float) -> str:
    return f"{size / 2**30:g}"


@SNAPSHOTS.rule("KT1407", "snapshot failed", Severity.MEDIUM, suggests=("read.describe", "read.events"))
def snapshot(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A snapshot of a volume could not be made: a backup that rests on it has a hole.

    The evidence is the storage driver's answer. Make the next one before something depends on it.
    """
    yield Seen(row.reason)
