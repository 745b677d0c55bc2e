"""The `kurator-tui` command: options, commands loaded when called, errors as title, message and hint.

Nothing heavy may be imported here: `--help` and completion answer before Textual or kubernetes could load.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click

from kurator_tui import __version__
from kurator_tui.cli.options import Options, target_options
from kurator_tui.errors import ConsoleError

COMMANDS = {
    "audit": ("kurator_tui.cli.audit", "What was changed, and whether its record is whole."),
    "bundle": ("kurator_tui.cli.bundle", "Write everything about an incident: pages, screens, objects, numbers."),
    "check": ("kurator_tui.cli.check", "Can I reach every cluster, may I read it, is it installed?"),
    "completion": ("kurator_tui.cli.completion", "Print the completion script of a shell."),
    "demo": ("kurator_tui.cli.demo", "Open the console on an embedded estate, or serve one."),
    "do": ("kurator_tui.cli.do", "Change objects of any clusters: planned, confirmed, audited, undoable."),
    "explain": ("kurator_tui.cli.explain", "What a finding's code means, and what to do first."),
    "get": ("kurator_tui.cli.get", "Print fleets, clusters or any kind once."),
    "logs": ("kurator_tui.cli.logs", "Print logs of pods over clusters, merged by time."),
    "record": ("kurator_tui.cli.record", "Record the fleet into a file, without a screen."),
    "replay": ("kurator_tui.cli.replay", "Open the console on a recording."),
    "rollout": ("kurator_tui.cli.rollout", "How a release goes out over the fleet: status, history."),
    "screenshot": ("kurator_tui.cli.screenshot", "Draw a screen into an SVG or text file."),
    "triage": ("kurator_tui.cli.triage", "What is wrong in the fleet: one line a cause, worst first."),
    "version": ("kurator_tui.cli.version", "Print the version."),
}

EXIT_CODES = """\b
Exit codes:
  0  done (rollout status has codes of its own: see its --help)
  1  some check failed (check), an incident is as severe as --fail-on (triage), not everything was done (do), or
     the output could not be written
  2  wrong usage, or a recording that cannot be read (replay)
  3  nothing was written: it was not confirmed
  4  kubeconfig or credentials cannot be used
  5  the host's API server cannot be reached
  6  the host's API server refused
  7  Kurator is not installed on the host
  8  the feeder process ended
  9  the audit cannot be written: neither is anything else
 10  some members were not synced in time (triage, bundle)
 70  an error in kurator-tui itself
130  interrupted; 128 + n: ended by signal n
"""


class ReaderGone(Exception):
    """Nobody reads stdout any more (`| head -1`): no error, and no OSError, which click would end with 1."""


class _Commands(click.Group):
    """Commands whose modules are imported when they are called; their help lines are known before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, short_help = COMMANDS[cmd_name]
        command: click.Command = importlib.import_module(module).command
        command.short_help = short_help
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGone from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short_help) for name, (_module, short_help) in COMMANDS.items()])


@click.group(cls=_Commands, invoke_without_command=True, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="kurator-tui")
@target_options
def cli(options: Options) -> None:
    """The terminal console for Kurator: fleets of Kubernetes clusters, live.

    Without a command it opens the console; without a terminal it prints the fleets and clusters once.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        from kurator_tui.cli.console import open_console

        context.exit(open_console(options))


def complain(title: str, message: str, hint: str = "") -> None:
    """An error on stderr, never a traceback. The text is inert."""
    import logging

    from kurator_tui.kinds.cells import inert

    logging.getLogger(__name__).error("%s: %s", title, message)
    for label, text in (("", f"{title}: {message}"), ("hint: ", hint)):
        if text:
            click.echo("\n".join(label + inert(line) for line in text.splitlines()), err=True)


def main() -> None:
    """Entry point: run the command and turn every error into its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not end a command
    try:
        code = cli.main(prog_name="kurator-tui", standalone_mode=False)
    except ConsoleError as error:
        complain(error.title, error.message, error.hint)
        code = error.exit_code
    except click.exceptions.Abort:
        code = 130
    except KeyboardInterrupt:
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except OSError as error:
        complain("The system refused", str(error))
        code = 1
    except Exception as error:  # noqa: BLE001 - the last resort: one line, and the traceback only where asked for
        from kurator_tui.logs import unexpected

        complain("Error in kurator-tui", f"{type(error).__name__}: {error}", unexpected(error))
        code = 70
    sys.exit(code if isinstance(code, int) else 0)
