"""CustomResourceDefinitions at run time: what one adds to the catalogue of its server, and what goes with it.

No schema is checked and no version converted: an object keeps the apiVersion it was written in.
"""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.changes import Obj
from kurator_tui.demo.apiserver.resources import CUSTOM_VERBS, Column, ResourceType
from kurator_tui.demo.apiserver.storage import Storage

PLURAL, GROUP = "customresourcedefinitions", "apiextensions.k8s.io"


def defines(rt: ResourceType) -> bool:
    """Whether the objects of this resource add kinds."""
    return (rt.group, rt.plural) == (GROUP, PLURAL)


def check(rt: ResourceType, obj: Obj) -> None:
    """Raises StatusError 422 for a definition that no server would take."""
    spec, name = _mapping(obj.get("spec")), str((obj.get("metadata") or {}).get("name"))
    names = _mapping(spec.get("names"))
    wanted = f"{names.get('plural')}.{spec.get('group')}"
    causes = [
        errors.required(f"spec.names.{field}") for field in ("plural", "kind") if not _text(names.get(field))
    ]
    if not causes and name != wanted:
        why = 'must be spec.names.plural+"."+spec.group'
        causes.append(errors.invalid_value("metadata.name", f'"{name}"', why))
    stored = [version for version in _versions(spec) if version.get("storage") is True]
    if len(stored) != 1:
        why = "must have exactly one version marked as storage version"
        causes.append(errors.invalid_value("spec.versions", "null", why))
    if causes:
        raise errors.invalid(rt, name, causes)


def serve(storage: Storage, rt: ResourceType, name: str) -> None:
    """Serve the kinds of a definition, and of none that it had before, from now on; it says so in its status."""
    definition = storage.get(rt, "", name)
    types = tuple(_types(_mapping(definition.get("spec"))))
    storage.catalogue.replace(*_place(definition), types)
    storage.apply_status(rt, "", name, _status(definition, storage.now()))


def retire(storage: Storage, definition: Obj) -> None:
    """The kind of a definition that was deleted is served no more, and its objects are gone."""
    group, plural = _place(definition)
    served = storage.catalogue.replace(group, plural, ())
    if served:
        storage.retire(served[0])


def _place(definition: Obj) -> tuple[str, str]:
    """(group, plural)"""
    spec = _mapping(definition.get("spec"))
    return str(spec.get("group")), str(_mapping(spec.get("names")).get("plural"))


def _types(spec: Obj) -> Iterator[ResourceType]:
    """A resource a served version."""
    names = _mapping(spec.get("names"))
    kind = str(names.get("kind"))
    for version in _versions(spec):
        if version.get("served") is not True:
            continue
        yield ResourceType(
            group=str(spec.get("group")),
            version=str(version.get("name")),
            plural=str(names.get("plural")),
            singular=_text(names.get("singular")) or kind.lower(),
            kind=kind,
            namespaced=spec.get("scope") == "Namespaced",
            short_names=_texts(names.get("shortNames")),
            categories=_texts(names.get("categories")),
            subresources=frozenset(_mapping(version.get("subresources"))) & {"status", "scale"},
            custom=True,
            verbs=CUSTOM_VERBS,
            printer_columns=tuple(_columns(version)),
            schema=_mapping(_mapping(version.get("schema")).get("openAPIV3Schema")),
        )


def _columns(version: Obj) -> Iterator[Column]:
    for column in version.get("additionalPrinterColumns") or ():
        if isinstance(column, dict):
            name, type_, path = (str(column.get(field) or "") for field in ("name", "type", "jsonPath"))
            yield Column(name, type_, path, 1 if column.get("priority") else 0)


def _status(definition: Obj, now: str) -> Obj:
    before = _mapping(definition.get("status"))
    if before.get("conditions"):
        return before
    spec = _mapping(definition.get("spec"))
    conditions = [
        {"type": type_, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now}
        for type_, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    stored = [str(version.get("name")) for version in _versions(spec) if version.get("storage") is True]
    return {"conditions": conditions, "acceptedNames": _mapping(spec.get("names")), "storedVersions": stored}


def _versions(spec: Obj) -> list[Obj]:
    return [version for version in spec.get("versions") or () if isinstance(version, dict)]


def _mapping(value: Any) -> Obj:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
