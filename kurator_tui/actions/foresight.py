"""What follows from a plan's steps, computed before anything is sent: pods, budgets, quotas, what goes with it.

It looks at what the servers would store, so it is the same for every verb; what only a verb knows, it says itself.
Budgets and quotas are listed once a namespace; one that may not be read is told once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kurator_tui.actions import followers
from kurator_tui.actions.budgets import budgets_of, why_held
from kurator_tui.actions.plan import Delete, Obj, Reader, Scale
from kurator_tui.actions.preview import Tried
from kurator_tui.actions.quotas import short
from kurator_tui.actions.rolling import WORKLOADS, pods_of, rolled
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Consequence, Target
from kurator_tui.kinds.shapes import at, name_of

BUDGETS, QUOTAS = "poddisruptionbudgets.policy", "resourcequotas"
GENERAL = frozenset({"edit", "apply", "copy", "undo", "label", "annotate"})
"""Verbs that know nothing of the kinds they write; the others tell themselves what a controller does with it."""


async def foresee(reader: Reader, verb: str, tried: Sequence[Tried]) -> list[Consequence]:
    """What follows, in the order of the steps; the same words about the same object once."""
    found = await asyncio.gather(*(_One(reader, verb, each).tell() for each in tried))
    return list(dict.fromkeys(each for told in found for each in told))


class _One:
    """What follows from one step."""

    def __init__(self, reader: Reader, verb: str, tried: Tried) -> None:
        self._reader = reader
        self._verb = verb
        self._tried = tried
        self._target: Target = tried.step.target
        self._told: list[Consequence] = []

    async def tell(self) -> list[Consequence]:
        before, after = self._tried.before, self._tried.after
        if isinstance(self._tried.step.write, Delete):
            await self._removed(before or {})
        elif after is not None and (self._tried.changed or before is None):
            await self._written(before, after)
        return self._told

    def _say(self, text: str, level: Any = "info") -> None:
        self._told.append(Consequence(level, text, self._target))

    async def _list(self, kind: str) -> list[Obj]:
        place = self._target
        try:
            return await self._reader.list(place.cluster, kind, place.namespace)
        except ConsoleError as error:
            where = f"{place.cluster}/{place.namespace}"
            said = f"{kind.partition('.')[0]} of {where} cannot be read, so none is told: {error.message}"
            self._told.append(Consequence("warning", said))
            return []

    async def _removed(self, before: Obj) -> None:
        write = self._tried.step.write
        if isinstance(write, Delete) and write.propagation == "Orphan":
            return
        async for said in followers.removed(self._reader, self._target, before):
            self._say(said, "warning")
        if self._target.kind == "pods" and (held := why_held(before, await self._list(BUDGETS))):
            self._say(f"{held}; a delete asks no budget, an eviction does", "warning")

    async def _written(self, before: Obj | None, after: Obj) -> None:
        if self._target.kind in WORKLOADS:
            await self._workload(before, after)
        if self._verb in GENERAL and self._spec_changed():
            async for said in followers.changed(self._reader, self._target, after, new=before is None):
                self._say(said)

    def _spec_changed(self) -> bool:
        touched = [change.path[0] for change in self._tried.changed]
        return self._tried.before is None or any(part not in ("metadata", "status") for part in touched)

    async def _workload(self, before: Obj | None, after: Obj) -> None:
        kind, pods = self._target.kind, pods_of(self._target.kind, after)
        had = pods_of(kind, before) if before is not None else 0
        if kind != "daemonsets.apps":
            await self._resized(had, pods, after, new=before is None)
        if before is not None and at(before, "spec", "template") != at(after, "spec", "template"):
            await self._rolls(after)

    async def _resized(self, had: int, pods: int, after: Obj, *, new: bool) -> None:
        if pods == had:
            return
        if new:
            self._say(f"{pods} pods are made")
        elif not isinstance(self._tried.step.write, Scale):  # the verb scale says so itself
            self._say(f"{had} pods become {pods}", "info" if pods > had else "warning")
        if pods > had:
            await self._room(after, pods - had)
            return
        for budget in budgets_of(_pod(after), await self._list(BUDGETS)):
            wanted = at(budget, "spec", "minAvailable")
            if isinstance(wanted, int) and 0 < pods <= wanted:
                said = (
                    f"budget {name_of(budget)} wants {wanted} healthy: of {pods} none may be evicted, drains wait"
                )
                self._say(said, "warning")

    async def _rolls(self, after: Obj) -> None:
        roll = rolled(self._target.kind, after)
        if roll is None:
            return
        self._say(roll.text, roll.level)
        if not roll.pods:
            return
        for budget in budgets_of(_pod(after), await self._list(BUDGETS)):
            wanted = at(budget, "status", "desiredHealthy")
            if isinstance(wanted, int) and roll.low < wanted:
                said = (
                    f"budget {name_of(budget)} wants {wanted} healthy; rolling asks no budget: down to {roll.low}"
                )
                self._say(said, "warning")
        if roll.high > roll.low and roll.high > pods_of(self._target.kind, after):
            await self._room(after, roll.high - pods_of(self._target.kind, after))

    async def _room(self, after: Obj, more: int) -> None:
        if said := short(await self._list(QUOTAS), at(after, "spec", "template"), more):
            self._say(said, "warning")


def _pod(workload: Obj) -> Obj:
    """A pod of a workload, as far as budgets look at it."""
    head = at(workload, "spec", "template", "metadata")
    labels = head.get("labels") if isinstance(head, dict) else None
    return {"metadata": {"namespace": at(workload, "metadata", "namespace"), "labels": labels or {}}}
