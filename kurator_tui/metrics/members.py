"""Whose a value of the label `cluster` is. Pure: names only.

Kurator's plugin labels with the name of the member's object, its CLI with the name in Karmada (kurator-api §7.1).
Two members of one object name are one label, and Thanos adds them up: such a label is nobody's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Labelled:
    """One member: `name` in our rows, and the values that its label may have, the likeliest first."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owners:
    """Members by label. `shared` labels are of several: of those no member can be told."""

    names: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, members: Iterable[Labelled]) -> Owners:
        """Who owns which label."""
        claims: dict[str, list[str]] = {}
        for member in members:
            for label in dict.fromkeys(member.labels):
                claims.setdefault(label, []).append(member.name)
        return cls(
            {label: names[0] for label, names in claims.items() if len(names) == 1},
            {label: tuple(sorted(names)) for label, names in claims.items() if len(names) > 1},
        )

    def shown(self, label: str) -> str:
        """What to call it: the member's name, or the label itself where it is nobody's alone."""
        return self.names.get(label, label)

    def stranger(self, label: str) -> bool:
        """Whether no member has this label."""
        return label not in self.names and label not in self.shared
