"""Secret values that a server or a webhook quotes in what it says of a write are taken out of it. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from kurator_tui.actions.plan import Step
from kurator_tui.errors import ApiError, ConsoleError
from kurator_tui.kinds.secret_names import secrets_in

HIDDEN = "(hidden)"
_SHORTEST = 3
"""Characters of a value that is looked for: shorter ones are in every sentence."""


def discreet(error: ConsoleError, step: Step) -> None:
    """Take the values that `step` writes to a Secret, or under a secret's name, out of `error`."""
    body, operations = getattr(step.write, "body", {}), getattr(step.write, "operations", ())
    parts: list[Any] = [list(secrets_in([body, *(each.get("value") for each in operations)]))]
    if step.target.kind == "secrets" or body.get("kind") == "Secret":
        parts += [body.get("data"), body.get("stringData"), operations]
    values = sorted({each for part in parts for each in _values(part)}, key=len, reverse=True)
    error.message = _without(error.message, values)
    if isinstance(error, ApiError):
        error.causes = tuple((reason, where, _without(said, values)) for reason, where, said in error.causes)


def _without(said: str, values: list[str]) -> str:
    for value in values:
        said = said.replace(value, HIDDEN)
    return said


def _values(part: Any) -> Iterator[str]:
    """Texts of some length in `part`, as they are and out of base64; of operations those of their `value`."""
    if isinstance(part, str):
        yield from (each for each in (part, _decoded(part)) if len(each) >= _SHORTEST)
    elif isinstance(part, dict):
        for each in [part.get("value")] if "op" in part else part.values():
            yield from _values(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _values(each)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
