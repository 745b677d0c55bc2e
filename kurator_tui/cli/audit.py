"""`kurator-tui audit`: what was changed, and whether its record is whole. Reads one file; asks no cluster."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kurator_tui.errors import UsageError


def _folder(file: str) -> Path:
    from kurator_tui.config.paths import state_dir

    return Path(file) if file else state_dir() / "audit.jsonl"


_FILE = click.option("--file", default="", metavar="FILE", help="Another audit than your own.")


@click.group()
def command() -> None:
    """What was changed, by whom and how it went: `show` lists it, `verify` follows its chain of hashes."""


@command.command()
@_FILE
def verify(file: str) -> None:
    """Follow the chain of hashes from the first line to the last. Ends with 1 where it is broken."""
    from kurator_tui.actions.audit_chain import verify as followed
    from kurator_tui.actions.audit_files import full

    path = _folder(file)
    if not (path.exists() or full(path)):
        raise UsageError(f"there is no audit at {path}")
    found = followed(path)
    if found.broken:
        click.echo(f"{path.with_name(found.file)}: broken at line {found.broken}: {found.why}")
        click.get_current_context().exit(1)
    click.echo(f"{path}: {found.lines} lines, whole. Last hash: {found.head}")
    if found.since:
        click.echo(f"it begins with {found.since}: what was before is not here")
    if found.torn:
        click.echo(f"half lines that a crash left: {', '.join(map(str, found.torn))}")
    if found.open_intents:
        click.echo(f"begun, and no outcome: {', '.join(found.open_intents)}")


@command.command()
@click.argument("plan", default="")
@_FILE
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text")
def show(plan: str, file: str, form: str) -> None:
    """What was written, the last line last; of one PLAN, or all."""
    import msgspec

    from kurator_tui.actions.audit import Audit
    from kurator_tui.cli.output import inert_json
    from kurator_tui.kinds.cells import inert

    entries = Audit(_folder(file).parent).entries(plan)
    if form == "json":
        found = [msgspec.to_builtins(entry) for entry in entries]
        click.echo(inert_json(json.dumps({"items": found}, indent=2, ensure_ascii=False)))
        return
    for entry in entries:
        who = entry.user or entry.host_user
        where = entry.target.label if entry.target is not None else ""
        said = entry.outcome or entry.event
        why = f": {entry.message}" if entry.message else ""
        click.echo(inert(f"{entry.at}  {entry.plan}  {who}  {entry.verb}  {where}  {entry.request}  {said}{why}"))
        for line in entry.diff:
            click.echo(
                f"    {inert(line.path)}: {inert(line.before) or '(none)'} → {inert(line.after) or '(none)'}"
            )
