"""From the host's objects to the list of members. Pure: rows in, specs out; the hub does the rest.

A member is a cluster that a Fleet lists. Where no Fleet exists at all, every cluster object is one, and a
CustomCluster always is: Kurator cannot put it into a Fleet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.kurator import FleetRow, ManagedClusterRow

HOST_KIND = "Host"
CONTEXT_KIND = "Context"


@dataclass(frozen=True, slots=True)
class Member:
    """One cluster to connect to. Two specs are equal exactly when the connection need not change."""

    name: str
    """Cluster name in every row; unique."""
    kind: str
    """Host, Cluster, AttachedCluster, CustomCluster or Context."""
    namespace: str = ""
    object_name: str = ""
    secret: str = ""
    secret_key: str = ""
    secret_prefix: str = ""
    context: str = ""
    endpoint: str = ""
    missing: bool = False
    """A Fleet lists it, but the host has no such object."""


Wanted = dict[tuple[str, str, str], ManagedClusterRow | None]
"""(kind, namespace, name) -> the object, None where a Fleet names one that does not exist."""


def members(
    fleets: Iterable[FleetRow], clusters: Iterable[ManagedClusterRow], *, only_fleet: str = ""
) -> list[Member]:
    """The members of all fleets (or of `only_fleet`), in order of their names. The host is not among them.

    A Fleet's member list names objects of its own namespace; the namespace in the reference is ignored, as
    Kurator's controller does.
    """
    fleets = list(fleets)
    objects = {(row.kind, row.namespace, row.name): row for row in clusters}
    wanted: Wanted = {}
    for fleet in fleets:
        if only_fleet in ("", fleet.name):
            for kind, name in fleet.members:
                wanted[(kind, fleet.namespace, name)] = objects.get((kind, fleet.namespace, name))
    if not only_fleet:
        attached = {row.secret for row in objects.values() if row.secret}
        for key, row in objects.items():
            if not fleets or (row.kind == "CustomCluster" and not _wrapped(row, attached)):
                wanted.setdefault(key, row)
    names = _unique_names(wanted)
    return sorted((_member(names[key], key, row) for key, row in wanted.items()), key=lambda m: m.name)


def _wrapped(row: ManagedClusterRow, secrets: set[str]) -> bool:
    """Whether an AttachedCluster already uses this CustomCluster's kubeconfig Secret."""
    return any(secret.startswith(row.secret_prefix) for secret in secrets if row.secret_prefix)


def _member(name: str, key: tuple[str, str, str], row: ManagedClusterRow | None) -> Member:
    kind, namespace, object_name = key
    if row is None:
        return Member(name, kind, namespace, object_name, missing=True)
    return Member(
        name, kind, namespace, object_name, row.secret, row.secret_key, row.secret_prefix, endpoint=row.endpoint
    )


def _unique_names(wanted: Wanted) -> dict[tuple[str, str, str], str]:
    """Plain names where they are unique (and not the host's), else name.namespace, else with the kind too.

    A longer name may be another one's plain name: then that one gets longer as well, until all differ. The longest
    always do, as neither a namespace nor a kind holds a dot.
    """
    parts = dict.fromkeys(wanted, 1)
    while True:
        names = {key: _long_name(key, count) for key, count in parts.items()}
        used = Counter(names.values())
        clashing = [key for key, name in names.items() if parts[key] < 3 and (used[name] > 1 or name == HOST)]
        if not clashing:
            return names
        for key in clashing:
            parts[key] += 1


def _long_name(key: tuple[str, str, str], parts: int) -> str:
    """The first `parts` of name, namespace and kind."""
    kind, namespace, name = key
    return ".".join((name, namespace, kind.lower())[:parts])


def context_members(contexts: Iterable[str], host: str) -> list[Member]:
    """Every context but the `host`'s as a member. One that is called as the host always is gets a longer name."""
    contexts = list(contexts)
    found: list[Member] = []
    for context in contexts:
        if context == host:
            continue
        name = context
        while name == HOST or (name != context and name in contexts):
            name += ".context"
        found.append(Member(name, CONTEXT_KIND, context=context))
    return found
