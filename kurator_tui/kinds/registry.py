"""The one registry of kinds. Adding a kind is adding it to its system's `KINDS`."""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.kinds import (
    access,
    apps,
    argo,
    cluster_api,
    configuration,
    core,
    deployments,
    extensions,
    flagger,
    flux,
    forwards,
    istio,
    karmada,
    karmada_propagation,
    karmada_scaling,
    kubeedge,
    kurator,
    kurator_apps,
    kyverno,
    networking,
    overview,
    pods,
    prometheus,
    rook,
    scaling,
    storage,
    submariner,
    tekton,
    velero,
    volcano,
)
from kurator_tui.kinds.base import AnyKind

_SYSTEMS = (
    *(overview, forwards, core, pods, deployments),
    *(apps, networking, storage, configuration, access, scaling, extensions),
    *(kurator, kurator_apps, flux, argo, velero, cluster_api, karmada, karmada_propagation, karmada_scaling),
    *(flagger, tekton, kubeedge, volcano, istio, kyverno, submariner, rook, prometheus),
)
"""Where a word means kinds of several systems, the first one here comes first."""

ALIKE = 0.7
"""How much of a word must be the same for it to come near: `secrets` does not mean `events`."""

KINDS: dict[str, AnyKind] = {kind.id: kind for system in _SYSTEMS for kind in system.KINDS}


def kind(id: str) -> AnyKind:
    """The kind called `id`. Raises KeyError."""
    return KINDS[id]


def names(kind: AnyKind) -> set[str]:
    """Every word that means `kind`, in lower case: plural, singular and short names, each also with its group."""
    plain = {kind.plural, kind.name.casefold(), *kind.short_names}
    return {kind.id, *plain, *(f"{word}.{kind.group}" for word in plain if kind.group)}


def find(word: str) -> list[AnyKind]:
    """Kinds that `word` may mean: id, plural, singular or short name, any case; derived views come first."""
    wanted = word.casefold()
    return [kind for kind in KINDS.values() if wanted in names(kind)]


def label(kind: AnyKind) -> str:
    """The word people use for `kind`: its plural, or its id where the plural means another kind first."""
    return kind.plural if find(kind.plural)[0] is kind else kind.id


def near(word: str, others: Iterable[str] = (), most: int = 3) -> list[str]:
    """Labels of kinds that have a name like `word`, and which of `others` are like it, the most alike first."""
    from difflib import get_close_matches

    known = {name: label(kind) for kind in reversed(KINDS.values()) for name in names(kind)}
    known |= {other: other for other in others}
    alike = get_close_matches(word.casefold(), known, n=9, cutoff=ALIKE)
    return list(dict.fromkeys(known[name] for name in alike))[:most]
