"""Incidents made of findings that a test puts."""

from __future__ import annotations

from msgspec import structs

from kurator_tui.kinds.findings import FindingRow, Severity
from kurator_tui.kinds.incidents import IncidentRow, State, rank
from kurator_tui.triage.correlation import Correlation
from tests.unit.triage.stage import NOW


def finding(
    code: str = "KT1001",
    name: str = "web-1",
    cluster: str = "eu",
    *,
    kind: str = "pods",
    severity: Severity = Severity.HIGH,
    since: float = NOW,
    **marks: str,
) -> FindingRow:
    return FindingRow(
        cluster,
        "shop",
        name,
        f"{code}/{kind}/{cluster}-{name}",
        since,
        code=code,
        severity=str(severity),
        title=code.lower(),
        kind=kind,
        marks=tuple(sorted(marks.items())),
    )


def marked(row: FindingRow, **marks: str) -> FindingRow:
    """The same with these marks more."""
    return structs.replace(row, marks=tuple(sorted({**dict(row.marks), **marks}.items())))


class Inbox:
    """Incidents as they are after what was put."""

    def __init__(self) -> None:
        self.now = NOW
        self.correlation = Correlation(lambda: self.now)
        self.rows: dict[str, IncidentRow] = {}

    def put(self, *findings: FindingRow) -> None:
        self.correlation.take({each.key: each for each in findings})
        self.read()

    def drop(self, *findings: FindingRow) -> None:
        self.correlation.take({each.key: None for each in findings})
        self.read()

    def read(self) -> None:
        for uid, row in self.correlation.rows().items():
            if isinstance(row, IncidentRow):
                self.rows[uid] = row
            else:
                del self.rows[uid]

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.read()

    @property
    def open(self) -> list[IncidentRow]:
        rows = (row for row in self.rows.values() if row.state != State.RESOLVED)
        return sorted(rows, key=lambda row: (-rank(row), row.uid))

    def one(self) -> IncidentRow:
        (row,) = self.open
        return row
