"""Verbs of Istio: the weights of a route. They send nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.actions import owners, owners_kurator
from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, text

_WHOLE = 100


async def plan_shift(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Share out the traffic of one route of VirtualServices."""
    draft = Draft(f"Shift weights of {counted(targets)}")
    wanted = pairs(arguments["weights"])
    for target, obj in await objects(reader, targets, draft):
        found = owners.controller(obj)
        if found is not None and found[1] == "Canary":
            draft.refuse(
                target, f"Flagger writes it again for Canary {found[2]}", await _canary(reader, target, found)
            )
            continue
        route = _route(obj, arguments["route"])
        if isinstance(route, str):
            draft.refuse(target, route)
            continue
        number, destinations = route
        weights = _shares(destinations, wanted)
        if isinstance(weights, str):
            draft.refuse(target, weights)
        elif [_weight(each) for each in destinations] == weights:
            draft.refuse(target, "its traffic goes so already")
        else:
            draft.write(target, JsonPatch(_operations(number, destinations, weights)))
            for each, weight in zip(destinations, weights, strict=True):
                draft.tell(f"{_named(each)}: {_weight(each)}% -> {weight}%", target)
    return draft


async def _canary(reader: Reader, target: Target, found: tuple[str, str, str]) -> Instead:
    """The Application of the Canary; the Canary itself where none renders it."""
    where = Target(target.cluster, owners.CANARY, target.namespace, found[2])
    own = Instead(f"Canary {found[2]}, its analysis", where, fields=("spec.analysis",))
    try:
        claim = await owners_kurator.rollout(reader, where, await reader.get(where))
    except ConsoleError:
        return own
    return claim.instead or own if claim is not None else own


def _route(obj: Obj, wanted: str) -> tuple[int, list[Object]] | str:
    """(number, destinations) of the HTTP route that is meant, or why there is none."""
    routes = list(enumerate(mappings(at(obj, "spec", "http"))))
    if wanted:
        chosen = [each for each in routes if wanted in (each[1].get("name"), str(each[0]))]
        if not chosen:
            return f"it has no HTTP route {wanted}"
    else:
        chosen = [each for each in routes if len(list(mappings(each[1].get("route")))) > 1]
        if len(chosen) > 1:
            known = ", ".join(text(each.get("name")) or str(number) for number, each in chosen)
            return f"it has several HTTP routes with weights, say which: {known}"
    for number, each in chosen:
        destinations = list(mappings(each.get("route")))
        if len(destinations) > 1:
            return number, destinations
    return "no HTTP route of it has several destinations: there is no traffic to share out"


def _names(route: Object) -> tuple[str, ...]:
    """What a destination may be called, the plainest first."""
    aim = mapping(route.get("destination"))
    host, subset = text(aim.get("host")), text(aim.get("subset"))
    short = host.partition(".")[0]
    return (subset, f"{host}/{subset}", f"{short}/{subset}") if subset else (host, short)


def _named(route: Object) -> str:
    return _names(route)[0] or "a destination without a host"


def _weight(route: Object) -> int:
    weight = route.get("weight")
    return weight if isinstance(weight, int) else 0


def _shares(routes: Sequence[Object], wanted: Mapping[str, str | None]) -> list[int] | str:
    """The weight of each destination; they sum to 100. Or why that cannot be."""
    shares: list[int | None] = [None] * len(routes)
    for name, value in wanted.items():
        met = [number for number, route in enumerate(routes) if name in _names(route)]
        if len(met) != 1:
            known = ", ".join(_named(route) for route in routes)
            return f"{name} is {'several' if met else 'none'} of its destinations: {known}"
        if value is None or not (value.isascii() and value.isdecimal() and int(value) <= _WHOLE):
            return f"{name}={value or ''} is no weight from 0 to {_WHOLE}"
        shares[met[0]] = int(value)
    said = sum(each for each in shares if each is not None)
    silent = [number for number, each in enumerate(shares) if each is None]
    if len(silent) == 1 and said <= _WHOLE:
        shares[silent[0]] = _WHOLE - said
    else:
        for number in silent:
            shares[number] = _weight(routes[number])
    final = [each or 0 for each in shares]
    return final if sum(final) == _WHOLE else f"the weights would sum to {sum(final)}, not to {_WHOLE}"


def _operations(number: int, routes: Sequence[Object], weights: Sequence[int]) -> tuple[dict[str, Any], ...]:
    operations: list[dict[str, Any]] = []
    for place, (route, weight) in enumerate(zip(routes, weights, strict=True)):
        path = f"/spec/http/{number}/route/{place}"
        operations.append(
            {"op": "test", "path": f"{path}/destination", "value": dict(mapping(route["destination"]))}
        )
        operations.append({"op": "add", "path": f"{path}/weight", "value": weight})
    return tuple(operations)


PLANNERS: dict[str, Planner] = {"istio.shift": plan_shift}
