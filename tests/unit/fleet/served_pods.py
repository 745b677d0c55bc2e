"""A hub of one member, `m`, which is a demo API server: what shells and forwards are tested against."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from kurator_tui.actions.debug_containers import container
from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import Served, discover
from kurator_tui.demo.apiserver.resources import Catalogue
from kurator_tui.demo.apiserver.storage import rfc3339
from kurator_tui.demo.apiserver.validation import apply_defaults
from kurator_tui.fleet.doors import Door
from kurator_tui.fleet.hub import Hub
from kurator_tui.store.store import Store
from tests.unit.api.support import connected, kubeconfig
from tests.unit.demo.apiserver.serving import CATALOGUE, NOW, Api, serving

PODS = CATALOGUE.by_plural("pods")


def running(name: str) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, "state": {"running": {"startedAt": rfc3339(NOW - 60)}}}


@dataclass
class Member:
    """The server behind the member, our connection to it, and the hub."""

    api: Api
    connection: Connection
    hub: Hub

    @property
    def door(self) -> Door:
        return Door(self.connection)

    def add_pod(self, name: str = "p", image: str = "registry.example/web:v1", *, ready: bool = True) -> str:
        """A running pod with the label app=web; its uid."""
        container = {"name": "main", "image": image, "ports": [{"name": "http", "containerPort": 8080}]}
        conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
        status = {"phase": "Running", "containerStatuses": [running("main")], "conditions": conditions}
        head = {"kind": "Pod", "apiVersion": "v1"}
        meta = {"name": name, "namespace": "d", "labels": {"app": "web"}}
        pod = {**head, "metadata": meta, "spec": {"nodeName": "n", "containers": [container]}, "status": status}
        return str(self.api.add("pods", apply_defaults(PODS, pod))["metadata"]["uid"])

    def remove_pod(self, name: str = "p") -> None:
        self.api.storage.remove(PODS, "d", name)

    def add_service(self, **spec: Any) -> None:
        ports = [{"name": "web", "port": 80, "targetPort": "http"}]
        meta = {"name": "web", "namespace": "d"}
        self.api.add("services", {"metadata": meta, "spec": {"selector": {"app": "web"}, "ports": ports, **spec}})

    def add_deployment(self) -> None:
        spec = {"selector": {"matchLabels": {"app": "web"}}}
        meta = {"name": "web", "namespace": "d"}
        self.api.add("deployments", {"metadata": meta, "spec": spec}, group="apps")

    def add_debug_container(self, sees: str = "") -> str:
        """What `actions.debug_containers` asks for; its name."""
        added = container("debug-12345", "busybox", sees)

        def debugged(pod: dict[str, Any]) -> dict[str, Any]:
            pod["spec"] = {**pod["spec"], "ephemeralContainers": [added]}
            return pod

        self.api.storage.modify(PODS, "d", "p", debugged)
        return str(added["name"])

    def start_debug_containers(self, **state: Any) -> None:
        """What a kubelet does with ephemeral containers."""

        def started(pod: dict[str, Any]) -> dict[str, Any]:
            names = [each["name"] for each in pod["spec"].get("ephemeralContainers", ())]
            told = [{**running(name), **({"state": state} if state else {})} for name in names]
            pod["status"] = {**pod["status"], "ephemeralContainerStatuses": told}
            return pod

        self.api.storage.modify(PODS, "d", "p", started)


@asynccontextmanager
async def one_member(folder: Path, token: str = "a", *, catalogue: Catalogue = CATALOGUE) -> AsyncIterator[Member]:
    async with (
        serving(catalogue=catalogue) as api,
        connected(kubeconfig(folder, api.server.url, user={"token": token})) as connection,
    ):
        api.add("nodes", {"metadata": {"name": "n"}})
        served: Served = await discover(connection)
        link = SimpleNamespace(connection=connection, served=served, failure=None)
        hub = cast(Hub, SimpleNamespace(links={"m": link}, store=Store(), leads=True))
        yield Member(api, connection, hub)


async def eventually(check: Any) -> None:
    """Until `check()` is true; fails after five seconds."""
    async with asyncio.timeout(60):
        while not check():
            await asyncio.sleep(0.01)
