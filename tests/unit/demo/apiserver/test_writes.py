"""Create, replace, patch, delete, evict and scale over HTTP: what the recordings do not show."""

import io
from typing import Any

import pytest

from tests.unit.demo.apiserver.serving import NOW, Api, configmap, serving

MAPS = "/api/v1/namespaces/d/configmaps"
PODS = "/api/v1/namespaces/d/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/d/deployments"
FLEETS = "/apis/fleet.kurator.dev/v1alpha1/namespaces/d/fleets"
MERGE = "application/merge-patch+json"


def deployment(name: str = "web", replicas: int = 2) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


def pod(name: str = "p", **labels: str) -> dict[str, Any]:
    spec = {"nodeName": "n", "containers": [{"name": "c", "image": "x"}], "terminationGracePeriodSeconds": 30}
    meta = {"name": name, "namespace": "d", "labels": labels}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Running"}}


async def test_system_fields_of_a_new_object_are_the_servers() -> None:
    async with serving() as api:
        meta = {
            "name": "c",
            "uid": "mine",
            "generation": 9,
            "creationTimestamp": None,
            "deletionTimestamp": "2020",
        }
        status, made = await api.call("POST", MAPS, {"metadata": meta})
        assert status == 201
        assert made["metadata"]["uid"] != "mine"
        assert not {"generation", "deletionTimestamp"} & made["metadata"].keys()
        assert (await api.call("POST", MAPS, {"metadata": {"name": "e", "resourceVersion": "1"}}))[0] == 400


async def test_a_dry_run_stores_nothing() -> None:
    async with serving() as api:
        before = api.storage.rv
        status, made = await api.call("POST", f"{DEPLOYMENTS}?dryRun=All", deployment())
        assert (status, made["metadata"]["generation"]) == (201, 1)
        assert "resourceVersion" not in made["metadata"]
        status, _ = await api.call("POST", "/api/v1/namespaces?dryRun=All", {"metadata": {"name": "new"}})
        assert (status, api.storage.rv) == (201, before)
        assert (await api.call("POST", f"{MAPS}?dryRun=Some", configmap("c")))[0] == 422


async def test_status_is_written_by_its_subresource_only() -> None:
    async with serving() as api:
        await api.call("POST", FLEETS, {"metadata": {"name": "f"}, "spec": {}, "status": {"phase": "Ready"}})
        _, live = await api.call("GET", f"{FLEETS}/f")
        assert "status" not in live
        patch = {"status": {"phase": "Ready"}, "metadata": {"labels": {"a": "b"}}, "spec": {"clusters": []}}
        _, after = await api.call("PATCH", f"{FLEETS}/f/status", patch, Content_Type=MERGE)
        assert (after["status"], after["metadata"].get("labels"), after["spec"]) == ({"phase": "Ready"}, None, {})
        assert after["metadata"]["generation"] == 1
        _, kept = await api.call(
            "PATCH", f"{FLEETS}/f", {"status": None, "spec": {"clusters": []}}, Content_Type=MERGE
        )
        assert (kept["status"], kept["metadata"]["generation"]) == ({"phase": "Ready"}, 2)


async def test_replacing_needs_the_name_and_for_custom_kinds_the_version() -> None:
    async with serving() as api:
        await api.call("POST", MAPS, configmap("c"))
        assert (await api.call("PUT", f"{MAPS}/other", configmap("c")))[0] == 400
        assert (await api.call("PUT", f"{MAPS}/none", configmap("none")))[0] == 404
        assert (await api.call("PUT", f"{MAPS}/c", {**configmap("c"), "data": {"n": "1"}}))[0] == 200
        _, fleet = await api.call("POST", FLEETS, {"metadata": {"name": "f"}, "spec": {}})
        assert (await api.call("PUT", f"{FLEETS}/f", {"metadata": {"name": "f"}, "spec": {}}))[0] == 422
        assert (await api.call("PUT", f"{FLEETS}/f", fleet))[0] == 200


async def test_a_patch_that_changes_nothing_is_no_write() -> None:
    async with serving() as api:
        await api.call("POST", MAPS, configmap("c"))
        before = api.storage.rv
        _, same = await api.call("PATCH", f"{MAPS}/c", {"data": {"k": "c"}}, Content_Type=MERGE)
        assert (same["metadata"]["resourceVersion"], api.storage.rv) == (str(before), before)


@pytest.mark.parametrize("patch", [{"metadata": {"name": "x"}}, {"kind": "Secret"}, {"metadata": None}, []])
async def test_a_patch_may_not_make_another_object(patch: Any) -> None:
    async with serving() as api:
        await api.call("POST", MAPS, configmap("c"))
        status, _ = await api.call("PATCH", f"{MAPS}/c", patch, Content_Type=MERGE)
        assert status in (400, 422)


async def test_apply_creates_then_changes() -> None:
    async with serving() as api:
        body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: one}\n"
        path, kind = f"{MAPS}/c?fieldManager=me", "application/apply-patch+yaml"
        assert (await api.call("PATCH", path, body, Content_Type=kind))[0] == 201
        status, after = await api.call("PATCH", path, body.replace("one", "two"), Content_Type=kind)
        assert (status, after["data"]) == (200, {"k": "two"})
        assert [entry["manager"] for entry in after["metadata"]["managedFields"]] == ["me"]
        wrong = body.replace("name: c", "name: d")
        assert (await api.call("PATCH", path, wrong, Content_Type=kind))[0] == 400


async def test_a_bound_pod_gets_its_grace_period() -> None:
    async with serving() as api:
        api.add("pods", pod())
        status, doomed = await api.call("DELETE", f"{PODS}/p")
        assert (status, doomed["metadata"]["deletionGracePeriodSeconds"]) == (200, 30)
        assert doomed["metadata"]["deletionTimestamp"] == "2023-11-14T22:13:50Z"
        _, sooner = await api.call("DELETE", f"{PODS}/p?gracePeriodSeconds=5")
        assert sooner["metadata"]["deletionTimestamp"] == "2023-11-14T22:13:25Z"
        await api.call("DELETE", f"{PODS}/p?gracePeriodSeconds=0")
        assert (await api.call("GET", f"{PODS}/p"))[0] == 404


async def test_cascades_become_finalizers() -> None:
    async with serving() as api:
        for name, policy, finalizer in (("a", "Foreground", "foregroundDeletion"), ("b", "Orphan", "orphan")):
            await api.call("POST", DEPLOYMENTS, deployment(name))
            _, doomed = await api.call("DELETE", f"{DEPLOYMENTS}/{name}", {"propagationPolicy": policy})
            assert doomed["metadata"]["finalizers"] == [finalizer]
            assert doomed["metadata"]["generation"] == 2


async def test_a_namespace_waits_for_its_contents() -> None:
    async with serving() as api:
        _, doomed = await api.call("DELETE", "/api/v1/namespaces/d")
        assert doomed["status"]["phase"] == "Terminating"
        status, body = await api.call("POST", MAPS, configmap("late"))
        assert (status, body["details"]["causes"][0]["reason"]) == (403, "NamespaceTerminating")
        doomed["spec"]["finalizers"] = []
        assert (await api.call("PUT", "/api/v1/namespaces/d/finalize", doomed))[0] == 200
        assert (await api.call("GET", "/api/v1/namespaces/d"))[0] == 404


async def test_a_dry_run_deletes_nothing() -> None:
    async with serving() as api:
        api.add("configmaps", configmap("c"))
        status, body = await api.call("DELETE", f"{MAPS}?dryRun=All")
        assert (status, len(body["items"])) == (200, 1)
        assert (await api.call("DELETE", f"{MAPS}/c", {"dryRun": ["All"]}))[0] == 200
        assert (await api.call("GET", f"{MAPS}/c"))[0] == 200


def budget(api: Api, allowed: int, name: str = "b") -> None:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}}
    status = {
        "observedGeneration": 1,
        "disruptionsAllowed": allowed,
        "desiredHealthy": 1,
        "currentHealthy": 1 + allowed,
    }
    api.add(
        "poddisruptionbudgets",
        {"metadata": {"name": name, "namespace": "d"}, "spec": spec, "status": status},
        "policy",
    )


EVICTION = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}


async def test_evictions_spend_the_budget() -> None:
    async with serving() as api:
        api.add("pods", pod("p", app="x"))
        api.add("pods", pod("q", app="x"))
        budget(api, 1)
        assert (await api.call("POST", f"{PODS}/p/eviction?dryRun=All", EVICTION))[0] == 201
        status, body = await api.call("POST", f"{PODS}/p/eviction", EVICTION)
        assert (status, body["status"]) == (201, "Success")
        status, body = await api.call("POST", f"{PODS}/q/eviction", {"metadata": {"name": "q"}})
        assert (status, body["reason"]) == (429, "TooManyRequests")
        assert body["details"]["causes"][0]["message"].endswith("needs 1 healthy pods and has 2 currently")
        assert (await api.call("POST", f"{PODS}/p/eviction", EVICTION))[0] == 201


async def test_two_budgets_are_an_error_and_none_is_freedom() -> None:
    async with serving() as api:
        api.add("pods", pod("p", app="x"))
        api.add("pods", pod("free"))
        budget(api, 1)
        budget(api, 1, "c")
        assert (await api.call("POST", f"{PODS}/p/eviction", EVICTION))[0] == 500
        assert (await api.call("POST", f"{PODS}/free/eviction", {}))[0] == 201


async def test_scales() -> None:
    async with serving() as api:
        await api.call("POST", DEPLOYMENTS, deployment())
        path = f"{DEPLOYMENTS}/web/scale"
        _, scale = await api.call("GET", path)
        scale["spec"]["replicas"] = 7
        assert (await api.call("PUT", path, scale))[1]["spec"] == {"replicas": 7}
        assert (await api.call("PUT", path, scale))[0] == 409
        ops = [{"op": "replace", "path": "/spec/replicas", "value": 0}]
        status, zero = await api.call("PATCH", path, ops, Content_Type="application/json-patch+json")
        assert (status, zero["spec"]) == (200, {"replicas": 0})
        assert (await api.call("PATCH", path, {"spec": {"replicas": "x"}}, Content_Type=MERGE))[0] == 400
        assert (await api.call("PATCH", path, {}, Content_Type="application/json"))[0] == 415
        _, live = await api.call("GET", f"{DEPLOYMENTS}/web")
        assert live["metadata"]["generation"] == 3
        assert api.storage.clock() == NOW


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("PUT", MAPS, 405),
        ("PATCH", MAPS, 405),
        ("POST", f"{MAPS}/c", 405),
        ("DELETE", "/api/v1/namespaces", 405),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 405),
        ("DELETE", f"{PODS}/p/log", 405),
        ("GET", f"{PODS}/p/nothing", 404),
        ("GET", f"{MAPS}/c/status", 404),
        ("GET", "/api/v1/unknown", 404),
        ("GET", "/nothing", 404),
    ],
)
async def test_methods_and_paths_not_served(method: str, path: str, code: int) -> None:
    async with serving() as api:
        assert (await api.call(method, path, {}))[0] == code


async def test_a_body_too_large_is_refused() -> None:
    async with serving() as api:
        status, body = await api.call("POST", MAPS, io.BytesIO(b"x" * (3 * 1024 * 1024 + 1)))
        assert (status, body["reason"]) == (413, "RequestEntityTooLarge")


async def test_a_warning_survives_quotes() -> None:
    async with serving() as api:
        body = {"metadata": {"name": "f"}, "spec": {'a"b\\c': 1}}
        async with api.request("POST", FLEETS, body) as response:
            assert response.status == 201
            assert response.headers["Warning"].startswith('299 - "unknown field')


async def test_text_of_every_script_survives() -> None:
    async with serving() as api:
        data = {"k": "汉字 🚀 שלום \u0000 \u001b[31m [@click=x]"}
        status, made = await api.call("POST", MAPS, {**configmap("c"), "data": data})
        assert (status, made["data"]) == (201, data)
        assert (await api.call("GET", MAPS))[1]["items"][0]["data"] == data
