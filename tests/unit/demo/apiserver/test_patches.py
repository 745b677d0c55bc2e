"""Merge, JSON and strategic merge patches."""

import copy
from typing import Any

import pytest

from kurator_tui.demo.apiserver import patches
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError
from tests.unit.demo.apiserver.recorded import answered, needs_recordings, sent

CATALOGUE = default_catalogue(host=True)
CONFIG_MAPS = CATALOGUE.by_plural("configmaps")
DEPLOYMENTS = CATALOGUE.by_plural("deployments", "apps")
PODS = CATALOGUE.by_plural("pods")
NODES = CATALOGUE.by_plural("nodes")
SERVICES = CATALOGUE.by_plural("services")

Object = dict[str, Any]


def pod(*containers: Object, **spec: Any) -> Object:
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "p"},
        "spec": {"containers": [*containers], **spec},
    }


def merge_pod(live: Object, **spec: Any) -> Object:
    result: Object = patches.strategic_merge(live, {"spec": spec}, PODS)["spec"]
    return result


# -- merge patch


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({"a": "foo"}, {"b": {"c": {"d": None}}}, {"a": "foo", "b": {"c": {}}}),
        ({"a": "foo"}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_follows_rfc_7386(target: Object, patch: Object, result: Object) -> None:
    before = copy.deepcopy(target)
    assert patches.merge_patch(target, patch) == result
    assert target == before


# -- JSON patch


def test_json_patch_applies_in_order_and_leaves_the_input() -> None:
    live = {"data": {"k": "one"}}
    ops = [{"op": "test", "path": "/data/k", "value": "one"}, {"op": "replace", "path": "/data/k", "value": "uno"}]
    assert patches.json_patch(live, ops, rt=CONFIG_MAPS, name="c") == {"data": {"k": "uno"}}
    assert live == {"data": {"k": "one"}}


@needs_recordings
@pytest.mark.parametrize("name", ["json-patch-test-fails", "json-patch-bad-path"])
def test_json_patch_that_does_not_fit_is_refused_as_recorded(name: str) -> None:
    live = {"data": {"k": "one"}}
    with pytest.raises(StatusError) as failure:
        patches.json_patch(live, sent(name), rt=CONFIG_MAPS, name="c1")
    assert failure.value.body() == answered(name)


def test_json_patch_with_an_unknown_operation_is_a_bad_request() -> None:
    with pytest.raises(StatusError) as failure:
        patches.json_patch({}, [{"op": "explode", "path": "/a"}], rt=CONFIG_MAPS, name="c1")
    assert failure.value.code == 400


# -- strategic merge patch


@needs_recordings
def test_strategic_merge_of_env_puts_the_new_variable_first_as_recorded() -> None:
    live = answered("ssa-force")
    result = patches.strategic_merge(live, sent("strategic-merge-env"), DEPLOYMENTS)
    assert result["spec"] == answered("strategic-merge-env")["spec"]


@needs_recordings
def test_cordon_and_node_conditions_merge_as_recorded() -> None:
    cordoned = patches.strategic_merge(answered("node-create"), sent("node-cordon"), NODES)
    assert cordoned["spec"] == answered("node-cordon")["spec"]
    reported = patches.strategic_merge(cordoned, sent("node-status-patch"), NODES)
    assert reported["status"]["conditions"][0]["reason"] == "NodeStatusUnknown"


def test_containers_merge_by_name_and_stay_in_place() -> None:
    live = pod({"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"})
    spec = merge_pod(live, containers=[{"name": "b", "image": "b:2"}])
    assert spec["containers"] == [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:2"}]
    assert live["spec"]["containers"][1]["image"] == "b:1"


def test_patch_delete_removes_a_list_item() -> None:
    live = pod({"name": "a"}, {"name": "b"})
    assert merge_pod(live, containers=[{"$patch": "delete", "name": "a"}])["containers"] == [{"name": "b"}]


def test_patch_replace_replaces_a_whole_list() -> None:
    live = pod({"name": "a"}, {"name": "b"})
    spec = merge_pod(live, containers=[{"name": "c"}, {"$patch": "replace"}])
    assert spec["containers"] == [{"name": "c"}]


def test_patch_replace_replaces_a_whole_object() -> None:
    live = pod({"name": "a"}, nodeSelector={"zone": "a", "arch": "arm"})
    assert merge_pod(live, nodeSelector={"$patch": "replace", "zone": "b"})["nodeSelector"] == {"zone": "b"}


def test_volumes_retain_only_the_keys_that_are_named() -> None:
    live = pod({"name": "a"}, volumes=[{"name": "v", "emptyDir": {}}])
    patch = [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]
    assert merge_pod(live, volumes=patch)["volumes"] == [{"name": "v", "configMap": {"name": "c"}}]


def test_a_change_of_strategy_retains_its_keys() -> None:
    live = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert patches.strategic_merge(live, patch, DEPLOYMENTS) == {"spec": {"strategy": {"type": "Recreate"}}}


def test_retain_keys_that_miss_a_patched_key_are_refused() -> None:
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": {}}}}
    with pytest.raises(StatusError):
        patches.strategic_merge({}, patch, DEPLOYMENTS)


def test_finalizers_merge_as_a_set_and_can_be_deleted_one_by_one() -> None:
    live = {"metadata": {"finalizers": ["a", "b"]}}
    added = patches.strategic_merge(live, {"metadata": {"finalizers": ["c", "a"]}}, PODS)
    assert sorted(added["metadata"]["finalizers"]) == ["a", "b", "c"]
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}
    assert patches.strategic_merge(added, patch, PODS)["metadata"]["finalizers"] == ["c", "b"]


def test_tolerations_and_taints_are_replaced_as_a_whole() -> None:
    live = pod({"name": "a"}, tolerations=[{"key": "x"}])
    assert merge_pod(live, tolerations=[{"key": "y"}])["tolerations"] == [{"key": "y"}]
    node = {"spec": {"taints": [{"key": "x", "effect": "NoSchedule"}]}}
    assert patches.strategic_merge(node, {"spec": {"taints": None}}, NODES) == {"spec": {}}


def test_service_ports_merge_by_port() -> None:
    live = {"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443}]}}
    result = patches.strategic_merge(live, {"spec": {"ports": [{"port": 80, "name": "web"}]}}, SERVICES)
    assert result["spec"]["ports"] == [{"port": 80, "name": "web"}, {"port": 443}]


def test_set_element_order_arranges_a_merged_list() -> None:
    live = pod({"name": "a", "image": "a:1"}, {"name": "b"}, {"name": "c"})
    spec = merge_pod(
        live,
        **{
            "$setElementOrder/containers": [{"name": "c"}, {"name": "b"}, {"name": "a"}],
            "containers": [{"name": "a", "image": "a:2"}],
        },
    )
    assert [container["name"] for container in spec["containers"]] == ["c", "b", "a"]
    assert spec["containers"][2]["image"] == "a:2"


def test_set_element_order_leaves_the_servers_own_items_where_they_were() -> None:
    live = pod({"name": "injected"}, {"name": "a"})
    spec = merge_pod(
        live, **{"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "a", "tty": True}]}
    )
    assert spec["containers"] == [{"name": "injected"}, {"name": "a", "tty": True}]


def test_null_removes_a_field_and_directives_never_reach_the_object() -> None:
    live = pod({"name": "a", "image": "a:1", "tty": True})
    spec = merge_pod(live, containers=[{"name": "a", "tty": None}, {"name": "b", "stdin": None, "image": "b"}])
    assert {"name": "a", "image": "a:1"} in spec["containers"]
    assert {"name": "b", "image": "b"} in spec["containers"]


@pytest.mark.parametrize(
    "item", [{"image": "x"}, {"$patch": "explode", "name": "a"}, {"$patch": "merge", "name": "a"}]
)
def test_a_bad_list_item_is_a_bad_request(item: Object) -> None:
    with pytest.raises(StatusError) as failure:
        merge_pod(pod({"name": "a"}), containers=[item])
    assert failure.value.code == 400
