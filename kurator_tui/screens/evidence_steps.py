"""What can be done about an incident: what its analysers suggest, as steps to the usual views and plans. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kurator_tui.config.actions import ACTIONS
from kurator_tui.config.log_actions import LOGGED
from kurator_tui.config.metrics_actions import MEASURED
from kurator_tui.kinds.base import Subject
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.verbs import VERBS, Verb
from kurator_tui.screens.evidence_parts import Workload

LOGS, READ, CHARTS, NODE, VERB, VIEW, ROW = "logs", "read", "charts", "node", "verb", "view", "row"
"""What a step opens: `ROW` is the object's own table with only it, `VIEW` a screen or a kind's table."""
_ALWAYS = ("read.describe", "logs", "metrics.row")
"""Looked at in any case, behind what is suggested."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `value` is the verb, the tab, or whether a log is the one before."""

    opens: str
    value: str
    label: str
    target: Subject
    why_not: str = ""
    clusters: tuple[str, ...] = ()
    """Further ones in which a verb is done to what is called as the target, in one plan."""


def steps(
    suggests: Iterable[str], subject: Subject | None, workload: Workload | None, read_only: bool
) -> list[Step]:
    """The steps for an object and the workload it belongs to, in the order in which they are suggested."""
    if subject is None:
        return []
    found: dict[tuple[str, str, bool], Step] = {}
    for word in (*suggests, *_ALWAYS):
        step = _step(word, subject, workload, read_only)
        for each in (step, _everywhere(step, workload)):
            if each is not None:
                found.setdefault((each.opens, each.value, bool(each.clusters)), each)
    return list(found.values())


def _everywhere(step: Step | None, workload: Workload | None) -> Step | None:
    """What a step does to the workload, done in all clusters where the incident has one of that name."""
    if step is None or step.opens != VERB or workload is None or not workload.clusters:
        return None
    if step.target != Subject(*_place(workload)) or not VERBS[step.value].many:
        return None
    label = _done_to(VERBS[step.value], step.target, f" in {1 + len(workload.clusters)} clusters")
    return replace(step, label=label, clusters=workload.clusters)


def _step(word: str, subject: Subject, workload: Workload | None, read_only: bool) -> Step | None:
    about = f"{subject.kind.partition('.')[0]}/{subject.name}"
    if word in ("logs", "logs.previous"):
        return _logs(word, subject, workload)
    if word == "metrics.row":
        return _charts(subject, workload)
    if word in VERBS:
        return _verb(VERBS[word], subject, workload, read_only)
    action = ACTIONS.get(word)
    if action is None:
        return Step(VIEW, "", word, subject, "this console has no action of that name")
    if action.does == "read":
        return Step(READ, action.value, f"{action.label} {about}", subject)
    if action.does == "screen":
        return Step(VIEW, action.value, action.description, subject)
    if word == "node":
        return Step(NODE, "", f"Go to the node of {about}", subject)
    return Step(ROW, word, f"Go to {about}: {action.description[0].lower()}{action.description[1:]}", subject)


def _charts(subject: Subject, workload: Workload | None) -> Step | None:
    target = Subject(*_place(workload)) if workload is not None else subject
    return Step(CHARTS, "", f"Metrics of {target.name}", target) if target.kind in MEASURED else None


def _place(workload: Workload) -> tuple[str, str, str, str]:
    return workload.kind, workload.cluster, workload.namespace, workload.name


def _logs(word: str, subject: Subject, workload: Workload | None) -> Step | None:
    target = subject
    if subject.kind not in LOGGED:
        if workload is None or workload.kind not in LOGGED:
            return None
        target = Subject(*_place(workload))
    before = " before the last restart" if word == "logs.previous" else ""
    return Step(LOGS, "1" if before else "", f"Logs of {target.name}{before}", target)


def _verb(verb: Verb, subject: Subject, workload: Workload | None, read_only: bool) -> Step:
    """A verb for the object, else for its workload, else in the table of what it is done to.

    What is set in a template is set in that of the workload: its pods are made of that again.
    """
    why_not = "this console is read-only" if read_only else ""
    targets = [subject, Subject(*_place(workload)) if workload is not None else None]
    if verb.kinds and subject.kind == POD.id:
        targets.reverse()
    for target in targets:
        if target is not None and verb.targeted and verb.takes(target.kind):
            where = f" in {target.cluster}" if workload is not None and workload.clusters else ""
            return Step(VERB, verb.id, _done_to(verb, target, where), target, why_not)
    if not verb.kinds:
        return Step(VIEW, "", verb.label, subject, f":do {verb.id} does it")
    plural = verb.kinds[0].partition(".")[0]
    return Step(VIEW, verb.kinds[0], f"{verb.label}: it is done to {plural}, which this opens", subject, why_not)


def _done_to(verb: Verb, target: Subject, where: str) -> str:
    return f"{verb.label} {target.kind.partition('.')[0]}/{target.name}{where} (its plan is shown first)"
