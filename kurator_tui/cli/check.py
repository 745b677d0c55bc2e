"""`kurator-tui check`: can I reach every cluster, may I read it, is it installed?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from kurator_tui.cli.options import Options, target, target_options

GLYPHS = {"healthy": "●", "degraded": "▲", "failed": "✖", "unknown": "○"}


@click.command()
@click.option(
    "-o", "--output", "form", type=click.Choice(["table", "json"]), default="table", help="Output format."
)
@target_options
def command(options: Options, form: str) -> None:
    """Can I reach every cluster, may I read it, is it installed? Ends with 1 where something is wrong."""
    from kurator_tui.cli.run import ask

    with target(options) as pointed:
        findings: list[dict[str, Any]] = json.loads(asyncio.run(ask(pointed, "check")))
    click.echo(json.dumps({"items": findings}, indent=2) if form == "json" else table(findings))
    click.get_current_context().exit(1 if any(found["health"] == "failed" for found in findings) else 0)


def table(findings: list[dict[str, Any]]) -> str:
    """Findings as aligned lines, grouped by cluster, each made inert."""
    from kurator_tui.kinds.cells import inert

    names = max((len(found["cluster"]) for found in findings), default=0)
    checks = max((len(found["check"]) for found in findings), default=0)
    return "\n".join(
        f"{GLYPHS.get(found['health'], '○')} {inert(found['cluster']):<{names}}  {found['check']:<{checks}}"
        f"  {inert(found['reason'])}".rstrip()
        for found in findings
    )
