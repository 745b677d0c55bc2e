"""Label selectors: from an object's spec, as a query parameter, and asked of labels at hand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}


class Requirement(NamedTuple):
    """One condition. `operator` is `in`, `notin`, `exists` or `absent`; the latter two have no values."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` meet it, by the rules of the API: `notin` is met by what lacks the key, too."""
        value = labels.get(self.key)
        if self.operator == "in":
            return value in self.values
        if self.operator == "notin":
            return value not in self.values
        return (value is not None) == (self.operator == "exists")

    def __str__(self) -> str:
        if self.operator == "in" and len(self.values) == 1:
            return f"{self.key}={self.values[0]}"
        if self.operator == "notin" and len(self.values) == 1:
            return f"{self.key}!={self.values[0]}"
        if self.operator in ("in", "notin"):
            return f"{self.key} {self.operator} ({','.join(self.values)})"
        return self.key if self.operator == "exists" else f"!{self.key}"


Selector = tuple[Requirement, ...]
"""All must hold. An empty one means what its reader says it means; here no function makes one of nothing."""


def equal(labels: Mapping[str, Any]) -> Selector:
    """A plain map, as a Service has: each label with exactly this value."""
    return tuple(Requirement(str(key), "in", (str(value),)) for key, value in labels.items())


def of_spec(selector: object) -> Selector:
    """A `LabelSelector` or a plain map; empty, which selects nothing, for what is neither."""
    if not isinstance(selector, Mapping):
        return ()
    labels, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    if labels is None and expressions is None:
        return equal(selector) if all(isinstance(value, str) for value in selector.values()) else ()
    found = list(equal(labels)) if isinstance(labels, Mapping) else []
    for expression in expressions if isinstance(expressions, list) else ():
        term = _requirement(expression)
        if term is None:
            return ()
        found.append(term)
    return tuple(found)


def _requirement(expression: object) -> Requirement | None:
    if not isinstance(expression, Mapping) or not isinstance(expression.get("key"), str):
        return None
    operator = _OPERATORS.get(str(expression.get("operator")))
    values = expression.get("values")
    listed = tuple(str(value) for value in values) if isinstance(values, list) else ()
    if operator is None or (operator in ("in", "notin") and not listed):
        return None
    return Requirement(expression["key"], operator, listed if operator in ("in", "notin") else ())


def query(selector: Iterable[Requirement]) -> str:
    """As `labelSelector` takes it."""
    return ",".join(map(str, selector))


def holds(selector: Iterable[Requirement], labels: Iterable[tuple[str, str]]) -> bool:
    """Whether the labels of a row, as pairs, meet all of `selector`."""
    at_hand = dict(labels)
    return all(requirement.holds(at_hand) for requirement in selector)
