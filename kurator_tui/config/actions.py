"""The one registry of actions: footer, help, menu, command bar, key map and docs are all made from it.

An action (`config.action`) has an id, the keys it has by default, the views it exists in, and `off`, which says
why it cannot be done now. What it *does* is a method of a screen, named by `Action.method`. Nothing else may bind
a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kurator_tui.config.action import (
    COMPARISON,
    CONSOLE_GROUP,
    COST,
    DIFFERENCES,
    ROW_GROUP,
    SCREENS_GROUP,
    VIEW_GROUP,
    WORKLOADS,
    Action,
    Context,
    always,
    closes,
    needs_back,
    needs_column,
    needs_forward,
    needs_row,
    needs_sections,
    not_built,
)
from kurator_tui.config.log_actions import LOG_ACTIONS
from kurator_tui.config.metrics_actions import METRICS, METRICS_ACTIONS
from kurator_tui.config.move_actions import MOVE_ACTIONS
from kurator_tui.config.reading_actions import READING_ACTIONS
from kurator_tui.config.remote_actions import REMOTE_ACTIONS
from kurator_tui.config.rollout_actions import ROLLOUT, ROLLOUT_ACTIONS, ROLLOUTS
from kurator_tui.config.time_actions import TIME_ACTIONS, in_time
from kurator_tui.config.triage_actions import TRIAGE, TRIAGE_ACTIONS
from kurator_tui.config.verb_actions import AUDIT, PLAN_ACTIONS, VERB_ACTIONS
from kurator_tui.config.workload_actions import WORKLOAD_ACTIONS
from kurator_tui.kinds.homes import BESIDE, HOMES

__all__ = [
    "ACTIONS",
    "COMPARISON",
    "COST",
    "DIFFERENCES",
    "SCREENS",
    "VIEWS",
    "WORKLOADS",
    "Action",
    "Context",
    "command",
    "in_view",
]


@dataclass(frozen=True, slots=True)
class ScreenAction:
    """One of the ten numbered screens."""

    view: str
    digit: str
    title: str
    short: str
    words: tuple[str, ...] = ()
    """Words that open it in the command bar, beside the view's name; no name of a kind is among them."""
    built: bool = False
    does: str = "screen"
    argument: str = ""
    """What its command may be told."""


SCREENS = (
    ScreenAction("fleets", "1", "Fleets", "Fl", ("fl", "fleet"), built=True),
    ScreenAction("clusters", "2", "Clusters", "Cl", ("cl",), built=True),
    ScreenAction("edge", "3", "Edge", "Ed", ("ed",), built=True),
    ScreenAction(ROLLOUTS, "4", "Rollouts", "Ro", ("ro",), built=True),
    ScreenAction(METRICS, "5", "Metrics", "Me", ("me",), built=True, does="metrics", argument="[PAGE|PROMQL]"),
    ScreenAction(TRIAGE, "6", "Triage", "Tr", ("tr",), built=True),
    ScreenAction(WORKLOADS, "7", "Workloads", "Wo", ("wo",), built=True),
    ScreenAction("delivery", "8", "Delivery", "De", built=True),
    ScreenAction("policy", "9", "Policy & Backup", "Po", built=True),
    ScreenAction("batch", "0", "Batch", "Ba", built=True),
)
"""The tabs, in order."""

VIEWS = (
    *(screen.view for screen in SCREENS if screen.built and screen.view not in HOMES),
    *(ROLLOUT, AUDIT, COST, COMPARISON, DIFFERENCES),
)
"""Every view there is; the sections of homes are tables of kinds, as `WORKLOADS` is."""


def _screen_action(screen: ScreenAction) -> Action:
    return Action(
        f"screen.{screen.view}",
        screen.title,
        f"Open the {screen.title} screen",
        SCREENS_GROUP,
        (screen.digit,),
        off=always if screen.built else not_built,
        commands=(screen.view, *screen.words),
        argument=screen.argument,
        does=screen.does,
        value=screen.view,
    )


_OTHER_VIEWS = (
    Action(
        "kind",
        "Kind",
        "Open any kind over all clusters; its name alone does it too, as in :pods or :deploy edge",
        SCREENS_GROUP,
        commands=("kind",),
        argument="KIND [FILTER]",
    ),
    Action(
        "screen.cost",
        "Cost",
        "What this console costs: streams, requests, bytes, memory",
        SCREENS_GROUP,
        ("tilde",),
        commands=(COST,),
        does="screen",
        value=COST,
    ),
    Action(
        "section.next",
        "Next section",
        "The next table of this screen; on 3, 8, 9 and 0 the digit again does it too",
        SCREENS_GROUP,
        ("greater_than_sign",),
        frozenset({WORKLOADS, *BESIDE}),
        needs_sections,
        quiet=True,
        does="section",
        value="1",
    ),
    Action(
        "section.before",
        "Section before",
        "The table before of this screen",
        SCREENS_GROUP,
        ("less_than_sign",),
        frozenset({WORKLOADS, *BESIDE}),
        needs_sections,
        quiet=True,
        does="section",
        value="-1",
    ),
)

_ROW = (
    Action(
        "open",
        "Open",
        "Open what belongs to the row, else its details",
        ROW_GROUP,
        ("enter",),
        off=needs_row,
        footer=1,
        menu=True,
    ),
    Action(
        "details",
        "Details",
        "Open or close the details of the row",
        ROW_GROUP,
        ("D",),
        off=needs_row,
        menu=True,
    ),
    Action(
        "copy",
        "Copy name",
        "Copy the name to the terminal's clipboard",
        ROW_GROUP,
        ("c",),
        off=needs_row,
        menu=True,
    ),
    Action(
        "resync",
        "Re-sync",
        "List again from the API servers",
        ROW_GROUP,
        ("ctrl+r",),
        commands=("resync",),
        menu=True,
    ),
    Action("menu", "More", "All actions for the selection, with reasons", ROW_GROUP, ("m",), footer=5),
)

RESTARTING = frozenset({"pods"})
"""Kinds with a column of restarts: for these its key sorts."""

_VIEW = (
    Action(
        "back",
        "Back",
        "Close, clear the filter, or go back",
        VIEW_GROUP,
        ("escape",),
        off=closes,
        quiet=True,
        footer=4,
    ),
    Action(
        "filter",
        "Filter",
        "Filter the rows",
        VIEW_GROUP,
        ("slash",),
        commands=("filter",),
        argument="TEXT",
        footer=2,
        menu=True,
    ),
    Action(
        "faults",
        "Faults",
        "Show only what is not healthy",
        VIEW_GROUP,
        ("ctrl+z",),
        commands=("faults",),
        footer=6,
        menu=True,
    ),
    Action("wide", "Wide", "Show all columns", VIEW_GROUP, ("W",), commands=("wide",), menu=True),
    Action(
        "scope.clusters",
        "Clusters",
        "Pick the clusters in scope",
        VIEW_GROUP,
        ("at",),
        commands=("scope",),
        argument="CLUSTERS [-n NAMESPACES] | NAME | save NAME | delete NAME",
        footer=7,
        menu=True,
    ),
    Action(
        "sort.name",
        "Sort name",
        "Sort by name; again turns round",
        VIEW_GROUP,
        ("N",),
        off=needs_column("name"),
        except_in=frozenset({TRIAGE}),
    ),
    Action(
        "sort.age",
        "Sort age",
        "Sort by age; again turns round",
        VIEW_GROUP,
        ("A",),
        off=needs_column("age"),
        except_in=frozenset({ROLLOUTS, ROLLOUT, TRIAGE}),
    ),
    Action(
        "sort.status",
        "Sort status",
        "Sort by health, worst first; again turns round",
        VIEW_GROUP,
        ("S",),
        off=needs_column("health"),
    ),
    Action(
        "sort.restarts",
        "Sort restarts",
        "Sort by restarts, most first; again turns round",
        VIEW_GROUP,
        ("T",),
        off=needs_column("restarts"),
        kinds=RESTARTING,
    ),
    Action(
        "sort.namespace",
        "Sort namespace",
        "Sort by namespace; again turns round",
        VIEW_GROUP,
        ("P",),
        off=needs_column("namespace"),
    ),
    Action("sort.left", "Column left", "Choose the column to the left for sorting", VIEW_GROUP, ("shift+left",)),
    Action(
        "sort.right", "Column right", "Choose the column to the right for sorting", VIEW_GROUP, ("shift+right",)
    ),
    Action(
        "sort.column",
        "Sort column",
        "Sort by the chosen column; again turns round",
        VIEW_GROUP,
        ("O",),
        commands=("sort",),
        argument="COLUMN",
    ),
    Action(
        "history.back", "History back", "The view before", VIEW_GROUP, ("left_square_bracket",), off=needs_back
    ),
    Action(
        "history.forward",
        "History forward",
        "The view after",
        VIEW_GROUP,
        ("right_square_bracket",),
        off=needs_forward,
    ),
    Action(
        "history.last", "Last view", "Between this view and the last one", VIEW_GROUP, ("minus",), off=needs_back
    ),
)

_CONSOLE = (
    Action("command", "Command", "Command bar, with completion", CONSOLE_GROUP, ("colon",), footer=3),
    Action(
        "help",
        "Help",
        "Keys of this view",
        CONSOLE_GROUP,
        ("question_mark", "f1"),
        commands=("help", "h"),
        footer=99,
    ),
    Action("theme", "Theme", "Change the theme", CONSOLE_GROUP, commands=("theme",), argument="NAME"),
    Action("quit", "Quit", "Back; at the root asks to quit", CONSOLE_GROUP, ("q",)),
    Action("leave", "Leave", "Ask to quit, from anywhere", CONSOLE_GROUP, ("ctrl+c",), commands=("quit", "q")),
)

ACTIONS: dict[str, Action] = {
    action.id: in_time(action)
    for action in (
        *(_screen_action(screen) for screen in SCREENS),
        *_OTHER_VIEWS,
        *MOVE_ACTIONS,
        *_ROW,
        *READING_ACTIONS,
        *LOG_ACTIONS,
        *WORKLOAD_ACTIONS,
        *REMOTE_ACTIONS,
        *VERB_ACTIONS,
        *PLAN_ACTIONS,
        *ROLLOUT_ACTIONS,
        *TRIAGE_ACTIONS,
        *METRICS_ACTIONS,
        *_VIEW,
        *TIME_ACTIONS,
        *_CONSOLE,
    )
}
"""Every action by id, in the order help shows them."""


def in_view(view: str) -> Iterator[Action]:
    """The actions that exist in `view`."""
    return (action for action in ACTIONS.values() if action.in_view(view))


def command(word: str) -> Action | None:
    """The action that `word` names in the command bar, or None."""
    wanted = word.casefold()
    return next((action for action in ACTIONS.values() if wanted in action.commands), None)
