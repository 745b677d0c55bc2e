"""The filter language as terms: reading only. What a term means for a row is in `store.filter`.

    text        "two words"        /regex/          ~fuzzy          !x (not x)
    column:value      !column:value     column:glob*      column=value     column!=value
    column<value      <=  >  >=         -l key=value,other!=value,key,!key
    -n shop,pay (namespaces)            @edge-*,prod (clusters)

Terms are separated by blanks and all must hold; several `column:value` of one column mean any of them. While a
user is still typing, an open quote or slash runs to the end of the text.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass

from kurator_tui.errors import UsageError

MAX_LENGTH = 1000


class FilterError(UsageError):
    """A filter that cannot be read. `position` is the index in the text that the message is about."""

    title = "Filter not understood"

    def __init__(self, message: str, position: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.position = position


class Sort(enum.Enum):
    """What a term looks at."""

    TEXT = enum.auto()
    REGEX = enum.auto()
    FUZZY = enum.auto()
    LABEL = enum.auto()
    EQUALS = enum.auto()
    COMPARE = enum.auto()


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `column` and `operator` are set for EQUALS and COMPARE, and for LABEL as key and operator.

    Label operators are `=`, `!=`, `exists` and `absent`.
    """

    sort: Sort
    value: str
    position: int
    negated: bool = False
    column: str = ""
    operator: str = ""


ALIASES = {"ns": "namespace"}
_COLUMN = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(<=|>=|!=|:|<|>|=)")
_LABEL = re.compile(r"(?P<absent>!)?(?P<key>[^=!,\s]+)(?:(?P<operator>==?|!=)(?P<value>[^,\s]*))?$")


def parse(text: str, known: Collection[str]) -> list[Term]:
    """The terms of `text`; `known` are the column keys that exist. Raises `FilterError`."""
    if len(text) > MAX_LENGTH:
        raise FilterError(f"the filter is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    return _Parser(text, known).terms()


class _Parser:
    """Reads one filter from left to right."""

    def __init__(self, text: str, known: Collection[str]) -> None:
        self.text = text
        self.known = known
        self.at = 0

    def terms(self) -> list[Term]:
        """All terms to the end of the text."""
        found: list[Term] = []
        while self._skip_blanks():
            start = self.at
            negated = self._take("!")
            if negated and not self._more():
                raise FilterError("nothing after !", start)
            found.extend(self._term(start, negated))
        return found

    def _term(self, start: int, negated: bool) -> list[Term]:
        if re.compile(r"-l(?=\s|$)").match(self.text, self.at):
            self.at += 2
            return self._labels(start, negated)
        if re.compile(r"-n(?=\s|$)").match(self.text, self.at):
            self.at += 2
            self._skip_blanks()
            return self._names("namespace", start, negated)
        if self._take("@"):
            return self._names("cluster", start, negated)
        if self._take("/"):
            return [Term(Sort.REGEX, self._until_slash(), start, negated)]
        if self._take("~"):
            value = self._value()
            if not value:
                raise FilterError("nothing after ~", start)
            return [Term(Sort.FUZZY, value, start, negated)]
        column = _COLUMN.match(self.text, self.at)
        if column is not None and (term := self._column(column, start, negated)) is not None:
            return [term]
        value = self._value()
        return [Term(Sort.TEXT, value, start, negated)] if value else []

    def _column(self, match: re.Match[str], start: int, negated: bool) -> Term | None:
        """The term about a column, or None when the word only looks like one (`https://…`, `a=b`)."""
        key = match[1].lower().replace("-", "_")
        key, operator = ALIASES.get(key, key), match[2]
        if key not in self.known:
            if operator in ("=", "!=") or self.text.startswith("//", match.end()):
                return None
            columns = ", ".join(sorted(self.known))
            raise FilterError(
                f'no column "{match[1]}" here; columns are {columns}',
                match.start(),
                'Put the text in quotes to search it as it is: "shop:v7".',
            )
        self.at = match.end()
        value = self._value()
        if operator in (":", "=", "!="):
            return Term(Sort.EQUALS, value, start, negated != (operator == "!="), key, "=")
        if not value:
            raise FilterError(f"nothing to compare {key} with", self.at)
        return Term(Sort.COMPARE, value, start, negated, key, operator)

    def _labels(self, start: int, negated: bool) -> list[Term]:
        self._skip_blanks()
        at, selector = self.at, self._value()
        if not selector:
            raise FilterError("no label after -l", start, "Write -l key=value, -l key!=value, -l key or -l !key.")
        terms: list[Term] = []
        for part in selector.split(","):
            match = _LABEL.match(part)
            if match is None or (match["absent"] and match["operator"]):
                raise FilterError(f'"{part}" is no label selector', at, "Write -l key=value,key!=value,key,!key.")
            operator = (match["operator"] or ("absent" if match["absent"] else "exists")).replace("==", "=")
            terms.append(Term(Sort.LABEL, match["value"] or "", start, negated, match["key"], operator))
        if negated and len(terms) > 1:
            raise FilterError("! works on one label at a time", start)
        return terms

    def _names(self, column: str, start: int, negated: bool) -> list[Term]:
        """`column` is one of the names, which are apart by commas."""
        names = [name for name in self._value().split(",") if name]
        if not names:
            raise FilterError(f"no {column} named", start, f"Write the {column}'s name; * stands for any text.")
        return [Term(Sort.EQUALS, name, start, negated, column, "=") for name in names]

    # -- characters -------------------------------------------------------------------------------------------

    def _more(self) -> bool:
        return self.at < len(self.text) and not self.text[self.at].isspace()

    def _skip_blanks(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _take(self, char: str) -> bool:
        if self.text.startswith(char, self.at):
            self.at += 1
            return True
        return False

    def _value(self) -> str:
        """A quoted text, or everything up to the next blank."""
        if self._take('"'):
            end = self.text.find('"', self.at)
            end = len(self.text) if end < 0 else end
            value, self.at = self.text[self.at : end], end + 1
            return value
        start = self.at
        while self._more():
            self.at += 1
        return self.text[start : self.at]

    def _until_slash(self) -> str:
        """A regular expression up to the slash that ends its word."""
        start = self.at
        for end in (match.start() for match in re.compile(r"(?<!\\)/(?=\s|$)").finditer(self.text, start)):
            self.at = end + 1
            break
        else:
            end = self.at = len(self.text)
        pattern = self.text[start:end]
        if not pattern:
            raise FilterError("an empty regular expression", start)
        return pattern.replace("\\/", "/")
