"""Merge patch and JSON patch as pure functions; strategic merge patch is in `strategic`.

Inputs are never changed; results may share unchanged parts with them.
"""

import copy
from typing import Any

import jsonpatch
import jsonpointer

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.strategic import strategic_merge

__all__ = ["json_patch", "merge_patch", "strategic_merge"]

Object = dict[str, Any]
#: kube-apiserver refuses longer JSON patches (10,000 operations).
_MAX_OPERATIONS = 10_000


def merge_patch(obj: Object, patch: Object) -> Object:
    """RFC 7386: null removes, objects merge, everything else replaces.

    Raises `StatusError` 400 when the patch is no object.
    """
    if not isinstance(patch, dict):
        raise errors.bad_request("error decoding patch: json: the patch is not an object")
    return _merged(obj, patch)


def _merged(old: Any, patch: Object) -> Object:
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _merged(result.get(key), value)
        else:
            result[key] = value
    return result


def json_patch(obj: Object, ops: list[Object], *, rt: ResourceType, name: str) -> Object:
    """RFC 6902 on the object called `name`.

    Raises `StatusError` 400 for operations that are none, 413 for too many, 422 when a test or path fails (as
    recorded, without naming the field).
    """
    if not isinstance(ops, list):
        raise errors.bad_request(
            "error decoding patch: json: cannot unmarshal into Go value of type jsonpatch.Patch"
        )
    if len(ops) > _MAX_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {_MAX_OPERATIONS}, got {len(ops)}"
        raise errors.StatusError(413, "RequestEntityTooLarge", message, errors.resource_details(rt, name))
    try:
        result = jsonpatch.JsonPatch(copy.deepcopy(ops)).apply(copy.deepcopy(obj))
    except jsonpatch.InvalidJsonPatch as error:
        raise errors.bad_request(f"error decoding patch: {error}") from error
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError) as error:
        raise errors.rejected() from error
    if not isinstance(result, dict):
        raise errors.rejected()
    return result
