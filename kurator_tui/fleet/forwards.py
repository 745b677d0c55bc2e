"""Port-forwards: local ports that lead to pods, as rows of the kind `forwards`.

A forward belongs to its target, not to a pod: when the pod is replaced, the next connection goes to another ready
pod of the workload or service. Each connection accepted on 127.0.0.1 is one websocket, and nothing is read on one
side that the other does not take. A connection that fails costs itself; the forward stays until it is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kurator_tui.api.portforward import PortStream, port_stream
from kurator_tui.errors import ConsoleError, NotFound, UsageError
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.forward_targets import Target, Way, find, still_good
from kurator_tui.fleet.health import mistake
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.shells import pod_path
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.forwards import FORWARDS, ForwardRow, ForwardState
from kurator_tui.store.freshness import Freshness, State

_LOG = logging.getLogger(__name__)

HERE = "127.0.0.1"
"""Never another address: who can reach it reaches the pod."""
MOST = 64
"""Connections of one forward at the same time; others wait to be accepted by the kernel's backlog, then fail."""
PIECE = 32 * 1024
LULL = 5.0
"""Seconds of silence after which a connection ends whose local side has finished sending: the protocol cannot pass
that on, so the pod waits for more and would never close by itself."""
PUBLISH = 0.5
"""Seconds between two rows of a forward whose counters move."""


@dataclass(slots=True)
class _Forward:
    """One forward: its row, its listener, its connections."""

    target: Target
    row: ForwardRow
    server: asyncio.Server | None = None
    way: Way | None = None
    """Where the last connection went."""
    connections: set[asyncio.Task[None]] = field(default_factory=set)
    received: int = 0
    sent: int = 0
    state: ForwardState = ForwardState.LISTENING
    error: str = ""
    publishing: asyncio.TimerHandle | None = None


class Forwards:
    """All forwards of one hub. To be closed."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self._hub = hub
        self._clock = clock
        self._forwards: dict[str, _Forward] = {}
        self._numbers = itertools.count(1)
        self._known = Freshness(State.LIVE, clock())
        self._stop_listening = hub.store.listen_freshness(self._on_freshness)
        hub.store.observe(FORWARDS.id, self._on_row)
        for cluster, kind, freshness in list(hub.store.freshness_items()):
            self._on_freshness(cluster, kind, freshness)

    def rows(self) -> list[ForwardRow]:
        """All forwards, the oldest first."""
        return [forward.row for forward in self._forwards.values()]

    async def start(self, target: Target, local_port: int = 0) -> ForwardRow:
        """Listen on `local_port` of 127.0.0.1 (0: the target's own number if it is free, else any).

        The target is looked for first. Raises ConsoleError: it is not there, has no ready pod or no such port, or
        the local port is taken.
        """
        way = await find(self._hub, target)
        uid = f"forward-{next(self._numbers)}"
        place = (target.cluster, target.namespace, target.name, uid, self._clock())
        row = ForwardRow(*place, kind=target.kind, port=target.port, pod=way.pod, remote_port=way.port)
        forward = _Forward(target, row, way=way)
        forward.server = await self._listen(forward, local_port, way.port)
        forward.row = _changed(forward, local_port=forward.server.sockets[0].getsockname()[1])
        self._forwards[uid] = forward
        self._hub.store.put(FORWARDS.id, target.cluster, {uid: forward.row})
        return forward.row

    async def stop(self, uid: str) -> None:
        """End a forward with all its connections. Raises `NotFound`."""
        forward = self._forwards.get(uid)
        if forward is None:
            raise NotFound("There is no such port-forward any more.", code=404)
        await self._end(uid, forward)
        self._hub.store.put(FORWARDS.id, forward.target.cluster, {uid: None})

    async def close(self) -> None:
        """End all forwards."""
        self._stop_listening()
        for uid, forward in list(self._forwards.items()):
            await self._end(uid, forward)

    async def _end(self, uid: str, forward: _Forward) -> None:
        self._forwards.pop(uid, None)
        if forward.publishing is not None:
            forward.publishing.cancel()
        if forward.server is not None:
            forward.server.close()
        tasks = list(forward.connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- rows -------------------------------------------------------------------------------------------------

    def _on_freshness(self, cluster: str, kind: str, _freshness: Freshness) -> None:
        """What is forwarded to a cluster is always known: so a console drops what an earlier feeder told."""
        if not kind:
            self._hub.store.set_freshness(cluster, FORWARDS.id, self._known)

    def _on_row(self, _cluster: str, old: Row | None, now: Row | None) -> None:
        """A row that goes without us: the cluster has left, and its forwards with it."""
        if now is None and old is not None and (forward := self._forwards.pop(old.uid, None)) is not None:
            if forward.server is not None:
                forward.server.close()
            for task in forward.connections:
                task.cancel()

    def _touch(self, forward: _Forward) -> None:
        """The row is to be told, not more often than each `PUBLISH` seconds."""
        if forward.publishing is None and forward.row.uid in self._forwards:
            forward.publishing = asyncio.get_running_loop().call_later(PUBLISH, self._publish, forward)

    def _publish(self, forward: _Forward) -> None:
        if forward.publishing is not None:
            forward.publishing.cancel()
            forward.publishing = None
        if forward.row.uid in self._forwards:
            forward.row = _changed(forward, local_port=forward.row.local_port)
            self._hub.store.put(FORWARDS.id, forward.target.cluster, {forward.row.uid: forward.row})

    # -- connections ------------------------------------------------------------------------------------------

    async def _listen(self, forward: _Forward, local_port: int, remote_port: int) -> asyncio.Server:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._accept(forward, reader, writer)

        wanted = [local_port] if local_port else [remote_port, 0]
        for port in wanted:
            with contextlib.suppress(OSError):
                return await asyncio.start_server(accept, HERE, port, limit=PIECE)
        raise UsageError(f"Port {local_port} of {HERE} cannot be listened on.", "Another program may have it.")

    def _accept(self, forward: _Forward, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if forward.row.uid not in self._forwards or len(forward.connections) >= MOST:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(forward, reader, writer), name=forward.row.uid)
        forward.connections.add(task)

    async def _serve(self, forward: _Forward, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its first byte to its last."""
        failure: ConsoleError | None = None
        try:
            await self._carry(forward, reader, writer)
        except ConsoleError as error:
            failure = error
        except ConnectionError:
            pass  # the local side hung up: its own affair
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs one connection
            failure = mistake(forward.row.uid, error)
        finally:
            writer.transport.abort() if failure is not None else writer.close()
            if (task := asyncio.current_task()) is not None:
                forward.connections.discard(task)
            self._settle(forward, failure)

    def _settle(self, forward: _Forward, failure: ConsoleError | None) -> None:
        """What the end of a connection says of the forward."""
        if failure is not None:
            _LOG.info("forward to %s: %s", forward.target.name, failure.message)
            gone = isinstance(failure, NotFound)
            self._tell(forward, ForwardState.SEARCHING if gone else ForwardState.FAILED, failure.brief)
        elif not forward.connections and forward.state is ForwardState.ACTIVE:
            self._tell(forward, ForwardState.LISTENING)
        else:
            self._touch(forward)

    def _tell(self, forward: _Forward, state: ForwardState, error: str = "") -> None:
        if (state, error) != (forward.state, forward.error):
            forward.state, forward.error = state, error
            self._publish(forward)
        else:
            self._touch(forward)

    async def _carry(self, forward: _Forward, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to another pod when the one of the last connection is gone. Raises ConsoleError."""
        way = forward.way
        if way is not None and still_good(self._hub, forward.target, way):
            try:
                await self._through(forward, way, reader, writer)
            except NotFound:
                forward.way = None
            else:
                return
        forward.way = way = await find(self._hub, forward.target, without=way.uid if way is not None else "")
        await self._through(forward, way, reader, writer)

    async def _through(
        self, forward: _Forward, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        through = door(self._hub, forward.target.cluster)
        path = pod_path(through, forward.target.namespace, way.pod)
        async with port_stream(through.connection, path, way.port) as stream:
            forward.way = way
            self._tell(forward, ForwardState.ACTIVE)
            sending = asyncio.create_task(self._send(forward, stream, reader))
            receiving = asyncio.create_task(self._receive(forward, stream, writer))
            try:
                await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
                if not receiving.done() and not sending.exception():
                    await self._lull(forward, receiving)
                (receiving if receiving.done() else sending).result()
            finally:
                for task in (sending, receiving):
                    task.cancel()
                await asyncio.gather(sending, receiving, return_exceptions=True)

    async def _lull(self, forward: _Forward, receiving: asyncio.Task[None]) -> None:
        """The local side sends no more: what the pod still has to say is waited for."""
        before = -1
        while before != forward.received and not receiving.done():
            before = forward.received
            await asyncio.wait({receiving}, timeout=LULL)

    async def _send(self, forward: _Forward, stream: PortStream, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(PIECE):
            await stream.send(data)
            forward.sent += len(data)
            self._touch(forward)

    async def _receive(self, forward: _Forward, stream: PortStream, writer: asyncio.StreamWriter) -> None:
        while (data := await stream.receive()) is not None:
            writer.write(data)
            await writer.drain()
            forward.received += len(data)
            self._touch(forward)


def _changed(forward: _Forward, *, local_port: int) -> ForwardRow:
    """The row as the forward is now."""
    row, way = forward.row, forward.way
    return ForwardRow(
        row.cluster,
        row.namespace,
        row.name,
        row.uid,
        row.created,
        kind=row.kind,
        port=row.port,
        local_port=local_port,
        pod=way.pod if way is not None else "",
        remote_port=way.port if way is not None else 0,
        state=forward.state.value,
        connections=len(forward.connections),
        received=forward.received,
        sent=forward.sent,
        error=forward.error,
    )
