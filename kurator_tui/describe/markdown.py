"""Markdown of hostile text: whatever a cluster says stands in code, where no reader of Markdown acts on it. Pure.

Links, HTML, headings, mentions and bare addresses mean nothing within code; what acts on a terminal is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from kurator_tui.kinds.cells import inert

_TICKS = re.compile("`+")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,-]*")


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def code(text: str) -> str:
    """`text` on one line as code; "" stays "". In a table its bars are escaped by `table`."""
    shown = inert(text)
    if not shown.strip():
        return ""
    fence = "`" * (_longest(shown) + 1)
    gap = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Lines as a block of code."""
    lines = [inert(line) for line in text.split("\n")]
    fence = "`" * max(3, _longest(text) + 1)
    return "\n".join((f"{fence}{language}", *lines, fence))


def link(label: str, path: str) -> str:
    """A link to a file of the same folder; `path` is relative, with slashes."""
    shown = label if _PLAIN.fullmatch(label) else code(label)
    return f"[{shown}]({quote(path)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are Markdown already; a bar in one stays in it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(each.replace('|', chr(92) + '|') for each in line)} |" for line in lines)


def items(lines: Iterable[str]) -> str:
    """A list of what is Markdown already."""
    return "\n".join(f"- {line}" for line in lines)
