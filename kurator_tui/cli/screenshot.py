"""`kurator-tui screenshot VIEW -o FILE`: a screen as a picture or as text, without a terminal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import click

from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.cli.words import place_argument, section_of, section_option
from kurator_tui.errors import UsageError

READ = ("fleets", "clusters", "incidents")
"""Kinds that every screen's status line is made of."""
TRIAGE = ("findings", "blindspots")
"""What the inbox reads beside: of the second all that analysers read is watched."""
VIEWS = ("cost", "metrics")
"""Views that are no kind's."""
LEAST, MOST = (20, 5), (500, 200)


@click.command()
@place_argument(*VIEWS)
@section_option()
@click.option("-o", "--output", "path", required=True, metavar="FILE", help="FILE.svg or FILE.txt")
@click.option("--size", default="120x40", metavar="WxH", help="Columns and lines of the screen [default: 120x40]")
@click.option("--details", is_flag=True, help="With the details of the first row open.")
@click.option(
    "--after", type=click.FloatRange(0, 600), default=0.0, help="Watch this many seconds before drawing."
)
@click.option("--page", default="", metavar="PAGE|PROMQL", help="Of metrics: a page of charts, or a query.")
@click.option(
    "--keys",
    default="",
    metavar="KEYS",
    help="Keys to press before drawing, with spaces between: 'T p' or '/ w e b'.",
)
@target_options
def command(
    options: Options,
    view: str,
    section: str,
    path: str,
    size: str,
    details: bool,
    after: float,
    page: str,
    keys: str,
) -> None:
    """Draw a screen or any kind into an SVG or text file, once every cluster is as complete as it can be.

    Screens are fleets, clusters, edge, rollouts, metrics, workloads, delivery, policy and batch.
    """
    view = section_of(view, section) if section else view
    wanted = screen_size(size)
    file = Path(path)
    if file.suffix not in (".svg", ".txt"):
        raise UsageError(f"cannot draw into {path}", "The name ends in .svg or .txt.")
    if page and view != "metrics":
        raise UsageError(f"{view} has no pages", "screenshot metrics --page PAGE")
    pressed = _keys(keys)
    with target(options) as pointed:
        drawing = draw(pointed, view, wanted, details=details, after=after, page=page, keys=pressed)
        svg, text = asyncio.run(drawing)
    try:
        file.write_text(svg if file.suffix == ".svg" else text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _keys(text: str) -> list[str]:
    """`T Ctrl-z` as names of keys. Raises UsageError."""
    from kurator_tui.config.keymap import key_name

    try:
        return [key_name(word) for word in text.split()]
    except ValueError as error:
        raise UsageError(str(error), "Keys as the footer writes them: T Ctrl-z Enter.") from error


def screen_size(text: str) -> tuple[int, int]:
    """`120x40` as (120, 40). Raises UsageError."""
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(least <= n <= most for n, least, most in zip(size, LEAST, MOST, strict=True)):
        raise UsageError(f"{text} is no size", "WxH, from 20x5 to 500x200, e.g. 120x40.")
    return size


async def draw(
    options: Options,
    view: str,
    size: tuple[int, int],
    *,
    details: bool = False,
    after: float = 0.0,
    page: str = "",
    keys: Sequence[str] = (),
) -> tuple[str, str]:
    """(SVG, text) of one view, `after` seconds after everything was synced. Raises ConsoleError."""
    from kurator_tui.cli.run import session
    from kurator_tui.screens.export import render

    deep = (*TRIAGE,) if view == "incidents" else ()
    kinds = dict.fromkeys((*READ, *deep, *({view} - {*VIEWS})))
    async with session(options, tuple(kinds)) as (opened, _notices, _complete):
        await asyncio.sleep(after)
        return await render(opened, view, size, theme=options.theme, details=details, page=page, keys=keys)
