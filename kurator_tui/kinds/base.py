"""What a resource kind *is*: projection, flat row, columns, health.

A kind is data about data. Nothing here does I/O, knows a screen or imports another part of kurator-tui.
The road through this module:

    bytes ──decode──► projection (msgspec Struct with only the fields used) ──project──► Row (flat, frozen)
    Row ──Column.value──► typed value ──kinds.cells──► text        Row ──Kind.health──► Health

Rows are flat `msgspec.Struct`s without garbage-collector tracking, encoded as arrays on the link. They are
never mutated: a change is another row with the same key.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

Interned: TypeAlias = Annotated[str, msgspec.Meta(extra={"interned": True})]
"""A text that thousands of rows repeat (a namespace, a node, a phase): both processes keep one copy of it."""

Value: TypeAlias = "str | int | float | bool | None"
"""What a cell holds before it is text: sorting, filtering and colouring use this, never the text."""

Key: TypeAlias = tuple[str, str]
"""(cluster, uid): the identity of a row. Two members may hold the same uid (a restored etcd)."""

HOST = "host"
"""Name of the host cluster in every row's `cluster`."""


class Level(enum.StrEnum):
    """How well something is. `stale` is never a kind's own verdict: the store adds it."""

    HEALTHY = "healthy"
    PROGRESSING = "progressing"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STALE = "stale"


SEVERITY: dict[Level, int] = {
    Level.HEALTHY: 0,
    Level.PROGRESSING: 1,
    Level.STALE: 2,
    Level.UNKNOWN: 3,
    Level.DEGRADED: 4,
    Level.FAILED: 5,
}
"""Sort order of levels: a faults-first sort is by descending severity."""


class Health(msgspec.Struct, frozen=True, gc=False):
    """One verdict: a level and, unless healthy, the reason in the platform's own words."""

    level: Level
    reason: str = ""


HEALTHY = Health(Level.HEALTHY)


def told_health(level: Level, reason: str = "") -> Health:
    """The verdict that a row carries; the healthy ones without a reason are one object."""
    return HEALTHY if level is Level.HEALTHY and not reason else Health(level, reason)


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Common head of every row.

    `created` is Unix seconds, 0.0 when the object has none. `namespace` is "" for cluster-scoped kinds.
    """

    cluster: Interned
    namespace: Interned
    name: str
    uid: str
    created: float

    @property
    def key(self) -> Key:
        return (self.cluster, self.uid)


class Subject(NamedTuple):
    """The object that a row of a derived kind stands for; `kind` is an id, "" the namespace of one without."""

    kind: str
    cluster: str
    namespace: str
    name: str


class Format(enum.Enum):
    """How a value becomes text (see `kinds.cells.cell_text`) and which unit it is in."""

    TEXT = "text"
    COUNT = "count"
    AGE = "age"
    """Unix seconds of a moment in the past; shown as kubectl shows ages, 0 as nothing."""
    UNTIL = "until"
    """Unix seconds of a moment in the future; shown as time left, `expired` when past."""
    BYTES = "bytes"
    MILLICORES = "millicores"
    MILLISECONDS = "milliseconds"
    RATIO = "ratio"
    """0.0 … 1.0 (or more); shown as per cent."""
    HEALTH = "health"
    """A `Level` value; shown as glyph and word."""


R = TypeVar("R", bound=Row)
P = TypeVar("P", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a kind. `key` is the snake_case name in JSON, CSV and the filter language."""

    key: str
    title: str
    value: Callable[[R], Value]
    format: Format = Format.TEXT
    priority: int = 1
    """0 is never dropped; the highest number goes first when the terminal is narrow."""
    wide: bool = False
    """Shown only in wide mode (`W`)."""
    width: int = 0
    """Widest the column may grow, in cells; 0 is the format's default."""
    level: Callable[[R], Level] | None = None
    """Colour of the cell, when it has one of its own."""
    hidden: bool = False
    """Whether no table shows it: filters, orders and scripts still know it."""
    least: int = 0
    """Cells of its text below which other columns are dropped first; 0 is the default."""
    keeps: str = ""
    """Of text that is cut, what is before the last of these goes first; "" for text that is cut at its end."""


@dataclass(frozen=True, slots=True)
class Also:
    """What users want to see of an object beside what its kind reads (see `kinds.arranging`)."""

    projection: type[msgspec.Struct]
    """Decodes it from the same bytes."""
    extend: Callable[[Any, Any], Any]
    """(row as `Kind.project` makes it, what `projection` decoded or plain data) -> a row of `Kind.row`."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[P, R]):
    """Everything the console knows of one resource kind.

    `id` names it everywhere (`pods`, `deployments.apps`, `fleets.fleet.kurator.dev`): plural and group, so that
    words like `clusters` stay unambiguous. A derived kind (a join such as the fleets view) has no group, no
    projection and is made by `kurator_tui.fleet`.
    """

    id: str
    name: str
    """CamelCase kind, e.g. `AttachedCluster`."""
    row: type[R]
    columns: tuple[Column[R], ...]
    health: Callable[[R], Health]
    group: str = ""
    versions: tuple[str, ...] = ()
    """In order of preference; discovery picks the first one a cluster serves."""
    plural: str = ""
    namespaced: bool = True
    projection: type[P] | None = None
    project: Callable[[str, P], R] | None = None
    """(cluster, projection) -> row."""
    short_names: tuple[str, ...] = ()
    numerous: bool = False
    """Whether a cluster may hold thousands: they are listed in compressed pages, then watched, since the initial
    events of a WatchList are never compressed."""
    metadata_only: bool = False
    """Whether only the metadata is asked for: the rest is secret, or large, and never enters the process."""
    joined: bool = False
    """Whether a derived kind is joined on demand, cluster by cluster: each tells when all its rows are there."""
    parts: tuple[str, ...] = ()
    """Names of what its rows hold for joins (see `kinds.table.part`); never sent to a console."""
    subject: Callable[[Any], Subject | None] | None = None
    """The object that a row of a derived kind stands for, which is read and changed in its place; None: none."""
    rule: str = ""
    """How health is judged, in words; for a kind with rows of its own the docstring of `health` says it."""
    also: Also | None = None
    """What users added; then `row` holds that, too."""
    sort: str = ""
    """Key of the column that rows are ordered by at first, after a `-` where the order is turned round."""

    @property
    def derived(self) -> bool:
        return self.projection is None

    @property
    def order(self) -> str:
        """Key of the column that rows are ordered by until somebody asks for another one: what is shown first."""
        return self.sort.removeprefix("-") or next(column.key for column in self.shown if not column.wide)

    @property
    def descending(self) -> bool:
        """Whether that order is turned round."""
        return self.sort.startswith("-")

    @property
    def shown(self) -> tuple[Column[R], ...]:
        """The columns that a table may show."""
        hidden = any(column.hidden for column in self.columns)
        return tuple(column for column in self.columns if not column.hidden) if hidden else self.columns

    def column(self, key: str) -> Column[R] | None:
        """The column called `key`, or None."""
        return next((column for column in self.columns if column.key == key), None)

    def value(self, row: R, key: str) -> Value:
        """What the column `key` has of `row`; None where there is no such column."""
        column = self.column(key)
        return column.value(row) if column is not None else None


AnyKind: TypeAlias = "Kind[Any, Any]"
AnyColumn: TypeAlias = "Column[Any]"
