"""What a selector's console has not been told yet: merged by cluster and uid, bounded whatever the console does.

A console that does not acknowledge costs one word for each uid that it may be wrong about. When these are more
than the pods that are meant, it is told anew which ones they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from kurator_tui.api.facts import Began, Changed, Fact, Listed, Lost, Resumed
from kurator_tui.link.selections import Selected

SLICE = 500
"""Uids a message."""
FEWEST = 1000
"""Changes that are always told as they are."""


class _Cluster:
    """What is known of one cluster, and what of that the console does not know."""

    def __init__(self) -> None:
        self.meant: set[str] = set()
        """Uids that are meant now, as far as the list has come."""
        self.changes: dict[str, bool] = {}
        """Uid -> whether it is meant, in the order of the last change."""
        self.begins = False
        """Whether the console has to begin anew before `changes`."""
        self.listing = False
        """Whether `meant` is not everything yet."""
        self.listed = False
        """Whether to say, after `changes`, that this is everything."""
        self.error: str | None = None
        """What to say last: why nothing more is told."""

    def begin(self) -> None:
        self.meant, self.changes = set(), {}
        self.begins, self.listing, self.listed = True, True, False

    def change(self, uids: Iterable[tuple[str, bool]]) -> None:
        for uid, meant in uids:
            (self.meant.add if meant else self.meant.discard)(uid)
            self.changes.pop(uid, None)
            if meant or not self.begins:  # a console that begins anew knows of none
                self.changes[uid] = meant
        if len(self.changes) > max(FEWEST, 2 * len(self.meant)):
            self.changes = dict.fromkeys(self.meant, True)
            self.begins, self.listed = True, not self.listing

    def list(self) -> None:
        self.listing, self.listed, self.error = False, True, None

    def take(self, cluster: str) -> Iterator[Selected]:
        """The next messages; more than one only where one cannot say it."""
        some = dict(islice(self.changes.items(), SLICE))
        for uid in some:
            del self.changes[uid]
        complete = not self.changes
        news = Selected(
            cluster,
            [uid for uid, meant in some.items() if meant],
            [uid for uid, meant in some.items() if not meant],
            self.begins,
            complete and self.listed,
        )
        self.begins = False
        if news != Selected(cluster):
            yield news
        if complete and self.error is not None:
            yield Selected(cluster, listed=True, error=self.error)
        if complete:
            self.listed, self.error = False, None


class News:
    """What is to be told of all clusters, one message after the other."""

    def __init__(self) -> None:
        self._clusters: dict[str, _Cluster] = {}
        self._waiting: dict[str, None] = {}
        """Clusters with something to tell, the one that waits longest first."""

    def __len__(self) -> int:
        """Uids that wait."""
        return sum(len(self._clusters[cluster].changes) for cluster in self._waiting)

    def take(self, cluster: str, fact: Fact) -> None:
        """What the reflection of `cluster` tells."""
        known = self._of(cluster)
        match fact:
            case Began():
                known.begin()
            case Changed(rows):
                known.change((uid, row is not None) for uid, row in rows.items())
            case Listed() | Resumed():
                known.list()
            case Lost(error):
                known.error = error.brief
            case _:
                return
        self._waiting.setdefault(cluster)

    def fail(self, cluster: str, error: str) -> None:
        """`cluster` cannot be asked now."""
        self._of(cluster).error = error
        self._waiting.setdefault(cluster)

    def messages(self) -> list[Selected]:
        """What the cluster that waits longest has to tell next; none when there is nothing."""
        while self._waiting:
            cluster = next(iter(self._waiting))
            del self._waiting[cluster]
            known = self._clusters[cluster]
            found = list(known.take(cluster))
            if known.changes:
                self._waiting[cluster] = None
            if found:
                return found
        return []

    def _of(self, cluster: str) -> _Cluster:
        return self._clusters.setdefault(cluster, _Cluster())
