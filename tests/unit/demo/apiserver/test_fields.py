"""Managed fields and server-side apply, against recordings and rule by rule."""

import copy
import json
from typing import Any

import pytest

from kurator_tui.demo.apiserver import fields, fieldset, patches, schemas, validation
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.apiserver.resources import ResourceType
from tests.unit.demo.apiserver.recorded import answered, managed, needs_recordings, sent

Object = dict[str, Any]

CATALOGUE = default_catalogue(host=True)
DEPLOYMENTS = CATALOGUE.by_plural("deployments", "apps")
CONFIG_MAPS = CATALOGUE.by_plural("configmaps")
PODS = CATALOGUE.by_plural("pods")
NOW = "2026-11-21T02:39:14Z"
LATER = "2026-11-21T03:00:00Z"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def config_map(data: Object | None = None, **meta: Any) -> Object:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c", **meta}, "data": data or {}}


def apply(live: Object | None, applied: Object, manager: str, *, force: bool = False, now: str = NOW) -> Object:
    rt = CATALOGUE.for_object(applied)
    return fields.server_side_apply(live, applied, manager=manager, force=force, now=now, rt=rt)


def update(live: Object | None, new: Object, manager: str, *, now: str = NOW, subresource: str = "") -> Object:
    return fields.track_update(
        live, new, manager=manager, api_version=str(new["apiVersion"]), now=now, subresource=subresource
    )


def owners(obj: Object) -> dict[str, Object]:
    """FieldsV1 by manager."""
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"].get("managedFields", [])}


def untimed(entries: list[Object]) -> list[Object]:
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries]


def created(rt: ResourceType, name: str) -> Object:
    """What the tracked object looks like after a recorded create."""
    obj: Object = validation.apply_defaults(rt, sent(name))
    return fields.track_update(None, obj, manager="python-requests", api_version=rt.api_version, now=NOW)


# -- updates


@needs_recordings
@pytest.mark.parametrize(
    ("plural", "group", "name"),
    [
        ("configmaps", "", "configmap-create"),
        ("configmaps", "", "create-generate-name"),
        ("namespaces", "", "namespace-create"),
        ("pods", "", "pod-create"),
        ("nodes", "", "node-create"),
        ("events", "", "event-create"),
        ("poddisruptionbudgets", "policy", "pdb-create"),
        ("attachedclusters", "cluster.kurator.dev", "attachedcluster-create"),
        ("fleets", "fleet.kurator.dev", "fleet-create"),
        ("applications", "apps.kurator.dev", "application-create"),
    ],
)
def test_a_create_is_tracked_as_recorded(plural: str, group: str, name: str) -> None:
    tracked = created(CATALOGUE.by_plural(plural, group), name)
    assert untimed(tracked["metadata"]["managedFields"]) == untimed(managed(name))


@needs_recordings
def test_a_patch_of_a_new_environment_variable_is_tracked_as_recorded() -> None:
    live = answered("ssa-force")
    patched = patches.strategic_merge(live, sent("strategic-merge-env"), DEPLOYMENTS)
    tracked = update(live, validation.apply_defaults(DEPLOYMENTS, patched), "kubectl")
    assert tracked["metadata"]["managedFields"] == managed("strategic-merge-env")


@needs_recordings
def test_a_status_patch_is_tracked_as_recorded() -> None:
    live = answered("pod-create")
    patched = validation.apply_defaults(PODS, patches.merge_patch(live, sent("pod-status-patch")))
    tracked = update(live, patched, "python-requests", now="2026-11-21T02:39:17Z", subresource="status")
    assert tracked["metadata"]["managedFields"] == managed("pod-status-patch")


@needs_recordings
def test_a_scale_takes_the_replicas_without_a_time_as_recorded() -> None:
    live = answered("strategic-merge-env")
    scaled = {**live, "spec": {**live["spec"], "replicas": 4}}
    tracked = update(live, scaled, "python-requests", subresource="scale")
    assert "kurator-tui" not in owners(tracked)
    restarted = patches.strategic_merge(tracked, sent("restart-annotation"), DEPLOYMENTS)
    tracked = update(tracked, restarted, "kubectl-rollout", now="2026-11-21T02:39:15Z")
    assert tracked["metadata"]["managedFields"] == managed("restart-annotation")


@needs_recordings
def test_finalizers_are_tracked_value_by_value_as_recorded() -> None:
    live = answered("json-patch-ok")
    held = patches.merge_patch(live, sent("finalizer-add"))
    tracked = update(live, held, "python-requests", now="2026-11-21T02:40:10Z")
    assert tracked["metadata"]["managedFields"] == managed("finalizer-add")
    freed = patches.merge_patch(tracked, sent("finalizer-remove"))
    tracked = update(tracked, freed, "python-requests", now=LATER)
    assert tracked["metadata"]["managedFields"] == managed("finalizer-remove")


def test_an_update_that_changes_nothing_keeps_the_entries_and_their_times() -> None:
    live = update(None, config_map({"a": "1"}), "one")
    assert update(live, copy.deepcopy(live), "two", now=LATER) == live


def test_a_changed_value_moves_to_the_one_who_changed_it() -> None:
    live = update(None, config_map({"a": "1", "b": "1"}), "one")
    tracked = update(live, {**live, "data": {"a": "2", "b": "1"}}, "two", now=LATER)
    assert owners(tracked) == {"one": {"f:data": {".": {}, "f:b": {}}}, "two": {"f:data": {"f:a": {}}}}


def test_an_object_nobody_tracks_stays_untracked_on_update() -> None:
    live = config_map({"a": "1"}, uid="u")
    assert "managedFields" not in update(live, {**live, "data": {"a": "2"}}, "one")["metadata"]


def test_a_client_may_rewrite_the_entries_and_one_empty_entry_forgets_them() -> None:
    live = update(None, config_map({"a": "1"}), "kubectl-client-side-apply")
    entries = copy.deepcopy(live["metadata"]["managedFields"])
    entries[0] |= {"manager": "kubectl", "operation": "Apply"}
    migrated = update(live, {**live, "metadata": {**live["metadata"], "managedFields": entries}}, "kubectl")
    assert migrated["metadata"]["managedFields"] == entries
    forgotten = update(live, {**live, "metadata": {**live["metadata"], "managedFields": [{}]}}, "x")
    assert "managedFields" not in forgotten["metadata"]


# -- server-side apply


@needs_recordings
def test_an_apply_that_creates_is_owned_as_recorded() -> None:
    made = apply(None, sent("ssa-create"), "gitops")
    assert made["metadata"]["managedFields"] == managed("ssa-create")
    full = validation.apply_defaults(DEPLOYMENTS, made)
    assert full["spec"] == answered("ssa-create")["spec"]
    assert full["status"] == {}


@needs_recordings
def test_an_apply_with_a_changed_image_is_owned_as_recorded() -> None:
    result = apply(answered("ssa-dry-run-change"), sent("ssa-dry-run-change"), "gitops")
    assert result["spec"] == answered("ssa-dry-run-change")["spec"]
    assert result["metadata"]["managedFields"] == managed("ssa-dry-run-change")


@needs_recordings
@pytest.mark.parametrize("name", ["ssa-conflict", "ssa-conflict-partial"])
def test_a_conflict_names_managers_and_fields_as_recorded(name: str) -> None:
    with pytest.raises(StatusError) as failure:
        apply(answered("ssa-create"), sent(name), "kurator-tui")
    assert failure.value.body() == answered(name)


@needs_recordings
def test_force_takes_the_field_over_as_recorded() -> None:
    live = answered("ssa-create")
    result = apply(live, sent("ssa-force"), "kurator-tui", force=True)
    assert result["spec"]["replicas"] == 3
    recorded = {entry["manager"]: entry["fieldsV1"] for entry in managed("ssa-force")}
    del recorded["kube-controller-manager"]
    assert owners(result) == recorded


@needs_recordings
def test_an_apply_without_a_manager_or_with_managed_fields_is_refused_as_recorded() -> None:
    with pytest.raises(StatusError) as failure:
        apply(answered("ssa-create"), sent("ssa-without-manager"), "")
    assert failure.value.body() == answered("ssa-without-manager")
    with pytest.raises(StatusError) as failure:
        apply(answered("ssa-create"), sent("ssa-with-managed-fields"), "x")
    assert failure.value.body() == answered("ssa-with-managed-fields")


def test_the_same_value_can_be_owned_by_two_and_outlives_one_of_them() -> None:
    live = apply(None, config_map({"a": "1", "b": "1"}), "one")
    shared = apply(live, config_map({"a": "1"}), "two", now=LATER)
    assert owners(shared)["two"] == {"f:data": {"f:a": {}}}
    released = apply(shared, config_map(), "one", now=LATER)
    assert released["data"] == {"a": "1"}


def test_a_field_its_only_applier_drops_is_removed() -> None:
    live = apply(None, config_map({"a": "1", "b": "1"}), "one")
    assert apply(live, config_map({"a": "1"}), "one")["data"] == {"a": "1"}


def test_a_list_item_its_applier_drops_is_removed_with_its_defaults() -> None:
    def deployment(*names: str) -> Object:
        containers = [{"name": name, "image": "i"} for name in names]
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": containers}}
        spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}

    live = validation.apply_defaults(DEPLOYMENTS, apply(None, deployment("x", "y"), "one"))
    result = apply(live, deployment("y"), "one")
    assert [c["name"] for c in result["spec"]["template"]["spec"]["containers"]] == ["y"]
    assert result["spec"]["replicas"] == 1


def test_labels_of_the_live_object_survive_an_apply_that_does_not_name_them() -> None:
    live = update(None, config_map({"a": "1"}, labels={"x": "y"}), "one")
    result = apply(live, config_map({"b": "2"}), "two")
    assert result["metadata"]["labels"] == {"x": "y"}
    assert result["data"] == {"a": "1", "b": "2"}


def test_applying_the_same_again_changes_nothing() -> None:
    live = apply(None, config_map({"a": "1"}), "one")
    assert apply(live, config_map({"a": "1"}), "one", now=LATER) == live


def test_an_update_manager_in_a_conflict_is_named_with_its_version() -> None:
    live = update(None, config_map({"a": "1"}), "kubectl-edit")
    with pytest.raises(StatusError) as failure:
        apply(live, config_map({"a": "2"}), "one")
    assert failure.value.message == 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a'


def test_an_object_nobody_tracks_belongs_to_before_first_apply() -> None:
    live = config_map({"a": "1"}, uid="u", creationTimestamp=NOW)
    with pytest.raises(StatusError) as failure:
        apply(live, config_map({"a": "2"}), "one")
    assert '"before-first-apply" using v1' in failure.value.message
    assert apply(live, config_map({"a": "2"}), "one", force=True)["data"] == {"a": "2"}


def test_kubectl_takes_over_what_it_applied_client_side_without_conflict() -> None:
    last = config_map({"a": "1"})
    live = update(
        None, config_map({"a": "1"}, annotations={LAST_APPLIED: json.dumps(last)}), "kubectl-client-side-apply"
    )
    result = apply(live, config_map({"a": "2"}), "kubectl")
    assert result["data"] == {"a": "2"}
    assert json.loads(result["metadata"]["annotations"][LAST_APPLIED])["data"] == {"a": "2"}
    with pytest.raises(StatusError):
        apply(live, config_map({"a": "2"}), "other")


def test_status_is_not_owned_through_the_main_resource_nor_spec_through_status() -> None:
    obj = {"apiVersion": "fleet.kurator.dev/v1alpha1", "kind": "Fleet", "metadata": {"name": "f"}}
    full = {**obj, "spec": {"clusters": []}, "status": {"phase": "Ready"}}
    assert owners(apply(None, full, "one"))["one"] == {"f:spec": {"f:clusters": {}}}
    assert owners(update(None, full, "one", subresource="status"))["one"] == {"f:status": {".": {}, "f:phase": {}}}


# -- field sets


def test_field_sets_survive_their_written_form() -> None:
    tree = {
        "f:metadata": {"f:finalizers": {".": {}, 'v:"a"': {}}},
        "f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}}},
    }
    assert fieldset.to_v1(fieldset.from_v1(tree)) == tree


def test_a_path_is_spoken_with_its_list_keys() -> None:
    path = ("f:spec", "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}', "f:name")
    assert fieldset.spoken(path) == '.spec.ports[containerPort=80,protocol="TCP"].name'
    assert fieldset.spoken(("f:metadata", "f:finalizers", 'v:"a"')) == '.metadata.finalizers[="a"]'


def test_a_list_key_takes_its_default_from_the_schema() -> None:
    pod = schemas.of("v1", "Pod")
    ports = pod.properties["spec"].properties["containers"].items
    assert ports is not None
    element = fieldset.item_element(ports.properties["ports"], {"containerPort": 80})
    assert element == 'k:{"containerPort":80,"protocol":"TCP"}'
