"""Deletes: one object, a collection, and evictions under disruption budgets.

Finalizers and grace periods turn a delete into a promise (`deletionTimestamp`); controllers keep it later.
"""

from typing import Any

from kurator_tui.demo.apiserver import calls, errors, listing
from kurator_tui.demo.apiserver.calls import Answer, Call, DeleteOptions
from kurator_tui.demo.apiserver.changes import Obj
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.selectors import Selector, from_object
from kurator_tui.demo.apiserver.storage import Storage, rfc3339

_FOREGROUND = "foregroundDeletion"
_ORPHAN = "orphan"
#: Kinds whose delete answers with the object rather than a Status.
_RETURNS_OBJECT = frozenset({"pods", "services", "persistentvolumeclaims", "serviceaccounts"})


class Deletion:
    """The deletes of one cluster."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def delete(self, call: Call) -> Answer:
        """DELETE of one object: 200 with a Status when it is gone, with the object while it goes."""
        options = calls.read_delete_options(call)
        target = call.target
        return Answer(200, self._delete(call.rt, target.ns, target.name, options))

    def delete_collection(self, call: Call) -> Answer:
        """DELETE of a selection: 200 with the list of what was selected."""
        options = calls.read_delete_options(call)
        rt = call.rt
        page = listing.select(self._storage, rt, call.scope, call.query)
        items = []
        for entry in page.entries:
            items.append({k: v for k, v in entry.obj.items() if rt.custom or k not in ("kind", "apiVersion")})
            self._delete(rt, *entry.key, options)
        head = {"kind": f"{rt.kind}List", "apiVersion": rt.api_version}
        return Answer(200, {**head, "metadata": page.metadata, "items": items})

    def evict(self, call: Call) -> Answer:
        """POST of an Eviction: 201, or 429 when a budget forbids it."""
        body = calls.patch_document(call.body, call.content_type) if call.body.strip() else {}
        if not isinstance(body, dict) or body.get("kind") not in (None, "Eviction"):
            raise errors.bad_request("the object provided is unrecognized (must be of type Eviction)")
        options = calls.delete_options(call.query, body.get("deleteOptions"))
        pod = self._storage.get(call.rt, call.target.ns, call.target.name)
        dry_run = options.dry_run or call.dry_run
        self._spend_budget(pod, dry_run=dry_run)
        if not dry_run:
            self._delete(call.rt, call.target.ns, call.target.name, options)
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
        return Answer(201, status)

    # -- one object

    def _delete(self, rt: ResourceType, ns: str, name: str, options: DeleteOptions) -> Obj:
        live = self._storage.get(rt, ns, name)
        _check_preconditions(rt, live, options)
        grace = _grace(rt, live, options)
        meta: dict[str, Any] = {**live["metadata"]}
        finalizers = _finalizers(meta, options.propagation)
        is_namespace = not rt.group and rt.plural == "namespaces"
        if grace == 0 and not finalizers and not is_namespace:
            if not options.dry_run:
                live = self._storage.remove(rt, ns, name)
            return live if rt.plural in _RETURNS_OBJECT and not rt.custom else _success(rt, live)
        if not meta.get("deletionTimestamp") or grace < int(meta.get("deletionGracePeriodSeconds") or 0):
            meta["deletionTimestamp"] = rfc3339(self._storage.clock() + grace)
            meta["deletionGracePeriodSeconds"] = grace
        doomed = {**live, "metadata": meta}
        if finalizers:
            meta["finalizers"] = finalizers
        if is_namespace:
            meta.pop("deletionGracePeriodSeconds", None)
            doomed["status"] = {**(live.get("status") or {}), "phase": "Terminating"}
        return self._storage.update(rt, doomed, dry_run=options.dry_run)

    # -- budgets

    def _spend_budget(self, pod: Obj, *, dry_run: bool) -> None:
        """Take one disruption from the pod's budget; raises 429 when there is none left."""
        phase = (pod.get("status") or {}).get("phase")
        if phase in ("Succeeded", "Failed", "Pending") or pod["metadata"].get("deletionTimestamp"):
            return
        budgets = self._budgets(pod)
        if len(budgets) > 1:
            message = (
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
            )
            raise errors.internal(message)
        for budget in budgets:
            self._spend(budget, pod, dry_run=dry_run)

    def _budgets(self, pod: Obj) -> list[Obj]:
        rt = self._storage.catalogue.by_plural("poddisruptionbudgets", "policy")
        every, _ = self._storage.list(rt, pod["metadata"]["namespace"])
        return [b for b in every if Selector(from_object((b.get("spec") or {}).get("selector"))).matches(pod)]

    def _spend(self, budget: Obj, pod: Obj, *, dry_run: bool) -> None:
        rt = self._storage.catalogue.by_plural("poddisruptionbudgets", "policy")
        meta, status = budget["metadata"], budget.get("status") or {}
        name = meta["name"]
        if int(status.get("observedGeneration") or 0) < int(meta.get("generation") or 0):
            why = f"The disruption budget {name} is still being processed by the server."
            raise _refused(why, 10)
        if int(status.get("disruptionsAllowed") or 0) <= 0:
            need, have = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
            why = f"The disruption budget {name} needs {need} healthy pods and has {have} currently"
            raise _refused(why, 0)
        if dry_run:
            return
        spent = {**(status.get("disruptedPods") or {}), pod["metadata"]["name"]: self._storage.now()}
        left = int(status["disruptionsAllowed"]) - 1
        changed = {**status, "disruptionsAllowed": left, "disruptedPods": spent}
        self._storage.apply_status(rt, meta["namespace"], name, changed)


def _refused(why: str, retry_after: int) -> errors.StatusError:
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    error = errors.too_many_requests(message, retry_after, [{"reason": "DisruptionBudget", "message": why}])
    if not retry_after and error.details is not None:
        error.headers.clear()
        del error.details["retryAfterSeconds"]
    return error


def _check_preconditions(rt: ResourceType, live: Obj, options: DeleteOptions) -> None:
    meta = live["metadata"]
    if options.uid and options.uid != meta["uid"]:
        raise errors.precondition_failed(rt, meta["name"], "UID", options.uid, meta["uid"])
    if options.version and options.version != meta["resourceVersion"]:
        have = meta["resourceVersion"]
        raise errors.precondition_failed(rt, meta["name"], "ResourceVersion", options.version, have)


def _grace(rt: ResourceType, live: Obj, options: DeleteOptions) -> int:
    """Seconds a bound, unfinished pod gets; 0 for everything else."""
    if rt.group or rt.plural != "pods":
        return 0
    spec, status = live.get("spec") or {}, live.get("status") or {}
    if not spec.get("nodeName") or status.get("phase") in ("Succeeded", "Failed"):
        return 0
    if options.grace is not None:
        return max(options.grace, 0)
    return int(spec.get("terminationGracePeriodSeconds") or 30)


def _finalizers(meta: Obj, propagation: str) -> list[str]:
    """The finalizers after the delete: the propagation policy adds its own to a first delete."""
    found = list(meta.get("finalizers") or ())
    added = {"Foreground": _FOREGROUND, "Orphan": _ORPHAN}.get(propagation)
    if added and added not in found and not meta.get("deletionTimestamp"):
        found.append(added)
    return found


def _success(rt: ResourceType, obj: Obj) -> Obj:
    meta = obj["metadata"]
    details = errors.resource_details(rt, meta["name"], uid=meta["uid"])
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
