"""What joins take of PipelineRuns and TaskRuns, read alike from v1, v1beta1 and what v1beta1 embedded. Pure.

Each reader takes the values at a `Part`'s paths, of any shape, and gives plain lists and texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kurator_tui.kinds.meta import one_line
from kurator_tui.kinds.secret_names import secret_name
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, text

CHAINS = "chains.tekton.dev/"
MOST = 200
"""Tasks of a run, and items of a list, that are kept."""
LONGEST = 120
"""Characters of one value of a parameter or a result."""
HIDDEN = "(hidden)"


def children(references: Any, task_runs: Any, runs: Any) -> list[dict[str, Any]]:
    """What a PipelineRun began: `name`, `task` (in the pipeline) and `kind`; with the `status` that old v1beta1
    runs hold instead of a reference."""
    found: list[dict[str, Any]] = [
        {
            "name": text(each.get("name")),
            "task": text(each.get("pipelineTaskName")),
            "kind": text(each.get("kind")),
        }
        for each in mappings(references)
    ]
    known = {each["name"] for each in found}
    for kind, held in (("TaskRun", task_runs), ("Run", runs)):
        for name, each in mapping(held).items():
            if name not in known:
                its = mapping(each)
                task = text(its.get("pipelineTaskName"))
                found.append(
                    {"name": str(name), "task": task, "kind": kind, "status": embedded(its.get("status"))}
                )
    return found[:MOST]


def embedded(status: Any) -> dict[str, Any]:
    """The little of a TaskRun's status that says how it went."""
    told = next((each for each in mappings(at(status, "conditions")) if each.get("type") == "Succeeded"), {})
    return {
        "status": text(told.get("status")),
        "reason": text(told.get("reason")),
        "message": one_line(text(told.get("message")))[:400],
        "started": text(at(status, "startTime")),
        "ended": text(at(status, "completionTime")),
        "pod": text(at(status, "podName")),
    }


def planned(resolved: Any, inline: Any) -> list[list[Any]]:
    """(name, names of those it runs after, whether it runs at the end in any case) of each task of a pipeline."""
    spec = mapping(resolved) or mapping(inline)
    found = [[text(each.get("name")), _texts(each.get("runAfter")), False] for each in mappings(spec.get("tasks"))]
    found += [[text(each.get("name")), [], True] for each in mappings(spec.get("finally"))]
    return found[:MOST]


def skipped(found: Any) -> list[list[str]]:
    """(name, why) of each task that was left out."""
    return [[text(each.get("name")), _why(each)] for each in mappings(found)][:MOST]


def _why(each: Object) -> str:
    """`release in [yes]: When Expressions evaluated to false`; older versions name the expressions alone."""
    when = "; ".join(filter(None, map(_expression, mappings(each.get("whenExpressions")))))
    reason = text(each.get("reason"))
    reason = "" if reason == "None" else reason
    return f"{reason}: {when}" if reason and when else reason or (f"not so: {when}" if when else "")


def _expression(each: Object) -> str:
    if cel := text(each.get("cel")):
        return cel[:LONGEST]
    values = ", ".join(_texts(each.get("values")))
    return f"{text(each.get('input'))!r} {text(each.get('operator'))} [{values}]"[:LONGEST]


def values(*lists: Any) -> list[list[str]]:
    """(name, value) of parameters or results; what its name says to be secret is hidden."""
    found = next((each for each in lists if isinstance(each, list) and each), [])
    return [
        [name, _value(name, each.get("value"))] for each in mappings(found) if (name := text(each.get("name")))
    ][:MOST]


def _value(name: str, value: Any) -> str:
    if secret_name(name):
        return HIDDEN
    if isinstance(value, list):
        return ",".join(_texts(value))
    if isinstance(value, dict):
        return ",".join(f"{key}={_value(str(key), each)}" for key, each in value.items())
    return text(value).strip()


def steps(found: Any) -> list[list[Any]]:
    """(name, exit code or None, why it waits or how it ended) of each step."""
    return [_step(each) for each in mappings(found)][:MOST]


def _step(each: Object) -> list[Any]:
    ended = mapping(each.get("terminated"))
    code = ended.get("exitCode")
    reason = text(ended.get("reason")) or text(at(each, "waiting", "reason"))
    return [text(each.get("name")), code if isinstance(code, int) else (0 if ended else None), reason]


def chains(annotations: Any) -> dict[str, Any]:
    """What Tekton Chains noted: `signed` in its words, whether it left an attestation here, and its entry in a
    transparency log."""
    notes = mapping(annotations)
    return {
        "signed": text(notes.get(f"{CHAINS}signed")),
        "attested": any(str(key).startswith(f"{CHAINS}payload") for key in notes),
        "transparency": text(notes.get(f"{CHAINS}transparency"))[:400],
    }


def _texts(found: Any) -> list[str]:
    return [each for each in _items(found) if isinstance(each, str)]


def _items(found: Any) -> Iterable[Any]:
    return found[:MOST] if isinstance(found, list) else ()
