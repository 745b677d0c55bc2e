"""What the server says it serves: legacy group lists and aggregated discovery.

Pure functions of the catalogue.  Built-in kinds leave `responseKind.group` empty, custom ones fill it, as
kube-apiserver 1.36 does.
"""

import base64
import hashlib
from typing import Any

from kurator_tui.demo.apiserver.resources import Catalogue, ResourceType

Json = dict[str, Any]

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
VERSION: Json = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "demo",
    "gitTreeState": "clean",
    "buildDate": "2026-08-21T00:00:00Z",
    "goVersion": "go1.27.3",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def version_info(git_version: str) -> Json:
    """What `/version` answers for `v1.30.4`."""
    major, minor, *_ = git_version.removeprefix("v").split(".")
    numbers = {"major": major, "minor": minor, "gitVersion": git_version}
    recent = ("emulation", "minCompatibility")  # fields that only newer servers have
    return {key: value for key, value in {**VERSION, **numbers}.items() if not key.startswith(recent)}


_READ_WRITE = ("get", "patch", "update")
_CONNECT = ("create", "get")
_PROXY = ("create", "delete", "get", "patch", "update")
#: Subresource → (group, version, kind, verbs); an empty kind is the resource's own.
_SUBRESOURCES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "attach": ("", "", "PodAttachOptions", _CONNECT),
    "ephemeralcontainers": ("", "", "", _READ_WRITE),
    "eviction": ("policy", "v1", "Eviction", ("create",)),
    "exec": ("", "", "PodExecOptions", _CONNECT),
    "finalize": ("", "", "", ("update",)),
    "log": ("", "", "", ("get",)),
    "portforward": ("", "", "PodPortForwardOptions", _CONNECT),
    "scale": ("autoscaling", "v1", "Scale", _READ_WRITE),
    "status": ("", "", "", _READ_WRITE),
}


def _subresource(rt: ResourceType, name: str) -> tuple[str, str, str, tuple[str, ...]]:
    if name == "proxy":
        return ("", "", f"{rt.kind}ProxyOptions", _PROXY)
    group, version, kind, verbs = _SUBRESOURCES[name]
    return (group, version, kind or rt.kind, verbs)


def subresource_verbs(rt: ResourceType, name: str) -> tuple[str, ...]:
    """The verbs a subresource of `rt` has; () when it has no such subresource."""
    return _subresource(rt, name)[3] if name in rt.subresources else ()


def core_versions(address: str) -> Json:
    """`/api`; `address` is host:port of this server."""
    cidr = {"clientCIDR": "0.0.0.0/0", "serverAddress": address}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [cidr]}


def group_list(catalogue: Catalogue) -> Json:
    """`/apis`."""
    groups = [_group(name, versions) for name, versions in catalogue.groups().items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(catalogue: Catalogue, name: str) -> Json | None:
    """`/apis/<group>`, None when it is not served."""
    versions = catalogue.groups().get(name)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)} if name and versions else None


def _group(name: str, versions: tuple[str, ...]) -> Json:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def resource_list(catalogue: Catalogue, group_name: str, version: str) -> Json | None:
    """`/api/v1` or `/apis/<group>/<version>`, None when it is not served."""
    types = catalogue.in_version(group_name, version)
    if not types:
        return None
    head: Json = {"kind": "APIResourceList"}
    if group_name:
        head["apiVersion"] = "v1"
    resources = [entry for rt in types for entry in _legacy_entries(rt)]
    return {**head, "groupVersion": types[0].api_version, "resources": resources}


def _legacy_entries(rt: ResourceType) -> list[Json]:
    own: Json = {
        "name": rt.plural,
        "singularName": rt.singular,
        "namespaced": rt.namespaced,
        "kind": rt.kind,
        "verbs": list(rt.verbs),
    }
    own |= _names(rt)
    if not rt.virtual:
        digest = hashlib.sha256(f"{rt.api_version}/{rt.kind}".encode()).digest()
        own["storageVersionHash"] = base64.b64encode(digest[:8]).decode()
    entries = [own]
    for name in sorted(rt.subresources):
        group_name, version, kind, verbs = _subresource(rt, name)
        entry: Json = {"name": f"{rt.plural}/{name}", "singularName": "", "namespaced": rt.namespaced}
        if group_name:
            entry |= {"group": group_name, "version": version}
        entries.append({**entry, "kind": kind, "verbs": list(verbs)})
    return entries


def _names(rt: ResourceType) -> Json:
    names: Json = {}
    if rt.short_names:
        names["shortNames"] = list(rt.short_names)
    if rt.categories:
        names["categories"] = list(rt.categories)
    return names


def aggregated(catalogue: Catalogue, *, core: bool) -> Json:
    """`/api` (core) or `/apis` as one APIGroupDiscoveryList."""
    items = []
    for name, versions in catalogue.groups().items():
        if bool(name) is core:
            continue
        served = [_aggregated_version(catalogue, name, version) for version in versions]
        items.append({"metadata": {"name": name} if name else {}, "versions": served})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _aggregated_version(catalogue: Catalogue, group_name: str, version: str) -> Json:
    resources = [_aggregated_entry(rt) for rt in catalogue.in_version(group_name, version)]
    return {"version": version, "resources": resources, "freshness": "Current"}


def _aggregated_entry(rt: ResourceType) -> Json:
    own_group, own_version = (rt.group, rt.version) if rt.custom else ("", "")
    entry: Json = {
        "resource": rt.plural,
        "responseKind": {"group": own_group, "version": own_version, "kind": rt.kind},
        "scope": "Namespaced" if rt.namespaced else "Cluster",
        "singularResource": rt.singular,
        "verbs": list(rt.verbs),
        **_names(rt),
    }
    children = []
    for name in sorted(rt.subresources):
        group_name, version, kind, verbs = _subresource(rt, name)
        response = {"group": group_name or own_group, "version": version or own_version, "kind": kind}
        children.append({"subresource": name, "responseKind": response, "verbs": list(verbs)})
    if children:
        entry["subresources"] = children
    return entry
