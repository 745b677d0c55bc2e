"""The status of a pod in each stage of its life, as kubelets write it.  Pure functions of the pod and the time."""

import hashlib
from typing import Any

from kurator_tui.demo.world.objects import condition

Obj = dict[str, Any]

_KEPT = ("hostIP", "hostIPs", "podIP", "podIPs", "startTime", "qosClass", "ephemeralContainerStatuses")
"""Parts of a status that its next stage goes on with."""
PULL_BACKOFF = 'Back-off pulling image "{image}"'
PULL_ERROR = 'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'


def _identity(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def containers(pod: Obj) -> list[Obj]:
    """The pod's containers, never its init containers."""
    return list((pod.get("spec") or {}).get("containers") or ())


def ephemeral(pod: Obj) -> list[Obj]:
    """The pod's ephemeral containers."""
    return list((pod.get("spec") or {}).get("ephemeralContainers") or ())


def statuses(pod: Obj) -> list[Obj]:
    """The container statuses, [] before the kubelet saw the pod."""
    return list((pod.get("status") or {}).get("containerStatuses") or ())


def _container_status(pod: Obj, each: Obj, state: Obj, *, ready: bool, restarts: int, last: Obj) -> Obj:
    running = "running" in state
    image = str(each.get("image", ""))
    made: Obj = {
        "name": each.get("name"),
        "state": state,
        "lastState": last,
        "ready": ready,
        "restartCount": restarts,
        "image": image,
        "imageID": f"{image.split('@')[0].rsplit(':', 1)[0]}@sha256:{_identity(image)}" if running else "",
        "started": running,
    }
    if running:
        made["containerID"] = f"containerd://{_identity(pod['metadata'].get('uid', '') + image + str(restarts))}"
    return made


def _conditions(since: str, *, ready: bool, terminal: str = "") -> list[Obj]:
    why = {"reason": "ContainersNotReady", "message": "containers with unready status"}
    if terminal:
        why = {"reason": terminal}
    flag = "True" if ready else "False"
    more = {} if ready else why
    initialized = {"reason": terminal} if terminal else {}
    return [
        condition("Initialized", "True", since, **initialized),
        condition("Ready", flag, since, **more),
        condition("ContainersReady", flag, since, **more),
        condition("PodScheduled", "True", since),
    ]


def _status(pod: Obj, phase: str, since: str, container_statuses: list[Obj], *, ready: bool, **more: Any) -> Obj:
    old = pod.get("status") or {}
    status = {key: old[key] for key in _KEPT if key in old}
    status.update(phase=phase, containerStatuses=container_statuses)
    status["conditions"] = _kept_times(old.get("conditions"), _conditions(since, ready=ready, **more))
    return status


def _kept_times(old: list[Obj] | None, new: list[Obj]) -> list[Obj]:
    before = {each["type"]: each for each in old or ()}
    return [
        {**each, "lastTransitionTime": before[each["type"]]["lastTransitionTime"]}
        if each["type"] in before and before[each["type"]].get("status") == each["status"]
        else each
        for each in new
    ]


def unschedulable(pod: Obj, now: str, message: str) -> Obj:
    """Pending: no node takes it."""
    why = condition("PodScheduled", "False", now, reason="Unschedulable", message=message)
    return {**(pod.get("status") or {}), "phase": "Pending", "conditions": [why]}


def creating(pod: Obj, now: str, host_ip: str) -> Obj:
    """Pending: accepted by the kubelet, images are being pulled."""
    state = {"waiting": {"reason": "ContainerCreating"}}
    made = [_container_status(pod, each, state, ready=False, restarts=0, last={}) for each in containers(pod)]
    status = _status(pod, "Pending", now, made, ready=False)
    return {**status, "hostIP": host_ip, "hostIPs": [{"ip": host_ip}], "startTime": now}


def pull_failed(pod: Obj, now: str, bad: set[str], *, backoff: bool) -> Obj:
    """Pending: at least one image cannot be pulled (`backoff`: waiting before the next attempt)."""
    made = []
    for each in containers(pod):
        image = str(each.get("image"))
        if image in bad:
            reason = "ImagePullBackOff" if backoff else "ErrImagePull"
            message = (PULL_BACKOFF if backoff else PULL_ERROR).format(image=image)
            state: Obj = {"waiting": {"reason": reason, "message": message}}
            made.append(_container_status(pod, each, state, ready=False, restarts=0, last={}))
        else:
            state = {"running": {"startedAt": now}}
            made.append(_container_status(pod, each, state, ready=True, restarts=0, last={}))
    return _status(pod, "Pending", now, made, ready=False)


def running(pod: Obj, now: str, pod_ip: str, *, ready: bool, restarts: int | None = None) -> Obj:
    """Running; `restarts` replaces the restart count of the first container."""
    made = []
    for number, each in enumerate(containers(pod)):
        old = next((s for s in statuses(pod) if s.get("name") == each.get("name")), {})
        count = int(old.get("restartCount") or 0)
        if restarts is not None and number == 0:
            count = restarts
        state = before = old.get("state") or {}
        if "running" not in state or count != old.get("restartCount"):
            state = {"running": {"startedAt": now}}
        last = {key: told for key, told in before.items() if key == "terminated"} or old.get("lastState") or {}
        made.append(_container_status(pod, each, state, ready=ready, restarts=count, last=last))
    status = _status(pod, "Running", now, made, ready=ready)
    return {**status, "podIP": pod_ip, "podIPs": [{"ip": pod_ip}]}


def crashed(pod: Obj, now: str, *, waiting: bool, reason: str = "Error", exit_code: int = 1) -> Obj:
    """The first container has ended with an error; `waiting`: it is in its crash-loop back-off."""
    made = []
    for number, old in enumerate(statuses(pod)):
        if number:
            made.append(old)
            continue
        started = ((old.get("state") or {}).get("running") or {}).get("startedAt", now)
        ended = {"terminated": {"exitCode": exit_code, "reason": reason, "startedAt": started, "finishedAt": now}}
        if waiting:
            ended = (old.get("state") or {}) if "terminated" in (old.get("state") or {}) else ended
            name = f"{pod['metadata']['name']}_{pod['metadata']['namespace']}({pod['metadata'].get('uid')})"
            message = f"back-off 10s restarting failed container={old.get('name')} pod={name}"
            state: Obj = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
            made.append({**old, "state": state, "lastState": ended, "ready": False, "started": False})
        else:
            made.append({**old, "state": ended, "ready": False, "started": False})
    return _status(pod, "Running", now, made, ready=False)


def crashed_before(pod: Obj) -> str:
    """When the run before this one of the first container ended, RFC 3339; "" when there was none."""
    last = (statuses(pod) or [{}])[0].get("lastState") or {}
    return str((last.get("terminated") or {}).get("finishedAt") or "")


def completed(pod: Obj, now: str) -> Obj:
    """Succeeded: every container ended with 0."""
    made = []
    for old in statuses(pod):
        started = ((old.get("state") or {}).get("running") or {}).get("startedAt", now)
        ended = {"exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": now}
        made.append({**old, "state": {"terminated": ended}, "ready": False, "started": False})
    return _status(pod, "Succeeded", now, made, ready=False, terminal="PodCompleted")


def unreachable(pod: Obj, now: str) -> Obj:
    """As the node controller marks a pod whose node does not answer: phase kept, Ready False."""
    status = dict(pod.get("status") or {})
    conditions = [
        condition("Ready", "False", now) if each.get("type") == "Ready" else each
        for each in status.get("conditions") or ()
    ]
    return {**status, "conditions": conditions}


def tolerates_silence(pod: Obj) -> float | None:
    """Seconds for which a pod stays on a node that does not answer; None for ever."""
    found = [
        each.get("tolerationSeconds")
        for each in pod["spec"].get("tolerations") or ()
        if each.get("key") == "node.kubernetes.io/unreachable" and each.get("effect") in (None, "", "NoExecute")
    ]
    if not found:
        return 0.0
    return None if None in found else float(min(found))


def debugged(pod: Obj, now: str, bad: set[str]) -> Obj | None:
    """The status with a state for each ephemeral container; None when all have theirs."""
    status = pod.get("status") or {}
    known = list(status.get("ephemeralContainerStatuses") or ())
    names = {each.get("name") for each in known}
    added = [each for each in ephemeral(pod) if each.get("name") not in names]
    if not added:
        return None
    for each in added:
        image = str(each.get("image"))
        failed = {"reason": "ErrImagePull", "message": PULL_ERROR.format(image=image)}
        state = {"waiting": failed} if image in bad else {"running": {"startedAt": now}}
        known.append(_container_status(pod, each, state, ready=False, restarts=0, last={}))
    return {**status, "ephemeralContainerStatuses": known}


def is_ready(pod: Obj) -> bool:
    """True when the Ready condition is True and the pod is not being deleted."""
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


def waiting_reason(pod: Obj) -> str:
    """Why the first container waits, '' when it does not; any shape of pod."""
    try:
        return str(pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"])
    except (KeyError, IndexError, TypeError):
        return ""
