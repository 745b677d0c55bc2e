"""Writing the rollouts of an Application's sync policies, and telling whom that reaches. Sends nothing.

One request an Application; each policy is tested to still be the one at its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.plan import Draft, JsonPatch, Obj, Reader
from kurator_tui.actions.releases import Release, canaries, reached
from kurator_tui.actions.templates import number
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, text

PASS = "Kurator writes it to the Canaries within 30 s, Flagger acts at its next check after that"
GOING = ("Waiting", "Progressing", "WaitingPromotion")
"""Phases in which failed checks roll a Canary back."""
UNDER_WAY = (*GOING, "Promoting", "Finalising")
BLOCK = ("rollout", "rolloutPolicy")


def title(what: str, found: Sequence[Release]) -> str:
    """`Pause front of Application shop`."""
    if len(found) != 1:
        return f"{what} {len(found)} rollouts"
    (one,) = found
    of = f" of Application {one.where.name}" if one.index >= 0 else f" of {one.where.cluster}"
    return f"{what} {one.name}{of}"


async def in_policies(
    reader: Reader, draft: Draft, found: Sequence[Release], field: str, value: bool
) -> list[tuple[Release, list[Target]]]:
    """Set a field of the rolloutPolicy of every policy among `found`: one request an Application.

    Those that are changed, each with its Canaries that are under way.
    """
    written: dict[Target, list[dict[str, Any]]] = {}
    changed: list[tuple[Release, list[Target]]] = []
    policies = {(each.where, each.index): each for each in found if each.index >= 0}
    for release in policies.values():
        if not isinstance(at(release.policy, *BLOCK), dict):
            draft.refuse(release.where, f"sync policy {release.name} has no rollout that could be changed")
        elif (at(release.policy, *BLOCK, field) is True) == value:
            draft.refuse(release.where, f"{field} of {release.name} is {str(value).casefold()} already")
        else:
            path = f"/spec/syncPolicies/{release.index}"
            test = named(release, path)
            where = f"{path}/{'/'.join(BLOCK)}/{field}"
            written.setdefault(release.where, []).extend((test, {"op": "add", "path": where, "value": value}))
            changed.append((release, await tell_reach(reader, draft, release)))
    for target, operations in written.items():
        draft.write(target, JsonPatch(tuple(operations)), PASS)
    return changed


def named(release: Release, path: str) -> dict[str, Any]:
    """The test that the policy of that number is still the one that was looked at."""
    name = text(release.policy.get("name"))
    if name:
        return {"op": "test", "path": f"{path}/name", "value": name}
    workload = at(release.policy, "rollout", "workload", "name")
    return {"op": "test", "path": f"{path}/rollout/workload/name", "value": workload}


async def tell_reach(reader: Reader, draft: Draft, release: Release) -> list[Target]:
    """Which clusters it reaches, how the Canary of each is, and when it takes effect; those that are under way."""
    going: list[Target] = []
    try:
        clusters = await reached(reader, release)
    except ConsoleError as error:
        draft.warn(f"its clusters are not known: {error.message}", release.where)
        return going
    names = ", ".join(clusters) or "no cluster"
    draft.tell(f"{release.name} reaches {len(clusters)}: {names}", release.where)
    seconds = number(at(release.policy, "rollout", "rolloutPolicy", "trafficAnalysis", "checkIntervalSeconds"), 60)
    draft.tell(f"it takes effect within 30 s and a check, which is each {max(10, seconds)} s", release.where)
    async for where, canary in canaries(reader, release, clusters):
        if isinstance(canary, str):
            draft.warn(f"{where.cluster}: {canary}; Kurator's pass ends there, clusters after it wait", where)
        else:
            draft.tell(f"{where.cluster}: {_standing(canary)}", where)
            if at(canary, "status", "phase") in UNDER_WAY:
                going.append(where)
    return going


def _standing(canary: Obj) -> str:
    phase = text(at(canary, "status", "phase")) or "not begun"
    weight = at(canary, "status", "canaryWeight")
    return f"{phase} at {weight}%" if phase in GOING and isinstance(weight, int) else phase
