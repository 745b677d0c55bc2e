"""The same object over clusters: what tells its copies apart, and any two of them field by field. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Key, Kind, Level, Row, Value
from kurator_tui.kinds.cells import cell_text
from kurator_tui.kinds.folding import digest, folded
from kurator_tui.kinds.meta import quantity, unix
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, text

LONGEST = 2000
"""Characters of a field's text that are kept."""


class ComparedRow(Row, frozen=True, gc=False, array_like=True):
    """One copy. `differs` names the columns in which it is not as most are, `changed` those that changed just now;
    `error` says why there is none, `old` why it is not of this moment."""

    image: str = ""
    replicas: int | None = None
    ready: int | None = None
    resources: str = ""
    generation: int | None = None
    digest: str = ""
    differs: tuple[str, ...] = ()
    error: str = ""
    old: str = ""
    changed: tuple[str, ...] = ()


COMPARED = ("image", "replicas", "ready", "resources", "generation", "digest")
"""Columns whose differences are shown."""
_APART = ("generation", "ready")
"""Of these, what differs although the copies want the same."""


def copy_of(cluster: str, obj: Mapping[str, Any]) -> ComparedRow:
    """The row of an object; fields that it has not stay empty."""
    head = meta(obj)
    pod = _pod_spec(obj)
    found = list(mappings(pod.get("containers")))
    return ComparedRow(
        cluster,
        text(head.get("namespace")),
        text(head.get("name")),
        text(head.get("uid")) or f"{text(head.get('namespace'))}/{text(head.get('name'))}",
        unix(text(head.get("creationTimestamp"))),
        image=", ".join(text(each.get("image")) for each in found),
        replicas=_number(at(obj, "spec", "replicas"), at(obj, "status", "desiredNumberScheduled")),
        ready=_number(at(obj, "status", "readyReplicas"), at(obj, "status", "numberReady")),
        resources=_resources(found),
        generation=_number(head.get("generation")),
        digest=digest(obj),
    )


def no_copy(cluster: str, namespace: str, name: str, error: str) -> ComparedRow:
    """The row of a cluster that has, or tells, no object."""
    return ComparedRow(cluster, namespace, name, f"none-{cluster}-{namespace}-{name}", 0.0, error=error)


def told_apart(rows: Iterable[ComparedRow]) -> list[ComparedRow]:
    """`rows` with the columns named in which each differs from most; of equally many, from the first."""
    rows = list(rows)
    usual: dict[str, Any] = {}
    for key in COMPARED:
        values = Counter(getattr(row, key) for row in rows if not row.error)
        usual[key] = max(values, key=values.__getitem__) if values else None
    return [
        msgspec.structs.replace(
            row, differs=() if row.error else tuple(key for key in COMPARED if getattr(row, key) != usual[key])
        )
        for row in rows
    ]


def _pod_spec(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    for path in (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"), ("spec",)):
        found = mapping(at(obj, *path))
        if found.get("containers"):
            return found
    return {}


def _number(*values: object) -> int | None:
    return next((value for value in values if isinstance(value, int) and not isinstance(value, bool)), None)


def _resources(found: list[Mapping[str, Any]]) -> str:
    """Sums over the containers, `250m/1Gi ≤ 500m/2Gi`: CPU and memory requested, then limits."""
    parts = [_sums(found, part) for part in ("requests", "limits")]
    if not any(parts):
        return ""
    return f"{parts[0] or '-'} ≤ {parts[1]}" if parts[1] else parts[0]


def _sums(found: list[Mapping[str, Any]], part: str) -> str:
    named = [mapping(at(each, "resources", part)) for each in found]
    if not any(named):
        return ""
    cpu, memory = (sum(quantity(each.get(resource)) for each in named) for resource in ("cpu", "memory"))
    if not cpu:
        return f"-/{cell_text(round(memory), Format.BYTES)}"
    return f"{cell_text(round(cpu * 1000), Format.MILLICORES)}/{cell_text(round(memory), Format.BYTES)}"


def _differing(key: str) -> Column[ComparedRow]:
    def level(row: ComparedRow) -> Level:
        if key in row.changed:
            return Level.PROGRESSING
        return Level.DEGRADED if key in row.differs else Level.HEALTHY

    def value(row: ComparedRow) -> Value:
        found: Value = getattr(row, key)
        return found

    title, format, priority, width = {
        "image": ("IMAGE", Format.TEXT, 2, 60),
        "replicas": ("REPLICAS", Format.COUNT, 2, 0),
        "ready": ("READY", Format.COUNT, 3, 0),
        "resources": ("RESOURCES", Format.TEXT, 4, 40),
        "generation": ("GEN", Format.COUNT, 5, 0),
        "digest": ("SPEC", Format.TEXT, 1, 0),
    }[key]
    return Column(key, title, value, format, priority, width=width, level=level)


def _health(row: ComparedRow) -> Health:
    if row.error:
        return Health(Level.UNKNOWN, row.error)
    if row.old:
        return Health(Level.STALE, row.old)
    meant = [key for key in row.differs if key not in _APART]
    said = [
        f"{word}: {', '.join('spec' if key == 'digest' else key for key in keys)}"
        for word, keys in (("changed", row.changed), ("not as most", meant))
        if keys
    ]
    if not said:
        return HEALTHY
    return Health(Level.DEGRADED if meant else Level.PROGRESSING, "; ".join(said))


COMPARISON: Kind[Any, ComparedRow] = Kind(
    id="comparison",
    name="Copy",
    plural="copies",
    row=ComparedRow,
    health=_health,
    columns=(
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("name", "NAME", lambda r: r.name, priority=6),
        *(_differing(key) for key in COMPARED),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=6),
        Column("reason", "REASON", lambda r: _health(r).reason, priority=3, width=60),
    ),
)
"""A matrix: a row a cluster, ▲ where a cell is not as most are."""


# -- two of them --------------------------------------------------------------------------------------------------


class FieldRow(Row, frozen=True, gc=False, array_like=True):
    """One path with both values; None where a side has nothing there."""

    left: str | None = None
    right: str | None = None
    changed: bool = False
    """Whether it changed just now."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two objects: where it is and what it says."""

    title: str
    key: Key
    obj: Mapping[str, Any]


def differences(left: Mapping[str, Any], right: Mapping[str, Any], *, all_fields: bool = False) -> list[FieldRow]:
    """The paths at which two objects differ, in the order of the left one; folded unless `all_fields`."""
    ours, theirs = (dict(_flat(each if all_fields else folded(each))) for each in (left, right))
    paths = dict.fromkeys((*ours, *theirs))
    return [
        FieldRow("", "", path, path, 0.0, ours.get(path), theirs.get(path))
        for path in paths
        if ours.get(path) != theirs.get(path)
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every value that holds no others; members of lists by their names where they have any."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            plain = str(key).replace("-", "").replace("_", "").isalnum()
            step = f".{key}" if plain else f"['{key}']"
            yield from _flat(each, f"{path}{step}" if path else step.lstrip("."))
    elif isinstance(value, list) and value:
        names = [text(each.get("name")) if isinstance(each, Mapping) else "" for each in value]
        named = all(names) and len(set(names)) == len(names)
        for number, each in enumerate(value):
            yield from _flat(each, f"{path}[{names[number] if named else number}]")
    else:
        yield path, (value if isinstance(value, str) else json.dumps(value, default=str))[:LONGEST]


def field_kind(left: str, right: str) -> Kind[Any, FieldRow]:
    """How differences of two sides are shown; their titles head the columns."""

    def verdict(row: FieldRow) -> Health:
        if row.changed:
            return Health(Level.PROGRESSING, "changed just now")
        if row.left is None:
            return Health(Level.UNKNOWN, f"only in {right}")
        if row.right is None:
            return Health(Level.UNKNOWN, f"only in {left}")
        return Health(Level.DEGRADED, "different")

    return Kind(
        id="differences",
        name="Difference",
        plural="differences",
        row=FieldRow,
        health=verdict,
        columns=(
            Column("path", "PATH", lambda r: r.name, priority=0, width=70),
            Column("left", left, lambda r: "" if r.left is None else r.left, priority=0, width=60),
            Column("right", right, lambda r: "" if r.right is None else r.right, priority=0, width=60),
            Column("reason", "WHAT", lambda r: verdict(r).reason, priority=9, wide=True),
        ),
    )
