"""Kinds whose rows a cluster does not give: which ones, and the words that every join says of them."""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import AnyKind
from kurator_tui.store.freshness import UNREADABLE


def unread(seen: Seen, cluster: str, kinds: Iterable[AnyKind]) -> tuple[str, ...]:
    """The plurals of those of `kinds` that the user may not read in `cluster`, or that do not answer there."""
    return tuple(kind.plural for kind in kinds if seen.freshness(cluster, kind).state in UNREADABLE)


def cannot_be_read(*what: str, why: str = "") -> str:
    """`pods, nodes cannot be read`, and why where that is known."""
    return f"{', '.join(what)} cannot be read" + (f": {why}" if why else "")
