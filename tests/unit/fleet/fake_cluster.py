"""The smallest API server a hub can be tested against: discovery, lists and watches of what a test puts in."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

from aiohttp import web

RESOURCES: dict[str, tuple[str, str, str, str]] = {
    "/api/v1/nodes": ("", "v1", "nodes", "Node"),
    "/api/v1/pods": ("", "v1", "pods", "Pod"),
}
KURATOR = {
    "/apis/fleet.kurator.dev/v1alpha1/fleets": ("fleet.kurator.dev", "v1alpha1", "fleets", "Fleet"),
    "/apis/cluster.kurator.dev/v1alpha1/attachedclusters": (
        "cluster.kurator.dev",
        "v1alpha1",
        "attachedclusters",
        "AttachedCluster",
    ),
}
KARMADA = {
    "/apis/cluster.karmada.io/v1alpha1/clusters": ("cluster.karmada.io", "v1alpha1", "clusters", "Cluster"),
    "/apis/search.karmada.io/v1alpha1/resourceregistries": (
        "search.karmada.io",
        "v1alpha1",
        "resourceregistries",
        "ResourceRegistry",
    ),
}


class FakeCluster:
    """Objects by collection path; `hanging` makes every new request wait; `single` answers plain GETs.

    Requests for the paths in `forbidden` are answered with 403, those for the paths in `held` wait. `asked` has
    the paths of all requests.
    """

    def __init__(self, *, kurator: bool = False) -> None:
        self.single: dict[str, dict[str, Any]] = {}
        self.forbidden: set[str] = set()
        self.held: set[str] = set()
        self.asked: set[str] = set()
        self.hanging = False
        self.version = "v1.31.0"
        self._resources = {**RESOURCES, **(KURATOR if kurator else {})}
        self._objects: dict[str, dict[str, dict[str, Any]]] = {path: {} for path in self._resources}
        self._log: list[tuple[str, str, dict[str, Any]]] = []
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def install_kurator(self) -> None:
        """Serve Kurator's kinds from now on."""
        self._resources.update(KURATOR)
        self._objects.update({path: {} for path in KURATOR})

    def install(self, collection: str, served: tuple[str, str, str, str], *more: str) -> None:
        """Serve a kind, (group, version, plural, kind), from now on; `more` are its namespaces' collections."""
        self._resources[collection] = served
        self._objects.update({path: {} for path in (collection, *more)})

    def put(self, collection: str, name: str, parts: dict[str, Any], kind: str) -> None:
        """Create or replace an object."""
        known = self._objects[collection].get(name)
        version = len(self._log) + 1
        meta = {
            "name": name,
            "namespace": "default",
            "uid": f"{kind}-{name}",
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        obj = {"apiVersion": "v1", "kind": kind, **parts, "metadata": {**meta, **parts.get("metadata", {})}}
        self._objects[collection][name] = obj
        self._log.append((collection, "MODIFIED" if known else "ADDED", obj))
        self._changed.set()

    def remove(self, collection: str, name: str) -> None:
        """Delete an object."""
        self._log.append((collection, "DELETED", self._objects[collection].pop(name)))
        self._changed.set()

    def install_karmada(self, proxied: str) -> None:
        """Serve Karmada's clusters and karmada-search, with the members' pods and nodes below `proxied`."""
        self._resources.update(KARMADA)
        paths = [*KARMADA, *(proxied + path for path in RESOURCES)]
        self._objects.update({path: {} for path in paths})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.asked.add(path)
        while self.hanging or path in self.held:
            await asyncio.sleep(0.05)
        if path == "/version":
            return web.json_response({"gitVersion": self.version})
        if path in ("/api", "/apis"):
            return self._discovery(path)
        if path in self.single:
            return web.json_response(self.single[path])
        if path in self.forbidden:
            return web.json_response({"kind": "Status", "reason": "Forbidden", "message": "no access"}, status=403)
        if path not in self._objects:
            status = {
                "kind": "Status",
                "status": "Failure",
                "reason": "NotFound",
                "code": 404,
                "message": "not found",
            }
            return web.json_response(status, status=404)
        if request.query.get("watch") in ("true", "1"):
            return await self._watch(request)
        version = str(len(self._log))
        items = [obj for obj in self._objects[path].values() if _selected(obj, request)]
        return web.json_response({"metadata": {"resourceVersion": version}, "items": items})

    def _discovery(self, path: str) -> web.Response:
        groups: dict[str, Any] = {}
        for group, version, plural, kind in self._resources.values():
            if bool(group) == (path == "/apis"):
                resources = groups.setdefault(group, {"version": version, "resources": []})["resources"]
                resources.append(
                    {
                        "resource": plural,
                        "responseKind": {"group": group, "version": version, "kind": kind},
                        "scope": "Namespaced",
                        "verbs": ["get", "list", "watch"],
                    }
                )
        items = [{"metadata": {"name": name}, "versions": [version]} for name, version in groups.items()]
        body = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}
        content = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        return web.Response(text=json.dumps(body), headers={"Content-Type": content})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        path = request.path
        sent = int(request.query.get("resourceVersion") or 0)
        if request.query.get("sendInitialEvents") == "true":
            sent = len(self._log)
            for obj in self._objects[path].values():
                if _selected(obj, request):
                    await self._line(response, "ADDED", obj)
            meta = {"resourceVersion": str(sent), "annotations": {"k8s.io/initial-events-end": "true"}}
            await self._line(response, "BOOKMARK", {"metadata": meta})
        while True:
            while sent < len(self._log):
                collection, kind, obj = self._log[sent]
                sent += 1
                if collection == path and _selected(obj, request):
                    await self._line(response, kind, obj)
            self._changed.clear()
            await self._changed.wait()

    async def _line(self, response: web.StreamResponse, kind: str, obj: dict[str, Any]) -> None:
        await response.write(json.dumps({"type": kind, "object": obj}).encode() + b"\n")


def _selected(obj: dict[str, Any], request: web.Request) -> bool:
    """Whether an object has the one field that is selected, if any."""
    path, _, wanted = request.query.get("fieldSelector", "").partition("=")
    found: Any = obj
    for step in path.split(".") if path else ():
        found = found.get(step, {})
    return not path or found == wanted
