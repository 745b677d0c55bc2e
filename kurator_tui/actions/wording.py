"""Words of plans that several verbs share. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.registry import KINDS


def counted(targets: Sequence[Target]) -> str:
    """`Deployment shop of eu-1`, `3 Deployments of 2 clusters`, `4 objects`."""
    if len(targets) == 1:
        return f"{kind_name(targets[0].kind)} {targets[0].name} of {targets[0].cluster}"
    names = {kind_name(target.kind) for target in targets}
    clusters = {target.cluster for target in targets}
    where = f"{len(clusters)} clusters" if len(clusters) > 1 else next(iter(clusters), "")
    what = next(iter(names)) + "s" if len(names) == 1 else "objects"
    return f"{len(targets)} {what}" + (f" of {where}" if where else "")


def kind_name(kind: str) -> str:
    """`Deployment` of `deployments.apps`."""
    known = KINDS.get(kind)
    return known.name if known is not None else kind
