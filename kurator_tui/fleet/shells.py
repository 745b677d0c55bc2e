"""Shells in pods of any member: the container's own, or a debug container's where the image has none.

Nothing is written here: `actions.debug_containers` adds those.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from kurator_tui.api import exec as remote
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.failures import not_kubernetes
from kurator_tui.errors import Broken, ConsoleError, NotFound, TimedOut
from kurator_tui.fleet.doors import Door
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.containers import Container, containers

SHELL = ("sh", "-c", "command -v bash >/dev/null && exec bash || exec sh")
DEBUG_IMAGE = "docker.io/library/busybox:1.36"
START = 120.0
"""Seconds a debug container may take to start: its image is pulled."""
PAUSE = 0.5
"""Seconds before a pod is read again because its watch ended without a word."""
_HOPELESS = ("ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError")
_PULLING = ("ErrImagePull", "ImagePullBackOff")


def pod_path(door: Door, namespace: str, pod: str, subresource: str = "") -> str:
    """The path of a pod, or of a subresource of it. Raises `UsageError` for what is no name."""
    return ResourcePath("", "v1", "pods", True, frozenset(), prefix=door.prefix).item(namespace, pod, subresource)


async def fetch_pod(door: Door, namespace: str, pod: str) -> dict[str, Any]:
    """One whole pod. Raises ConsoleError."""
    answer = await door.connection.request("GET", pod_path(door, namespace, pod))
    return _object(answer.body, door)


async def list_containers(door: Door, namespace: str, pod: str) -> list[Container]:
    """What a picker of containers offers, the default one marked. Raises ConsoleError."""
    return containers(await fetch_pod(door, namespace, pod))


def shell(
    door: Door, namespace: str, pod: str, container: str = "", command: Sequence[str] = SHELL
) -> AbstractAsyncContextManager[remote.Session]:
    """A shell (or `command`) in a container, on a terminal. See `api.exec.execute`."""
    return remote.execute(door.connection, pod_path(door, namespace, pod), command, container=container)


def attach(
    door: Door, namespace: str, pod: str, container: str = "", *, stdin: bool = True, tty: bool = True
) -> AbstractAsyncContextManager[remote.Session]:
    """The process a container was started with; `stdin` and `tty` as the container has them."""
    path = pod_path(door, namespace, pod)
    return remote.attach(door.connection, path, container=container, stdin=stdin, tty=tty)


async def debug_started(door: Door, namespace: str, pod: str, name: str, *, within: float = START) -> None:
    """Returns when a container of a pod runs; the pod is watched for it. Raises ConsoleError when it will not."""
    current = await fetch_pod(door, namespace, pod)
    refusal = ""
    try:
        async with asyncio.timeout(within):
            while not (state := _state_of(current, name)).running:
                refusal = state.reason if state.reason in _PULLING else refusal
                if state.state == "terminated" or state.reason in _HOPELESS:
                    raise ConsoleError(f"The container {name} does not run: {state.reason or state.state}.")
                current = await _next(door, namespace, pod, current)
    except TimeoutError:
        why = f" ({refusal})" if refusal else ""
        late = TimedOut(
            f"The container {name} has not started within {within:.0f} s{why}.",
            "Is the image's name right, and can the node pull it? `attach` opens it when it runs.",
        )
    else:
        return
    raise late


def _state_of(pod: dict[str, Any], name: str) -> Container:
    found = next((each for each in containers(pod) if each.name == name), None)
    if found is None:
        raise NotFound(f"The pod has no container {inert(name)}.", code=404)
    return found


async def _next(door: Door, namespace: str, pod: str, seen: dict[str, Any]) -> dict[str, Any]:
    """The pod as it is after its next change; asked for again when the watch says nothing of use."""
    query = [
        ("watch", "true"),
        ("fieldSelector", f"metadata.name={pod}"),
        ("resourceVersion", str((seen.get("metadata") or {}).get("resourceVersion") or "")),
        ("timeoutSeconds", "60"),
    ]
    path = ResourcePath("", "v1", "pods", True, frozenset(), prefix=door.prefix).collection(namespace)
    lines: list[bytes] = []
    with contextlib.suppress(Broken):
        async with door.connection.stream(path, query=query) as stream:

            def take(some: list[bytes]) -> None:
                lines.extend(some)
                stream.finish()

            await stream.run(take)
    event = _object(lines[-1], door) if lines else {}
    after = event.get("object")
    if event.get("type") == "DELETED":
        raise NotFound(f"The pod {inert(pod)} is gone.", code=404)
    if event.get("type") in ("ADDED", "MODIFIED") and isinstance(after, dict):
        return after
    await asyncio.sleep(PAUSE)
    return await fetch_pod(door, namespace, pod)


def _object(body: bytes, door: Door) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        raise not_kubernetes(door.connection.server, "no object")
    return decoded
