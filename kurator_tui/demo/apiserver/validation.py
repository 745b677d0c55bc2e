"""What a write must pass: names, labels, schema, rules of single kinds, unknown and immutable fields.

Pure functions that raise `errors.StatusError` in kube-apiserver's words. Defaults come from `defaulting`, checks
that follow from schemas alone from `structure`; both are reached through this module.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from kurator_tui.demo.apiserver import errors, schemas, structure
from kurator_tui.demo.apiserver.defaulting import apply_admission, apply_defaults
from kurator_tui.demo.apiserver.errors import Cause
from kurator_tui.demo.apiserver.podrules import pod_spec_causes, pod_update_causes, selector_causes
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.structure import written

__all__ = [
    "apply_admission",
    "apply_defaults",
    "prune_and_check_unknown",
    "validate_create",
    "validate_update",
]

Object = dict[str, Any]

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_QUALIFIED})?"
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    f"start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    f"'{_SUBDOMAIN}')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_LABEL_1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    f"validation is '{_LABEL_1035}')"
)
_QUALIFIED_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    f"alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation "
    f"is '{_QUALIFIED}')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
    f"validation is '{_VALUE}')"
)
#: Name rules that differ from the subdomain rule: (pattern, longest, message).
_NAME_RULES: dict[tuple[str, str], tuple[str, int, str]] = {
    ("", "namespaces"): (_LABEL, 63, _LABEL_RULE),
    ("", "services"): (_LABEL_1035, 63, _LABEL_1035_RULE),
}
_ANNOTATION_BYTES = 256 * 1024
_STATEFUL_SET_CHANGES = (
    *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
    *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
)
_STATEFUL_SET_RULE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)

#: What Go's JSON decoder calls these values in its errors.
_GO_JSON: dict[type, str] = {int: "number", float: "number", bool: "bool"}


def validate_create(rt: ResourceType, obj: Object) -> None:
    """Raise `StatusError` 422, one cause a field, when `obj` (defaults filled in) breaks its schema or rules."""
    _raise(rt, obj, [*_metadata_causes(rt, obj), *_spec_causes(rt, obj)])


def validate_update(rt: ResourceType, old: Object, new: Object) -> None:
    """As `validate_create`, and immutable fields must not have changed."""
    causes = [*_metadata_causes(rt, new), *_spec_causes(rt, new)]
    causes += structure.frozen_changes(schemas.of(rt.api_version, rt.kind), old, new)
    rule = _UPDATE_RULES.get((rt.group, rt.plural))
    if rule is not None:
        causes += rule(old, new)
    _raise(rt, new, causes)


def prune_and_check_unknown(rt: ResourceType, obj: Object, mode: str) -> tuple[Object, list[str]]:
    """(object without the fields its schema does not know, warnings such as `unknown field "spec.colour"`).

    `mode` is the query parameter fieldValidation: Strict raises `StatusError` 400, Ignore warns of nothing, Warn
    or '' warns. A value of the wrong JSON type in a built-in kind raises 400, as a real server cannot decode it.
    """
    schema = schemas.of(rt.api_version, rt.kind)
    unknown: list[str] = []
    result: Object = structure.pruned(schema, obj, "", unknown)
    problems = [f'unknown field "{path}"' for path in unknown]
    prefix = f'{rt.kind} in version "{rt.version}" cannot be handled as a {rt.kind}: '
    if not rt.custom:
        for path, below, value in structure.misfits(schema, result):
            found, wanted = _GO_JSON.get(type(value), structure.json_type(value)), _go_type(below)
            why = f"json: cannot unmarshal {found} into Go struct field {rt.kind}.{path} of type {wanted}"
            raise errors.bad_request(prefix + why)
    if problems and mode == "Strict":
        raise errors.bad_request(f"{prefix}strict decoding error: {', '.join(problems)}")
    return result, [] if mode == "Ignore" else problems


def _go_type(schema: schemas.Schema) -> str:
    """The Go type a decoding error of a built-in kind names."""
    if schema.type == "integer":
        return schema.format
    scalars = {"boolean": "bool", "string": "string", "number": "float64", "array": "[]interface {}"}
    return scalars.get(schema.type, "map[string]interface {}")


def _raise(rt: ResourceType, obj: Object, causes: list[Cause]) -> None:
    if causes:
        raise errors.invalid(rt, str((obj.get("metadata") or {}).get("name") or ""), causes)


def _metadata_causes(rt: ResourceType, obj: Object) -> Iterator[Cause]:
    metadata = obj.get("metadata") or {}
    yield from _name_causes(rt, metadata.get("name"))
    for key, value in _items(metadata.get("labels")):
        yield from _key_causes("metadata.labels", key)
        text = str(value)
        if len(text) > 63:
            yield errors.invalid_value("metadata.labels", written(value), "must be no more than 63 bytes")
        elif not re.fullmatch(_VALUE, text):
            yield errors.invalid_value("metadata.labels", written(value), _VALUE_RULE)
    size = 0
    for key, value in _items(metadata.get("annotations")):
        yield from _key_causes("metadata.annotations", key.lower())
        size += len(key.encode()) + len(str(value).encode())
    if size > _ANNOTATION_BYTES:
        why = f"Too long: may not be more than {_ANNOTATION_BYTES} bytes"
        yield {"reason": "FieldValueTooLong", "message": why, "field": "metadata.annotations"}


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _name_causes(rt: ResourceType, name: Any) -> Iterator[Cause]:
    if not name:
        yield errors.required("metadata.name", "name or generateName is required")
        return
    name = str(name)
    if rt.group == "rbac.authorization.k8s.io":
        if name in (".", "..") or "/" in name or "%" in name:
            yield errors.invalid_value("metadata.name", written(name), "may not contain '/' or '%'")
        return
    pattern, longest, rule = _NAME_RULES.get((rt.group, rt.plural), (_SUBDOMAIN, 253, _SUBDOMAIN_RULE))
    if len(name) > longest:
        yield errors.invalid_value("metadata.name", written(name), f"must be no more than {longest} bytes")
    if not re.fullmatch(pattern, name):
        yield errors.invalid_value("metadata.name", written(name), rule)


def _key_causes(field: str, key: str) -> Iterator[Cause]:
    """A cause when a label or annotation key is no qualified name."""
    prefix, slash, name = key.rpartition("/")
    if slash and not re.fullmatch(_SUBDOMAIN, prefix):
        yield errors.invalid_value(field, written(key), f"prefix part {_SUBDOMAIN_RULE}")
    if len(name) > 63:
        yield errors.invalid_value(field, written(key), "name part must be no more than 63 bytes")
    elif not re.fullmatch(_QUALIFIED, name):
        yield errors.invalid_value(field, written(key), _QUALIFIED_RULE)


def _spec_causes(rt: ResourceType, obj: Object) -> Iterator[Cause]:
    """Schema violations, then the rules of the kind. The status of built-in kinds is not looked at."""
    schema = schemas.of(rt.api_version, rt.kind)
    if rt.custom:
        for path, below, value in structure.misfits(schema, obj):
            found = structure.json_type(value)
            wanted = below.type or "string or integer"
            yield errors.type_invalid(path, f'"{found}"', f'{path} in body must be of type {wanted}: "{found}"')
        yield from structure.violations(schema, obj, "", custom=True)
        return
    desired = {key: value for key, value in obj.items() if key != "status"}
    yield from structure.violations(schema, desired, "", custom=False)
    if rt.plural == "pods":
        yield from pod_spec_causes(obj.get("spec"), "spec")
    elif rt.group == "apps" and rt.plural != "controllerrevisions":
        yield from selector_causes(obj)
        yield from pod_spec_causes((obj["spec"].get("template") or {}).get("spec"), "spec.template.spec")
    elif rt.gvr == ("batch", "v1", "jobs"):
        yield from pod_spec_causes((obj["spec"].get("template") or {}).get("spec"), "spec.template.spec")


def _stateful_set_update(old: Object, new: Object) -> list[Cause]:
    before, after = (
        {key: value for key, value in (obj.get("spec") or {}).items() if key not in _STATEFUL_SET_CHANGES}
        for obj in (old, new)
    )
    if before == after:
        return []
    message = f"Forbidden: {_STATEFUL_SET_RULE}"
    return [{"reason": "FieldValueForbidden", "message": message, "field": "spec"}]


def _frozen_data(old: Object, new: Object) -> list[Cause]:
    """ConfigMaps and Secrets marked immutable."""
    if not old.get("immutable"):
        return []
    message = "Forbidden: field is immutable when `immutable` is set"
    changed = [field for field in ("immutable", "data", "binaryData") if old.get(field) != new.get(field)]
    return [{"reason": "FieldValueForbidden", "message": message, "field": field} for field in changed]


def _service_update(old: Object, new: Object) -> list[Cause]:
    before, after = ((obj.get("spec") or {}).get("clusterIP") for obj in (old, new))
    kept = (new.get("spec") or {}).get("type") == "ExternalName" or not before or before == after
    if kept:
        return []
    why = "may not change once set"
    return [errors.invalid_value("spec.clusterIPs[0]", written([after] if after else None), why)]


_UPDATE_RULES: dict[tuple[str, str], Callable[[Object, Object], list[Cause]]] = {
    ("", "pods"): pod_update_causes,
    ("", "configmaps"): _frozen_data,
    ("", "secrets"): _frozen_data,
    ("", "services"): _service_update,
    ("apps", "statefulsets"): _stateful_set_update,
}
