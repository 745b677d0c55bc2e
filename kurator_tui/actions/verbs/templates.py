"""Verbs that change pod templates: set-image, set-resources, rollback. They send nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.templates import (
    Container,
    alone,
    ambiguous,
    chosen,
    containers,
    image_operations,
    images_meant,
    images_said,
    revisions,
)
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping

_WAYS = {"pods": ("spec",), "cronjobs.batch": ("spec", "jobTemplate", "spec", "template", "spec")}
"""Where the containers of a kind are; of others in spec.template.spec."""
_TEMPLATE = ("spec", "template", "spec")


def _way(target: Target) -> tuple[str, ...]:
    return _WAYS.get(target.kind, _TEMPLATE)


async def plan_set_image(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Other images for containers, by their names."""
    said = images_said(arguments["image"])
    draft = Draft(f"Set the image of {counted(targets)} to {', '.join(said.values())}")
    for target, obj in await objects(reader, targets, draft):
        wanted = images_meant(containers(obj, *_way(target)), said)
        if isinstance(wanted, str):
            draft.refuse(target, wanted)
            continue
        operations = image_operations(obj, wanted, _way(target))
        if not operations:
            draft.refuse(target, "it has this image already")
            continue
        draft.write(target, JsonPatch(tuple(operations)))
        _tell_roll(draft, target, obj)
    return draft


def _tell_roll(draft: Draft, target: Target, obj: Obj) -> None:
    """What a new template does."""
    if target.kind == "pods":
        draft.warn("the container restarts in place; its controller knows nothing of it", target)
    elif target.kind == "cronjobs.batch":
        draft.tell("from its next run on; runs that go on keep theirs", target)
    elif target.kind == "rollouts.argoproj.io":
        draft.tell("its pods are replaced as the steps of its strategy say", target)


async def plan_set_resources(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Other requests and limits for one container of each."""
    wanted = {
        "requests": {key: arguments[key] for key in ("cpu", "memory") if arguments[key]},
        "limits": {key: arguments[f"{key}_limit"] for key in ("cpu", "memory") if arguments[f"{key}_limit"]},
    }
    if not any(wanted.values()):
        raise UsageError("set-resources needs one of cpu, memory, cpu_limit, memory_limit")
    draft = Draft(f"Set resources of {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        found = containers(obj, *_way(target))
        named = [each for each in found if each.name == arguments["container"]]
        if not arguments["container"] and alone(found):
            named = found[:1]
        if not named:
            missing = arguments["container"]
            draft.refuse(target, f"it has no container {missing}" if missing else ambiguous(found))
            continue
        operations = _resources(named[0], wanted, "/".join(_way(target)))
        if not operations:
            draft.refuse(target, "it has these resources already")
            continue
        draft.write(target, JsonPatch(operations))
        _tell_roll(draft, target, obj)
    return draft


def _resources(
    container: Container, wanted: Mapping[str, Mapping[str, str]], way: str
) -> tuple[dict[str, Any], ...]:
    present = mapping(container.obj.get("resources"))
    merged = {**present}
    for part, values in wanted.items():
        if values:
            merged[part] = {**mapping(present.get(part)), **values}
    if merged == present:
        return ()
    path = f"/{way}/{container.part}/{container.place}"
    return (
        {"op": "test", "path": f"{path}/name", "value": container.name},
        {"op": "add", "path": f"{path}/resources", "value": merged},
    )


async def plan_rollback(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """The template of an earlier revision."""
    draft = Draft(f"Roll back {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        try:
            found = chosen(await revisions(reader, target, obj), arguments["revision"])
        except ConsoleError as error:
            found = f"its revisions cannot be read: {error.message}"
        if isinstance(found, str):
            draft.refuse(target, found)
            continue
        if at(obj, "spec", "paused") is True:
            draft.refuse(target, "it is paused: resume it first")
            continue
        draft.write(target, JsonPatch(({"op": "replace", "path": "/spec/template", "value": found.template},)))
        draft.tell(f"back to the template of revision {found.number}, as a new revision", target)
        _tell_roll(draft, target, obj)
    return draft


PLANNERS: dict[str, Planner] = {
    "set-image": plan_set_image,
    "set-resources": plan_set_resources,
    "rollback": plan_rollback,
}
