"""Actions that change clusters: one a verb of `kinds.verbs`, and what is done with a plan. Entries only.

A verb never writes at the press of its key: it opens a plan. Why one is off is said in the order in which a user
can do something about it: this console, the row, the kind, the marks, the cluster, the permission.
"""

from __future__ import annotations

from kurator_tui.config.action import (
    CONSOLE_GROUP,
    PLAN,
    PROGRESS,
    READING,
    ROW_GROUP,
    VIEW_GROUP,
    WORKLOADS,
    Action,
    Context,
    Off,
)
from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.kinds.verbs import VERBS, Verb

AUDIT = "audit"
"""What was changed with this user's consoles: a view without a digit."""

KEYS: dict[str, tuple[str, ...]] = {
    "scale": ("s",),
    "edit": ("e",),
    "image": ("i",),
    "set-image": ("i",),
    "cordon": ("c",),
    "uncordon": ("u",),
    "drain": ("r",),
}
"""Keys of verbs whose own entry names none."""
UNDO = "undo"
APPLY = "apply"

_FLEET = "fleets.fleet.kurator.dev"
_CLUSTERS = {
    "Cluster": "clusters.cluster.kurator.dev",
    "AttachedCluster": "attachedclusters.cluster.kurator.dev",
    "CustomCluster": "customclusters.infrastructure.cluster.x-k8s.io",
}
"""Kinds of the objects behind rows of clusters, as `screens.reading_target` reads them."""
_TABLES = frozenset({"fleets", "clusters", WORKLOADS})
_OBJECTS = _TABLES | {READING}


def object_kind(kind: AnyKind, row: Row | None) -> str:
    """Id of the kind of the object that a row stands for, "" for none."""
    if isinstance(row, FleetOverview):
        return _FLEET
    if isinstance(row, ClusterOverview):
        return _CLUSTERS.get(row.kind, "")
    if isinstance(row, AuditRow):
        return row.target.kind if row.target is not None else ""
    if kind.subject is not None and row is not None:
        return found.kind if (found := kind.subject(row)) is not None else ""
    return "" if kind.derived or row is None else kind.id


def shown(kind: str) -> str:
    """A kind's id for people: its plural."""
    return kind.partition(".")[0]


def _off(verb: Verb) -> Off:
    def off(context: Context) -> str | None:
        return _why_not(verb, context)

    return off


def _why_not(verb: Verb, context: Context) -> str | None:
    if context.read_only:
        return "this console is read-only"
    if not verb.targeted:
        return None
    if context.row is None:
        return "no row is selected"
    if not context.object_kind:
        return "this row is no object that could be changed"
    if not verb.takes(context.object_kind):
        return f"it is for {', '.join(map(shown, verb.kinds))}"
    if context.marked > 1 and not verb.many:
        return "it is done to one object at a time"
    return context.standing or dict(context.denied).get(verb.id)


def _action(verb: Verb) -> Action:
    keys = () if verb.id.startswith("rollout.") else KEYS.get(verb.id, verb.keys)  # theirs are the board's
    if verb.id == UNDO:
        return Action(
            f"verb.{verb.id}",
            verb.label,
            "Take back the last own change, or the selected one of the audit: shown first",
            ROW_GROUP,
            keys,
            _OBJECTS | {"rollouts", "rollout", AUDIT},
            _off(verb),
            commands=(f"do {verb.id}",),
            menu=True,
            does=UNDO,
        )
    if verb.id == APPLY:
        return Action(
            f"verb.{verb.id}",
            verb.label,
            "Make or change the objects of a file, of a directory, or of what you write in your editor (-)",
            CONSOLE_GROUP,
            off=_off(verb),
            commands=(APPLY,),
            argument="FILE|DIR|- [CLUSTER,...]",
            menu=True,
            does=APPLY,
        )
    return Action(
        f"verb.{verb.id}",
        verb.label,
        verb.description,
        ROW_GROUP,
        keys,
        _OBJECTS,
        _off(verb),
        commands=(f"do {verb.id}",),
        footer=7 if keys else 0,
        menu=True,
        does="verb",
        value=verb.id,
        kinds=frozenset(verb.kinds),
    )


def _read_only(context: Context) -> str | None:
    return "this console is read-only" if context.read_only else None


VERB_ACTIONS = (
    *(_action(verb) for verb in VERBS.values()),
    Action(
        "do",
        "Do",
        "Plan any verb for the row or the marked rows, as `kurator-tui do` does",
        ROW_GROUP,
        off=_read_only,
        commands=("do",),
        argument="VERB [NAME=VALUE]...",
    ),
    Action(
        "plans",
        "Plans",
        "Plans that are being applied, that ended, or that an earlier console left",
        CONSOLE_GROUP,
        commands=("plans",),
    ),
    Action(
        "screen.audit",
        "Audit",
        "What was changed: where, by whom, how it went",
        CONSOLE_GROUP,
        commands=(AUDIT,),
        does="screen",
        value=AUDIT,
    ),
)
"""In the order help shows them."""


def _has(what: str, why: str) -> Off:
    """The plan must have something."""

    def off(context: Context) -> str | None:
        return None if what in context.plan else why

    return off


_PLAN = frozenset({PLAN})
_PROGRESS = frozenset({PROGRESS})


def _plan(
    id: str, label: str, words: str, keys: tuple[str, ...], off: Off | None = None, footer: int = 0
) -> Action:
    found = off or (lambda _context: None)
    return Action(f"plan.{id}", label, words, VIEW_GROUP, keys, _PLAN, found, footer=footer, menu=True)


def _progress(id: str, label: str, words: str, keys: tuple[str, ...], what: str, why: str) -> Action:
    return Action(
        f"progress.{id}", label, words, VIEW_GROUP, keys, _PROGRESS, _has(what, why), footer=2, menu=True
    )


PLAN_ACTIONS = (
    _plan(
        "enter",
        "Apply",
        "Apply a safe plan; begin to type the name of a destructive one",
        ("enter",),
        _has("ready", "a server refuses a part of it, or there is nothing to do"),
    ),
    _plan(
        "yes",
        "Yes",
        "Apply a disruptive plan",
        ("y",),
        _has("ready", "a server refuses a part of it, or there is nothing to do"),
    ),
    _plan("again", "Dry run", "Ask the servers once more", ("d",), footer=2),
    _plan(
        "parameters",
        "Change",
        "Change what the verb was told",
        ("p",),
        _has("parameters", "this verb is told nothing"),
        footer=2,
    ),
    _plan(
        "waves",
        "Waves",
        "How many clusters at a time, and how long to watch them",
        ("w",),
        _has("clusters", "it is about one cluster"),
        footer=2,
    ),
    _plan(
        "instead",
        "Instead",
        "Plan what lasts instead of what is refused under the cursor",
        ("i",),
        _has("instead", "no verb does what lasts; o opens the object"),
        footer=3,
    ),
    _plan(
        "open",
        "Open",
        "Open the object to change instead, or the target under the cursor",
        ("o",),
        _has("target", "the cursor is on no object"),
        footer=3,
    ),
    _plan(
        "take",
        "Take field",
        "Take the field under the cursor from its manager",
        ("t",),
        _has("decides", "the cursor is on no field that another manager has"),
        footer=1,
    ),
    _plan(
        "leave",
        "Leave field",
        "Leave the field under the cursor to its manager",
        ("x",),
        _has("decides", "the cursor is on no field that another manager has"),
        footer=1,
    ),
    _plan("targets", "Targets", "Name every target, or only the first of many", ("f",)),
    Action("plan.close", "Close", "Write nothing", VIEW_GROUP, ("q",), _PLAN, footer=4),
    _progress("pause", "Pause", "Begin nothing more until it is resumed", ("p",), "running", "it does not run"),
    _progress("resume", "Resume", "Go on", ("r",), "paused", "it is not paused"),
    _progress(
        "undo",
        "Undo",
        "Take back what it has changed: shown first",
        ("U",),
        "done",
        "there is nothing to take back",
    ),
    _progress(
        "rest",
        "The rest",
        "Plan the same again where not all of it was done",
        ("R",),
        "rest",
        "nothing is left",
    ),
    _progress("abort", "Abort", "Begin nothing more at all", ("A",), "open", "it has ended"),
    Action(
        "progress.close",
        "Leave",
        "Back to the table; the plan goes on, and :plans comes back",
        VIEW_GROUP,
        ("q", "enter"),
        _PROGRESS,
        footer=4,
    ),
)
"""In the order help shows them."""
