"""Where a query goes wrong: the first token after which nothing could make it one. Pure.

The parser tells what is wrong without a place. A prefix of tokens is sound when some short completion parses; the
first token that makes it unsound is the place. Tokens are also what completion looks at.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`
    |(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:ms|[smhdwy]\d*)*(?:ms|[smhdwy])?
    |[A-Za-z_:][A-Za-z0-9_:]*
    |=~|!~|!=|==|>=|<=|[-+*/%^()\[\]{},=<>@:]
    |.""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = {"(": ")", "[": "]", "{": "}"}
_FILLERS = (
    "",
    "x",
    "1",
    '"x"',
    "5m",
    "(x)",
    "()",
    "=x",
    '="x"',
    "(x[5m])",
    "(1,x)",
    '="x",x="x"',
    " by (x) (x)",
    "=1",
)
LONGEST = 4000
"""Characters of a query that are searched for the place."""


class Token(NamedTuple):
    """A piece of a query; `start` is its index."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Index behind it."""
        return self.start + len(self.text)


def tokens(promql: str) -> list[Token]:
    """All tokens but blanks and comments. Anything is a token: nothing is refused here."""
    found = (Token(match.start(), match.group()) for match in _TOKEN.finditer(promql))
    return [token for token in found if not token.text.isspace() and not token.text.startswith("#")]


def problem(promql: str, reason: str) -> tuple[int, str]:
    """(index, what is wrong) of a query that the parser refused with `reason`."""
    pieces = tokens(promql[:LONGEST])
    if not pieces:
        return 0, "there is no query"
    named = re.search(r"unknown function with name '([^']*)'", reason) or re.search(
        r"in call to function '([^']*)'", reason
    )
    if named is not None:
        at = next((token.start for token in pieces if token.text == named[1]), 0)
        return at, reason
    low, high = 0, len(pieces)  # the prefix of `low` tokens is sound, that of `high` may not be
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _sound(promql, pieces[:middle]) else (low, middle)
    whole = high == len(pieces) and _sound(promql, pieces)
    at = pieces[-1].end if whole else pieces[high - 1].start
    if reason == "invalid promql query":
        reason = "the query ends too early" if whole else f"unexpected {pieces[high - 1].text[:40]}"
    return at, reason


def _sound(promql: str, pieces: list[Token]) -> bool:
    """Whether some completion of these tokens is a query."""
    import promql_parser

    text = promql[: pieces[-1].end] if pieces else ""
    open_: list[str] = []
    for token in pieces:
        if token.text in _OPENING:
            open_.append(_OPENING[token.text])
        elif open_ and token.text == open_[-1]:
            open_.pop()
    closing = "".join(reversed(open_))
    for filler in _FILLERS:
        for end in ("", "(x)", " x", "(x[5m])"):
            try:
                promql_parser.parse(f"{text}{' ' if filler[:1].isalnum() else ''}{filler}{closing}{end}")
            except ValueError as error:
                if _of_types(str(error)):
                    return True
                continue
            return True
    return False


def _of_types(reason: str) -> bool:
    """Whether a refusal is about types or names: the text itself is well-formed."""
    return any(
        word in reason for word in ("expected type", "unknown function", "argument(s)", "must contain only")
    )
