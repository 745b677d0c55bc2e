"""The one registry of kinds. Adding a kind is adding it to its system's `KINDS`."""

from __future__ import annotations

from kurator_tui.kinds import core, deployments, flux, kurator, overview, pods
from kurator_tui.kinds.base import AnyKind

_SYSTEMS = (overview, core, pods, deployments, kurator, flux)

KINDS: dict[str, AnyKind] = {kind.id: kind for system in _SYSTEMS for kind in system.KINDS}


def kind(id: str) -> AnyKind:
    """The kind called `id`. Raises KeyError."""
    return KINDS[id]


def find(word: str) -> list[AnyKind]:
    """Kinds that `word` may mean: id, plural, singular or short name, any case; derived views come first."""
    wanted = word.casefold()
    return [
        kind
        for kind in KINDS.values()
        if wanted in (kind.id.casefold(), kind.plural.casefold(), kind.name.casefold(), *kind.short_names)
    ]
