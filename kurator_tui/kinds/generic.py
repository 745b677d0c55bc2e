"""Kinds that nobody wrote a file for: an operator's own, or what a platform adds.

A `Definition` is what discovery and the CRD say of one. It crosses the link as data, and both sides make the same
kind of it: the printer columns as cells, conditions and phases as health.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kurator_tui.kinds.base import HEALTHY, Format, Health, Kind, Level
from kurator_tui.kinds.judge import by_type, conditions, judge
from kurator_tui.kinds.paths import PathError, parse
from kurator_tui.kinds.table import Cell, ObjectRow, cell, table

MOST = 40
"""Printer columns of one kind that are shown."""


class PrinterColumn(msgspec.Struct, frozen=True, rename="camel"):
    """One of `additionalPrinterColumns`; a `priority` above 0 is for wide mode."""

    name: str = ""
    json_path: str = msgspec.field(default="", name="jsonPath")
    type: str = "string"
    format: str = ""
    priority: int = 0


class Definition(msgspec.Struct, frozen=True):
    """One served kind. `versions` are the served ones, the storage version first."""

    group: str
    plural: str
    name: str
    versions: tuple[str, ...] = ()
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    columns: tuple[PrinterColumn, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural


def generic(definition: Definition) -> tuple[Kind[Any, ObjectRow], tuple[str, ...]]:
    """The kind of `definition`, and what is wrong with its columns: a bad path costs its column only."""
    cells: dict[str, Cell] = {}
    wrong: list[str] = []
    for column in definition.columns[:MOST]:
        try:
            made = _cell(column)
        except PathError as error:
            wrong.append(f"column {column.name}: {error}")
            continue
        if made is not None and made.key not in TOLD:
            cells.setdefault(made.key, made)
    kind = table(
        definition.id,
        definition.name,
        definition.versions,
        *cells.values(),
        health=ANY,
        short_names=definition.short_names,
        namespaced=definition.namespaced,
    )
    return kind, tuple(wrong)


TOLD = ("name", "namespace", "cluster", "age", "health", "owner", "reason")
"""Columns that every table has."""
_FORMATS = {"integer": Format.COUNT, "number": Format.TEXT, "date": Format.AGE}


def _cell(column: PrinterColumn) -> Cell | None:
    key = "_".join(column.name.casefold().replace("-", " ").replace("/", " ").split())
    if not key or not column.json_path:
        return None
    parse(column.json_path)
    return cell(
        key,
        column.json_path,
        title=column.name.upper(),
        format=_FORMATS.get(column.type, Format.TEXT),
        wide=column.priority > 0,
        width=60,
    )


_GOOD_WORDS = ("Ready", "Available", "Healthy", "Synced", "Established", "Succeeded", "Complete", "Programmed")
_BAD_WORDS = ("Failed", "Degraded", "Stalled", "Error", "ReplicaFailure")
_BUSY_WORDS = ("Progressing", "Reconciling", "Updating", "Provisioning", "Terminating", "Pending", "Running")
_WORD_LEVELS: dict[str, Level] = {
    **dict.fromkeys(
        (
            "ready",
            "active",
            "available",
            "bound",
            "healthy",
            "running",
            "succeeded",
            "completed",
            "complete",
            "online",
        ),
        Level.HEALTHY,
    ),
    **dict.fromkeys(
        (
            "pending",
            "creating",
            "provisioning",
            "progressing",
            "updating",
            "terminating",
            "deleting",
            "initializing",
            "reconciling",
            "new",
            "inprogress",
            "in_progress",
        ),
        Level.PROGRESSING,
    ),
    **dict.fromkeys(("degraded", "warning", "partiallyfailed", "unhealthy"), Level.DEGRADED),
    **dict.fromkeys(("failed", "error", "failure", "lost", "offline", "crashed", "aborted"), Level.FAILED),
}


def _by_word(found: Any, words: tuple[Any, ...]) -> Health | None:
    for word in words:
        if isinstance(word, str) and (level := _WORD_LEVELS.get(word.casefold())) is not None:
            return HEALTHY if level is Level.HEALTHY else Health(level, word)
    return None


@judge(
    "status.conditions[*]",
    "metadata.generation",
    "status.observedGeneration",
    "status.phase",
    "status.state",
    "status.health.status",
    "status",
    says="conditions by their usual meaning, else `status.phase` or `status.state`",
)
def ANY(found: Any, generation: Any, observed: Any, *words: Any) -> Health:
    """Conditions and phases as most operators mean them: for kinds that nobody wrote a rule for."""
    told = by_type(found)
    if told:
        good = tuple(kind for kind in _GOOD_WORDS if kind in told)
        bad = tuple(kind for kind in _BAD_WORDS if kind in told)
        if good or bad:
            rule = conditions(*good, bad=bad, progress=_BUSY_WORDS, none=HEALTHY)
            return rule.read(found, generation, observed)
    said = _by_word(found, words[:3])
    if said is not None:
        return said
    if words[3] is None:
        return Health(Level.UNKNOWN, "it reports no status")
    return Health(Level.UNKNOWN, "its status says nothing of health")
