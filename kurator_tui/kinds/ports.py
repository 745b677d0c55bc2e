"""The ports that an object declares, as a dialog offers them: from the full object, of any shape. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kurator_tui.kinds.shapes import text


class Port(NamedTuple):
    """One declared port; `owner` is the container's name, "" for a port of a service."""

    number: int
    name: str = ""
    owner: str = ""


def ports(obj: dict[str, Any]) -> list[Port]:
    """TCP ports of a pod, a service or a workload with a pod template, in their order, each number once."""
    found: dict[int, Port] = {}
    for port in _declared(_mapping(obj.get("spec"))):
        found.setdefault(port.number, port)
    return list(found.values())


def _declared(spec: dict[str, Any]) -> Iterator[Port]:
    yield from _ports(spec.get("ports"), "port", "")
    template = _mapping(_mapping(spec.get("template")).get("spec"))
    for listed in ("containers", "initContainers"):
        for each in (*_mappings(spec.get(listed)), *_mappings(template.get(listed))):
            if listed == "containers" or each.get("restartPolicy") == "Always":
                yield from _ports(each.get("ports"), "containerPort", text(each.get("name")))


def _ports(listed: object, key: str, owner: str) -> Iterator[Port]:
    for each in _mappings(listed):
        number = each.get(key)
        if isinstance(number, int) and 0 < number < 2**16 and each.get("protocol", "TCP") == "TCP":
            yield Port(number, text(each.get("name")), owner)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
