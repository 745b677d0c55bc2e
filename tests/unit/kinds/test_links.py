"""Where objects lead: owners, nodes, users, children; and selectors."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from kurator_tui.kinds.children import CHILDREN, bare, children, has_children, needs_object
from kurator_tui.kinds.links import NoLink, Target, node, owner, users
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.selectors import Requirement, equal, holds, of_spec, query


def obj(name: str = "web", namespace: str = "shop", **parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, **parts.pop("meta", {})}, **parts}


def reference(kind: str, name: str, version: str = "apps/v1", **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "name": name, **more}


# -- owners -----------------------------------------------------------------------------------------------------


def test_the_controlling_owner_is_meant_among_several() -> None:
    owners = [reference("Node", "n1", "v1"), reference("ReplicaSet", "web-1", controller=True)]
    found = owner("edge-1", obj(meta={"ownerReferences": owners}))
    assert found == Target("replicasets.apps", "edge-1", objects=frozenset({("edge-1", "shop", "web-1")}))


def test_the_group_tells_owners_of_one_kind_apart() -> None:
    found = owner("c", obj(meta={"ownerReferences": [reference("Backup", "b", "velero.io/v1", controller=True)]}))
    assert found.kind == "backups.velero.io"


def test_an_owner_without_namespaces_is_sought_in_none() -> None:
    found = owner("c", obj(meta={"ownerReferences": [reference("Node", "n1", "v1")]}))
    assert found.objects == {("c", "", "n1")}


@pytest.mark.parametrize(
    ("owners", "why"),
    [
        ([], "no owner"),
        ([reference("Node", "a", "v1"), reference("Node", "b", "v1")], "none controls it"),
        ([reference("Widget", "w", "odd.example/v1")], r"no view shows Widget of odd.example/v1"),
        ("nonsense", "no owner"),
        ([7, {"controller": True}], "no view shows objects without a kind"),
    ],
)
def test_without_an_owner_it_says_why(owners: Any, why: str) -> None:
    with pytest.raises(NoLink, match=why):
        owner("c", obj(meta={"ownerReferences": owners}))


def test_a_pod_leads_to_its_node_and_one_that_waits_does_not() -> None:
    pod = PodRow("c", "shop", "web-1", "u", 0.0, node="n1")
    assert node(pod, POD).objects == {("c", "", "n1")}
    with pytest.raises(NoLink, match="on no node"):
        node(PodRow("c", "shop", "web-1", "u", 0.0, node=""), POD)


def test_users_are_asked_for_where_pods_name_the_kind() -> None:
    row = PodRow("c", "shop", "settings", "u", 0.0)
    assert users("configmaps", row) == Target("pods", "c", "shop", users_of=("configmaps", "settings"))
    with pytest.raises(NoLink):
        users("deployments.apps", row)


# -- children ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["deployments.apps", "replicasets.apps", "jobs.batch", "poddisruptionbudgets.policy"]
)
def test_a_workload_leads_to_the_pods_its_selector_selects(kind: str) -> None:
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "canary", "operator": "DoesNotExist"}]}
    (found,) = children(kind, "edge-1", obj(spec={"selector": selector}))
    assert (found.kind, found.cluster, found.namespace) == ("pods", "edge-1", "shop")
    assert query(found.labels) == "app=web,!canary"


def test_a_service_selects_by_a_plain_map_and_one_without_selects_nothing() -> None:
    (found,) = children("services", "c", obj(spec={"selector": {"app": "web"}}))
    assert query(found.labels) == "app=web"
    with pytest.raises(NoLink, match="selector is empty"):
        children("services", "c", obj(spec={"selector": {}}))


@pytest.mark.parametrize(
    ("kind", "thing", "leads_to"),
    [
        (
            "cronjobs.batch",
            obj("nightly"),
            Target("jobs.batch", "c", "shop", where=(("owner", "CronJob/nightly"),)),
        ),
        ("nodes", obj("n1", ""), Target("pods", "c", where=(("node", "n1"),))),
        (
            "horizontalpodautoscalers.autoscaling",
            obj(spec={"scaleTargetRef": reference("Deployment", "web")}),
            Target("deployments.apps", "c", objects=frozenset({("c", "shop", "web")})),
        ),
        (
            "events",
            obj(involvedObject=reference("Pod", "web-1", "v1", namespace="other")),
            Target("pods", "c", objects=frozenset({("c", "other", "web-1")})),
        ),
        (
            "customresourcedefinitions.apiextensions.k8s.io",
            obj("backups.velero.io", "", spec={"group": "velero.io", "names": {"plural": "backups"}}),
            Target("backups.velero.io", "c"),
        ),
        (
            "rolebindings.rbac.authorization.k8s.io",
            obj(roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}),
            Target("clusterroles.rbac.authorization.k8s.io", "c", objects=frozenset({("c", "", "view")})),
        ),
        (
            "ingresses.networking.k8s.io",
            obj(spec={"rules": [{"http": {"paths": [{"backend": {"service": {"name": "web"}}}]}}]}),
            Target("services", "c", objects=frozenset({("c", "shop", "web")})),
        ),
        (
            "endpointslices.discovery.k8s.io",
            obj(endpoints=[{"targetRef": {"kind": "Pod", "name": "web-1"}}, {"addresses": ["10.0.0.1"]}]),
            Target("pods", "c", objects=frozenset({("c", "shop", "web-1")})),
        ),
    ],
)
def test_enter_leads_on(kind: str, thing: dict[str, Any], leads_to: Target) -> None:
    assert children(kind, "c", thing) == [leads_to]


def test_a_claim_leads_to_its_volume_and_to_the_pods_that_use_it() -> None:
    volume, pods = children("persistentvolumeclaims", "c", obj("data", spec={"volumeName": "pv-1"}))
    assert volume.objects == {("c", "", "pv-1")}
    assert pods.users_of == ("persistentvolumeclaims", "data")
    assert len(children("persistentvolumeclaims", "c", obj("data", spec={}))) == 1


ENTRIES = [{"id": "shop_web_apps_Deployment", "v": "v1"}, {"id": "_shop__Namespace", "v": "v1"}]


def test_an_application_leads_to_its_flux_objects_and_to_what_they_made_on_each_member() -> None:
    status = {
        "syncStatus": [
            {"name": "app-0-attachedcluster-edge-1", "kustomizationStatus": {"inventory": {"entries": ENTRIES}}},
            {"name": "app-0-currentcluster-host", "kustomizationStatus": {"inventory": {"entries": ENTRIES[:1]}}},
            {"name": "app-1-cluster-prod", "helmReleaseStatus": {"failures": 1}},
        ]
    }
    spec = {"source": {"gitRepository": {"url": "https://git.example/app"}}}
    found = {
        each.kind: each
        for each in children("applications.apps.kurator.dev", "host", obj("app", spec=spec, status=status))
    }
    assert list(found) == [
        "kustomizations.kustomize.toolkit.fluxcd.io",
        "helmreleases.helm.toolkit.fluxcd.io",
        "gitrepositories.source.toolkit.fluxcd.io",
        "deployments.apps",
        "namespaces",
    ]
    assert found["deployments.apps"].objects == {("edge-1", "shop", "web"), ("host", "shop", "web")}
    assert found["namespaces"].objects == {("edge-1", "", "shop")}
    assert found["gitrepositories.source.toolkit.fluxcd.io"].objects == {("host", "shop", "app")}


def test_a_kustomization_leads_to_its_inventory_on_the_member_it_applies_to() -> None:
    kind = "kustomizations.kustomize.toolkit.fluxcd.io"
    status = {"inventory": {"entries": [*ENTRIES, {"id": "a_b"}, {"id": "a_b_odd.example_Widget", "v": "v1"}, 7]}}
    found = children(
        kind, "host", obj("app-0-attachedcluster-edge-1", spec={"kubeConfig": {"a": 1}}, status=status)
    )
    assert [each.kind for each in found] == ["deployments.apps", "namespaces"]
    assert {each.cluster for each in found} == {"edge-1"}
    own = children(kind, "c", obj("infra", spec={}, status=status))
    assert {each.cluster for each in own} == {"c"}
    with pytest.raises(NoLink, match="which member"):
        children(kind, "c", obj("infra", spec={"kubeConfig": {"a": 1}}, status=status))


def test_what_a_kind_lacks_the_name_tells() -> None:
    row = PodRow("c", "shop", "n1", "u", 0.0)
    assert not needs_object("nodes")
    assert children("nodes", "c", bare(row))[0].where == (("node", "n1"),)
    assert needs_object("deployments.apps")
    assert not has_children("pods")


@pytest.mark.parametrize("kind", CHILDREN)
@pytest.mark.parametrize("thing", [{}, {"metadata": 1, "spec": [], "status": "x"}, obj(spec={"selector": [1]})])
def test_objects_of_any_shape_lead_somewhere_or_say_why_not(kind: str, thing: dict[str, Any]) -> None:
    found: list[Target] = []
    with contextlib.suppress(NoLink):
        found = children(kind, "c", thing)
    assert all(each.kind in KINDS or "." in each.kind for each in found)


# -- targets and selectors --------------------------------------------------------------------------------------


def test_a_target_holds_the_rows_it_means() -> None:
    pod = PodRow("c", "shop", "web-1", "u", 0.0, node="n1")
    assert Target("pods", "c", where=(("node", "n1"),)).holds(pod, POD)
    assert not Target("pods", "c", where=(("node", "n2"),)).holds(pod, POD)
    assert not Target("pods", "d").holds(pod, POD)
    assert not Target("pods", "c", "other").holds(pod, POD)
    assert not Target("pods", objects=frozenset({("d", "shop", "web-1")})).holds(pod, POD)
    assert Target("pods", "c", labels=equal({"app": "x"})).holds(pod, POD)  # pods know no labels of theirs


@pytest.mark.parametrize(
    ("selector", "labels", "verdict"),
    [
        ({"matchLabels": {"a": "1"}}, {"a": "1", "b": "2"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "2"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, {}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, {"a": "2"}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {}, False),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {}, True),
    ],
)
def test_selectors_hold_as_the_server_says(selector: Any, labels: dict[str, str], verdict: bool) -> None:
    assert holds(of_spec(selector), labels.items()) is verdict


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        [],
        "a=b",
        {"a": 1},
        {"matchExpressions": [{"key": "a", "operator": "Like"}]},
        {"matchExpressions": [3]},
    ],
)
def test_what_is_no_selector_selects_nothing(nonsense: Any) -> None:
    assert of_spec(nonsense) == ()


def test_a_selector_is_written_as_a_query_has_it() -> None:
    terms = (
        *equal({"a": "1"}),
        Requirement("b", "in", ("1", "2")),
        Requirement("c", "notin", ("3",)),
        Requirement("d", "exists"),
        Requirement("e", "absent"),
    )
    assert query(terms) == "a=1,b in (1,2),c!=3,d,!e"
