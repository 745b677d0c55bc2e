"""The kubelet's part: which container a request means, whether it may be entered, and who talks to the client."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from kurator_tui.demo.apiserver import errors, logs
from kurator_tui.demo.apiserver.remote import box, ports, sessions
from kurator_tui.demo.apiserver.remote.sessions import Streams, Wire
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.storage import Storage

Obj = dict[str, Any]
Talk = Callable[[Wire], Awaitable[None]]


class Host:
    """The node of a pod, as far as clients reach it through the API server."""

    def __init__(self, storage: Storage, pods: ResourceType, node_exists: bool) -> None:
        self._storage = storage
        self._pods = pods
        self._node_exists = node_exists

    def talk(self, pod: Obj, what: str, query: Mapping[str, str], *, tunnel: bool = False) -> Talk:
        """What to do once the client is connected; raises StatusError for what cannot be done.

        `tunnel`: ports are asked for later, in the newer form of port-forward.
        """
        found = box.find(pod, self._pods, query.get("container", ""), self._node_exists)
        if what == "portforward" and tunnel:
            return lambda wire: ports.tunnel(wire, found)
        if what == "portforward":
            numbers = _ports(query)
            return lambda wire: ports.forward(wire, found, numbers)
        streams = Streams(query.get("stdin") == "true", query.get("tty") == "true")
        clock = self._storage.clock
        if what == "attach":
            log = self._log(pod, found)
            return lambda wire: sessions.attach(wire, found, streams, clock, lambda: self._gone(found), log)
        command = _all(query, "command")
        if not command:
            raise errors.bad_request("you must specify at least 1 command")
        return lambda wire: sessions.execute(wire, found, command, streams, clock, lambda: self._gone(found))

    def _log(self, pod: Obj, entered: box.Box) -> AsyncGenerator[bytes, None]:
        """What the container writes from now on; a debug container has a shell instead."""
        if entered.ephemeral:
            return _silence()
        source = logs.source(pod, self._pods, {"container": entered.name}, self._node_exists)
        query = {"follow": "true", "tailLines": "0"}
        clock = self._storage.clock
        return logs.follow(source, query, clock, lambda: math.inf if self._runs(entered) else clock())

    def _runs(self, entered: box.Box) -> bool:
        """Whether it is still the same container of the same pod."""
        pod = self._storage.find(self._pods, entered.namespace, entered.pod)
        if pod is None or pod["metadata"]["uid"] != entered.uid:
            return False
        try:
            return box.find(pod, self._pods, entered.name, self._node_exists).started == entered.started
        except errors.StatusError:
            return False

    async def _gone(self, entered: box.Box) -> None:
        changes = self._storage.subscribe(self._pods)
        try:
            while self._runs(entered):
                await changes.batch()
                if changes.closed:  # it fell behind
                    changes = self._storage.subscribe(self._pods)
        finally:
            changes.close()


async def _silence() -> AsyncGenerator[bytes, None]:
    return
    yield


def _all(query: Mapping[str, str], name: str) -> list[str]:
    every = getattr(query, "getall", None)
    return list(every(name, ())) if every else [query[name]] if name in query else []


def _ports(query: Mapping[str, str]) -> list[int]:
    words = [word for each in _all(query, "ports") for word in each.split(",")]
    if not words or not all(word.isdecimal() and 0 < int(word) < 65536 for word in words):
        raise errors.bad_request(f"unable to parse {words[0] if words else ''!r} as a port")
    return [int(word) for word in words]
