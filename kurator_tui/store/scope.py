"""Which clusters and namespaces a screen looks at."""

from __future__ import annotations

import msgspec

from kurator_tui.kinds.base import Row


class Scope(msgspec.Struct, frozen=True):
    """Empty sets mean all."""

    clusters: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()

    def holds(self, row: Row, *, namespaces: bool = True) -> bool:
        """Whether `row` is in scope; cluster-scoped rows are in every namespace, with `namespaces` off all are."""
        if self.clusters and row.cluster not in self.clusters:
            return False
        return not (namespaces and self.namespaces and row.namespace and row.namespace not in self.namespaces)

    def text(self) -> str:
        """As the tab line shows it."""
        clusters = ", ".join(sorted(self.clusters)) if self.clusters else "all clusters"
        namespaces = ", ".join(sorted(self.namespaces)) if self.namespaces else "all ns"
        return f"{clusters} · {namespaces}"

    def short(self) -> str:
        """As a title shows it: the one name, or how many; nothing for everything."""
        parts = [
            next(iter(names)) if len(names) == 1 else f"{len(names)} {what}"
            for names, what in ((self.clusters, "clusters"), (self.namespaces, "namespaces"))
            if names
        ]
        return ", ".join(parts)


EVERYTHING = Scope()
