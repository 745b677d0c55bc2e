"""Which pods a log query means, and the names of their containers, which the store's rows do not hold.

A selector is one list of pods in each cluster and namespace, and while following the watch that goes on from it:
pods that begin to match are told as they come. Nothing is kept but what is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from kurator_tui.api.backoff import Backoff, Herd
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.facts import Changed, Fact, Listed, Lost
from kurator_tui.api.listing import list_pages
from kurator_tui.api.reflector import reflect
from kurator_tui.errors import ConsoleError, NotFound, UsageError
from kurator_tui.fleet.doors import Door, door
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.base import HEALTHY, Kind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.log_lines import ALL_CONTAINERS, LogSelector
from kurator_tui.kinds.meta import OwnerReference, Projection, SlimMeta

LOOK = 1.0
"""Seconds between two looks whether the cluster's connection is still the same."""
JOB_LABEL = "job-name"
_NAMED = {
    "jobs.batch.volcano.sh": "volcano.sh/job-name",
    "taskruns.tekton.dev": "tekton.dev/taskRun",
    "pipelineruns.tekton.dev": "tekton.dev/pipelineRun",
}
"""Labels that hold the name of a workload without a selector."""


class _Named(Projection):
    name: str = ""


class _Spec(Projection):
    containers: list[_Named] | None = None
    init_containers: list[_Named] | None = None
    ephemeral_containers: list[_Named] | None = None


class _LoggedPod(Projection):
    metadata: SlimMeta = msgspec.field(default_factory=SlimMeta)
    spec: _Spec = msgspec.field(default_factory=_Spec)


class LoggedPod(Row, frozen=True, gc=False, array_like=True):
    """A pod with the names of its containers: `main` ones, and the init and ephemeral ones besides."""

    main: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    def containers(self, asked: str) -> tuple[str, ...]:
        """Those that `LogTarget.container` means."""
        if asked == ALL_CONTAINERS:
            return (*self.main, *self.beside)
        return (asked,) if asked else self.main


def _names(containers: list[_Named] | None) -> tuple[str, ...]:
    return tuple(container.name for container in containers or ())


def _logged(cluster: str, pod: _LoggedPod) -> LoggedPod:
    meta, spec = pod.metadata, pod.spec
    references: list[OwnerReference] = meta.owner_references or []
    return LoggedPod(
        cluster,
        meta.namespace or "",
        meta.name,
        meta.uid,
        0.0,
        _names(spec.containers),
        (*_names(spec.init_containers), *_names(spec.ephemeral_containers)),
        tuple(reference.name for reference in references),
    )


LOGGED = Kind(
    id="pods with containers",
    name="Pod",
    versions=("v1",),
    plural="pods",
    row=LoggedPod,
    projection=_LoggedPod,
    project=_logged,
    health=lambda _row: HEALTHY,
    columns=(),
)
"""How pods are read here; no screen knows this kind."""


def _pods(prefix: str) -> ResourcePath:
    return ResourcePath("", "v1", "pods", True, frozenset(), prefix=prefix)


async def one_pod(hub: Hub, cluster: str, namespace: str, name: str) -> LoggedPod:
    """One pod. Raises ConsoleError."""
    through = door(hub, cluster)
    answer = await through.connection.request("GET", _pods(through.prefix).item(namespace, name))
    return RowDecoder(LOGGED, cluster).row(answer.body)


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a selection tells: of pods (`first`: they were there at the beginning), of the end of the first list,
    and why it cannot be read ("" when it can again)."""

    pods: Callable[[list[LoggedPod], bool], None]
    listed: Callable[[], None]
    failed: Callable[[ConsoleError], None]


class Selection:
    """One selector in one cluster and namespace ("" for all)."""

    def __init__(self, hub: Hub, selector: LogSelector, cluster: str, namespace: str, found: Found) -> None:
        self._hub = hub
        self._selector = selector
        self._cluster = cluster
        self._namespace = namespace
        self._found = found
        self._owner = ""
        """Prefix of the names of those that own the pods: of a CronJob's Jobs."""
        self._listed = False

    async def once(self) -> None:
        """Tell the pods there are. Raises ConsoleError."""
        through = door(self._hub, self._cluster)
        path, query = _pods(through.prefix).collection(self._namespace), await self._query(through)
        decoder = RowDecoder(LOGGED, self._cluster)
        async with contextlib.aclosing(list_pages(through.connection, path, decoder, query=query)) as pages:
            async for page in pages:
                self._tell(page.rows)
        self._done()

    async def follow(self, herd: Herd) -> None:
        """Tell the pods there are, and those that come, until cancelled."""
        backoff = Backoff()
        while True:
            try:
                through = door(self._hub, self._cluster)
                await self._follow(through, dict(await self._query(through)), herd)
                backoff.reset()
            except ConsoleError as error:
                self._found.failed(error)
                self._done()
                await asyncio.sleep(backoff.next())

    async def _follow(self, through: Door, query: dict[str, str], herd: Herd) -> None:
        """Until the cluster is reached another way."""
        watch = asyncio.create_task(
            reflect(
                through.connection,
                _pods(through.prefix),
                RowDecoder(LOGGED, self._cluster),
                self._take,
                namespace=self._namespace or None,
                label_selector=query.get("labelSelector"),
                field_selector=query.get("fieldSelector"),
                herd=herd,
            )
        )
        try:
            while not watch.done() and door(self._hub, self._cluster) == through:
                await asyncio.wait({watch}, timeout=LOOK)
            if watch.done():
                await watch
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def _take(self, fact: Fact) -> None:
        match fact:
            case Changed(rows):
                self._tell([row for row in rows.values() if isinstance(row, LoggedPod)])
            case Listed():
                self._done()
            case Lost(error):
                self._found.failed(error)
                self._done()
            case _:
                pass

    def _tell(self, rows: list[LoggedPod]) -> None:
        if self._owner:
            rows = [row for row in rows if any(name.startswith(self._owner) for name in row.owners)]
        if rows:
            self._found.pods(rows, not self._listed)

    def _done(self) -> None:
        if not self._listed:
            self._listed = True
            self._found.listed()

    async def _query(self, through: Door) -> list[tuple[str, str]]:
        """What the server selects by. Raises ConsoleError."""
        selector = self._selector
        labels = [selector.labels] if selector.labels else []
        if selector.kind:
            labels.append(await self._workload(through))
        asked = [("labelSelector", ",".join(labels))] if labels else []
        if selector.node:
            asked.append(("fieldSelector", f"spec.nodeName={selector.node}"))
        return asked

    async def _workload(self, through: Door) -> str:
        """The selector of a workload's pods. Raises ConsoleError."""
        kind, name = self._selector.kind, self._selector.name
        if kind in _NAMED:
            return f"{_NAMED[kind]}={name}"
        if kind == "cronjobs.batch":
            self._owner = f"{name}-"
            return JOB_LABEL
        link = self._hub.links.get(self._cluster)
        plural, _, group = kind.partition(".")
        meant = replace(LOGGED, id=kind, group=group, versions=(), plural=plural)
        path = link.served.resolve(meant) if link is not None and link.served else None
        if path is None:
            raise NotFound(f"{self._cluster} does not serve {kind}")
        item = through.prefix + path.item(self._namespace or None, name)
        answer = await through.connection.request("GET", item)
        return selector_of(_mapping(answer.body), f"{kind} {name}")


def _mapping(body: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(decoded := json.loads(body), dict):
            return decoded
    return {}


def selector_of(workload: dict[str, Any], name: str) -> str:
    """The label selector in a workload's spec (a LabelSelector, or a Service's plain map), as a query has it.

    Raises UsageError where it has none.
    """
    spec = workload.get("spec")
    selector = spec.get("selector") if isinstance(spec, dict) else None
    terms: list[str] = []
    if isinstance(selector, dict):
        labels, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
        chosen = labels if isinstance(labels, dict) else selector
        terms += [f"{key}={value}" for key, value in chosen.items() if isinstance(value, str)]
        terms += [_term(term) for term in (expressions if isinstance(expressions, list) else ())]
    if not all(terms) or not terms:
        raise UsageError(f"{name} does not say which pods are its own")
    return ",".join(terms)


def _term(expression: object) -> str:
    """One of `matchExpressions`; "" for what is none."""
    if not isinstance(expression, dict):
        return ""
    key, values = expression.get("key", ""), ",".join(map(str, expression.get("values") or ()))
    forms = {
        "In": f"{key} in ({values})",
        "NotIn": f"{key} notin ({values})",
        "Exists": str(key),
        "DoesNotExist": f"!{key}",
    }
    return forms.get(str(expression.get("operator")), "")
