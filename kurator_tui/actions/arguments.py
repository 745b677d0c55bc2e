"""What texts that a user gave to a verb mean to planners; `kinds.arguments` has checked them. Pure."""

from __future__ import annotations

import json

from kurator_tui.errors import UsageError
from kurator_tui.kinds.cells import inert


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
