"""What a page of charts is about, and which page a row leads to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kurator_tui.config.metrics_actions import CLUSTER_ROWS
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.board import BoardRow
from kurator_tui.kinds.rollouts import RolloutRow
from kurator_tui.link.metrics import PageMeta, PanelMeta

FIRST = "cluster"
"""The page that is opened where none was named."""
_POD = re.compile(r"(-[0-9]+|(-[a-z0-9]{6,10})?-[a-z0-9]{5})$")
"""How the name of a pod goes on after its workload's."""


@dataclass(frozen=True, slots=True)
class Target:
    """`word` is the id or title of a page, or PromQL of the user's; the rest says what the charts are about."""

    word: str = FIRST
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    about: str = ""


def target_of(kind: str, row: Row) -> Target:
    """The page about a row of the kind called `kind`."""
    if kind in CLUSTER_ROWS:
        return Target("cluster", () if row.name == HOST else (row.name,), about=row.name)
    if isinstance(row, BoardRow):
        first = row.members[0] if row.members else None
        clusters = tuple(sorted({each.cluster for each in row.members}))
        return _rollout(first, clusters, row.name) if first is not None else Target("rollout", about=row.name)
    if isinstance(row, RolloutRow):
        return _rollout(row, (row.cluster,), f"{row.name}@{row.cluster}")
    if kind == "nodes":
        return Target("nodes", (row.cluster,), (), {"node": row.name}, f"{row.name}@{row.cluster}")
    if kind == "canaries.flagger.app":
        return Target("rollout", (row.cluster,), (), _workload(row.namespace, row.name), _about(row, row.name))
    name = _POD.sub("", row.name) if kind == "pods" else row.name
    return Target("workload", (row.cluster,), (), _workload(row.namespace, name), _about(row, name))


def _rollout(row: RolloutRow, clusters: tuple[str, ...], about: str) -> Target:
    name = row.target.rpartition("/")[2] or row.canary or row.name
    return Target("rollout", clusters, (), {**_workload(row.namespace, name), "canary": row.canary or name}, about)


def _workload(namespace: str, name: str) -> dict[str, str]:
    return {"namespace": namespace, "workload": name}


def _about(row: Row, name: str) -> str:
    return f"{row.namespace}/{name}@{row.cluster}"


def page_of(word: str, pages: Iterable[PageMeta]) -> PageMeta | None:
    """The page that `word` names by its id or title, in part where that is enough; None where it is PromQL."""
    known = list(pages)
    folded = word.strip().casefold()
    for page in known:
        if folded in (page.id.casefold(), page.title.casefold()):
            return page
    near = [page for page in known if len(folded) > 2 and page.id.startswith(folded)]
    return near[0] if len(near) == 1 else None


def own_page(promql: str) -> PageMeta:
    """A user's query as a page of one chart."""
    return PageMeta("", "Query", (PanelMeta("query", promql, by=()),))


def lacks(page: PageMeta, target: Target) -> tuple[str, ...]:
    """What must be known so that the page shows anything, and is not; every cluster is as good as one."""
    return tuple(need for need in page.needs if need != "cluster" and not target.variables.get(need))
