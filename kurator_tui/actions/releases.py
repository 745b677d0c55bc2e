"""What a row of the release board stands for, as the objects behind it. Reads only.

A row of an Application's sync policy has the Application's uid and the policy's number as its uid; every other row
has the uid of its own object.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Draft, Obj, Reader, seen
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, name_of, namespace_of, text

ROLLOUTS, APPLICATION = "rollouts", "applications.apps.kurator.dev"
CANARY, ARGO, DEPLOYMENT = "canaries.flagger.app", "rollouts.argoproj.io", "deployments.apps"
_FLEET = "fleets.fleet.kurator.dev"
_MEMBERS = {"Cluster": "clusters.cluster.kurator.dev", "AttachedCluster": "attachedclusters.cluster.kurator.dev"}
_OWN = (CANARY, ARGO, DEPLOYMENT)
"""Kinds that a row without an Application may be, in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Release:
    """One rollout. `where` and `obj` are the Application's when `index` is a policy's number, else its own.

    `cluster` is the one that was asked about, HOST for all of an Application's.
    """

    where: Target
    obj: Obj
    cluster: str
    index: int = -1

    @property
    def policy(self) -> Object:
        """The sync policy, {} where there is none."""
        found = at(self.obj, "spec", "syncPolicies")
        return mapping(found[self.index]) if isinstance(found, list) and 0 <= self.index < len(found) else {}

    @property
    def name(self) -> str:
        """The policy's name as Kurator makes it, or the object's."""
        if self.index < 0:
            return self.where.name
        return text(self.policy.get("name")) or f"{self.where.name}-{self.index}"

    @property
    def workload(self) -> tuple[str, str]:
        """(namespace, name) of the workload of a policy's rollout block: its Canary has the same."""
        its = mapping(at(self.policy, "rollout", "workload"))
        return text(its.get("namespace")) or "default", text(its.get("name"))

    def canary(self, cluster: str) -> Target:
        """The Canary of a policy on one cluster, or the Canary itself."""
        if self.index < 0:
            return self.where
        namespace, name = self.workload
        return Target(cluster, CANARY, namespace, name)


def promoted(rollout: Object) -> bool:
    """Whether an Argo Rollout has nothing under way, as far as its status says."""
    stable = text(at(rollout, "status", "stableRS"))
    return bool(stable) and stable == text(at(rollout, "status", "currentPodHash"))


async def releases(reader: Reader, targets: Sequence[Target], draft: Draft, policy: str = "") -> list[Release]:
    """What the targets are, each once; those that are nothing any more are refused in `draft`.

    Of Applications all sync policies with a rollout, or the one called `policy`.
    """
    plain = [target for target in targets if target.kind not in (ROLLOUTS, APPLICATION)]
    found = [Release(target, obj, target.cluster) for target, obj in await objects(reader, plain, draft)]
    for target, obj in await objects(reader, [each for each in targets if each.kind == APPLICATION], draft):
        blocks = [
            number
            for number, policy in enumerate(mappings(at(obj, "spec", "syncPolicies")))
            if isinstance(policy.get("rollout"), dict)
        ]
        mine = [Release(target, obj, HOST, number) for number in blocks]
        meant = [each for each in mine if policy in ("", each.name)]
        found += meant
        if not blocks:
            draft.refuse(target, "none of its sync policies has a rollout")
        elif not meant:
            names = ", ".join(each.name for each in mine)
            draft.refuse(target, f"it has no sync policy {policy} with a rollout; it has {names}")
    for target in targets:
        if target.kind == ROLLOUTS and (one := await _row(reader, target, draft)) is not None:
            found.append(one)
    unique = {(each.where.cluster, each.where.uid, each.index, each.cluster): each for each in found}
    return list(unique.values())


async def _row(reader: Reader, target: Target, draft: Draft) -> Release | None:
    uid, slash, number = target.uid.rpartition("/")
    try:
        if slash and number.isdecimal():
            return await _policy(reader, target, uid, int(number))
        for kind in _OWN:
            where = Target(target.cluster, kind, target.namespace, target.name)
            try:
                obj = await reader.get(where)
            except NotFound:
                continue
            if target.uid in ("", text(meta(obj).get("uid"))):
                return Release(seen(where, obj), obj, target.cluster)
    except ConsoleError as error:
        draft.refuse(target, error.message)
        return None
    draft.refuse(target, "it is gone")
    return None


async def _policy(reader: Reader, target: Target, uid: str, number: int) -> Release:
    """Raises ConsoleError: NotFound when the Application is gone."""
    known = next((row for row in reader.rows(APPLICATION, HOST) if row.uid == uid), None)
    if known is not None:
        where = Target(HOST, APPLICATION, known.namespace, known.name)
        obj = await reader.get(where)
    else:
        listed = await reader.list(HOST, APPLICATION)
        obj = next((each for each in listed if text(meta(each).get("uid")) == uid), {})
        where = Target(HOST, APPLICATION, namespace_of(obj), name_of(obj))
    release = Release(seen(where, obj), obj, target.cluster, number)
    if not release.policy:
        raise NotFound(f"the Application of {target.name} has no such sync policy any more")
    return release


async def reached(reader: Reader, release: Release) -> list[str]:
    """Names of the clusters that a policy goes to, as its fleet lists them; HOST for one without a fleet."""
    if release.index < 0:
        return [release.where.cluster]
    aim = mapping(release.policy.get("destination")) or mapping(at(release.obj, "spec", "destination"))
    fleet, namespace = text(aim.get("fleet")), release.where.namespace
    if not fleet:
        return [HOST]
    obj = await reader.get(Target(HOST, _FLEET, namespace, fleet))
    wanted = mapping(at(aim, "clusterSelector", "matchLabels"))
    listed = [
        (text(each.get("kind")) or "Cluster", text(each.get("name")))
        for each in mappings(at(obj, "spec", "clusters"))
    ]
    return [name for kind, name in listed if not wanted or await _has(reader, kind, namespace, name, wanted)]


async def _has(reader: Reader, kind: str, namespace: str, name: str, wanted: Object) -> bool:
    if kind not in _MEMBERS:
        return False
    try:
        obj = await reader.get(Target(HOST, _MEMBERS[kind], namespace, name))
    except NotFound:
        return False
    labels = mapping(meta(obj).get("labels"))
    return all(labels.get(key) == value for key, value in wanted.items())


async def canaries(
    reader: Reader, release: Release, clusters: Sequence[str]
) -> AsyncIterator[tuple[Target, Obj | str]]:
    """The Canary of a release on each cluster, or why it cannot be read."""
    for cluster in clusters:
        where = release.canary(cluster)
        try:
            obj = await reader.get(where)
        except ConsoleError as error:
            yield where, "there is no Canary" if isinstance(error, NotFound) else error.message
        else:
            yield seen(where, obj), obj
