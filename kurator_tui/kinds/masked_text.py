"""What in a text looks like a secret, and a mark in its place. Pure.

Controllers quote what they were given: a URL with its password, a header, a command line. Nothing can tell every
secret from a word, so whoever keeps texts keeps those alone that people read, and each goes through here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from kurator_tui.kinds.masking import MASK

LONGEST = 4096
"""Characters; the rest of a text is left out."""
SHORTEST = 6
"""Characters of a text that may hold a secret and what it is called by."""
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd|secret(?!s)|token(?!s)|credential|authorization|signature|\bsig\b"
    r"|(?:api|access|private|account|shared)[_.\- ]?key"
)
SENSITIVE = re.compile(_NAMES, re.IGNORECASE)
"""In the name of a column, an argument or a variable: its value is a secret."""

_VALUE = r"""(?:"[^"]*"?|'[^']*'?|[^\s,;&"'}\])]+)"""
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)", re.DOTALL)
_USER = re.compile(r"(\w://)[^\s/@\"']+@")
_SCHEME = re.compile(r"\b(bearer|basic)\s+[\w.~+/=\-]{6,}", re.IGNORECASE)
_NAMED = re.compile(
    rf"""((?:{_NAMES})[\w.\-]{{0,40}}\\?["']?\s{{0,4}}(?:=>|[:=])\s{{0,4}})(?:(?:bearer|basic)\s+)?\\?{_VALUE}""",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(rf"(--?[\w\-]{{0,40}}(?:{_NAMES})[\w\-]{{0,40}}\s{{1,4}}){_VALUE}", re.IGNORECASE)
_ISSUED = re.compile(
    r"\b(?:eyJ[\w\-]{8,}(?:\.[\w\-]*)*|A[KS]IA[A-Z0-9]{16}|gh[opsru]_\w{20,}|github_pat_\w{20,}|glpat-[\w\-]{16,}"
    r"|xox[abeprs]-[\w\-]{10,}|hv[sb]\.[\w\-]{20,}|sk-[\w\-]{20,})"
)
_RUN = re.compile(r"[A-Za-z0-9+/_\-]{24,}={0,2}")
_RANDOM = 0.3
"""Share of neighbours that are of another class (small, capital, digit) where no word is."""


@lru_cache(maxsize=8192)
def masked_text(text: str) -> str:
    """`text` with a mark for each part that looks like a secret."""
    if len(text) < SHORTEST:
        return text
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    text = _PEM.sub(MASK, text)
    text = _USER.sub(rf"\1{MASK}@", text)
    if SENSITIVE.search(text):
        text = _NAMED.sub(rf"\1{MASK}", text)
        text = _ARGUMENT.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _ISSUED.sub(MASK, text)
    return _RUN.sub(_run, text)


def _run(found: re.Match[str]) -> str:
    text = found[0]
    classes = [_class(letter) for letter in text.rstrip("=")]
    if not {"a", "A", "0"} <= set(classes):
        return text
    neighbours = [pair for pair in pairwise(classes) if "-" not in pair]
    turns = sum(before != after for before, after in neighbours)
    return MASK if turns > _RANDOM * len(neighbours) else text


def _class(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.islower():
        return "a"
    return "A" if letter.isupper() else "-"
