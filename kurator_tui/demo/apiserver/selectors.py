"""Label and field selectors: text of a query parameter to a test on an object.

Grammar and wording follow k8s.io/apimachinery `labels` and `fields`.  Pure; raises BadRequest.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.resources import ResourceType

Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

_TOKEN = re.compile(r"\s*(!=|==|=|!|<|>|\(|\)|,|[^\s()=!<>,]+)")
_OPERATORS = "in, notin, =, ==, !=, gt, lt"
_NAME = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\Z")
#: Fields a real server treats as set although the object leaves them out.
_FIELD_DEFAULTS = {"spec.unschedulable": "false", "spec.hostNetwork": "false", "status.successful": "0"}


@dataclass(frozen=True, slots=True)
class Selector:
    """The label and field tests of one request; `everything` when there are none."""

    labels: tuple[Test, ...] = ()
    fields: tuple[tuple[str, bool, str], ...] = ()
    """(dotted path, whether it must equal, value)."""

    @property
    def everything(self) -> bool:
        """True when every object matches."""
        return not self.labels and not self.fields

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Whether the object passes every test."""
        if self.labels:
            labels = (obj.get("metadata") or {}).get("labels") or {}
            if not all(test(labels) for test in self.labels):
                return False
        return all((field_value(obj, path) == value) is equal for path, equal, value in self.fields)


def parse(rt: ResourceType, labels: str, fields: str) -> Selector:
    """The selector of a request on `rt`; empty texts select everything.  Raises BadRequest."""
    return Selector(parse_labels(labels), parse_fields(rt, fields))


def from_object(selector: Mapping[str, Any] | None) -> tuple[Test, ...]:
    """The tests of a LabelSelector object (`matchLabels`, `matchExpressions`)."""
    spec = selector or {}
    tests = [_in(key, frozenset({str(value)})) for key, value in (spec.get("matchLabels") or {}).items()]
    for item in spec.get("matchExpressions") or ():
        values = frozenset(str(value) for value in item.get("values") or ())
        key, operator = str(item.get("key")), item.get("operator")
        tests.append(_expression(key, str(operator), values))
    return tuple(tests)


def to_text(selector: Mapping[str, Any] | None) -> str:
    """A LabelSelector as kubectl prints it (`app=web,tier in (a,b)`); '<none>' when empty."""
    spec = selector or {}
    parts = [f"{key}={value}" for key, value in sorted((spec.get("matchLabels") or {}).items())]
    for item in spec.get("matchExpressions") or ():
        key, operator = item.get("key"), item.get("operator")
        values = ",".join(sorted(item.get("values") or ()))
        texts = {"Exists": f"{key}", "DoesNotExist": f"!{key}", "In": f"{key} in ({values})"}
        parts.append(texts.get(str(operator), f"{key} notin ({values})"))
    return ",".join(parts) or "<none>"


def field_value(obj: Mapping[str, Any], path: str) -> str:
    """The text a field selector compares; '' when absent.  An event's `source` is its component."""
    value: Any = obj
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if path == "source" and isinstance(value, Mapping):
        value = value.get("component") or obj.get("reportingComponent")
    if value is None:
        return _FIELD_DEFAULTS.get(path, "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_fields(rt: ResourceType, text: str) -> tuple[tuple[str, bool, str], ...]:
    """Field requirements; raises BadRequest for a field this resource cannot be selected by."""
    found = []
    for part in re.split(r"(?<!\\),", text) if text else ():
        match = re.fullmatch(r"(.+?)(!=|==|=)(.*)", part, re.DOTALL)
        if not match:
            message = f'unable to parse field selector: invalid selector: "{part}"; can\'t understand "{part}"'
            raise errors.bad_request(message)
        path, operator, value = match.groups()
        if path not in rt.selectable_fields:
            raise _unsupported_field(rt, path)
        found.append((path, operator != "!=", re.sub(r"\\([\\,=])", r"\1", value)))
    return tuple(found)


def _unsupported_field(rt: ResourceType, path: str) -> errors.StatusError:
    if not rt.group and len(rt.selectable_fields) > 2:
        return errors.bad_request(f"field label not supported: {path}")
    known = ", ".join(f'"{name}"' for name in ("metadata.name", "metadata.namespace"))
    return errors.bad_request(f'"{path}" is not a known field selector: only {known}')


def parse_labels(text: str) -> tuple[Test, ...]:
    """Label requirements; raises BadRequest with the parser's words."""
    tokens = _Tokens(text)
    tests: list[Test] = []
    while tokens.peek():
        tests.append(_requirement(tokens))
        separator = tokens.take()
        if separator == ",":
            if not tokens.peek():
                raise _unparsable("found '', expected: identifier after ','")
        elif separator:
            raise _unparsable(f"found '{separator}', expected: ',' or 'end of string'")
    return tuple(tests)


class _Tokens:
    """The tokens of a selector, one ahead; '' at the end."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._next = 0

    def peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self._next += 1
        return token


def _requirement(tokens: _Tokens) -> Test:
    token = tokens.take()
    if token == "!":
        return _expression(_checked(tokens.take()), "DoesNotExist", frozenset())
    key = _checked(token)
    operator = tokens.peek()
    if operator in ("", ","):
        return _expression(key, "Exists", frozenset())
    tokens.take()
    if operator in ("=", "==", "!="):
        value = "" if tokens.peek() in ("", ",") else tokens.take()
        _check_value(value)
        return _expression(key, "NotIn" if operator == "!=" else "In", frozenset({value}))
    if operator in ("in", "notin"):
        return _expression(key, "In" if operator == "in" else "NotIn", _values(tokens))
    if operator in (">", "<", "gt", "lt"):
        return _compare(key, tokens.take(), greater=operator in (">", "gt"))
    raise _unparsable(f"found '{operator}', expected: {_OPERATORS}")


def _values(tokens: _Tokens) -> frozenset[str]:
    opening = tokens.take()
    if opening != "(":
        raise _unparsable(f"found '{opening}', expected: '('")
    values: set[str] = set()
    while (token := tokens.take()) != ")":
        if not token:
            raise _unparsable("found '', expected: ',' or ')'")
        if token != ",":
            values.add(_check_value(token))
    return frozenset(values or {""})


def _checked(key: str) -> str:
    prefix, _, name = key.rpartition("/")
    if not key or not name or not _NAME.match(name) or (prefix and not _NAME.match(prefix)):
        if key in ("", ",", "=", "==", "!=", "(", ")", "<", ">", "!"):
            raise _unparsable(f"found '{key}', expected: !, identifier, or 'end of string'")
        raise _unparsable(f'<nil>: Invalid value: "{key}": name part must consist of alphanumeric characters')
    return key


def _check_value(value: str) -> str:
    if len(value) > 63 or not _NAME.match(value):
        why = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'"
        raise _unparsable(f'values[0][<nil>]: Invalid value: "{value}": {why}')
    return value


def _unparsable(why: str) -> errors.StatusError:
    return errors.bad_request(f"unable to parse requirement: {why}")


def _in(key: str, values: frozenset[str]) -> Test:
    return lambda labels: labels.get(key) in values


def _expression(key: str, operator: str, values: frozenset[str]) -> Test:
    tests: dict[str, Test] = {
        "In": _in(key, values),
        "NotIn": lambda labels: labels.get(key) not in values,
        "Exists": lambda labels: key in labels,
        "DoesNotExist": lambda labels: key not in labels,
    }
    return tests.get(operator, lambda labels: False)


def _compare(key: str, bound: str, *, greater: bool) -> Test:
    if not re.fullmatch(r"[-+]?\d+", bound):
        raise _unparsable("values[0]: Invalid value: for 'Gt', 'Lt' operators, the value must be an integer")
    limit = int(bound)

    def test(labels: Labels) -> bool:
        value = labels.get(key, "")
        if not re.fullmatch(r"[-+]?\d+", value):
            return False
        return int(value) > limit if greater else int(value) < limit

    return test
