"""What may stand at the cursor of a query: metric names, labels of the metric in question, values, functions.

`context` looks at the tokens before the cursor, `wanted_names` asks Thanos for what belongs there, `completed`
puts the matching words in order.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kurator_tui.kinds.cells import inert
from kurator_tui.metrics.answers import decoded
from kurator_tui.metrics.scoping import quoted
from kurator_tui.metrics.syntax import Token, tokens

if TYPE_CHECKING:
    from kurator_tui.metrics.service import Metrics

MOST_WORDS = 100
LONGEST_WORD = 200
AGGREGATIONS = (
    *(
        "avg",
        "bottomk",
        "count",
        "count_values",
        "group",
        "max",
        "min",
        "quantile",
        "stddev",
        "stdvar",
        "sum",
        "topk",
    ),
)
FUNCTIONS = (
    *("abs", "absent", "absent_over_time", "avg_over_time", "ceil", "changes", "clamp", "clamp_max", "clamp_min"),
    *("count_over_time", "day_of_week", "delta", "deriv", "exp", "floor", "histogram_quantile", "hour", "idelta"),
    *(
        "increase",
        "irate",
        "label_join",
        "label_replace",
        "last_over_time",
        "ln",
        "log10",
        "log2",
        "max_over_time",
    ),
    *("min_over_time", "minute", "month", "predict_linear", "present_over_time", "quantile_over_time", "rate"),
    *(
        "resets",
        "round",
        "scalar",
        "sgn",
        "sort",
        "sort_desc",
        "sqrt",
        "stddev_over_time",
        "sum_over_time",
        "time",
    ),
    *("timestamp", "vector", "year"),
)
AFTER = ("and", "bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "or", "unless", "without")
_GROUPING = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*\Z")


class Expected(enum.Enum):
    """What belongs at the cursor."""

    EXPRESSION = "expression"
    OPERATOR = "operator"
    LABEL = "label"
    VALUE = "value"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Context:
    """`prefix` is what was typed of the word, text[start:end] what a word takes the place of."""

    expected: Expected
    prefix: str
    start: int
    end: int
    metric: str = ""
    """The metric whose labels are meant; "" for any."""
    label: str = ""
    """The label whose values are meant."""


def context(promql: str, cursor: int) -> Context:
    """What belongs at `cursor`, an index into `promql`."""
    before = tokens(promql[:cursor])
    if (value := _value(before, cursor)) is not None:
        return value
    prefix = ""
    if before and before[-1].end == cursor and _WORD.match(before[-1].text):
        prefix = before.pop().text
    start = cursor - len(prefix)
    if (opened := _opened(before)) is not None:
        at, closing = opened
        if closing == "}":
            expecting = before[-1].text in ("{", ",")
            metric = before[at - 1].text if at and _WORD.match(before[at - 1].text) else ""
            return Context(Expected.LABEL if expecting else Expected.NOTHING, prefix, start, cursor, metric)
        if closing == ")" and at and before[at - 1].text.lower() in _GROUPING:
            return Context(Expected.LABEL, prefix, start, cursor, _metric_after(promql[cursor:]))
        if closing == "]":
            return Context(Expected.NOTHING, prefix, start, cursor)
    ended = bool(before) and (before[-1].text in (")", "]", "}") or bool(_WORD.match(before[-1].text)))
    word = before[-1].text.lower() if before else ""
    operator = ended and word not in (*AFTER, "by", "without")
    return Context(Expected.OPERATOR if operator else Expected.EXPRESSION, prefix, start, cursor)


def _opened(before: list[Token]) -> tuple[int, str] | None:
    """(index of the innermost bracket that is open, what closes it)."""
    open_: list[tuple[int, str]] = []
    for number, token in enumerate(before):
        if token.text in "([{" and token.text:
            open_.append((number, {"(": ")", "[": "]", "{": "}"}[token.text]))
        elif open_ and token.text == open_[-1][1]:
            open_.pop()
    return open_[-1] if open_ else None


def _value(before: list[Token], cursor: int) -> Context | None:
    """The context within the quotes of a label's value, None elsewhere."""
    for number in range(len(before) - 1, 1, -1):
        text = before[number].text
        if text in ('"', "'", "`") and before[number - 1].text in ("=", "!=", "=~", "!~"):
            label = before[number - 2].text
            opened = _opened(before[:number])
            at = opened[0] if opened is not None else 0
            metric = before[at - 1].text if at and _WORD.match(before[at - 1].text) else ""
            start = before[number].end
            typed = "".join(token.text for token in before[number + 1 :])
            return Context(Expected.VALUE, typed, start, cursor, metric, label)
        if text in ("{", "}"):
            return None
    return None


def _metric_after(rest: str) -> str:
    """The first metric of what an aggregation is over."""
    words = [token.text for token in tokens(rest) if _WORD.match(token.text)]
    return next((word for word in words if word not in FUNCTIONS and word not in AGGREGATIONS), "")


async def wanted_names(metrics: Metrics, where: Context) -> list[str]:
    """What Thanos knows that belongs there. Raises ConsoleError."""
    match where.expected:
        case Expected.EXPRESSION:
            path, about = "label/__name__/values", ""
        case Expected.LABEL:
            path, about = "labels", where.metric
        case Expected.VALUE:
            path, about = f"label/{where.label}/values", where.metric
        case _:
            return []
    if where.expected is Expected.VALUE and not _WORD.match(where.label):
        return []
    parameters = (("match[]", f"{{__name__={quoted(about)}}}"),) if about else ()
    found = decoded(await metrics.get(path, parameters), list[str], metrics.name)
    return [name for name in found if name != "__name__" and len(name) <= LONGEST_WORD and inert(name) == name]


def completed(where: Context, names: Iterable[str]) -> list[str]:
    """Words that begin with, then words that hold, what was typed; names before functions."""
    own = {Expected.EXPRESSION: (*AGGREGATIONS, *FUNCTIONS), Expected.OPERATOR: AFTER}.get(where.expected, ())
    words = list(dict.fromkeys((*sorted(names), *sorted(own))))
    typed = where.prefix.lower()
    first = [word for word in words if word.lower().startswith(typed)]
    later = [word for word in words if typed and typed in word.lower() and not word.lower().startswith(typed)]
    return [word for word in (*first, *later) if word != where.prefix][:MOST_WORDS]
