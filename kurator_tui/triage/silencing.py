"""Which findings users silenced: by their code, their cluster and its labels, their object's labels.

Rows of pods hold no labels: those of their workload stand for them. A label that is not known silences nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.registry import WRITTEN
from kurator_tui.kinds.silences import Silences
from kurator_tui.store.store import Delta, Store
from kurator_tui.triage.rules import Look

_OWNERS = ("apps", "batch")
"""Groups of the kinds that pods belong to."""
Labels = tuple[tuple[str, str], ...]


@cache
def _owner_kinds() -> dict[str, AnyKind]:
    """Name of a kind that owns pods (`Deployment`) -> that kind."""
    return {kind.name: kind for kind in WRITTEN.values() if kind.group in _OWNERS and not kind.derived}


class Silencing:
    """`said` is why a finding is silenced; `due` whether that may be different for those that were asked about."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._silences: Silences = ()
        self._clusters: dict[str, Labels] = {}
        """Labels of clusters, kept while some silence asks for any."""
        self._by_labels_of_clusters = False
        self._about: dict[tuple[str, str, str], Silences] = {}
        """(code, cluster, the member that it is about) -> silences that may hold: mostly none."""
        self.due = False
        self._ends: list[float] = []
        """When silences end, the last one first."""

    def use(self, silences: Silences) -> None:
        """These count from now on."""
        if silences == self._silences:
            return
        self.due = True
        self._silences = silences
        self._ends = sorted({each.until for each in silences if each.until}, reverse=True)
        self._about.clear()
        self._by_labels_of_clusters = any("=" in pattern for each in silences for pattern in each.clusters)
        self._clusters.clear()
        if self._by_labels_of_clusters:
            self._note(self._store.rows(CLUSTERS.id))

    def take(self, kind: str, delta: Delta) -> None:
        """Rows of `kind` changed."""
        if kind == CLUSTERS.id and self._by_labels_of_clusters:
            before = dict(self._clusters)
            self._note(row for row in delta.values() if row is not None)
            if self._clusters != before:
                self.due = True
                self._about.clear()

    @property
    def next_at(self) -> float | None:
        """When a silence ends, Unix seconds; None for never."""
        return self._ends[-1] if self._ends else None

    def wait(self, now: float) -> None:
        """It is `now`."""
        while self._ends and self._ends[-1] <= now:
            self._ends.pop()
            self.due = True

    def _note(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if isinstance(row, ClusterOverview):
                self._clusters[row.name] = row.labels

    def said(self, finding: FindingRow, row: Row, look: Look) -> str:
        """Why `finding` about `row` is silenced now, "" where it is not."""
        if not self._silences:
            return ""
        place = finding.code, finding.cluster, finding.mark("member") or finding.cluster
        about = self._about.get(place)
        if about is None:
            about = self._about[place] = self._meant(*place)
        if not about:
            return ""
        now, labels = look.now, self._labels(finding, row, look) if any(each.labels for each in about) else {}
        for each in about:
            if not 0.0 < each.until <= now and each.labelled(labels):
                return each.said
        return ""

    def _meant(self, code: str, *clusters: str) -> Silences:
        """Silences of `code` in any of `clusters`: what the host says of a member is that member's, too."""
        known = {cluster: dict(self._clusters.get(cluster, ())) for cluster in clusters}
        return tuple(
            each
            for each in self._silences
            if any(each.about(code, name, labels) for name, labels in known.items())
        )

    def _labels(self, finding: FindingRow, row: Row, look: Look) -> dict[str, str]:
        """Marks of the finding, and labels of its object or else of what that belongs to."""
        known = {"namespace": finding.namespace, **dict(finding.marks)}
        labels: Labels | None = getattr(row, "labels", None)
        if labels is None:
            word, _, name = finding.mark("owner").partition("/")
            kind = _owner_kinds().get(word)
            owner = look.find(kind, finding.cluster, finding.namespace, name) if kind is not None else None
            labels = getattr(owner, "labels", ())
        return {**known, **dict(labels)}
