"""A claim of an owner to fields of an object, and how objects are looked at for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from kurator_tui.actions.difference import Change, Path
from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import mapping, meta, text

SPEC: Path = ("spec",)
LABELS: Path = ("metadata", "labels")
NOTES: Path = ("metadata", "annotations")
REPLICAS: Path = ("spec", "replicas")
TEMPLATE: Path = ("spec", "template")
CONTENT: tuple[Path, ...] = (SPEC, ("data",), ("binaryData",), ("stringData",), LABELS)
_REQUESTS = ("reconcile.fluxcd.io/", "kurator-tui/")
"""Annotations that ask a controller for something once: nobody needs to keep them."""


def no_verb(_changed: Sequence[Change]) -> Instead | None:
    """Where no verb does what was wanted."""
    return None


@dataclass(frozen=True, slots=True)
class Claim:
    """`reason` completes "… and X"; what is below `fields` and not below `spared` is claimed."""

    reason: str
    fields: tuple[Path, ...]
    instead: Instead | None = None
    spared: tuple[Path, ...] = ()
    sure: bool = True
    """Whether it is known that the owner puts it back."""
    remakes: bool = True
    """Whether it makes the object again when it is deleted."""
    better: Callable[[Sequence[Change]], Instead | None] = no_verb
    """What does just these changes where they last, None where no verb does."""

    def holds(self, path: Path) -> bool:
        """Whether a changed field is claimed."""
        if path[:2] == NOTES and isinstance(path[-1], str) and path[-1].startswith(_REQUESTS):
            return False
        if any(path[: len(spared)] == spared for spared in self.spared):
            return False
        return any(path[: len(field)] == field or field[: len(path)] == path for field in self.fields)


Rule = Callable[[Reader, Target, Obj], Awaitable[Claim | None]]


def label(obj: Obj, key: str) -> str:
    """A label's value, "" for none."""
    return text(mapping(meta(obj).get("labels")).get(key))


def note(obj: Obj, key: str) -> str:
    """An annotation's value, "" for none."""
    return text(mapping(meta(obj).get("annotations")).get(key))


async def listed(reader: Reader, cluster: str, kind: str, namespace: str = "") -> list[Obj]:
    """What can be listed: an owner that we may not see is none that we can name."""
    try:
        return await reader.list(cluster, kind, namespace)
    except ConsoleError:
        return []
