"""Karmada as its verbs see it: which clusters it has, what a binding binds and where, which policy said so.

Reads only. Lists of Karmada (taints, names, weights) have no merge keys: each is written as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.plan import Draft, Obj, Reader
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, name_of, text

CLUSTER = "clusters.cluster.karmada.io"
POLICY, WIDE_POLICY = "propagationpolicies.policy.karmada.io", "clusterpropagationpolicies.policy.karmada.io"
BINDINGS = ("resourcebindings.work.karmada.io", "clusterresourcebindings.work.karmada.io")
EXECUTION = "karmada-es-"
"""What the namespace of a cluster's Works begins with; the rest is the cluster's name."""


async def known(reader: Reader, cluster: str, names: Sequence[str], draft: Draft) -> None:
    """Raises UsageError for a cluster that the Karmada at `cluster` does not have."""
    try:
        there = {name_of(each): each for each in await reader.list(cluster, CLUSTER)}
    except ConsoleError as error:
        draft.warn(f"Karmada's clusters cannot be read: {error.message}")
        return
    if unknown := [name for name in names if name not in there]:
        raise UsageError(f"Karmada has no cluster {unknown[0]}", f"It has: {', '.join(sorted(there)) or 'none'}.")


def within(obj: Obj, *way: str) -> list[dict[str, Any]]:
    """Operations that make the maps on the way to a field."""
    made: list[dict[str, Any]] = []
    for depth in range(1, len(way) + 1):
        if not isinstance(at(obj, *way[:depth]), dict):
            made.append({"op": "add", "path": f"/{'/'.join(way[:depth])}", "value": {}})
    return made


def clusters_of(binding: Object) -> list[str]:
    """Names of the clusters that a binding is scheduled to."""
    return [text(each.get("name")) for each in mappings(at(binding, "spec", "clusters"))]


def placed(binding: Object) -> str:
    """`eu 3, us 2`: where it is, with replicas."""
    each = mappings(at(binding, "spec", "clusters"))
    return ", ".join(f"{one.get('name')} {one.get('replicas', '')}".strip() for one in each) or "no cluster"


def workload(cluster: str, binding: Object) -> Target | None:
    """The template that a binding is of; None where it says none, or one of a kind that nobody shows."""
    its = mapping(at(binding, "spec", "resource"))
    kind = kind_named(text(its.get("apiVersion")), text(its.get("kind")))
    if kind is None or not text(its.get("name")):
        return None
    return Target(cluster, kind.id, text(its.get("namespace")), text(its.get("name")))


def policy_of(cluster: str, binding: Object) -> Target | None:
    """The policy that a binding was made for; in labels, and in annotations since Karmada 1.10."""
    about = {**mapping(meta(binding).get("annotations")), **mapping(meta(binding).get("labels"))}
    name = text(about.get("propagationpolicy.karmada.io/name"))
    if name:
        return Target(cluster, POLICY, text(about.get("propagationpolicy.karmada.io/namespace")), name)
    name = text(about.get("clusterpropagationpolicy.karmada.io/name"))
    return Target(cluster, WIDE_POLICY, "", name) if name else None


async def bindings(reader: Reader, cluster: str) -> list[Obj]:
    """Every binding of a control plane. Raises ConsoleError."""
    return [each for kind in BINDINGS for each in await reader.list(cluster, kind)]
