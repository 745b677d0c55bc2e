"""Flagger on one member: looks at each Canary once an interval and takes one step, in Flagger's order and words.

Steps and messages are those of Flagger 1.34 with Istio.  What it measures comes from the world's traffic, which it
also splits: bad answers of a new version halt its own canary and no other.
"""

from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import flaggered
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common, flagger_gates, flagger_made
from kurator_tui.demo.world.controllers.flagger_view import View
from kurator_tui.demo.world.traffic import Traffic

Obj = dict[str, Any]

CANARIES = "canaries.flagger.app"
DEPLOYMENTS = "deployments.apps"
SYNCED = "Synced"
_AT_WORK = ("Progressing", "WaitingPromotion", "Promoting", "Finalising")


def governed(cluster: SimCluster) -> set[common.Key]:
    """(namespace, name) of the Deployments that a release decides about: nobody else should touch them."""
    found: set[common.Key] = set()
    for canary in cluster.all_of(CANARIES):
        view = View(canary)
        found |= {(view.namespace, view.target), (view.namespace, view.primary)}
    return found


class Flagger:
    """Moves the Canaries of one cluster."""

    def __init__(self, around: common.Surroundings, traffic: Traffic) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self._traffic = traffic
        self._made = flagger_made.Made(around.cluster, traffic)
        self.queue = WorkQueue(around.cluster.timeline, self._turn)
        for canary in around.cluster.all_of(CANARIES):
            self._made.tell(View(canary))
            self.queue.add(common.key_of(canary), around.cluster.rng.uniform(1.0, 9.0))
        around.cluster.watch(CANARIES, self._changed)

    def _changed(self, event: StorageEvent) -> None:
        if event.type == "ADDED":
            self.queue.add(common.key_of(event.obj), self._cluster.rng.uniform(1.0, 9.0))

    def _turn(self, key: common.Key) -> float | None:
        canary = self._cluster.find(CANARIES, *key)
        if canary is None or canary["metadata"].get("deletionTimestamp"):
            return None
        view = View(canary)
        self._step(view)
        return view.interval

    # -- one look

    def _step(self, view: View) -> None:
        if view.spec.get("suspend"):
            self._say(view, "skipping canary run as object is suspended")
            return
        target = self._cluster.find(DEPLOYMENTS, view.namespace, view.target)
        if target is None:
            wanted = f"deployment {view.target}.{view.namespace} get query error: "
            self._warn(view, f'{wanted}deployments.apps "{view.target}" not found')
            return
        if view.phase in ("", "Initializing"):
            self._initialize(view, target)
            return
        self._made.keep(view)
        applied = flaggered.spec_hash(target["spec"]["template"])
        if view.phase not in _AT_WORK:
            if self._is_new(view, applied):
                self._begin(view, applied)
            return
        waiting, _hopeless = self._unready(view, view.primary)
        if waiting and not view.skips:
            self._warn(view, f"{view.primary}.{view.namespace} not ready: {waiting}")
            return
        if view.phase in ("Progressing", "WaitingPromotion") and self._is_new(view, applied):
            self._restart(view, applied)
            return
        self._go_on(view, target)

    def _initialize(self, view: View, target: Obj) -> None:
        """Make the primary; once it is ready, scale the target down and be done."""
        applied = flaggered.spec_hash(target["spec"]["template"])
        if not view.phase:
            self._write(view, phase="Initializing", canaryWeight=0, failedChecks=0, iterations=0)
        self._made.primary(view, target)
        waiting, _hopeless = self._unready(view, view.primary)
        if waiting and not view.skips:
            self._warn(view, f"{view.primary}.{view.namespace} not ready: {waiting}")
            return
        self._made.scale(view, 0)
        self._made.keep(view)
        self._made.route(view, 0)
        self._write(view, phase="Initialized", lastAppliedSpec=applied, lastPromotedSpec=applied)
        self._say(view, f"Initialization done! {view.place}")

    def _is_new(self, view: View, applied: str) -> bool:
        """Whether the target has another template than the one looked at; going back by hand is none."""
        if view.status.get("lastPromotedSpec") == applied:
            return False
        return bool(view.status.get("lastAppliedSpec") != applied)

    def _begin(self, view: View, applied: str) -> None:
        self._say(view, f"New revision detected! Scaling up {view.target}.{view.namespace}")
        self._made.changed(view)
        self._made.scale(view, self._made.replicas_of_primary(view))
        self._progress(view, applied)

    def _restart(self, view: View, applied: str) -> None:
        self._say(view, f"New revision detected! Restarting analysis for {view.target}.{view.namespace}")
        self._made.route(view, 0)
        self._made.changed(view)
        self._progress(view, applied)

    def _progress(self, view: View, applied: str) -> None:
        fresh = {"canaryWeight": 0, "failedChecks": 0, "iterations": 0, "lastAppliedSpec": applied}
        self._write(view, phase="Progressing", **fresh)

    def _go_on(self, view: View, target: Obj) -> None:
        """A canary that is under way: wait, skip, move traffic back, end, give up, or check and advance."""
        waiting, hopeless = self._unready(view, view.target)
        if waiting and not hopeless:
            self._warn(view, f"canary deployment {view.target}.{view.namespace} not ready: {waiting}")
            return
        spent = hopeless or view.failed >= view.threshold
        if view.skips:
            self._skip(view, target, waiting if spent else "", spent=spent)
        elif view.phase == "Promoting":
            self._shift_back(view)
        elif view.phase == "Finalising":
            self._finish(view)
        elif spent:
            if hopeless:
                self._warn(view, f"Rolling back {view.place} progress deadline exceeded {waiting}")
            self._roll_back(view)
        else:
            self._check(view, target)

    def _unready(self, view: View, name: str) -> tuple[str, bool]:
        """What a Deployment still waits for ('' nothing), and whether it waited too long."""
        return flagger_made.unready(self._cluster, view, name)

    # -- ends

    def _skip(self, view: View, target: Obj, waiting: str, *, spent: bool) -> None:
        if spent:
            self._warn(view, f"Rolling back {view.place} progress deadline exceeded {waiting}")
            self._roll_back(view)
            return
        self._made.route(view, 0)
        self._copy(view, target)
        self._made.scale(view, 0)
        self._write(view, phase="Succeeded", canaryWeight=0, iterations=0, lastPromotedSpec=_applied(view))
        place = f"{view.target}.{view.namespace}"
        self._say(view, f"Promotion completed! Canary analysis was skipped for {place}")

    def _shift_back(self, view: View) -> None:
        """Traffic goes back to the primary, which has the new version now."""
        step = int(view.analysis.get("stepWeightPromotion") or 0)
        weight = self._made.weight(view)
        if not step:
            self._say(view, "Routing all traffic to primary")
            self._made.route(view, 0)
            self._write(view, phase="Finalising", canaryWeight=0, iterations=0)
            return
        left = max(0, weight - step)
        self._made.route(view, left)
        self._say(view, f"Advance {view.place} primary weight {100 - left}")
        self._write(view, phase="Promoting" if left else "Finalising", canaryWeight=left)

    def _finish(self, view: View) -> None:
        self._made.scale(view, 0)
        self._write(view, phase="Succeeded", canaryWeight=0, iterations=0, lastPromotedSpec=_applied(view))
        self._say(view, f"Promotion completed! Scaling down {view.target}.{view.namespace}")

    def _roll_back(self, view: View) -> None:
        if view.failed >= view.threshold:
            self._warn(view, f"Rolling back {view.place} failed checks threshold reached {view.failed}")
        self._made.route(view, 0)
        self._warn(view, f"Canary failed! Scaling down {view.place}")
        self._made.scale(view, 0)
        self._write(view, phase="Failed", canaryWeight=0, failedChecks=0, iterations=0)

    # -- checks and steps

    def _check(self, view: View, target: Obj) -> None:
        weight = self._made.weight(view)
        if weight == 0 and view.iteration == 0:
            self._say(view, f"Starting canary analysis for {view.target}.{view.namespace}")
        else:
            now = self._cluster.clock.wall()
            complaint = flagger_gates.complaint(view, self._cluster.name, self._traffic, now)
            if complaint:
                self._warn(view, complaint)
                self._write(view, failedChecks=view.failed + 1)
                return
        if view.iterations:
            self._iterate(view, target)
        elif view.next_step(weight) > 0:
            self._advance(view, target, weight)

    def _iterate(self, view: View, target: Obj) -> None:
        """A/B testing and blue/green: count, and promote after the last; blue/green shows the new one first."""
        done = view.iteration
        if done < view.iterations:
            if view.matched:
                self._made.route(view, 100)
            self._count(view, done + 1)
            self._say(view, f"Advance {view.place} canary iteration {done + 1}/{view.iterations}")
        elif not self._may_promote(view):
            return
        elif done == view.iterations and not view.matched:
            self._say(view, "Routing all traffic to canary")
            self._made.route(view, 100)
            self._count(view, done + 1)
        else:
            self._promote(view, target)

    def _count(self, view: View, number: int) -> None:
        self._write(view, iterations=number)
        self._made.tell(View({**view.obj, "status": {**view.status, "iterations": number}}))

    def _advance(self, view: View, target: Obj, weight: int) -> None:
        """Canary: more traffic, and promotion at the last weight."""
        if weight < view.max_weight:
            weight = min(100, weight + view.next_step(weight))
            self._made.route(view, weight)
            self._write(view, canaryWeight=weight)
            self._say(view, f"Advance {view.place} canary weight {weight}")
        elif self._may_promote(view):
            self._promote(view, target)

    def _may_promote(self, view: View) -> bool:
        if not view.held:
            return True
        if view.phase != "WaitingPromotion":
            self._write(view, phase="WaitingPromotion")
        self._warn(view, f"Halt {view.place} advancement waiting for promotion approval {view.held}")
        return False

    def _promote(self, view: View, target: Obj) -> None:
        self._copy(view, target)
        self._write(view, phase="Promoting", canaryWeight=0, iterations=0)

    def _copy(self, view: View, target: Obj) -> None:
        place = f"{view.target}.{view.namespace}"
        self._say(view, f"Copying {place} template spec to {view.primary}.{view.namespace}")
        self._made.promote(view, target)

    # -- writing

    def _write(self, view: View, **changes: Any) -> None:
        """Change the status; a phase brings its condition, everything the time."""
        now = self._cluster.clock.stamp()
        current = self._cluster.find(CANARIES, view.namespace, view.name)
        if current is None:
            return
        status = {**(current.get("status") or {}), **changes, "lastTransitionTime": now}
        if "phase" in changes:
            status["conditions"] = [flaggered.promoted(current, changes["phase"], now)]
        self._cluster.set_status(CANARIES, current, status)

    def _say(self, view: View, message: str) -> None:
        self._record(view.obj, SYNCED, message, source="flagger")

    def _warn(self, view: View, message: str) -> None:
        self._record(view.obj, SYNCED, message, source="flagger", kind="Warning")


def _applied(view: View) -> str:
    return str(view.status.get("lastAppliedSpec") or "")
