"""Which resources a cluster serves: aggregated discovery in two requests, or the old one request a group-version.

One group that cannot be discovered (its aggregated API server is away) never loses the others: it is named in
`Served.broken`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import not_kubernetes
from kurator_tui.api.paths import segment
from kurator_tui.errors import ApiError, ConsoleError, NotFound, TransportError
from kurator_tui.kinds.base import AnyKind

T = TypeVar("T")

AGGREGATED = ",".join(
    (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    )
)
AT_ONCE = 8
"""Group-versions asked for at the same time without aggregated discovery."""


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """Where one resource is served. `group` is "" for the core group; `verbs` as discovery names them."""

    group: str
    version: str
    plural: str
    namespaced: bool
    verbs: frozenset[str]
    kind: str = ""
    subresources: frozenset[str] = frozenset()
    short_names: tuple[str, ...] = ()
    prefix: str = ""
    """Path of a proxy that serves another server's paths below it."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def collection(self, namespace: str | None = None) -> str:
        """Path of the list; all namespaces when `namespace` is None or "" (or the resource has none).

        Raises `UsageError` for what is no name, as `item` does.
        """
        root = self.prefix + (f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}")
        inner = f"/namespaces/{segment(namespace)}" if namespace and self.namespaced else ""
        return f"{root}{inner}/{self.plural}"

    def item(self, namespace: str | None, name: str, subresource: str = "") -> str:
        """Path of one object, or of a subresource of it."""
        return f"{self.collection(namespace)}/{segment(name)}{f'/{subresource}' if subresource else ''}"


@dataclass(frozen=True, slots=True)
class Served:
    """What a cluster serves. `broken` names the group-versions that could not be discovered (`group/version`)."""

    resources: tuple[ResourcePath, ...]
    broken: tuple[str, ...] = ()
    _index: dict[tuple[str, str], list[ResourcePath]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[tuple[str, str], list[ResourcePath]] = {}
        for resource in self.resources:
            index.setdefault((resource.group, resource.plural), []).append(resource)
        object.__setattr__(self, "_index", index)

    def resolve(self, kind: AnyKind) -> ResourcePath | None:
        """Where `kind` is served: its first version that is, else the server's first version, else None."""
        offered = self._index.get((kind.group, kind.plural), [])
        for version in kind.versions:
            for resource in offered:
                if resource.version == version:
                    return resource
        return offered[0] if offered else None

    def serves(self, group: str) -> bool:
        """Whether any resource of an API group is served."""
        return any(resource.group == group for resource in self.resources)


ALIKE = 32
"""Discoveries that are kept because another member may say the same."""


class _Kind(msgspec.Struct):
    kind: str = ""


class _Subresource(msgspec.Struct):
    subresource: str = ""


class _Resource(msgspec.Struct, rename="camel"):
    resource: str = ""
    response_kind: _Kind | None = None
    scope: str = "Namespaced"
    verbs: list[str] | None = None
    subresources: list[_Subresource] | None = None
    short_names: list[str] | None = None


class _Version(msgspec.Struct):
    version: str = ""
    resources: list[_Resource] | None = None
    freshness: str = "Current"


class _Name(msgspec.Struct):
    name: str = ""


class _Group(msgspec.Struct):
    metadata: _Name | None = None
    versions: list[_Version] | None = None


class _OldResource(msgspec.Struct, rename="camel"):
    name: str = ""
    kind: str = ""
    namespaced: bool = True
    verbs: list[str] | None = None
    short_names: list[str] | None = None


class _OldVersion(msgspec.Struct):
    version: str = ""


class _OldGroup(msgspec.Struct):
    name: str = ""
    versions: list[_OldVersion] | None = None


class _Root(msgspec.Struct, eq=False):
    """`/api` or `/apis` in any of its three forms, told apart by `kind`."""

    kind: str = ""
    items: list[_Group] | None = None
    versions: list[str] | None = None
    groups: list[_OldGroup] | None = None


class _ResourceList(msgspec.Struct):
    resources: list[_OldResource] | None = None


async def discover(connection: Connection) -> Served:
    """Everything the cluster serves. Raises the error tree when not even the two roots answer.

    A server without a core group is no API server: a proxy that answers 404 to everything serves nothing, and what
    a member had must not vanish for that.
    """
    core, groups = await _together(_root(connection, "/api"), _root(connection, "/apis"))
    if not core.kind:
        raise not_kubernetes(connection.server, "no core API")
    served, old = _read(core, groups)
    if not old:
        return served
    resources, broken = list(served.resources), list(served.broken)
    gate = asyncio.Semaphore(AT_ONCE)
    for found, missing in await _together(*[_old(connection, gate, *each) for each in old]):
        resources += found
        broken += missing
    return Served(tuple(resources), tuple(broken))


@lru_cache(maxsize=ALIKE)
def _read(core: _Root, groups: _Root) -> tuple[Served, tuple[tuple[str, str], ...]]:
    """What two roots say is served, and the group-versions that must be asked for one by one.

    Members of one version say the same: they share one `Served`.
    """
    resources: list[ResourcePath] = []
    broken: list[str] = []
    old: list[tuple[str, str]] = []
    for root in (core, groups):
        if root.kind == "APIGroupDiscoveryList":
            _aggregated(root, resources, broken)
        else:
            old += [("", version) for version in root.versions or ()]
            old += [(g.name, v.version) for g in root.groups or () for v in g.versions or ()]
    return Served(tuple(resources), tuple(broken)), tuple(old)


@lru_cache(maxsize=2 * ALIKE)
def _decoded(body: bytes) -> _Root:
    return msgspec.json.decode(body, type=_Root)


async def _together(*asked: Coroutine[Any, Any, T]) -> list[T]:
    """All results in order; when some fail, the first failure after all have ended."""
    results = await asyncio.gather(*asked, return_exceptions=True)
    done: list[T] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done


async def _root(connection: Connection, path: str) -> _Root:
    try:
        response = await connection.request("GET", path, headers={"Accept": AGGREGATED})
    except NotFound:
        return _Root()
    except ApiError as error:
        if error.code != 406:
            raise
        response = await connection.request("GET", path, headers={"Accept": "application/json"})
    try:
        return _decoded(response.body)
    except msgspec.DecodeError:
        failure = not_kubernetes(connection.server, f"no API discovery at {path}")
    raise failure


def _aggregated(root: _Root, resources: list[ResourcePath], broken: list[str]) -> None:
    for group in root.items or ():
        name = group.metadata.name if group.metadata else ""
        for version in group.versions or ():
            if version.freshness == "Stale" and not version.resources:
                broken.append(f"{name}/{version.version}")
            for resource in version.resources or ():
                resources.append(
                    ResourcePath(
                        name,
                        version.version,
                        resource.resource,
                        resource.scope == "Namespaced",
                        frozenset(resource.verbs or ()),
                        resource.response_kind.kind if resource.response_kind else "",
                        frozenset(sub.subresource for sub in resource.subresources or ()),
                        tuple(resource.short_names or ()),
                    )
                )


async def _old(
    connection: Connection, gate: asyncio.Semaphore, group: str, version: str
) -> tuple[list[ResourcePath], list[str]]:
    """(resources, [] or the group-version that is broken) of one group-version."""
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        async with gate:
            response = await connection.request("GET", path)
        listed = msgspec.json.decode(response.body, type=_ResourceList).resources or []
    except TransportError:
        raise
    except (ConsoleError, msgspec.DecodeError):
        return [], [f"{group}/{version}"]
    return list(_old_resources(group, version, listed)), []


def _old_resources(group: str, version: str, listed: list[_OldResource]) -> Iterable[ResourcePath]:
    subresources: dict[str, set[str]] = {}
    for entry in listed:
        plural, slash, sub = entry.name.partition("/")
        if slash:
            subresources.setdefault(plural, set()).add(sub)
    for entry in listed:
        if "/" not in entry.name:
            verbs, subs = frozenset(entry.verbs or ()), frozenset(subresources.get(entry.name, ()))
            short = tuple(entry.short_names or ())
            yield ResourcePath(group, version, entry.name, entry.namespaced, verbs, entry.kind, subs, short)
