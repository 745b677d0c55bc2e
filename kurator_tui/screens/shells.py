"""Shells in pods, processes attached to, debug containers: from a row to a visit, and what is said afterwards.

A debug container is a write: it is asked for, with all that it does, before the stream that adds it is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from kurator_tui.errors import CommandNotFound, ConsoleError
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.containers import Container
from kurator_tui.screens.visit import Lend, Place, Visit
from kurator_tui.widgets.dialog import ConfirmDialog, MessageDialog, frame_css, plain
from kurator_tui.widgets.form import Field, FormDialog
from kurator_tui.widgets.picker import Choice, Picker
from kurator_tui.wire.display import WireApp

if TYPE_CHECKING:
    from kurator_tui.screens.remote import Remote

DEBUG_IMAGE = "docker.io/library/busybox:1.36"
GROUP = "visits"
LEAVE = "Ctrl-] twice leaves one that does not answer."
HINTS = {
    "shell": f"exit or Ctrl-D ends it; {LEAVE}",
    "debug": "exit ends it, and with it the debug container's process; Ctrl-] twice leaves it running.",
    "attach": "Ctrl-] twice leaves; the process goes on. Ctrl-C and Ctrl-D go to the process.",
}
NO_TERMINAL_HINT = "Ctrl-C, or Ctrl-] twice, leaves; the process goes on."
NAMES = {"shell": "shell", "debug": "debug container", "attach": "process"}


class Opening(ModalScreen[None]):
    """Takes the keys while a stream is opened; Esc gives it up."""

    DEFAULT_CSS = frame_css("Opening", 80)
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False, priority=True)]

    def __init__(self, text: str, visit: Visit) -> None:
        super().__init__()
        self._text = plain(text)
        self._visit = visit
        self.done = False
        """Whether it closes as soon as nothing lies over it."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame"):
            yield Static(self._text, classes="title", markup=False)
            yield Static("Esc gives up", classes="keys", markup=False)

    def action_give_up(self) -> None:
        """The stream ends, and with it this."""
        self._visit.leave()

    def on_screen_resume(self) -> None:
        if self.done:
            self.dismiss(None)


def picker(pod: str, found: list[Container], verb: str) -> Picker:
    """The containers of a pod, the default one first."""
    levels = {"running": Level.HEALTHY, "waiting": Level.DEGRADED}
    choices = [
        Choice(
            each.name,
            " ".join(part for part in (_role(each), each.state, each.reason, each.image) if part),
            levels.get(each.state, Level.UNKNOWN),
        )
        for each in sorted(found, key=lambda each: not each.default)
    ]
    return Picker(f"{verb} which container of {pod}?", choices, several=False)


def _role(container: Container) -> str:
    return "" if container.role == "container" else f"[{container.role}]"


def ending(method: str, visit: Visit) -> tuple[str, str]:
    """(what is said, its level) of a visit that ended without an error."""
    name = NAMES[method]
    if visit.end is None:
        return (f"left the {name}: it took no input" if visit.deaf else f"left the {name}"), "warning"
    code = visit.end.data
    return f"{name} ended with {code or '0'}", "information" if code in ("", "0") else "warning"


class Shells:
    """Visits containers for a frame, one at a time."""

    def __init__(self, frame: Remote) -> None:
        self._frame = frame
        self._app = cast(WireApp, frame.app)

    def row(self, method: str, *, container: str = "", image: str = "") -> None:
        """`method` in the pod under the cursor, or in a ready one of the workload under it."""
        if (found := self._frame.subject()) is not None:
            kind, row = found
            self.enter(method, row, kind.id, container=container, image=image)

    def enter(self, method: str, row: Row, kind: str, *, container: str = "", image: str = "") -> None:
        """`method` in the pod of `row`, or in a ready one of that workload."""
        frame = self._frame
        if self._may_write() and not any(worker.group == GROUP for worker in frame.workers):
            frame.run_worker(self._find(method, row, kind, container, image), group=GROUP)

    def _may_write(self) -> bool:
        read_only = self._frame.settings.read_only
        if read_only:
            self._frame.say("read-only", "Start the console without it to open a shell.", level="warning")
        return not read_only

    # -- where --------------------------------------------------------------------------------------------------

    async def _find(self, method: str, row: Row, kind: str, container: str, image: str) -> None:
        """The pod and its container, asked for where there are several."""
        screen = self._frame.current
        screen.asking = f"asking {row.cluster}"
        screen.refresh_title()
        try:
            pod = row.name
            if kind != "pods":
                where = {"cluster": row.cluster, "namespace": row.namespace, "name": row.name}
                pod = await self._frame.source.call("ready_pod", kind=kind, **where)
            place = Place(row.cluster, row.namespace, pod)
            found = msgspec.json.decode(
                await self._frame.source.call("containers", **place.arguments()), type=list[Container]
            )
        except ConsoleError as error:
            self._app.push_screen(MessageDialog(error.title, error.message, error.hint))
            return
        finally:
            screen.asking = ""
            if screen.is_mounted:
                screen.refresh_title()
        self._choose(method, place, found, container, image)

    def _choose(self, method: str, place: Place, found: list[Container], named: str, image: str) -> None:
        running = [each for each in found if each.running]

        def chosen(picked: frozenset[str] | None) -> None:
            for each in found:
                if picked is not None and each.name in picked:
                    self._with(method, place, each, image)

        if named:
            if not any(each.name == named for each in found):
                names = ", ".join(each.name for each in found)
                self._frame.say(f"{place.pod} has no container {named}", f"It has {names}.", level="warning")
            chosen(frozenset({named}))
        elif not running:
            states = "\n".join(f"{each.name}: {each.state} {each.reason}".strip() for each in found)
            self._app.push_screen(MessageDialog(f"No container of {place.pod} runs", states))
        elif len(running) == 1:
            chosen(frozenset({running[0].name}))
        else:
            verb = {"shell": "A shell in", "attach": "Attach to", "debug": "Debug"}[method]
            self._app.push_screen(picker(place.pod, found, verb), chosen)

    def _with(self, method: str, place: Place, container: Container, image: str) -> None:
        place = Place(place.cluster, place.namespace, place.pod, container.name)
        if method == "debug":
            self.offer_debug(place, image)
        else:
            self.visit(method, place, tty=method == "shell" or container.tty)

    # -- debug containers ---------------------------------------------------------------------------------------

    def offer_debug(self, place: Place, image: str = "", why: str = "") -> None:
        """Ask for the image, unless it is known, and for a confirmation; only then add the container."""
        if image:
            self._confirm_debug(place, image)
            return

        def filled(values: dict[str, str] | None) -> None:
            if values is not None:
                self._confirm_debug(place, values["image"])

        def wrong(values: dict[str, str]) -> str:
            return "" if values["image"] else "An image is needed."

        text = f"{why}\n" if why else ""
        text += f"A debug container brings a shell of its own into {place}. You confirm it next."
        fields = [Field("image", "Image", DEBUG_IMAGE)]
        self._app.push_screen(FormDialog("Debug container", text, fields, wrong), filled)

    def _confirm_debug(self, place: Place, image: str) -> None:
        if self._may_write():
            self._frame.run_worker(self._ask_debug(place, image), group=GROUP)

    async def _ask_debug(self, place: Place, image: str) -> None:
        """Have it confirmed: by `y`, or by the pod's name where the cluster is protected."""
        try:
            word = await self._frame.source.call("debug_word", cluster=place.cluster, name=place.pod)
        except ConsoleError as error:
            self._app.push_screen(MessageDialog(error.title, error.message, error.hint))
            return

        def answered(yes: object) -> None:
            if yes:
                self.visit("debug", place, image=image, target=place.container, confirmed=word)

        def wrong(values: dict[str, str]) -> str:
            return "" if values["word"] == word else f"Type {word} to confirm it."

        title = "Add an ephemeral container?"
        text = (
            f"cluster    {place.cluster}\npod        {place.namespace}/{place.pod}\n"
            f"sees       processes of {place.container}\nimage      {image}\n\n"
            "It is added to the pod now and stays in it until the pod is deleted: it cannot be removed again."
        )
        if word == "y":
            self._app.push_screen(ConfirmDialog(title, text), answered)
        else:
            text += f"\n\n{place.cluster} is protected: type {word} to confirm it."
            self._app.push_screen(FormDialog(title, text, [Field("word", "Pod")], wrong), answered)

    # -- the visit ----------------------------------------------------------------------------------------------

    def visit(self, method: str, place: Place, *, tty: bool = True, **more: str) -> None:
        """Open a stream and lend it the terminal."""
        self._frame.run_worker(self._visited(method, place, tty, more), group=GROUP)

    async def _visited(self, method: str, place: Place, tty: bool, more: dict[str, str]) -> None:
        columns, rows = self._app.size
        arguments = place.arguments(columns=str(columns), rows=str(rows), **more)
        visit = Visit(self._frame.source, method, arguments, lines=not tty)
        opening = Opening(f"Opening a {NAMES[method]} in {place}…", visit)
        try:
            await self._app.push_screen(opening)
            goes = await visit.begun()
            opening.done = True
            free = opening.is_current
            if free:
                await opening.dismiss(None)
            if goes and free:
                await visit.carry(self._lend(lines=not tty), banner(method, place, tty=tty))
        finally:
            visit.leave()
        self._say_end(method, place, visit)

    def _lend(self, *, lines: bool) -> Lend:
        return lambda typed, resized: self._app.lend_terminal(typed, resized, lines=lines)

    def _say_end(self, method: str, place: Place, visit: Visit) -> None:
        end = visit.end
        if end is None or not end.title:
            text, level = ending(method, visit)
            self._frame.say(text, f"in {place.pod}", level=level)
        elif end.title == CommandNotFound.title and method == "shell":
            self.offer_debug(place, why=f"The image of {place.container or place.pod} has no shell.")
        else:
            self._app.push_screen(MessageDialog(end.title, end.message, end.hint))


def banner(method: str, place: Place, *, tty: bool = True) -> str:
    """The first lines on the terminal: where this is, and how to leave."""
    hint = HINTS[method] if tty else NO_TERMINAL_HINT
    return f"\r\nkurator-tui: {NAMES[method]} in {place}\r\n{hint}\r\n\r\n"
