"""A debug container is added to a pod: one write like any other, with an intent and an outcome in the audit.

It is applied by `commit`, as the user of `manner`, strictly validated, tested against the pod's uid, and read back
where its answer was lost. It is not in the journal: nothing takes it back, and nothing adds it later.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from kurator_tui.actions.applying import moment
from kurator_tui.actions.commit import Applying, Ports
from kurator_tui.actions.difference import Change, text
from kurator_tui.actions.journal import Kept, Record
from kurator_tui.actions.plan import JsonPatch, Obj, Step, seen
from kurator_tui.actions.planning import new_id
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Commit, Line, Progress, Target
from kurator_tui.kinds.shapes import at

VERB = "debug"
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_WHERE = ("spec", "ephemeralContainers")


class _Whose(Protocol):
    """What of the settings says as whom it is written: `actions.rules.Rules`."""

    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> tuple[str, ...]: ...


async def add(
    ports: Ports, pod: Target, image: str, sees: str, whose: _Whose, now: Callable[[], float] = time.time
) -> str:
    """WRITES: the name of the container that was added to `pod`; `sees` is the one whose processes it sees.

    Raises ConsoleError where it was not added, or where nobody knows.
    """
    if not image.strip():
        raise UsageError("A debug container needs an image.")
    present = await ports.get(pod)
    name = "debug-" + "".join(secrets.choice(_SUFFIX) for _ in range(5))
    write = _patch(present, container(name, image.strip(), sees))
    changed = Change((*_WHERE, ("name", name), "name"), after=name)
    line = Line(f"{'.'.join(_WHERE)}[name={name}].image", "", text(image.strip()))
    kept = Kept(Step(seen(pod, present), write), (changed,), (line,), "not tried")
    id = new_id(now())
    title = f"Add {name} to {pod.name}"
    record = Record(id, VERB, title, moment(now()), (kept,), Commit(id), 0, whose.user, whose.groups)
    told: list[Progress] = []
    if not await Applying(record, ports, told.append).run():
        last = [each for each in told if each.kind == "step"][-1]
        known = "It may have been added" if last.state == "unknown" else "It was not added"
        raise ConsoleError(f"{known}: {last.message}")
    return name


def container(name: str, image: str, sees: str = "") -> Obj:
    """An ephemeral container with a terminal."""
    return {
        "name": name,
        "image": image,
        "stdin": True,
        "tty": True,
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePolicy": "File",
        **({"targetContainerName": sees} if sees else {}),
    }


def _patch(present: Obj, added: dict[str, Any]) -> JsonPatch:
    others = at(present, *_WHERE)
    path, value = ("/".join(("", *_WHERE, "-")), added) if others else ("/".join(("", *_WHERE)), [added])
    return JsonPatch(({"op": "add", "path": path, "value": value},), "ephemeralcontainers")
