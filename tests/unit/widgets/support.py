"""A small kind, rows of it, and an app that holds one widget: what the widget tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from textual.app import App, ComposeResult
from textual.events import Key
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Kind, Level, Row
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable

NOW = 1_000_000.0


class Thing(Row, frozen=True, gc=False, array_like=True):
    """A row with every sort of cell."""

    level: Level = Level.HEALTHY
    restarts: int = 0
    note: str = ""
    cpu: float | None = None


THINGS: AnyKind = Kind(
    id="things",
    name="Thing",
    row=Thing,
    health=lambda row: Health(row.level, "because"),
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("restarts", "RESTARTS", lambda r: r.restarts, Format.COUNT, priority=2),
        Column(
            "cpu",
            "CPU",
            lambda r: r.cpu,
            Format.RATIO,
            priority=3,
            level=lambda r: Level.FAILED if r.cpu and r.cpu > 0.95 else Level.HEALTHY,
        ),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=4),
        Column("note", "NOTE", lambda r: r.note, priority=5, width=30),
        Column("uid", "UID", lambda r: r.uid, priority=6, wide=True),
    ),
)


def thing(number: int, name: str = "", **fields: object) -> Thing:
    """Thing `number`, called `name` or `thing-0007`; on cluster `east` unless told."""
    values: dict[str, object] = {
        "cluster": "east",
        "namespace": "default",
        "uid": f"u{number}",
        "created": NOW - 600.0,
    }
    values["name"] = name or f"thing-{number:04}"
    return Thing(**{**values, **fields})  # type: ignore[arg-type]


def view_of(*rows: Thing, sort: str = "name") -> View:
    """A view of `rows`."""
    view = View(THINGS, sort)
    view.load(rows)
    return view


def table(**options: object) -> LiveTable:
    """A table whose clock stands at `NOW`."""
    return LiveTable(clock=lambda: NOW, **options)  # type: ignore[arg-type]


W = TypeVar("W", bound=Widget)


class Host(App[None], Generic[W]):
    """An app with one widget, no animation, and a list of the messages it got."""

    def __init__(self, widget: W) -> None:
        super().__init__()
        self.animation_level = "none"
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


def shown(widget: Widget) -> list[str]:
    """The text of every line of `widget`, as it would be painted now."""
    return [widget.render_line(y).text for y in range(widget.size.height)]


def names(table: LiveTable) -> list[str]:
    """First words of the lines below the header, without the gutter."""
    return [line[1:].split()[0] for line in shown(table)[1:] if line.strip()]


def selected_line(table: LiveTable) -> str:
    """The line with the cursor's sign; fails unless there is exactly one."""
    (line,) = [line for line in shown(table)[1:] if line[:1] in "▸◆>#"]
    return line


@contextmanager
def refreshed(widget: Widget) -> Iterator[list[Region]]:
    """Collects the regions `widget` is asked to repaint; a repaint of everything is one region of its size."""
    regions: list[Region] = []
    original: Callable[..., Widget] = widget.refresh

    def spy(*args: Region, **options: bool) -> Widget:
        regions.extend(args or (widget.size.region,))
        return original(*args, **options)

    widget.refresh = spy  # type: ignore[method-assign]
    try:
        yield regions
    finally:
        del widget.refresh


async def type_at_once(pilot: Pilot[None], *keys: str) -> None:
    """Keys as they come over a slow line: all of them before the first one is looked at."""
    for key in keys:
        pilot.app.post_message(Key(key, key if len(key) == 1 else None))
    await pilot.pause()
