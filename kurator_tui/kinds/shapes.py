"""Reading plain dicts of objects of any shape: where something is missing or wrong, nothing is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Object = Mapping[str, Any]


def at(obj: object, *path: str) -> object:
    """What is at `path`, or None."""
    for key in path:
        obj = obj.get(key) if isinstance(obj, Mapping) else None
    return obj


def mapping(value: object) -> Object:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> Iterable[Object]:
    """The objects in a list."""
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()


def text(value: object) -> str:
    """`value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def meta(obj: Object) -> Object:
    """Its metadata."""
    return mapping(obj.get("metadata"))


def name_of(obj: Object) -> str:
    """Its name."""
    return text(meta(obj).get("name"))


def namespace_of(obj: Object) -> str:
    """Its namespace."""
    return text(meta(obj).get("namespace"))
