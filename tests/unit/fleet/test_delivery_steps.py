"""The chain of a delivery as a tree, and how what it wrote is on the member."""

from __future__ import annotations

import pytest

from kurator_tui.fleet.delivery_objects import entry
from kurator_tui.kinds.apps import STATEFUL_SET
from kurator_tui.kinds.base import HOST, Level, Subject
from kurator_tui.kinds.children import row_children
from kurator_tui.kinds.deliveries import DELIVERY_STEPS, Sync
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.flux import GIT_REPOSITORY, HELM_REPOSITORY, KUSTOMIZATION
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.links import Target
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.delivery_estate import FORBIDDEN, LABEL, ON_M1, DeliveryEstate, sync, told
from tests.unit.fleet.rollout_objects import REVISION, Object, meta, second

INVENTORY = ("shop_web_apps_Deployment", "shop_web__Service", "shop_web__ConfigMap")


@pytest.fixture
def estate() -> DeliveryEstate:
    """`web` is applied on m1 with a Deployment, a Service and a ConfigMap, all there."""
    found = DeliveryEstate()
    found.applied(inventory=INVENTORY, path="./deploy")
    found.workload("web", "img:1")
    found.put(SERVICE, {"metadata": meta("web"), "spec": {"type": "ClusterIP"}}, "m1")
    return found


def pulling(name: str = "web-6f7-x", owner: str = "web-6f7") -> Object:
    """A pod whose image is gone."""
    waiting = {"reason": "ImagePullBackOff", "message": "img:2 not found"}
    status = {"phase": "Pending", "containerStatuses": [{"name": "c", "state": {"waiting": waiting}}]}
    references = [{"kind": "ReplicaSet", "name": owner, "controller": True, "apiVersion": "apps/v1", "uid": "r"}]
    spec = {"containers": [{"name": "c"}], "nodeName": "n"}
    return {"metadata": meta(name, ownerReferences=references), "spec": spec, "status": status}


def test_the_chain_goes_from_the_application_to_the_objects_on_the_member(estate: DeliveryEstate) -> None:
    lines = [(row.depth, row.object_kind, row.name, row.cluster) for row in estate.steps(HOST, "m1")]
    assert lines == [
        (0, "Application", "web", HOST),
        (1, "GitRepository", "web", HOST),
        (2, "Kustomization", ON_M1, "m1"),
        (3, "Deployment", "web", "m1"),
        (3, "Service", "web", "m1"),
        (3, "ConfigMap", "web", "m1"),
    ]


def test_every_line_is_indented_by_its_depth_and_knows_its_tree(estate: DeliveryEstate) -> None:
    column = DELIVERY_STEPS.column("name")
    assert column is not None
    assert [column.value(row) for row in estate.steps(HOST, "m1")][1:4] == [
        "  GitRepository web",
        "    m1: Kustomization sync",
        "      Deployment web",
    ]
    assert {row.root for row in estate.steps()} == {"apps/web"}
    assert DELIVERY_STEPS.order == "path"


def test_a_line_stands_for_its_object_where_that_is(estate: DeliveryEstate) -> None:
    assert DELIVERY_STEPS.subject is not None
    application, source, flux, deployment, *_ = map(DELIVERY_STEPS.subject, estate.steps(HOST, "m1"))
    assert application == Subject("applications.apps.kurator.dev", HOST, "apps", "web")
    assert source == Subject(GIT_REPOSITORY.id, HOST, "apps", "web")
    assert flux == Subject(KUSTOMIZATION.id, HOST, "apps", ON_M1)
    assert deployment == Subject(DEPLOYMENT.id, "m1", "shop", "web")


def test_enter_on_a_delivery_opens_its_tree_and_on_a_line_its_object(estate: DeliveryEstate) -> None:
    (tree,) = row_children("deliveries", estate.delivery())
    assert tree == Target("deliverysteps", where=(("root", "apps/web"),), title="web")
    (target,) = row_children("deliverysteps", estate.steps("m1")[1])
    assert target == Target(DEPLOYMENT.id, "m1", objects=frozenset({("m1", "shop", "web")}))


def test_each_hop_tells_revision_and_moment(estate: DeliveryEstate) -> None:
    _application, source, flux, *_ = estate.steps(HOST, "m1")
    assert (source.revision, source.since) == (REVISION, second(1))
    assert "sha256:feed" in source.summary
    assert (flux.revision, flux.since, flux.state) == (REVISION, second(2), Sync.IN_SYNC)
    assert flux.summary == "./deploy 3 objects"


def test_the_application_counts_its_deliveries_and_names_the_worst(estate: DeliveryEstate) -> None:
    estate.applied("sync-attachedcluster-m2", REVISION, told("False", "BuildFailed", "no file"))
    application = estate.steps(HOST)[0]
    assert (application.level, application.reason) == (Level.FAILED, "m2: BuildFailed: no file")
    assert application.summary == "1 in sync, 1 blocked"


def test_trees_of_applications_whose_names_begin_alike_do_not_mix(estate: DeliveryEstate) -> None:
    estate.put(APPLICATION, {"metadata": meta("web-2", "apps"), "spec": {"syncPolicies": [sync()]}})
    roots = [row.root for row in estate.steps()]
    assert roots == sorted(roots)
    assert set(roots) == {"apps/web", "apps/web-2"}


def test_ids_of_lines_differ_within_a_cluster(estate: DeliveryEstate) -> None:
    estate.web(sync(), sync("other"), sync())
    estate.applied(inventory=(*INVENTORY, *INVENTORY))
    estate.applied("other-attachedcluster-m1", inventory=INVENTORY)
    for cluster in (HOST, "m1", "m2"):
        uids = [row.uid for row in estate.steps(cluster)]
        assert len(uids) == len(set(uids))


# -- objects on the member --------------------------------------------------------------------------------------


def test_objects_that_are_there_count_as_healthy_and_those_not_read_do_not_count(estate: DeliveryEstate) -> None:
    row = estate.delivery()
    assert (row.objects, row.read, row.healthy, row.level) == (3, 2, 2, Level.HEALTHY)
    config = estate.steps("m1")[-1]
    assert (config.level, config.reason) == (Level.UNKNOWN, "health not read")


def test_an_image_that_cannot_be_pulled_shows_though_flux_is_content(estate: DeliveryEstate) -> None:
    estate.workload("web", "img:2", ready=0, wanted=2, available=0)
    estate.put(POD, pulling(), "m1")
    row = estate.delivery()
    assert (row.state, row.level, row.healthy) == (Sync.IN_SYNC, Level.FAILED, 1)
    assert row.blocked_by == "workload"
    assert row.reason.startswith("Deployment shop/web: ImagePullBackOff: img:2 not found")


def test_a_broken_pod_of_another_workload_is_not_blamed(estate: DeliveryEstate) -> None:
    estate.put(POD, pulling("other-1-x", "other-1"), "m1")
    assert estate.delivery().level is Level.HEALTHY


def test_what_somebody_deleted_on_the_member_is_missing(estate: DeliveryEstate) -> None:
    estate.delete(SERVICE, "uid-web", "m1")
    service = estate.steps("m1")[2]
    assert (service.level, service.reason) == (*(Level.DEGRADED, "missing on the member"),)
    assert estate.delivery().level is Level.DEGRADED


def test_a_kind_that_may_not_be_read_is_unknown_and_said(estate: DeliveryEstate) -> None:
    estate.state(STATEFUL_SET, FORBIDDEN, "m1")
    estate.applied(inventory=("shop_db_apps_StatefulSet",))
    assert estate.steps("m1")[1].reason == "statefulsets cannot be read: forbidden: no"
    row = estate.delivery()
    assert (row.level, row.read, row.notes) == (Level.HEALTHY, 0, ("statefulsets cannot be read",))


def test_nothing_is_called_missing_on_a_member_that_does_not_answer(estate: DeliveryEstate) -> None:
    estate.applied("sync-attachedcluster-m2", inventory=INVENTORY)
    estate.store.set_freshness("m2", "", Freshness(State.UNREACHABLE, 5.0, "no route"))
    line, deployment, *_ = estate.steps("m2")
    assert (line.level, line.state) == (Level.HEALTHY, Sync.IN_SYNC)
    assert (deployment.level, deployment.reason) == (Level.UNKNOWN, "the member is unreachable: no route")


def test_nothing_is_called_missing_while_it_is_being_listed(estate: DeliveryEstate) -> None:
    estate.delete(SERVICE, "uid-web", "m1")
    estate.state(SERVICE, Freshness(State.SYNCING, 1.0), "m1")
    assert estate.steps("m1")[2].reason == "services are being read"


def test_a_chart_has_no_inventory_but_labels_and_a_history(estate: DeliveryEstate) -> None:
    helm = {"name": "sync", "helm": {"chart": {"spec": {"chart": "web", "version": "2.2.0"}}}}
    estate.delete(KUSTOMIZATION, f"uid-{ON_M1}")
    estate.web(helm, source="helmRepository")
    history = [
        {"version": 4, "chartName": "web", "chartVersion": "2.2.0", "status": "deployed"},
        {"version": 3, "chartName": "web", "chartVersion": "2.1.0", "status": "superseded"},
    ]
    estate.release(status={"history": history, "failures": 2})
    group = "helm.toolkit.fluxcd.io"
    labels = {f"{group}/name": ON_M1, f"{group}/namespace": "apps"}
    estate.workload("web", "img:1", meta={"labels": labels})
    lines = estate.steps(HOST, "m1")
    assert [row.object_kind for row in lines] == ["Application", "HelmRepository", "HelmRelease", "Deployment"]
    assert (lines[1].level, lines[1].reason) == (Level.FAILED, "there is no HelmRepository for it")
    assert lines[2].summary == "web 2.2.0, 2 failures, v4 web 2.2.0 deployed, v3 web 2.1.0 superseded"
    estate.put(HELM_REPOSITORY, {"metadata": meta("web", "apps", labels=LABEL), "spec": {"type": "oci"}})
    assert estate.steps(HOST)[1].level is Level.HEALTHY


def test_an_inventory_larger_than_a_row_keeps_says_how_much_is_listed(estate: DeliveryEstate) -> None:
    estate.applied(inventory=tuple(f"shop_{number:060d}__ConfigMap" for number in range(1000)))
    line, *objects = estate.steps("m1")
    assert 100 < len(objects) < 200
    assert line.summary == f"1000 objects, the first {len(objects)} listed"
    assert estate.delivery().objects == 1000


@pytest.mark.parametrize(
    ("id", "found"),
    [
        ("shop_web_apps_Deployment", ("shop", "web", "apps", "Deployment")),
        ("_edge__Namespace", ("", "edge", "", "Namespace")),
        ("_system__reader_rbac.authorization.k8s.io_ClusterRole", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_ids_of_an_inventory(id: str, found: tuple[str, ...] | None) -> None:
    read = entry(id)
    if id.startswith("_system"):
        assert read is not None
        assert (read.name, read.kind_name) == ("system:reader", "ClusterRole")
    else:
        assert (read[1:5] if read is not None else None) == found


def test_lines_whose_objects_did_not_change_are_not_made_again(estate: DeliveryEstate) -> None:
    before = {row.path: row for row in estate.steps()}
    estate.workload("web", "img:1", ready=1)
    after = {row.path: row for row in estate.steps()}
    same = {path for path in before if before[path] is after[path]}
    assert {before[path].object_kind for path in same} == {"Application", "GitRepository", "Kustomization"}
    assert {row.cluster for path, row in before.items() if path not in same} == {"m1"}
