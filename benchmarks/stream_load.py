"""A process of its own that trickles pod events over many TLS watch streams: what the reading side is measured by.

Every request becomes a stream that begins with a bookmark ending its (empty) initial events; once told a rate (a
line on stdin), MODIFIED events of full-sized pods (about 5 kB, managed fields included) come round robin, that
many a second over all streams. `Load` starts it. It does as little as it can for each event, so that two cores are
enough for both sides; it is no API server: it answers nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, cast

TICK = 0.005
"""Seconds between two rounds of events."""
PODS_PER_STREAM = 50
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
SYNCED = (
    b'{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"1000000",'
    b'"annotations":{"k8s.io/initial-events-end":"true"}}}}\n'
)


CONTAINERS = ("main", "proxy")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0"


def pod(index: int, restarts: int = 0) -> dict[str, object]:
    """A pod as an API server tells it: two containers, conditions, tolerations, managed fields."""
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": _metadata(index),
        "spec": _spec(index),
        "status": _status(index, restarts),
    }


def _metadata(index: int) -> dict[str, object]:
    name = f"web-7d4b9c6f58-{index:05d}"
    owned: dict[str, object] = {
        f"f:{key}": {} for key in ("image", "imagePullPolicy", "name", "resources", "terminationMessagePath")
    }
    managed = {f'k:{{"name":"{container}"}}': {".": {}, **owned} for container in CONTAINERS}
    return {
        "name": name,
        "generateName": "web-7d4b9c6f58-",
        "namespace": f"team-{index % 7}",
        "uid": f"6d815b26-1b1a-4993-9e60-{index:012d}",
        "resourceVersion": "@@",
        "creationTimestamp": "2026-11-21T02:39:17Z",
        "labels": {"app": "web", "pod-template-hash": "7d4b9c6f58", "tier": "front"},
        "annotations": {"prometheus.io/scrape": "true", "checksum/config": "9f86d081884c7d659a2feaa0c55ad015"},
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": "web-7d4b9c6f58",
                "uid": "6d815b26-1b1a-4993-9e60-0ce56c59a72c",
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
        "managedFields": [
            {
                "manager": manager,
                "operation": "Update",
                "apiVersion": "v1",
                "time": "2026-11-21T02:39:17Z",
                "fieldsType": "FieldsV1",
                "fieldsV1": {"f:metadata": {"f:labels": {".": {}}}, "f:spec": {"f:containers": managed}},
            }
            for manager in ("kube-controller-manager", "kubelet")
        ],
    }


def _spec(index: int) -> dict[str, object]:
    return {
        "volumes": [{"name": "kube-api-access", "projected": {"defaultMode": 420, "sources": [{}, {}]}}],
        "containers": [
            {
                "name": container,
                "image": f"registry.example.com/{container}@sha256:{DIGEST}",
                "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                "env": [{"name": f"SETTING_{n}", "value": f"value-{n}"} for n in range(12)],
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                "terminationMessagePath": "/dev/termination-log",
                "imagePullPolicy": "IfNotPresent",
            }
            for container in CONTAINERS
        ],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "nodeName": f"node-{index % 20}",
        "tolerations": [
            {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute"}
            for what in ("not-ready", "unreachable")
        ],
    }


def _status(index: int, restarts: int) -> dict[str, object]:
    conditions = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "phase": "Running",
        "conditions": [
            {
                "type": kind,
                "status": "True",
                "lastProbeTime": None,
                "lastTransitionTime": "2026-11-21T02:39:19Z",
            }
            for kind in conditions
        ],
        "hostIP": "10.0.0.7",
        "podIP": f"10.42.{index % 200}.17",
        "startTime": "2026-11-21T02:39:17Z",
        "containerStatuses": [
            {
                "name": container,
                "state": {"running": {"startedAt": "2026-11-21T02:39:18Z"}},
                "lastState": {},
                "ready": True,
                "restartCount": restarts,
                "image": f"registry.example.com/{container}",
                "imageID": f"registry.example.com/{container}@sha256:{DIGEST}",
                "containerID": "containerd://9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "started": True,
            }
            for container in CONTAINERS
        ],
        "qosClass": "Burstable",
    }


def chunk(data: bytes) -> bytes:
    """`data` as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class _Stream(asyncio.Protocol):
    def __init__(self, streams: list[_Stream]) -> None:
        self.streams = streams
        self.asked = b""
        self.write: Callable[[bytes], None] = lambda _data: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = cast(asyncio.Transport, transport).write

    def data_received(self, data: bytes) -> None:
        self.asked += data
        if self.asked.endswith(b"\r\n\r\n"):
            self.write(HEAD + chunk(SYNCED))
            self.streams.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self.streams:
            self.streams.remove(self)


def _templates() -> list[tuple[bytes, bytes]]:
    """Chunked MODIFIED lines of every pod in two states, without their resourceVersion (seven digits)."""
    made = []
    for restarts in (0, 1):
        for index in range(PODS_PER_STREAM):
            event = {"type": "MODIFIED", "object": pod(index, restarts)}
            line = json.dumps(event, separators=(",", ":")).encode().replace(b"@@", b"%07d" % 0) + b"\n"
            before, after = chunk(line).split(b'"resourceVersion":"0000000')
            made.append((before + b'"resourceVersion":"', after))
    return made


async def _trickle(streams: list[_Stream], rate: float) -> None:
    templates, sent, began = _templates(), 0, time.monotonic()
    version = 1_000_000
    while True:
        await asyncio.sleep(TICK)
        due = min(int((time.monotonic() - began) * rate) - sent, int(rate * 0.1) + 1)
        if not streams or due <= 0:
            sent = int((time.monotonic() - began) * rate) if not streams else sent
            continue
        for number in range(sent, sent + due):
            version += 1
            before, after = templates[number // max(1, len(streams)) % len(templates)]
            streams[number % len(streams)].write(b"%b%07d%b" % (before, version, after))
        sent += due


async def _serve(tls: bool) -> None:
    import ssl

    import trustme

    authority, context = trustme.CA(), None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
    streams: list[_Stream] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: _Stream(streams), "127.0.0.1", 0, ssl=context, backlog=4096
    )
    host, port = server.sockets[0].getsockname()[:2]
    ready = {"url": f"http{'s' if tls else ''}://{host}:{port}", "ca": authority.cert_pem.bytes().decode()}
    print(json.dumps(ready), flush=True)
    trickling: asyncio.Task[None] | None = None
    wait = asyncio.get_running_loop().run_in_executor
    while rate := float(await wait(None, sys.stdin.readline) or 0):  # ends when whoever started us is gone
        if trickling is not None:
            trickling.cancel()
        trickling = asyncio.create_task(_trickle(streams, rate))


@dataclass
class Load:
    """The load process while the block runs; silent until `trickle`."""

    tls: bool = True
    url: str = field(default="", init=False)
    ca: bytes = field(default=b"", init=False)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.stream_load"]
        self._process = subprocess.Popen(
            [*command, *([] if self.tls else ["--plain"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url, self.ca = ready["url"], ready["ca"].encode()
        return self

    def trickle(self, rate: float) -> None:
        """From now on send `rate` events a second over all streams."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rate}\n")
        self._process.stdin.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


def main() -> None:
    import resource

    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(_serve(not options.plain))


if __name__ == "__main__":
    main()
