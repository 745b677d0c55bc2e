"""Where Enter leads from rows about Karmada: from a propagation to its hops, from a hop to its object. Pure."""

from __future__ import annotations

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.karmada_propagation import (
    CLUSTER_PROPAGATION_POLICY,
    CLUSTER_RESOURCE_BINDING,
    PROPAGATION_POLICY,
    RESOURCE_BINDING,
    WORK,
)
from kurator_tui.kinds.links import NoLink, Target, one
from kurator_tui.kinds.propagations import PROPAGATION_STEPS, PROPAGATIONS, PropagationRow, StepRow, root_of
from kurator_tui.kinds.shapes import Object, at, mapping, name_of, namespace_of, text

_WORKS = "karmada-es-"


def of_propagation(row: PropagationRow) -> list[Target]:
    """Its hops, on the control plane and on the members; without a binding the policy that names it."""
    if not row.binding:
        sort, _, name = row.policy.partition("/")
        kind = PROPAGATION_POLICY if sort == "pp" else CLUSTER_PROPAGATION_POLICY
        return [one(kind.id, row.cluster, row.policy_namespace, name)]
    return [_tree(row.cluster, row.namespace, row.kind, row.name)]


def of_step(row: StepRow) -> list[Target]:
    """What the hop is about: a policy's propagations, a cluster's Works, any other hop's object."""
    if row.hop == "policy" and row.object_kind:
        return [_of_policy(row.object_kind, row.cluster, row.object_namespace, row.object_name)]
    if row.hop == "cluster" and row.object_name:
        return [_works(row.cluster, row.object_name)]
    if not row.object_kind:
        raise NoLink("it is what Karmada tells of the object: no object of its own")
    return [one(row.object_kind, row.cluster, row.object_namespace, row.object_name)]


def of_cluster(cluster: str, obj: Object) -> list[Target]:
    """The Works for a cluster of Karmada."""
    return [_works(cluster, name_of(obj))]


def of_namespaced_policy(cluster: str, obj: Object) -> list[Target]:
    """What a PropagationPolicy propagates."""
    return [_of_policy(PROPAGATION_POLICY.id, cluster, namespace_of(obj), name_of(obj))]


def of_wide_policy(cluster: str, obj: Object) -> list[Target]:
    """What a ClusterPropagationPolicy propagates."""
    return [_of_policy(CLUSTER_PROPAGATION_POLICY.id, cluster, "", name_of(obj))]


def of_binding(cluster: str, obj: Object) -> list[Target]:
    """The hops of what a binding binds."""
    its = mapping(at(obj, "spec", "resource"))
    return [_tree(cluster, text(its.get("namespace")), text(its.get("kind")), text(its.get("name")))]


def _tree(cluster: str, namespace: str, kind: str, name: str) -> Target:
    root = root_of(namespace, kind, name, "" if cluster == HOST else cluster)
    return Target(PROPAGATION_STEPS.id, where=(("root", root),), title=f"{kind}/{name}")


def _works(cluster: str, name: str) -> Target:
    return Target(WORK.id, cluster, f"{_WORKS}{name}", title=f"{name}@{cluster}")


def _of_policy(kind: str, cluster: str, namespace: str, name: str) -> Target:
    sort = "pp" if kind == PROPAGATION_POLICY.id else "cpp"
    return Target(
        PROPAGATIONS.id,
        cluster,
        namespace,
        where=(("policy", f"{sort}/{name}"),),
        title=f"{sort}/{name}@{cluster}",
    )


BINDINGS = (RESOURCE_BINDING.id, CLUSTER_RESOURCE_BINDING.id)
