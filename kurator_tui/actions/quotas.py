"""Whether pods that a plan adds fit into the ResourceQuotas of their namespace. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from kurator_tui.kinds.meta import quantity
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, name_of, text


def short(quotas: Iterable[Object], template: object, more: int) -> str:
    """Why not all of `more` pods of a template would be made, "" where they would. Scoped quotas are left out."""
    asked = _asked(template)
    for quota in quotas:
        if at(quota, "spec", "scopes") or at(quota, "spec", "scopeSelector"):
            continue
        used = mapping(at(quota, "status", "used"))
        for key, hard in mapping(at(quota, "status", "hard")).items():
            need = asked.get(key, 0.0)
            if need <= 0:
                continue
            left = quantity(hard) - quantity(used.get(key, "0"))
            room = max(0, math.floor(left / need + 1e-9))
            if room < more:
                said = f"{text(used.get(key)) or 0} of {hard} {key} are used"
                return f"ResourceQuota {name_of(quota)} has room for {room} of {more} more pods: {said}"
    return ""


def _asked(template: object) -> dict[str, float]:
    """What one pod counts for, by the names that quotas have."""
    asked = {"pods": 1.0, "count/pods": 1.0}
    for container in mappings(at(template, "spec", "containers")):
        for part, names in (("requests", ("requests.{}", "{}")), ("limits", ("limits.{}",))):
            for resource, value in _amounts(container, part).items():
                for name in names:
                    key = name.format(resource)
                    asked[key] = asked.get(key, 0.0) + quantity(value)
    return asked


def _amounts(container: Object, part: str) -> Mapping[str, object]:
    """A request that is not said is the limit."""
    said = mapping(at(container, "resources", part))
    return {**mapping(at(container, "resources", "limits")), **said} if part == "requests" else said
