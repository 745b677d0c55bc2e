"""Which function plans a verb. The modules are imported with the first plan: a feeder starts without them.

Adding a verb is described in `kinds.verbs`; a new area is one more name here.
"""

from __future__ import annotations

import importlib

from kurator_tui.actions.plan import Planner
from kurator_tui.errors import UsageError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.verb import Verb
from kurator_tui.kinds.verbs import VERBS

AREAS = (
    "objects",
    "editing",
    "manifests",
    "workloads",
    "templates",
    "pausing",
    "nodes",
    "rollouts",
    "promoting",
    "volcano",
    "istio",
    "kyverno",
    "velero",
    "karmada",
    "overrides",
    "fleets",
    "attaching",
    "kubeedge",
    "devices",
    "submariner",
    "plugins",
    "clusters",
    "applications",
    "pipelines",
    "backups",
)
"""Modules of `actions.verbs`; each has `PLANNERS`: verb id -> planner. They do not import each other."""

_planners: dict[str, Planner] = {}


def planners() -> dict[str, Planner]:
    """Every planner by its verb's id."""
    if not _planners:
        for area in AREAS:
            _planners.update(importlib.import_module(f"kurator_tui.actions.verbs.{area}").PLANNERS)
    return _planners


def planner(id: str) -> tuple[Verb, Planner]:
    """The verb called `id` and how it is planned. Raises UsageError."""
    verb, plan = VERBS.get(id), planners().get(id)
    if verb is None or plan is None:
        raise UsageError(f"there is no verb {inert(id)}", f"There are: {', '.join(sorted(VERBS))}.")
    return verb, plan
