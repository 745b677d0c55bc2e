"""Which pods a label selector means: their uids, live, since rows of pods hold no labels; and who uses an object.

A selector is one list and one watch of the pods' metadata a cluster, held while somebody looks; who uses an object
is one list in pages when it is asked for, of which only names are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from kurator_tui.api.backoff import Backoff, Herd
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.facts import Fact
from kurator_tui.api.listing import list_pages
from kurator_tui.api.metadata import METADATA_FIRST
from kurator_tui.api.reflector import reflect
from kurator_tui.errors import ConsoleError
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.selected_news import News
from kurator_tui.kinds.base import HEALTHY, Kind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.meta import NameRef, Projection, SlimMeta
from kurator_tui.link.selections import encode

LOOK = 1.0
"""Seconds between two looks whether the cluster is still reached the same way."""


def _pods(prefix: str) -> ResourcePath:
    return ResourcePath("", "v1", "pods", True, frozenset(), prefix=prefix)


# -- by labels ----------------------------------------------------------------------------------------------------


class _Named(Projection):
    metadata: SlimMeta = msgspec.field(default_factory=SlimMeta)


def _row(cluster: str, obj: _Named) -> Row:
    return Row(cluster, obj.metadata.namespace or "", obj.metadata.name, obj.metadata.uid, 0.0)


NAMED = Kind(
    id="names of pods",
    name="Pod",
    versions=("v1",),
    plural="pods",
    row=Row,
    projection=_Named,
    project=_row,
    health=lambda _row: HEALTHY,
    columns=(),
)
"""How pods are read here; no screen knows this kind."""


class Selecting:
    """One selector over clusters. `send` takes what `link.selections` says, and may wait for the console."""

    def __init__(self, hub: Hub, namespace: str, selector: str, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._hub = hub
        self._namespace = namespace
        self._selector = selector
        self._send = send
        self._news = News()
        self._woken = asyncio.Event()
        self._herd = Herd()

    async def run(self, clusters: Iterable[str]) -> None:
        """Tell which pods are meant, and what changes about that, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for cluster in clusters:
                group.create_task(self._watch(cluster))
            while True:
                await self._woken.wait()
                self._woken.clear()
                while messages := self._news.messages():
                    for message in messages:
                        await self._send(encode(message))

    async def _watch(self, cluster: str) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._follow(cluster)
                backoff.reset()
            except ConsoleError as error:
                self._news.fail(cluster, error.brief)
                self._woken.set()
                await asyncio.sleep(backoff.next())

    async def _follow(self, cluster: str) -> None:
        """Until the cluster is reached another way. Raises ConsoleError."""
        through = door(self._hub, cluster)
        watch = asyncio.create_task(
            reflect(
                through.connection,
                _pods(through.prefix),
                RowDecoder(NAMED, cluster),
                lambda fact: self._take(cluster, fact),
                namespace=self._namespace or None,
                label_selector=self._selector,
                accept=METADATA_FIRST,
                herd=self._herd,
            )
        )
        try:
            while not watch.done() and door(self._hub, cluster) == through:
                await asyncio.wait({watch}, timeout=LOOK)
            if watch.done():
                await watch
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def _take(self, cluster: str, fact: Fact) -> None:
        self._news.take(cluster, fact)
        self._woken.set()


# -- by what they name --------------------------------------------------------------------------------------------


class _Source(Projection):
    config_map: NameRef | None = None
    secret: NameRef | None = None


class _SecretSource(Projection):
    secret_name: str | None = None


class _Claim(Projection):
    claim_name: str | None = None


class _Projected(Projection):
    sources: list[_Source] | None = None


class _Volume(Projection):
    config_map: NameRef | None = None
    secret: _SecretSource | None = None
    persistent_volume_claim: _Claim | None = None
    projected: _Projected | None = None


class _ValueFrom(Projection):
    config_map_key_ref: NameRef | None = None
    secret_key_ref: NameRef | None = None


class _Variable(Projection):
    value_from: _ValueFrom | None = None


class _EnvFrom(Projection):
    config_map_ref: NameRef | None = None
    secret_ref: NameRef | None = None


class _Container(Projection):
    env: list[_Variable] | None = None
    env_from: list[_EnvFrom] | None = None


class _Spec(Projection):
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None
    volumes: list[_Volume] | None = None
    service_account_name: str | None = None
    image_pull_secrets: list[NameRef] | None = None


class _Using(Projection):
    metadata: SlimMeta = msgspec.field(default_factory=SlimMeta)
    spec: _Spec = msgspec.field(default_factory=_Spec)


class UsingPod(Row, frozen=True, gc=False, array_like=True):
    """A pod with what it names: (kind id, name)."""

    names: tuple[tuple[str, str], ...] = ()


def _using(cluster: str, pod: _Using) -> UsingPod:
    meta = pod.metadata
    found = tuple(dict.fromkeys((kind, name) for kind, name in _references(pod.spec) if name))
    return UsingPod(cluster, meta.namespace or "", meta.name, meta.uid, 0.0, found)


def _references(spec: _Spec) -> Iterable[tuple[str, str | None]]:
    yield "serviceaccounts", spec.service_account_name or "default"
    for pull in spec.image_pull_secrets or ():
        yield "secrets", pull.name
    for volume in spec.volumes or ():
        yield from _of_volume(volume)
    for container in (*(spec.containers or ()), *(spec.init_containers or ())):
        yield from _of_container(container)


def _of_volume(volume: _Volume) -> Iterable[tuple[str, str | None]]:
    if volume.persistent_volume_claim is not None:
        yield "persistentvolumeclaims", volume.persistent_volume_claim.claim_name
    if volume.secret is not None:
        yield "secrets", volume.secret.secret_name
    sources = (volume.projected.sources or ()) if volume.projected is not None else ()
    yield from _settings((volume.config_map, None), *((each.config_map, each.secret) for each in sources))


def _of_container(container: _Container) -> Iterable[tuple[str, str | None]]:
    for variable in container.env or ():
        if (value := variable.value_from) is not None:
            yield from _settings((value.config_map_key_ref, value.secret_key_ref))
    yield from _settings(*((each.config_map_ref, each.secret_ref) for each in container.env_from or ()))


def _settings(*pairs: tuple[NameRef | None, NameRef | None]) -> Iterable[tuple[str, str | None]]:
    """References to a ConfigMap and to a Secret."""
    for config_map, secret in pairs:
        if config_map is not None:
            yield "configmaps", config_map.name
        if secret is not None:
            yield "secrets", secret.name


USING: Kind[Any, UsingPod] = Kind(
    id="pods with what they name",
    name="Pod",
    versions=("v1",),
    plural="pods",
    row=UsingPod,
    projection=_Using,
    project=_using,
    health=lambda _row: HEALTHY,
    columns=(),
)
"""How pods are read here; no screen knows this kind."""


async def users(hub: Hub, cluster: str, namespace: str, kind: str, name: str) -> list[str]:
    """Names of the pods of a namespace that name an object. Raises ConsoleError."""
    through = door(hub, cluster)
    path, decoder = _pods(through.prefix).collection(namespace), RowDecoder(USING, cluster)
    found: list[str] = []
    async with contextlib.aclosing(list_pages(through.connection, path, decoder)) as pages:
        async for page in pages:
            found += [row.name for row in page.rows if (kind, name) in row.names]
    return found
