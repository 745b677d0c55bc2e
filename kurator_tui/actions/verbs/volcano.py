"""Verbs of Volcano: suspend, resume and restart a job, open and close a queue, its weight. They send nothing.

Volcano is told by Commands: objects that it takes once and deletes. Which ones a job or queue heeds depends on its
state (Volcano's state machines of jobs and queues); others it would swallow, so they are refused here.
"""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh, reference
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, text

COMMAND = "commands.bus.volcano.sh"
_QUEUES_NAMESPACE = "default"
"""Where Volcano's own tool puts the Commands of queues, which have no namespace."""
_GOING = ("Pending", "Running", "Inqueue", "")
_MEMBERS = ("pending", "running", "terminating")


def _commanded(draft: Draft, target: Target, obj: Obj, action: str) -> None:
    """One more Command, beside the job, or in `default` for a queue."""
    namespace = target.namespace or _QUEUES_NAMESPACE
    words = {"AbortJob": "abort", "ResumeJob": "resume", "RestartJob": "restart"}.get(action, action.casefold())
    name = fresh(target.name, words)
    owner = reference(obj, controller=True)
    head = {"name": name, "namespace": namespace, "ownerReferences": [owner]}
    body = {"metadata": head, "action": action, "target": owner}
    draft.write(Target(target.cluster, COMMAND, namespace, name), Create(body), f"{action} for {target.name}")


def _phase(obj: Obj) -> str:
    return text(at(obj, "status", "state", "phase"))


def _pods(obj: Obj) -> int:
    numbers = [at(obj, "status", key) for key in _MEMBERS]
    return sum(each for each in numbers if isinstance(each, int))


async def plan_suspend(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Abort jobs that go on."""
    draft = Draft(f"Suspend {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        if _phase(obj) not in _GOING:
            draft.refuse(target, f"it is {_phase(obj)}: only a job that waits or runs can be suspended")
            continue
        _commanded(draft, target, obj, "AbortJob")
        draft.warn(f"its {_pods(obj)} pods end; what they did not save is lost", target)
        draft.tell("it stays as Aborted, and its place in the queue goes to others, until it is resumed", target)
    return draft


async def plan_resume(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Start jobs that were aborted."""
    draft = Draft(f"Resume {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        if _phase(obj) not in ("Aborted", "Aborting"):
            draft.refuse(target, f"it is {_phase(obj) or 'not begun'}: only an aborted job can be resumed")
            continue
        _commanded(draft, target, obj, "ResumeJob")
        await _tell_queue(reader, draft, target, obj)
    return draft


async def plan_restart(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Kill and start the pods of jobs."""
    draft = Draft(f"Restart {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        if _phase(obj) not in _GOING:
            draft.refuse(target, f"it is {_phase(obj)}: Volcano restarts only a job that waits or runs")
            continue
        _commanded(draft, target, obj, "RestartJob")
        draft.warn(f"all {_pods(obj)} pods end before new ones start; what they did not save is lost", target)
        retries, most = at(obj, "status", "retryCount"), at(obj, "spec", "maxRetry")
        if isinstance(most, int):
            draft.tell(f"it counts as a retry: {retries or 0} of {most} so far", target)
        await _tell_queue(reader, draft, target, obj)
    return draft


async def _tell_queue(reader: Reader, draft: Draft, target: Target, obj: Obj) -> None:
    name = text(at(obj, "spec", "queue")) or "default"
    for queue in await reader.list(target.cluster, "queues.scheduling.volcano.sh"):
        state = text(at(queue, "status", "state"))
        if at(queue, "metadata", "name") == name and state not in ("", "Open"):
            draft.warn(f"queue {name} is {state}: its pods wait until it is open", target)


async def plan_open(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Open queues."""
    draft = Draft(f"Open {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        if text(at(obj, "status", "state")) in ("Open", ""):
            draft.refuse(target, "it is open already")
        else:
            _commanded(draft, target, obj, "OpenQueue")
    return draft


async def plan_close(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Close queues."""
    draft = Draft(f"Close {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        state = text(at(obj, "status", "state"))
        if state not in ("Open", ""):
            draft.refuse(target, f"it is {state} already")
            continue
        _commanded(draft, target, obj, "CloseQueue")
        running, waiting = (at(obj, "status", key) or 0 for key in ("running", "pending"))
        draft.tell(f"{running} pod groups that run go on: it is Closing until they end", target)
        draft.warn(f"new jobs are refused, and {waiting} that wait get nothing until it is open", target)
    return draft


async def plan_weight(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Set the weights of queues."""
    wanted = int(arguments["weight"])
    draft = Draft(f"Set the weight of {counted(targets)} to {wanted}")
    for target, obj in await objects(reader, targets, draft):
        present = at(obj, "spec", "weight")
        if wanted < 1:
            draft.refuse(target, "a weight is 1 or more")
        elif present == wanted:
            draft.refuse(target, f"its weight is {wanted} already")
        else:
            draft.write(target, JsonPatch(({"op": "add", "path": "/spec/weight", "value": wanted},)))
            await _tell_share(reader, draft, target, obj, wanted)
    return draft


async def _tell_share(reader: Reader, draft: Draft, target: Target, obj: Obj, wanted: int) -> None:
    """Its share among its siblings, before and after."""
    parent = text(at(obj, "spec", "parent"))
    weights = {}
    for each in await reader.list(target.cluster, target.kind):
        weight = at(each, "spec", "weight")
        if text(at(each, "spec", "parent")) == parent and isinstance(weight, int):
            weights[text(at(each, "metadata", "name"))] = weight
    before, others = weights.get(target.name, 1), sum(weights.values()) - weights.get(target.name, 0)
    if others:
        shares = [round(100 * each / (each + others)) for each in (before, wanted)]
        draft.tell(f"its share among its {len(weights)} siblings: {shares[0]}% -> {shares[1]}%", target)
    if wanted < before and at(obj, "spec", "reclaimable") is not False:
        draft.warn("pods of its jobs may be evicted for those of other queues: it is reclaimable", target)


PLANNERS: dict[str, Planner] = {
    "volcano.suspend": plan_suspend,
    "volcano.resume": plan_resume,
    "volcano.restart": plan_restart,
    "queue.open": plan_open,
    "queue.close": plan_close,
    "queue.weight": plan_weight,
}
