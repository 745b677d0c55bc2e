"""A plan and what becomes of it as lines of text. Nothing here can act on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import WHOLE, Fault, Folded, Line, Plan, Progress

MOST = 6
"""Targets that are named in one line."""
SIGNS = {"done": "●", "failed": "✖", "unknown": "○", "skipped": "·", "writing": "◐", "waiting": "·"}


def lines(plan: Plan) -> Iterator[str]:
    """What would be written where, what follows from it, and what is refused."""
    yield inert(f"{plan.title}  [{plan.id}, {plan.risk.value}]")
    if plan.user:
        yield inert(f"as {plan.user}")
    for folded in plan.differences:
        yield ""
        yield inert(_where(plan, folded))
        if not folded.lines:
            yield "    no field is changed"
        for line in folded.lines:
            if line.path == WHOLE:
                yield f"    the object {'goes' if line.before else 'is made'}"
                continue
            yield f"    {inert(line.path)}: {inert(line.before) or '(none)'} → {inert(line.after) or '(none)'}"
            for fault in beside(plan, folded, line):
                yield f"      {SIGNS['failed']} {inert(fault.message)}"
    told = [
        *_follows(plan),
        *(f"refused{_of(each.target)}: {each.reason}" for each in plan.refusals),
        *(
            f"conflict{_step(plan, each.step)}: {each.field} is {each.manager}'s {each.time}"
            for each in plan.clashes
        ),
        *(f"fault{_step(plan, each.step)}: {each.field} {each.message}" for each in _elsewhere(plan)),
    ]
    if told:
        yield ""
    for text in dict.fromkeys(told):
        yield inert(text)
    for refusal in plan.refusals:
        if refusal.instead is not None:
            yield f"  instead: {inert(refusal.instead.text)}"
    if plan.protected:
        yield f"protected: {inert(', '.join(plan.protected))}"


def left_lines(plan: Plan) -> Iterator[str]:
    """A plan that is to go on: how grave it is, where, as whom."""
    yield inert(f"{plan.title}  [{plan.id}, {plan.risk.value}]")
    yield inert(f"clusters: {', '.join(plan.clusters)}")
    if plan.user:
        yield inert(f"as {plan.user}")
    if plan.protected:
        yield inert(f"protected: {', '.join(plan.protected)}")


def _follows(plan: Plan) -> Iterator[str]:
    """Warnings, then the rest; the same words about many targets once."""
    for sign, info in (("!", False), ("·", True)):
        told: dict[str, list[str]] = {}
        for each in plan.consequences:
            if (each.level == "info") is info:
                told.setdefault(each.text, []).append(each.target.label if each.target is not None else "")
        for text, labels in told.items():
            about = list(dict.fromkeys(filter(None, labels)))
            more = f" and {len(about) - MOST} more" if len(about) > MOST else ""
            yield f"{sign} {text}" + (f" ({', '.join(about[:MOST])}{more})" if about else "")


def beside(plan: Plan, folded: Folded, line: Line) -> list[Fault]:
    """What servers say of one line, the same words once."""
    found = [each for each in plan.faults if each.step in folded.steps and each.field == line.path]
    return list({each.message: each for each in found}.values())


def _elsewhere(plan: Plan) -> list[Fault]:
    """Faults that are about no line."""
    placed = {(step, line.path) for each in plan.differences for step in each.steps for line in each.lines}
    return [each for each in plan.faults if (each.step, each.field) not in placed]


def _where(plan: Plan, folded: Folded) -> str:
    labels = [plan.steps[number].target.label for number in folded.steps]
    what = plan.steps[folded.steps[0]].what
    refused = ", as it was asked for: refused" if folded.guessed else ""
    if len(labels) == 1:
        return f"{what} {labels[0]}{refused}"
    more = f" and {len(labels) - MOST} more" if len(labels) > MOST else ""
    return f"{what} the same on {len(labels)}: {', '.join(labels[:MOST])}{more}{refused}"


def _of(target: object) -> str:
    label = getattr(target, "label", "")
    return f" ({label})" if label else ""


def _step(plan: Plan, number: int) -> str:
    return f" ({plan.steps[number].target.label})"


def progress_line(plan: Plan, progress: Progress, total: int) -> str:
    """One thing that happened; "" for what needs no line."""
    waits = progress.state == "waiting" and not progress.message
    if progress.kind == "step" and progress.state != "writing" and not waits:
        label = plan.steps[progress.step].target.label if progress.step < len(plan.steps) else str(progress.step)
        why = f": {progress.message}" if progress.message else ""
        return inert(f"{SIGNS[progress.state]} {progress.state:8} {label}{why}")
    if progress.kind == "soak" and progress.message:
        return inert(f"? {progress.message}")
    if progress.kind == "wave" and total > 1:
        return f"wave {progress.wave + 1} of {total}"
    return ""


def summary(end: Progress) -> str:
    """The last line."""
    counts = (("done", end.done), ("failed", end.failed), ("unknown", end.unknown), ("skipped", end.skipped))
    said = ", ".join(f"{count} {word}" for word, count in counts if count) or "nothing to do"
    return inert(f"{said}{f' ({end.message})' if end.message else ''}")
