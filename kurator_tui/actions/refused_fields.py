"""Which changed field a server means by `spec.containers[0].image`: what it refuses stands beside that line. Pure.

Servers name items of lists by their index; a difference names them by their name.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kurator_tui.actions.difference import Change, Path, label, text, value_at
from kurator_tui.actions.plan import Obj
from kurator_tui.kinds.plans import Fault


def beside(fault: Fault, changed: Sequence[Change], after: Obj) -> Fault:
    """`fault` with the changed field it is about as its `field`; as it was where it is about none of them."""
    said = fault.field.lstrip(".")
    near = [change for change in changed if said and _related(said, spoken(change.path, after))]
    if not near:
        return fault
    best = max(near, key=lambda change: (_common(said, spoken(change.path, after)), _named(change, fault)))
    return msgspec.structs.replace(fault, field=label(best.path))


def spoken(path: Path, obj: Obj) -> str:
    """A path as servers say it; items by their index in `obj`."""
    said = ""
    for number, segment in enumerate(path):
        if isinstance(segment, str):
            said += f".{segment}" if said else segment
            continue
        items = value_at(obj, path[:number])
        key, name = segment
        found = enumerate(items) if isinstance(items, list) else ()
        place = next((at for at, item in found if isinstance(item, dict) and item.get(key) == name), "")
        said += f"[{place}]"
    return said


def _related(said: str, path: str) -> bool:
    """Whether one of them is the other, or holds it."""
    short, long = sorted((_plain(said), _plain(path)), key=len)
    return long == short or long.startswith(f"{short}.")


def _plain(said: str) -> str:
    return said.replace("[", ".").replace("]", "")


def _common(said: str, path: str) -> int:
    return min(len(_plain(said)), len(_plain(path)))


def _named(change: Change, fault: Fault) -> bool:
    """Whether the message quotes the value or the key: a fault of `metadata.labels` is about one of them."""
    quoted = (text(change.after), f'"{change.path[-1]}"')
    return any(each and each in fault.message for each in quoted)
