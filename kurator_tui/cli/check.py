"""`kurator-tui check`: can I reach every cluster, may I read it, is it installed?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from kurator_tui.cli.options import Options, target, target_options

HERE = "kurator-tui"
"""In the place of a cluster: what is about this program."""
GLYPHS = {"healthy": "●", "degraded": "▲", "failed": "✖", "unknown": "○"}


@click.command()
@click.option(
    "-o", "--output", "form", type=click.Choice(["table", "json"]), default="table", help="Output format."
)
@target_options
def command(options: Options, form: str) -> None:
    """Can I reach every cluster, may I read it, is it installed? Ends with 1 where something is wrong."""
    from kurator_tui.cli.run import ask_all
    from kurator_tui.cli.views import use_views_aloud

    use_views_aloud()
    with target(options) as pointed:
        answers = asyncio.run(ask_all(pointed, "check"))
    findings: list[dict[str, Any]] = [found for answer in answers for found in json.loads(answer)]
    findings += left_out()
    click.echo(json.dumps({"items": findings}, indent=2) if form == "json" else table(findings))
    click.get_current_context().exit(1 if any(found["health"] == "failed" for found in findings) else 0)


def left_out() -> list[dict[str, Any]]:
    """Analysers of other packages that cannot be used."""
    from kurator_tui.triage.registry import added

    return [
        {"cluster": HERE, "check": f"analyser {name}", "health": "degraded", "reason": why, "hint": ""}
        for name, why in added().problems
    ]


def table(findings: list[dict[str, Any]]) -> str:
    """Findings as aligned lines, grouped by cluster, each made inert."""
    from kurator_tui.kinds.cells import inert
    from kurator_tui.kinds.width import pad, width_of

    lines = [[inert(found[key]) for key in ("cluster", "check", "reason")] for found in findings]
    names = max((width_of(name) for name, _check, _reason in lines), default=0)
    checks = max((width_of(check) for _name, check, _reason in lines), default=0)
    glyphs = [GLYPHS.get(found["health"], "○") for found in findings]
    hints = [f"\n  hint: {inert(found['hint'])}" if found.get("hint") else "" for found in findings]
    return "\n".join(
        f"{glyph} {pad(name, names)}  {pad(check, checks)}  {reason}".rstrip() + hint
        for glyph, (name, check, reason), hint in zip(glyphs, lines, hints, strict=True)
    )
