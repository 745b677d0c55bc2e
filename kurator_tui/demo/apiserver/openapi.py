"""The OpenAPI v3 documents that `kubectl explain` and kubectl's validation queries read, made from `schemas`.

Pure functions; results are built once for each catalogue entry and must not be changed.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.apiserver import schemas
from kurator_tui.demo.apiserver.resources import Catalogue, ResourceType
from kurator_tui.demo.apiserver.schemas import Schema

Object = dict[str, Any]

_ACTIONS = {"create": "post", "list": "get", "deletecollection": "delete"}
_ITEM_ACTIONS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete"}
#: kubectl asks for the parameter `fieldValidation` of these actions before it relies on server-side validation.
_QUERY = {
    "post": ("dryRun", "fieldManager", "fieldValidation"),
    "put": ("dryRun", "fieldManager", "fieldValidation"),
    "patch": ("dryRun", "fieldManager", "fieldValidation", "force"),
    "get": (),
    "delete": ("dryRun", "gracePeriodSeconds", "propagationPolicy"),
}
_PATCH_TYPES = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")
_STRATEGIC = "application/strategic-merge-patch+json"
#: Formats that stand for a choice of types: (component, description, types).
_UNIONS = {
    "int-or-string": ("IntOrString", "A number, or a text such as a percentage.", ("integer", "string")),
    "quantity": ("Quantity", "An amount with an optional unit, such as 500m or 1Gi.", ("string", "number")),
}


def index(catalogue: Catalogue) -> Object:
    """`/openapi/v3`: `{"paths": {"api/v1": {"serverRelativeURL": …?hash=…}}}`."""
    paths = {}
    for group, versions in catalogue.groups().items():
        for version in versions:
            path = f"apis/{group}/{version}" if group else f"api/{version}"
            names = [rt.plural for rt in catalogue.in_version(group, version)]
            digest = hashlib.sha256(json.dumps([path, names]).encode()).hexdigest().upper()
            paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": dict(sorted(paths.items()))}


def group_document(catalogue: Catalogue, group: str, version: str) -> Object:
    """The OpenAPI v3 document of one group and version. KeyError when it is not served."""
    types = catalogue.in_version(group, version)
    if not types:
        raise KeyError(f"{group}/{version}")
    components: Object = {
        _definition_name(name): {"description": description, "oneOf": [{"type": kind} for kind in kinds]}
        for name, description, kinds in _UNIONS.values()
    }
    paths: Object = {}
    for rt in types:
        schema = schemas.of(rt.api_version, rt.kind)
        name = _component_name(rt)
        components[name] = {**(rt.schema or _converted(schema)), "x-kubernetes-group-version-kind": [_gvk(rt)]}
        _add_references(schema, components)
        components[f"{name}List"] = _list_component(rt, name)
        paths.update(_paths(rt, name))
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.0"},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _component_name(rt: ResourceType) -> str:
    """The name of a kind's component, in the reversed-domain form of real documents."""
    if not rt.custom:
        group = (rt.group or "core").partition(".")[0]
        return f"io.k8s.api.{group}.{rt.version}.{rt.kind}"
    return ".".join((*reversed(rt.group.split(".")), rt.version, rt.kind))


def _definition_name(name: str) -> str:
    return f"io.k8s.demo.{name}"


def _gvk(rt: ResourceType) -> Object:
    return {"group": rt.group, "kind": rt.kind, "version": rt.version}


def _reference(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def _add_references(schema: Schema, components: Object) -> None:
    """Add every definition a schema refers to, also indirectly."""
    for ref, target in _referenced(schema):
        name = _definition_name(ref)
        if name not in components:
            components[name] = _converted(target)
            _add_references(target, components)


def _referenced(schema: Schema) -> Iterator[tuple[str, Schema]]:
    if schema.ref:
        yield schema.ref, schemas.book().definitions[schema.ref]
        return
    for child in (*schema.properties.values(), schema.items, schema.values):
        if child is not None:
            yield from _referenced(child)


def _converted(schema: Schema) -> Object:
    """One schema in OpenAPI's form; references stay references."""
    result: Object = {"description": schema.description} if schema.description else {}
    if schema.ref:
        result["allOf"] = [_reference(_definition_name(schema.ref))]
        result["default"] = schema.default if schema.default is not None else {}
        return result
    if schema.format in _UNIONS:
        return {**result, "allOf": [_reference(_definition_name(_UNIONS[schema.format][0]))]}
    result |= _type_of(schema)
    if schema.properties:
        result["properties"] = {name: _converted(child) for name, child in schema.properties.items()}
    if schema.required:
        result["required"] = sorted(schema.required)
    if schema.items is not None:
        result["items"] = _converted(schema.items)
        result["x-kubernetes-list-type"] = "map" if schema.keys else "set" if schema.unique else "atomic"
    if schema.keys:
        result["x-kubernetes-list-map-keys"] = list(schema.keys)
    if schema.values is not None:
        result["additionalProperties"] = _converted(schema.values)
    return result | _limits(schema) | _strategies(schema)


def _type_of(schema: Schema) -> Object:
    if not schema.type:
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    result: Object = {"type": schema.type}
    if schema.format:
        result["format"] = schema.format
    if schema.open:
        result["x-kubernetes-preserve-unknown-fields"] = True
    return result


def _limits(schema: Schema) -> Object:
    found = {
        "default": schema.default,
        "enum": list(schema.enum) or None,
        "pattern": schema.pattern or None,
        "minimum": schema.minimum,
        "maximum": schema.maximum,
        "nullable": schema.nullable or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _strategies(schema: Schema) -> Object:
    """Strategic merge and ownership hints."""
    result: Object = {}
    if schema.merge is not None or schema.retain:
        words = [*(["merge"] if schema.merge is not None else []), *(["retainKeys"] if schema.retain else [])]
        result["x-kubernetes-patch-strategy"] = ",".join(words)
    if schema.merge:
        result["x-kubernetes-patch-merge-key"] = schema.merge
    if schema.atomic and schema.type == "object":
        result["x-kubernetes-map-type"] = "atomic"
    return result


def _list_component(rt: ResourceType, name: str) -> Object:
    return {
        "description": f"A list of {rt.kind} objects.",
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string", "description": "Group and version of this object's schema."},
            "kind": {"type": "string", "description": "The kind of this object, in CamelCase."},
            "metadata": {"type": "object", "description": "Version of the list and where it continues."},
            "items": {"type": "array", "items": {"allOf": [_reference(name)], "default": {}}},
        },
        "x-kubernetes-group-version-kind": [{**_gvk(rt), "kind": f"{rt.kind}List"}],
    }


def _paths(rt: ResourceType, component: str) -> Object:
    """The collection and item paths of a resource."""
    base = f"/apis/{rt.group}/{rt.version}" if rt.group else f"/api/{rt.version}"
    scope = "/namespaces/{namespace}" if rt.namespaced else ""
    collection = f"{base}{scope}/{rt.plural}"
    item = f"{collection}/{{name}}"
    paths = {
        collection: _operations(rt, component, _ACTIONS),
        item: _operations(rt, component, _ITEM_ACTIONS),
    }
    if rt.namespaced and "list" in rt.verbs:
        paths[f"{base}/{rt.plural}"] = _operations(rt, component, {"list": "get"})
    return {path: operations for path, operations in paths.items() if operations}


def _operations(rt: ResourceType, component: str, actions: dict[str, str]) -> Object:
    return {
        method: _operation(rt, component, verb, method) for verb, method in actions.items() if verb in rt.verbs
    }


def _operation(rt: ResourceType, component: str, verb: str, method: str) -> Object:
    content = {"application/json": {"schema": _reference(f"{component}List" if verb == "list" else component)}}
    operation: Object = {
        "description": f"{verb.capitalize()} {rt.kind} objects.",
        "operationId": f"{verb}{rt.group_kind.title().replace('.', '')}{rt.version.title()}",
        "tags": [f"{(rt.group or 'core').partition('.')[0]}_{rt.version}"],
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
            for name in _QUERY[method]
        ],
        "responses": {"200": {"description": "OK", "content": content}},
        "x-kubernetes-action": "post" if verb == "create" else "put" if verb == "update" else verb,
        "x-kubernetes-group-version-kind": _gvk(rt),
    }
    if method in ("post", "put"):
        operation["requestBody"] = {"content": {"*/*": {"schema": _reference(component)}}, "required": True}
    elif method == "patch":
        types = _PATCH_TYPES if rt.custom else (*_PATCH_TYPES, _STRATEGIC)
        body = {kind: {"schema": {"type": "object"}} for kind in types}
        operation["requestBody"] = {"content": body, "required": True}
    return operation
