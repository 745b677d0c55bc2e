"""How Velero is on one member: whether it runs, and whether its storage can be reached. Pure."""

from __future__ import annotations

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION, SCHEDULE
from kurator_tui.store.freshness import State

NAMESPACE = "velero"
SCHEDULE_LABEL = "velero.io/schedule-name"


class Velero:
    """Velero of `cluster`; for `Seen.local`. `problem` says why it runs nothing, "" where nothing says so."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.own = seen.freshness(cluster)
        self.state = seen.freshness(cluster, BACKUP)
        self.readable = self.own.state is State.LIVE and self.state.state is State.LIVE
        self.absent = self.own.state is State.LIVE and self.state.state is State.ABSENT
        self.backups = {row.name: row for row in seen.rows(BACKUP, cluster)}
        self.schedules = {row.name: row for row in seen.rows(SCHEDULE, cluster)}
        self.locations = {row.name: row for row in seen.rows(BACKUP_STORAGE_LOCATION, cluster)}
        self.runs: dict[str, list[ObjectRow]] = {}
        """Backups by the schedule that made them."""
        for row in self.backups.values():
            if schedule := label(row, SCHEDULE_LABEL):
                self.runs.setdefault(schedule, []).append(row)
        self.problem = "Velero is not installed here" if self.absent else _down(seen, cluster)

    def location_problem(self, name: str) -> str:
        """Why nothing can be kept at the location `name` ("": the default one); "" where nothing says so."""
        row = self.locations.get(name) if name else self._default()
        if row is None or Level(row.level) is not Level.FAILED:
            return ""
        return f"storage location {row.name} is unavailable" + (f": {row.reason}" if row.reason else "")

    def _default(self) -> ObjectRow | None:
        found = list(self.locations.values())
        marked = [row for row in found if BACKUP_STORAGE_LOCATION.value(row, "default") is True]
        return next(iter(marked or found), None) if marked or len(found) == 1 else None

    @property
    def unasked(self) -> str:
        """Why its objects are not known as they are now."""
        found = self.own if self.own.state is not State.LIVE else self.state
        return f"{found.state}: {found.reason}" if found.reason else str(found.state)


def label(row: ObjectRow, key: str) -> str:
    """The value of a label, "" without it."""
    return next((value for name, value in row.labels if name == key), "")


def _down(seen: Seen, cluster: str) -> str:
    if (
        seen.freshness(cluster).state is not State.LIVE
        or seen.freshness(cluster, DEPLOYMENT).state is not State.LIVE
    ):
        return ""
    its = [
        row
        for row in seen.rows(DEPLOYMENT, cluster)
        if row.namespace == NAMESPACE and row.name.startswith("velero")
    ]
    if not its:
        return "no Velero runs here"
    return (
        "" if any(row.ready for row in its) else f"{its[0].name} has {its[0].ready} of {its[0].desired} pods ready"
    )
