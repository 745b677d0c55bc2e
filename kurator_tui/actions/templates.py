"""Patches that several verbs make: of pod templates and annotations; and the revisions that templates had.

Pure, but for the list of revisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, text

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""kubectl's own annotation: `kubectl rollout restart` writes the same."""
_REVISION = {
    "deployments.apps": "deployment.kubernetes.io/revision",
    "rollouts.argoproj.io": "rollout.argoproj.io/revision",
}
_HASHES = ("pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash")
"""Labels that a controller adds to the template of a ReplicaSet."""


def moment(now: float) -> str:
    """Unix seconds as RFC 3339."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(*values: object) -> int:
    """The first that is a number; 1 where none is."""
    return next((each for each in values if isinstance(each, int) and not isinstance(each, bool)), 1)


def annotated(obj: Obj, value: str, key: str = RESTARTED_AT) -> tuple[dict[str, Any], ...]:
    """Operations that give the pod template of `obj` an annotation."""
    path = "/spec/template/metadata"
    head = at(obj, "spec", "template", "metadata")
    if not isinstance(head, dict):
        return ({"op": "add", "path": path, "value": {"annotations": {key: value}}},)
    if not isinstance(head.get("annotations"), dict):
        return ({"op": "add", "path": f"{path}/annotations", "value": {key: value}},)
    return ({"op": "add", "path": f"{path}/annotations/{key.replace('/', '~1')}", "value": value},)


def noted(obj: Obj, notes: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """Operations that give an object annotations."""
    if not isinstance(at(obj, "metadata", "annotations"), dict):
        return ({"op": "add", "path": "/metadata/annotations", "value": dict(notes)},)
    return tuple(
        {"op": "add", "path": f"/metadata/annotations/{key.replace('/', '~1')}", "value": value}
        for key, value in notes.items()
    )


class Container(NamedTuple):
    """One of a template: the list it is in (`containers`, `initContainers`), its place there, itself."""

    part: str
    place: int
    obj: Any

    @property
    def name(self) -> str:
        return text(self.obj.get("name"))


def containers(obj: Obj, *way: str) -> list[Container]:
    """The containers of a pod template at `way` (default: spec.template.spec), main ones first."""
    spec = mapping(at(obj, *(way or ("spec", "template", "spec"))))
    return [
        Container(part, place, each)
        for part in ("containers", "initContainers")
        for place, each in enumerate(mappings(spec.get(part)))
    ]


def image_operations(
    obj: Obj, images: dict[str, str], way: tuple[str, ...] = ("spec", "template", "spec")
) -> list[Any]:
    """Operations that give containers (by name) other images; tested by name, since they are met by index."""
    operations: list[Any] = []
    for each in containers(obj, *way):
        wanted = images.get(each.name)
        if wanted and wanted != each.obj.get("image"):
            path = f"/{'/'.join(way)}/{each.part}/{each.place}"
            operations.append({"op": "test", "path": f"{path}/name", "value": each.name})
            operations.append({"op": "replace", "path": f"{path}/image", "value": wanted})
    return operations


def images_said(text: str) -> dict[str, str]:
    """Image by container's name; "" for the only one. Raises UsageError."""
    said: dict[str, str] = {}
    for each in text.split():
        name, equals, image = each.partition("=")
        said[name if equals else ""] = image if equals else each
    if not all(said.values()) or ("" in said and len(said) > 1):
        raise UsageError(f"image cannot be {text}", "One image, or container=image for each.")
    return said


def alone(found: list[Container]) -> bool:
    """Whether there is one main container, which needs no name."""
    return sum(each.part == "containers" for each in found) == 1


def ambiguous(found: list[Container]) -> str:
    """Why a name is needed."""
    return f"it has several containers: say one of {', '.join(each.name for each in found)} with container=image"


def images_meant(found: list[Container], said: Mapping[str, str]) -> dict[str, str] | str:
    """The same by names that there are, or why that cannot be told."""
    names = [each.name for each in found]
    if "" in said:
        return {names[0]: said[""]} if alone(found) else ambiguous(found)
    unknown = [name for name in said if name not in names]
    return f"it has no container {unknown[0]}" if unknown else dict(said)


class Revision(NamedTuple):
    """A template that a workload had; `number` rises."""

    number: int
    template: Obj


async def revisions(reader: Reader, target: Target, obj: Obj) -> list[Revision]:
    """The templates that a workload's ReplicaSets or ControllerRevisions still hold, the newest first.

    Raises ConsoleError.
    """
    uid = text(meta(obj).get("uid"))
    if target.kind in _REVISION:
        sets = await reader.list(target.cluster, "replicasets.apps", target.namespace)
        key = _REVISION[target.kind]
        found = [
            Revision(int(told), _bare(mapping(at(each, "spec", "template"))))
            for each in sets
            if _owned(each, uid) and (told := text(mapping(meta(each).get("annotations")).get(key))).isdecimal()
        ]
    else:
        kept = await reader.list(target.cluster, "controllerrevisions.apps", target.namespace)
        found = [
            Revision(number(each.get("revision")), _bare(template))
            for each in kept
            if _owned(each, uid) and (template := mapping(at(each, "data", "spec", "template")))
        ]
    return sorted(found, key=lambda each: each.number, reverse=True)


def _owned(obj: Obj, uid: str) -> bool:
    return any(each.get("uid") == uid for each in mappings(meta(obj).get("ownerReferences")))


def _bare(template: Any) -> Obj:
    head = dict(mapping(template.get("metadata")))
    if isinstance(labels := head.get("labels"), dict):
        head["labels"] = {key: value for key, value in labels.items() if key not in _HASHES}
    body = {key: value for key, value in template.items() if key != "$patch"}  # a ControllerRevision is a patch
    return {**body, "metadata": head}


def chosen(found: list[Revision], wanted: str) -> Revision | str:
    """The revision that is wanted, the one before the newest for ""; else why there is none."""
    if not wanted:
        return found[1] if len(found) > 1 else "it has no revision before this one"
    for each in found:
        if str(each.number) == wanted:
            return each
    return f"it has no revision {wanted}; there are: {', '.join(str(each.number) for each in found) or 'none'}"
