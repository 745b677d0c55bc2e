"""CustomResourceDefinitions created, changed and deleted while the server runs."""

import asyncio
import json
from typing import Any

import pytest

from tests.unit.demo.apiserver.serving import CATALOGUE, Api, serving

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
HAMMERS = "/apis/tools.example.com/v1/namespaces/d/hammers"


def version(name: str, *, storage: bool = True, served: bool = True) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "description": "How heavy."}}}
    column = {"name": "Weight", "type": "integer", "jsonPath": ".spec.weight"}
    return {
        "name": name,
        "served": served,
        "storage": storage,
        "schema": {"openAPIV3Schema": schema},
        "additionalPrinterColumns": [column],
        "subresources": {"status": {}},
    }


def crd(*versions: dict[str, Any]) -> dict[str, Any]:
    names = {"plural": "hammers", "kind": "Hammer", "shortNames": ["hm"], "categories": ["tools"]}
    spec = {"group": "tools.example.com", "names": names, "scope": "Namespaced"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "hammers.tools.example.com"},
        "spec": {**spec, "versions": list(versions or (version("v1"),))},
    }


HAMMER = {"metadata": {"name": "sledge"}, "spec": {"weight": 8}}
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


async def groups(api: Api) -> list[str]:
    _code, found = await api.call("GET", "/apis")
    return [group["name"] for group in found["groups"]]


async def test_a_definition_adds_a_kind_that_works() -> None:
    async with serving(catalogue=CATALOGUE.extended()) as api:
        assert "tools.example.com" not in await groups(api)
        assert (await api.call("POST", HAMMERS, HAMMER))[0] == 404
        code, made = await api.call("POST", CRDS, crd())
        assert code == 201
        assert made["kind"] == "CustomResourceDefinition"
        _code, made = await api.call("GET", f"{CRDS}/hammers.tools.example.com")
        assert {each["type"]: each["status"] for each in made["status"]["conditions"]}["Established"] == "True"
        assert made["status"]["storedVersions"] == ["v1"]
        assert "tools.example.com" in await groups(api)
        _code, listed = await api.call("GET", "/apis/tools.example.com/v1")
        (resource,) = [each for each in listed["resources"] if "/" not in each["name"]]
        assert (resource["kind"], resource["shortNames"], resource["namespaced"]) == ("Hammer", ["hm"], True)
        _code, document = await api.call("GET", "/openapi/v3/apis/tools.example.com/v1")
        schema = document["components"]["schemas"]["com.example.tools.v1.Hammer"]
        assert schema["properties"]["spec"]["description"] == "How heavy."
        assert (await api.call("POST", HAMMERS, HAMMER))[0] == 201
        _code, table = await api.call("GET", HAMMERS, Accept=TABLE)
        assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Weight"]
        assert table["rows"][0]["cells"] == ["sledge", 8]


async def test_with_a_definition_its_objects_and_watches_go() -> None:
    async with serving(catalogue=CATALOGUE.extended()) as api:
        await api.call("POST", CRDS, crd())
        await api.call("POST", HAMMERS, HAMMER)
        async with api.request("GET", f"{HAMMERS}?watch=1") as watch:
            assert json.loads(await watch.content.readline())["type"] == "ADDED"
            await api.call("DELETE", f"{CRDS}/hammers.tools.example.com")
            async with asyncio.timeout(60):
                assert json.loads(await watch.content.readline())["type"] == "DELETED"
                assert await watch.content.readline() == b""
        assert (await api.call("GET", HAMMERS))[0] == 404
        assert "tools.example.com" not in await groups(api)
        await api.call("POST", CRDS, crd())
        assert (await api.call("GET", HAMMERS))[1]["items"] == []


async def test_a_version_that_is_served_no_more_is_found_no_more() -> None:
    async with serving(catalogue=CATALOGUE.extended()) as api:
        await api.call("POST", CRDS, crd())
        versions = [version("v1", storage=False, served=False), version("v2")]
        patch = {"spec": {"versions": versions}}
        path, merge = f"{CRDS}/hammers.tools.example.com", "application/merge-patch+json"
        assert (await api.call("PATCH", path, patch, Content_Type=merge))[0] == 200
        assert (await api.call("GET", HAMMERS))[0] == 404
        assert (await api.call("GET", HAMMERS.replace("/v1/", "/v2/")))[0] == 200
        _code, group = await api.call("GET", "/apis/tools.example.com")
        assert [each["version"] for each in group["versions"]] == ["v2"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"metadata": {"name": "hammers"}}, "must be spec.names.plural"),
        ({"spec": {**crd()["spec"], "versions": [version("v1"), version("v2")]}}, "storage version"),
        ({"spec": {**crd()["spec"], "names": {"plural": "hammers"}}}, "spec.names.kind"),
    ],
)
async def test_a_definition_that_cannot_be_is_refused(changed: dict[str, Any], said: str) -> None:
    async with serving(catalogue=CATALOGUE.extended()) as api:
        code, answer = await api.call("POST", CRDS, {**crd(), **changed})
        assert code == 422
        assert said in answer["message"]
        assert "tools.example.com" not in await groups(api)
