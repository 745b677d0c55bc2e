"""Pages, versions and forms of lists over HTTP."""

import gzip

import aiohttp

from tests.unit.demo.apiserver.serving import Api, configmap, serving

PATH = "/api/v1/namespaces/d/configmaps"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def names(body: dict[str, object]) -> list[str]:
    items = body["items"]
    assert isinstance(items, list)
    return [item["metadata"]["name"] for item in items]


def fill(api: Api, count: int = 5) -> None:
    for number in range(count):
        api.add("configmaps", configmap(f"c{number}", parity="odd" if number % 2 else "even"))


async def test_pages_are_one_snapshot() -> None:
    async with serving() as api:
        fill(api)
        _, first = await api.call("GET", f"{PATH}?limit=2")
        assert (names(first), first["metadata"]["remainingItemCount"]) == (["c0", "c1"], 3)
        await api.call("DELETE", f"{PATH}/c3")
        api.add("configmaps", configmap("c2b"))
        _, second = await api.call("GET", f"{PATH}?limit=2&continue={first['metadata']['continue']}")
        _, third = await api.call("GET", f"{PATH}?limit=2&continue={second['metadata']['continue']}")
        assert names(second) + names(third) == ["c2", "c3", "c4"]
        assert first["metadata"]["resourceVersion"] == third["metadata"]["resourceVersion"]
        assert "continue" not in third["metadata"]


async def test_a_page_beyond_the_history_is_expired() -> None:
    async with serving(history=2) as api:
        fill(api)
        _, first = await api.call("GET", f"{PATH}?limit=2")
        for number in range(3):
            api.add("configmaps", configmap(f"new{number}"))
        status, body = await api.call("GET", f"{PATH}?limit=2&continue={first['metadata']['continue']}")
        assert (status, body["reason"]) == (410, "Expired")


async def test_pages_over_all_namespaces() -> None:
    async with serving() as api:
        api.add_namespace("e")
        fill(api, 2)
        api.add("configmaps", {"metadata": {"name": "z", "namespace": "e"}})
        _, first = await api.call("GET", "/api/v1/configmaps?limit=1")
        _, rest = await api.call("GET", f"/api/v1/configmaps?continue={first['metadata']['continue']}")
        assert names(first) + names(rest) == ["c0", "c1", "z"]


async def test_a_selected_list_does_not_count_the_rest() -> None:
    async with serving() as api:
        fill(api)
        _, body = await api.call("GET", f"{PATH}?limit=1&labelSelector=parity=even")
        assert names(body) == ["c0"]
        assert body["metadata"].keys() == {"resourceVersion", "continue"}


async def test_an_exact_version_shows_the_past() -> None:
    async with serving() as api:
        fill(api, 1)
        then = api.storage.rv
        fill_more = configmap("later")
        api.add("configmaps", fill_more)
        _, body = await api.call("GET", f"{PATH}?resourceVersion={then}&resourceVersionMatch=Exact")
        assert names(body) == ["c0"]
        assert body["metadata"]["resourceVersion"] == str(then)


async def test_a_table_row_carries_what_is_asked_for() -> None:
    async with serving() as api:
        fill(api, 1)
        _, whole = await api.call("GET", f"{PATH}?includeObject=Object", Accept=TABLE)
        assert whole["rows"][0]["object"]["kind"] == "ConfigMap"
        status, body = await api.call("GET", f"{PATH}?includeObject=Some", Accept=TABLE)
        assert (status, body["reason"]) == (400, "BadRequest")


async def test_an_unknown_form_falls_back_to_json() -> None:
    async with serving() as api:
        fill(api, 1)
        _, body = await api.call("GET", PATH, Accept="application/vnd.kubernetes.protobuf")
        assert body["kind"] == "ConfigMapList"


async def test_custom_items_keep_their_kind() -> None:
    async with serving() as api:
        api.add("fleets", {"metadata": {"name": "f", "namespace": "d"}, "spec": {}}, "fleet.kurator.dev")
        _, body = await api.call("GET", "/apis/fleet.kurator.dev/v1alpha1/fleets")
        assert body["items"][0]["kind"] == "Fleet"


async def test_big_lists_are_compressed_when_accepted() -> None:
    async with serving() as api:
        for number in range(3):
            api.add("configmaps", {**configmap(f"c{number}"), "data": {"k": "x" * 60_000}})
        headers = {"Authorization": "Bearer a", "Accept-Encoding": "gzip"}
        quiet = aiohttp.ClientSession(auto_decompress=False)
        async with quiet as http, http.get(api.server.url + PATH, headers=headers) as response:
            raw = await response.read()
            assert response.headers["Content-Encoding"] == "gzip"
        assert len(raw) < 10_000 < len(gzip.decompress(raw))
        async with api.request("GET", PATH, Accept_Encoding="identity") as response:
            assert "Content-Encoding" not in response.headers
