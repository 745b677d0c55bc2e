"""A running demo API server and a client for it."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from kurator_tui.demo.apiserver.auth import ADMIN, NOBODY, VIEWER
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.resources import Catalogue
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage

CATALOGUE = default_catalogue(host=True)
NOW = 1_700_000_000.0
Json = dict[str, Any]
TOKENS = {"a": ADMIN, "v": VIEWER, "n": NOBODY}


@dataclass(slots=True)
class Api:
    """One server, its storage, and requests as a user (`token` of `TOKENS`)."""

    server: ClusterServer
    storage: Storage
    http: aiohttp.ClientSession

    def request(self, method: str, path: str, body: Any = None, token: str = "a", **headers: str) -> Any:
        """The response as an async context manager; header names with '_' for '-'."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        sent.setdefault("Content-Type", "application/json")
        data = body if isinstance(body, bytes | str | io.BytesIO) or body is None else json.dumps(body)
        timeout = aiohttp.ClientTimeout(total=60)
        return self.http.request(method, self.server.url + path, headers=sent, data=data, timeout=timeout)

    async def call(self, method: str, path: str, body: Any = None, token: str = "a", **headers: str) -> Any:
        """(status, decoded body)."""
        async with self.request(method, path, body, token, **headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if "json" in response.content_type else text

    def add(self, plural: str, obj: Json, group: str = "") -> Json:
        """Put an object into storage."""
        return self.storage.create(self.server.catalogue.by_plural(plural, group), obj)

    def add_namespace(self, name: str = "d") -> None:
        """Put a namespace into storage."""
        obj: Json = {"metadata": {"name": name}, "spec": {"finalizers": ["kubernetes"]}}
        self.add("namespaces", {**obj, "status": {"phase": "Active"}})


@asynccontextmanager
async def serving(history: int = 1000, catalogue: Catalogue = CATALOGUE) -> AsyncIterator[Api]:
    """A server with an empty namespace `d`."""
    storage = Storage(catalogue, lambda: NOW, history=history)
    server = ClusterServer("t", catalogue, storage, TOKENS)
    await server.start()
    try:
        async with aiohttp.ClientSession() as http:
            api = Api(server, storage, http)
            api.add_namespace()
            yield api
    finally:
        await server.stop()


def configmap(name: str, **labels: str) -> Json:
    """A ConfigMap of namespace `d`."""
    return {"metadata": {"name": name, "namespace": "d", "labels": labels}, "data": {"k": name}}
