"""What may be written where: read-only consoles and clusters, protected clusters, another user. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kurator_tui.api.writing import Manner
from kurator_tui.errors import UsageError

Labels = Mapping[str, str] | None
"""None: not known, and so every pattern of labels is about them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Patterns are names (`prod-*`) or labels of the cluster object (`tier=prod`)."""

    read_only: bool = False
    read_only_clusters: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    user: str = ""
    groups: tuple[str, ...] = ()

    @property
    def manner(self) -> Manner:
        """How everything is written."""
        return Manner(user=self.user, groups=self.groups)

    def allow(self) -> None:
        """Raises UsageError for a console that is read-only."""
        if self.read_only:
            raise UsageError("This console is read-only.", "Start it without --read-only to change anything.")

    def closed(self, cluster: str, labels: Labels) -> bool:
        """Whether nothing may be written to a cluster."""
        return self.read_only or matches(self.read_only_clusters, cluster, labels)

    def guards(self, cluster: str, labels: Labels) -> bool:
        """Whether a cluster raises the risk of what is done to it."""
        return matches(self.protected, cluster, labels)


def matches(patterns: Iterable[str], cluster: str, labels: Labels) -> bool:
    """Whether a cluster has one of the names or labels; both sides of a label may be patterns.

    Labels that are not known (None) may be any: then every pattern of labels is about the cluster.
    """
    for pattern in patterns:
        key, equals, value = pattern.partition("=")
        if not equals and fnmatchcase(cluster, pattern):
            return True
        if equals and (
            labels is None or any(fnmatchcase(k, key) and fnmatchcase(v, value) for k, v in labels.items())
        ):
            return True
    return False
