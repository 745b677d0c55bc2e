"""The join behind `edgejobs`: each job over edge nodes, and under it its nodes, those that failed first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pieces import Objects, in_pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.edge_jobs import EDGE_JOBS, EdgeJobRow
from kurator_tui.kinds.kubeedge_jobs import CONFIG_UPDATE_JOB, DONE, FAILED, IMAGE_PRE_PULL_JOB, NODE_UPGRADE_JOB
from kurator_tui.kinds.shapes import text
from kurator_tui.kinds.table import ObjectRow, part

JOBS = {kind.id: kind for kind in (NODE_UPGRADE_JOB, IMAGE_PRE_PULL_JOB, CONFIG_UPDATE_JOB)}
PENDING = "Pending"
_ORDER = {Level.FAILED: "0", Level.UNKNOWN: "1", Level.PROGRESSING: "2", Level.HEALTHY: "3"}


class EdgeJobs:
    """The jobs of one cluster."""

    def __init__(self, _seen: Seen, cluster: str) -> None:
        self._cluster = cluster
        self._jobs: dict[str, tuple[str, ObjectRow]] = {}
        """uid -> (kind, job)."""
        self._lines: dict[str, dict[str, EdgeJobRow]] = {}
        """uid of a job -> uid of a line -> the line as it was told."""
        self._pending: set[str] = set()

    @property
    def waiting(self) -> bool:
        return bool(self._pending)

    def look(self) -> None:
        """Time alone changes no job."""

    def take(self, kind: str, objects: Objects) -> None:
        for uid, row in objects.items():
            if row is not None:
                self._jobs[uid] = (kind, cast(ObjectRow, row))
            else:
                self._jobs.pop(uid, None)
            self._pending.add(uid)

    def made(self) -> Iterator[tuple[str, Row | None]]:
        while self._pending:
            uid = self._pending.pop()
            before = self._lines.pop(uid, {})
            now = {line.uid: line for line in self._tree(*self._jobs[uid])} if uid in self._jobs else {}
            if now:
                self._lines[uid] = now
            yield from ((line, None) for line in before.keys() - now.keys())
            yield from ((line, row) for line, row in now.items() if before.get(line) != row)

    def _tree(self, id: str, job: ObjectRow) -> Iterator[EdgeJobRow]:
        kind = JOBS[id]
        nodes = [self._node(id, job, *told) for told in part(kind, job, "nodes") or ()]
        yield EdgeJobRow(
            self._cluster,
            "",
            job.name,
            job.uid,
            job.created,
            level=job.level,
            reason=job.reason,
            path=f"{self._cluster} {job.name} {job.uid}",
            root=job.uid,
            kind=id,
            job=job.name,
            phase=text(kind.value(job, "phase")),
            after=text(kind.value(job, "version")),
            nodes=len(nodes),
            done=sum(node.level == Level.HEALTHY for node in nodes),
            failed=sum(node.level == Level.FAILED for node in nodes),
        )
        yield from nodes

    def _node(
        self, id: str, job: ObjectRow, name: str, phase: str, step: str, before: str, after: str, reason: str
    ) -> EdgeJobRow:
        level = _level(phase)
        return EdgeJobRow(
            self._cluster,
            "",
            name,
            f"{job.uid}/{name}",
            0.0,
            level=str(level),
            reason=reason if level is not Level.HEALTHY else "",
            path=f"{self._cluster} {job.name} {job.uid} {_ORDER[level]} {name}",
            depth=1,
            root=job.uid,
            kind=id,
            job=job.name,
            phase=phase or PENDING,
            step=step,
            node=name,
            before=before,
            after=after,
        )


def _level(phase: str) -> Level:
    if phase in DONE:
        return Level.HEALTHY
    if phase in FAILED:
        return Level.FAILED
    return Level.UNKNOWN if phase == "Unknown" else Level.PROGRESSING


JOIN = Join(EDGE_JOBS, (), tuple(JOBS.values()), in_pieces, pieces=EdgeJobs)
