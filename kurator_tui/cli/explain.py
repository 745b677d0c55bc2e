"""`kurator-tui explain [CODE]`: what a finding means and what to do first, without any cluster."""

from __future__ import annotations

import click

from kurator_tui.cli.completion import codes
from kurator_tui.errors import UsageError


@click.command()
@click.argument("code", required=False, metavar="[CODE]", shell_complete=codes)
def command(code: str | None) -> None:
    """What a code such as KT1001 means and what to do first; without one, all codes there are."""
    from kurator_tui.triage.pages import pages
    from kurator_tui.triage.registry import added, own

    known = pages((*own(), *added().analysers))
    if code is None:
        for each in known.values():
            click.echo(f"{each.code}  {each.severity:<8}  {each.title}")
        return
    page = known.get(code.upper())
    if page is None:
        alike = [each for each in known if each[:4] == code.upper()[:4]]
        offer = f"Near it: {', '.join(alike)}" if alike else "All of them: kurator-tui explain"
        raise UsageError(f"no finding has the code {code}", offer)
    kinds = ", ".join(page.kinds)
    click.echo(f"{page.code}: {page.title}\nseverity {page.severity}, about {kinds}\n\n{page.text}")
