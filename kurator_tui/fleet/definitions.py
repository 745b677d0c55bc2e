"""Kinds that nobody wrote a file for: which ones the members serve, and what each CRD says of its columns.

Names come from the discovery that every member has been asked for anyway; a CRD is read once, when somebody wants
to see its kind. Where it may not be read, or there is none (an aggregated API), the kind has no own columns.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import msgspec

from kurator_tui.api.discovery import ResourcePath
from kurator_tui.errors import ConsoleError
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.generic import Definition, PrinterColumn
from kurator_tui.kinds.registry import DEFINED, KINDS, ServedKind

_LOG = logging.getLogger(__name__)

CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
MOST = 8
"""Kinds of one name whose CRDs are read."""


def served(hub: Hub) -> list[ServedKind]:
    """Every kind that a member serves and that can be listed and watched, those with a file left out."""
    found: dict[str, ServedKind] = {}
    clusters: dict[str, set[str]] = {}
    for cluster, link in hub.links.items():
        for path in link.served.resources if link.served is not None else ():
            id = f"{path.plural}.{path.group}" if path.group else path.plural
            if (id in KINDS and id not in DEFINED) or not {"list", "watch"} <= path.verbs:
                continue
            clusters.setdefault(id, set()).add(cluster)
            found[id] = _with(found.get(id), path, len(clusters[id]))
    return sorted(found.values(), key=lambda kind: kind.id)


def _with(known: ServedKind | None, path: ResourcePath, clusters: int) -> ServedKind:
    versions = known.versions if known is not None else ()
    if path.version not in versions:
        versions = (*versions, path.version)
    return ServedKind(
        path.group, path.plural, path.kind, versions, path.namespaced, path.short_names, clusters=clusters
    )


async def definitions(hub: Hub, word: str) -> list[Definition]:
    """What `word` (id, plural, singular or short name) may mean of what is served and has no file."""
    meant = [kind for kind in served(hub) if word.casefold() in kind.names]
    return [await _definition(hub, kind) for kind in meant[:MOST]]


async def _definition(hub: Hub, kind: ServedKind) -> Definition:
    """The CRD of the first member that has it and says so."""
    columns, versions = tuple[PrinterColumn, ...](), kind.versions
    for cluster in _serving(hub, kind):
        try:
            way = door(hub, cluster)
            answer = await way.connection.request("GET", f"{way.prefix}{CRD}{kind.id}")
            first, columns = printer_columns(answer.body)
            versions = tuple(sorted(versions, key=lambda version: version != first))
            break
        except (ConsoleError, msgspec.DecodeError) as error:
            _LOG.info("%s: the CRD of %s cannot be read: %s", cluster, kind.id, error)
    return Definition(kind.group, kind.plural, kind.name, versions, kind.namespaced, kind.short_names, columns)


ASKED = 3
"""Members asked for a CRD before it is done without."""


def _serving(hub: Hub, kind: ServedKind) -> Iterable[str]:
    found = 0
    for cluster, link in hub.links.items():
        served = link.served
        if served is not None and any((p.group, p.plural) == (kind.group, kind.plural) for p in served.resources):
            yield cluster
            found += 1
            if found == ASKED:
                return


class _Version(msgspec.Struct, rename="camel"):
    name: str = ""
    served: bool = True
    storage: bool = False
    additional_printer_columns: list[PrinterColumn] | None = None


class _Spec(msgspec.Struct):
    versions: list[_Version] | None = None


class _Crd(msgspec.Struct):
    spec: _Spec = msgspec.field(default_factory=_Spec)


_crd = msgspec.json.Decoder(_Crd)


def printer_columns(crd: bytes) -> tuple[str, tuple[PrinterColumn, ...]]:
    """(version, its columns): a CRD's storage version, else its first served one. Raises `msgspec.DecodeError`."""
    versions = [version for version in _crd.decode(crd).spec.versions or () if version.served]
    versions.sort(key=lambda version: not version.storage)
    return (versions[0].name, tuple(versions[0].additional_printer_columns or ())) if versions else ("", ())
