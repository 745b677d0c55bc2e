"""What rows of clusters and fleets count as FINDINGS: incidents that go on and are worth a look. Pure.

Incidents are rows like others here: whoever makes them writes them to the store.
"""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.kinds.base import HOST, SEVERITY, Level, Row
from kurator_tui.kinds.findings import finding_level
from kurator_tui.kinds.incidents import IncidentRow, State
from kurator_tui.kinds.overview import Finding

_MATTER = (Level.DEGRADED, Level.FAILED)
NONE = (0, Level.HEALTHY)


class Troubles:
    """Open incidents by the clusters that they are about, the worst first."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        going = [row for row in rows if isinstance(row, IncidentRow) and _matters(row)]
        going.sort(key=lambda row: (-SEVERITY[finding_level(row.severity)], row.uid))
        self._of: dict[str, list[IncidentRow]] = {}
        for row in going:
            for cluster in row.clusters:
                self._of.setdefault(cluster, []).append(row)

    def counts(self) -> dict[str, tuple[int, Level]]:
        """Cluster -> how many there are and how bad the worst is; clusters without any are left out."""
        return {cluster: (len(rows), finding_level(rows[0].severity)) for cluster, rows in self._of.items()}

    def of_fleet(self, namespace: str, members: Iterable[str]) -> list[Finding]:
        """Those about any of `members`, or about an object in the fleet's namespace of the host."""
        found = {row.uid: row for member in members for row in self._of.get(member, ())}
        own = f"{HOST}/{namespace}/"
        found |= {row.uid: row for row in self._of.get(HOST, ()) if row.target.startswith(own)}
        made = [(Finding(finding_level(row.severity), _where(row), row.name), row.uid) for row in found.values()]
        return [finding for finding, uid in sorted(made, key=lambda each: (-SEVERITY[each[0].level], each[1]))]


def _matters(row: IncidentRow) -> bool:
    return row.state != State.RESOLVED and finding_level(row.severity) in _MATTER


def _where(row: IncidentRow) -> str:
    return row.clusters[0] if len(row.clusters) == 1 else f"{len(row.clusters)} clusters"
