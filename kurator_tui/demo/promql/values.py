"""What the evaluator's parts hand to each other: columns over a grid of instants, and the errors of the API.

An expression is evaluated for all instants of a query at once: a vector is a list of columns, a scalar one list of
floats.  An instant query is a grid of one instant.  Times are whole milliseconds since 1970, as in Prometheus.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Labels = dict[str, str]
Key = tuple[tuple[str, str], ...]
"""Labels in order, so that they can be compared and looked up."""

NAME = "__name__"


class QueryError(Exception):
    """A query that cannot be answered: `kind` is bad_data (HTTP 400) or execution (422)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Grid(NamedTuple):
    """The instants of a query: `size` of them from `start` on, `step` apart (milliseconds)."""

    start: int
    step: int
    size: int

    @property
    def end(self) -> int:
        """The last instant."""
        return self.start + self.step * (self.size - 1)

    @property
    def instants(self) -> Sequence[int]:
        """All of them; the same one again and again where the step is 0 (`@`)."""
        if not self.step:
            return (self.start,) * self.size
        return range(self.start, self.start + self.step * self.size, self.step)


@dataclass(slots=True)
class Column:
    """One series of a vector: its value at each instant, None where it has none."""

    labels: Labels
    values: list[float | None]


class Seconds(tuple[float, ...]):
    """Times (seconds since 1970) that are cheap to look up by: many series are asked for the same ones."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash((len(self), self[:1], self[-1:]))


Vector = list[Column]


class Scalars(list[float]):
    """A scalar: its value at each instant."""


Value = Vector | Scalars | str


@dataclass(frozen=True, slots=True)
class Edition:
    """Where major versions of Prometheus differ.

    `left_open`: a range leaves out the sample that is exactly as old as it is long.  `zero_last`: the limit that a
    counter cannot have been negative is applied after the one of how far is extrapolated.
    """

    left_open: bool = True
    zero_last: bool = True


PROMETHEUS_2 = Edition(left_open=False, zero_last=False)
PROMETHEUS_3 = Edition()
"""What Thanos 0.41 evaluates with."""


def key_of(labels: Labels) -> Key:
    """The labels as a key."""
    return tuple(sorted(labels.items()))


def only(names: Collection[str]) -> Callable[[Labels], Key]:
    """Keys of these labels alone (`by`, `on`)."""
    ordered = sorted(set(names))
    return lambda labels: tuple((name, labels[name]) for name in ordered if name in labels)


def other_than(names: Iterable[str]) -> Callable[[Labels], Key]:
    """Keys of all labels but these and the name (`without`, `ignoring`)."""
    dropped = {NAME, *names}
    return lambda labels: tuple(sorted((name, value) for name, value in labels.items() if name not in dropped))


def nameless(labels: Labels) -> Labels:
    """Labels without the metric's name."""
    return {name: value for name, value in labels.items() if name != NAME}


def shown(labels: Labels) -> str:
    """Labels as errors write them."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def merged(columns: Vector) -> Vector:
    """Columns of equal labels made one.  Raises QueryError where two have a value at the same instant."""
    found: dict[Key, Column] = {}
    for column in columns:
        first = found.setdefault(key_of(column.labels), column)
        if first is not column:
            first.values = [_either(one, other) for one, other in zip(first.values, column.values, strict=True)]
    return list(found.values())


def _either(one: float | None, other: float | None) -> float | None:
    if one is not None and other is not None:
        raise QueryError("execution", "vector cannot contain metrics with the same labelset")
    return other if one is None else one


def changed(columns: Vector, change: Callable[[float], float]) -> Vector:
    """A function of each value; the names go."""
    made = [
        Column(nameless(each.labels), [None if value is None else change(value) for value in each.values])
        for each in columns
    ]
    return merged(made)
