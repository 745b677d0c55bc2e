"""The verb of KubeEdge's devices: what their properties should be at. It sends nothing.

A device says in its model what may be written, and nothing but its mapper at the edge checks it: so it is checked
here. Where the desired value is kept depends on the release: `spec.properties` (v1beta1), or `status.twins` of the
object itself (v1alpha2 has no status subresource).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.edge import offline
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, name_of, text

MODEL, STATUS = "devicemodels.devices.kubeedge.io", "devicestatuses.devices.kubeedge.io"


async def plan_set(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Desired values of a device's properties."""
    wanted = pairs(arguments["values"])
    draft = Draft(f"Set {', '.join(wanted)} of {counted(targets)}")
    for target, device in await objects(reader, targets, draft):
        why = await _forbidden(reader, draft, target, device, wanted)
        if why:
            draft.refuse(target, why)
            continue
        older = text(device.get("apiVersion")).endswith("/v1alpha2")
        operations = _twins(device, wanted) if older else _properties(device, wanted)
        if isinstance(operations, str):
            draft.refuse(target, operations)
        elif not operations:
            draft.refuse(target, "that is what it should be at already")
        else:
            draft.write(target, JsonPatch(tuple(operations)))
            await _tell_device(reader, draft, target, device, wanted)
    return draft


async def _forbidden(
    reader: Reader, draft: Draft, target: Target, device: Obj, wanted: dict[str, str | None]
) -> str:
    """Why its model forbids a value, "" where it does not."""
    model = text(at(device, "spec", "deviceModelRef", "name"))
    try:
        obj = await reader.get(Target(target.cluster, MODEL, target.namespace, model))
    except ConsoleError as error:
        draft.warn(f"what its model {model} allows is not known: {error.message}", target)
        return ""
    known = {text(each.get("name")): each for each in mappings(at(obj, "spec", "properties"))}
    for name, value in wanted.items():
        if name not in known:
            return f"its model {model} has no property {name}; it has {', '.join(known)}"
        if why := _outside(known[name], value):
            return f"{name} {why}"
    return ""


def _outside(told: Object, value: str | None) -> str:
    """Why a property (either release's) cannot have a value."""
    nested = mapping(told.get("type"))
    kind = next(iter(nested), "") if nested else text(told.get("type"))
    limits = mapping(nested.get(kind)) if nested else told
    if limits.get("accessMode") == "ReadOnly":
        return "is read-only: the device reports it, nobody sets it"
    if value is None:
        return ""
    if kind.upper() == "BOOLEAN" and value not in ("true", "false"):
        return "is true or false"
    if kind.upper() not in ("INT", "FLOAT", "DOUBLE"):
        return ""
    number = _number(value)
    if number is None or (kind.upper() == "INT" and not number.is_integer()):
        return f"is a number ({kind.lower()}), not {value}"
    low, high = _number(limits.get("minimum")), _number(limits.get("maximum"))
    if (low is not None and number < low) or (high is not None and number > high):
        return f"is from {limits.get('minimum')} to {limits.get('maximum')} {text(limits.get('unit'))}".rstrip()
    return ""


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _properties(device: Obj, wanted: dict[str, str | None]) -> list[dict[str, Any]] | str:
    """Operations on `spec.properties` of v1beta1, or why there are none."""
    names = [text(each.get("name")) for each in mappings(at(device, "spec", "properties"))]
    operations: list[dict[str, Any]] = []
    for name, value in wanted.items():
        if name not in names:
            return f"it has no property {name}; it has {', '.join(names) or 'none'}"
        place = names.index(name)
        present = mapping(list(mappings(at(device, "spec", "properties")))[place].get("desired"))
        path = f"/spec/properties/{place}"
        operations += _desired(path, ("name", name), present, value)
    return operations


def _twins(device: Obj, wanted: dict[str, str | None]) -> list[dict[str, Any]]:
    """Operations on `status.twins` of v1alpha2; a property without a twin gets one."""
    present = at(device, "status", "twins")
    twins = list(mappings(present))
    names = [text(each.get("propertyName")) for each in twins]
    operations: list[dict[str, Any]] = []
    if at(device, "status") is None:
        operations.append({"op": "add", "path": "/status", "value": {}})
    if not isinstance(present, list):
        operations.append({"op": "add", "path": "/status/twins", "value": []})
    for name, value in wanted.items():
        if name in names:
            place = names.index(name)
            told = mapping(twins[place].get("desired"))
            operations += _desired(f"/status/twins/{place}", ("propertyName", name), told, value)
        elif value is not None:
            twin = {"propertyName": name, "desired": {"value": value}}
            operations.append({"op": "add", "path": "/status/twins/-", "value": twin})
    return operations if any("twins/" in each["path"] for each in operations) else []


def _desired(path: str, named: tuple[str, str], present: Object, value: str | None) -> list[dict[str, Any]]:
    """Operations on one item, tested to be the one that is meant."""
    test = {"op": "test", "path": f"{path}/{named[0]}", "value": named[1]}
    if present.get("value") == value:
        return []
    if value is None:
        return [test, {"op": "remove", "path": f"{path}/desired"}]
    if present:
        return [test, {"op": "add", "path": f"{path}/desired/value", "value": value}]
    return [test, {"op": "add", "path": f"{path}/desired", "value": {"value": value}}]


async def _tell_device(
    reader: Reader, draft: Draft, target: Target, device: Obj, wanted: dict[str, str | None]
) -> None:
    """What the device reports now, and whether anybody hears from its node."""
    twins = list(mappings(at(device, "status", "twins")))
    if not twins:
        for each in await reader.list(target.cluster, STATUS, target.namespace):
            if name_of(each) == target.name:
                twins = list(mappings(at(each, "status", "twins")))
    for twin in twins:
        if (name := text(twin.get("propertyName"))) in wanted:
            draft.tell(f"{name} is {text(at(twin, 'reported', 'value')) or 'not reported'} now", target)
    name = text(at(device, "spec", "nodeName")) or _selected(device)
    try:
        node = await reader.get(Target(target.cluster, "nodes", "", name)) if name else {}
    except ConsoleError:
        draft.warn(f"its node {name} cannot be read", target)
        return
    if offline(node):
        draft.warn(f"its node {name} is offline: the device is told when it is back", target)


def _selected(device: Obj) -> str:
    """The node that v1alpha2 selects by its hostname."""
    for term in mappings(at(device, "spec", "nodeSelector", "nodeSelectorTerms")):
        for each in mappings(term.get("matchExpressions")):
            values = each.get("values")
            if isinstance(values, list) and len(values) == 1:
                return text(values[0])
    return ""


PLANNERS: dict[str, Planner] = {"kubeedge.set": plan_set}
