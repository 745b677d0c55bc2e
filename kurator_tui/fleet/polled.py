"""Kinds whose rows are asked for in rounds while somebody reads them: what Thanos tells cannot be watched.

A round asks every Thanos at once and replaces the rows of its members. One that fails leaves the rows of before,
stale and with the reason; it costs the members of the others nothing. Where there is no Thanos the kind is absent:
that is no failure. Released, a kind's rows go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from kurator_tui.errors import ConsoleError, NotInstalled
from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

Read = Callable[[Thanoses, str], Awaitable[list[Row]]]
"""Place -> rows of its members. Raises ConsoleError."""
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Poll:
    """How often (seconds) and by what the rows of a kind are asked for."""

    interval: float
    read: Read


@dataclass(slots=True)
class _Running:
    task: asyncio.Task[None]
    asked: bool = field(default=False)
    """Whether the first round is over."""


class Polled:
    """`mine` says whether a cluster is one of this feeder's."""

    def __init__(
        self,
        store: Store,
        thanoses: Thanoses,
        polls: Mapping[str, Poll],
        mine: Callable[[str], bool],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._thanoses = thanoses
        self._polls = polls
        self._mine = mine
        self._sleep = sleep
        self._running: dict[str, _Running] = {}
        self._readers: set[str] = set()
        """Kinds that have readers of their own."""
        self._joined: frozenset[str] = frozenset()
        """Kinds that derived kinds are made of."""

    def __contains__(self, kind: str) -> bool:
        return kind in self._polls

    @property
    def pending(self) -> bool:
        """Whether the first round of some kind is not over."""
        return any(not running.asked for running in self._running.values())

    def require(self, kind: str) -> None:
        """Ask for `kind` from now on."""
        self._readers.add(kind)
        self._start(kind)

    def release(self, kind: str) -> None:
        """Nobody reads `kind` any more."""
        self._readers.discard(kind)
        self._stop_unwanted()

    def join(self, kinds: Iterable[str]) -> None:
        """Derived kinds are made of these, and of no others, whoever else reads them."""
        self._joined = frozenset(kind for kind in kinds if kind in self._polls)
        for kind in self._joined:
            self._start(kind)
        self._stop_unwanted()

    def _start(self, kind: str) -> None:
        if kind not in self._running:
            task = asyncio.create_task(self._run(kind, self._polls[kind]), name=f"poll {kind}")
            self._running[kind] = _Running(task)

    def _stop_unwanted(self) -> None:
        for kind in self._running.keys() - self._readers - self._joined:
            self._running.pop(kind).task.cancel()
            for cluster in self._store.clusters(kind):
                self._store.forget(kind, cluster)

    async def close(self) -> None:
        """Ask for nothing more."""
        tasks = [running.task for running in self._running.values()]
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, kind: str, poll: Poll) -> None:
        while True:
            if self._thanoses.members() or self._store.freshness(HOST).state not in (
                State.CONNECTING,
                State.SYNCING,
            ):
                await self.round(kind, poll)
                await self._sleep(poll.interval)
            else:
                await self._sleep(1.0)  # nobody knows the members yet

    async def round(self, kind: str, poll: Poll) -> None:
        """Ask once."""
        places = await self._thanoses.routes()
        answers = await asyncio.gather(*(self._read(poll, place) for place in places))
        silent = bool(answers) and all(isinstance(answer, ConsoleError) for answer in answers)
        rows: dict[str, list[Row]] = {HOST: []} if self._mine(HOST) and not silent else {}
        failed: dict[str, ConsoleError] = {}
        for (_place, members), answer in zip(places.items(), answers, strict=True):
            names = [member.name for member in members if self._mine(member.name)]
            if isinstance(answer, ConsoleError):
                failed.update(dict.fromkeys(names, answer))
                continue
            rows.update((name, rows.get(name, [])) for name in names)
            for row in answer:
                if row.cluster in rows:
                    rows[row.cluster].append(row)
        for name in {member.name for members in self._thanoses.members().values() for member in members}:
            if self._mine(name) and name not in rows and name not in failed:
                failed[name] = NotInstalled("no Thanos has its metrics")
        if silent and self._mine(HOST):
            failed[HOST] = next(answer for answer in answers if isinstance(answer, ConsoleError))
        now = self._thanoses.clock()
        for cluster, those in rows.items():
            self._store.replace(kind, cluster, those)
            self._store.set_freshness(cluster, kind, Freshness(State.LIVE, now))
        for cluster, error in failed.items():
            self._age(kind, cluster, error)
        if (running := self._running.get(kind)) is not None:
            running.asked = True

    async def _read(self, poll: Poll, place: str) -> list[Row] | ConsoleError:
        """Rows, or why there are none."""
        try:
            return await poll.read(self._thanoses, place)
        except ConsoleError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs these rows, not the hub
            _LOG.error("metrics: unexpected error", exc_info=error)
            return ConsoleError(f"error in kurator-tui: {type(error).__name__}")

    def _age(self, kind: str, cluster: str, error: ConsoleError) -> None:
        told, reason = self._store.told(cluster, kind), error.brief
        if isinstance(error, NotInstalled):
            since = told.since if told is not None and told.state is State.ABSENT else self._thanoses.clock()
            self._store.replace(kind, cluster, ())
            self._store.set_freshness(cluster, kind, Freshness(State.ABSENT, since, reason))
        elif told is not None and told.state in (State.LIVE, State.STALE):
            self._store.set_freshness(cluster, kind, Freshness(State.STALE, told.since, reason))
        else:
            self._store.set_freshness(cluster, kind, Freshness(State.UNREACHABLE, self._thanoses.clock(), reason))
