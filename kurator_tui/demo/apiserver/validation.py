"""What a write must pass, and what the server fills in: validation, pruning and defaults. Pure functions."""

from typing import Any

from kurator_tui.demo.apiserver.resources import ResourceType

Object = dict[str, Any]


def validate_create(rt: ResourceType, obj: Object) -> None:
    """Raise `StatusError` 422 with one cause a field when `obj` breaks its schema or rules."""
    raise NotImplementedError


def validate_update(rt: ResourceType, old: Object, new: Object) -> None:
    """As `validate_create`, and immutable fields must not have changed."""
    raise NotImplementedError


def prune_and_check_unknown(rt: ResourceType, obj: Object, mode: str) -> tuple[Object, list[str]]:
    """(object without unknown fields, warnings). `mode` is Strict (raises 400), Warn or Ignore ('' = Warn)."""
    raise NotImplementedError


def apply_defaults(rt: ResourceType, obj: Object) -> Object:
    """The object with the defaults a server stores, and the always-present zero fields of built-in kinds."""
    raise NotImplementedError


def apply_admission(rt: ResourceType, obj: Object) -> Object:
    """What admission and create strategies add on create, after managed fields were recorded (see `fields`)."""
    raise NotImplementedError
