"""The lines of a log around what went wrong: of the instance before where one crashed, else up to the beginning.

Bounded: so many lines, so many bytes, no following. Where one way tells nothing the next is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kurator_tui.config.log_actions import LOGGED
from kurator_tui.describe.failing_line import failing_line
from kurator_tui.kinds.incidents import incident_subject
from kurator_tui.kinds.log_lines import LogBatch, LogLine, LogQuery, LogSelector, LogSource, LogTarget
from kurator_tui.link.logs import LogsHandle, open_logs
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.evidence_parts import Answer, Evidence, Excerpt
from kurator_tui.screens.source import Source

TAIL = 200
"""Lines of each container."""
BYTES = 256 * 1024
"""Of each container."""
MOST = 2000
"""Lines that are held, of all containers."""
AFTER = 30.0
"""Seconds after the beginning up to which lines are read."""
BEFORE_ERROR, AFTER_ERROR = 4, 3
"""Lines that are shown beside the one that tells the error."""
LAST = 6
"""Lines that are shown where none tells of one."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose log: targets or selectors of a query, and what it is called."""

    title: str
    targets: tuple[LogTarget, ...] = ()
    selectors: tuple[LogSelector, ...] = ()


def subject_of(known: Evidence) -> Whose | str:
    """Whose log tells of an incident, or why none does."""
    for each in known.findings.value or ():
        if each.kind == "pods":
            return Whose(f"{each.name}@{each.cluster}", (LogTarget(each.cluster, each.namespace, each.name),))
    subject, workload = incident_subject(known.row), known.workload
    if subject is not None and subject.kind == "pods":
        return Whose(
            f"{subject.name}@{subject.cluster}", (LogTarget(subject.cluster, subject.namespace, subject.name),)
        )
    if workload is not None and workload.kind in LOGGED:
        selector = LogSelector((workload.cluster,), (workload.namespace,), kind=workload.kind, name=workload.name)
        return Whose(f"{workload.name}@{workload.cluster}", (), (selector,))
    named = subject.kind.partition(".")[0] if subject is not None else "this"
    return f"{named} have no log" if subject is not None else "no object is known that has a log"


class ExcerptReading:
    """Tries one way after the other, and tells the excerpt or why there is none."""

    def __init__(
        self,
        source: Source,
        known: Evidence,
        whose: Whose,
        clock: Callable[[], float],
        told: Callable[[Answer[Excerpt]], None],
    ) -> None:
        self._source, self._whose, self._told = source, whose, told
        self._handle: LogsHandle | None = None
        self._lines: list[LogLine] = []
        self._sources: dict[int, LogSource] = {}
        self._why: list[str] = []
        queries = [("", LogQuery(whose.targets, whose.selectors, follow=False, tail=TAIL, limit_bytes=BYTES))]
        if known.began and clock() - known.began > 2 * AFTER:
            until = int((known.began + AFTER) * 1e9)
            begin = LogQuery(whose.targets, whose.selectors, follow=False, tail=TAIL, until=until)
            queries.insert(0, ("around the beginning", begin))
        if "logs.previous" in known.row.suggests:
            before = LogQuery(
                whose.targets, whose.selectors, follow=False, previous=True, tail=TAIL, limit_bytes=BYTES
            )
            queries.insert(0, ("the instance before the last restart", before))
        self._queries = queries

    def open(self) -> None:
        """Try the next way."""
        which, query = self._queries.pop(0)
        self._lines, self._sources = [], {}
        if not self._source.workers:
            self._told(Answer(why="no feeder is there to read it"))
            return
        self._handle = open_logs(self._source, query, self._take, lambda end: self._ended(which, end))

    def close(self) -> None:
        """Read no more."""
        if self._handle is not None:
            self._handle.close()
        self._handle = None

    def _take(self, batch: LogBatch) -> None:
        self._sources.update((source.number, source) for source in batch.sources)
        for line in batch.lines:
            if not line.mark:
                self._lines.append(line)
            elif line.text:
                self._why.append(line.text)
        del self._lines[:-MOST]

    def _ended(self, which: str, end: StreamEnded) -> None:
        self._handle = None
        if self._lines:
            self._told(Answer(self._excerpt(which)))
            return
        if end.title:
            self._why.append(f"{end.title}: {end.message}")
        if self._queries:
            self.open()
        else:
            why = "; ".join(dict.fromkeys(self._why)) or "the containers wrote nothing"
            self._told(Answer(why=why))

    def _excerpt(self, which: str) -> Excerpt:
        texts = [line.text for line in self._lines]
        error = failing_line(texts)
        if error is None:
            shown = range(max(0, len(texts) - LAST), len(texts))
        else:
            shown = range(max(0, error - BEFORE_ERROR), min(len(texts), error + AFTER_ERROR + 1))
        container = self._sources.get(self._lines[error if error is not None else -1].source)
        named = f"{container.pod}/{container.container}@{container.cluster}" if container else self._whose.title
        return Excerpt(
            ", ".join(part for part in (named, which) if part),
            tuple((self._lines[at].time / 1e9, texts[at]) for at in shown),
            None if error is None else error - shown.start,
        )
