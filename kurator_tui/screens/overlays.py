"""What opens over the frame: help, menu, scope picker, the question before the end, toasts.

Imported when the first of them opens: the first frame does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from kurator_tui.config.actions import Action, Context, in_view
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.cells import duration, inert
from kurator_tui.kinds.containers import containers
from kurator_tui.kinds.links import Target
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.screens.keys import KeyText
from kurator_tui.screens.kind_facts import title_of
from kurator_tui.screens.menu import Menu, MenuEntry
from kurator_tui.screens.summary import state_text
from kurator_tui.screens.timed import stamp
from kurator_tui.store.freshness import STATE_LEVELS
from kurator_tui.widgets.dialog import ConfirmDialog, Severity, toast
from kurator_tui.widgets.help_panel import HelpEntry, HelpPanel
from kurator_tui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from kurator_tui.link.recording import Turned


class QuitDialog(ConfirmDialog):
    """The question before the console ends."""

    def __init__(self, farewell: str = "") -> None:
        super().__init__("Quit kurator-tui?", f"Nothing in the clusters changes. {farewell}".strip())


def ask_to_quit(app: App[int], farewell: str = "") -> None:
    """Ask, and end the console with 0 when the answer is yes; asked again while it is being asked, it ends.

    `farewell` says what else ends with it.
    """
    if isinstance(app.screen, QuitDialog):
        app.exit(return_code=0)
    else:
        app.push_screen(QuitDialog(farewell), lambda yes: app.exit(return_code=0) if yes else None)


def say(app: App[int], title: str, message: str = "", hint: str = "", *, level: str = "information") -> None:
    """A toast; `level` is information, warning or error."""
    severity: Severity = "error" if level == "error" else "warning" if level == "warning" else "information"
    toast(app, title, message, hint, severity=severity)


def help_panel(title: str, context: Context, keys: KeyText) -> HelpPanel:
    """Every action of the view with its keys, and why it is off; screens that are off share one entry."""
    actions = [action for action in in_view(context.view) if action.concerns(context)]
    off = [action for action in actions if action.does == "screen" and action.off(context)]
    entries: list[HelpEntry] = []
    for action in actions:
        if action in off[:1]:
            digits = " ".join(next(iter(keys(one)), "") for one in off)
            labels, reason = ", ".join(one.label for one in off), action.off(context) or ""
            entries.append(HelpEntry(digits, labels, action.group, False, reason))
        elif action not in off and action.does != "count":
            entries.append(_help_entry(action, context, keys))
    return HelpPanel(f"Keys of {title}", entries)


def _help_entry(action: Action, context: Context, keys: KeyText) -> HelpEntry:
    reason = action.off(context)
    shown = "  ".join(keys(action)) or f":{action.commands[0]}"
    return HelpEntry(shown, action.description, action.group, reason is None, reason or "")


def menu(title: str, context: Context, keys: KeyText) -> Menu:
    """What can be done with the selected row and this view, and why the rest cannot."""
    return Menu(f"{title}: {context.row.name}" if context.row is not None else title, menu_entries(context, keys))


def menu_entries(context: Context, keys: KeyText) -> list[MenuEntry]:
    """What rows of this kind have, with its key or else its command, and why it is off."""
    return [
        MenuEntry(
            action.id,
            next(iter([*keys(action), *(f":{word}" for word in action.commands)]), ""),
            action.description,
            action.off(context) or "",
        )
        for action in in_view(context.view)
        if action.menu and action.concerns(context)
    ]


def scope_picker(rows: Iterable[Row], picked: Iterable[str], now: float) -> Picker:
    """All clusters, each with its state."""
    choices = [
        Choice(row.name, state_text(row, now), STATE_LEVELS.get(row.state))
        for row in sorted(rows, key=lambda row: row.name)
        if isinstance(row, ClusterOverview)
    ]
    return Picker("Clusters in scope", choices, picked, everything="all clusters")


def namespace_picker(counted: Mapping[str, int], picked: Iterable[str]) -> Picker:
    """Namespaces, each with how many rows are in it."""
    known = {**dict.fromkeys(picked, 0), **counted}
    choices = [Choice(name, f"{known[name]} row{'' if known[name] == 1 else 's'}") for name in sorted(known)]
    return Picker("Namespaces in scope", choices, picked, everything="all namespaces")


def timeline_picker(turns: Sequence[tuple[float, Turned]], now: float) -> tuple[Picker, dict[str, float]]:
    """When incidents changed, the last one first, and which line means which moment."""
    moments: dict[str, float] = {}
    choices: list[Choice] = []
    for at, turned in reversed(turns):
        when = f"{stamp(at, now)}  {duration(max(0.0, now - at)):>6} ago"
        moments[when] = at
        changed = [f"+ {name}" for name in turned.began] + [f"- {name}" for name in turned.over]
        going = f"{turned.going} go{'es' if turned.going == 1 else ''} on"
        choices.append(
            Choice(when, inert("  ".join([*changed, going])), Level.DEGRADED if turned.began else Level.HEALTHY)
        )
    only = list({choice.value: choice for choice in choices}.values())
    picker = Picker("Incidents changed", only, several=False)
    picker.add_class("wide")  # names of incidents are long
    return picker, moments


def kind_picker(word: str, kinds: Iterable[AnyKind]) -> Picker:
    """The kinds that one word means; a joined view comes first."""
    choices = [
        Choice(kind.id, f"{kind.name}, " + ("this console's view" if kind.derived else kind.group or "core"))
        for kind in kinds
    ]
    return Picker(f"Several kinds are called {word}", choices, several=False)


def target_picker(name: str, targets: Iterable[Target]) -> tuple[Picker, dict[str, Target]]:
    """What belongs to an object, and which line means which."""
    from kurator_tui.kinds.homes import section_title
    from kurator_tui.kinds.registry import find, kind

    found: dict[str, Target] = {}
    choices: list[Choice] = []
    for target in targets:
        shown = kind(target.kind)
        plain = title_of(shown, alone=len(find(shown.plural)) == 1)
        title = section_title(shown.id) or plain
        title = plain if title in found else title
        title = f"{title} that use it" if target.users_of else title
        found[title] = target
        count = len(target.objects)
        where = target.cluster or "several clusters"
        choices.append(Choice(title, f"{count} on {where}" if count else f"on {where}"))
    return Picker(f"What belongs to {name}", choices, several=False), found


def container_picker(name: str, pod: dict[str, object]) -> Picker:
    """The containers of a pod, the default one first."""
    found = sorted(containers(pod), key=lambda each: not each.default)
    choices = [
        Choice(
            each.name,
            " ".join(
                part
                for part in (each.role, each.state, each.reason, f"{each.restarts} restarts", each.image)
                if part
            ),
            None if each.state == "running" else Level.DEGRADED if each.state == "waiting" else Level.UNKNOWN,
        )
        for each in found
    ]
    return Picker(f"Containers of {name}", choices, several=False)
