"""Where an object comes from: what delivers it, of which source, at which revision. Its labels lead the way."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.flux import APPLICATION_LABEL
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, text
from kurator_tui.screens.evidence_parts import Answer, Origin
from kurator_tui.screens.source import Source

_FLUX = {
    "kustomize": ("Kustomization", "kustomizations.kustomize.toolkit.fluxcd.io"),
    "helm": ("HelmRelease", "helmreleases.helm.toolkit.fluxcd.io"),
}
"""Controller -> what it makes objects from: its name, and the kind's id."""
_SOURCES = {
    "GitRepository": "gitrepositories.source.toolkit.fluxcd.io",
    "OCIRepository": "ocirepositories.source.toolkit.fluxcd.io",
    "HelmRepository": "helmrepositories.source.toolkit.fluxcd.io",
    "Bucket": "buckets.source.toolkit.fluxcd.io",
}

Deploy = tuple[float, str, str]
"""Unix second, cluster, what was brought."""


async def origin(source: Source, cluster: str, obj: Object | None, why: str = "") -> Answer[Origin]:
    """Of `obj` in `cluster`; `why` is why there is none."""
    if obj is None:
        return Answer(why=why or "the object could not be read")
    lines: list[tuple[str, str]] = []
    deploys: list[Deploy] = []
    labels = mapping(meta(obj).get("labels"))
    for controller, (word, kind) in _FLUX.items():
        name = text(labels.get(f"{controller}.toolkit.fluxcd.io/name"))
        if name:
            namespace = text(labels.get(f"{controller}.toolkit.fluxcd.io/namespace"))
            lines.append(("applied by", f"{word} {namespace}/{name}"))
            lines += await _delivered(source, cluster, kind, namespace, name, deploys)
    if not lines:
        lines += _without_flux(obj, labels)
    return Answer(Origin(tuple(lines), tuple(deploys)))


def _without_flux(obj: Object, labels: Object) -> list[tuple[str, str]]:
    application = text(labels.get(APPLICATION_LABEL))
    if application:
        return [("application", application)]
    notes = mapping(meta(obj).get("annotations"))
    if release := text(notes.get("meta.helm.sh/release-name")):
        return [("installed by", f"Helm, release {release}")]
    manager = text(labels.get("app.kubernetes.io/managed-by"))
    said = f"managed by {manager}, which tells no revision" if manager else "no label says that Git delivers it"
    return [("revision", said)]


async def _delivered(
    source: Source, cluster: str, kind: str, namespace: str, name: str, deploys: list[Deploy]
) -> list[tuple[str, str]]:
    """What the Flux object says: it is the host's where Kurator made it, else the member's own."""
    trouble = ""
    for where in dict.fromkeys((HOST, cluster)):
        try:
            found = await _get(source, where, kind, namespace, name)
        except ConsoleError as error:
            trouble = trouble or f"{where}: {error.brief}"
            continue
        return await _said(source, where, found, namespace, deploys)
    return [("revision", f"not known: {trouble}")]


async def _said(
    source: Source, cluster: str, found: Object, namespace: str, deploys: list[Deploy]
) -> list[tuple[str, str]]:
    lines = []
    if application := text(mapping(meta(found).get("labels")).get(APPLICATION_LABEL)):
        lines.append(("application", f"{namespace}/{application}"))
    status = mapping(found.get("status"))
    applied, tried = text(status.get("lastAppliedRevision")), text(status.get("lastAttemptedRevision"))
    lines.append(("revision", applied or "none was applied yet"))
    if tried and tried != applied:
        lines.append(("tried", tried))
    ready = next((each for each in mappings(status.get("conditions")) if each.get("type") == "Ready"), None)
    if ready is not None:
        told = f"{text(ready.get('reason'))} of {tried or applied or 'no revision'}"
        deploys.append((unix(text(ready.get("lastTransitionTime"))), cluster, f"{_named(found)}: {told}"))
    if ready is not None and text(ready.get("status")) != "True":
        lines.append(("delivery", f"{text(ready.get('reason'))}: {text(ready.get('message'))}"))
    reference = mapping(at(found, "spec", "sourceRef") or at(found, "spec", "chart", "spec", "sourceRef"))
    kind, name = text(reference.get("kind")), text(reference.get("name"))
    if not name:
        return lines
    place = text(reference.get("namespace")) or namespace
    try:
        repository = await _get(source, cluster, _SOURCES.get(kind, kind), place, name)
    except ConsoleError as error:
        return [*lines, ("source", f"{kind} {place}/{name}, which cannot be read: {error.brief}")]
    url = text(at(repository, "spec", "url"))
    latest = text(at(repository, "status", "artifact", "revision"))
    fetched = unix(text(at(repository, "status", "artifact", "lastUpdateTime")))
    deploys.append((fetched, cluster, f"{_named(repository)}: {latest or 'nothing'} was fetched"))
    told = f"{kind} {place}/{name} {url}".rstrip()
    return [*lines, ("source", told), *([("source is at", latest)] if latest and latest != applied else [])]


def _named(found: Object) -> str:
    return f"{text(found.get('kind')).casefold()}/{text(meta(found).get('name'))}"


async def _get(source: Source, cluster: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
    answer = json.loads(await source.call("object", cluster=cluster, kind=kind, namespace=namespace, name=name))
    return answer if isinstance(answer, dict) else {}
