"""Deployments: a ReplicaSet a template, rolled within maxSurge and maxUnavailable."""

import json
from typing import Any

from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import owner_reference
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.objects import replaced_condition, template_hash

Obj = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
#: World seconds after which a rollout that does not advance is said to have failed (a real default: 600).
PROGRESS_DEADLINE = 60.0


class Deployments:
    """Rolls Deployments; a rollout of a few pods completes within seconds."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self._advanced: dict[str, tuple[tuple[int, ...], float]] = {}
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        common.follow(around.cluster, self.queue, "deployments.apps", "Deployment")

    def _reconcile(self, key: common.Key) -> float | None:
        deployment = self._cluster.find("deployments.apps", *key)
        if deployment is None or deployment["metadata"].get("deletionTimestamp"):
            return None
        sets = self._sets(deployment)
        current = next((rs for rs in sets if _hash(rs) == template_hash(deployment["spec"]["template"])), None)
        if not deployment["spec"].get("paused"):
            current = self._current(deployment, sets, current)
        old = [rs for rs in self._sets(deployment) if current is None or key_name(rs) != key_name(current)]
        if current is not None and not deployment["spec"].get("paused"):
            self._roll(deployment, current, old)
        elif current is not None and not any(map(common.replicas_of, old)):
            self._scale(deployment, current, common.replicas_of(deployment))
        self._forget_old(deployment, old)
        return self._report(deployment)

    def _sets(self, deployment: Obj) -> list[Obj]:
        sets = self._cluster.owned(deployment["metadata"]["uid"], "replicasets.apps")
        return [rs for rs in sets if not rs["metadata"].get("deletionTimestamp")]

    def _current(self, deployment: Obj, sets: list[Obj], found: Obj | None) -> Obj:
        """The ReplicaSet of the present template, created or given the next revision when it is not the newest."""
        newest = max((revision(rs) for rs in sets), default=0)
        if found is None:
            made = replica_set(deployment, replicas=0, number=newest + 1)
            found = self._cluster.create("replicasets.apps", made)
            newest += 1
        elif revision(found) < newest:
            newest += 1
            annotated = self._cluster.modify(
                "replicasets.apps", *common.key_of(found), lambda o: _annotate(o, str(newest))
            )
            found = annotated or found
        if (deployment["metadata"].get("annotations") or {}).get(REVISION) != str(revision(found)):
            number = str(revision(found))
            self._cluster.modify("deployments.apps", *common.key_of(deployment), lambda o: _annotate(o, number))
        return found

    def _roll(self, deployment: Obj, current: Obj, old: list[Obj]) -> None:
        desired = common.replicas_of(deployment)
        active = [rs for rs in old if common.replicas_of(rs)]
        if not active:
            self._scale(deployment, current, desired)
            return
        surge, unavailable = limits(deployment, desired)
        total = common.replicas_of(current) + sum(map(common.replicas_of, active))
        room = desired + surge - total
        if (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
            unavailable, room = desired, 0
            if not any((rs.get("status") or {}).get("replicas") for rs in old):
                room = desired
        if room > 0:
            grown = min(desired, common.replicas_of(current) + room)
            self._scale(deployment, current, grown)
        self._shrink(deployment, current, active, desired - unavailable)

    def _shrink(self, deployment: Obj, current: Obj, active: list[Obj], floor: int) -> None:
        """Scale old ReplicaSets down as far as the available pods allow: broken pods first."""
        fresh = self._cluster.find("replicasets.apps", *common.key_of(current)) or current
        available = sum(_available(rs) for rs in (fresh, *active))
        for rs in sorted(active, key=revision):
            broken = max(0, common.replicas_of(rs) - _available(rs))
            healthy = max(0, min(_available(rs), available - floor))
            if broken or healthy:
                available -= healthy
                self._scale(deployment, rs, common.replicas_of(rs) - broken - healthy)

    def _scale(self, deployment: Obj, rs: Obj, replicas: int) -> None:
        before = common.replicas_of(rs)
        desired = common.replicas_of(deployment)
        surge = limits(deployment, desired)[0]

        def change(copy: Obj) -> None:
            copy["spec"]["replicas"] = replicas
            copy["metadata"].setdefault("annotations", {}).update(_sizes(desired, surge))

        if before == replicas:
            return
        self._cluster.modify("replicasets.apps", *common.key_of(rs), change)
        direction = "up" if replicas > before else "down"
        message = f"Scaled {direction} replica set {key_name(rs)} from {before} to {replicas}"
        self._record(deployment, "ScalingReplicaSet", message, source="deployment-controller")

    def _forget_old(self, deployment: Obj, old: list[Obj]) -> None:
        """Keep no more empty ReplicaSets than revisionHistoryLimit."""
        limit = int(deployment["spec"].get("revisionHistoryLimit") or 10)
        empty = [rs for rs in old if not common.replicas_of(rs) and not (rs.get("status") or {}).get("replicas")]
        for rs in sorted(empty, key=revision)[: max(0, len(empty) - limit)]:
            self._cluster.delete("replicasets.apps", *common.key_of(rs))

    def _report(self, deployment: Obj) -> float | None:
        """Write the status; seconds until the progress deadline while a rollout runs."""
        deployment = self._cluster.find("deployments.apps", *common.key_of(deployment)) or deployment
        sets, stamp, now = self._sets(deployment), self._cluster.clock.stamp(), self._cluster.clock.elapsed
        status = status_of(deployment, sets, stamp)
        progress = tuple(int(status.get(name, 0)) for name in ("updatedReplicas", "readyReplicas", "replicas"))
        uid = deployment["metadata"]["uid"]
        if self._advanced.get(uid, ((), 0.0))[0] != progress:
            self._advanced[uid] = (progress, now)
        left = self._advanced[uid][1] + PROGRESS_DEADLINE - now
        if left <= 0:
            status = status_of(deployment, sets, stamp, stuck=True)
        self._cluster.set_status("deployments.apps", deployment, status)
        done = any(each.get("reason") == "NewReplicaSetAvailable" for each in status["conditions"])
        return None if done or left <= 0 else left + 0.1


def key_name(rs: Obj) -> str:
    """The ReplicaSet's name."""
    return str(rs["metadata"]["name"])


def revision(rs: Obj) -> int:
    """The revision annotated on a ReplicaSet, 0 when there is none."""
    return int((rs["metadata"].get("annotations") or {}).get(REVISION) or 0)


def limits(deployment: Obj, desired: int) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) in pods; never both zero."""
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    surge = common.share(rolling.get("maxSurge", "25%"), desired, up=True)
    unavailable = common.share(rolling.get("maxUnavailable", "25%"), desired, up=False)
    return surge, unavailable if surge or unavailable else 1


def _hash(rs: Obj) -> str:
    """The hash of the template the ReplicaSet was made from."""
    template = rs["spec"]["template"]
    meta = template.get("metadata") or {}
    if "pod-template-hash" not in (meta.get("labels") or {}):
        return template_hash(template)
    labels = {key: value for key, value in meta["labels"].items() if key != "pod-template-hash"}
    return template_hash({**template, "metadata": {**meta, "labels": labels}})


def _available(rs: Obj) -> int:
    """Available pods that will stay: the status may still count some that were given up."""
    return min(common.replicas_of(rs), int((rs.get("status") or {}).get("availableReplicas") or 0))


def _sizes(desired: int, surge: int) -> dict[str, str]:
    prefix = "deployment.kubernetes.io"
    return {f"{prefix}/desired-replicas": str(desired), f"{prefix}/max-replicas": str(desired + surge)}


def _annotate(obj: Obj, number: str) -> None:
    obj["metadata"].setdefault("annotations", {})[REVISION] = number


def replica_set(deployment: Obj, *, replicas: int, number: int) -> Obj:
    """A ReplicaSet for the Deployment's present template, revision `number`, not yet stored."""
    spec = deployment["spec"]
    digest = template_hash(spec["template"])
    template = json.loads(json.dumps(spec["template"]))
    template.setdefault("metadata", {}).setdefault("labels", {})["pod-template-hash"] = digest
    selector = json.loads(json.dumps(spec.get("selector") or {}))
    selector.setdefault("matchLabels", {})["pod-template-hash"] = digest
    desired = common.replicas_of(deployment)
    surge = limits(deployment, desired)[0]
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{deployment['metadata']['name']}-{digest}",
            "namespace": deployment["metadata"]["namespace"],
            "labels": dict(template["metadata"]["labels"]),
            "annotations": {**_sizes(desired, surge), REVISION: str(number)},
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": {"replicas": replicas, "selector": selector, "template": template},
        "status": {"replicas": 0},
    }


def status_of(deployment: Obj, sets: list[Obj], now: str, *, stuck: bool = False) -> Obj:
    """The status that these ReplicaSets' counts amount to; `stuck`: nothing moved until the progress deadline."""
    desired = common.replicas_of(deployment)
    digest = template_hash(deployment["spec"]["template"])
    current = next((rs for rs in sets if _hash(rs) == digest), None)
    counts = {
        name: sum(int((rs.get("status") or {}).get(name) or 0) for rs in sets)
        for name in ("replicas", "readyReplicas", "availableReplicas")
    }
    updated = int(((current or {}).get("status") or {}).get("replicas") or 0)
    available = counts["availableReplicas"]
    done = updated == desired == counts["replicas"] and available == desired
    name = current["metadata"]["name"] if current else deployment["metadata"]["name"]
    conditions = (deployment.get("status") or {}).get("conditions")
    if current is not None and counts["replicas"] == updated:
        done = done or _was_done(conditions, name)
    enough = available >= desired - limits(deployment, desired)[1]
    for each in (_available_condition(enough, now), _progress_condition(name, now, done=done, stuck=stuck)):
        conditions = _replaced(conditions, each)
    refused = (((current or {}).get("status") or {}).get("conditions") or ())[:1]
    conditions = [each for each in conditions or () if each["type"] != "ReplicaFailure"]
    conditions += [{**each, "lastUpdateTime": each["lastTransitionTime"]} for each in refused]
    status = {
        "observedGeneration": deployment["metadata"].get("generation", 1),
        **counts,
        "updatedReplicas": updated,
        "unavailableReplicas": max(0, max(desired, counts["replicas"]) - available),
    }
    return {**common.compact(status), "conditions": conditions}


def _was_done(conditions: list[Obj] | None, name: str) -> bool:
    """True when this ReplicaSet's rollout completed before: a pod failing later does not undo that."""
    message = f'ReplicaSet "{name}" has successfully progressed.'
    return any(each.get("message") == message for each in conditions or ())


def _available_condition(enough: bool, now: str) -> Obj:
    return {
        "type": "Available",
        "status": "True" if enough else "False",
        "lastUpdateTime": now,
        "lastTransitionTime": now,
        "reason": "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        "message": f"Deployment {'has' if enough else 'does not have'} minimum availability.",
    }


def _progress_condition(name: str, now: str, *, done: bool, stuck: bool) -> Obj:
    reason, message = "ReplicaSetUpdated", "is progressing"
    if done:
        reason, message = "NewReplicaSetAvailable", "has successfully progressed"
    elif stuck:
        reason, message = "ProgressDeadlineExceeded", "has timed out progressing"
    return {
        "type": "Progressing",
        "status": "False" if stuck and not done else "True",
        "lastUpdateTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": f'ReplicaSet "{name}" {message}.',
    }


def _replaced(conditions: list[Obj] | None, new: Obj) -> list[Obj]:
    """As `replaced_condition`; an unchanged one also keeps its update time."""
    same = ("type", "status", "reason", "message")
    if any(all(old.get(name) == new[name] for name in same) for old in conditions or ()):
        return list(conditions or ())
    return replaced_condition(conditions, new)
