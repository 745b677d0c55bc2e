"""What one user says of incidents, put into the ConfigMap that people share it by: merged, tested, audited.

The object is read, what was said is merged into it by incident, and written with a test of its uid and
resourceVersion: where somebody else was faster it is read again. A ConfigMap that is no inbox, or that cannot be
read, is never written to. Each try stands between an intent and an outcome in the audit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
from msgspec import structs

from kurator_tui.actions.audit import Entry
from kurator_tui.actions.plan import Create, MergePatch, Obj, Step
from kurator_tui.api.writing import Answer
from kurator_tui.errors import Conflict, ConsoleError, NotFound, Unanswered, UsageError
from kurator_tui.kinds.inbox import Handled
from kurator_tui.kinds.plans import Line, Target
from kurator_tui.kinds.sharing import KEY, OWNED, NotUsable, Words, encode, merged, news, words_of

TRIES = 6
"""Writes that may find the object changed meanwhile."""
PAUSE = 0.1
"""Seconds before the second try; twice as long before each further one."""
MOST_LINES = 50
"""Incidents that the audit names of one write."""


class Ports(Protocol):
    """How the object is read and written, and what is about to happen recorded."""

    async def get(self, target: Target) -> Obj:
        """The object as it is now. Raises ConsoleError."""

    async def send(self, step: Step) -> Answer | None:
        """One write, sent once. Raises ConsoleError as `api.writing` says."""

    async def record(self, entry: Entry) -> None:
        """Have it in the audit, on the disk. Raises AuditFailed."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


Allowed = Callable[[str], Awaitable[None]]
"""Raises ConsoleError where the object may not be got, created or patched."""


async def share(
    ports: Ports,
    target: Target,
    said: Mapping[str, Handled],
    allowed: Allowed,
    now: Callable[[], float],
    entry: Entry,
) -> Words:
    """What the ConfigMap holds after `said` is in it. `entry` says who and when, for the audit.

    Raises ConsoleError: nothing was written, or (Unanswered) nobody knows; UsageError for what is no inbox.
    """
    for number in range(TRIES):
        if number:
            await ports.sleep(PAUSE * 2 ** (number - 1))
        present = await _present(ports, target)
        known = _known(present, target, now())
        new = news(known, said)
        if not new:
            return known
        words = merged(known, new)
        await allowed("create" if present is None else "patch")
        try:
            await _write(ports, _step(target, present, encode(words, now())), entry, _lines(known, new))
        except Conflict:
            continue
        return words
    raise Conflict(f"{target.label} was changed by others each time, {TRIES} times.", "It will be tried again.")


async def _present(ports: Ports, target: Target) -> Obj | None:
    try:
        return await ports.get(target)
    except NotFound:
        return None


def _known(present: Obj | None, target: Target, now: float) -> Words:
    try:
        return words_of(present, now) if present is not None else {}
    except NotUsable as error:
        raise UsageError(f"{target.label} is not written to: {error}", "Name another one: share_inbox.") from None


def _step(target: Target, present: Obj | None, text: str) -> Step:
    data: dict[str, Any] = {"data": {KEY: text}}
    if present is None:
        meta = {"name": target.name, "namespace": target.namespace, "labels": dict([OWNED])}
        return Step(target, Create({"metadata": meta, **data}))
    seen = present.get("metadata") or {}
    version, uid = str(seen.get("resourceVersion") or ""), str(seen.get("uid") or "")
    return Step(structs.replace(target, uid=uid, resource_version=version), MergePatch(data))


async def _write(ports: Ports, step: Step, entry: Entry, lines: tuple[Line, ...]) -> None:
    """One write between its intent and its outcome. Raises ConsoleError."""
    about = structs.replace(entry, target=step.target, request=step.write.words, step=0)
    await ports.record(structs.replace(about, event="intent", diff=lines))

    async def ended(outcome: str, message: str = "") -> None:
        await ports.record(structs.replace(about, event="outcome", outcome=outcome, message=message))

    try:
        await ports.send(step)
    except Unanswered as error:
        await ended("unknown", error.message)
        raise
    except ConsoleError as error:
        await ended("failed", error.message)
        raise
    await ended("done")


def _lines(known: Mapping[str, Handled], new: Mapping[str, Handled]) -> tuple[Line, ...]:
    """What changes, an incident a line."""
    return tuple(
        Line(f"data[{KEY}].incidents[{uid}]", _text(known.get(uid)), _text(each))
        for uid, each in list(new.items())[:MOST_LINES]
    )


def _text(each: Handled | None) -> str:
    return msgspec.json.encode(each).decode() if each is not None else ""
