"""The tasks of one PipelineRun: those that ran, run, wait and were left out, in the order of the pipeline.

Pure. What the run refers to counts; TaskRuns that only carry its label are taken, too, and the copies of statuses
that old v1beta1 runs hold stand in for TaskRuns that are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.fleet.webhooks import cell_of
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.tekton import PIPELINE_RUN, TASK_RUN

TASK_LABEL = "tekton.dev/pipelineTask"
_LEVELS = {"True": Level.HEALTHY, "False": Level.FAILED}


class Task(NamedTuple):
    """One task of an execution. `kind` and `object` name what ran it, "" where nothing did (yet)."""

    name: str
    status: str
    level: Level
    reason: str = ""
    began: bool = True
    kind: str = ""
    object: str = ""
    started: float = 0.0
    ended: float = 0.0
    steps: str = ""
    retries: int = 0
    params: str = ""
    results: tuple[tuple[str, str], ...] = ()
    pod: str = ""
    notes: Mapping[str, Any] = {}
    """What Tekton Chains noted."""


def ended(run: ObjectRow) -> bool:
    """Whether a run is over."""
    return run.level not in (Level.PROGRESSING, Level.UNKNOWN)


def tasks(run: ObjectRow, own: Sequence[ObjectRow], *, unread: str = "") -> list[Task]:
    """All tasks of `run`. `own` are the TaskRuns beside it with its label or its references' names; `unread` says
    why there are none to be seen."""
    children = [each for each in part(PIPELINE_RUN, run, "children") or () if each["name"]]
    rows = {row.name: row for row in own}
    begun: dict[str, list[Task]] = {}
    for each in children:
        row = rows.pop(each["name"], None)
        name = each["task"] or (_label(row) if row is not None else "") or each["name"]
        task = of_task_run(name, row) if row is not None else _without_row(name, each, run, unread)
        begun.setdefault(name, []).append(task)
    for row in sorted(rows.values(), key=lambda row: (_moment(row, "started"), row.name)):
        begun.setdefault(_label(row) or row.name, []).append(of_task_run(_label(row) or row.name, row))
    return _in_order(run, begun)


def _in_order(run: ObjectRow, begun: dict[str, list[Task]]) -> list[Task]:
    planned = {name: after for name, after, _finally in part(PIPELINE_RUN, run, "planned") or ()}
    skipped = dict(part(PIPELINE_RUN, run, "skipped") or ())
    done = {name for name, found in begun.items() if all(task.level is Level.HEALTHY for task in found)}
    names = dict.fromkeys((*planned, *begun, *skipped))
    found: list[Task] = []
    for name in names:
        if name in begun:
            found += begun[name]
        elif name in skipped:
            found.append(
                Task(name, "skipped", Level.HEALTHY, skipped[name] or "its conditions do not hold", False)
            )
        elif ended(run):
            found.append(Task(name, "not started", Level.UNKNOWN, "the execution ended before it", False))
        else:
            waits = [each for each in planned.get(name, ()) if each not in done and each not in skipped]
            why = f"waits for {', '.join(waits)}" if waits else "waits for its turn"
            found.append(Task(name, "waiting", Level.PROGRESSING, why, False))
    return found


def of_task_run(name: str, row: ObjectRow) -> Task:
    """A task that has a TaskRun."""
    return Task(
        name,
        cell_of(TASK_RUN, row, "status") or "not started",
        Level(row.level),
        row.reason,
        kind="TaskRun",
        object=row.name,
        started=_moment(row, "started"),
        ended=_moment(row, "completed"),
        steps=_steps(part(TASK_RUN, row, "steps") or ()),
        retries=_count(row, "retries"),
        params=pairs(part(TASK_RUN, row, "params") or ()),
        results=tuple((name, value) for name, value in part(TASK_RUN, row, "results") or ()),
        pod=cell_of(TASK_RUN, row, "pod"),
        notes=part(TASK_RUN, row, "chains") or {},
    )


def _without_row(name: str, child: Mapping[str, Any], run: ObjectRow, unread: str) -> Task:
    """A task whose TaskRun is not seen: as the run holds it, else by what is known of the run."""
    kind = child["kind"] or "TaskRun"
    held = child.get("status")
    if held and held["status"]:
        level = _LEVELS.get(held["status"], Level.PROGRESSING)
        reason = "" if level is Level.HEALTHY else ": ".join(filter(None, (held["reason"], held["message"])))
        began, over = unix(held["started"]), unix(held["ended"])
        return Task(name, held["reason"], level, reason, True, kind, child["name"], began, over, pod=held["pod"])
    if kind not in ("TaskRun", ""):
        return Task(name, "not read", Level.UNKNOWN, f"{kind} {child['name']}: what became of it is not read here")
    level = Level.HEALTHY if run.level == Level.HEALTHY else Level.UNKNOWN
    why = unread or f"its TaskRun {child['name']} is gone"
    return Task(name, "Succeeded" if level is Level.HEALTHY else "not known", level, why)


def pairs(found: Iterable[Sequence[str]]) -> str:
    """`a=1 b=2`."""
    return " ".join(f"{name}={value}" for name, value in found)


def _steps(found: Iterable[Sequence[Any]]) -> str:
    """`1/2 go-test: exit 1`: steps that ended well of all, and the codes of the others."""
    steps = list(found)
    if not steps:
        return ""
    wrong = [
        f"{name}: exit {code}" + (f" {reason}" if reason not in ("", "Error") else "")
        for name, code, reason in steps
        if code
    ]
    waiting = [f"{name}: {reason}" for name, code, reason in steps if code is None and reason]
    return " ".join([f"{sum(code == 0 for _name, code, _reason in steps)}/{len(steps)}", *wrong, *waiting])


def _label(row: ObjectRow) -> str:
    return next((value for key, value in row.labels if key == TASK_LABEL), "")


def _moment(row: ObjectRow, key: str) -> float:
    value = TASK_RUN.value(row, key)
    return value if isinstance(value, float) else 0.0


def _count(row: ObjectRow, key: str) -> int:
    value = TASK_RUN.value(row, key)
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**31 else 0
