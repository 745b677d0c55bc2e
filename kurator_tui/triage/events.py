"""What events say of an object: words for what its own status leaves out. Pure; analysers share it.

Only warnings are watched. Servers keep them for an hour, and some do not let them be read: that none is there says
nothing, so rules take evidence from them, or find what they say, and never that they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.triage.rules import Look

WARNINGS = {EVENT.id: "type=Warning"}
"""The `fields` of an analyser that has EVENT among its kinds."""
LATELY = 1200.0
"""Seconds for which an event counts as now: controllers that fail try again after a quarter of an hour at most."""

_CALLED = re.compile(r'failed calling webhook "([^"]{1,253})"')


def about(event: EventRow) -> tuple[str, str] | None:
    """Where a warning is found: (namespace, `Pod/web-1`) of its object."""
    if event.type != "Warning" or not event.object_name:
        return None
    return event.object_namespace or event.namespace, f"{event.object_kind}/{event.object_name}"


def webhook(event: EventRow) -> tuple[str, str] | None:
    """("", name) of the admission webhook that could not be called, as the warning says."""
    if event.type != "Warning" or (found := _CALLED.search(event.message)) is None:
        return None
    return "", found[1]


def said_of(
    look: Look, cluster: str, namespace: str, what: str, reasons: Collection[str], since: float = 0.0
) -> EventRow | None:
    """The newest warning about `what` (`Pod/web-1`) with one of `reasons`, later than `since`."""
    found = [
        event
        for event in look.having(EVENT, cluster, about, (namespace, what))
        if event.reason in reasons and event.last_seen >= since
    ]
    return newest(found)


def newest(events: list[EventRow]) -> EventRow | None:
    """The one that was seen last."""
    return max(events, key=lambda event: (event.last_seen, event.uid), default=None)
