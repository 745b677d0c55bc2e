"""Binary operators: between scalars, a scalar and a vector, and two vectors matched by labels."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import promql_parser as ast

from kurator_tui.demo.promql.values import (
    NAME,
    Column,
    Key,
    Labels,
    QueryError,
    Scalars,
    Value,
    Vector,
    key_of,
    merged,
    nameless,
    only,
    other_than,
    shown,
)

Arithmetic = Callable[[float, float], float]


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if not a or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)


def _remainder(a: float, b: float) -> float:
    if not b or math.isinf(a) or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.fmod(a, b)


def _power(base: float, exponent: float) -> float:
    """As IEEE 754 has it: NaN and infinity instead of errors."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf
    except ValueError:
        if base:
            return math.nan
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


ARITHMETIC: dict[str, Arithmetic] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": _remainder,
    "^": _power,
    "atan2": math.atan2,
}
COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_SETS = ("and", "or", "unless")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operator with its modifiers.  `many` is the side of `group_left` or `group_right`, else ""."""

    name: str
    as_bool: bool
    key: Callable[[Labels], Key]
    on: bool
    labels: tuple[str, ...]
    many: str
    included: tuple[str, ...]

    @property
    def drops_name(self) -> bool:
        """Whether results are other values than the left side's."""
        return self.name in ARITHMETIC or self.as_bool

    def result(self, left: float, right: float) -> float | None:
        """None where a comparison drops the element."""
        if self.name in ARITHMETIC:
            return ARITHMETIC[self.name](left, right)
        holds = COMPARISON[self.name](left, right)
        if self.as_bool:
            return 1.0 if holds else 0.0
        return left if holds else None


def operation_of(node: Any) -> Operation:
    """The operation of a binary expression.  Raises QueryError (execution) for what is not supported."""
    name, modifier = str(node.op), node.modifier
    if name not in ARITHMETIC and name not in COMPARISON and name not in _SETS:
        raise QueryError("execution", f"operator {name!r} is not supported")
    matching = modifier.matching if modifier else None
    on = matching is not None and matching.type == ast.LabelModifierType.Include
    labels = tuple(matching.labels) if matching is not None else ()
    fill = getattr(modifier, "fill_values", None)
    if fill is not None and (fill.lhs is not None or fill.rhs is not None):
        raise QueryError("execution", "fill modifiers are not supported")
    return Operation(
        name,
        bool(modifier and modifier.return_bool),
        (only if on else other_than)(labels),
        on,
        labels,
        _many(modifier),
        tuple(modifier.group_labels or ()) if modifier else (),
    )


def _many(modifier: Any) -> str:
    """The side that group_left or group_right says to be many."""
    if modifier and modifier.card == ast.VectorMatchCardinality.ManyToOne:
        return "left"
    return "right" if modifier and modifier.card == ast.VectorMatchCardinality.OneToMany else ""


def apply(operation: Operation, left: Value, right: Value) -> Value:
    """The result of the operation.  Raises QueryError as Prometheus does."""
    if isinstance(left, str) or isinstance(right, str):
        raise QueryError("bad_data", "binary expression must contain only scalar and instant vector types")
    one, other = _vector(left), _vector(right)
    if one is not None and other is not None:
        if operation.name in _SETS:
            return _set(operation, one, other)
        return _matched(operation, one, other)
    if one is not None:
        return _each(operation, one, _scalars(right), vector_first=True)
    if other is not None:
        return _each(operation, other, _scalars(left), vector_first=False)
    pairs = zip(_scalars(left), _scalars(right), strict=True)
    return Scalars(result if (result := operation.result(a, b)) is not None else math.nan for a, b in pairs)


def _each(operation: Operation, vector: Vector, scalars: Scalars, *, vector_first: bool) -> Vector:
    """A vector with a scalar; a comparison keeps the vector's values."""
    found = []
    for column in vector:
        values: list[float | None] = []
        for value, scalar in zip(column.values, scalars, strict=True):
            if value is None:
                values.append(None)
            elif vector_first:
                values.append(operation.result(value, scalar))
            else:
                result = operation.result(scalar, value)
                keeps = result is not None and not operation.drops_name
                values.append(value if keeps else result)
        labels = nameless(column.labels) if operation.drops_name else column.labels
        found.append(Column(labels, values))
    return merged(found) if operation.drops_name else found


def _set(operation: Operation, left: Vector, right: Vector) -> Vector:
    """and, unless, or: by what there is on the other side at each instant."""
    other, mine = (right, left) if operation.name != "or" else (left, right)
    there: dict[Key, list[bool]] = {}
    for column in other:
        has = [value is not None for value in column.values]
        key = operation.key(column.labels)
        there[key] = [a or b for a, b in zip(there[key], has, strict=True)] if key in there else has
    wanted = operation.name == "and"
    found = []
    for column in mine:
        has = there.get(operation.key(column.labels), [False] * len(column.values))
        kept = [value if is_there is wanted else None for value, is_there in zip(column.values, has, strict=True)]
        found.append(Column(column.labels, kept))
    return merged([*(Column(c.labels, list(c.values)) for c in left), *found]) if operation.name == "or" else found


def _matched(operation: Operation, left: Vector, right: Vector) -> Vector:
    """Two vectors: each element of the many side with the one of the other side that has its key."""
    many, one = (right, left) if operation.many == "right" else (left, right)
    if not left or not right:
        return []
    partners = _partners(operation, one)
    found: list[tuple[Key, Column]] = []
    for column in many:
        key = operation.key(column.labels)
        for partner in partners.get(key, ()):
            found.append((key, _joined(operation, column, partner)))
    _refuse_multiple(operation, found)
    return merged([column for _key, column in found])


def _joined(operation: Operation, many: Column, one: Column) -> Column:
    left, right = (one, many) if operation.many == "right" else (many, one)
    result = operation.result
    values = [
        None if a is None or b is None else result(a, b) for a, b in zip(left.values, right.values, strict=True)
    ]
    return Column(_result_labels(operation, many.labels, one.labels), values)


def _partners(operation: Operation, one: Vector) -> dict[Key, Vector]:
    """The "one" side by key.  Raises QueryError where two have the same key at the same instant."""
    found: dict[Key, Vector] = {}
    for column in one:
        others = found.setdefault(operation.key(column.labels), [])
        for other in others:
            if _overlap(column, other):
                raise _duplicate(operation, column, other)
        others.append(column)
    return found


def _overlap(one: Column, other: Column) -> bool:
    return any(a is not None and b is not None for a, b in zip(one.values, other.values, strict=True))


def _duplicate(operation: Operation, column: Column, other: Column) -> QueryError:
    names = operation.labels
    labels = column.labels.items()
    group = {n: v for n, v in labels if (n in names if operation.on else n not in names and n != NAME)}
    side = "left" if operation.many == "right" else "right"
    return QueryError(
        "execution",
        f"found duplicate series for the match group {shown(group)} on the {side} hand-side of the operation: "
        f"[{shown(column.labels)}, {shown(other.labels)}]"
        ";many-to-many matching not allowed: matching labels must be unique on one side",
    )


def _refuse_multiple(operation: Operation, found: list[tuple[Key, Column]]) -> None:
    """Several results for one key need group_left or group_right, and labels that tell them apart."""
    seen: dict[tuple[Key, Key], Vector] = {}
    for key, column in found:
        told_apart = key_of(column.labels) if operation.many else ()
        others = seen.setdefault((key, told_apart), [])
        if any(_overlap(column, other) for other in others):
            how = (
                "grouping labels must ensure unique matches"
                if operation.many
                else "many-to-one matching must be explicit (group_left/group_right)"
            )
            raise QueryError("execution", f"multiple matches for labels: {how}")
        others.append(column)


def _result_labels(operation: Operation, many: Labels, one: Labels) -> Labels:
    drops = operation.drops_name
    found = nameless(many) if drops else dict(many)
    if not operation.many:
        named = operation.labels
        found = {name: value for name, value in found.items() if (name in named) is operation.on}
    for name in operation.included:
        found.pop(name, None)
        if one.get(name):
            found[name] = one[name]
    return nameless(found) if operation.as_bool else found


def _vector(value: Value) -> Vector | None:
    """The columns of a vector, None for a scalar."""
    return None if isinstance(value, Scalars | str) else value


def _scalars(value: Value) -> Scalars:
    assert isinstance(value, Scalars)
    return value
