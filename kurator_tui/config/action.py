"""What an action is: the shape of the entries in the registry (`config.actions`), and why one may be off. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kurator_tui.kinds.base import Row

WORKLOADS = "workloads"
"""The view of any kind that has no screen of its own: which kind is the screen's business."""
COST = "cost"
"""What this console costs: a view without a digit."""
COMPARISON = "comparison"
"""One object over clusters; opened from a row."""
DIFFERENCES = "differences"
"""Two objects field by field; opened from a comparison."""

READING = "reading"
"""One object, read over the table it was opened from."""

LOGS = "logs"
"""Log lines, read over the table they were opened from."""

CHARTS = "charts"
"""A page of charts, seen over the table it was opened from."""

EVIDENCE = "evidence"
"""What is known of one incident, read over the inbox."""

PLAN = "plan"
"""What would be written, reviewed over the table it was asked for from."""

PROGRESS = "progress"
"""A plan that is being applied, or was."""

SCREENS_GROUP = "Screens"
MOVE_GROUP = "Move"
ROW_GROUP = "Selection"
VIEW_GROUP = "This view"
CONSOLE_GROUP = "Console"


@dataclass(frozen=True, slots=True)
class Context:
    """What an action may look at to say whether it can be done now."""

    view: str
    row: Row | None = None
    """The row under the cursor."""
    filter: str = ""
    faults_only: bool = False
    detail: bool = False
    """Whether the detail pane is open."""
    can_back: bool = False
    can_forward: bool = False
    columns: frozenset[str] = frozenset()
    """Keys of the view's columns."""
    kind: str = ""
    """Id of the kind whose rows the view shows."""
    marked: int = 0
    """Rows that are marked."""
    behind: bool = False
    """Whether what is read stands behind a row of another kind."""
    object_kind: str = ""
    """Id of the kind of the object that the row stands for; "" when it stands for none."""
    read_only: bool = False
    """Whether this console changes nothing."""
    standing: str = ""
    """Why the row's cluster cannot be asked now; "" when it can."""
    denied: tuple[tuple[str, str], ...] = ()
    """Verbs that may not be done to the row, as far as that was asked: (id, why)."""
    home: str = ""
    """The numbered screen that the kind is a section of; "" for none."""
    history: bool = False
    """Whether there is a past that can be shown."""
    past: bool = False
    """Whether it is shown."""
    as_of: str = ""
    """Why no cluster is asked and nothing is changed: other rows than those of now are shown; else ""."""
    plan: frozenset[str] = frozenset()
    """What a plan that is reviewed or applied has, by words: `refusal`, `waves`, `running` ..."""

    @property
    def kinds(self) -> frozenset[str]:
        """Ids of the kind shown and of the kind of the object that the row stands for."""
        return frozenset({self.kind, self.object_kind} - {""})


_OVER = frozenset(
    {"move.down", "move.up", "move.left", "move.right", "move.top", "move.bottom"}
    | {"page.down", "page.up", "half.down", "half.up", "back", "menu", "help", "leave"}
)
APART: dict[str, frozenset[str]] = {
    PLAN: _OVER,
    PROGRESS: _OVER,
    READING: frozenset(
        {"move.down", "move.up", "move.left", "move.right", "move.top", "move.bottom"}
        | {"page.down", "page.up", "half.down", "half.up", "back", "menu", "command", "help", "leave", "resync"}
        | {"read.describe", "read.yaml", "read.events"}
    ),
    LOGS: frozenset(
        {"move.down", "move.up", "move.left", "move.right", "move.top", "move.bottom"}
        | {"page.down", "page.up", "half.down", "half.up", "back", "menu", "command", "help", "leave", "resync"}
    ),
    EVIDENCE: _OVER | frozenset({"resync", "command", "read.describe", "read.yaml", "read.events"}),
    CHARTS: frozenset(
        {"move.top", "move.bottom", "page.down", "page.up", "back", "menu", "command", "help", "leave", "resync"}
        | {f"screen.{view}" for view in ("fleets", "clusters", "edge", "rollouts", "metrics", "triage", "cost")}
        | {f"screen.{view}" for view in ("workloads", "delivery", "policy", "batch")}
    ),
}
"""Views that are no tables -> which of the actions of all views they have."""


Off = Callable[[Context], str | None]
"""Why an action cannot be done in this context, or None when it can."""


def always(context: Context) -> str | None:
    """It can always be done."""
    return None


def needs_row(context: Context) -> str | None:
    """It is done to a row."""
    return None if context.row is not None else "no row is selected"


def needs_column(key: str) -> Off:
    """The view must have a column `key`."""

    def off(context: Context) -> str | None:
        return None if key in context.columns else f"this view has no {key}"

    return off


def not_built(context: Context) -> str | None:
    """It is to come."""
    return "not built yet"


def needs_back(context: Context) -> str | None:
    """There must be an earlier view."""
    return None if context.can_back else "no earlier view"


def needs_forward(context: Context) -> str | None:
    """There must be a later view."""
    return None if context.can_forward else "no later view"


def needs_sections(context: Context) -> str | None:
    """The screen must have sections."""
    return None if context.home else "this view has no sections"


def needs_detail(context: Context) -> str | None:
    """The details must be open."""
    return None if context.detail else "the details are closed: Enter opens them"


def needs_marks(context: Context) -> str | None:
    """Some row must be marked."""
    return None if context.marked else "nothing is marked: Space marks a row"


def closes(context: Context) -> str | None:
    """There must be something to close."""
    something = context.detail or context.filter or context.faults_only
    return None if something or context.can_back else "nothing to go back to"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do. `keys` are key names as a terminal event has them (`ctrl+f`, `question_mark`)."""

    id: str
    label: str
    """One or two words, for the footer."""
    description: str
    """One line, for help and docs."""
    group: str
    keys: tuple[str, ...] = ()
    views: frozenset[str] = frozenset()
    """Views it exists in; empty means all."""
    off: Off = always
    commands: tuple[str, ...] = ()
    """Words that do it in the command bar; the first is the one completed."""
    argument: str = ""
    """Name of the command's argument, e.g. `NAME`."""
    footer: int = 0
    """Place in the footer, 0 for none."""
    menu: bool = False
    """Whether `m` lists it: it acts on the selected row or on this view."""
    quiet: bool = False
    """Whether asking for it while it is off says nothing."""
    does: str = ""
    """Name of the method that does it, without `do_`; empty means the id with `_` for `.`."""
    value: str = ""
    """What that method is told when no argument was typed."""
    kinds: frozenset[str] = frozenset()
    """Kinds whose rows have it; empty means all. Its key means something else on rows of other kinds."""
    except_in: frozenset[str] = frozenset()
    """Views it does not exist in, though they are among `views`: its key means something else there."""

    def in_view(self, view: str) -> bool:
        """Whether the action exists in `view`."""
        if view in self.except_in:
            return False
        if self.views:
            return view in self.views
        return view not in APART or self.id in APART[view]

    def concerns(self, context: Context) -> bool:
        """Whether rows of the context's kind have it."""
        return not self.kinds or bool(self.kinds & context.kinds)

    @property
    def method(self) -> str:
        """The method of a screen that does this."""
        return "do_" + (self.does or self.id.replace(".", "_"))
