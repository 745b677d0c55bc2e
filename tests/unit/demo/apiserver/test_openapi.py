"""The OpenAPI v3 documents made from the schemas."""

import json
from typing import Any

import pytest

from kurator_tui.demo.apiserver import openapi
from kurator_tui.demo.apiserver.builtin import default_catalogue
from tests.unit.demo.apiserver.recorded import answered, needs_recordings

CATALOGUE = default_catalogue(host=True)
MEMBER = default_catalogue(host=False)


def references(node: Any) -> set[str]:
    """Every component name a document refers to."""
    if isinstance(node, dict):
        found = {node["$ref"].rpartition("/")[2]} if "$ref" in node else set()
        return found.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def test_the_index_lists_each_group_and_version_once() -> None:
    paths = openapi.index(CATALOGUE)["paths"]
    assert paths["api/v1"]["serverRelativeURL"].startswith("/openapi/v3/api/v1?hash=")
    assert "apis/fleet.kurator.dev/v1alpha1" in paths
    assert "apis/fleet.kurator.dev/v1alpha1" not in openapi.index(MEMBER)["paths"]


@needs_recordings
def test_the_index_names_paths_as_recorded() -> None:
    recorded = answered("openapi-v3-index")["paths"]
    served = openapi.index(CATALOGUE)["paths"]
    not_recorded: set[str] = set()
    assert set(served) - set(recorded) <= not_recorded


def test_every_reference_of_every_document_resolves() -> None:
    for group, versions in CATALOGUE.groups().items():
        for version in versions:
            document = openapi.group_document(CATALOGUE, group, version)
            assert references(document) <= set(document["components"]["schemas"]), (group, version)
            json.dumps(document)


def test_a_kind_is_found_by_its_group_version_kind() -> None:
    document = openapi.group_document(CATALOGUE, "apps", "v1")
    component = document["components"]["schemas"]["io.k8s.api.apps.v1.Deployment"]
    gvk = {"group": "apps", "kind": "Deployment", "version": "v1"}
    assert component["x-kubernetes-group-version-kind"] == [gvk]
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert operation["x-kubernetes-group-version-kind"] == gvk
    assert operation["x-kubernetes-action"] == "patch"
    assert "fieldValidation" in [parameter["name"] for parameter in operation["parameters"]]


def test_merge_keys_and_list_types_reach_the_document() -> None:
    schemas = openapi.group_document(CATALOGUE, "", "v1")["components"]["schemas"]
    containers = schemas["io.k8s.demo.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert containers["x-kubernetes-list-map-keys"] == ["name"]
    assert containers["x-kubernetes-patch-strategy"] == "merge"
    assert (
        schemas["io.k8s.demo.PodSpec"]["properties"]["volumes"]["x-kubernetes-patch-strategy"]
        == "merge,retainKeys"
    )


def test_custom_kinds_do_not_offer_strategic_merge() -> None:
    document = openapi.group_document(CATALOGUE, "fleet.kurator.dev", "v1alpha1")
    path = "/apis/fleet.kurator.dev/v1alpha1/namespaces/{namespace}/fleets/{name}"
    assert (
        "application/strategic-merge-patch+json" not in document["paths"][path]["patch"]["requestBody"]["content"]
    )


def test_a_group_that_is_not_served_has_no_document() -> None:
    with pytest.raises(KeyError):
        openapi.group_document(CATALOGUE, "nope.example.dev", "v1")
