"""Triage behind the link: judged as rows change, of more kinds while somebody asks for it. Composition.

Incidents are always made, of what is watched in any case. While the kind `blindspots` is read, every kind that
some analyser reads is watched in every cluster, and that kind's rows say where that does not work.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from kurator_tui.feeder.calls import Method
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.blindspots import BLINDSPOTS, BROKEN, BlindspotRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.silences import Silences
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from kurator_tui.triage.engine import UNKNOWN_ROWS
from kurator_tui.triage.pages import pages
from kurator_tui.triage.registry import added, own
from kurator_tui.triage.triage import Triage

PAUSE = 0.1
"""Seconds between two rounds while things change."""
ROUNDS = 2
"""From rows to incidents: what the first one found is told of with the next batch, and grouped by the second."""
READER = "triage"
MOST = 1000
"""Findings of one incident that are told of."""


class Triaging:
    """`run` keeps the findings of a hub's rows true; `require` and `release` are told which kinds are read."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self._hub, self._clock = hub, clock
        self._wake = asyncio.Event()
        analysers = (*own(), *added().analysers)
        self.triage = Triage(hub.store, analysers, clock, self._wake.set)
        self.deep = False
        """Whether all that analysers read is watched."""
        self._seeing = True
        """Whether what can be seen changed since blind spots were told of."""
        self._failing = 0
        """What failed by then; it only grows."""
        self._begun = self._ended = 0
        """Rounds of judging."""
        self._awaited: list[int] = []
        """Rounds that ended since `settled` was asked first, as it saw them; the last one is waited for."""
        hub.store.listen_freshness(self._aged)

    def settled(self) -> bool:
        """Whether what was known when this was asked first is judged and incidents are made of it.

        To be asked after the store was flushed, until it is so: the next time is a first time again. What changes
        meanwhile is not waited for, or there would be no end of it where something always does.
        """
        if self._begun > self._ended or self.triage.pending:  # else there is nothing to wait for
            if not self._awaited or self._ended >= self._awaited[-1]:
                self._awaited.append(self._begun + 1)
                self._wake.set()
            if len(self._awaited) <= ROUNDS:
                return False
        self._awaited.clear()
        return True

    def require(self, kind: str) -> None:
        """`kind` is read from now on."""
        if kind == BLINDSPOTS.id and not self.deep:
            self.deep = self._seeing = True
            self._hub.watch(self.triage.engine.fields, by=READER)
            self._wake.set()

    def release(self, kind: str) -> None:
        """Nobody reads `kind` any more."""
        if kind == BLINDSPOTS.id and self.deep:
            self.deep = False
            self._hub.watch({}, by=READER)
            for cluster in self._hub.store.clusters(BLINDSPOTS.id):
                self._hub.store.forget(BLINDSPOTS.id, cluster)

    def calls(self) -> dict[str, Method]:
        """The calls that are answered here."""

        async def members(_hub: Hub, arguments: Mapping[str, str]) -> str:
            """The findings of the incident `uid`, those that lead first, at most `MOST`: a JSON list."""
            found = self.triage.correlation.members(arguments.get("uid", ""))[:MOST]
            told = [
                {**finding_data(each.finding), "because": each.because, "follows": each.follows} for each in found
            ]
            return json.dumps(told)

        async def explain(_hub: Hub, arguments: Mapping[str, str]) -> str:
            """What the code `code` means: the JSON of a `triage.pages.Page`, null for one that nobody has."""
            known = pages((*own(), *added().analysers))
            return msgspec.json.encode(known.get(arguments.get("code", ""))).decode()

        return {"incident": members, "explain": explain}

    def join(self, rows: Iterable[Row], removed: Iterable[tuple[str, str]]) -> None:
        """Findings of clusters that belong to other feeders."""
        self.triage.join(rows, removed)
        self._wake.set()

    def join_members(self, rows: Iterable[Row], gone: Iterable[str]) -> None:
        """Members of other feeders, as those see them."""
        self.triage.join_members(rows, gone)

    def silence(self, silences: Silences) -> None:
        """The user does not want to hear of these: such findings make no incidents."""
        self.triage.silence(silences)

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self.triage.forget(cluster)

    async def run(self) -> None:
        """Judge what changes, until cancelled."""
        while True:
            due = self.triage.next_at
            wait = max(PAUSE, due - self._clock()) if due is not None else None
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            self._begun += 1
            for _turn in self.triage.turns():
                await asyncio.sleep(0)
            self._ended = self._begun
            if self.deep:
                self._look_for_blindspots()
            await asyncio.sleep(PAUSE)

    def _aged(self, _cluster: str, kind: str, _freshness: Freshness) -> None:
        if self.deep and kind not in (BLINDSPOTS.id, FINDINGS.id):
            self._seeing = True
            self._wake.set()

    def _look_for_blindspots(self) -> None:
        """Tell of what cannot be seen, where that may be something else than before."""
        failing = len(self.triage.engine.failing)
        if not self._seeing and failing == self._failing:
            return
        self._seeing, self._failing = False, failing
        store = self._hub.store
        for cluster in self._hub.links:
            rows = blindspots(store, cluster, {kind.id: None for kind in self.triage.kinds})
            rows += broken(cluster, self.triage.engine.failing, added().problems)
            store.replace(BLINDSPOTS.id, cluster, rows)


def broken(
    cluster: str, failing: Mapping[tuple[str, str], str], left_out: Iterable[tuple[str, str]]
) -> list[BlindspotRow]:
    """What is not seen in `cluster` because analysers fail; those that are `left_out` are told of the host."""
    found = {f"analyser {name}": why for name, why in left_out if cluster == HOST}
    found |= {what: why for (where, what), why in failing.items() if where == cluster}
    return [BlindspotRow(cluster, "", what, f"{cluster}/{what}", 0.0, BROKEN, why) for what, why in found.items()]


def blindspots(store: Store, cluster: str, kinds: Mapping[str, None]) -> list[BlindspotRow]:
    """What of `kinds` is not known in `cluster`: the cluster itself where it never answered."""
    own = store.freshness(cluster)
    if own.state in (State.UNREACHABLE, State.STALE):
        return [BlindspotRow(cluster, "", "all kinds", f"{cluster}/all", own.since, str(own.state), own.reason)]
    found = []
    for kind in kinds:
        told = store.told(cluster, kind)
        if told is not None and told.state in UNKNOWN_ROWS:
            row = BlindspotRow(cluster, "", kind, f"{cluster}/{kind}", told.since, str(told.state), told.reason)
            found.append(row)
    return found


def finding_data(row: FindingRow) -> dict[str, Any]:
    """A finding as JSON data."""
    keys = ("cluster", "namespace", "name", "kind", "code", "severity", "title", "message", "uid")
    data: dict[str, Any] = {key: getattr(row, key) for key in keys}
    return {**data, "since": row.created, "marks": dict(row.marks)}
