"""A kind as a table of paths: what most kinds are. Adding one is copying its neighbour.

    BACKUP = table(
        "backups.velero.io", "Backup", ("v1",),
        cell("phase", "status.phase"),
        cell("errors", "status.errors", format=Format.COUNT),
        health=phase("status.phase", healthy=("Completed",), failed=("Failed",), reason="status.failureReason"),
    )

Every table begins with NAME, CLUSTER, NAMESPACE and HEALTH and ends with AGE and REASON. Cells and health are read
when an object arrives: a row holds values only. `kinds.judge` has the rules of health.

Joins need more than cells: `parts={"analysis": "spec.analysis"}` keeps the plain JSON value at a path (or what a
`Part` makes of some), which `part(kind, row, "analysis")` gives back. Parts are no columns and stay in the feeder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row, Value
from kurator_tui.kinds.judge import HEALTHY_ALWAYS, Judge
from kurator_tui.kinds.meta import ObjectMeta, intern, label_pairs, one_line, unix, whole
from kurator_tui.kinds.paths import Read, parse, partial, reader

LONGEST = 400
"""Characters of a text that a cell keeps."""
LARGEST_PART = 16 * 2**10
"""Bytes, as JSON, of a part that a row keeps: a larger one is left out."""

_UNEXPECTED = (TypeError, ValueError, KeyError, AttributeError, IndexError, ArithmeticError)
"""What a rule or a cell raises for an object that is not as it expects."""


class ObjectRow(Row, frozen=True, gc=False, array_like=True):
    """A row of any kind that is a table. `level` and `reason` are its health, `owner` is the controlling owner's
    `Kind/name`, `deleting` the Unix second of its deletion (0.0: none), `cells` the values of its own columns,
    `parts` what joins need."""

    level: Interned = str(Level.UNKNOWN)
    reason: str = ""
    owner: Interned = ""
    labels: tuple[tuple[str, str], ...] = ()
    deleting: float = 0.0
    cells: tuple[Value, ...] = ()
    parts: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a table, and where its value comes from."""

    key: str
    paths: tuple[str, ...]
    read: Callable[..., Any] | None = None
    """Takes the value at each path, None where there is nothing. Without it the cell is the first value found."""
    title: str = ""
    format: Format = Format.TEXT
    priority: int = 3
    wide: bool = False
    width: int = 0
    level: Callable[[Value], Level | None] | None = None
    """Colour of the cell by its value; None for the plain one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value of plain data that `read` makes of the values at `paths`, None where there is nothing."""

    paths: tuple[str, ...]
    read: Callable[..., Any]
    largest: int = LARGEST_PART
    """Bytes, as JSON, beyond which it is left out."""


Parts = Mapping[str, "str | Part"]
"""Name -> the path of a value, or what makes one."""
NO_PARTS: Parts = {}


def part(kind: Kind[Any, ObjectRow], row: ObjectRow, name: str) -> Any:
    """The part called `name` of a row of `kind`, plain data that must not be changed; None where there is none.

    Raises ValueError for a name that is none of the kind's.
    """
    at = kind.parts.index(name)
    return row.parts[at] if at < len(row.parts) else None


def without_parts(kind: AnyKind, rows: Sequence[Row]) -> Sequence[Row]:
    """`rows` of `kind` as a console gets them."""
    return [msgspec.structs.replace(row, parts=()) for row in rows] if kind.parts else rows


def cell(
    key: str,
    *paths: str,
    read: Callable[..., Any] | None = None,
    title: str = "",
    format: Format = Format.TEXT,
    priority: int = 3,
    wide: bool = False,
    width: int = 0,
    level: Callable[[Value], Level | None] | None = None,
) -> Cell:
    """A column `key`; see `Cell`. The title is the key in capitals, unless given."""
    return Cell(key, paths, read, title or key.replace("_", " ").upper(), format, priority, wide, width, level)


def table(
    id: str,
    name: str,
    versions: tuple[str, ...],
    *cells: Cell,
    health: Judge = HEALTHY_ALWAYS,
    short_names: tuple[str, ...] = (),
    namespaced: bool = True,
    metadata_only: bool = False,
    parts: Parts = NO_PARTS,
) -> Kind[Any, ObjectRow]:
    """A kind whose rows are `ObjectRow`. `id` is the plural and, after a dot, the API group.

    Raises `PathError` for a path that is none.
    """
    plural, _, group = id.partition(".")
    kept = [Part((each,), _itself) if isinstance(each, str) else each for each in parts.values()]
    read = [health.paths, *(each.paths for each in cells), *(each.paths for each in kept)]
    paths = {text: parse(text) for group in read for text in group}
    readers = {text: reader(path) for text, path in paths.items()}
    return Kind(
        id=id,
        name=name,
        group=group,
        versions=versions,
        plural=plural,
        namespaced=namespaced,
        short_names=short_names,
        metadata_only=metadata_only,
        row=ObjectRow,
        projection=partial(name, paths.values(), ObjectMeta),
        project=_projector(cells, health, kept, readers),
        health=object_health,
        rule=health.says,
        columns=_columns(cells, namespaced=namespaced),
        parts=tuple(parts),
    )


def object_health(row: ObjectRow) -> Health:
    """The health that was judged when the object arrived."""
    return Health(Level(row.level), row.reason)


def _projector(
    cells: tuple[Cell, ...], health: Judge, parts: Sequence[Part], readers: Mapping[str, Read]
) -> Callable[[str, Any], ObjectRow]:
    made = [_cell_reader(each, readers) for each in cells]
    judged = [readers[path] for path in health.paths]
    kept = [_part_reader(each, readers) for each in parts]

    def project(cluster: str, obj: Any) -> ObjectRow:
        meta: ObjectMeta = obj.metadata
        deleting = unix(meta.deletion_timestamp)
        found = Health(Level.PROGRESSING, "Terminating") if deleting else _judge(health, judged, obj)
        owner = next((o for o in meta.owner_references or () if o.controller), None)
        return ObjectRow(
            cluster=cluster,
            namespace=intern(meta.namespace),
            name=meta.name,
            uid=meta.uid,
            created=unix(meta.creation_timestamp),
            level=str(found.level),
            reason=one_line(found.reason)[:LONGEST],
            owner=intern(f"{owner.kind}/{owner.name}") if owner else "",
            labels=label_pairs(meta),
            deleting=deleting,
            cells=tuple([read(obj) for read in made]),
            parts=tuple([read(obj) for read in kept]) if kept else (),
        )

    return project


def _judge(health: Judge, readers: list[Read], obj: Any) -> Health:
    """A rule that does not expect what a server sends judges nothing, and costs nobody else."""
    try:
        return health.read(*[read(obj) for read in readers])
    except _UNEXPECTED:
        return Health(Level.UNKNOWN, "not as expected")


def _cell_reader(each: Cell, readers: Mapping[str, Read]) -> Callable[[Any], Value]:
    read, convert = each.read, _CONVERT.get(each.format, text)
    its = [readers[path] for path in each.paths]
    if read is None and len(its) == 1:
        (only,) = its
        return lambda obj: convert(only(obj))
    if read is None:
        return lambda obj: convert(next((value for one in its if (value := one(obj)) not in (None, [])), None))
    made = read

    def safely(obj: Any) -> Value:
        try:
            return convert(made(*[one(obj) for one in its]))
        except _UNEXPECTED:
            return None

    return safely


def _itself(value: Any) -> Any:
    return value


def _part_reader(each: Part, readers: Mapping[str, Read]) -> Callable[[Any], Any]:
    its = [readers[path] for path in each.paths]

    def read(obj: Any) -> Any:
        try:
            found = each.read(*[one(obj) for one in its])
        except _UNEXPECTED:
            return None
        small = found is None or len(msgspec.json.encode(found)) <= each.largest
        return found if small else None

    return read


# -- values -----------------------------------------------------------------------------------------------------


def text(value: Any) -> Value:
    """Any JSON value as one cell: lists joined by commas, objects as `key=value`, texts on one line."""
    if value is None or value is msgspec.UNSET:
        return ""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if len(value) <= LONGEST and value.isprintable() else one_line(value)[:LONGEST]
    if isinstance(value, list | tuple):
        return ",".join(str(text(each)) for each in value)[:LONGEST]
    if isinstance(value, Mapping):
        return ",".join(f"{key}={text(each)}" for key, each in value.items())[:LONGEST]
    return ",".join(f"{key}={text(each)}" for key, each in msgspec.structs.asdict(value).items() if each)[:LONGEST]


def _number(value: Any) -> Value:
    """A count; the length of a list or an object. Nothing is nothing, not zero."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | Mapping):
        return len(value)
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else text(value)


def _moment(value: Any) -> Value:
    if isinstance(value, list):
        value = value[0] if value else None
    return unix(value) if isinstance(value, str) else 0.0


def _scalar(value: Any) -> Any:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


_CONVERT: dict[Format, Callable[[Any], Value]] = {
    Format.COUNT: _number,
    Format.AGE: _moment,
    Format.UNTIL: _moment,
    Format.BYTES: lambda value: None if _scalar(value) is None else whole(_scalar(value)),
    Format.MILLICORES: lambda value: None if _scalar(value) is None else whole(_scalar(value), 1000),
    Format.RATIO: lambda value: value if isinstance(value, int | float) else None,
    Format.MILLISECONDS: lambda value: value if isinstance(value, int | float) else None,
}


def as_value(found: Any, format: Format) -> Value:
    """What a path led to as the value of a cell in `format`; None where it is none."""
    try:
        return _CONVERT.get(format, text)(found)
    except _UNEXPECTED:
        return None


# -- columns ----------------------------------------------------------------------------------------------------


def _level(row: ObjectRow) -> Level:
    return Level(row.level)


def _columns(cells: tuple[Cell, ...], *, namespaced: bool) -> tuple[Column[ObjectRow], ...]:
    where: tuple[Column[ObjectRow], ...] = ()
    if namespaced:
        where = (Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=1),)
    return (
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        *where,
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        *(_column(number, each) for number, each in enumerate(cells)),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=2),
        Column("reason", "REASON", lambda r: r.reason, priority=4, width=80),
        Column("owner", "OWNER", lambda r: r.owner, priority=8, wide=True, width=50),
    )


def _column(number: int, each: Cell) -> Column[ObjectRow]:
    def value(row: ObjectRow) -> Value:
        return row.cells[number] if number < len(row.cells) else None

    colour = each.level
    level = None if colour is None else lambda row: colour(value(row)) or Level.HEALTHY
    return Column(each.key, each.title, value, each.format, each.priority, each.wide, each.width, level)
