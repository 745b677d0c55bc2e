"""What the words after `:scope` mean: clusters, namespaces after `-n`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

EVERY = "all"


class UnknownCluster(Exception):
    """A word names no cluster; the message says which there are."""


def pick(words: str, known: Iterable[str]) -> frozenset[str]:
    """The clusters that `words` (names or patterns such as `edge-*`, apart by blanks or commas) mean.

    `all` is the empty set, which means every cluster. Raises UnknownCluster.
    """
    names = sorted(known)
    picked: set[str] = set()
    for word in words.replace(",", " ").split():
        if word.casefold() == EVERY and EVERY not in names:
            return frozenset()
        found = [name for name in names if fnmatchcase(name.casefold(), word.casefold())]
        if not found:
            raise UnknownCluster(f"no cluster is called {word!r}; there are: {', '.join(names) or 'none yet'}")
        picked.update(found)
    return frozenset(picked)


def divide(words: str) -> tuple[str, frozenset[str] | None]:
    """(what names clusters, the namespaces after `-n`; None where nothing is said of them)."""
    before, sign, after = f" {words} ".partition(" -n ")
    names = frozenset(after.replace(",", " ").split())
    if not sign:
        return before.strip(), None
    return before.strip(), frozenset() if names == {EVERY} else names
