"""Compares the structure of two JSON answers: keys, types and, where it matters, values.

Times, uids, versions and descriptions differ between servers; what a client relies on does not.
"""

from typing import Any

#: Keys whose values must be equal, not only of one type, wherever they occur.
_EXACT = frozenset({"kind", "apiVersion", "reason", "code", "type", "field", "status", "manager", "operation"})
_IDENTITY = ("name", "resource", "subresource", "version", "groupVersion")


def differences(recorded: Any, answered: Any, path: str = "") -> list[str]:
    """Where `answered` has not the shape of `recorded`, one line a place; [] when it has."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        return _objects(recorded, answered, path)
    if isinstance(recorded, list) and isinstance(answered, list):
        return _lists(recorded, answered, path)
    if type(recorded) is not type(answered):
        return [f"{path}: recorded {_name(recorded)}, answered {_name(answered)}"]
    return []


def _objects(recorded: dict[str, Any], answered: dict[str, Any], path: str) -> list[str]:
    found = [f"{path}.{key}: missing" for key in recorded if key not in answered]
    found += [f"{path}.{key}: not recorded" for key in answered if key not in recorded]
    for key in recorded.keys() & answered.keys():
        left, right = recorded[key], answered[key]
        if key in _EXACT and isinstance(left, str | int) and left != right:
            found.append(f"{path}.{key}: recorded {left!r}, answered {right!r}")
        else:
            found += differences(left, right, f"{path}.{key}")
    return sorted(found)


def _lists(recorded: list[Any], answered: list[Any], path: str) -> list[str]:
    if len(recorded) != len(answered):
        return [f"{path}: recorded {len(recorded)} items, answered {len(answered)}"]
    pairs = enumerate(zip(recorded, answered, strict=True))
    return [line for index, (left, right) in pairs for line in differences(left, right, f"{path}[{index}]")]


def common_differences(recorded: Any, answered: Any, path: str = "") -> list[str]:
    """As `differences`, for catalogues: lists are compared by the names both have."""
    if isinstance(recorded, list) and isinstance(answered, list):
        ours = {_identity(item): item for item in answered}
        both = [item for item in recorded if _identity(item) in ours]
        if recorded and isinstance(recorded[0], dict) and not both:
            return [f"{path}: nothing in common"]
        return [
            line
            for item in both
            for line in common_differences(item, ours[_identity(item)], f"{path}[{_identity(item)}]")
        ]
    if isinstance(recorded, dict) and isinstance(answered, dict):
        shared = recorded.keys() & answered.keys()
        found = [f"{path}.{key}: not recorded" for key in answered if key not in recorded]
        return found + [
            line for key in shared for line in common_differences(recorded[key], answered[key], f"{path}.{key}")
        ]
    return differences(recorded, answered, path)


def _identity(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    name = str((item.get("metadata") or {}).get("name") or "")
    return name or next((str(item[key]) for key in _IDENTITY if key in item), "")


def _name(value: Any) -> str:
    return "null" if value is None else type(value).__name__
