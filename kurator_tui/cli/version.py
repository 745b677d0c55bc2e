"""`kurator-tui version`."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from kurator_tui import __version__


@click.command()
def command() -> None:
    """Print the version of kurator-tui, Python and the libraries that matter in a bug report."""
    click.echo(f"kurator-tui {__version__}")
    click.echo(f"python {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in ("textual", "kubernetes", "msgspec", "aiohttp"):
        click.echo(f"{name} {metadata.version(name)}")
