"""Plays a script: JSON lines `{"at": seconds, "cluster": name, "type": ..., "kind": plural, "object": {...}}`.

Objects go out exactly as written. One without a resourceVersion gets the member's next; one that brings its own
keeps it, even when it repeats or comes late: then it is only sent, and what the member holds stays newer.
`kind` is a plural, with its group behind a dot outside the core group (`deployments.apps`).
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.apiserver.columns import pod_status
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.population import fixed
from kurator_tui.demo.load.tables import ADDED, DELETED, MODIFIED, Fixed

Obj = dict[str, Any]

_TYPES = {each.decode(): each for each in (ADDED, MODIFIED, DELETED)}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a script; `at` in seconds from its start."""

    at: float
    cluster: str
    type: bytes
    kind: tuple[str, str]
    object: Obj


def read(lines: Iterable[str]) -> list[Step]:
    """The steps in order of their times. Raises ValueError naming the line that is none."""
    steps = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            plural, _, group = str(raw["kind"]).partition(".")
            if not isinstance(raw["object"]["metadata"]["name"], str):
                raise TypeError
            step = Step(float(raw["at"]), raw["cluster"], _TYPES[raw["type"]], (group, plural), raw["object"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} of the script is no step: {line.strip()[:80]}") from error
        steps.append(step)
    return sorted(steps, key=lambda step: step.at)


def carry_out(step: Step, member: Member) -> None:
    """Do one step. Raises ValueError for a kind that members do not serve."""
    table = member.tables.get(step.kind)
    if table is None:
        raise ValueError(f"members serve no {'.'.join(filter(None, reversed(step.kind)))}")
    member.apply(table, (step.type, _state(step, member, table.resource.kind, table.resource.api_version)))


def _state(step: Step, member: Member, kind: str, api_version: str) -> Fixed:
    meta = dict(step.object["metadata"])
    meta.setdefault("resourceVersion", str(member.rv + 1))
    meta.setdefault("uid", f"{step.cluster}/{meta.get('namespace', '')}/{meta['name']}")
    rest = {key: value for key, value in step.object.items() if key not in ("kind", "apiVersion")}
    rest["metadata"] = meta
    return fixed({"kind": kind, "apiVersion": api_version}, rest, _line(step.kind, rest))


def _line(kind: tuple[str, str], obj: Obj) -> str:
    """The object's digest line after the cluster's name, '' for kinds without digests."""
    meta, status = obj["metadata"], obj.get("status") or {}
    if kind == ("", "nodes"):
        found = (each.get("status") for each in status.get("conditions") or () if each.get("type") == "Ready")
        return "\t".join((meta["name"], meta["uid"], next(found, "Unknown")))
    if kind != ("", "pods"):
        return ""
    restarts = sum(each.get("restartCount") or 0 for each in status.get("containerStatuses") or ())
    node = (obj.get("spec") or {}).get("nodeName") or ""
    who = (meta.get("namespace", ""), meta["name"], meta["uid"])
    return "\t".join((*who, pod_status(obj), str(restarts), node))


class Player:
    """Plays steps on members; `played` counts them."""

    def __init__(self, steps: Sequence[Step], members: Mapping[str, Member]) -> None:
        """Raises ValueError for a cluster or kind that is not there."""
        for step in steps:
            if step.cluster not in members:
                raise ValueError(f"the script names {step.cluster!r}, which is no member")
            if step.kind not in members[step.cluster].tables:
                raise ValueError(f"the script names {step.kind[1]!r}, which members do not serve")
        self.played = 0
        self._steps = steps
        self._members = members
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Play from the beginning; a play that goes on is ended."""
        self.stop()
        if self._steps:
            self._task = asyncio.create_task(self._play())

    def stop(self) -> None:
        """Play no more."""
        if self._task:
            self._task.cancel()
            self._task = None

    async def ended(self) -> None:
        """Returns when the play that goes on has come to its end."""
        if self._task:
            await self._task

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for step in self._steps:
            wait = start + step.at - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            carry_out(step, self._members[step.cluster])
            self.played += 1
