"""Whether Kyverno itself runs in a cluster: policies without their controllers say nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.store.freshness import State

NAMESPACE = "kyverno"
_PART_OF, _COMPONENT = "app.kubernetes.io/part-of", "app.kubernetes.io/component"


class Controllers(NamedTuple):
    """What is wrong, "" for nothing: with admission, who puts policies into effect, and with who makes reports."""

    admission: str = ""
    reporting: str = ""
    known: bool = True
    """Whether Deployments can be read at all."""


def controllers(seen: Seen, cluster: str) -> Controllers:
    """Of `cluster`; for `Seen.local`."""
    if seen.freshness(cluster, DEPLOYMENT).state is not State.LIVE:
        return Controllers(known=False)
    its = [row for row in seen.rows(DEPLOYMENT, cluster) if _is_kyverno(row)]
    if not its:
        return Controllers("no Kyverno runs here: policies have no effect", "no Kyverno runs here")
    admission = [row for row in its if _is(row, "admission")] or [row for row in its if _is_whole(row)]
    reporting = [row for row in its if _is(row, "reports")] or [row for row in its if _is_whole(row)]
    return Controllers(_down(admission, "admission controller"), _down(reporting, "reports controller"))


def _is_kyverno(row: DeploymentRow) -> bool:
    label = dict(row.labels).get(_PART_OF, "")
    return label.startswith("kyverno") or (row.namespace == NAMESPACE and row.name.startswith("kyverno"))


def _is(row: DeploymentRow, word: str) -> bool:
    return word in dict(row.labels).get(_COMPONENT, "") or word in row.name


def _is_whole(row: DeploymentRow) -> bool:
    """Older releases are one Deployment for everything."""
    return row.name == "kyverno" or dict(row.labels).get(_COMPONENT) == "kyverno"


def _down(found: Iterable[DeploymentRow], what: str) -> str:
    found = list(found)
    if not found:
        return f"Kyverno has no {what} here"
    if any(row.ready for row in found):
        return ""
    row = found[0]
    return f"{row.name} has {row.ready} of {row.desired} pods ready"
