"""`kurator-tui triage`: the incidents of the fleet once, for pipelines and cron."""

from __future__ import annotations

import asyncio

import click

from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.kinds.findings import RANK, Severity

FORMS = ("table", "json", "junit", "sarif", "prometheus")
TIMEOUT = 60.0
"""Seconds in which members should be synced."""
FAILED, NOT_SYNCED = 1, 10
"""Exit codes."""


@click.command()
@click.option("-o", "--output", "form", type=click.Choice(FORMS), default="table", help="Output format.")
@click.option(
    "--fail-on",
    type=click.Choice([str(severity) for severity in Severity]),
    help="End with 1 if an incident is as severe as this, or more.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 86400, min_open=True),
    default=TIMEOUT,
    metavar="SECONDS",
    help="How long members may take to be synced [default: 60]",
)
@click.option("--no-silence", is_flag=True, help="Tell what silences.yaml silences, too.")
@target_options
def command(options: Options, form: str, fail_on: str | None, timeout: float, no_silence: bool) -> None:
    """What is wrong in the fleet: one line a cause, worst first.

    It waits until the members are synced. Those that are not within --timeout, and kinds that cannot be read, are
    told on stderr; it ends with 10 then, if not with 1: what is wrong there nobody knows.
    """
    from kurator_tui.cli.main import complain
    from kurator_tui.cli.triage_output import printed
    from kurator_tui.cli.triage_read import read, unseen_text

    with target(options) as pointed:
        found = asyncio.run(read(pointed, timeout, silence=not no_silence))
    least = RANK[fail_on] if fail_on else 0
    click.echo(printed(found, form, least), nl=False)
    for title, message in unseen_text(found):
        complain(title, message)
    severe = any(RANK.get(each.row.severity, 0) >= least for each in found.incidents)
    failed = fail_on is not None and severe
    click.get_current_context().exit(FAILED if failed else 0 if found.synced else NOT_SYNCED)
