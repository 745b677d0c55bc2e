"""What the host says of pipelines beside their runs: webhooks, what keeps them from running, Chains. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kurator_tui.fleet.execution_images import Chains
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.webhooks import NONE, PREFIX, Place, Webhooks, cell_of
from kurator_tui.kinds.base import HOST, AnyKind, Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator_apps import PIPELINE as KURATOR_PIPELINE
from kurator_tui.kinds.networking import INGRESS, SERVICE
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.kinds.tekton import EVENT_LISTENER, PIPELINE
from kurator_tui.store.freshness import Freshness, State

CHAINS_CONTROLLER = "tekton-chains-controller"
HOST_KINDS: tuple[AnyKind, ...] = (KURATOR_PIPELINE, PIPELINE, EVENT_LISTENER, SERVICE, INGRESS, DEPLOYMENT)
FIELDS = {DEPLOYMENT.id: f"metadata.name={CHAINS_CONTROLLER}"}
"""Of the host's Deployments only this one is asked for."""


@dataclass(frozen=True, slots=True)
class Pipelined:
    """A Kurator Pipeline: where its webhook listens, and what keeps it from running ("" for nothing)."""

    row: ObjectRow
    address: str = ""
    problem: str = ""
    level: Level = Level.HEALTHY


@dataclass(frozen=True, slots=True)
class Around:
    """What the host says beside the runs: Kurator Pipelines by place, and whether images are signed."""

    pipelines: Mapping[Place, Pipelined]
    chains: Chains


NOTHING = Around({}, Chains.UNKNOWN)


def around(seen: Seen) -> dict[str, Around]:
    """What the host says, by cluster: of the host alone."""
    webhooks = Webhooks(seen)
    tekton = seen.freshness(HOST, PIPELINE)
    made = {(row.namespace, row.name) for row in seen.rows(PIPELINE, HOST)}
    found: dict[Place, Pipelined] = {}
    for row in seen.rows(KURATOR_PIPELINE, HOST):
        place = (row.namespace, row.name)
        service = cell_of(KURATOR_PIPELINE, row, "listener") or f"{PREFIX}{row.name}-listener"
        address = webhooks.address(row.namespace, service.removeprefix(PREFIX))
        problem, level = _problem(tekton, address, made=place in made)
        found[place] = Pipelined(row, address, problem, level)
    return {HOST: Around(found, _chains(seen))}


def _problem(tekton: Freshness, address: str, *, made: bool) -> tuple[str, Level]:
    if tekton.state is State.ABSENT:
        return "Tekton is not installed on the host", Level.FAILED
    if tekton.state is State.LIVE and not made:
        return "Kurator has not made its Tekton Pipeline", Level.DEGRADED
    if address.startswith(NONE):
        return f"webhooks start nothing: {address.removeprefix(NONE)}", Level.DEGRADED
    return "", Level.HEALTHY


def _chains(seen: Seen) -> Chains:
    if seen.freshness(HOST, DEPLOYMENT).state is not State.LIVE:
        return Chains.UNKNOWN
    found = [row for row in seen.rows(DEPLOYMENT, HOST) if row.name == CHAINS_CONTROLLER]
    if not found:
        return Chains.ABSENT
    return Chains.RUNS if any(row.ready for row in found) else Chains.DOWN
