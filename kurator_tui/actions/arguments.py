"""Texts that a user gave to a verb, checked against its parameters before anything is read or sent. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from kurator_tui.errors import UsageError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.verb import Parameter, Verb

_YES, _NO = ("yes", "true", "y", "1", "on"), ("no", "false", "n", "0", "off", "")
_QUANTITY = re.compile(r"\d+(\.\d+)?([numkKMGTPE]i?)?")
_DURATION = re.compile(r"(\d+(\.\d+)?(ms|s|m|h))+")


def checked(verb: Verb, given: Mapping[str, str]) -> dict[str, str]:
    """Every parameter of `verb` with its argument or default, as `Parameter.kind` writes it. Raises UsageError."""
    known = {parameter.name for parameter in verb.parameters}
    if unknown := sorted(set(given) - known):
        offer = f"It has: {', '.join(sorted(known))}." if known else "It has none."
        raise UsageError(f"{verb.id} has no parameter {inert(unknown[0])}", offer)
    return {parameter.name: _checked(verb, parameter, given) for parameter in verb.parameters}


def _checked(verb: Verb, parameter: Parameter, given: Mapping[str, str]) -> str:
    raw = given.get(parameter.name, "")
    text = (raw if parameter.kind == "yaml" else raw.strip()) or parameter.default
    if not text:
        if parameter.required:
            raise UsageError(f"{verb.id} needs {parameter.name}", parameter.help)
        return ""
    check = _CHECKS.get(parameter.kind)
    if parameter.choices and text not in parameter.choices:
        raise UsageError(f"{parameter.name} cannot be {inert(text)}", f"It can be {', '.join(parameter.choices)}.")
    if check is None:
        return text
    known = check(text)
    if known is None:
        raise UsageError(f"{parameter.name} cannot be {inert(text)}: it is a {parameter.kind}", parameter.help)
    return known


def _bool(text: str) -> str | None:
    lower = text.casefold()
    return "yes" if lower in _YES else "no" if lower in _NO else None


def _int(text: str) -> str | None:
    return str(int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _pairs(text: str) -> str | None:
    return text if all(_pair(each) for each in text.split()) else None


def _pair(text: str) -> bool:
    key, equals, _value = text.partition("=")
    return bool(key) if equals else len(text) > 1 and text.endswith("-")


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "bool": _bool,
    "int": _int,
    "pairs": _pairs,
    "cpu": lambda text: text if _QUANTITY.fullmatch(text) else None,
    "memory": lambda text: text if _QUANTITY.fullmatch(text) else None,
    "duration": lambda text: text if _DURATION.fullmatch(text) else None,
}


def names(text: str) -> frozenset[str]:
    """What a JSON list of texts says. Raises UsageError for anything else; "" is an empty one."""
    try:
        said = json.loads(text or "[]")
    except ValueError:
        said = None
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise UsageError(f"a JSON list of fields is needed, not {inert(text)}")
    return frozenset(said)


def pairs(text: str) -> dict[str, str | None]:
    """What `pairs` say: key -> value, or None where it is to be removed."""
    said: dict[str, str | None] = {}
    for each in text.split():
        key, equals, value = each.partition("=")
        said[key if equals else key.removesuffix("-")] = value if equals else None
    return said
