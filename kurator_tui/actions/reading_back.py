"""What became of a write that nobody answered for: the object itself says. Pure, but for the one GET."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from kurator_tui.actions.difference import label, value_at
from kurator_tui.actions.journal import Kept
from kurator_tui.actions.plan import Create, Delete, Evict, Obj, Write
from kurator_tui.api.writing import MANAGER
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mappings, meta, text

Found = Literal["written", "not written", "unknown"]

_FINALIZERS = ("metadata", "finalizers")


class Answer(NamedTuple):
    """`why` says more where it is not plain; `made` is the uid of what the write is known to have made."""

    found: Found
    why: str = ""
    made: str = ""


async def read_back(get: Callable[[Target], Awaitable[Obj]], kept: Kept) -> Answer:
    """Whether the write of `kept` was made. `unknown` also where the object cannot be read now."""
    try:
        present: Obj | None = await get(kept.step.target)
    except NotFound:
        present = None
    except ConsoleError as error:
        return Answer("unknown", error.message)
    return judged(kept, present)


def judged(kept: Kept, present: Obj | None) -> Answer:
    """The same of an object that was read; None where there is none."""
    target, write = kept.step.target, kept.step.write
    if isinstance(write, Delete | Evict):
        return _removed(target, present)
    if isinstance(write, Create) or kept.made:
        return _created(write, present)
    if present is None:
        released = any(change.path == _FINALIZERS for change in kept.changed)
        return Answer("written") if released else Answer("not written", "it is gone")
    if text(meta(present).get("uid")) != target.uid and target.uid:
        return Answer("unknown", "another object has its name now")
    if kept.sealed or not kept.changed:
        return Answer("unknown", "what it wrote was not kept")
    return _changed(kept, present)


def _removed(target: Target, present: Obj | None) -> Answer:
    if present is None or (target.uid and text(meta(present).get("uid")) != target.uid):
        return Answer("written")
    return Answer("written" if at(present, "metadata", "deletionTimestamp") else "not written")


def _created(write: Write, present: Obj | None) -> Answer:
    if getattr(write, "subresource", ""):
        return Answer("unknown", "what it made is no object of its own")
    if present is None:
        return Answer("not written")
    managers = [text(entry.get("manager")) for entry in mappings(meta(present).get("managedFields"))]
    if MANAGER in managers:
        # An apply may have come upon an object of somebody else's: then others have fields in it.
        alone = isinstance(write, Create) or set(managers) == {MANAGER}
        return Answer("written", "", text(meta(present).get("uid")) if alone else "")
    return Answer("not written", "somebody else made one of this name")


def _changed(kept: Kept, present: Obj) -> Answer:
    now = [value_at(present, change.path) for change in kept.changed]
    written = [value == change.after for value, change in zip(now, kept.changed, strict=True)]
    as_before = [value == change.before for value, change in zip(now, kept.changed, strict=True)]
    if all(written):
        return Answer("written")
    if all(as_before):
        return Answer("not written")
    odd = next(label(change.path) for change, same in zip(kept.changed, written, strict=True) if not same)
    return Answer("unknown", f"{odd} is neither what it was nor what we wrote")
