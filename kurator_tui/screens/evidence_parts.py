"""What is known of one incident, part by part: each was answered, is being asked for, or says why it is not known.

Plain data; `evidence_feed` fills it, `evidence_lines` draws it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

from kurator_tui.kinds.alerts import AlertRow
from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.kinds.reading import Which
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.metrics import PanelData
from kurator_tui.screens.rollout_timeline import Entry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A part: a value, or why there is none; neither while it is being asked for."""

    value: T | None = None
    why: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing more is expected."""
        return self.value is not None or bool(self.why)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a log in order; `error` is the index of the one that tells what went wrong."""

    source: str
    """Whose log, and which instance."""
    lines: tuple[tuple[float, str], ...]
    """(Unix seconds or 0.0, text)."""
    error: int | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object comes from, as lines of (label, text)."""

    lines: tuple[tuple[str, str], ...] = ()
    deploys: tuple[tuple[float, str, str], ...] = ()
    """(Unix second, cluster, text) of what brought it."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What the object belongs to, where that is known: a kind's id and a name."""

    kind: str
    cluster: str
    namespace: str
    name: str
    clusters: tuple[str, ...] = ()
    """Where else the incident has one of that name."""

    @property
    def which(self) -> Which:
        return Which(self.cluster, self.kind, self.namespace, self.name)


@dataclass(slots=True)
class Evidence:
    """All parts of one incident."""

    row: IncidentRow
    findings: Answer[list[FindingRow]] = field(default_factory=Answer)
    means: Answer[list[str]] = field(default_factory=Answer)
    """What the code of the finding that leads means and what to do first, in paragraphs."""
    object: Answer[dict[str, Any]] = field(default_factory=Answer)
    """The object of the finding that leads, with managedFields."""
    row_said: str = ""
    """What its row says, where the object itself is not known, or was when the incident went on."""
    as_of: float = 0.0
    """Unix second of findings and row that were recorded of an incident that is over; 0.0 for what is live."""
    owners: tuple[tuple[str, str], ...] = ()
    """(kind, name) of its owner, of that one's owner, and so on."""
    events: Answer[list[EventRow]] = field(default_factory=Answer)
    follows: tuple[tuple[str, int], ...] = ()
    """(why, how many) of findings that follow from others."""
    workload: Workload | None = None
    belongs: Answer[dict[str, Any]] = field(default_factory=Answer)
    """The workload's object, with managedFields."""
    deploys: Answer[list[EventRow]] = field(default_factory=Answer)
    """Events of the workload itself: which replica sets it scaled, and to what."""
    audit: Answer[list[AuditRow]] = field(default_factory=Answer)
    alerts: Answer[list[AlertRow]] = field(default_factory=Answer)
    releases: Answer[list[Entry]] = field(default_factory=Answer)
    logs: Answer[Excerpt] = field(default_factory=Answer)
    charts: dict[str, Answer[PanelData]] = field(default_factory=dict)
    """By the title of the panel."""
    charts_why: str = ""
    """Why there are none."""
    origin: Answer[Origin] = field(default_factory=Answer)

    @property
    def settled(self) -> bool:
        """Whether every part was answered, or says why not."""
        parts: list[Answer[Any]] = [self.findings, self.object, self.events, self.deploys, self.audit, self.alerts]
        parts += [self.means, self.releases, self.logs, self.origin, *self.charts.values()]
        return all(each.settled for each in parts) and bool(self.charts or self.charts_why)

    def give_up(self, why: str) -> None:
        """What is still being asked for is not known, and says `why`."""
        for each in fields(self):
            answer = getattr(self, each.name)
            if isinstance(answer, Answer) and not answer.settled:
                setattr(self, each.name, Answer(why=why))
        for title, answer in self.charts.items():
            if not answer.settled:
                self.charts[title] = Answer(why=why)
        if not self.charts:
            self.charts_why = self.charts_why or why

    @property
    def began(self) -> float:
        """When it began, Unix seconds: what follows from it may be older."""
        first = [each.created for each in self.findings.value or () if each.created]
        return self.row.created or min(first, default=0.0)


_TEXTS = ("cluster", "namespace", "name", "uid", "code", "severity", "title", "kind", "message")


def findings_of(answer: str) -> list[FindingRow]:
    """The call `incident` as rows; what is no finding is left out. Raises ValueError."""
    found = []
    for each in json.loads(answer):
        if not isinstance(each, dict):
            continue
        texts: dict[str, Any] = {key: str(each.get(key) or "") for key in _TEXTS}
        since, marks = each.get("since"), each.get("marks")
        texts["created"] = float(since) if isinstance(since, int | float) else 0.0
        pairs = marks if isinstance(marks, dict) else {}
        texts["marks"] = tuple((str(key), str(value)) for key, value in pairs.items())
        found.append(FindingRow(**texts))
    return found


def follows_of(answer: str) -> tuple[tuple[str, int], ...]:
    """The same call: why findings follow from others, the most frequent reason first. Raises ValueError."""
    found = [each for each in json.loads(answer) if isinstance(each, dict) and each.get("follows")]
    return tuple(Counter(str(each.get("because") or "") for each in found).most_common())


def meaning_of(answer: str) -> Answer[list[str]]:
    """The call `explain` as paragraphs. Raises ValueError."""
    page = json.loads(answer)
    text = page.get("text") if isinstance(page, dict) else None
    told = [" ".join(each.split()) for each in str(text or "").split("\n\n")]
    found = [each for each in told if each]
    return Answer(found) if found else Answer(why="no analyser here has this code")


def workload_of(findings: Iterable[FindingRow]) -> Workload | None:
    """What the first finding that knows its owner belongs to: `Deployment/web` in its namespace."""
    every = list(findings)
    for each in every:
        owner = each.mark("owner")
        word, slash, name = owner.partition("/")
        found = next((kind for kind in KINDS.values() if kind.name == word and not kind.derived), None)
        if slash and name and found is not None:
            alike = (one for one in every if (one.namespace, one.mark("owner")) == (each.namespace, owner))
            others = {one.cluster: None for one in alike if one.cluster != each.cluster}
            return Workload(found.id, each.cluster, each.namespace, name, tuple(others))
    return None
