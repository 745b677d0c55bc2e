"""Validation, unknown fields, defaults and admission, against recordings and rule by rule."""

import copy
from typing import Any

import pytest

from kurator_tui.demo.apiserver import patches, validation
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.apiserver.resources import ResourceType
from tests.unit.demo.apiserver.recorded import answered, needs_recordings, sent

Object = dict[str, Any]

CATALOGUE = default_catalogue(host=True)
CONFIG_MAPS = CATALOGUE.by_plural("configmaps")
DEPLOYMENTS = CATALOGUE.by_plural("deployments", "apps")
PODS = CATALOGUE.by_plural("pods")
FLEETS = CATALOGUE.by_plural("fleets", "fleet.kurator.dev")
APPLICATIONS = CATALOGUE.by_plural("applications", "apps.kurator.dev")
CLUSTERS = CATALOGUE.by_plural("clusters", "cluster.kurator.dev")
#: Set by storage and by controllers, so not part of what these functions return.
SYSTEM = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "namespace")


def deployment(**spec: Any) -> Object:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "x", "image": "i"}]}}
    obj = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec},
    }
    return validation.apply_defaults(DEPLOYMENTS, obj)


def pod(**spec: Any) -> Object:
    obj = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "x", "image": "i"}], **spec},
    }
    return validation.apply_defaults(PODS, obj)


def refused(rt: ResourceType, obj: Object, old: Object | None = None) -> list[tuple[str, str, str]]:
    """(reason, field, message) of each cause."""
    with pytest.raises(StatusError) as failure:
        validation.validate_create(rt, obj) if old is None else validation.validate_update(rt, old, obj)
    assert failure.value.code == 422
    assert failure.value.details is not None
    return [(cause["reason"], cause["field"], cause["message"]) for cause in failure.value.details["causes"]]


def body_of_refusal(rt: ResourceType, obj: Object) -> Object:
    with pytest.raises(StatusError) as failure:
        validation.validate_create(rt, validation.apply_defaults(rt, obj))
    return failure.value.body()


# -- as recorded


@needs_recordings
@pytest.mark.parametrize(
    ("rt", "name"),
    [
        (CONFIG_MAPS, "create-bad-name"),
        (FLEETS, "fleet-create-invalid-enum"),
        (APPLICATIONS, "application-create-missing-required"),
    ],
)
def test_an_invalid_object_is_refused_as_recorded(rt: ResourceType, name: str) -> None:
    assert body_of_refusal(rt, sent(name)) == answered(name)


@needs_recordings
def test_a_changed_selector_is_refused_as_recorded() -> None:
    live = answered("strategic-merge-env")
    with pytest.raises(StatusError) as failure:
        validation.validate_update(DEPLOYMENTS, live, patches.merge_patch(live, sent("immutable-field")))
    assert failure.value.body() == answered("immutable-field")


@needs_recordings
def test_an_unknown_field_is_refused_when_strict_and_warned_of_otherwise_as_recorded() -> None:
    with pytest.raises(StatusError) as failure:
        validation.prune_and_check_unknown(FLEETS, sent("fleet-create-unknown-field-strict"), "Strict")
    assert failure.value.body() == answered("fleet-create-unknown-field-strict")
    for mode, warnings in (
        ("Warn", ['unknown field "spec.colour"']),
        ("", ['unknown field "spec.colour"']),
        ("Ignore", []),
    ):
        kept, warned = validation.prune_and_check_unknown(FLEETS, sent("fleet-create-unknown-field-warn"), mode)
        assert kept["spec"] == {}
        assert warned == warnings


@needs_recordings
@pytest.mark.parametrize(
    ("plural", "group", "name"),
    [
        ("namespaces", "", "namespace-create"),
        ("configmaps", "", "configmap-create"),
        ("pods", "", "pod-create"),
        ("nodes", "", "node-create"),
        ("deployments", "apps", "ssa-create"),
        ("poddisruptionbudgets", "policy", "pdb-create"),
        ("attachedclusters", "cluster.kurator.dev", "attachedcluster-create"),
        ("fleets", "fleet.kurator.dev", "fleet-create"),
        ("applications", "apps.kurator.dev", "application-create"),
    ],
)
def test_a_created_object_is_completed_as_recorded(plural: str, group: str, name: str) -> None:
    rt = CATALOGUE.by_plural(plural, group)
    made = validation.apply_admission(rt, validation.apply_defaults(rt, sent(name)))
    for obj in (made, expected := copy.deepcopy(answered(name))):
        for field in SYSTEM:
            obj["metadata"].pop(field, None)
    assert made == expected
    validation.validate_create(rt, made)


@needs_recordings
def test_a_reported_pod_status_is_completed_as_recorded() -> None:
    patched = patches.merge_patch(answered("pod-create"), sent("pod-status-patch"))
    assert validation.apply_defaults(PODS, patched)["status"] == answered("pod-status-patch")["status"]


# -- names and metadata


@pytest.mark.parametrize(
    ("plural", "name", "good"),
    [
        ("configmaps", "a.b-c", True),
        ("configmaps", "-a", False),
        ("namespaces", "a.b", False),
        ("services", "1a", False),
        ("services", "a1", True),
        ("configmaps", "x" * 254, False),
    ],
)
def test_names_follow_the_rule_of_their_kind(plural: str, name: str, good: bool) -> None:
    rt = CATALOGUE.by_plural(plural)
    obj = validation.apply_defaults(rt, {"apiVersion": "v1", "kind": rt.kind, "metadata": {"name": name}})
    if good:
        validation.validate_create(rt, obj)
    else:
        assert refused(rt, obj)[0][:2] == ("FieldValueInvalid", "metadata.name")


def test_an_object_without_a_name_is_told_what_is_missing() -> None:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}
    message = "Required value: name or generateName is required"
    assert refused(CONFIG_MAPS, obj) == [("FieldValueRequired", "metadata.name", message)]


@pytest.mark.parametrize(
    "labels", [{"bad key": "x"}, {"k": "no spaces"}, {"k": "x" * 64}, {"Up.Per/k": "v"}, {"k": "-x"}]
)
def test_labels_must_be_well_formed(labels: Object) -> None:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "labels": labels}}
    assert refused(CONFIG_MAPS, obj)[0][:2] == ("FieldValueInvalid", "metadata.labels")


def test_annotations_have_a_largest_size() -> None:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "annotations": {"k": "x" * 300_000}}}
    assert refused(CONFIG_MAPS, obj)[0][:2] == ("FieldValueTooLong", "metadata.annotations")


# -- workloads


def test_negative_replicas_and_an_unknown_strategy_are_refused_together() -> None:
    causes = refused(DEPLOYMENTS, deployment(replicas=-1, strategy={"type": "Sometimes"}))
    assert (
        "FieldValueInvalid",
        "spec.replicas",
        "Invalid value: -1: must be greater than or equal to 0",
    ) in causes
    assert ("FieldValueNotSupported", "spec.strategy.type") in [cause[:2] for cause in causes]


def test_a_deployment_needs_a_selector_that_matches_and_containers() -> None:
    assert ("FieldValueRequired", "spec.selector", "Required value") in refused(
        DEPLOYMENTS, deployment(selector={})
    )
    causes = refused(DEPLOYMENTS, deployment(template={"spec": {}}))
    assert [cause[1] for cause in causes] == ["spec.template.spec.containers", "spec.template.metadata.labels"]


def test_a_pod_needs_images_unique_names_and_volumes_that_exist() -> None:
    mounts = [{"name": "absent", "mountPath": "/m"}]
    causes = refused(PODS, pod(containers=[{"name": "x"}, {"name": "x", "image": "i", "volumeMounts": mounts}]))
    assert [cause[:2] for cause in causes] == [
        ("FieldValueRequired", "spec.containers[0].image"),
        ("FieldValueDuplicate", "spec.containers[1].name"),
        ("FieldValueNotFound", "spec.containers[1].volumeMounts[0].name"),
    ]


def test_a_ports_range_is_worded_with_both_ends() -> None:
    ports = [{"containerPort": 0}]
    causes = refused(PODS, pod(containers=[{"name": "x", "image": "i", "ports": ports}]))
    assert causes[0][2] == "Invalid value: 0: must be between 1 and 65535, inclusive"


def test_a_pods_spec_is_fixed_but_for_images() -> None:
    old = pod(nodeName="n")
    newer = {**old["spec"]["containers"][0], "image": "j:1"}
    validation.validate_update(PODS, old, {**old, "spec": {**old["spec"], "containers": [newer]}})
    assert refused(PODS, pod(nodeName="m"), old)[0][:2] == ("FieldValueForbidden", "spec")
    validation.validate_update(PODS, pod(), pod(nodeName="n"))


def test_an_immutable_config_map_keeps_its_data() -> None:
    old = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c"},
        "immutable": True,
        "data": {"a": "1"},
    }
    assert refused(CONFIG_MAPS, {**old, "data": {}}, old)[0][:2] == ("FieldValueForbidden", "data")


def test_a_stateful_sets_service_cannot_change() -> None:
    rt = CATALOGUE.by_plural("statefulsets", "apps")
    old = validation.apply_defaults(rt, {**deployment(), "kind": "StatefulSet"})
    new = {**old, "spec": {**old["spec"], "serviceName": "other"}}
    assert ("FieldValueForbidden", "spec") in [cause[:2] for cause in refused(rt, new, old)]
    validation.validate_update(rt, old, {**old, "spec": {**old["spec"], "replicas": 3}})


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("busybox", "Always"),
        ("busybox:latest", "Always"),
        ("reg:5000/busybox", "Always"),
        ("busybox:1.36", "IfNotPresent"),
        ("busybox@sha256:00", "IfNotPresent"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str, policy: str) -> None:
    made = pod(containers=[{"name": "x", "image": image}])
    assert made["spec"]["containers"][0]["imagePullPolicy"] == policy


def test_an_amount_written_as_a_number_is_stored_as_text() -> None:
    made = pod(containers=[{"name": "x", "image": "i", "resources": {"limits": {"cpu": 1}}}])
    assert made["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}


@pytest.mark.parametrize(
    ("resources", "qos"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
    ],
)
def test_the_class_of_service_follows_the_resources(resources: Object, qos: str) -> None:
    made = validation.apply_admission(PODS, pod(containers=[{"name": "x", "image": "i", "resources": resources}]))
    assert made["status"]["qosClass"] == qos


def test_secrets_take_plain_values_and_store_them_coded() -> None:
    rt = CATALOGUE.by_plural("secrets")
    obj = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "b"}}
    made = validation.apply_defaults(rt, obj)
    assert made["data"] == {"a": "Yg=="}
    assert "stringData" not in made
    assert made["type"] == "Opaque"


def test_a_service_gets_an_address_and_target_ports() -> None:
    rt = CATALOGUE.by_plural("services")
    obj = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    made = validation.apply_admission(rt, validation.apply_defaults(rt, obj))
    assert made["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert made["spec"]["clusterIP"].startswith("10.")
    assert made["status"] == {"loadBalancer": {}}


# -- types and unknown fields


def test_a_wrong_type_in_a_built_in_kind_cannot_be_decoded() -> None:
    with pytest.raises(StatusError) as failure:
        validation.prune_and_check_unknown(DEPLOYMENTS, deployment(replicas="three"), "")
    assert failure.value.code == 400
    assert "cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32" in str(
        failure.value
    )


def test_a_wrong_type_in_a_custom_kind_is_invalid() -> None:
    obj = {
        "apiVersion": "fleet.kurator.dev/v1alpha1",
        "kind": "Fleet",
        "metadata": {"name": "f"},
        "spec": {"clusters": "all"},
    }
    message = 'Invalid value: "string": spec.clusters in body must be of type array: "string"'
    assert refused(FLEETS, obj) == [("FieldValueTypeInvalid", "spec.clusters", message)]


def test_unknown_fields_are_named_with_their_place_and_dropped() -> None:
    obj = deployment()
    obj["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    obj["colour"] = "red"
    kept, warnings = validation.prune_and_check_unknown(DEPLOYMENTS, obj, "Warn")
    assert warnings == ['unknown field "spec.template.spec.containers[0].imagee"', 'unknown field "colour"']
    assert "colour" not in kept
    assert "imagee" not in kept["spec"]["template"]["spec"]["containers"][0]
    assert "imagee" in obj["spec"]["template"]["spec"]["containers"][0]


def test_free_form_values_are_kept_whole() -> None:
    obj = {
        "apiVersion": "fleet.kurator.dev/v1alpha1",
        "kind": "Fleet",
        "metadata": {"name": "f"},
        "spec": {"plugin": {"grafana": {"extraArgs": {"a": {"b": [1]}}}}},
    }
    assert validation.prune_and_check_unknown(FLEETS, obj, "Strict") == (obj, [])


def test_a_kurator_cluster_cannot_move_to_another_infrastructure() -> None:
    pool = {"replicas": 1, "instanceType": "t"}
    spec = {
        "infraType": "aws",
        "version": "1.27.0",
        "region": "r",
        "network": {"vpc": {}, "cni": {"type": "calico"}},
        "master": pool,
        "workers": [pool],
    }
    old = {
        "apiVersion": "cluster.kurator.dev/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": "c"},
        "spec": spec,
    }
    old = validation.apply_defaults(CLUSTERS, old)
    validation.validate_create(CLUSTERS, old)
    new = {**old, "spec": {**spec, "infraType": "gcp"}}
    assert ("FieldValueInvalid", "spec.infraType") in [cause[:2] for cause in refused(CLUSTERS, new, old)]
