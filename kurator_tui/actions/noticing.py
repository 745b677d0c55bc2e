"""An Event on an object that was changed, for those who look at it with other tools. Asked for in the settings.

The audit is what counts: an Event that cannot be made (no permission, no answer in time) is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets

from kurator_tui.actions.audit import Entry
from kurator_tui.actions.plan import Obj
from kurator_tui.api import writing
from kurator_tui.api.writing import MANAGER, Manner
from kurator_tui.errors import ConsoleError
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import locate
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.reading import Which

PATIENCE = 5.0
"""Seconds for its answer."""


async def tell(hub: Hub, entry: Entry, manner: Manner) -> None:
    """Make the Event of a write that is done; failing is nothing."""
    target = entry.target
    if target is None:
        return
    with contextlib.suppress(ConsoleError, TimeoutError):
        through, path, kind = locate(hub, Which(target.cluster, target.kind, target.namespace, target.name))
        event = event_of(entry, target, path.api_version, kind.name)
        url = f"{through.prefix}/api/v1/namespaces/{event['metadata']['namespace']}/events"
        await asyncio.wait_for(writing.create(through.connection, url, event, manner), PATIENCE)


def event_of(entry: Entry, target: Target, api_version: str, kind: str) -> Obj:
    """As `kubectl describe` shows it; of an object without a namespace it is in `default`."""
    who = entry.user or entry.host_user
    said = f"{entry.verb} ({entry.request}) by {who} on {entry.host}, plan {entry.plan}"
    about = {"apiVersion": api_version, "kind": kind, "name": target.name, "uid": entry.made or target.uid}
    place = {"namespace": target.namespace} if target.namespace else {}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{target.name}.{secrets.token_hex(8)}", "namespace": target.namespace or "default"},
        "involvedObject": {**about, **place},
        "reason": "Changed",
        "message": said,
        "type": "Normal",
        "source": {"component": MANAGER, "host": entry.host},
        "reportingComponent": MANAGER,
        "reportingInstance": entry.host,
        "firstTimestamp": f"{entry.at[:19]}Z",
        "lastTimestamp": f"{entry.at[:19]}Z",
        "count": 1,
    }
