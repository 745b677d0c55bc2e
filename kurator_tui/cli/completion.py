"""`kurator-tui completion SHELL`, and what several commands complete.

Incidents are not completed: titles hold spaces and ids colons, which bash takes for the ends of words.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL: source it from your shell's start-up file."""
    from kurator_tui.cli.main import cli

    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(completion(cli, {}, "kurator-tui", "_KURATOR_TUI_COMPLETE").source())


def codes(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Codes of findings that `begun` may become, with their titles."""
    from kurator_tui.triage.pages import pages
    from kurator_tui.triage.registry import added, own

    known = pages((*own(), *added().analysers)).values()
    return [CompletionItem(each.code, help=each.title) for each in known if each.code.startswith(begun.upper())]
