"""A scope put into a query: matchers added to every selector of its parsed form, never to its text. Pure.

`promql_parser` says what is wrong with a query, not where: `metrics.syntax` finds that out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.errors import UsageError
from kurator_tui.metrics.syntax import problem

NAMES = ("cluster", "namespace", "workload", "node", "canary", "queue", "service")
"""Variables that a query of the catalogue may hold, with `$` before them."""
NO_VARIABLES: Mapping[str, str] = {}
_VARIABLE = re.compile(r"\$([a-z]+)")
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


class QueryProblem(UsageError):
    """A query that is no PromQL. `at` is the index of the character it goes wrong at, `reason` what is wrong."""

    title = "Not a query"

    def __init__(self, text: str, reason: str, at: int) -> None:
        before = text[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        super().__init__(f"{line}:{column}: {reason}", "Correct the query at the place that is marked.")
        self.at = at
        self.reason = reason


def parsed(promql: str) -> Any:
    """The query's tree. Raises QueryProblem."""
    import promql_parser

    try:
        return promql_parser.parse(promql)
    except ValueError as error:
        at, reason = problem(promql, str(error))
        raise QueryProblem(promql, reason, at) from None


def scoped(
    promql: str,
    clusters: Sequence[str] = (),
    namespaces: Sequence[str] = (),
    variables: Mapping[str, str] = NO_VARIABLES,
) -> str:
    """`promql` with every selector narrowed to `clusters` (values of the label) and `namespaces`; empty for all.

    `variables` stand for `$node` and the like (`NAMES`) within the values of matchers; a matcher with one that is
    not given is left out. Raises QueryProblem.
    """
    tree = parsed(promql)
    added = [
        _matcher(name, values) for name, values in (("cluster", clusters), ("namespace", namespaces)) if values
    ]
    if not added and not any(f"${name}" in promql for name in NAMES):
        return promql
    import promql_parser

    def narrowed(node: Any) -> Any:
        if isinstance(node, promql_parser.VectorSelector):
            return promql_parser.parse(_text(node, added, variables))
        return None

    return str(promql_parser.transform(tree, None, narrowed).prettify())


def _matcher(name: str, values: Sequence[str]) -> str:
    """A label matcher as PromQL: `=` for one value, an anchored alternative for several."""
    chosen = sorted(set(values))
    if len(chosen) == 1:
        return f"{name}={quoted(chosen[0])}"
    return f"{name}=~{quoted('|'.join(map(escaped, chosen)))}"


def escaped(text: str) -> str:
    """A regular expression (RE2) that means `text`."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _text(selector: Any, added: Sequence[str], variables: Mapping[str, str]) -> str:
    """A selector as PromQL, with matchers more. (The parser's own text leaves quotes in values as they are.)"""
    own = selector.matchers
    groups = own.or_matchers or [own.matchers]
    written = [[_one(each, variables) for each in group] for group in groups]
    inner = " or ".join(",".join([*(each for each in group if each is not None), *added]) for group in written)
    at, offset = selector.at, selector.offset
    ending = (f" @ {_moment(at)}" if at is not None else "") + (f" offset {_duration(offset)}" if offset else "")
    return f"{selector.name or ''}{{{inner}}}{ending}"


def _one(matcher: Any, variables: Mapping[str, str]) -> str | None:
    """A matcher as PromQL; None for one about a variable that was not given."""
    import promql_parser

    op = promql_parser.MatchOp
    signs = ((op.Equal, "="), (op.NotEqual, "!="), (op.Re, "=~"), (op.NotRe, "!~"))
    sign = next(text for each, text in signs if each == matcher.op)
    value = matcher.value
    if "$" in value:
        regex = sign in ("=~", "!~")
        names = [name for name in _VARIABLE.findall(value) if name in NAMES]
        if any(not variables.get(name) for name in names):
            return None
        for name in names:
            value = value.replace(f"${name}", escaped(variables[name]) if regex else variables[name])
    return f"{matcher.name}{sign}{quoted(value)}"


def _moment(at: Any) -> str:
    import promql_parser

    if at.type == promql_parser.AtModifierType.At:
        return f"{at.at.timestamp():.3f}"
    return "start()" if at.type == promql_parser.AtModifierType.Start else "end()"


def _duration(offset: Any) -> str:
    milliseconds = round(offset.total_seconds() * 1000)
    return f"{'-' if milliseconds < 0 else ''}{abs(milliseconds)}ms"


def quoted(value: str) -> str:
    """A string literal of PromQL, whose escapes are Go's."""
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{text}"'
