"""What is written in rounds: Ceph's health is asked for, storage locations are looked at, what is due is run.

Schedules of minutes and hours are followed (`40 * * * *`, `*/20 * * * *`). Velero's have their Backups; of
CronJobs only the status says that they ran: pods would be most of what happens in an estate at rest.
"""

from __future__ import annotations

import re
from typing import Any

from kurator_tui.demo.world.controllers import common

Obj = dict[str, Any]

CEPH, LOCATIONS = "cephclusters.ceph.rook.io", "backupstoragelocations.velero.io"
SCHEDULES, BACKUPS = "schedules.velero.io", "backups.velero.io"
CRON_JOBS = "cronjobs.batch"
LOOKED_AT = (CEPH, LOCATIONS)
"""Of which each round changes nothing but the moment of the last look."""
ROUND, TAKES = 60.0, 20.0
"""World seconds between two rounds, and that a scheduled backup takes."""
_MINUTE = len("2026-06-01T09:00")
_TIMED = re.compile(r"(\d+|\*/\d+) (\d+|\*/\d+|\*) \* \* \*")


class Rounds:
    """The rounds of one cluster that has any of this."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._cluster.timeline.every(ROUND, self._round)

    def _round(self) -> None:
        now = self._cluster.clock.stamp()
        for each in self._cluster.all_of(CEPH):
            self._cluster.modify(
                CEPH, *common.key_of(each), lambda obj: obj["status"]["ceph"].update(lastChecked=now)
            )
        for each in self._cluster.all_of(LOCATIONS):
            self._cluster.modify(
                LOCATIONS, *common.key_of(each), lambda obj: obj["status"].update(lastValidationTime=now)
            )
        for each in self._cluster.all_of(SCHEDULES):
            if not each["spec"].get("paused") and self._due(each, "lastBackup", now):
                self._run(each)
        for each in self._cluster.all_of(CRON_JOBS):
            if not each["spec"].get("suspend") and self._due(each, "lastScheduleTime", now):
                ran = {"lastScheduleTime": now, "lastSuccessfulTime": now}
                self._cluster.set_status(CRON_JOBS, each, {**(each.get("status") or {}), **ran})

    def _due(self, schedule: Obj, last: str, now: str) -> bool:
        """Whether this is its minute, and it did not run in it yet."""
        found = _TIMED.fullmatch(str(schedule["spec"].get("schedule")))
        ran = str((schedule.get("status") or {}).get(last) or "")[:_MINUTE] == now[:_MINUTE]
        at = self._cluster.clock.now()
        return found is not None and not ran and _matches(found[1], at.minute) and _matches(found[2], at.hour)

    def _run(self, schedule: Obj) -> None:
        """A run begins, if its storage is there, and ends well."""
        cluster, now = self._cluster, self._cluster.clock.stamp()
        namespace, name = common.key_of(schedule)
        template = schedule["spec"]["template"]
        place = (namespace, str(template.get("storageLocation") or "default"))
        status: Obj = {"phase": "InProgress", "startTimestamp": now}
        if ((cluster.find(LOCATIONS, *place) or {}).get("status") or {}).get("phase") != "Available":
            status = {"phase": "FailedValidation", "startTimestamp": now, "validationErrors": [_refused(place[1])]}
        labels = {**(schedule["metadata"].get("labels") or {}), "velero.io/schedule-name": name}
        meta: Obj = {
            "name": f"{name}-{re.sub('[-:TZ]', '', now)}",
            "namespace": namespace,
            "labels": {**labels, "velero.io/storage-location": place[1]},
            "creationTimestamp": now,
        }
        made = {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": meta,
            "spec": template,
            "status": status,
        }
        cluster.create(BACKUPS, made)
        cluster.modify(SCHEDULES, namespace, name, lambda obj: obj["status"].update(lastBackup=now))
        if status["phase"] == "InProgress":
            cluster.after(TAKES, lambda: self._end(namespace, meta["name"]))

    def _end(self, namespace: str, name: str) -> None:
        done = {"phase": "Completed", "completionTimestamp": self._cluster.clock.stamp()}

        def completed(obj: Obj) -> None:
            if obj["status"].get("phase") == "InProgress":
                obj["status"].update(done)

        self._cluster.modify(BACKUPS, namespace, name, completed)


def _matches(field: str, value: int) -> bool:
    """Whether a field of a schedule allows a minute or an hour."""
    every = int(field.partition("/")[2] or 1)
    return value % every == 0 if field.startswith("*") else int(field) == value


def _refused(location: str) -> str:
    return f"backup can't be created because BackupStorageLocation {location} is in Unavailable status."
