"""Pods that do not run as they should."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kurator_tui.kinds.apps import JOB
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import EVENT, NODE
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.pods import POD, UNREADY, PodRow
from kurator_tui.kinds.tekton import TASK_RUN
from kurator_tui.triage.events import about, newest, said_of
from kurator_tui.triage.marking import of_pod
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY

PENDING = 60.0
"""Seconds for which a pod may wait for a node: the scheduler, or an autoscaler, may be at it."""
STARTING = 300.0
"""Seconds after which a pod that runs should be ready, and one that has a node should run."""
SILENT = 120.0
"""Seconds of silence after which a node is told of, and what runs on it with it."""
GATED = 180.0
"""Seconds for which a readiness gate may be shut."""
LEAVING = 300.0
"""Seconds after which a pod that is deleted should be gone."""
RECENT = 600.0
"""Seconds for which a restart counts as now."""
OFTEN = 3
"""Restarts that are more than chance."""
HELD_BACK, LONGEST_HELD, LATE = 10.0, 300.0, 15.0
"""Seconds for which the kubelet holds a container back that crashed twice within `FORGIVEN`, twice as long each
next time up to the second; and by which it may be later. What starts later still was not held back: its node was
away."""
FORGIVEN = 600.0
"""Seconds for which a container has to run until the kubelet waits for it no longer than for a new one."""

OUT_OF_MEMORY = "OOMKilled"
CREATING = ("ContainerCreating", "PodInitializing")
STOPPED = ("Completed:0", "Error:137", "Error:143")
"""How a container ends that was told to: by itself, or with the signals TERM and KILL."""

PROBED = frozenset({"Unhealthy", "ProbeWarning"})
NOT_MADE = frozenset({"FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"})
"""Reasons of events that say more than the pod's own status."""

_IMAGE = re.compile(r'image "([^"]+)"')
_INITIALISING = re.compile(r"Init:\d")


def _concerns(pod: PodRow) -> bool:
    """One that runs, is ready and never restarted is well."""
    if pod.status == "Running" and pod.ready == pod.containers and not pod.restarts and not pod.reason:
        return False
    return pod.phase != "Succeeded" or pod.deleting


def _failed(pod: PodRow) -> bool:
    return pod.phase == "Failed" and pod.status != "Evicted" and not pod.deleting


PODS = Analyser(POD, concerns=_concerns)
FAILED = Analyser(POD, concerns=_failed, beside=(JOB,))


def _word(pod: PodRow) -> str:
    return pod.status.removeprefix("Init:")


def _told(pod: PodRow, look: Look, reasons: frozenset[str]) -> list[str]:
    """The newest warning about a pod, where events are known."""
    event = said_of(look, pod.cluster, pod.namespace, f"Pod/{pod.name}", reasons)
    return [event.message] if event is not None else []


def _waits(pod: PodRow) -> bool:
    """Whether the kubelet holds a container back that crashed."""
    return _word(pod) == "CrashLoopBackOff" and pod.restarts > 0 and pod.phase != "Failed" and not pod.deleting


def _loops_until(pod: PodRow) -> float:
    """Unix second until which what runs is between two crashes, or what just ended has crashed again; else 0.0.

    By the kubelet's own measure, so that a loop is one finding whether it is seen to end, to wait or to run: what
    ran for `FORGIVEN` is started again at once, however often that happened before.
    """
    if pod.deleting or pod.phase == "Failed" or not (pod.restarts and pod.restarted_at):
        return 0.0
    until, word = pod.restarted_at + pod.waited + FORGIVEN, _word(pod)
    if word in ("Error", "Completed", OUT_OF_MEMORY) or word.startswith(("ExitCode:", "Signal:")):
        return until
    runs = pod.status == "Running" or _INITIALISING.match(pod.status) is not None
    longest = min(HELD_BACK * 2.0 ** min(max(0, pod.restarts - 2), 8), LONGEST_HELD)
    held = pod.restarts > 1 and HELD_BACK <= pod.waited <= longest + LATE
    return until if runs and held else 0.0


def _loop(pod: PodRow, look: Look, told: frozenset[str] = frozenset()) -> Iterator[Seen | Again]:
    """A container ends again and again: it has just ended, waits, or runs until the next time.

    `told`: reasons of events that say more.
    """
    until = _loops_until(pod)
    if _waits(pod) or look.now < until:
        said = _told(pod, look, told) if told else []
        yield Seen("; ".join((_crash(pod), *said)), marks=of_pod(pod, look))
        if until:
            yield Again(until)


def _refusal(said: str, image: str) -> str:
    """What is behind the last mention of the image, which the incident is called by: why it was refused."""
    return said.rpartition(image)[2].strip('": ') if image and image in said else ""


def _pull(pod: PodRow, look: Look, image: str) -> str:
    """What the kubelet said of the last time it tried: the pod's own status only says that it waits."""
    events = look.having(EVENT, pod.cluster, about, (pod.namespace, f"Pod/{pod.name}")) if image else []
    last = newest([event for event in events if event.reason == "Failed" and image in event.message])
    return last.message if last is not None else ""


def _out_of_memory(pod: PodRow) -> bool:
    return pod.ended.startswith(OUT_OF_MEMORY)


def _crash(pod: PodRow) -> str:
    """The evidence: how it ended, how often, and what it left; that it is held back its status says."""
    ended = f", ended with {pod.ended.replace(':', ' ')}" if pod.ended else ""
    left = "" if pod.message.startswith("back-off ") else pod.message
    return f"{pod.status}{ended}, {pod.restarts} restarts: {left}".rstrip(": ")


@PODS.rule(
    "KT1001",
    "container crashes again and again",
    Severity.HIGH,
    suggests=("logs.previous", "read.events", "rollback"),
)
def crash_loop(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A container ends soon after its start, and the kubelet waits longer before each new one: up to five minutes.

    The log of the instance before (`p`) usually says why: a missing setting, a database that does not answer, a
    bad flag. If it began with a release, roll that back; if on one node only, look at the node.
    """
    if not _out_of_memory(pod) and pod.ended not in STOPPED:
        yield from _loop(pod, look)


@PODS.rule("KT1002", "image cannot be pulled", Severity.HIGH, suggests=("read.events", "set-image", "rollback"))
def image_pull(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The registry refuses the image, does not have it, or cannot be reached from the node.

    The same image in several clusters means the tag or the registry; one cluster alone means its pull secret or
    its way to the registry. Pods that run already go on running: the old version serves until they are replaced.
    """
    if _word(pod) in ("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"):
        found = _IMAGE.search(pod.message)
        image = found[1] if found else ""
        why = _refusal(pod.message, image) or _refusal(_pull(pod, look, image), image)
        yield Seen(why or pod.message or pod.status, marks=of_pod(pod, look, image=image))


@PODS.rule("KT1003", "out of memory", Severity.HIGH, suggests=("metrics.row", "logs.previous", "set-resources"))
def out_of_memory(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The kernel ended a container because it used more memory than its limit.

    Compare the limit with what it uses (`M`): a leak climbs until it falls, a limit that is too low is met soon
    after each start. More memory helps at once; what needs it is a question for its developers. Medium for ten
    minutes after it happened once: the container runs again.
    """
    if pod.phase == "Failed" or pod.deleting or not _out_of_memory(pod):
        return
    if loops := [*_loop(pod, look)]:
        yield from loops
        return
    recent = pod.restarted_at + RECENT
    if _word(pod) == OUT_OF_MEMORY:
        yield Seen(_crash(pod), marks=of_pod(pod, look), severity=Severity.MEDIUM)
    elif look.now < recent:
        yield Seen(_crash(pod), since=pod.restarted_at, marks=of_pod(pod, look), severity=Severity.MEDIUM)
        yield Again(recent)


@PODS.rule("KT1004", "no node takes the pod", Severity.HIGH, suggests=("read.events", "read.describe"))
def unschedulable(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The scheduler finds no node: too little is free, or taints, affinities and volumes leave none.

    The evidence is the scheduler's own count of nodes by reason. Requests that no node could ever satisfy never
    become true by waiting: lower them, free a node, or add one.
    """
    if pod.phase == "Pending" and not pod.node and not pod.deleting:
        if look.now - pod.created < PENDING:
            yield Again(pod.created + PENDING)
        elif pod.status != "SchedulingGated":
            yield Seen(pod.message or "waits for a node", since=pod.created, marks=of_pod(pod, look))


@PODS.rule("KT1005", "container cannot be created", Severity.HIGH, suggests=("read.events", "read.describe"))
def cannot_be_created(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The kubelet has the image but cannot make the container: usually a ConfigMap, Secret or key that is missing.

    The evidence names what is missing. It starts by itself as soon as that exists.
    """
    if _word(pod) in ("CreateContainerConfigError", "CreateContainerError"):
        yield Seen(f"{pod.status}: {pod.message}".rstrip(": "), marks=of_pod(pod, look))


@PODS.rule(
    "KT1006",
    "runs and is not ready",
    Severity.MEDIUM,
    suggests=("read.events", "logs", "read.describe"),
)
def not_ready(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A container runs, but its readiness probe fails for minutes: no Service sends anything to it.

    Look at the probe's last answer among the events (`v`), then at the log. `NotReady` beside a container that is
    complete means that a sidecar goes on after the work is done. Where all containers are ready, and the pod is
    not, its node has fallen silent, or one of its readiness gates is shut.
    """
    if pod.status == "Running" and pod.reason == UNREADY and not pod.deleting:
        yield from _unready(pod, look)
    elif pod.status in ("Running", "NotReady") and pod.ready < pod.containers and not pod.deleting:
        began = max(pod.created, pod.restarted_at + pod.waited, pod.unready_since)
        if look.now - began < STARTING:
            yield Again(began + STARTING)
        else:
            said = "; ".join((f"{pod.ready}/{pod.containers} containers ready", *_told(pod, look, PROBED)))
            yield Seen(said, since=began, marks=of_pod(pod, look))


def _unready(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """With a node that fell silent from when that is told of; else one of its gates is shut."""
    node = look.find(NODE, pod.cluster, "", pod.node)
    silent = node is not None and node.ready != "True"
    since = node.since or node.heartbeat if node is not None and silent else 0.0
    if silent and look.now < since + SILENT:
        yield Again(since + SILENT)
    else:
        after = 0.0 if silent else GATED
        yield Seen("its containers are ready, the pod is not", marks=of_pod(pod, look), after=after)


@PODS.rule("KT1007", "evicted", Severity.LOW, suggests=("node", "delete"))
def evicted(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The kubelet ended the pod to protect its node: memory, disk or process ids ran short.

    Its controller has made another one. Many of these on one node mean that the node is too full. What is left of
    the pod holds only its status, and can be deleted.
    """
    if pod.status == "Evicted":
        yield Seen(pod.message, since=pod.created, marks=of_pod(pod, look))


@PODS.rule("KT1008", "does not go away", Severity.MEDIUM, suggests=("read.describe", "node", "delete"))
def stuck_terminating(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A deleted pod is still there: its node does not answer, or a finalizer is left.

    On an edge node that is out of contact this is how autonomy looks: the pod goes on there. Forcing it away makes
    the cluster forget it while it may still run: look at the node first.
    """
    if pod.deleting:
        node = look.find(NODE, pod.cluster, "", pod.node) if pod.node else None
        away = node is not None and node.edge and node.ready == "Unknown"
        why = "its edge node is out of contact: it may go on there" if away else pod.reason
        severity = Severity.LOW if away else None
        yield Seen(why, marks=of_pod(pod, look), severity=severity, after=LEAVING)


@PODS.rule("KT1009", "restarts", Severity.MEDIUM, suggests=("logs.previous", "metrics.row"))
def restarting(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A container runs now, but it was started again several times, the last time minutes ago.

    It had run for less than a day then: what ends once in many days is not told of. What crashes so often that the
    kubelet holds it back is told of as that, not as this. The log of the instance before (`p`) says why it ended;
    exit code 137 or 143 without an error means that it was told to end, usually by its liveness probe.
    """
    now = look.now - pod.restarted_at < RECENT and not _loops_until(pod)
    often = pod.restarts >= OFTEN and pod.ran < DAY
    if pod.status == "Running" and often and now and not _out_of_memory(pod):
        ended = f", the last one ended with {pod.ended.replace(':', ' ')}" if pod.ended else ""
        yield Seen(f"{pod.restarts} restarts{ended}", since=pod.restarted_at, marks=of_pod(pod, look))
        yield Again(pod.restarted_at + RECENT)


@PODS.rule(
    "KT1010", "container cannot be started", Severity.HIGH, suggests=("read.events", "read.yaml", "rollback")
)
def cannot_be_started(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The container exists, but its command cannot be run: it is not in the image, or not allowed.

    The evidence names the command. It was usually mistyped, or is not in this version of the image: there is no
    log, since nothing ever ran.
    """
    if _word(pod) in ("StartError", "RunContainerError", "ContainerCannotRun") and pod.phase != "Failed":
        yield Seen(f"{pod.status}: {pod.message}".rstrip(": "), marks=of_pod(pod, look))


@PODS.rule(
    "KT1011", "container is ended again and again", Severity.HIGH, suggests=("read.events", "logs.previous")
)
def ended_from_outside(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A container is told to end soon after each start (exit code 137 or 143), and not for its memory.

    That is nearly always its liveness or startup probe: the events (`v`) say what it answered. The program may be
    slow to start, or its probe may ask the wrong port or path.
    """
    if pod.ended in STOPPED[1:]:
        yield from _loop(pod, look, PROBED)


@PODS.rule(
    "KT1012", "program ends without an error, and is started again", Severity.HIGH, suggests=("logs.previous",)
)
def ends_by_itself(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A container's program is done after a while (exit code 0), though the pod wants it to run for ever.

    What is meant to end is a Job; what is not usually misses its command, or went into the background.
    """
    if pod.ended == STOPPED[0]:
        yield from _loop(pod, look)


@PODS.rule("KT1013", "init container does not end", Severity.MEDIUM, suggests=("logs", "read.describe"))
def initialising(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A container that prepares the pod runs for minutes: the pod's own containers wait for it.

    Usually it waits for something else, such as a database or a migration: its log says for what.
    """
    if _INITIALISING.match(pod.status) and not pod.deleting:
        began = max(pod.created, pod.restarted_at + pod.waited)
        if look.now - began < STARTING:
            yield Again(began + STARTING)
        else:
            yield Seen(pod.status, since=began, marks=of_pod(pod, look))


@PODS.rule("KT1014", "containers are not made for minutes", Severity.MEDIUM, suggests=("read.events", "node"))
def creating(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The pod has a node, but its containers are not there: a volume, the network or a large image takes long.

    The events (`v`) say which: `FailedMount` and `FailedAttachVolume` for volumes, `FailedCreatePodSandBox` for
    the network. Many of these on one node mean the node.
    """
    if pod.status in CREATING and pod.node and not pod.deleting:
        if look.now - pod.created < STARTING:
            yield Again(pod.created + STARTING)
        else:
            said = "; ".join((pod.message or pod.status, *_told(pod, look, NOT_MADE)))
            yield Seen(said, since=pod.created, marks=of_pod(pod, look))


@FAILED.rule("KT1015", "pod failed", Severity.LOW, suggests=("logs", "owner", "delete"))
def failed(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """A pod ended with an error and is not started again: a run of a job, or one that its node did not keep.

    One run says little: its job tries again as often as it may. What is left of the pod holds the log, and goes
    with the job. Pods of a job that is complete by now are no finding, nor is what failed more than a day ago;
    of Tekton's the run is told of.
    """
    job = look.find(JOB, pod.cluster, pod.namespace, pod.owner) if pod.owner_kind == "Job" else None
    if job is not None and job.level == Level.HEALTHY:
        return
    if pod.owner_kind == "TaskRun" and look.find(TASK_RUN, pod.cluster, pod.namespace, pod.owner) is not None:
        return
    since = pod.restarted_at or pod.created
    if look.now - since >= DAY:
        return
    ended = f" ({pod.ended.replace(':', ' ')})" if pod.ended else ""
    yield Seen(f"{pod.status}{ended}: {pod.message}".rstrip(": "), since=since, marks=of_pod(pod, look))
    yield Again(since + DAY)
