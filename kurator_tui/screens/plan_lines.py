"""A plan as lines of text: pure functions. Each line knows what it is about.

`plan_run_lines` has what became of it.

Removed and added values have their own sign beside their colour; levels have a glyph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, duration
from kurator_tui.kinds.plans import WHOLE, Clash, Consequence, Fault, Folded, Line, Plan, Target, stage
from kurator_tui.kinds.verb import Risk
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, STRONG, Piece
from kurator_tui.widgets.text_view import TextLine

MOST = 8
"""Targets that are named before the rest is counted."""
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_LEVELS = {"info": Level.UNKNOWN, "warning": Level.DEGRADED, "danger": Level.FAILED}
_GOING = ("evict", "delete")
"""Requests after which there is no object whose fields could be told."""
REMOVED, ADDED = LEVEL_CLASSES[Level.FAILED], LEVEL_CLASSES[Level.HEALTHY]


def seconds(text: str) -> float:
    """Of `60s`, `2m`, `1h30m` or a bare number. Raises ValueError."""
    said = text.strip() or "0"
    if re.fullmatch(r"\d+(\.\d+)?", said):
        return float(said)
    if not re.fullmatch(rf"(?:{_TIME.pattern})+", said):
        raise ValueError(f"{text!r} is no time: 60s, 2m")
    return sum(float(number) * _SECONDS[unit] for number, unit in _TIME.findall(said))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What of a plan the user decided, and how it is drawn."""

    plan: Plan
    waves: tuple[str, ...] = ()
    soak: float = 0.0
    every: bool = False
    """Whether every target is named."""
    decided: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(field, manager) -> `take` or `leave`."""
    ascii_only: bool = False


def glyph(level: Level, ascii_only: bool) -> str:
    return (ASCII_GLYPHS if ascii_only else GLYPHS)[level]


def _title(text: str) -> Iterator[TextLine]:
    yield TextLine(())
    yield TextLine((Piece(text, ACCENT),))


# -- review -----------------------------------------------------------------------------------------------------


def plan_lines(reviewed: Reviewed) -> list[TextLine]:
    """All that is to be known before a plan is applied."""
    plan = reviewed.plan
    lines = [
        *_refused(reviewed),
        *_clashes(reviewed),
        *_changes(reviewed),
        *_other_faults(reviewed),
        *_follows(reviewed),
        *_waves(reviewed),
    ]
    if not plan.steps:
        lines = [TextLine(()), TextLine((Piece("Nothing would be written.", STRONG),)), *lines]
    return lines[1:]


def _refused(reviewed: Reviewed) -> Iterator[TextLine]:
    refusals = reviewed.plan.refusals
    if not refusals:
        return
    yield from _title(f"Refused ({len(refusals)})")
    style = LEVEL_CLASSES[Level.FAILED]
    for refusal in refusals:
        sign = f"  {glyph(Level.FAILED, reviewed.ascii_only)} "
        text = f"{refusal.target.label}: {refusal.reason}"
        yield TextLine((Piece(sign, style), Piece(text)), 4, refusal)
        if (instead := refusal.instead) is not None:
            where = f" ({', '.join(instead.fields)} of {instead.target.label})" if instead.target else ""
            keys = "o opens it" + (", i plans it" if instead.verb else "")
            pieces = (Piece("    instead: ", MUTED), Piece(f"{instead.text}{where}"), Piece(f"  {keys}", MUTED))
            yield TextLine(pieces, 6, refusal)


def _clashes(reviewed: Reviewed) -> Iterator[TextLine]:
    by_field: dict[tuple[str, str, str], list[Clash]] = {}
    for clash in reviewed.plan.clashes:
        by_field.setdefault((clash.field, clash.manager, clash.time), []).append(clash)
    if not by_field:
        return
    yield from _title("Fields that others manage: t takes, x leaves the one under the cursor")
    for (path, manager, time), clashes in by_field.items():
        said = reviewed.decided.get((path, manager), "")
        sign = f"  {glyph(Level.DEGRADED, reviewed.ascii_only)} "
        where = _where(reviewed, [clash.step for clash in clashes])
        text = f"{path.lstrip('.')} is {manager}'s" + (f" since {time}" if time else "") + f", on {where}"
        decision = {"take": "  TAKE", "leave": "  LEAVE"}.get(said, "  undecided")
        pieces = (Piece(sign, LEVEL_CLASSES[Level.DEGRADED]), Piece(text), Piece(decision, STRONG))
        yield TextLine(pieces, 4, clashes[0])


def _changes(reviewed: Reviewed) -> Iterator[TextLine]:
    plan = reviewed.plan
    if not plan.differences:
        return
    yield from _title("What the servers would store")
    told: set[tuple[str, str]] = set()
    for folded in plan.differences:
        step = plan.steps[folded.steps[0]]
        request = (step.what, step.target.kind)
        yield from _difference(reviewed, folded, another=request in told)
        told.add(request)


def _difference(reviewed: Reviewed, folded: Folded, *, another: bool) -> Iterator[TextLine]:
    plan = reviewed.plan
    step = plan.steps[folded.steps[0]]
    count = len(folded.steps)
    how = f", the same on {count}:" if count > 1 else ", differs on" if another else " on"
    words = f"{step.what}{how} {_where(reviewed, folded.steps)}"
    yield TextLine((Piece("  "), Piece(words, STRONG)), 4, step)
    for number in folded.steps if reviewed.every or count <= MOST else folded.steps[:1]:
        if note := plan.steps[number].note:
            yield TextLine((Piece(f"    {note}", MUTED),), 6, plan.steps[number])
    if not folded.lines and step.what not in _GOING:
        yield TextLine((Piece("    no field is changed", MUTED),), 4, step)
    for line in folded.lines:
        yield from _change(line)
        yield from _faults(reviewed, folded.steps, line.path)


def _change(line: Line) -> Iterator[TextLine]:
    if line.path == WHOLE:
        sign, style, word = ("-", REMOVED, "goes") if line.before else ("+", ADDED, "is made")
        yield TextLine((Piece(f"    {sign} the object {word}", style),), 8, line)
        return
    if line.before:
        yield TextLine(
            (Piece("    - ", REMOVED), Piece(f"{line.path}: ", MUTED), Piece(line.before, REMOVED)), 8, line
        )
    if line.after or not line.before:
        yield TextLine((Piece("    + ", ADDED), Piece(f"{line.path}: ", MUTED), Piece(line.after, ADDED)), 8, line)


def _faults(reviewed: Reviewed, steps: Sequence[int], path: str) -> Iterator[TextLine]:
    """What servers say of one field, beside it; the same words once."""
    found = [each for each in reviewed.plan.faults if each.step in steps and _same_field(each.field, path)]
    for message in dict.fromkeys(each.message for each in found):
        sign = glyph(Level.FAILED, reviewed.ascii_only)
        yield TextLine((Piece(f"      {sign} {message}", LEVEL_CLASSES[Level.FAILED]),), 8, found[0])


def _same_field(said: str, path: str) -> bool:
    return bool(said) and said.lstrip(".") == path.lstrip(".")


def _other_faults(reviewed: Reviewed) -> Iterator[TextLine]:
    """What is about no field of the difference."""
    plan = reviewed.plan
    beside = {
        id(fault)
        for folded in plan.differences
        for line in folded.lines
        for fault in plan.faults
        if fault.step in folded.steps and _same_field(fault.field, line.path)
    }
    found: dict[tuple[str, str], list[Fault]] = {}
    for fault in plan.faults:
        if id(fault) not in beside:
            found.setdefault((fault.field, fault.message), []).append(fault)
    if not found:
        return
    yield from _title("What servers refuse")
    for (path, message), faults in found.items():
        sign = f"  {glyph(Level.FAILED, reviewed.ascii_only)} "
        where = _where(reviewed, [fault.step for fault in faults])
        text = f"{path}: {message}" if path else message
        pieces = (Piece(sign, LEVEL_CLASSES[Level.FAILED]), Piece(text), Piece(f"  on {where}", MUTED))
        yield TextLine(pieces, 4, plan.steps[faults[0].step])


def _follows(reviewed: Reviewed) -> Iterator[TextLine]:
    told: dict[tuple[str, str], list[Consequence]] = {}
    for each in reviewed.plan.consequences:
        told.setdefault((each.level, each.text), []).append(each)
    guarded = reviewed.plan.protected
    if not told and not guarded:
        return
    yield from _title("What follows")
    if guarded:
        mark = Piece(f"  {glyph(Level.DEGRADED, reviewed.ascii_only)} ", LEVEL_CLASSES[Level.DEGRADED])
        who = f"protected, and so confirmed more strictly: {_named(guarded, reviewed.every)}"
        yield TextLine((mark, Piece(who)), 4)
    for (said, text), every in sorted(told.items(), key=lambda item: -_RANK[item[0][0]]):
        level = _LEVELS[said]
        sign = "  · " if said == "info" else f"  {glyph(level, reviewed.ascii_only)} "
        targets = list(dict.fromkeys(each.target for each in every if each.target is not None))
        where = f"  {whom(targets, every=reviewed.every)}" if targets else ""
        yield TextLine((Piece(sign, LEVEL_CLASSES[level]), Piece(text), Piece(where, MUTED)), 4, every[0])


_RANK = {"info": 0, "warning": 1, "danger": 2}


def _waves(reviewed: Reviewed) -> Iterator[TextLine]:
    clusters = reviewed.plan.clusters
    if len(clusters) < 2:
        return
    staged = stage(clusters, reviewed.waves) if reviewed.waves else (tuple(clusters),)
    soak = f", each watched for {duration(reviewed.soak)}" if reviewed.soak else ""
    yield from _title(
        f"In {len(staged)} wave{'' if len(staged) == 1 else 's'}{soak}; it stops at the first failure"
    )
    for number, wave in enumerate(staged, 1):
        yield TextLine((Piece(f"  {number}. ", MUTED), Piece(_named(wave, reviewed.every))), 5)


def _where(reviewed: Reviewed, steps: Iterable[int]) -> str:
    targets = [reviewed.plan.steps[number].target for number in dict.fromkeys(steps)]
    return whom(targets, every=reviewed.every)


def whom(targets: Sequence[Target], *, every: bool = False) -> str:
    """The targets in words: what they share is said once."""
    kinds = {target.kind.partition(".")[0] for target in targets}
    clusters = {target.cluster for target in targets}
    objects = {_object(target) for target in targets}
    if len(targets) == 1 or len(kinds) > 1 or (len(clusters) > 1 and len(objects) > 1):
        return _named([target.label for target in targets], every)
    if len(objects) == 1:
        return f"{kinds.pop()} {objects.pop()} of {_named([target.cluster for target in targets], every)}"
    return f"{clusters.pop()}: {kinds.pop()} {_named([_object(target) for target in targets], every)}"


def _object(target: Target) -> str:
    return "/".join(part for part in (target.namespace, target.name) if part)


def _named(names: Sequence[str], every: bool) -> str:
    if every or len(names) <= MOST:
        return ", ".join(names)
    return f"{', '.join(names[:MOST])} and {len(names) - MOST} more"


def confirmation(plan: Plan) -> tuple[str, Level]:
    """How the plan is confirmed, in words; its level for the colour."""
    if plan.idle:
        return "nothing is to be done: it is so already", Level.HEALTHY
    if not plan.steps:
        return "nothing can be applied: there is nothing to write", Level.FAILED
    if plan.faults:
        return "nothing can be applied: a server refuses a part of it", Level.FAILED
    if plan.clashes:
        return "nothing can be applied before it is said of each field whose it is to be", Level.DEGRADED
    clusters = len(plan.clusters)
    what = f"{_count(len(plan.steps), 'target')} on {_count(clusters, 'cluster')}"
    left_out = f", {len(plan.refusals)} refused left out" if plan.refusals else ""
    if plan.risk is Risk.SAFE:
        return f"Enter applies it to {what}{left_out}", Level.HEALTHY
    if plan.risk is Risk.DISRUPTIVE:
        return f"y applies it to {what}{left_out}", Level.DEGRADED
    return f"Enter, then the name {plan.word}, applies it to {what}{left_out}", Level.FAILED


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def error_lines(error: ConsoleError) -> list[TextLine]:
    """Why there is no plan."""
    parts = ((error.title, LEVEL_CLASSES[Level.FAILED]), (error.message, PLAIN), (error.hint, MUTED))
    return [TextLine((Piece(f"  {text}", style),), 2) for text, style in parts if text]
