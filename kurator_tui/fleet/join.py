"""What a join is: the raw kinds it reads, and how the rows of one cluster are made of them. No store, no watching.

Whoever makes one is a module of its own and keeps it as `JOIN`; `fleet.derived` does the joining.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from kurator_tui.fleet.interest import ON_HOST, Reach
from kurator_tui.fleet.pieces import Pieces
from kurator_tui.fleet.seen import Seen, Wanted
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row


@dataclass(frozen=True, slots=True)
class Join:
    """How the rows of `kind` come about. The first of `members` is the one that nothing can be said without; with
    `beside` it is the first of `host`."""

    kind: AnyKind
    host: tuple[AnyKind, ...]
    """Kinds read on the host."""
    members: tuple[AnyKind, ...]
    """Kinds read in the cluster itself."""
    rows: Callable[[Seen, str], Iterable[Row]]
    """Makes all rows of a cluster; `in_pieces` where `pieces` does."""
    only: Mapping[str, Wanted] = field(default_factory=dict)
    """By id of one of `members`: the rows that matter. The others are neither kept nor do they cause a join."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """By id of one of `host` or `members`: the field selector by which clusters are asked for no others."""
    planned: Callable[[Seen], Mapping[str, object]] | None = None
    """All that `rows` takes of the host, by cluster; where that stays equal a change on the host joins nothing.
    Without it such a change joins all clusters again."""
    beside: bool = False
    """Whether the rows are the host's to tell, and all of `members` only adds to them."""
    sums: bool = False
    """Whether rows of the host are made of what all members have: a change in any of them joins the host again."""
    pieces: Callable[[Seen, str], Pieces] | None = None
    """Makes what keeps up the rows of a cluster object by object: of many thousands only those whose objects
    changed are looked at. All are made anew only when how fresh a raw kind is, the host or the members change."""
    every: float = 0.0
    """Seconds after which pieces look at the time, or without any all rows are made again; 0: time alone changes
    nothing."""
    crossed: bool = False
    """Whether rows of a cluster are made of what the others have, too: a change in one joins all of them again."""
    failed: Callable[[str, str], Row] | None = None
    """(cluster, reason) -> the row that says that the join failed, where it is not named like its cluster only."""

    @property
    def essential(self) -> AnyKind:
        """What nothing can be said without."""
        return self.host[0] if self.beside else self.members[0]

    def where(self, raw: AnyKind, reach: Reach) -> Reach:
        """Where `raw` is to be watched so that rows of `reach` can be joined."""
        if raw not in self.members:
            return Reach(ON_HOST.clusters, fields=self.fields.get(raw.id, ""))
        alone = raw not in self.host or not reach.clusters
        clusters = reach.clusters if alone else reach.clusters | {HOST}
        return Reach(clusters, reach.namespaces, self.fields.get(raw.id, ""))

    def failure(self, cluster: str, reason: str) -> Row:
        """The row that says that `cluster` could not be joined."""
        if self.failed is not None:
            return self.failed(cluster, reason)
        head = (cluster, "", cluster, f"failed/{cluster}", 0.0)
        row: Row = self.kind.row(*head, level=Level.FAILED, reason=reason)
        return row
