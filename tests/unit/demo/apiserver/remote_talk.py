"""Talking to what happens in a container, as clients of an API server do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from kurator_tui.demo.apiserver.storage import rfc3339
from kurator_tui.demo.apiserver.validation import apply_defaults
from tests.unit.demo.apiserver.serving import CATALOGUE, NOW, Api

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PODS = CATALOGUE.by_plural("pods")
Socket = aiohttp.ClientWebSocketResponse


def running(name: str) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, "state": {"running": {"startedAt": rfc3339(NOW - 60)}}}


def add_pod(api: Api, name: str = "p", image: str = "registry.example/web:v1") -> dict[str, Any]:
    container = {"name": "main", "image": image, "ports": [{"containerPort": 8080}]}
    env = [{"name": "LEVEL", "value": "high"}]
    if api.storage.find(CATALOGUE.by_plural("nodes"), "", "n") is None:
        api.add("nodes", {"metadata": {"name": "n"}})
    pod = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "d"},
        "spec": {"nodeName": "n", "containers": [{**container, "env": env}]},
        "status": {"phase": "Running", "podIP": "10.244.0.9", "containerStatuses": [running("main")]},
    }
    return api.add("pods", apply_defaults(PODS, pod))


@asynccontextmanager
async def connected(
    api: Api,
    subresource: str,
    query: str,
    *,
    pod: str = "p",
    token: str = "a",
    protocol: str = V5,
    prefix: str = "",
) -> AsyncIterator[Socket]:
    url = f"{api.server.url}{prefix}/api/v1/namespaces/d/pods/{pod}/{subresource}?{query}"
    headers = {"Authorization": f"Bearer {token}"}
    async with api.http.ws_connect(url, protocols=(protocol,), headers=headers) as socket:
        assert socket.protocol == protocol
        yield socket


class Talk:
    """What came over a socket, by channel; `end` is the status on the error channel."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.text: dict[int, bytes] = {1: b"", 2: b""}
        self.end: dict[str, Any] = {}

    async def until(self, words: str = "") -> str:
        """All of stdout up to `words`, or to the end."""
        while not words or words.encode() not in self.text[1]:
            message = await asyncio.wait_for(self.socket.receive(), 60)
            if message.type is not aiohttp.WSMsgType.BINARY:
                assert not words, self.text
                break
            channel, data = message.data[0], message.data[1:]
            if channel == 3:
                self.end = json.loads(data)
            else:
                self.text[channel] += data
        text, self.text[1] = self.text[1].decode(), b""
        return text

    async def type(self, text: str) -> None:
        await self.socket.send_bytes(b"\x00" + text.encode())

    @property
    def code(self) -> int:
        if self.end["status"] == "Success":
            return 0
        assert self.end["reason"] == "NonZeroExitCode"
        return int(self.end["details"]["causes"][0]["message"])
