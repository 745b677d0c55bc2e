"""Writes: create, replace, patch and apply, in the order a real server works.

Decode → unknown fields → namespace lifecycle → defaults → validation → field managers → storage.  The steps
themselves are pure functions elsewhere; this is their order and the rules about metadata and subresources.
"""

import random
from collections.abc import Mapping
from typing import Any

from kurator_tui.demo.apiserver import calls, errors, fields, patches, validation
from kurator_tui.demo.apiserver.calls import Answer, Call
from kurator_tui.demo.apiserver.changes import Obj
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.storage import Storage

_APPLY = "application/apply-patch+yaml"
_JSON_PATCH = "application/json-patch+json"
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_CUSTOM_TYPES = (_JSON_PATCH, _MERGE, _APPLY)
_SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
#: Set by the server; what a client sends for these on create is dropped.
_SYSTEM_FIELDS = frozenset(
    {"uid", "creationTimestamp", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"}
)


class Pipeline:
    """The writes of one cluster."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    # -- create

    def create(self, call: Call) -> Answer:
        """POST to a collection: 201."""
        obj = calls.decode(call.rt, call.body, call.content_type)
        obj, warnings = self._known(call, obj)
        obj = self._named(call, obj)
        return Answer(201, self._create(call, obj, applied=False), tuple(warnings))

    def _create(self, call: Call, obj: Obj, *, applied: bool) -> Obj:
        rt = call.rt
        name = obj["metadata"].get("name", "")
        self._check_namespace(rt, call.target.ns, name)
        obj = validation.apply_defaults(rt, _without_status(rt, obj))
        validation.validate_create(rt, obj)
        if self._storage.find(rt, call.target.ns, name) is not None:
            raise errors.already_exists(rt, name)
        if not applied:
            obj = self._tracked(call, None, obj)
        obj = validation.apply_admission(rt, obj)
        made = self._storage.create(rt, obj, dry_run=call.dry_run)
        if not rt.group and rt.plural == "namespaces" and not call.dry_run:
            self._furnish_namespace(name)
        return made

    def _named(self, call: Call, obj: Obj) -> Obj:
        """Metadata as the server takes it: own namespace, generated name, no system fields."""
        meta = {key: value for key, value in obj["metadata"].items() if key not in _SYSTEM_FIELDS}
        if meta.pop("resourceVersion", ""):
            raise errors.bad_request("resourceVersion should not be set on objects to be created")
        _check_namespace_matches(call, meta)
        if call.rt.namespaced:
            meta["namespace"] = call.target.ns
        if not meta.get("name") and meta.get("generateName"):
            suffix = "".join(random.choices(_SUFFIX_ALPHABET, k=5))
            meta["name"] = str(meta["generateName"])[:58] + suffix
        return {**obj, "metadata": meta}

    def _check_namespace(self, rt: ResourceType, ns: str, name: str) -> None:
        """A namespaced object needs a namespace that lives."""
        if not rt.namespaced:
            return
        namespaces = self._storage.catalogue.by_plural("namespaces")
        found = self._storage.get(namespaces, "", ns)
        if found["metadata"].get("deletionTimestamp"):
            raise errors.namespace_terminating(rt, name, ns)

    def _furnish_namespace(self, name: str) -> None:
        """What controllers put into every new namespace."""
        accounts = self._storage.catalogue.by_plural("serviceaccounts")
        configmaps = self._storage.catalogue.by_plural("configmaps")
        about = "Contains a CA bundle that can be used to verify the kube-apiserver."
        ca_meta: Obj = {"name": "kube-root-ca.crt", "namespace": name}
        ca_meta["annotations"] = {"kubernetes.io/description": about}
        ca: Obj = {"metadata": ca_meta, "data": {"ca.crt": ""}}
        account: Obj = {"metadata": {"name": "default", "namespace": name}}
        for rt, obj in ((accounts, account), (configmaps, ca)):
            obj = {"kind": rt.kind, "apiVersion": rt.api_version, **obj}
            if self._storage.find(rt, name, obj["metadata"]["name"]) is None:
                tracked = fields.track_update(
                    None,
                    obj,
                    manager="kube-controller-manager",
                    operation="Update",
                    api_version="v1",
                    now=self._storage.now(),
                )
                self._storage.create(rt, tracked)

    # -- update

    def update(self, call: Call) -> Answer:
        """PUT of an object or of its status: 200."""
        rt, target = call.rt, call.target
        obj = calls.decode(rt, call.body, call.content_type)
        obj, warnings = self._known(call, obj)
        _check_namespace_matches(call, obj["metadata"])
        named = obj["metadata"].get("name")
        if named != target.name:
            message = f"the name of the object ({named}) does not match the name on the URL ({target.name})"
            raise errors.bad_request(message)
        live = self._storage.get(rt, target.ns, target.name)
        self._check_versions(rt, live, obj)
        if rt.custom and not obj["metadata"].get("resourceVersion"):
            cause = errors.invalid_value("metadata.resourceVersion", "0", "must be specified for an update")
            raise errors.invalid(rt, target.name, [cause])
        return Answer(200, self._replace(call, live, obj), tuple(warnings))

    def _check_versions(self, rt: ResourceType, live: Obj, obj: Obj) -> None:
        """The writer's resourceVersion and uid, when given, must be the object's."""
        have, want = live["metadata"], obj["metadata"]
        if want.get("uid") and want["uid"] != have["uid"]:
            raise errors.precondition_failed(rt, have["name"], "UID", want["uid"], have["uid"])
        if want.get("resourceVersion") and want["resourceVersion"] != have["resourceVersion"]:
            raise errors.conflict(rt, have["name"])

    def _replace(self, call: Call, live: Obj, obj: Obj, *, applied: bool = False) -> Obj:
        """Store `obj` in place of `live` as far as the subresource lets it."""
        rt = call.rt
        candidate = validation.apply_defaults(rt, _restricted(rt, live, obj, call.target.subresource))
        validation.validate_update(rt, live, candidate)
        if not applied:
            candidate = self._tracked(call, live, candidate)
        return self._storage.update(rt, _settled(live, candidate), dry_run=call.dry_run)

    # -- patch

    def patch(self, call: Call) -> Answer:
        """PATCH in its four types: 200, or 201 when apply creates."""
        rt, target = call.rt, call.target
        kind = self._patch_type(call)
        if kind == _APPLY:
            return self._apply(call)
        live = self._storage.get(rt, target.ns, target.name)
        document = calls.patch_document(call.body, kind)
        obj = _patched(rt, live, document, kind, target.name)
        _check_patched(rt, live, obj)
        self._check_versions(rt, live, obj)
        obj, warnings = self._known(call, obj)
        return Answer(200, self._replace(call, live, obj), tuple(warnings))

    def _patch_type(self, call: Call) -> str:
        kind = call.content_type
        if kind == _STRATEGIC and call.rt.custom:
            raise errors.unsupported_media_type(_CUSTOM_TYPES)
        if kind not in (*_CUSTOM_TYPES, _STRATEGIC):
            raise errors.unsupported_media_type()
        if kind != _APPLY and call.query.get("force"):
            why = "Forbidden: may not be specified for non-apply patch"
            cause: errors.Cause = {"reason": "FieldValueForbidden", "message": why, "field": "force"}
            raise errors.invalid_kind("meta.k8s.io", "PatchOptions", "", [cause])
        return kind

    def _apply(self, call: Call) -> Answer:
        """Server-side apply."""
        rt, target = call.rt, call.target
        if not call.query.get("fieldManager"):
            cause = errors.required("fieldManager", "is required for apply patch")
            raise errors.invalid_kind("meta.k8s.io", "PatchOptions", "", [cause])
        applied = calls.decode(rt, call.body, _APPLY)
        applied, warnings = self._known(call, applied)
        _check_namespace_matches(call, applied["metadata"])
        named = applied["metadata"].get("name", target.name)
        if named != target.name:
            message = f"name in object ({named}) does not match the name on the URL ({target.name})"
            raise errors.bad_request(message)
        applied["metadata"] = {**applied["metadata"], "name": target.name}
        if rt.namespaced:
            applied["metadata"]["namespace"] = target.ns
        live = self._storage.find(rt, target.ns, target.name)
        if live is None and target.subresource:
            raise errors.not_found(rt, target.name)
        if live is not None:
            self._check_versions(rt, live, applied)
        merged = fields.server_side_apply(
            live,
            applied,
            manager=call.query["fieldManager"],
            force=call.query.get("force", "") in ("true", "1"),
            now=self._storage.now(),
            rt=rt,
            subresource=target.subresource,
        )
        if live is None:
            return Answer(201, self._create(call, merged, applied=True), tuple(warnings))
        return Answer(200, self._replace(call, live, merged, applied=True), tuple(warnings))

    # -- shared

    def _known(self, call: Call, obj: Obj) -> tuple[Obj, list[str]]:
        mode = call.query.get("fieldValidation", "")
        return validation.prune_and_check_unknown(call.rt, obj, mode)

    def _tracked(self, call: Call, live: Obj | None, obj: Obj) -> Obj:
        return fields.track_update(
            live,
            obj,
            manager=call.manager,
            operation="Update",
            api_version=call.rt.api_version,
            now=self._storage.now(),
            subresource=call.target.subresource,
        )


def _check_namespace_matches(call: Call, meta: Mapping[str, Any]) -> None:
    if call.rt.namespaced and meta.get("namespace") not in (None, "", call.target.ns):
        message = "the namespace of the provided object does not match the namespace sent on the request"
        raise errors.bad_request(message)


def _without_status(rt: ResourceType, obj: Obj) -> Obj:
    """A new object's status is its controllers' to write; nodes register with theirs."""
    if "status" not in rt.subresources or rt.plural == "nodes":
        return obj
    return {key: value for key, value in obj.items() if key != "status"}


def _restricted(rt: ResourceType, live: Obj, obj: Obj, subresource: str) -> Obj:
    """What a write may change: the status through `status`, else all but the status."""
    if subresource == "status":
        meta = {**live["metadata"], "managedFields": obj["metadata"].get("managedFields")}
        return {**live, "metadata": meta, "status": obj.get("status") or {}}
    if subresource == "ephemeralcontainers":
        meta = {**live["metadata"], "managedFields": obj["metadata"].get("managedFields")}
        added = (obj.get("spec") or {}).get("ephemeralContainers") or []
        return {**live, "metadata": meta, "spec": {**live["spec"], "ephemeralContainers": added}}
    meta = dict(obj["metadata"])
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        meta.pop(field, None)
        if field in live["metadata"]:
            meta[field] = live["metadata"][field]
    if rt.namespaced:
        meta["namespace"] = live["metadata"]["namespace"]
    kept = {**obj, "metadata": meta}
    if "status" in rt.subresources:
        kept.pop("status", None)
        if "status" in live:
            kept["status"] = live["status"]
    return kept


def _patched(rt: ResourceType, live: Obj, document: Any, kind: str, name: str) -> Obj:
    """The object after the patch."""
    if kind == _JSON_PATCH:
        if not isinstance(document, list):
            raise errors.bad_request("error decoding patch: json: cannot unmarshal into Go value of type []")
        return patches.json_patch(live, document, rt=rt, name=name)
    if not isinstance(document, dict):
        raise errors.bad_request("error decoding patch: json: cannot unmarshal into Go value of type map")
    if kind == _STRATEGIC:
        return patches.strategic_merge(live, document, rt)
    return patches.merge_patch(live, document)


def _check_patched(rt: ResourceType, live: Obj, obj: Obj) -> None:
    """A patch may not turn the object into another one."""
    meta = obj.get("metadata")
    if not isinstance(meta, dict) or obj.get("kind") != rt.kind or obj.get("apiVersion") != rt.api_version:
        raise errors.bad_request(f"a patch may not change the kind or apiVersion of a {rt.kind}")
    before = live["metadata"]
    if meta.get("name") != before["name"] or meta.get("namespace") != before.get("namespace"):
        why = "field is immutable"
        cause = errors.invalid_value("metadata.name", f'"{meta.get("name")}"', why)
        raise errors.invalid(rt, before["name"], [cause])


def _settled(live: Obj, obj: Obj) -> Obj:
    """`obj`, with the old managed fields where a write changed only their times."""
    before, after = live["metadata"].get("managedFields"), obj["metadata"].get("managedFields")
    if after is None:
        meta = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
        return {**obj, "metadata": meta}
    if before != after and _timeless(before) == _timeless(after):
        rest = {**obj, "metadata": {**obj["metadata"], "managedFields": before}}
        unstable = ("resourceVersion", "generation")
        same = {k: v for k, v in rest["metadata"].items() if k not in unstable} == {
            k: v for k, v in live["metadata"].items() if k not in unstable
        }
        if same and {**rest, "metadata": None} == {**live, "metadata": None}:
            return rest
    return obj


def _timeless(entries: Any) -> list[Obj]:
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries or ()]
