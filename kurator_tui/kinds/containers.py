"""The containers of one pod as a picker offers them: from the full object, whatever shape it has. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kurator_tui.kinds.shapes import text

DEFAULT = "kubectl.kubernetes.io/default-container"
"""Annotation with the name of the container that tools mean when nobody says which."""

_LISTS = (
    ("container", "containers", "containerStatuses"),
    ("init", "initContainers", "initContainerStatuses"),
    ("debug", "ephemeralContainers", "ephemeralContainerStatuses"),
)


class Container(msgspec.Struct, frozen=True):
    """One container. `role` is `container`, `init`, `sidecar` or `debug`; `state` is `running`, `waiting`,
    `terminated` or "", with the server's `reason`."""

    name: str
    role: str = "container"
    image: str = ""
    state: str = ""
    reason: str = ""
    restarts: int = 0
    default: bool = False
    """Whether it is meant when nobody says which."""
    tty: bool = False

    @property
    def running(self) -> bool:
        """Whether a shell can be opened in it."""
        return self.state == "running"


def containers(pod: dict[str, Any]) -> list[Container]:
    """All containers: ordinary ones first, then init (and sidecar) and debug ones. One is the default."""
    found = list(_containers(pod))
    chosen = _mapping(_mapping(pod.get("metadata")).get("annotations")).get(DEFAULT)
    names = [each.name for each in found]
    default = names.index(chosen) if chosen in names else 0
    return [msgspec.structs.replace(each, default=index == default) for index, each in enumerate(found)]


def _containers(pod: dict[str, Any]) -> Iterator[Container]:
    spec, status = _mapping(pod.get("spec")), _mapping(pod.get("status"))
    for role, listed, told in _LISTS:
        states = {text(each.get("name")): each for each in _mappings(status.get(told))}
        for each in _mappings(spec.get(listed)):
            name = text(each.get("name"))
            seen = states.get(name, {})
            state, reason = _state(_mapping(seen.get("state")))
            restarts = seen.get("restartCount")
            yield Container(
                name,
                "sidecar" if role == "init" and each.get("restartPolicy") == "Always" else role,
                text(each.get("image")),
                state,
                reason,
                restarts if isinstance(restarts, int) else 0,
                tty=each.get("tty") is True,
            )


def _state(state: dict[str, Any]) -> tuple[str, str]:
    for name in ("running", "waiting", "terminated"):
        if name in state:
            return name, text(_mapping(state[name]).get("reason"))
    return "", ""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
