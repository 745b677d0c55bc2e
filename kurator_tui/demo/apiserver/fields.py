"""Managed fields: which manager last set which field, and server-side apply.

Promises: pure functions; inputs are never changed; entries come out in the order and shape of kube-apiserver
(apply before update, then by time, manager, version, subresource). The rules are those of
sigs.k8s.io/structured-merge-diff and apimachinery's `managedfields` package; the path algebra is in `fieldset`.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from kurator_tui.demo.apiserver import errors, schemas
from kurator_tui.demo.apiserver.fieldset import (
    EMPTY,
    FieldSet,
    Path,
    applied_set,
    changes,
    from_v1,
    merged,
    spoken,
    to_v1,
    with_parents,
    without,
)
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.schemas import Schema

Object = dict[str, Any]

#: Fields no manager ever owns.
_UNOWNED: frozenset[Path] = frozenset(
    (("f:apiVersion",), ("f:kind",), ("f:metadata",)),
) | frozenset(
    ("f:metadata", f"f:{name}")
    for name in (
        *("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"),
        *("managedFields", "deletionTimestamp", "deletionGracePeriodSeconds"),
    )
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_BEFORE_FIRST_APPLY = "before-first-apply"
_Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One manager's claim; `time` is RFC 3339 or '' (entries of the scale subresource carry none)."""

    manager: str
    operation: str
    api_version: str
    subresource: str
    time: str
    fields: FieldSet

    @property
    def identity(self) -> _Identity:
        """What makes two entries the same one; an applier stays itself across versions."""
        version = "" if self.operation == "Apply" else self.api_version
        return (self.manager, self.operation, version, self.subresource)

    @property
    def spoken(self) -> str:
        """How a conflict names the manager."""
        text = json.dumps(self.manager, ensure_ascii=False)
        if self.subresource:
            text += f' with subresource "{self.subresource}"'
        return f"{text} using {self.api_version}" if self.operation == "Update" else text

    def written(self) -> Object:
        """The entry of `metadata.managedFields`."""
        entry: Object = {"manager": self.manager, "operation": self.operation, "apiVersion": self.api_version}
        if self.time:
            entry["time"] = self.time
        entry |= {"fieldsType": "FieldsV1", "fieldsV1": to_v1(self.fields)}
        if self.subresource:
            entry["subresource"] = self.subresource
        return entry


_Managers = dict[_Identity, _Entry]


def _entries(obj: Object | None) -> _Managers:
    """The entries of an object; anything malformed counts as none."""
    written = (obj or {}).get("metadata", {}).get("managedFields") or []
    found: _Managers = {}
    for item in written if isinstance(written, list) else ():
        if not isinstance(item, dict) or not item.get("operation"):
            return {}
        entry = _Entry(
            manager=str(item.get("manager", "")),
            operation=str(item["operation"]),
            api_version=str(item.get("apiVersion", "")),
            subresource=str(item.get("subresource", "")),
            time=str(item.get("time") or ""),
            fields=from_v1(item.get("fieldsV1")),
        )
        found[entry.identity] = entry
    return found


def _with_entries(obj: Object, managers: _Managers) -> Object:
    """The object with these entries instead of its own; empty ones are left out."""
    entries = sorted(
        (entry for entry in managers.values() if entry.fields),
        key=lambda entry: (entry.operation, entry.time, entry.manager, entry.api_version, entry.subresource),
    )
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key != "managedFields"}
    if entries:
        metadata["managedFields"] = [entry.written() for entry in entries]
    return {**obj, "metadata": metadata}


def _owned(paths: FieldSet, schema: Schema, subresource: str) -> FieldSet:
    """The paths a write through this endpoint can own: `status` only through its subresource, `spec` not."""
    skipped = ""
    if subresource == "status":
        skipped = "f:spec"
    elif not subresource and "status" in schema.properties:
        skipped = "f:status"
    return frozenset(path for path in paths if path not in _UNOWNED and path[0] != skipped)


def _blank(schema: Schema, new: Object) -> Object:
    """What a created object is compared with: the kind's zero value."""
    zero: Object = schemas.zero(schema)
    return {"apiVersion": new.get("apiVersion"), "kind": new.get("kind"), **zero}


def _is_reset(obj: Object) -> bool:
    """True when a client asks to forget all managers by writing one empty entry."""
    return bool(obj.get("metadata", {}).get("managedFields") == [{}])


def track_update(
    old: Object | None,
    new: Object,
    *,
    manager: str,
    operation: str = "Update",
    api_version: str,
    now: str,
    subresource: str = "",
) -> Object:
    """`new` with `metadata.managedFields` after a create (`old` None), update or patch; `now` is RFC 3339.

    `new` has its defaults already, but not what admission adds. A client may replace the entries by sending its
    own (kubectl's migration to server-side apply does); an object without entries stays without on update, as on
    a real server.
    """
    if _is_reset(new):
        return _with_entries(new, {})
    managers = _entries(new) or _entries(old)
    if old is not None and not managers:
        return _with_entries(new, {})
    schema = schemas.of_object(new)
    changed, removed = changes(schema, _blank(schema, new) if old is None else old, new)
    changed, removed = _owned(changed, schema, subresource), _owned(removed, schema, subresource)
    managers = {key: replace(entry, fields=entry.fields - changed - removed) for key, entry in managers.items()}
    time = "" if subresource == "scale" else now
    mine = _Entry(manager, operation, api_version, subresource, time, changed)
    if changed:
        before = managers.get(mine.identity)
        managers[mine.identity] = replace(mine, fields=changed | (before.fields if before else EMPTY))
    return _with_entries(new, managers)


def server_side_apply(
    live: Object | None,
    applied: Object,
    *,
    manager: str,
    force: bool,
    now: str,
    rt: ResourceType,
    subresource: str = "",
) -> Object:
    """The live object with `applied` merged in, and what this manager no longer applies taken out.

    Defaults are for the caller to fill afterwards: nobody owns them. Raises `StatusError` 422 without a manager,
    400 when `applied` has managed fields, 409 listing the fields of others it would change unless `force`.
    """
    _check_request(applied, manager)
    if live is not None and manager == "kubectl" and not force:
        force = _upgrades_client_side_apply(live, applied, rt, subresource)
    schema = schemas.of(rt.api_version, rt.kind)
    base = _without_entries(live) if live is not None else {}
    managers = _entries(live)
    if live is not None and not managers:
        managers = _first_apply(live, schema, rt)
    claim = applied_set(schema, applied)
    mine = _Entry(manager, "Apply", rt.api_version, subresource, now, _owned(claim, schema, subresource))
    before = managers.pop(mine.identity, None)

    result: Object = merged(schema, base, applied)
    if before is not None:
        result = _pruned(schema, result, before.fields, claim.union(*(m.fields for m in managers.values())))
    changed, removed = changes(schema, base, result)
    changed = _owned(changed, schema, subresource)
    if not force:
        _raise_conflicts(managers, changed)
    managers = {key: replace(entry, fields=entry.fields - changed - removed) for key, entry in managers.items()}
    if before is not None and live is not None and result == base and before.fields == mine.fields:
        mine = replace(mine, time=before.time)
    managers[mine.identity] = mine
    return _with_entries(_refreshed_last_applied(result, applied, manager), managers)


def _check_request(applied: Object, manager: str) -> None:
    if not manager:
        cause = errors.required("fieldManager", "is required for apply patch")
        raise errors.invalid_kind("meta.k8s.io", "PatchOptions", "", [cause])
    if (applied.get("metadata") or {}).get("managedFields") is not None:
        raise errors.bad_request("metadata.managedFields must be nil")


def _without_entries(obj: Object) -> Object:
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key != "managedFields"}
    return {**obj, "metadata": metadata}


def _first_apply(live: Object, schema: Schema, rt: ResourceType) -> _Managers:
    """An object nobody manages yet: everything in it belongs to a placeholder manager."""
    changed, _ = changes(schema, _blank(schema, live), live)
    created = str(live.get("metadata", {}).get("creationTimestamp") or "")
    entry = _Entry(_BEFORE_FIRST_APPLY, "Update", rt.api_version, "", created, _owned(changed, schema, ""))
    return {entry.identity: entry}


def _pruned(schema: Schema, obj: Object, before: FieldSet, owned: FieldSet) -> Object:
    """Without the fields this manager applied before and nobody applies or owns now."""
    gone = with_parents(before) - with_parents(owned)
    result: Object = without(schema, obj, gone - {("f:metadata",)})
    return result


def _conflicts(managers: _Managers, changed: FieldSet) -> list[tuple[_Entry, Path]]:
    return [
        (entry, path)
        for _, entry in sorted(managers.items())
        for path in sorted(entry.fields & changed, key=lambda path: [element[2:] for element in path])
    ]


def _raise_conflicts(managers: _Managers, changed: FieldSet) -> None:
    found = [(entry.spoken, spoken(path)) for entry, path in _conflicts(managers, changed)]
    if found:
        raise errors.apply_conflict(found)


def _upgrades_client_side_apply(live: Object, applied: Object, rt: ResourceType, subresource: str) -> bool:
    """True when every conflict of kubectl's apply is with what kubectl itself applied client-side before."""
    annotations = (live.get("metadata") or {}).get("annotations") or {}
    try:
        last = json.loads(annotations.get(_LAST_APPLIED, ""))
    except (TypeError, ValueError):
        return False
    schema = schemas.of(rt.api_version, rt.kind)
    base = _without_entries(live)
    changed, _ = changes(schema, base, merged(schema, base, applied))
    allowed = applied_set(schema, last) if isinstance(last, dict) else EMPTY
    others = {key: entry for key, entry in _entries(live).items() if key[:2] != ("kubectl", "Apply")}
    return all(path in allowed for _, path in _conflicts(others, _owned(changed, schema, subresource)))


def _refreshed_last_applied(result: Object, applied: Object, manager: str) -> Object:
    """Keep kubectl's client-side annotation in step while an object still has it."""
    metadata = result.get("metadata", {})
    annotations = metadata.get("annotations") or {}
    if manager != "kubectl" or _LAST_APPLIED not in annotations:
        return result
    text = json.dumps(applied, separators=(",", ":")) + "\n"
    return {**result, "metadata": {**metadata, "annotations": {**annotations, _LAST_APPLIED: text}}}
