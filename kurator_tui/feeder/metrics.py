"""The stream `panel` and the calls `metrics_pages`, `metrics_names`, `alerts`. Composition of `fleet.panels`.

A panel is asked as long as its stream is open: again each step, or sooner after a failure. A reader that is slow
slows its panel down, nobody else's. Messages are those of `link.metrics`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.alerts import alert_rows
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.panels import Panels
from kurator_tui.fleet.polls import catalog
from kurator_tui.fleet.thanos import Facts, labelled
from kurator_tui.kinds.base import Row
from kurator_tui.link.metrics import (
    METHOD,
    Completion,
    Failure,
    Missing,
    PageMeta,
    Pages,
    PanelMeta,
    PanelQuery,
    decode_query,
    encode,
)
from kurator_tui.metrics.capabilities import Capabilities
from kurator_tui.metrics.catalog import Page, Panel, shown
from kurator_tui.metrics.completion import completed, context, wanted_names
from kurator_tui.metrics.scoping import QueryProblem, parsed

SHORTEST, LONGEST = 15.0, 300.0
"""Seconds between two times that a panel is asked."""
AGAIN = 15.0
"""Seconds until a panel that failed is asked again."""
Sleep = Callable[[float], Awaitable[None]]


async def panel(hub: Hub, arguments: Mapping[str, str], channel: Channel, sleep: Sleep = asyncio.sleep) -> str:
    """One panel, until it is closed: each answer is one or more messages. Raises UsageError for no query."""
    try:
        query = decode_query(arguments.get("query", ""))
    except msgspec.DecodeError as error:
        raise UsageError(f"no query of a panel: {error}") from error
    panels = Panels(hub.thanos, catalog)
    while True:
        data = await panels.answer(query)
        for message in encode(data):
            await channel.send(message)
        if query.end and data.error is None:
            return ""  # the past does not change
        await sleep(pause(query, data.step, failed=data.error is not None))


def pause(query: PanelQuery, step: float, *, failed: bool) -> float:
    """Seconds until the panel is asked again."""
    return AGAIN if failed else min(max(step, SHORTEST), LONGEST)


# -- calls --------------------------------------------------------------------------------------------------------


async def metrics_pages(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """`link.metrics.Pages` as JSON: what each page shows here, and what is missing for the rest."""
    found = catalog()
    facts: list[Facts] = []
    missing: list[Missing] = []
    sources: list[str] = []
    failure: Failure | None = None
    for place, members in (await hub.thanos.routes()).items():
        try:
            each = await hub.thanos.facts(place)
        except ConsoleError as error:
            failure = failure or Failure(error.title, error.message, error.hint)
            missing += [Missing(member.name, error.brief) for member in members]
            continue
        facts.append(each)
        sources.append(hub.thanos.at(place).name)
        if each.coverage is not None:
            gaps = ((member.name, each.coverage.gap(labelled(member).labels[0])) for member in members)
            missing += [Missing(name, gap) for name, gap in gaps if gap]
    together = _together(facts)
    pages = tuple(_page(page, together, own=page.id in found.own) for page in found.pages.values())
    told = Pages(pages, tuple(found.problems), ", ".join(sources), tuple(missing), None if facts else failure)
    return msgspec.json.encode(told).decode()


def _together(facts: list[Facts]) -> Capabilities:
    names = {name for each in facts for name in each.capabilities.by_name}
    none: frozenset[str] = frozenset()
    return Capabilities(
        {name: none.union(*(each.capabilities.by_name.get(name, none) for each in facts)) for name in names}
    )


def _page(page: Page, capabilities: Capabilities, *, own: bool) -> PageMeta:
    panels = tuple(_meta(each, capabilities) for each in shown(page.panels, capabilities))
    return PageMeta(page.id, page.title, panels, page.needs, own)


def _meta(panel: Panel, capabilities: Capabilities) -> PanelMeta:
    available = panel.choose(capabilities) is not None
    return PanelMeta(
        panel.id,
        panel.title,
        panel.unit,
        panel.kind,
        panel.warning,
        panel.critical,
        panel.below,
        panel.by,
        available,
        "" if available else panel.hint(),
    )


async def metrics_names(hub: Hub, arguments: Mapping[str, str]) -> str:
    """`link.metrics.Completion` as JSON for `promql` with the cursor at `cursor`. Names come from Thanos."""
    promql = arguments.get("promql", "")
    cursor = arguments.get("cursor", "")
    at = min(int(cursor), len(promql)) if cursor.isdecimal() else len(promql)
    where = context(promql, at)
    names: list[str] = []
    for place in hub.thanos.members():
        try:
            names += await wanted_names(hub.thanos.at(place), where)
        except ConsoleError:
            continue  # functions and keywords are known without it
    problem, index = "", -1
    try:
        parsed(promql)
    except QueryProblem as error:
        problem, index = error.message, error.at
    told = Completion(where.start, where.end, tuple(completed(where, names)), problem, index)
    return msgspec.json.encode(told).decode()


async def alerts(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """A JSON list of `kinds.alerts.AlertRow`, as objects. Raises ConsoleError where no Thanos tells."""
    rows: list[Row] = []
    errors: list[ConsoleError] = []
    for place in hub.thanos.members():
        try:
            rows += await alert_rows(hub.thanos, place)
        except ConsoleError as error:
            errors.append(error)
    if errors and not rows:
        raise errors[0]
    fields = [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]
    return msgspec.json.encode(fields).decode()


STREAMS = {METHOD: panel}
CALLS = {"metrics_pages": metrics_pages, "metrics_names": metrics_names, "alerts": alerts}
