"""Managed fields: which manager last set which field, and server-side apply. Pure functions."""

from typing import Any

from kurator_tui.demo.apiserver.resources import ResourceType

Object = dict[str, Any]


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
    """`new` with `metadata.managedFields` after a create (`old` None), update or patch; `now` is RFC 3339."""
    raise NotImplementedError


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
    """The merged object. Raises `StatusError` 409 with the conflicts, 400/422 as the recordings do."""
    raise NotImplementedError
