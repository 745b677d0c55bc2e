"""A plan on the command line: shown, confirmed as its risk demands, applied, told as text or as one JSON object.

Without a terminal and without --yes nothing is written; --yes never passes a confirmation that must be typed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Commit, Plan, Progress, Target, stage
from kurator_tui.kinds.verbs import Risk, Verb

if TYPE_CHECKING:
    from kurator_tui.link.plans import Joined
    from kurator_tui.link.session import Session

NOT_CONFIRMED = 3
"""Exit code: nothing was written, because nobody said yes."""


@dataclass(frozen=True, slots=True)
class How:
    """What was said about applying the plan."""

    clusters: tuple[str, ...]
    dry_run: bool
    yes: bool
    confirm: str
    waves: tuple[str, ...]
    soak: float
    json: bool
    take: tuple[str, ...] = ()
    """Clashing fields to take from their managers."""
    leave: tuple[str, ...] = ()


class NotConfirmed(ConsoleError):
    """Nobody said yes: nothing was written."""

    title = "Not confirmed"
    exit_code = NOT_CONFIRMED


async def planned(
    opened: Session, verb: Verb, targets: Sequence[Target], arguments: Mapping[str, str], how: How
) -> int:
    """Plan it, show the plan, and apply it when it is confirmed; the exit code. Raises ConsoleError."""
    from kurator_tui.cli.plan_text import lines
    from kurator_tui.link import plans

    own = {each.name for each in verb.parameters if each.kind == "fields"}  # of verbs that merge by themselves
    said = {"take": list(how.take), "leave": list(how.leave)}
    merging = {word: json.dumps(fields) for word, fields in said.items() if fields and word in own}
    joined = await plans.ask(opened, verb.id, targets, {**arguments, **merging}, how.take, how.leave)
    plan = joined.plan
    if not how.json:
        click.echo("\n".join(lines(plan)))
    if how.dry_run or not plan.ready:
        if how.json:
            _print(plan, [], None)
        elif not plan.ready:
            click.echo("Nothing is to be done." if plan.idle else "Nothing can be applied.", err=True)
        return 0 if plan.ready or plan.idle else 1
    confirmed = await asyncio.to_thread(confirmation, plan, how)
    return await applied(opened, joined, confirmed, how)


def confirmation(plan: Plan, how: How) -> str:
    """What the plan was confirmed with. Raises NotConfirmed."""
    if plan.risk is Risk.DESTRUCTIVE:
        if how.confirm == plan.word:
            return plan.word
        if how.confirm or how.yes or not _asked_there():
            raise NotConfirmed(f"This plan is destructive: add --confirm {plan.word!r}.", "--yes does not do it.")
        return _typed(f"Type {plan.word} to apply it", plan.word)
    if how.yes:
        return "y"
    if not _asked_there():
        raise NotConfirmed("This is no terminal, and --yes was not said.", "--dry-run shows the plan alone.")
    if plan.risk is Risk.SAFE:
        return _typed("Enter to apply it, anything else not to", "")
    return _typed(f"Apply it to {len(plan.steps)}? y", "y")


def _asked_there() -> bool:
    """Whether there is somebody to ask."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _typed(question: str, wanted: str) -> str:
    said: str = click.prompt(question, default="", show_default=False, err=True)
    if said != wanted:
        raise NotConfirmed("Nothing was written.")
    return said or "y"


async def applied(opened: Session, joined: Joined, confirmed: str, how: How) -> int:
    """Apply it, telling how it goes; the exit code. Raises ConsoleError."""
    from kurator_tui.cli.plan_text import progress_line, summary
    from kurator_tui.link.plans import Committing

    plan = joined.plan
    sizes = how.waves or plan.waves
    waves = stage(plan.clusters, sizes) if sizes else ()
    heard: list[Progress] = []

    def tell(progress: Progress) -> None:
        line = "" if how.json else progress_line(plan, progress, len(waves))
        again = progress.kind == "soak" and any(
            (each.kind, each.message) == ("soak", progress.message) for each in heard
        )
        heard.append(progress)
        if line and not again:
            click.echo(line)

    commit = Commit(plan.id, confirmed, waves, how.soak)
    end = await Committing(opened, joined, commit, tell).run()
    if how.json:
        _print(plan, heard, end)
    else:
        click.echo(summary(end))
        if end.done:
            click.echo(f"To take it back: kurator-tui do undo {plan.id}")
    return 0 if end.done == len(plan.steps) else 1


def _print(plan: Plan, heard: Sequence[Progress], end: Progress | None) -> None:
    """The plan, the last state of each step and the counts, as one JSON object."""
    import msgspec

    from kurator_tui.cli.output import inert_json

    last = {each.step: {"state": each.state, "message": each.message} for each in heard if each.kind == "step"}
    told: dict[str, Any] = {"plan": msgspec.to_builtins(plan), "ready": plan.ready}
    if end is not None:
        counts = {name: getattr(end, name) for name in ("done", "failed", "unknown", "skipped", "message")}
        told |= {"steps": [last.get(step.number, {"state": "skipped"}) for step in plan.steps], "end": counts}
    click.echo(inert_json(json.dumps(told, indent=2, ensure_ascii=False)))
