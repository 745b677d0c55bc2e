"""A selector of the syntax tree as a question to labels, and its times: `offset` and `@`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import promql_parser as ast

from kurator_tui.demo.promql.values import NAME, Grid, Labels, QueryError

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Selector:
    """Tests by label; `equal` are those that ask for one value."""

    tests: tuple[tuple[str, Test], ...]
    equal: Labels

    def accepts(self, labels: Labels) -> bool:
        """Whether a series of these labels is meant."""
        get = labels.get
        return all(test(get(name, "")) for name, test in self.tests)

    def may_have(self, name: str, value: str) -> bool:
        """Whether a series with this label is meant, as far as the label tells."""
        return all(test(value) for label, test in self.tests if label == name)


def selector_of(node: Any) -> Selector:
    """What a vector selector asks for.  Raises QueryError for what is not supported, or a bad expression."""
    if node.matchers.or_matchers:
        raise QueryError("execution", "matchers joined by 'or' are not supported")
    tests: list[tuple[str, Test]] = []
    equal: Labels = {}
    if node.name:
        equal[NAME] = node.name
        tests.append((NAME, node.name.__eq__))
    for matcher in node.matchers.matchers:
        if matcher.op == ast.MatchOp.Equal:
            equal[matcher.name] = matcher.value
        tests.append((matcher.name, _test(matcher)))
    return Selector(tuple(tests), equal)


def _test(matcher: Any) -> Test:
    value: str = matcher.value
    if matcher.op == ast.MatchOp.Equal:
        return value.__eq__
    if matcher.op == ast.MatchOp.NotEqual:
        return value.__ne__
    pattern = compiled(value)
    if matcher.op == ast.MatchOp.Re:
        return lambda text: pattern.fullmatch(text) is not None
    return lambda text: pattern.fullmatch(text) is None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression, to be matched against a whole value.  Raises QueryError (bad_data)."""
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise QueryError("bad_data", f"error parsing regexp: {error}: `^(?:{pattern})$`") from None


def equal_labels(node: Any) -> Labels:
    """The labels that `absent` gives for a selector: asked for by one value, and once only."""
    found: Labels = {}
    asked: set[str] = set()
    for matcher in node.matchers.matchers:
        if matcher.name == NAME:
            continue
        if matcher.op == ast.MatchOp.Equal and matcher.name not in asked:
            found[matcher.name] = matcher.value
        else:
            found.pop(matcher.name, None)
        asked.add(matcher.name)
    return {name: value for name, value in found.items() if value}


def milliseconds(duration: Any) -> int:
    """A timedelta, None being no time."""
    return round(duration.total_seconds() * 1000) if duration is not None else 0


def moved(node: Any, grid: Grid, whole: Grid) -> Grid:
    """The instants at which a selector or subquery looks, for those of the grid; `whole` is the query's."""
    offset = milliseconds(node.offset)
    if node.at is None:
        return grid._replace(start=grid.start - offset)
    if node.at.type == ast.AtModifierType.Start:
        at = whole.start
    elif node.at.type == ast.AtModifierType.End:
        at = whole.end
    else:
        at = round(node.at.at.timestamp() * 1000)
    return Grid(at - offset, 0, grid.size)
