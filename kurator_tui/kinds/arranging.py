"""What a user wants to see of a kind: columns of their own, others hidden, in another order.

An `Arrangement` is data (`config.views` reads it from a file); `arranged` makes of a kind the same kind with these
columns, `fitted` says beforehand what of it cannot be done and why. The values of columns with a path are read
where objects are decoded: from the same bytes, in a second pass that only kinds with such columns pay for. Their
rows are the kind's own with one more field, `extra`; everything that knows the kind's rows knows these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import structs

from kurator_tui.kinds.base import Also, AnyColumn, AnyKind, Column, Format, Row, Value
from kurator_tui.kinds.masking import LAST_APPLIED
from kurator_tui.kinds.meta import Projection
from kurator_tui.kinds.paths import Field, Path, PathError, Read, parse, partial, reader
from kurator_tui.kinds.table import as_value

Shown: TypeAlias = Literal["text", "count", "age", "until", "bytes", "millicores", "milliseconds", "ratio"]
"""Formats that a user may choose."""

MOST = 20
"""Columns of one kind that a user may add."""
IDENTITY = frozenset({"name", "cluster", "namespace", "health", "reason", "created"})
"""What an object is, and how well: nothing else may be called so."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LARGEST = 2**63 - 1
_Extra: TypeAlias = tuple[str | int | float | bool | None, ...]


class ColumnView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A column of the user's own, or how one of the kind's should look: what is not said stays as it is."""

    key: str
    path: str = ""
    """Where its value is in an object; "" for a column that is there already."""
    title: str = ""
    format: Shown | None = None
    width: Annotated[int, msgspec.Meta(ge=1, le=200)] | None = None
    wide: bool | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    after: str = ""
    """Key of the column it stands behind."""


class Arrangement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wanted of one kind."""

    columns: tuple[ColumnView, ...] = ()
    hide: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    """Keys of the columns that come first; the others follow as they did."""
    sort: str = ""
    """Key of the column that rows are ordered by at first; with a `-` before it the largest come first."""


Arrangements: TypeAlias = dict[str, Arrangement]
"""By the id of a kind."""


class Fault(NamedTuple):
    """Something that cannot be done: entry `at` of the list `part`, and why."""

    part: str
    at: int
    text: str


# -- what can be done -------------------------------------------------------------------------------------------


def column_fault(column: ColumnView) -> str:
    """What is wrong with `column` whatever the kind is; "" for nothing."""
    if not _KEY.fullmatch(column.key):
        return f"{column.key!r} cannot be a key: small letters, digits and underscores, as in pod_ip"
    if column.path and column.key in IDENTITY:
        return f"{column.key} says which object it is, and cannot be read from elsewhere"
    if not column.path:
        return ""
    try:
        path = parse(column.path)
    except PathError as error:
        return str(error)
    if path in ((), (Field("metadata"),)):
        return f"{column.path!r} is the whole object: name what is wanted of it"
    return ""


def fitted(kind: AnyKind, wanted: Arrangement) -> tuple[Arrangement, list[Fault]]:
    """What of `wanted` can be done with `kind`, and what is wrong with the rest."""
    faults: list[Fault] = []
    known = {column.key for column in kind.columns}
    columns: list[ColumnView] = []
    for at, column in enumerate(wanted.columns):
        if fault := column_fault(column) or _misfit(kind, column, known, columns):
            faults.append(Fault("columns", at, fault))
            continue
        if column.after and column.after not in known:
            faults.append(Fault("columns", at, f"after: {_no_column(kind, column.after, known)}"))
            column = structs.replace(column, after="")
        columns.append(column)
        known.add(column.key)

    def those(part: str, keys: Sequence[str]) -> tuple[str, ...]:
        unknown = [at for at, key in enumerate(keys) if key not in known]
        faults.extend(Fault(part, at, _no_column(kind, keys[at], known)) for at in unknown)
        return tuple(key for key in keys if key in known)

    hide = those("hide", wanted.hide)
    if "name" in hide:
        faults.append(
            Fault("hide", wanted.hide.index("name"), "name says which object a row is: it is always shown")
        )
        hide = tuple(key for key in hide if key != "name")
    sort = wanted.sort if those("sort", (wanted.sort.removeprefix("-"),) if wanted.sort else ()) else ""
    return Arrangement(tuple(columns), hide, those("order", wanted.order), sort), faults


def _misfit(kind: AnyKind, column: ColumnView, known: set[str], before: Sequence[ColumnView]) -> str:
    """Why `kind` cannot have `column`; "" when it can."""
    if any(each.key == column.key for each in before):
        return f"there is a second column {column.key}"
    if not column.path:
        return "" if column.key in known else f"{_no_column(kind, column.key, known)}; a new one needs a path"
    if len([each for each in before if each.path]) == MOST:
        return f"more than {MOST} columns with a path"
    if kind.derived:
        return f"{kind.plural or kind.id} are made of many objects: there is none to read a path from"
    return _outside_metadata(kind, parse(column.path)) if kind.metadata_only else ""


def _outside_metadata(kind: AnyKind, path: Path) -> str:
    """Why a path of a kind whose content never enters the process is refused."""
    match path:
        case (Field("metadata"), Field("annotations"), Field(name), *_) if name == LAST_APPLIED:
            return f"{LAST_APPLIED} repeats the content of {kind.plural}, which is never read"
        case (Field("metadata"), Field("annotations"), Field(), *_):
            return ""
        case (Field("metadata"), Field("annotations"), *_):
            return f"of the annotations of {kind.plural} name one: all of them may repeat their content"
        case (Field("metadata"), Field(), *_):
            return ""
    return f"only the metadata of {kind.plural} is read: a path begins with metadata"


def _no_column(kind: AnyKind, key: str, known: set[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, sorted(known), n=1)
    return f"{kind.plural or kind.id} have no column {key!r}" + (f": did you mean {near[0]}?" if near else "")


# -- doing it ---------------------------------------------------------------------------------------------------


def arranged(kind: AnyKind, wanted: Arrangement) -> AnyKind:
    """`kind` as a user wants to see it. `kind` must be as it was written, and `wanted` fit it."""
    columns = list(kind.columns)
    paths: list[ColumnView] = []
    for view in wanted.columns:
        old = kind.column(view.key)
        if view.path:
            made = _looking(_added(view, len(paths), old), view)
            paths.append(view)
        elif old is not None:
            made = _looking(old, view)
        else:
            continue
        _place(columns, made, view.after)
    hidden = frozenset(wanted.hide)
    columns = [replace(column, hidden=column.key in hidden) for column in columns]
    first = {key: at for at, key in enumerate(wanted.order)}
    columns.sort(key=lambda column: first.get(column.key, len(first)))
    own: type[Row] = kind.row
    read = tuple((view.path, _format_of(kind, view)) for view in paths)
    also = _also(kind.name, own, read) if paths else None
    row = row_with_extra(own) if paths else own
    return replace(kind, columns=tuple(columns), row=row, also=also, sort=wanted.sort)


def _added(view: ColumnView, number: int, old: AnyColumn | None) -> AnyColumn:
    def value(row: Row) -> Value:
        extra: _Extra = getattr(row, "extra", ())
        return extra[number] if number < len(extra) else None

    if old is not None:
        return replace(old, value=value, level=None)
    return Column(view.key, view.key.replace("_", " ").upper(), value, priority=3)


def _looking(column: AnyColumn, view: ColumnView) -> AnyColumn:
    """`column` with the looks that `view` asks for."""
    return replace(
        column,
        title=view.title or column.title,
        format=Format(view.format) if view.format is not None else column.format,
        width=column.width if view.width is None else view.width,
        wide=column.wide if view.wide is None else view.wide,
        priority=column.priority if view.priority is None else view.priority,
    )


def _place(columns: list[AnyColumn], made: AnyColumn, after: str) -> None:
    """Put `made` where it was, or behind `after`; a new one stands before the age, where there is one."""
    keys = [column.key for column in columns]
    if made.key in keys:
        at = keys.index(made.key)
        columns[at] = made
        if not after or after == made.key:
            return
        del columns[at], keys[at]
    if after in keys:
        columns.insert(keys.index(after) + 1, made)
    else:
        columns.insert(keys.index("age") if "age" in keys else len(keys), made)


# -- reading what was added -------------------------------------------------------------------------------------


class _Metadata(Projection):
    """Nothing of the metadata but what a path names."""


@cache
def row_with_extra(row: type[Row]) -> type[Row]:
    """Rows as `row`, and behind their fields `extra`: the values of the user's columns."""
    fields = [("extra", _Extra, ())]
    made: Any = msgspec.defstruct(
        row.__name__, fields, bases=(row,), module=row.__module__, frozen=True, gc=False, array_like=True
    )
    shape: type[Row] = made
    return shape


@cache
def _also(name: str, row: type[Row], columns: tuple[tuple[str, Format], ...]) -> Also:
    """What reads `columns`, each a path and a format: the same for the same ones, so that it can be compared."""
    made: Callable[..., Row] = row_with_extra(row)
    reads = [_bounded(reader(parse(path)), format) for path, format in columns]

    def extend(row: Row, found: Any) -> Row:
        return made(*structs.astuple(row), tuple([read(found) for read in reads]))

    return Also(partial(f"{name}Also", [parse(path) for path, _format in columns], _Metadata), extend)


def _format_of(kind: AnyKind, column: ColumnView) -> Format:
    """Its own, or that of the column whose place it takes."""
    old = kind.column(column.key)
    if column.format is not None:
        return Format(column.format)
    return old.format if old is not None else Format.TEXT


def _bounded(read: Read, format: Format) -> Callable[[Any], Value]:
    """Numbers that no row can hold are texts."""

    def bounded(found: Any) -> Value:
        value = as_value(read(found), format)
        return str(value) if isinstance(value, int) and abs(value) > _LARGEST else value

    return bounded


def same_rows(before: AnyKind, now: AnyKind | None) -> bool:
    """Whether rows of both are made alike, but for what a user added: old ones are right until new ones come."""
    return now is not None and now.project is before.project


def same_values(before: AnyKind, now: AnyKind) -> bool:
    """Whether both read the same of an object: they differ in looks only."""
    return before.also == now.also and now.project is before.project


def reshaped(row: Row, kind: AnyKind) -> Row:
    """`row`, of `kind` before or after it was arranged, as a row of `kind` now; its extra values are not known."""
    if type(row) is kind.row and kind.also is None:
        return row
    own = len(structs.fields(kind.row)) - (kind.also is not None)
    made: Row = kind.row(*structs.astuple(row)[:own])
    return made
