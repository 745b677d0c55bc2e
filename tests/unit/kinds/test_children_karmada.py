"""Enter on rows about Karmada: from a propagation to its hops, from a hop to its object."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import HOST, Subject
from kurator_tui.kinds.children import children, row_children
from kurator_tui.kinds.links import NoLink
from kurator_tui.kinds.propagations import (
    PROPAGATION_STEPS,
    PROPAGATIONS,
    PropagationRow,
    StepRow,
    root_of,
)

ROW = PropagationRow(HOST, "shop", "web", "uid", 0.0, kind="Deployment", binding="web-deployment", policy="pp/web")


def step(hop: str, kind: str = "", namespace: str = "", name: str = "", cluster: str = HOST) -> StepRow:
    head = StepRow(cluster, "shop", "x", "uid", 0.0, hop=hop, root="shop/Deployment/web")
    return StepRow(
        *(head.cluster, head.namespace, head.name, head.uid, head.created),
        hop=hop,
        root=head.root,
        object_kind=kind,
        object_namespace=namespace,
        object_name=name,
    )


def test_a_propagation_leads_to_its_own_tree_on_all_clusters() -> None:
    (target,) = row_children("propagations", ROW)
    assert target.title == "Deployment/web"
    assert target.holds(step("work"), PROPAGATION_STEPS)
    assert target.holds(step("member", cluster="m1"), PROPAGATION_STEPS)
    other = StepRow(HOST, "shop", "x", "uid", 0.0, root="shop/Deployment/api")
    assert not target.holds(other, PROPAGATION_STEPS)


def test_what_nothing_is_bound_of_leads_to_the_policy_that_names_it() -> None:
    row = PropagationRow(HOST, "shop", "web", "uid", 0.0, policy="pp/front", policy_namespace="shop")
    (target,) = row_children("propagations", row)
    assert target.kind == "propagationpolicies.policy.karmada.io"
    assert target.objects == {(HOST, "shop", "front")}
    assert PROPAGATIONS.subject is not None
    assert PROPAGATIONS.subject(row) == Subject(target.kind, HOST, "shop", "front")


def test_a_binding_leads_to_the_same_tree() -> None:
    spec = {"resource": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}}
    obj = {"metadata": {"name": "web-deployment", "namespace": "shop"}, "spec": spec}
    assert children("resourcebindings.work.karmada.io", HOST, obj) == row_children("propagations", ROW)


def test_another_control_plane_has_trees_of_its_own() -> None:
    row = PropagationRow("karmada-eu", "shop", "web", "uid", 0.0, kind="Deployment", binding="web-deployment")
    (target,) = row_children("propagations", row)
    assert target.where == (("root", root_of("shop", "Deployment", "web", "karmada-eu")),)
    assert root_of("", "Namespace", "shop") == "Namespace/shop"


def test_a_policy_leads_to_what_it_propagates() -> None:
    (target,) = row_children(
        "propagationsteps", step("policy", "propagationpolicies.policy.karmada.io", "shop", "web")
    )
    assert target.holds(ROW, PROPAGATIONS)
    obj = {"metadata": {"name": "web", "namespace": "shop"}}
    assert children("propagationpolicies.policy.karmada.io", HOST, obj) == [target]
    (wide,) = children("clusterpropagationpolicies.policy.karmada.io", HOST, {"metadata": {"name": "web"}})
    assert not wide.holds(ROW, PROPAGATIONS)


def test_a_cluster_leads_to_its_works() -> None:
    (target,) = row_children("propagationsteps", step("cluster", "clusters.cluster.karmada.io", "", "m1"))
    assert (target.kind, target.cluster, target.namespace) == ("works.work.karmada.io", HOST, "karmada-es-m1")
    assert children("clusters.cluster.karmada.io", HOST, {"metadata": {"name": "m1"}}) == [target]


def test_any_other_hop_leads_to_its_object_where_that_is() -> None:
    (target,) = row_children("propagationsteps", step("member", "deployments.apps", "shop", "web", "m1"))
    assert target.objects == {("m1", "shop", "web")}
    with pytest.raises(NoLink, match="no object of its own"):
        row_children("propagationsteps", step("object"))
