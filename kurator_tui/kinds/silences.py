"""What users do not want to hear of: findings by code, by cluster, by label. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import msgspec


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry: all that it says must hold. Patterns are as of a shell: `KT10*`, `edge-?`."""

    codes: tuple[str, ...] = ()
    """Codes of which the finding has one; () for any."""
    clusters: tuple[str, ...] = ()
    """Names of clusters, or labels of their objects (`tier=staging`), of which one holds; () for any."""
    labels: dict[str, str] = {}
    """Labels that the finding must all have; values are patterns."""
    until: float = 0.0
    """Unix second from which it does not hold any more; 0.0: for ever."""
    reason: str = ""

    @property
    def said(self) -> str:
        """Why, for whoever reads a finding that is silenced; never empty."""
        return self.reason or "no reason was given"

    def holds(self, code: str, cluster: str, of_cluster: Mapping[str, str], labels: Mapping[str, str]) -> bool:
        """Whether a finding of `code` in `cluster` is silenced; labels that are not known silence nothing."""
        return self.about(code, cluster, of_cluster) and self.labelled(labels)

    def about(self, code: str, cluster: str, of_cluster: Mapping[str, str]) -> bool:
        """Whether such a finding is silenced if it has the labels."""
        return (not self.codes or any(fnmatchcase(code, pattern) for pattern in self.codes)) and (
            not self.clusters or any(_is_meant(pattern, cluster, of_cluster) for pattern in self.clusters)
        )

    def labelled(self, labels: Mapping[str, str]) -> bool:
        """Whether a finding with these labels has all that it needs."""
        return all(key in labels and fnmatchcase(labels[key], value) for key, value in self.labels.items())


def _is_meant(pattern: str, cluster: str, labels: Mapping[str, str]) -> bool:
    key, equals, value = pattern.partition("=")
    if not equals:
        return fnmatchcase(cluster, pattern)
    return key in labels and fnmatchcase(labels[key], value)


Silences = tuple[Silence, ...]
