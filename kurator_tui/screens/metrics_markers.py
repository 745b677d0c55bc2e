"""Releases as markers of a time axis: from the rows of the kind `rollouts` that are known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.rollout_events import Said, parse
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
from kurator_tui.screens.metrics_target import Target
from kurator_tui.screens.source import Source
from kurator_tui.widgets.chart import Marker

AGAIN = 5.0
"""Seconds between two looks for them: there may be thousands of rows."""
MOST = 8
"""Markers of one chart: the newest."""
TOGETHER = 1 / 40
"""Part of the time within which the same of one application is one marker, whatever the cluster."""
_WORDS = {Said.DETECTED: "new", Said.STARTED: "canary", Said.PROMOTED: "promoted", Said.ROLLED_BACK: "back"}
_PHASES = {
    "Progressing": "canary",
    "Waiting": "waits",
    "WaitingPromotion": "waits",
    "Promoting": "promotes",
    "Succeeded": "promoted",
    "Failed": "back",
}


def markers(
    rows: Iterable[RolloutRow],
    start: float,
    end: float,
    *,
    clusters: Collection[str] = (),
    namespace: str = "",
    workload: str = "",
) -> tuple[Marker, ...]:
    """What began between `start` and `end` (Unix seconds); `clusters` empty means all, and so do the names."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if (clusters and row.cluster not in clusters) or not about(row, namespace, workload):
            continue
        for at, word in _happened(row, start, end):
            if start <= at <= end:
                found.setdefault((inert(row.name), word), []).append(at)
    gap = (end - start) * TOGETHER
    marked = [Marker(at, f"{name} {word}") for (name, word), times in found.items() for at in _apart(times, gap)]
    return tuple(sorted(marked, key=lambda each: (each.at, each.text))[-MOST:])


def about(row: RolloutRow, namespace: str, workload: str) -> bool:
    """Whether a rollout is of the workload."""
    if not workload:
        return not namespace or row.namespace == namespace
    names = {row.target.rpartition("/")[2], row.canary, row.name}
    return row.namespace == namespace and workload.removesuffix("-primary").removesuffix("-canary") in names


def _happened(row: RolloutRow, start: float, end: float) -> Iterator[tuple[float, str]]:
    if row.since and (word := _PHASES.get(row.phase)) is not None:
        yield row.since, word
    for at, text in row.messages:
        if start <= at <= end and (word := _WORDS.get(parse(text).said)) is not None:
            yield at, word


def _apart(times: Iterable[float], gap: float) -> Iterator[float]:
    """The first of those that are nearer together than `gap`."""
    last = float("-inf")
    for at in sorted(times):
        if at - last > gap:
            yield at
        last = at


class Releases:
    """The markers of what is shown, looked for now and then."""

    def __init__(self, source: Source, clock: Callable[[], float]) -> None:
        self._source, self._clock = source, clock
        self._found: tuple[Marker, ...] = ()
        self._made_of: tuple[object, ...] = ()
        self._at = float("-inf")

    def of(self, target: Target, end: float, seconds: float) -> tuple[Marker, ...]:
        """Those of `seconds` up to `end` (Unix seconds; 0.0 is now)."""
        now, made_of = self._clock(), (target.clusters, tuple(target.variables.items()), end, seconds)
        if made_of == self._made_of and 0 <= now - self._at < AGAIN:
            return self._found
        self._made_of, self._at = made_of, now
        last = end or now
        self._found = markers(
            (row for row in self._source.store.rows(ROLLOUTS.id) if isinstance(row, RolloutRow)),
            last - seconds,
            last,
            clusters=target.clusters,
            namespace=target.variables.get("namespace", ""),
            workload=target.variables.get("workload", ""),
        )
        return self._found
