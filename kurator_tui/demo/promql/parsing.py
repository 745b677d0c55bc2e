"""Query text to a syntax tree, with Prometheus's words for what is wrong."""

import re
from typing import Any

import promql_parser as ast

from kurator_tui.demo.promql.values import QueryError

_TYPES = {"vector": "instant vector", "matrix": "range vector"}
_ARGUMENT = re.compile(r"in call to function '(\w+)'")
_NAMED = re.compile(r"(?:unknown function with name|in call to) '(\w+)'")


def parse(query: str) -> Any:
    """The syntax tree.  Raises QueryError (bad_data) with the place of the error where it is known."""
    try:
        return ast.parse(query)
    except ValueError as error:
        message = str(error)
    place = f"1:{_place(query, message)}" if query.strip() else "unknown position"
    raise QueryError("bad_data", f"{place}: parse error: {_worded(message)}")


def _place(query: str, message: str) -> int:
    """The column of the error, from 1: of the argument or function that the message names, else the end."""
    for pattern, behind in ((_ARGUMENT, r"\s*\(\s*"), (_NAMED, "")):
        if said := pattern.search(message):
            found = re.search(rf"\b{said[1]}\b{behind}", query)
            if found:
                return (found.end() if behind else found.start()) + 1
    return len(query) + 1


def _worded(message: str) -> str:
    """The parser's message with the names that Prometheus has for types and functions."""
    words = re.sub(r"\b(vector|matrix)\b(?! matching| selector)", lambda found: _TYPES[found[1]], message)
    words = words.replace("instant instant vector", "instant vector")
    words = re.sub(r"(function|in call to|with name) '(\w+)'", r'\1 "\2"', words)
    return words.replace("invalid promql query", "unexpected end of input")
