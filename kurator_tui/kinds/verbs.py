"""The registry of verbs: what a user can have done to objects. Footer, menu, help, `do` and docs read it. Pure.

To add a verb:

1. here: a `Verb` in the list of its area (`kinds/verbs_<area>.py`, `VERBS`); a new area is added to `_AREAS`;
2. `kurator_tui/actions/verbs/<area>.py`: `async def plan_<verb>(reader, targets, arguments) -> Draft`, listed in
   its `PLANNERS`; a new area is added to `actions.registry.AREAS`;
3. a contract test against the demo API server in `tests/unit/actions/verbs/test_<area>.py`;
4. `python docs/generate.py`.

Everything between (ownership, dry run, diff, confirmation, waves, audit, undo) is the pipeline's.
"""

from __future__ import annotations

from kurator_tui.kinds import (
    verbs_applications,
    verbs_attaching,
    verbs_backups,
    verbs_clusters,
    verbs_devices,
    verbs_editing,
    verbs_fleets,
    verbs_istio,
    verbs_karmada,
    verbs_kubeedge,
    verbs_kyverno,
    verbs_manifests,
    verbs_nodes,
    verbs_objects,
    verbs_overrides,
    verbs_pausing,
    verbs_pipelines,
    verbs_plugins,
    verbs_rollouts,
    verbs_submariner,
    verbs_velero,
    verbs_volcano,
    verbs_workloads,
)
from kurator_tui.kinds.verb import RISKS, Parameter, Risk, Verb

__all__ = ["RISKS", "VERBS", "Parameter", "Risk", "Verb", "verbs_of"]

_AREAS = (
    verbs_objects,
    verbs_editing,
    verbs_manifests,
    verbs_workloads,
    verbs_rollouts,
    verbs_volcano,
    verbs_istio,
    verbs_pausing,
    verbs_nodes,
    verbs_kyverno,
    verbs_velero,
    verbs_karmada,
    verbs_overrides,
    verbs_fleets,
    verbs_attaching,
    verbs_kubeedge,
    verbs_devices,
    verbs_submariner,
    verbs_plugins,
    verbs_clusters,
    verbs_applications,
    verbs_pipelines,
    verbs_backups,
)

VERBS: dict[str, Verb] = {verb.id: verb for area in _AREAS for verb in area.VERBS}


def verbs_of(kind: str) -> list[Verb]:
    """What can be done to objects of `kind` (an id): verbs of that kind first, those of any object last."""
    return sorted((verb for verb in VERBS.values() if verb.takes(kind)), key=lambda verb: not verb.kinds)
