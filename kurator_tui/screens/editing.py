"""Objects in the user's editor, until they can be planned: what was typed is kept, and nothing is written here.

A text that is no YAML is opened again at its line with what is wrong. One that led to nothing (the editor failed,
its plan was left) is kept for as long as the console runs, and offered when the object is edited again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual.app import SuspendNotSupported

from kurator_tui.describe.yaml_lines import yaml_lines, yaml_text
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verbs import Verb
from kurator_tui.screens.editor import Edited, edit
from kurator_tui.widgets.picker import Choice, Picker
from kurator_tui.wire.display import WireApp

if TYPE_CHECKING:
    from kurator_tui.screens.acting import Acting

YAML, FROM = "yaml", "from"
"""Arguments of verbs that write documents: what they are, and what they were before."""
MARK = "#: "
"""Begins the lines that this console writes above a text; they are no part of it."""
MOST_KEPT = 16
_ON, _AFRESH = "go on with it", "begin afresh"

GROUP = "changes"
"""Of workers: one change is begun at a time."""

Told = Callable[[dict[str, str]], None]
Key = tuple[str, str]
"""Verb, and whom it is about."""


@dataclass(frozen=True, slots=True)
class _Kept:
    arguments: dict[str, str]
    at: float


def shown(obj: Mapping[str, Any]) -> str:
    """An object as its author could have written it, to be changed."""
    head = {key: obj[key] for key in ("apiVersion", "kind", "metadata") if key in obj}
    return yaml_text(yaml_lines({**head, **{key: obj[key] for key in obj if key not in (*head, "status")}}))


def headed(text: str, notes: Sequence[str]) -> str:
    """A text below what is to be known of it."""
    return "".join(f"{MARK}{inert(note)}\n" for note in notes) + text


def bare(text: str) -> str:
    """A text without what `headed` put above it."""
    lines = text.splitlines(keepends=True)
    while lines and lines[0].startswith(MARK.rstrip()):
        del lines[0]
    return "".join(lines)


class Editing:
    """Edits for a frame, one at a time."""

    def __init__(self, frame: Acting) -> None:
        self._frame = frame
        self._kept: dict[Key, _Kept] = {}
        self._typed = ""
        """The text that came last out of an editor."""

    # -- what was typed ---------------------------------------------------------------------------------------

    def left(self, verb: Verb, targets: Sequence[Target], arguments: Mapping[str, str]) -> None:
        """The plan made of a text was left: the text is kept, which is said."""
        if self.keep(verb, targets, arguments):
            self._frame.say("nothing was written", _again(verb))

    def keep(self, verb: Verb, targets: Sequence[Target], arguments: Mapping[str, str]) -> bool:
        """Nothing came of this text so far: it is offered again. False for one that nobody typed here."""
        text = arguments.get(YAML, "")
        if text == self._typed and text != arguments.get(FROM, ""):
            self._kept[_key(verb, targets)] = _Kept(dict(arguments), self._frame.look.clock())
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return True
        return False

    def begin(self, verb: Verb, targets: Sequence[Target], told: Told) -> None:
        """Edit the object, or what was kept of it; `told` gets arguments for a plan, if one is wanted."""
        kept = self._kept.get(_key(verb, targets))
        if kept is None:
            self._frame.run_worker(self._afresh(verb, targets, told), group=GROUP, exclusive=True)
            return

        def picked(chosen: frozenset[str] | None) -> None:
            if not chosen:
                return
            del self._kept[_key(verb, targets)]
            if _ON in chosen:
                self.again(verb, targets, kept.arguments, told)
            else:
                self.begin(verb, targets, told)

        self._frame.app.push_screen(_offer(verb, targets, kept), picked)

    async def _afresh(self, verb: Verb, targets: Sequence[Target], told: Told) -> None:
        try:
            base = shown(await self._frame.changes.object(targets[0])) if targets else ""
        except ConsoleError as error:
            self._frame.say(error.title, error.message, error.hint, level="error")
            return
        await self._again(verb, targets, {YAML: base, FROM: base} if targets else {YAML: ""}, told)

    def again(self, verb: Verb, targets: Sequence[Target], arguments: Mapping[str, str], told: Told) -> None:
        """Have a text edited once more; `told` gets the arguments with the new one, if a plan is wanted."""
        self._frame.run_worker(self._again(verb, targets, arguments, told), group=GROUP, exclusive=True)

    async def _again(
        self, verb: Verb, targets: Sequence[Target], arguments: Mapping[str, str], told: Told
    ) -> None:
        if (found := await self._typed_in(verb, targets, arguments)) is not None:
            told(found)

    async def _typed_in(
        self, verb: Verb, targets: Sequence[Target], arguments: Mapping[str, str]
    ) -> dict[str, str] | None:
        """The arguments with another text; None where there is nothing to plan with it, which is said."""
        from kurator_tui.kinds.documents import Malformed, documents

        text, base = arguments[YAML], arguments.get(FROM, "")
        wrong: Malformed | None = None
        while True:
            before = text
            done = await self._edit(verb, targets, text, wrong)
            if done is None:
                self.keep(verb, targets, {**arguments, YAML: text})
                return None
            text = self._typed = bare(done.text)
            told = {**arguments, YAML: text}
            if done.code:
                self._failed(verb, targets, told, done.code)
                return None
            if text.strip() in ("", base.strip()):
                empty = "the text is empty" if not text.strip() else "nothing was changed"
                self._frame.say(f"{empty}: nothing is written")
                return None
            try:
                if documents(text):
                    return told
                self._frame.say("no object is in it: nothing is written")
                return None
            except Malformed as error:
                if wrong is not None and text == before:
                    self.keep(verb, targets, told)
                    self._frame.say(
                        "It is no YAML still: nothing is written",
                        f"{error.message}. {_again(verb)}",
                        level="warning",
                    )
                    return None
                wrong = error

    def _failed(self, verb: Verb, targets: Sequence[Target], arguments: dict[str, str], code: int) -> None:
        kept = self.keep(verb, targets, arguments)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        self._frame.say(f"the editor {how}: nothing is written", _again(verb) if kept else "", level="warning")

    async def _edit(self, verb: Verb, targets: Sequence[Target], text: str, wrong: Any) -> Edited | None:
        """One visit to the editor; None where there is none, which is said."""
        about = ", ".join(target.label for target in targets if target.name) or "Objects"
        notes = [f"{verb.label}: {about}", "What would be written is shown next; without a change nothing is."]
        if wrong is not None:
            notes.append(f"WRONG: {wrong.message}")
        line = len(notes) + wrong.line if wrong is not None and wrong.line else 0
        name = "-".join(part for target in targets[:1] for part in (target.kind, target.name) if part) or verb.id
        app = cast(WireApp, self._frame.app)
        try:
            return await edit(app.run_program, headed(text, notes), name, line)
        except (OSError, ValueError, SuspendNotSupported) as error:
            hint = "$VISUAL or $EDITOR names the program that is to be used."
            self._frame.say("No editor could be opened", str(error), hint, level="error")
            return None


def _key(verb: Verb, targets: Sequence[Target]) -> Key:
    return verb.id, " ".join(target.label for target in targets if target.name)


def _again(verb: Verb) -> str:
    return f"What was typed is kept: {'e' if verb.keys else f':{verb.id} -'} goes on with it."


def _offer(verb: Verb, targets: Sequence[Target], kept: _Kept) -> Picker:
    when = time.strftime("%H:%M:%S", time.localtime(kept.at))
    choices = [
        Choice(_ON, f"typed until {when}, never written"),
        Choice(_AFRESH, "what was typed is dropped"),
    ]
    about = ", ".join(target.name for target in targets if target.name) or verb.label
    return Picker(f"A text of {about} is kept", choices, several=False)
