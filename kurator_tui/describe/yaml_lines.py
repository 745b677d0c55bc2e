"""An object as lines of YAML, each with the place it shows: what a line is about can be folded, marked, revealed.

What `yaml.safe_load` makes of the joined texts is the object again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class YamlLine(NamedTuple):
    """`indent` cells, then `dash` ("- " for items of lists), `key` with its colon, and `value`."""

    indent: int
    dash: str
    key: str
    value: str
    path: Path

    @property
    def text(self) -> str:
        """The whole line."""
        gap = " " if self.key and self.value else ""
        return f"{' ' * self.indent}{self.dash}{self.key}{gap}{self.value}"


_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+,()=%~^;<>$ -]*(?::[A-Za-z0-9_./@+,()=%~^;<>$-]+)*")
_SPECIAL = re.compile(
    r"(?:~|null|true|false|yes|no|on|off|y|n|=|<<|---.*|\.\.\.|[-+.]?\d.*|[-+]?\.(?:inf|nan)|0x.*|0o.*)",
    re.IGNORECASE,
)
"""Plain texts that YAML 1.1 or 1.2 takes for something else; whatever begins as a number is quoted too, unless it
cannot be one."""
_NOT_A_NUMBER = re.compile(
    r"\d+(?:\.\d+)?(?:m|k|[KMGTPE]i?)|\d+\.\d+\.\d+[0-9A-Za-z./-]*|\d[0-9A-Za-z./-]*[g-nq-wyz][0-9A-Za-z./-]*"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""Quantities, versions, addresses, digests."""
_BLOCK = re.compile(r"[\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]+")
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_FIRST = ("apiVersion", "kind", "metadata")
"""As people write it; servers begin with the kind."""
DEEPEST = 200
"""Levels of nesting; what lies deeper is written on one line."""


def yaml_lines(value: dict[str, Any]) -> list[YamlLine]:
    """`value` as lines, what kind of object it is before the rest."""
    value = {key: value[key] for key in (*_FIRST, *value) if key in value}
    return list(_mapping(value, 0, (), "")) if value else [YamlLine(0, "", "", "{}", ())]


def yaml_text(lines: list[YamlLine]) -> str:
    """The lines as a document."""
    return "".join(f"{line.text}\n" for line in lines)


def _mapping(value: dict[str, Any], indent: int, path: Path, dash: str) -> Iterator[YamlLine]:
    """The fields; the first one goes behind `dash`."""
    for key, found in value.items():
        yield from _node(f"{scalar(key)}:", found, indent, (*path, str(key)), dash)
        if dash:
            indent, dash = indent + len(dash), ""


def _node(key: str, value: Any, indent: int, path: Path, dash: str) -> Iterator[YamlLine]:
    inner = indent + len(dash)
    if isinstance(value, (dict, list)) and value and len(path) < DEEPEST:
        if key:
            yield YamlLine(indent, dash, key, "", path)
            inner += 2 if isinstance(value, dict) else 0
            dash = ""
        else:
            inner = indent
        if isinstance(value, dict):
            yield from _mapping(value, inner, path, dash)
        else:
            for at, each in enumerate(value):
                yield from _node("", each, inner, (*path, at), dash + "- ")
                if dash:
                    inner, dash = inner + len(dash), ""
        return
    if isinstance(value, str) and "\n" in value and _block(value):
        yield from _literal(key, value, indent, path, dash)
        return
    yield YamlLine(indent, dash, key, scalar(value), path)


def _block(value: str) -> bool:
    """Whether a text of several lines can be written as it is."""
    return bool(_BLOCK.fullmatch(value)) and not value.startswith((" ", "\n", "\t"))


def _literal(key: str, value: str, indent: int, path: Path, dash: str) -> Iterator[YamlLine]:
    stripped = value.rstrip("\n")
    ending = len(value) - len(stripped)
    sign = "|-" if ending == 0 else "|" if ending == 1 else "|+"
    yield YamlLine(indent, dash, key, sign, path)
    inner = indent + len(dash) + 2
    for line in (value[:-1] if ending else value).split("\n"):
        yield YamlLine(inner if line else 0, "", "", line, path)


def scalar(value: Any) -> str:
    """A scalar, an empty collection, or anything at all on one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.1f}"
    shown = json.dumps(value, ensure_ascii=False)
    return shown.replace("e", ".0e") if isinstance(value, float) and "." not in shown else shown


def _text(value: str) -> str:
    plain = (
        _PLAIN.fullmatch(value) is not None
        and not value.endswith((" ", ":"))
        and " #" not in value
        and (_SPECIAL.fullmatch(value) is None or _NOT_A_NUMBER.fullmatch(value) is not None)
    )
    if plain:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
