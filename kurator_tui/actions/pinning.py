"""Rolling back where it lasts: an Application's policy or source is pinned, a workload gets its earlier template.

Git itself is not written: a policy's images are pinned to what the primaries run, or a source's ref to a commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Draft, JsonPatch, Reader
from kurator_tui.actions.releases import CANARY, Release, reached
from kurator_tui.actions.templates import chosen, containers, image_operations, revisions
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, text

_COMMIT = 40
"""Characters of a whole commit."""


async def back(reader: Reader, draft: Draft, found: Sequence[Release], revision: str) -> list[Release]:
    """Add to `draft` what rolls `found` back, one request an object; those that are."""
    written: dict[Target, list[dict[str, Any]]] = {}
    done: list[Release] = []
    for release in found:
        try:
            if release.index < 0:
                await _own(reader, draft, release, revision)
                continue
            operations = await _policy(reader, draft, release, revision)
        except ConsoleError as error:
            draft.refuse(release.where, error.message)
            continue
        if operations:
            known = written.setdefault(release.where, [])
            known += [each for each in operations if each not in known]
            done.append(release)
    for target, operations in written.items():
        draft.write(target, JsonPatch(tuple(operations)), "Flux brings it to every cluster with its next pass")
    return done


async def _policy(reader: Reader, draft: Draft, release: Release, revision: str) -> list[dict[str, Any]]:
    path = f"/spec/syncPolicies/{release.index}"
    if isinstance(release.policy.get("helm"), dict):
        return _chart(draft, release, revision, path)
    if revision:
        return _commit(draft, release, revision)
    return await _images(reader, draft, release, path)


def _chart(draft: Draft, release: Release, version: str, path: str) -> list[dict[str, Any]]:
    now = text(at(release.policy, "helm", "chart", "spec", "version"))
    if not version:
        draft.refuse(release.where, "it is a chart: say the version to put back with revision=")
    elif version == now:
        draft.refuse(release.where, f"chart version {version} is what it says already")
    else:
        draft.tell(f"{release.name}: chart {now or 'of any version'} becomes {version}", release.where)
        return [{"op": "add", "path": f"{path}/helm/chart/spec/version", "value": version}]
    return []


def _commit(draft: Draft, release: Release, revision: str) -> list[dict[str, Any]]:
    """Pin the Git source of the whole Application."""
    commit = revision.rpartition(":")[2]
    source = at(release.obj, "spec", "source", "gitRepository")
    if not isinstance(source, dict):
        draft.refuse(release.where, "its source is no Git repository: pin its version in the Application")
        return []
    if len(commit) != _COMMIT or not commit.isalnum():
        draft.refuse(release.where, "a revision of Git is a whole commit of 40 characters")
        return []
    path = "/spec/source/gitRepository/ref"
    draft.warn(
        f"every sync policy of Application {release.where.name} goes to this commit and stays there until the pin "
        "is taken off: undo this plan",
        release.where,
    )
    if not isinstance(source.get("ref"), dict):
        return [{"op": "add", "path": path, "value": {"commit": commit}}]
    return [{"op": "add", "path": f"{path}/commit", "value": commit}]


async def _images(reader: Reader, draft: Draft, release: Release, path: str) -> list[dict[str, Any]]:
    """Pin the images that the policy's primaries run."""
    kustomization = release.policy.get("kustomization")
    if not isinstance(kustomization, dict):
        draft.refuse(release.where, "it has neither a kustomization nor a chart")
        return []
    serving = await _serving(reader, draft, release)
    if not serving:
        return []
    pinned = [dict(each) for each in mappings(kustomization.get("images"))]
    known = {each.get("name"): each for each in pinned}
    for image in serving:
        name, tag = _split(image)
        wanted = {"name": name, **tag}
        if name in known:
            known[name].clear()
            known[name].update(wanted)
        else:
            pinned.append(wanted)
    draft.tell(f"{release.name}: pinned to what its primaries run, {', '.join(serving)}", release.where)
    draft.tell(
        "while an analysis goes on Flagger does not restart it: it ends on pods like those of the primary",
        release.where,
    )
    draft.warn(
        "newer revisions of the source bring no other image until the pin is taken off: undo this plan",
        release.where,
    )
    if pinned == list(mappings(kustomization.get("images"))):
        draft.refuse(release.where, f"{release.name} is pinned to these images already")
        return []
    return [{"op": "add", "path": f"{path}/kustomization/images", "value": pinned}]


def _split(image: str) -> tuple[str, dict[str, str]]:
    """(name, newTag or digest) as Kustomize has them."""
    name, at_, digest = image.partition("@")
    if at_:
        return name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name, {"digest": digest}
    head, colon, tag = name.rpartition(":")
    return (head, {"newTag": tag}) if colon and "/" not in tag else (name, {"newTag": "latest"})


async def _serving(reader: Reader, draft: Draft, release: Release) -> list[str]:
    """The images of the primaries, [] where the clusters do not agree or none can be read."""
    kinds = {"DaemonSet": "daemonsets.apps"}
    kind = kinds.get(text(at(release.policy, "rollout", "workload", "kind")), "deployments.apps")
    namespace, name = release.workload
    by_cluster: dict[str, tuple[str, ...]] = {}
    for cluster in await reached(reader, release):
        try:
            primary = await reader.get(Target(cluster, kind, namespace, f"{name}-primary"))
        except ConsoleError as error:
            draft.warn(f"{cluster}: {name}-primary cannot be read: {error.message}", release.where)
        else:
            by_cluster[cluster] = tuple(dict.fromkeys(text(each.obj.get("image")) for each in containers(primary)))
    sets = set(by_cluster.values())
    if len(sets) == 1:
        return list(sets.pop())
    if not sets:
        draft.refuse(release.where, "no primary can be read: say the commit to put back with revision=")
    else:
        said = "; ".join(f"{cluster}: {', '.join(images)}" for cluster, images in sorted(by_cluster.items()))
        draft.refuse(release.where, f"its clusters run different versions ({said}): say a commit with revision=")
    return []


async def _own(reader: Reader, draft: Draft, release: Release, revision: str) -> None:
    """A rollout without an Application: its workload is written."""
    if release.where.kind == CANARY:
        await _to_primary(reader, draft, release, revision)
        return
    found = chosen(await revisions(reader, release.where, release.obj), revision)
    if isinstance(found, str):
        draft.refuse(release.where, found)
        return
    draft.write(release.where, JsonPatch(({"op": "replace", "path": "/spec/template", "value": found.template},)))
    draft.tell(f"back to revision {found.number}", release.where)


async def _to_primary(reader: Reader, draft: Draft, release: Release, revision: str) -> None:
    if revision:
        draft.refuse(
            release.where, "it has no source here: without revision= it goes back to what its primary runs"
        )
        return
    aim = mapping(at(release.obj, "spec", "targetRef"))
    kind = "daemonsets.apps" if aim.get("kind") == "DaemonSet" else "deployments.apps"
    name, place = text(aim.get("name")), (release.where.cluster, kind, release.where.namespace)
    targets = [Target(*place, name), Target(*place, f"{name}-primary")]
    both = await objects(reader, targets, draft)
    if len(both) < len(targets):
        return
    (where, obj), (_primary, primary) = both
    operations = image_operations(obj, {each.name: text(each.obj.get("image")) for each in containers(primary)})
    if not operations:
        draft.refuse(where, "it has the images of its primary already")
        return
    draft.write(where, JsonPatch(tuple(operations)))
    draft.tell("at its next check Flagger analyses it as a new version, which is that of the primary", where)
