"""Texts that a user gave to a verb, checked against its parameters before anything is read or sent. Pure.

The console's forms and the feeder check alike; what the texts then mean is `actions.arguments`.
"""

from __future__ import annotations

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
    return {each.name: check(verb, each, given.get(each.name, "")) for each in verb.parameters}


def check(verb: Verb, parameter: Parameter, raw: str) -> str:
    """One argument, "" for none. Raises UsageError."""
    text = (raw if parameter.kind == "yaml" else raw.strip()) or parameter.default
    if not text:
        if parameter.required:
            raise UsageError(f"{verb.id} needs {parameter.name}", parameter.help)
        return ""
    read = _CHECKS.get(parameter.kind)
    if parameter.choices and text not in parameter.choices:
        raise UsageError(f"{parameter.name} cannot be {inert(text)}", f"It can be {', '.join(parameter.choices)}.")
    if read is None:
        return text
    known = read(text)
    if known is None:
        raise UsageError(
            f"{parameter.name} cannot be {inert(text)}: it is {_WORDS[parameter.kind]}", parameter.help
        )
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


_WORDS = {
    "bool": "yes or no",
    "int": "a number, 0 or more",
    "pairs": "key=value, or key- to take one away, with blanks between",
    "cpu": "an amount of CPU such as 500m",
    "memory": "an amount of memory such as 512Mi",
    "duration": "a time such as 90s",
}
_CHECKS: dict[str, Callable[[str], str | None]] = {
    "bool": _bool,
    "int": _int,
    "pairs": _pairs,
    "cpu": lambda text: text if _QUANTITY.fullmatch(text) else None,
    "memory": lambda text: text if _QUANTITY.fullmatch(text) else None,
    "duration": lambda text: text if _DURATION.fullmatch(text) else None,
}
