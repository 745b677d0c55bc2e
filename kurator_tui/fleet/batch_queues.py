"""The join behind `batchqueues`: Volcano's queues on each member, and their sums over the members of a fleet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from kurator_tui.fleet.batch_cluster import ROOT, Batch, Queue, holds_devices
from kurator_tui.fleet.batch_shares import Amounts, beyond, devices_first, plus, share, shown, total
from kurator_tui.fleet.fleet_sums import fleets_of, missing, of_host
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, SEVERITY, Level, Row
from kurator_tui.kinds.batch import QUEUES, QueueRow, amount_text
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.device_names import short
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.volcano import POD_GROUP, QUEUE

Verdict = tuple[Level, str]
_FINE: Verdict = (Level.HEALTHY, "")


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The queues of one cluster; of the host also the sums of those that several members of a fleet have."""
    if cluster == HOST:
        yield from _sums(seen)
    fleet = seen.shared(fleets_of).get(cluster, "")
    for row in seen.local(_own, cluster):
        yield replace(row, fleet=fleet, path=f"{fleet}{row.path}")


def _own(seen: Seen, cluster: str) -> list[QueueRow]:
    """The rows without their fleet: that is the host's to say."""
    here = seen.local(Batch, cluster)
    return [_row(here, queue) for queue in here.queues.values()]


JOIN = Join(
    QUEUES,
    (FLEET,),
    (QUEUE, POD_GROUP, NODE, POD),
    rows,
    {POD.id: holds_devices},
    planned=of_host,
    sums=True,
)

# -- one queue --------------------------------------------------------------------------------------------------


def _row(here: Batch, queue: Queue) -> QueueRow:
    part, resource = share(queue.allocated, queue.deserved) if queue.deserved_by else (None, "")
    resource = resource or next(iter(queue.capability), "")
    level, reason = _verdict(here, queue)
    names = [name for name in reversed(queue.above) if name != ROOT] + [queue.name]
    return QueueRow(
        here.cluster,
        "",
        queue.name,
        queue.row.uid,
        queue.row.created,
        level=level,
        reason=reason,
        state=queue.state,
        path=_path(names, f"1{here.cluster}"),
        depth=len(names) - 1,
        parent=queue.parent,
        weight=queue.weight,
        reclaimable=queue.reclaimable,
        share=part,
        overused=bool(queue.over),
        resource=resource,
        used=queue.allocated.get(resource, 0.0) if resource else None,
        deserved_amount=queue.deserved.get(resource),
        limit=queue.capability.get(resource),
        deserved_by=queue.deserved_by,
        pending=queue.counts.get("pending"),
        inqueue=queue.counts.get("inqueue"),
        running=queue.counts.get("running"),
        completed=queue.counts.get("completed"),
        waiting=len(queue.waiting),
        allocated=shown(queue.allocated),
        deserved=shown(queue.deserved),
        capability=shown(queue.capability),
    )


def _path(names: list[str], last: str) -> str:
    """Sorts a queue under its parent, and in a queue the sum before the members."""
    return "".join(f"/{name}" for name in names) + f" {last}"


def _verdict(here: Batch, queue: Queue) -> Verdict:
    """How well the queue stands, and why what waits in it does not move."""
    waiting = max(len(queue.waiting), queue.counts.get("pending", 0))
    if not here.controlled:
        return Level.UNKNOWN, "no queue here has a state: Volcano's controller does not run"
    if not queue.state:
        return Level.UNKNOWN, "no state yet"
    for why in (_closed, _at_limit):
        found = why(here, queue, waiting)
        if found != _FINE:
            return found
    if waiting:
        return _waits(here, queue, waiting)
    return _spreads(here, queue)


def _closed(here: Batch, queue: Queue, waiting: int) -> Verdict:
    """Closed by itself or by a parent: on purpose, but what waits there waits for ever."""
    left = f": {_jobs(waiting)}" if waiting else ""
    if queue.state in ("Closed", "Closing"):
        still = queue.counts.get("running", 0)
        word = "closed" if queue.state == "Closed" else f"closing, {still} still run" if still else "closing"
        level = Level.DEGRADED if waiting else Level.PROGRESSING if queue.state == "Closing" else Level.HEALTHY
        return level, word + left
    for name in queue.above:
        if here.queues[name].state in ("Closed", "Closing"):
            return (Level.DEGRADED if waiting else Level.HEALTHY), f"parent {name} is {_lower(here, name)}{left}"
    if queue.parent and queue.parent != ROOT and queue.parent not in here.queues:
        return Level.DEGRADED, f"parent {queue.parent} does not exist"
    return (Level.UNKNOWN, f"state {queue.state}") if queue.state != "Open" else _FINE


def _lower(here: Batch, name: str) -> str:
    return here.queues[name].state.lower()


def _jobs(number: int) -> str:
    return f"{number} group{'s' if number != 1 else ''} wait{'' if number != 1 else 's'}"


def at_limit(here: Batch, queue: Queue, need: Amounts) -> str:
    """Why a group that asks for `need` has no room in the queue's capability or a parent's; "" if it has."""
    for name in (queue.name, *queue.above):
        one = here.queues[name]
        reached = beyond(plus(one.allocated, need), one.capability) if one.capability else []
        if reached:
            what = min(reached, key=devices_first)
            has, most, asks = (
                amount_text(what, each.get(what, 0.0)) for each in (one.allocated, one.capability, need)
            )
            whose = "capability" if name == queue.name else f"capability of parent {name}"
            if need.get(what, 0.0) > one.capability[what]:
                return f"{whose} is {most} {short(what)}, a group asks {asks}"
            return f"{whose} reached: has {has} of {most} {short(what)}, a group asks {asks}"
    return ""


def _at_limit(here: Batch, queue: Queue, waiting: int) -> Verdict:
    asking = [group for group in queue.waiting if group.asks]
    reasons = [at_limit(here, queue, group.asks) for group in asking]
    if reasons and all(reasons):
        return Level.DEGRADED, reasons[0]
    return _FINE


def _waits(here: Batch, queue: Queue, waiting: int) -> Verdict:
    """Of an open queue below its limits in which something waits."""
    asking = [group for group in queue.waiting if group.asks]
    lacks = [what for group in asking for what in beyond(group.asks, here.free)] if here.capacity else []
    lacks = [what for what in lacks if what in here.capacity]
    what = next((each for each in lacks if "/" in each), lacks[0] if lacks else "")
    if what and here.queues and not queue.over and (holders := _holders(here, queue, what)):
        mine = amount_text(what, queue.allocated.get(what, 0.0))
        deserves = amount_text(what, queue.deserved.get(what, 0.0))
        names = ", ".join(_held(holder, what) for holder in holders[:2])
        return Level.DEGRADED, f"starved: {mine} of {deserves} {short(what)} deserved, held by {names}"
    if queue.over:
        greedy, over = _spreads(here, queue), f"over its share of {short(queue.over[0])}"
        modest = Level.PROGRESSING, f"{over}, {_jobs(waiting)} until others need less"
        return greedy if greedy[0] is Level.DEGRADED else modest
    if what:
        free = amount_text(what, here.free.get(what, 0.0))
        return Level.PROGRESSING, f"no room: {free} of {amount_text(what, here.capacity[what])} {short(what)} free"
    told = next((group for group in queue.waiting if group.told == "Unschedulable"), None)
    because = f": {told.reason}" if told is not None and told.reason else ""
    return Level.PROGRESSING, f"{_jobs(waiting)}{because}"


def _holders(here: Batch, queue: Queue, what: str) -> list[Queue]:
    """Queues with more of `what` than they deserve, the greediest first; none if the queue has its part."""
    if queue.deserved.get(what, 0.0) <= queue.allocated.get(what, 0.0):
        return []
    over = [one for one in here.queues.values() if one is not queue and here.is_leaf(one) and what in one.over]
    return sorted(over, key=lambda one: one.deserved.get(what, 0.0) - one.allocated.get(what, 0.0))


def _held(holder: Queue, what: str) -> str:
    more = amount_text(what, holder.allocated.get(what, 0.0) - holder.deserved.get(what, 0.0))
    return f"{holder.name} ({more} over{'' if holder.reclaimable else ', not reclaimable'})"


def _spreads(here: Batch, queue: Queue) -> Verdict:
    """Of a queue in which nothing waits: having more than deserved is fine until others wait for it."""
    if not queue.over or not here.is_leaf(queue):
        return _FINE
    what = next((each for each in queue.over if "/" in each), queue.over[0])
    hungry = [one.name for one in here.queues.values() if one.waiting and queue in _holders(here, one, what)]
    has, deserves = (amount_text(what, each.get(what, 0.0)) for each in (queue.allocated, queue.deserved))
    over = f"has {has} {short(what)}, deserves {deserves}"
    if not hungry:
        return Level.HEALTHY, over
    back = "" if queue.reclaimable else "; not reclaimable"
    return (
        Level.DEGRADED,
        f"{over} while {', '.join(sorted(hungry)[:3])} wait{'s' if len(hungry) == 1 else ''}{back}",
    )


# -- sums -------------------------------------------------------------------------------------------------------


def _sums(seen: Seen) -> Iterator[QueueRow]:
    by_name: dict[tuple[str, str], list[tuple[QueueRow, Queue]]] = {}
    for cluster, fleet in sorted(seen.shared(fleets_of).items()):
        here = seen.local(Batch, cluster)
        for row in seen.local(_own, cluster):
            by_name.setdefault((fleet, row.name), []).append((row, here.queues[row.name]))
    for (fleet, name), found in by_name.items():
        if len(found) > 1:
            yield _sum(seen, fleet, name, found)


def _sum(seen: Seen, fleet: str, name: str, found: list[tuple[QueueRow, Queue]]) -> QueueRow:
    """One queue over the members of a fleet. A share is of what they deserve together."""
    mine = [row for row, _queue in found]
    allocated = total(queue.allocated for _row, queue in found)
    deserved = total(queue.deserved for _row, queue in found)
    known = all(row.deserved_by for row in mine)
    part, resource = share(allocated, deserved) if known else (None, "")
    worst = max(mine, key=lambda row: (SEVERITY[row.level], bool(row.reason)))
    reason = f"{worst.cluster}: {worst.reason}" if worst.reason else ""
    lacking = missing(seen, fleet, QUEUE)
    paths = [row.path.rpartition(" ")[0] for row in mine]
    path = max(sorted(set(paths)), key=paths.count)
    limited = all(queue.capability for _row, queue in found)
    capability = total(queue.capability for _row, queue in found) if limited else {}
    weights = {row.weight for row in mine}
    return QueueRow(
        HOST,
        "",
        name,
        f"sum/{fleet}/{name}",
        0.0,
        level=worst.level,
        reason="; ".join(text for text in (lacking, reason) if text),
        state=mine[0].state if len({row.state for row in mine}) == 1 else "mixed",
        fleet=fleet,
        path=f"{fleet}{path} 0",
        depth=path.count("/") - 1,
        weight=weights.pop() if len(weights) == 1 else None,
        share=part,
        overused=any(row.overused for row in mine),
        resource=resource,
        used=allocated.get(resource, 0.0) if resource else None,
        deserved_amount=deserved.get(resource),
        limit=capability.get(resource),
        deserved_by=_common(row.deserved_by for row in mine) if known else "",
        pending=_added(row.pending for row in mine),
        inqueue=_added(row.inqueue for row in mine),
        running=_added(row.running for row in mine),
        completed=_added(row.completed for row in mine),
        waiting=sum(row.waiting for row in mine),
        allocated=shown(allocated),
        deserved=shown(deserved),
        capability=shown(capability),
        members=tuple(sorted(row.cluster for row in mine)),
    )


def _common(words: Iterable[str]) -> str:
    """`spec` if all say so."""
    return "spec" if set(words) == {"spec"} else "weight"


def _added(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
