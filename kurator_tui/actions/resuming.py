"""A plan that was kept, as it is shown and confirmed before it goes on: by the rules and the clusters of now.

It was confirmed once; what became protected since, or was destructive then, asks its name again. Reads only.
"""

from __future__ import annotations

import asyncio

import msgspec

from kurator_tui.actions.guarding import UNTOLD, Guards
from kurator_tui.actions.journal import Kept, Record
from kurator_tui.actions.plan import Reader
from kurator_tui.actions.preview import Tried
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan
from kurator_tui.kinds.verb import Risk


async def reaching(reader: Reader, guards: Guards, record: Record) -> Record:
    """`record` with what it reaches now, too: fleets change, and the rules may have named no cluster then."""
    found = await asyncio.gather(*(_reached(reader, guards, kept) for kept in record.steps))
    return msgspec.structs.replace(record, reached=tuple(sorted({*record.reached}.union(*found))))


async def _reached(reader: Reader, guards: Guards, kept: Kept) -> tuple[str, ...]:
    tried, unread = Tried(kept.step, before={}), False
    try:
        tried.before = await reader.get(msgspec.structs.replace(kept.step.target, uid="", resource_version=""))
    except NotFound:
        tried.before = kept.gone or {}
    except ConsoleError:  # a member that is away: what its objects are reaches no further
        unread = kept.step.target.cluster == HOST
    await guards.reach(reader, tried)
    return (*tried.reached, UNTOLD) if unread and guards.any else tried.reached


def shown(record: Record, guards: Guards) -> Plan:
    """The plan as it must be confirmed to go on."""
    plan = record.plan()
    protected = guards.protected({*plan.clusters, *record.reached})
    since = set(protected) - set(record.protected)
    risk = Risk.DESTRUCTIVE if since else record.risk
    word = (record.word or _word(plan)) if risk is Risk.DESTRUCTIVE else ""
    return msgspec.structs.replace(plan, risk=risk, word=word, protected=tuple(protected))


def _word(plan: Plan) -> str:
    names = {step.target.name for step in plan.steps}
    return names.pop() if len(names) == 1 else plan.id
