"""What else goes when an object is deleted, and what its controller makes of it when it is written. Reads only."""

from __future__ import annotations

from collections.abc import AsyncIterator

from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.actions.releases import APPLICATION, Release, reached
from kurator_tui.actions.rolling import WORKLOADS, pods_of
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.shapes import at, mappings, text

FLEET = "fleets.fleet.kurator.dev"
_NAMED = 6
_FLUX = ("kustomizations.kustomize.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io")
WRITTEN = {
    _FLUX[0]: "Flux builds and applies it anew as soon as it is stored",
    _FLUX[1]: "Flux upgrades its release as soon as it is stored",
    "propagationpolicies.policy.karmada.io": "Karmada schedules what it selects anew",
    "clusterpropagationpolicies.policy.karmada.io": "Karmada schedules what it selects anew",
    "resourcequotas": "it holds for what is made from now on; what runs stays",
    "configmaps": "mounted files follow within a minute or two; environments only when pods start again",
    "secrets": "mounted files follow within a minute or two; environments only when pods start again",
}
"""What follows a change of an object, by kind."""


async def removed(reader: Reader, target: Target, obj: Obj) -> AsyncIterator[str]:
    """What goes with an object that is deleted."""
    pods = _pods(reader, target, obj)
    if pods:
        yield "its pod ends with it" if pods == 1 else f"its {pods} pods end with it"
    match target.kind:
        case "customresourcedefinitions.apiextensions.k8s.io":
            yield await _defined(reader, target, obj)
        case "persistentvolumeclaims":
            yield await _data(reader, target, obj)
        case "nodes":
            yield "its machine is not touched: a kubelet that runs registers it again"
    if target.kind == APPLICATION:
        reach = await _reach(reader, target, obj)
        yield f"its Flux objects go with it, and what they applied to {reach} where prune is on"
    elif target.kind in _FLUX:
        pruned = at(obj, "spec", "prune") is True or target.kind == _FLUX[1]
        yield "Flux deletes what it applied" if pruned else "what it applied stays: prune is off"
    elif target.kind == FLEET:
        yield f"its plugins are removed from {len(list(mappings(at(obj, 'spec', 'clusters'))))} clusters"


async def changed(reader: Reader, target: Target, obj: Obj, *, new: bool) -> AsyncIterator[str]:
    """What a controller does with an object that is written; `obj` is how it will be."""
    if not new and (said := WRITTEN.get(target.kind)):
        yield said
    if target.kind == APPLICATION:
        yield f"Kurator renders its Flux objects anew; it reaches {await _reach(reader, target, obj)}"
    elif target.kind == FLEET:
        yield f"Kurator brings its plugins to {len(list(mappings(at(obj, 'spec', 'clusters'))))} clusters"
    elif target.kind == "horizontalpodautoscalers.autoscaling":
        low, high = at(obj, "spec", "minReplicas") or 1, at(obj, "spec", "maxReplicas")
        aim = (
            f"{text(at(obj, 'spec', 'scaleTargetRef', 'kind'))} {text(at(obj, 'spec', 'scaleTargetRef', 'name'))}"
        )
        yield f"it keeps {inert(aim)} between {low} and {high} replicas, within a quarter of a minute"


def _pods(reader: Reader, target: Target, obj: Obj) -> int:
    """How many pods go with it."""
    if target.kind in WORKLOADS:
        return pods_of(target.kind, obj)
    if target.kind == "jobs.batch":
        active = at(obj, "status", "active")
        return active if isinstance(active, int) else 0
    if target.kind != "nodes":
        return 0
    rows = reader.rows("pods", target.cluster)
    return sum(isinstance(row, PodRow) and row.node == target.name for row in rows)


async def _reach(reader: Reader, target: Target, obj: Obj) -> str:
    """The clusters that an Application goes to, in words."""
    names: dict[str, None] = {}
    try:
        for number, _policy in enumerate(mappings(at(obj, "spec", "syncPolicies"))):
            names.update(dict.fromkeys(await reached(reader, Release(target, obj, target.cluster, number))))
    except ConsoleError as error:
        return f"clusters that cannot be told: {error.message}"
    said = [name or "the host" for name in names]
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return f"{len(said)} cluster{'' if len(said) == 1 else 's'} ({inert(', '.join(said[:_NAMED]))}{more})"


async def _defined(reader: Reader, target: Target, obj: Obj) -> str:
    plural, group = text(at(obj, "spec", "names", "plural")), text(at(obj, "spec", "group"))
    try:
        count = len(await reader.list(target.cluster, f"{plural}.{group}"))
    except ConsoleError:
        return "all objects of this kind go with it"
    return f"all {count} objects of this kind go with it" if count else "there is no object of this kind"


async def _data(reader: Reader, target: Target, obj: Obj) -> str:
    volume = text(at(obj, "spec", "volumeName"))
    if not volume:
        return "no volume is bound to it"
    try:
        found = await reader.get(Target(target.cluster, "persistentvolumes", "", volume))
    except ConsoleError:
        return f"its volume {volume} goes or stays as its reclaim policy says"
    kept = at(found, "spec", "persistentVolumeReclaimPolicy") == "Retain"
    return (
        f"its volume {volume} and the data stay: Retain" if kept else f"its volume {volume} goes, the data is lost"
    )
