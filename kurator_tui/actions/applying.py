"""A plan being applied to real clusters: where `commit` meets the hub, the audit's file and the clock."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from kurator_tui.actions import health, noticing
from kurator_tui.actions.audit import Audit, Entry
from kurator_tui.actions.commit import Applying
from kurator_tui.actions.journal import Journal, Record, position
from kurator_tui.actions.plan import Obj, Step
from kurator_tui.actions.reader import which
from kurator_tui.actions.sending import send
from kurator_tui.api.writing import Answer, Manner
from kurator_tui.errors import UsageError
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import fetch
from kurator_tui.kinds.plans import Progress, Target


class LivePorts:
    """`commit.Ports` over the hub."""

    def __init__(
        self,
        hub: Hub,
        audit: Audit,
        manner: Manner,
        credentials: Mapping[str, str],
        now: Callable[[], float] = time.time,
        *,
        events: bool = False,
    ) -> None:
        """`credentials` says by cluster where they come from; `events`: objects get an Event of their change."""
        self._hub = hub
        self._audit = audit
        self._manner = manner
        self._credentials = credentials
        self._now = now
        self._events = events
        self._before: health.Verdicts = {}

    async def get(self, target: Target) -> Obj:
        """The object as it is now. Raises ConsoleError."""
        return await fetch(self._hub, which(target), self._manner.headers or None)

    async def send(self, step: Step) -> Answer | None:
        """One write. Raises ConsoleError."""
        return await send(self._hub, step, self._manner)

    async def record(self, entry: Entry) -> None:
        """On the disk when this returns. Raises AuditFailed."""
        await asyncio.to_thread(self._audit.append, entry)
        if self._events and entry.outcome in ("done", "found done"):
            await noticing.tell(self._hub, entry, self._manner)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def look(self, targets: Sequence[Target]) -> None:
        """Remember how the targets were before anything was written."""
        self._before = await health.verdicts(self.get, targets)

    async def soak(self, targets: Sequence[Target], seconds: float, tell: health.Tell) -> str:
        """Why the targets are not healthy after so long, or ""."""
        return await health.soak(self.get, targets, seconds, self._before, tell, self.sleep)

    def entry(self, record: Record, target: Target) -> Entry:
        """An entry with who and when."""
        return self.stamped(record.id, record.verb, target, record.user, record.groups)

    def stamped(self, plan: str, verb: str, target: Target, user: str = "", groups: tuple[str, ...] = ()) -> Entry:
        """The same of a write that needs no plan."""
        return Entry(
            event="note",
            at=moment(self._now()),
            plan=plan,
            verb=verb,
            target=target,
            credentials=self._credentials.get(target.cluster, ""),
            user=user,
            groups=groups,
            host_user=_host_user(),
            host=socket.gethostname(),
            process=os.getpid(),
        )


def moment(now: float) -> str:
    """RFC 3339, UTC."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _host_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""


async def apply(
    record: Record,
    ports: LivePorts,
    state: Path,
    emit: Callable[[Progress], None],
    started: Callable[[Applying], None],
) -> bool:
    """Apply `record`, or go on with it where an earlier run did not end; whether every step is done.

    `started` gets what can be paused and aborted. Raises AuditFailed where nothing can be begun, UsageError where
    it was applied already, or another process applies it.
    """
    journal, audit = Journal(state), Audit(state)
    entries = await asyncio.to_thread(lambda: list(audit.entries(record.id)))
    if journal.ended(record):
        raise UsageError(f"plan {record.id} has been applied already", f"kurator-tui do undo {record.id}")
    if not journal.has(record):
        await asyncio.to_thread(journal.begin, record)
    with journal.held(record):
        applying = Applying(record, ports, emit, position(record, entries))
        started(applying)
        if record.commit.soak > 0:
            await ports.look([kept.step.target for kept in record.steps])
        done = await applying.run()
        if not {"unknown", "waiting"} & set(applying.states):
            journal.end(record)
    return done
