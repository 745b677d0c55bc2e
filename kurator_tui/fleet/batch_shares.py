"""What a Volcano queue deserves, and which part of it it has: arithmetic on amounts of resources. Pure.

Amounts are in base units (cores, bytes, devices) by name of the resource. `proportion` is Volcano's plugin of that
name: rounds in which what is left is dealt out by weight, until nobody wants more or nothing is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kurator_tui.kinds.batch import amount_text
from kurator_tui.kinds.device_names import short
from kurator_tui.kinds.meta import MOST, quantity

Amounts = Mapping[str, float]
_ROUNDS = 1000
_LITTLE = 1e-6


def amounts(value: Any) -> dict[str, float]:
    """A `ResourceList` as amounts; what is none of it is left out."""
    if not isinstance(value, Mapping):
        return {}
    return {str(name): min(max(quantity(text), 0.0), float(MOST)) for name, text in value.items()}


def plus(one: Amounts, other: Amounts) -> dict[str, float]:
    """The sum, resource by resource."""
    return {
        name: one.get(name, 0.0) + other.get(name, 0.0) for name in (*one, *(n for n in other if n not in one))
    }


def minus(one: Amounts, other: Amounts) -> dict[str, float]:
    """What `one` has beyond `other`, at least nothing."""
    return {name: max(0.0, amount - other.get(name, 0.0)) for name, amount in one.items()}


def total(many: Iterable[Amounts]) -> dict[str, float]:
    """The sum of all."""
    found: dict[str, float] = {}
    for each in many:
        found = plus(found, each)
    return found


def beyond(used: Amounts, most: Amounts) -> list[str]:
    """The resources of `most` of which `used` is more."""
    return [name for name, limit in most.items() if used.get(name, 0.0) > limit * (1 + _LITTLE) + _LITTLE]


def share(used: Amounts, deserved: Amounts) -> tuple[float | None, str]:
    """(the largest part of what is deserved, its resource). Deserving nothing of what one has is all: 1.

    Of equal parts that of a device counts: it is what queues are about.
    """
    best: tuple[float | None, str] = (None, "")
    for name in sorted(deserved, key=devices_first):
        amount, has = deserved[name], used.get(name, 0.0)
        part = has / amount if amount > 0 else float(has > 0)
        if best[0] is None or part > best[0] + _LITTLE:
            best = part, name
    return best


def devices_first(resource: str) -> tuple[bool, str]:
    """An order of resources."""
    return "/" not in resource, resource


def shown(found: Amounts) -> str:
    """`gpu=8,cpu=40,mem=384Gi`: what is not nothing, devices first."""
    names = sorted((name for name, amount in found.items() if amount), key=devices_first)
    return ",".join(f"{short(name)}={amount_text(name, found[name])}" for name in names[:12])


@dataclass(frozen=True, slots=True)
class Claim:
    """A queue that takes part: its weight, what it has and asks for (None: as much as there is), its limits."""

    name: str
    weight: int
    request: Amounts | None
    capability: Amounts
    guarantee: Amounts


def proportion(available: Amounts, claims: Iterable[Claim]) -> dict[str, dict[str, float]]:
    """What each queue deserves of what is available."""
    open_claims = [claim for claim in claims if claim.weight > 0]
    deserved: dict[str, dict[str, float]] = {claim.name: dict.fromkeys(available, 0.0) for claim in open_claims}
    left = dict(available)
    for _round in range(_ROUNDS):
        weights = sum(claim.weight for claim in open_claims)
        if not weights or not any(amount > _LITTLE for amount in left.values()):
            break
        still, dealt = [], dict.fromkeys(left, 0.0)
        for claim in open_claims:
            before = deserved[claim.name]
            now = {name: before[name] + left[name] * claim.weight / weights for name in before}
            now = {name: _bounded(claim, name, amount) for name, amount in now.items()}
            deserved[claim.name] = now
            dealt = {name: dealt[name] + now[name] - before[name] for name in dealt}
            if not _same(now, before) and not _met(claim, now):
                still.append(claim)
        left = {name: max(0.0, left[name] - dealt[name]) for name in left}
        open_claims = still
    return deserved


def _bounded(claim: Claim, name: str, amount: float) -> float:
    wanted = math.inf if claim.request is None else claim.request.get(name, 0.0)
    return max(min(amount, claim.capability.get(name, math.inf), wanted), claim.guarantee.get(name, 0.0))


def _met(claim: Claim, deserved: Amounts) -> bool:
    wanted = claim.request
    return wanted is not None and all(wanted.get(name, 0.0) <= has + _LITTLE for name, has in deserved.items())


def _same(one: Amounts, other: Amounts) -> bool:
    return all(abs(amount - other[name]) <= _LITTLE for name, amount in one.items())
