"""The one registry of kinds. Adding a kind is adding it to its system's `KINDS`."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_

import msgspec

from kurator_tui.kinds import (
    accelerators,
    access,
    alerts,
    apps,
    argo,
    backup_overview,
    batch,
    blindspots,
    cert_manager,
    certificates,
    cluster_api,
    cluster_api_aws,
    configuration,
    core,
    deliveries,
    deployments,
    edge,
    edge_devices,
    edge_jobs,
    estimates,
    executions,
    extensions,
    findings,
    flagger,
    flux,
    forwards,
    incidents,
    interconnect,
    istio,
    karmada,
    karmada_propagation,
    karmada_scaling,
    kubeedge,
    kubeedge_jobs,
    kurator,
    kurator_apps,
    kurator_backups,
    kyverno,
    lifecycle,
    networking,
    observability,
    overview,
    plugin_releases,
    pods,
    policy_overview,
    prometheus,
    propagations,
    rollouts,
    rook,
    scaling,
    storage,
    submariner,
    tekton,
    traffic,
    velero,
    volcano,
)
from kurator_tui.kinds.arranging import Arrangement, Arrangements, ColumnView, Fault, arranged, fitted
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.generic import Definition, generic

_SYSTEMS = (
    *(overview, incidents, findings, blindspots),
    *(rollouts, deliveries, executions, propagations),
    *(forwards, alerts, estimates, core, pods, deployments),
    *(batch, accelerators),
    *(apps, networking, storage, configuration, access, scaling, extensions),
    *(kurator, kurator_apps, kurator_backups, flux, argo, velero, cluster_api),
    *(karmada, karmada_propagation, karmada_scaling),
    *(flagger, tekton, kubeedge, volcano, istio, traffic, kyverno),
    *(submariner, interconnect, rook, prometheus),
    *(kubeedge_jobs, edge, edge_devices, edge_jobs),
    *(policy_overview, backup_overview),
    *(lifecycle, certificates, cert_manager, cluster_api_aws, observability, plugin_releases),
)
"""Where a word means kinds of several systems, the first one here comes first."""

ALIKE = 0.7
"""How much of a word must be the same for it to come near: `secrets` does not mean `events`."""

KINDS: dict[str, AnyKind] = {kind.id: kind for system in _SYSTEMS for kind in system.KINDS}

WRITTEN: dict[str, AnyKind] = dict(KINDS)
"""The same as they were written or defined: `KINDS` has them as the user wants to see them."""
CHOSEN: Arrangements = {}
"""What the user wants to see, by id; a kind among them may not be known yet."""


class ServedKind(msgspec.Struct, frozen=True):
    """A kind that members serve and nobody wrote a file for; `clusters` is how many of them do."""

    group: str
    plural: str
    name: str
    versions: tuple[str, ...] = ()
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    clusters: int = 0

    @property
    def id(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def names(self) -> set[str]:
        """Every word that means it, in lower case."""
        return _names(self.id, self.group, (self.plural, self.name, *self.short_names))


SERVED: dict[str, ServedKind] = {}
"""By id: kinds that can be defined when they are wanted."""
DEFINED: dict[str, Definition] = {}
"""By id: what the kinds that nobody wrote a file for were made of."""
WRONG: dict[str, tuple[str, ...]] = {}
"""By id of a defined kind: what is wrong with its columns."""


def offer(served: Iterable[ServedKind]) -> None:
    """These kinds are served now, and no others, beside those that are known."""
    SERVED.clear()
    SERVED.update((kind.id, kind) for kind in served if kind.id not in KINDS)


def offered(word: str) -> list[ServedKind]:
    """Kinds that `word` means, and that are served but not defined."""
    wanted = word.casefold()
    return [kind for kind in SERVED.values() if kind.id not in KINDS and wanted in kind.names]


def define(definition: Definition) -> bool:
    """Make a kind known that nobody wrote a file for, as it is now; whether anything is different from before.

    A kind that somebody wrote a file for stays as it is.
    """
    id = definition.id
    if DEFINED.get(id) == definition or (id in KINDS and id not in DEFINED):
        return False
    WRITTEN[id], WRONG[id] = generic(definition)
    KINDS[id], faults = _as_chosen(id)
    WRONG[id] += tuple(f"your {fault.part}: {fault.text}" for fault in faults)
    DEFINED[id] = definition
    return True


def undefine(id: str) -> None:
    """Forget a kind that was defined."""
    if DEFINED.pop(id, None) is not None:
        del KINDS[id], WRITTEN[id], WRONG[id]


def arrange(chosen: Arrangements) -> dict[str, AnyKind]:
    """The user wants to see kinds like this, and all others as they are; those that changed, as they were."""
    changed = {id for id in CHOSEN.keys() | chosen.keys() if CHOSEN.get(id) != chosen.get(id)}
    CHOSEN.clear()
    CHOSEN.update(chosen)
    before = {id: KINDS[id] for id in sorted(changed) if id in KINDS}
    for id in before:
        KINDS[id], _faults = _as_chosen(id)
    return before


def readings() -> Arrangements:
    """What is to be read for the user's columns, and nothing of how they look: what feeders are told."""
    found: Arrangements = {}
    for id, chosen in CHOSEN.items():
        wanted = fitted(WRITTEN[id], chosen)[0] if id in WRITTEN else chosen
        columns = tuple(
            ColumnView(each.key, each.path, format=each.format) for each in wanted.columns if each.path
        )
        if columns:
            found[id] = Arrangement(columns)
    return found


def _as_chosen(id: str) -> tuple[AnyKind, list[Fault]]:
    """The kind as the user wants to see it, and what of that cannot be done."""
    if id not in CHOSEN:
        return WRITTEN[id], []
    wanted, faults = fitted(WRITTEN[id], CHOSEN[id])
    return arranged(WRITTEN[id], wanted), faults


def kind(id: str) -> AnyKind:
    """The kind called `id`. Raises KeyError."""
    return KINDS[id]


def names(kind: AnyKind) -> set[str]:
    """Every word that means `kind`, in lower case: plural, singular and short names, each also with its group."""
    return _names(kind.id, kind.group, (kind.plural, kind.name, *kind.short_names))


def _names(id: str, group: str, words: Iterable[str]) -> set[str]:
    plain = {word.casefold() for word in words}
    return {id, *plain, *(f"{word}.{group}" for word in plain if group)}


def find(word: str) -> list[AnyKind]:
    """Kinds that `word` may mean: id, plural, singular or short name, any case; derived views come first."""
    return list(_meant().get(word.casefold(), ()))


def _meant() -> dict[str, list[AnyKind]]:
    """Word -> kinds, made again when the kinds are others: labels of all kinds are asked for with each key."""
    global _index
    known, meant = _index
    if len(known) != len(KINDS) or not all(map(is_, known, KINDS.values())):
        known, meant = [*KINDS.values()], {}
        for kind in known:
            for name in names(kind):
                meant.setdefault(name, []).append(kind)
        _index = known, meant
    return meant


_index: tuple[list[AnyKind], dict[str, list[AnyKind]]] = ([], {})
"""The kinds that were indexed, in order, and what each word meant of them."""


def label(kind: AnyKind) -> str:
    """The word people use for `kind`: its plural, or its id where the plural means another kind first."""
    return kind.plural if find(kind.plural)[0].id == kind.id else kind.id


def near(word: str, others: Iterable[str] = (), most: int = 3) -> list[str]:
    """Labels of kinds that have a name like `word`, and which of `others` are like it, the most alike first."""
    from difflib import get_close_matches

    known = {name: label(kind) for kind in reversed(KINDS.values()) for name in names(kind)}
    known |= {other: other for other in others}
    alike = get_close_matches(word.casefold(), known, n=9, cutoff=ALIKE)
    return list(dict.fromkeys(known[name] for name in alike))[:most]
