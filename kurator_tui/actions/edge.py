"""Nodes as KubeEdge has them: whether one is an edge node, which release it runs, which group it is in. Pure."""

from __future__ import annotations

import re

from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, text

LABEL = "node-role.kubernetes.io/edge"
GROUP = "apps.kubeedge.io/belonging-to"
_RELEASE = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


def is_edge(node: Object) -> bool:
    """Its value is empty: the label alone says it."""
    return LABEL in mapping(meta(node).get("labels"))


def offline(node: Object) -> bool:
    """Nobody hears from it; what runs there may go on."""
    ready = next((each for each in mappings(at(node, "status", "conditions")) if each.get("type") == "Ready"), {})
    return ready.get("status") == "Unknown"


def release_of(node: Object) -> str:
    """`v1.19.0` of a kubelet `v1.29.5-kubeedge-v1.19.0`, "" where it does not say."""
    return text(at(node, "status", "nodeInfo", "kubeletVersion")).partition("-kubeedge-")[2]


def group_of(node: Object) -> str:
    """The NodeGroup that has it, "" for none."""
    return text(mapping(meta(node).get("labels")).get(GROUP))


def release(version: str) -> tuple[int, ...]:
    """(1, 19, 0) of `v1.19.0`; () for what is no release."""
    found = _RELEASE.fullmatch(version)
    return tuple(map(int, found.groups())) if found else ()
