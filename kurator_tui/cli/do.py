"""`kurator-tui do VERB KIND/NAME`: the verbs of the console for scripts, through the same pipeline.

Without a terminal and without --yes nothing is written; --yes never passes a confirmation that must be typed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from kurator_tui.cli.committing import How, applied, confirmation, planned
from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target, stage
from kurator_tui.kinds.verbs import VERBS, Parameter, Verb

if TYPE_CHECKING:
    from kurator_tui.kinds.base import AnyKind
    from kurator_tui.link.session import Session

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)?")
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def _duration(_context: click.Context, _parameter: click.Parameter, text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise click.BadParameter("a duration such as 60s or 5m is needed")
    return float(found[1]) * _SECONDS[found[2] or ""]


def _waves(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[str, ...]:
    waves = tuple(part for part in text.split(",") if part)
    try:
        stage(["one"], waves)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return waves


_HOW = (
    click.option(
        "--cluster", "clusters", multiple=True, metavar="GLOB", help="In these clusters; can be repeated."
    ),
    click.option("--dry-run", is_flag=True, help="Show what the servers would store, and write nothing."),
    click.option("--yes", is_flag=True, help="Apply without asking, unless a name must be typed."),
    click.option("--confirm", default="", metavar="NAME", help="The name that a destructive plan asks for."),
    click.option("--waves", default="", callback=_waves, metavar="1,25%", help="Clusters at a time, or a share."),
    click.option("--soak", default="0s", callback=_duration, metavar="60s", help="Watch each wave for so long."),
    click.option("--take", multiple=True, metavar="FIELD", help="Take a field from the manager that has it."),
    click.option("--leave", multiple=True, metavar="FIELD", help="Leave a field to the manager that has it."),
    click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text"),
)


def _documents(_context: click.Context, _parameter: click.Parameter, source: str) -> str:
    from kurator_tui.config.manifests import read

    return read(source)


_READ: dict[str, Any] = {"required": True, "callback": _documents}


def _has_option(verb: Verb, parameter: Parameter) -> bool:
    """A namespace is said with -n, clashes with --take and --leave; an edit begins from the object as it is."""
    named = parameter.name == "namespace" and not verb.targeted
    other_text = parameter.kind == "yaml" and parameter.name != "yaml"
    return not (named or other_text or parameter.kind == "fields" or verb.id == "undo")


def _dest(parameter: Parameter) -> str:
    """What click calls its value."""
    return f"p_{parameter.name.replace('-', '_')}"


def _option(parameter: Parameter) -> Any:
    kind: Any = click.Choice(parameter.choices) if parameter.choices else str
    said = parameter.help or parameter.label
    if parameter.kind == "yaml":
        where = f"Where it stands: {said}."
        return click.option("-f", "--file", _dest(parameter), metavar="FILE|DIR|-", help=where, **_READ)
    if parameter.kind == "bool":
        both, on = f"--{parameter.name}/--no-{parameter.name}", parameter.default == "yes"
        return click.option(both, _dest(parameter), default=on, help=said)
    return click.option(
        f"--{parameter.name}",
        _dest(parameter),
        type=kind,
        default=parameter.default,
        required=parameter.required,
        help=said,
    )


def _command(verb: Verb) -> click.Command:
    def run(options: Options, objects: tuple[str, ...] = (), **said: Any) -> None:
        given = {each.name: said[_dest(each)] for each in verb.parameters if _dest(each) in said}
        arguments = {
            name: ("yes" if value else "no") if isinstance(value, bool) else value for name, value in given.items()
        }
        how = How(
            said["clusters"],
            said["dry_run"],
            said["yes"],
            said["confirm"],
            said["waves"],
            said["soak"],
            said["form"] == "json",
            said["take"],
            said["leave"],
        )
        with target(options) as pointed:
            code = asyncio.run(_do(pointed, verb, objects, arguments, how))
        click.get_current_context().exit(code)

    run.__doc__ = f"{verb.description}."
    function: Any = target_options(run)
    for option in reversed((*(_option(each) for each in verb.parameters if _has_option(verb, each)), *_HOW)):
        function = option(function)
    if verb.id == "undo":
        function = click.argument("p_plan", metavar="PLAN")(function)
    elif verb.targeted:
        function = click.argument("objects", nargs=-1, required=True, metavar="KIND/NAME...")(function)
    return click.command(verb.id)(function)


class _Verbs(click.Group):
    """One command a verb, made when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*VERBS, "resume"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "resume":
            return resume
        verb = VERBS.get(cmd_name)
        return _command(verb) if verb is not None else None


@click.group(cls=_Verbs)
@target_options
def command(options: Options) -> None:
    """Change objects of any clusters: planned, dry-run, confirmed, audited, undoable."""


@click.command()
@click.argument("plan", default="")
@click.option("--yes", is_flag=True, help="Go on without asking, unless a name must be typed.")
@click.option("--confirm", default="", metavar="NAME", help="The name that a destructive plan asks for.")
@target_options
def resume(options: Options, plan: str, yes: bool, confirm: str) -> None:
    """Go on with a PLAN that a killed console left; without one, list them."""
    with target(options) as pointed:
        code = asyncio.run(_resume(pointed, plan, How((), False, yes, confirm, (), 0.0, False)))
    click.get_current_context().exit(code)


async def _resume(options: Options, id: str, how: How) -> int:
    from kurator_tui.cli.plan_text import left_lines
    from kurator_tui.cli.run import session
    from kurator_tui.kinds.cells import inert
    from kurator_tui.link import plans

    async with session(_ruled(options), ("clusters",)) as (opened, _notices, _complete):
        for joined, kept in await plans.unfinished(opened):
            states = [state for each in kept for state in each.states]
            counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
            if not id:
                click.echo(inert(f"{joined.plan.id}  {kept[0].at}  {joined.plan.title}: {counts}"))
            elif joined.plan.id == id:
                click.echo("\n".join(left_lines(joined.plan)))
                confirmed = await asyncio.to_thread(confirmation, joined.plan, how)
                return await applied(opened, joined, confirmed, how)
    if id:
        raise UsageError(f"no plan {id} waits to be resumed", "kurator-tui do resume lists them.")
    return 0


def _ruled(options: Options) -> Options:
    """With what the settings say of changes: what is read-only or protected, whether Events are made."""
    from kurator_tui.config.settings import load_settings

    settings, _problems = load_settings()
    return replace(
        options,
        read_only=options.read_only or settings.read_only,
        protected=tuple(settings.protected),
        read_only_clusters=tuple(settings.read_only_clusters),
        events_of_changes=settings.events_of_changes,
    )


async def _do(options: Options, verb: Verb, objects: Sequence[str], arguments: dict[str, str], how: How) -> int:
    from kurator_tui.cli.run import Asked, matching, opened_kind, session
    from kurator_tui.cli.words import place_of
    from kurator_tui.kinds.registry import find
    from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
    from kurator_tui.kinds.verbs_rollouts import addressed

    namespace, options = options.namespace, replace(_ruled(options), namespace="")
    if not verb.targeted:
        if any(each.name == "namespace" for each in verb.parameters):
            arguments = {**arguments, "namespace": namespace}
        async with session(options, ("clusters",)) as (opened, _notices, _complete):
            if any(each.kind == "yaml" for each in verb.parameters):
                clusters = matching(opened, how.clusters) or (HOST,)
                return await planned(opened, verb, [Target(each, "", "", "") for each in clusters], arguments, how)
            return await planned(opened, verb, [], arguments, how)
    kinds, names = zip(*(_split(each) for each in objects), strict=True)
    if len(set(kinds)) > 1:
        raise UsageError("one plan is about one kind", f"Ask for {' and '.join(sorted(set(kinds)))} one by one.")
    word = place_of(kinds[0]) if find(kinds[0]) else kinds[0]
    asked = Asked(word, how.clusters, (namespace,) if namespace else ())
    async with opened_kind(options, asked) as (opened, kind, _complete):
        targets = _targets(opened, kind.id, names, namespace, how.clusters)
        if kind.id == ROLLOUTS.id:
            wanted = {(each.cluster, each.uid) for each in targets}
            rows = [row for row in opened.store.rows(kind.id) if (row.cluster, row.uid) in wanted]
            targets = addressed(verb.id, [row for row in rows if isinstance(row, RolloutRow)])
        elif kind.derived:
            targets = _behind(opened, kind, targets)
        return await planned(opened, verb, targets, arguments, how)


def _behind(opened: Session, kind: AnyKind, targets: Sequence[Target]) -> list[Target]:
    """The objects on the host that rows of fleets and clusters stand for. Raises UsageError for one of none."""
    from kurator_tui.screens.reading_target import NoObject, target

    named = {(each.cluster, each.namespace, each.name) for each in targets}
    rows = [row for row in opened.store.rows(kind.id) if (row.cluster, row.namespace, row.name) in named]
    try:
        found = [target(kind, row) for row in rows]
    except NoObject as error:
        raise UsageError(str(error)) from error
    return [Target(each.cluster, each.kind, each.namespace, each.name) for each in found]


def _split(said: str) -> tuple[str, str]:
    kind, slash, name = said.partition("/")
    if not slash or not kind or not name:
        raise UsageError(f"{said!r} names no object", "Say KIND/NAME, such as deploy/shop.")
    return kind, name


def _targets(
    opened: Session, kind: str, names: Sequence[str], namespace: str, clusters: tuple[str, ...]
) -> list[Target]:
    """The objects that were named, where they are. Raises UsageError where that is not clear."""
    from fnmatch import fnmatchcase

    found = [
        Target(row.cluster, kind, row.namespace, row.name, row.uid)
        for row in opened.store.rows(kind)
        if row.name in names
        and (not namespace or row.namespace == namespace)
        and (not clusters or any(fnmatchcase(row.cluster, pattern) for pattern in clusters))
    ]
    where = f" in {', '.join(clusters)}" if clusters else ""
    for name in names:
        places = [each for each in found if each.name == name]
        if not places:
            raise UsageError(f"there is no {kind} {name}{where}", "kurator-tui get lists what there is.")
        if not namespace and len(spaces := sorted({each.namespace for each in places})) > 1:
            raise UsageError(f"{name} is in several namespaces: {', '.join(spaces)}", "Choose one with -n.")
        if not clusters and len({each.cluster for each in places}) > 1:
            there = ", ".join(sorted({each.cluster for each in places}))
            raise UsageError(f"{name} is in several clusters: {there}", "Choose with --cluster; '*' means all.")
    return sorted(found, key=lambda each: (each.cluster, each.namespace, each.name))
