"""The patch types of an API server as pure functions: merge, JSON and strategic merge patch.

Inputs are never changed; the result may share unchanged parts with them.
"""

from typing import Any

from kurator_tui.demo.apiserver.resources import ResourceType

Object = dict[str, Any]


def merge_patch(obj: Object, patch: Object) -> Object:
    """RFC 7386: null removes, objects merge, everything else replaces."""
    raise NotImplementedError


def json_patch(obj: Object, ops: list[Object], *, rt: ResourceType, name: str) -> Object:
    """RFC 6902. Raises `StatusError` 400 for operations that are none, 422 when a test or path fails."""
    raise NotImplementedError


def strategic_merge(obj: Object, patch: Object, rt: ResourceType) -> Object:
    """Kubernetes' strategic merge patch by the merge keys of the kind's schema. Raises `StatusError` 400."""
    raise NotImplementedError
