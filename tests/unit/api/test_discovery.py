"""Discovery, probe and access review."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from kurator_tui.api.discovery import ResourcePath, Served, discover
from kurator_tui.api.probe import probe
from kurator_tui.api.review import can_i
from kurator_tui.errors import Broken, Forbidden, ServerFault, TimedOut
from kurator_tui.kinds.base import HEALTHY, Kind, Row
from tests.unit.api.support import connected, kubeconfig, raw_serving, serving, status

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "apiserver"
V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def kind(group: str, plural: str, *versions: str) -> Kind[Any, Row]:
    return Kind(
        id=plural,
        name="X",
        row=Row,
        columns=(),
        health=lambda row: HEALTHY,
        group=group,
        plural=plural,
        versions=versions,
    )


def resource(name: str, namespaced: bool = True) -> dict[str, Any]:
    return {"name": name, "namespaced": namespaced, "kind": name.title(), "verbs": ["get", "list", "watch"]}


OLD: dict[str, Any] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [
            {"name": "apps", "versions": [{"version": "v1"}]},
            {"name": "helm.toolkit.fluxcd.io", "versions": [{"version": "v2"}, {"version": "v2beta2"}]},
            {"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}]},
        ],
    },
    "/api/v1": {"resources": [resource("pods"), resource("nodes", False), resource("pods/log")]},
    "/apis/apps/v1": {"resources": [resource("deployments"), resource("deployments/scale")]},
    "/apis/helm.toolkit.fluxcd.io/v2": {"resources": [resource("helmreleases")]},
    "/apis/helm.toolkit.fluxcd.io/v2beta2": {"resources": [resource("helmreleases")]},
}


async def old_server(request: web.BaseRequest) -> web.StreamResponse:
    if request.path in OLD:
        return web.json_response(OLD[request.path])
    return status(503, "ServiceUnavailable", "the server is currently unable to handle the request")


async def found(handler: Any, folder: Path) -> Served:
    async with serving(handler) as url, connected(kubeconfig(folder, url)) as connection:
        return await discover(connection)


async def test_old_discovery_and_one_broken_group(tmp_path: Path) -> None:
    served = await found(old_server, tmp_path)
    assert served.broken == ("metrics.k8s.io/v1beta1",)
    pods = served.resolve(kind("", "pods", "v1"))
    assert pods is not None
    assert pods.subresources == {"log"}
    assert pods.collection("ns") == "/api/v1/namespaces/ns/pods"
    assert served.serves("apps")
    assert not served.serves("fleet.kurator.dev")


async def test_the_kinds_first_served_version_wins_else_the_servers(tmp_path: Path) -> None:
    served = await found(old_server, tmp_path)
    group = "helm.toolkit.fluxcd.io"
    chosen = [
        served.resolve(kind(group, "helmreleases", *versions))
        for versions in (("v2beta2", "v2"), ("v9", "v2"), ("v9",), ())
    ]
    assert [path.version if path else None for path in chosen] == ["v2beta2", "v2", "v2", "v2"]
    assert served.resolve(kind(group, "helmcharts", "v2")) is None
    assert served.resolve(kind("apps", "pods", "v1")) is None


async def test_aggregated_discovery_takes_two_requests(tmp_path: Path) -> None:
    version = {
        "version": "v1alpha1",
        "freshness": "Current",
        "resources": [
            {"resource": "fleets", "scope": "Namespaced", "responseKind": {"kind": "Fleet"}, "verbs": ["list"]}
        ],
    }
    stale = {"version": "v1beta1", "freshness": "Stale"}
    paths: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        paths.append(request.path)
        assert request.headers["Accept"].startswith(V2)
        items: list[Any] = [
            {"metadata": {"name": "fleet.kurator.dev"}, "versions": [version]},
            {"metadata": {"name": "metrics.k8s.io"}, "versions": [stale]},
        ]
        body = {"kind": "APIGroupDiscoveryList", "items": items if request.path == "/apis" else []}
        return web.json_response(body)

    served = await found(handler, tmp_path)
    assert sorted(paths) == ["/api", "/apis"]
    assert served.broken == ("metrics.k8s.io/v1beta1",)
    fleets = served.resolve(kind("fleet.kurator.dev", "fleets", "v1alpha1"))
    assert fleets is not None
    assert (fleets.kind, fleets.verbs, fleets.namespaced) == ("Fleet", frozenset({"list"}), True)
    assert fleets.api_version == "fleet.kurator.dev/v1alpha1"


async def test_a_server_that_refuses_the_media_type_is_asked_plainly(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.path in ("/api", "/apis") and "apidiscovery" in request.headers["Accept"]:
            return status(406, "NotAcceptable", "no")
        return await old_server(request)

    assert (await found(handler, tmp_path)).serves("apps")


async def test_discovery_that_fails_at_its_root_says_why(tmp_path: Path) -> None:
    async def forbidden(request: web.BaseRequest) -> web.StreamResponse:
        return status(403, "Forbidden", "no")

    async def html(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<html>")

    with pytest.raises(Forbidden):
        await found(forbidden, tmp_path)
    with pytest.raises(Broken):
        await found(html, tmp_path)


async def test_recorded_discovery_in_both_forms_agrees(tmp_path: Path) -> None:
    if not RECORDINGS.is_dir():
        pytest.skip(f"no recordings at {RECORDINGS}")

    def body(name: str) -> Any:
        return json.loads(next(RECORDINGS.glob(f"*-{name}.json")).read_text())["response"]["body"]

    async def new(request: web.BaseRequest) -> web.StreamResponse:
        name = {"/api": "api-aggregated-discovery", "/apis": "apis-aggregated-discovery"}[request.path]
        return web.json_response(body(name), content_type="application/json")

    async def old(request: web.BaseRequest) -> web.StreamResponse:
        name = {
            "/api": "api-versions",
            "/apis": "apis-groups",
            "/api/v1": "group-resources-core",
            "/apis/fleet.kurator.dev/v1alpha1": "group-resources-fleet",
        }.get(request.path)
        return web.json_response(body(name)) if name else status(404, "NotFound", "not recorded")

    for group, plural, version in (
        ("", "pods", "v1"),
        ("", "nodes", "v1"),
        ("fleet.kurator.dev", "fleets", "v1alpha1"),
    ):
        wanted = kind(group, plural, version)
        paths = [(await found(handler, tmp_path)).resolve(wanted) for handler in (new, old)]
        assert paths[0] is not None
        assert paths[0] == paths[1]


def test_paths_are_quoted() -> None:
    path = ResourcePath("apps", "v1", "deployments", True, frozenset())
    assert path.item("a b", "x?y", "scale") == "/apis/apps/v1/namespaces/a%20b/deployments/x%3Fy/scale"
    assert ResourcePath("", "v1", "nodes", False, frozenset()).collection("ns") == "/api/v1/nodes"


async def test_probe_gives_version_and_latency(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"gitVersion": "v1.36.2\x1b"})

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        result = await probe(connection, 2.0)
    assert result.version == "v1.36.2␛"
    assert result.latency_ms > 0


async def test_probe_of_a_server_that_hangs_or_trickles(tmp_path: Path) -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
        await asyncio.Event().wait()

    async with raw_serving(trickle) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(TimedOut):
            await probe(connection, 0.05)
        assert connection.down


async def test_probe_of_something_else(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response([])

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(Broken, match="no version"):
            await probe(connection, 2.0)


async def test_access_review(tmp_path: Path) -> None:
    reviews: list[Any] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        review = json.loads(await request.text())
        reviews.append(review["spec"]["resourceAttributes"])
        return web.json_response({**review, "status": {"allowed": reviews[-1]["verb"] == "list"}}, status=201)

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        assert await can_i(connection, "list", "", "pods", "ns")
        assert not await can_i(connection, "get", "apps", "deployments/scale")
    assert reviews == [
        {"verb": "list", "resource": "pods", "namespace": "ns"},
        {"verb": "get", "group": "apps", "resource": "deployments", "subresource": "scale"},
    ]


async def test_access_review_that_cannot_be_made(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return status(500, "InternalError", "no")

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(ServerFault):
            await can_i(connection, "list", "", "pods")
