"""Sources and sync policies of Kurator's Applications as their parameters say them, and whom they reach.

What Kurator's webhook or controller would only fail on later raises UsageError here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.fleets import MEMBERS, fleet_at, found, listed, selected
from kurator_tui.actions.plan import Arguments, Obj, Reader
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.documents import documents
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, text

SOURCES = {"git": "gitRepository", "helm": "helmRepository", "oci": "ociRepository"}
_SCHEMES = {"git": ("https", "http", "ssh"), "helm": ("https", "http", "oci"), "oci": ("oci",)}
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TAG = re.compile(r"v?\d+(\.\d+)+([-+].*)?")
_LONGEST = 63
"""Characters of a Flux object's name; Kurator cuts longer ones."""


def source(arguments: Arguments) -> Obj:
    """`spec.source`. Raises UsageError."""
    kind, url = arguments["source"], arguments["url"]
    scheme = url.partition("://")[0]
    if scheme not in _SCHEMES[kind] or not url.partition("://")[2]:
        raise UsageError(f"{inert(url)} is no URL of {kind}", f"It begins with {', '.join(_SCHEMES[kind])}://.")
    said: Obj = {"url": url, "interval": arguments["interval"]}
    if arguments["secret"]:
        said["secretRef"] = {"name": arguments["secret"]}
    if kind == "helm" and scheme == "oci":
        said["type"] = "oci"
    if arguments["ref"]:
        if kind == "helm":
            raise UsageError("a repository of charts has no revision: say the chart's version")
        said["ref"] = _ref(kind, arguments["ref"])
    return {SOURCES[kind]: said}


def _ref(kind: str, said: str) -> dict[str, str]:
    if kind == "oci" or _TAG.fullmatch(said):
        return {"tag": said}
    return {"commit": said} if _COMMIT.fullmatch(said) else {"branch": said}


def policy(arguments: Arguments, name: str, source_kind: str) -> Obj:
    """One sync policy. Raises UsageError."""
    path, chart = arguments["path"], arguments["chart"]
    if source_kind == "helmRepository" and not chart:
        raise UsageError("a repository of charts needs a chart")
    if source_kind == "ociRepository" and chart:
        raise UsageError(
            "Kurator takes charts from Git or a repository of charts", "An OCI registry of charts is helm."
        )
    if chart and path:
        raise UsageError("a policy has a path or a chart, not both")
    into = {"targetNamespace": arguments["into"]} if arguments["into"] else {}
    if not chart:
        if arguments["version"] or arguments["values"]:
            raise UsageError("version and values are a chart's: say the chart")
        prune = arguments["prune"] == "yes"
        body = {"interval": arguments["interval"], "prune": prune, "path": path or "./", **into}
        return {"name": name, "kustomization": body}
    version = {"version": arguments["version"]} if arguments["version"] else {}
    values = {"values": values_of(arguments["values"])} if arguments["values"] else {}
    helm = {"chart": {"spec": {"chart": chart, **version}}, "interval": arguments["interval"], **values, **into}
    return {"name": name, "helm": helm}


def values_of(said: str) -> Obj:
    """Helm values. Raises UsageError."""
    known = documents(said)
    if len(known) != 1:
        raise UsageError("Helm values are one YAML map, such as {replicaCount: 2}")
    return known[0].obj


def destination(fleet: str, select: str) -> Obj | None:
    """Where a policy goes; None for the host."""
    labels = {key: value for key, value in pairs(select).items() if value is not None}
    if not fleet:
        if labels:
            raise UsageError("clusters are selected in a fleet: say which")
        return None
    return {"fleet": fleet, **({"clusterSelector": {"matchLabels": labels}} if labels else {})}


def named(app: Obj) -> list[tuple[str, Object]]:
    """(name, policy) of an Application's sync policies, with the names that Kurator gives."""
    listed_ = at(app, "spec", "syncPolicies")
    items = [mapping(each) for each in listed_] if isinstance(listed_, list) else []
    name = text(at(app, "metadata", "name"))
    return [(text(each.get("name")) or f"{name}-{number}", each) for number, each in enumerate(items)]


async def reach(reader: Reader, namespace: str, aim: Object) -> list[tuple[str, str]] | str:
    """(kind, name) of the members that a destination selects, or why they are not known."""
    fleet = await found(reader, fleet_at(namespace, text(aim.get("fleet"))))
    if isinstance(fleet, str):
        return fleet
    wanted = mapping(at(aim, "clusterSelector", "matchLabels"))
    members = []
    for kind, name in listed(fleet):
        obj = await found(reader, Target(HOST, MEMBERS[kind], namespace, name)) if kind in MEMBERS else ""
        if isinstance(obj, dict) and selected(wanted, obj):
            members.append((kind, name))
    return members


def made_for(name: str, members: Sequence[tuple[str, str]]) -> list[str]:
    """Names of the Flux objects that Kurator makes of a policy."""
    return [f"{name}-{kind}-{member}".lower()[:_LONGEST] for kind, member in members]


def unlike(name: str, members: Sequence[tuple[str, str]]) -> str:
    """Why names would clash when Kurator cuts them, "" where they do not."""
    names = made_for(name, members)
    twice = next((each for each in names if names.count(each) > 1), "")
    return f"Kurator cuts names at {_LONGEST} characters: {twice} would be of several clusters" if twice else ""


def operations(path: str, changed: dict[str, Any]) -> list[dict[str, Any]]:
    """JSON Patch operations by field; None removes."""
    return [
        {"op": "remove", "path": f"{path}/{field}"}
        if value is None
        else {"op": "add", "path": f"{path}/{field}", "value": value}
        for field, value in changed.items()
    ]
